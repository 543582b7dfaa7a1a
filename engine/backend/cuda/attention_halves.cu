/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Packed attention for heads of up to 64 on tensor cores: the tiles of attention.cu, with products of bf16 or f16 whose sums
 * are f32. Arrays in memory are f32 and rounded as they come into shared memory; so are probabilities and the gradients
 * of scores before their next product.
 *
 * A block has 64 rows of a head and walks over the other side in steps of 64; a warp has 16 rows of the block. Fragments as
 * engine/backend/cuda/ptx.h names them: lane l has rows g = l / 4 and g + 8 of a product ("halves" 0 and 1), and of each 8
 * columns 2 t and 2 t + 1, t = l % 4. A tile of scores becomes the left side of the next product without leaving its
 * registers. Rows in shared memory are 8 elements longer than what they hold, so that the eight rows that ldmatrix reads at once
 * lie in different banks. */
#include "engine/backend/cuda/attention.h"

#include "engine/backend/cuda/halves.h"
#include "engine/backend/cuda/vectors.h"

#include <cmath>

#define THREADS 128
#define STEP TILE_ROWS    /* rows of the other side at once */
#define TILES (STEP / 8)  /* of 8 columns in a row of scores */
#define KEPT (STEP / 8)   /* bytes of a row of bits */

template <int D> struct forward_shared {
	uint16_t q[TILE_ROWS][D + 8], k[STEP][D + 8], v[STEP][D + 8];
	unsigned char kept[TILE_ROWS * KEPT];
};

/* own: q and dout of the block, or k and v; step: those of the other side. */
template <int D> struct backward_shared {
	uint16_t own[TILE_ROWS][D + 8], other_own[TILE_ROWS][D + 8];
	uint16_t step[STEP][D + 8], other_step[STEP][D + 8];
	unsigned char kept[TILE_ROWS * KEPT]; /* [query][key / 8] in both */
	float lse[STEP], delta[STEP];         /* of queries in a step */
};

/* Where a thread is: its warp's first row of the block, its lane. */
struct place {
	int first, lane;

	__device__ int row(int half) const { return first + lane / 4 + half * 8; }
	__device__ int column(int tile, int i) const { return tile * 8 + lane % 4 * 2 + i; }
};

static __device__ __forceinline__ struct place place_of_thread()
{
	return {static_cast<int>(threadIdx.x / WARP) * 16, static_cast<int>(threadIdx.x % WARP)};
}

static __device__ __forceinline__ int smaller(int a, int b)
{
	return a < b ? a : b;
}

/* `count` rows of `width` numbers, with zeros after them up to 64 and D. */
template <int D, class T>
static __device__ void load_rows(uint16_t (*to)[D + 8], const float *from, int32_t stride, int count, int width)
{
	const bool fast = width % 4 == 0 && stride % 4 == 0 && reinterpret_cast<uintptr_t>(from) % sizeof(float4) == 0;

	for (int i = static_cast<int>(threadIdx.x); i < 64 * (D / 4); i += THREADS) {
		const int r = i / (D / 4), d = i % (D / 4) * 4;
		const size_t left = r < count ? static_cast<size_t>(width) : 0;
		const float *row = from + static_cast<size_t>(r) * static_cast<size_t>(stride);
		const float4 x = fast ? load4<true>(row, static_cast<size_t>(d), left) : load4<false>(row, static_cast<size_t>(d), left);

		*reinterpret_cast<uint2 *>(&to[r][d]) = make_uint2(half_pair<T>(x.x, x.y), half_pair<T>(x.z, x.w));
	}
}

/* Which probabilities of 64 queries and 64 keys from these on are kept: kept[query][key / 8]. */
static __device__ void keep_tile(unsigned char *kept, const struct attention_how &how, const struct tile &t, int head, int query,
                                 int key)
{
	for (int i = static_cast<int>(threadIdx.x); how.keeping.threshold > 0 && i < TILE_ROWS * KEPT; i += THREADS) {
		const uint64_t row = attention_element(&how.a, t.sequence, head, query + i / KEPT);

		kept[i] = static_cast<unsigned char>(
			kept8(how.keeping, (row + static_cast<uint64_t>(key) + static_cast<uint64_t>(i % KEPT) * 8) / 8));
	}
}

/* The next keys and values of a tile of queries, in the place of those before, and what is kept of their probabilities; returns
 * how many keys there are. */
template <int D, class T>
static __device__ __forceinline__ int next_keys(uint16_t (*k)[D + 8], uint16_t (*v)[D + 8], unsigned char *kept,
                                                const struct attention_arrays &arrays, const struct attention_how &how,
                                                const struct tile &t, int head, int key)
{
	const struct attention &a = how.a;
	const int left = smaller(t.keys - key, STEP);
	const size_t from = attention_at(t.key0, key, a.kv_stride, head, a);

	__syncthreads();
	load_rows<D, T>(k, arrays.k + from, a.kv_stride, left, a.head_size);
	load_rows<D, T>(v, arrays.v + from, a.kv_stride, left, a.head_size);
	keep_tile(kept, how, t, head, t.first, key);
	__syncthreads();
	return left;
}

/* What a probability is multiplied with: 0 or the scale. */
static __device__ __forceinline__ float keep_factor(const unsigned char *kept, const struct keeping &k, int query, int key)
{
	if (k.threshold == 0)
		return 1;
	return kept[query * KEPT + key / 8] >> key % 8 & 1 ? k.scale : 0;
}

/* s[n] = the warp's rows times the rows 8 n .. 8 n + 7 of the step. */
template <int D, class T>
static __device__ __forceinline__ void multiply(float s[TILES][4], const uint16_t (*rows)[D + 8], const uint16_t (*step)[D + 8],
                                                struct place at)
{
#pragma unroll
	for (int n = 0; n < TILES; n++)
		s[n][0] = s[n][1] = s[n][2] = s[n][3] = 0;
#pragma unroll
	for (int d = 0; d < D; d += 16) {
		uint32_t a[4];

		ptx_load_matrix_4(a, &rows[at.first + at.lane % 16][d + at.lane / 16 * 8]);
#pragma unroll
		for (int n = 0; n < TILES; n += 2) {
			uint32_t b[4];

			ptx_load_matrix_4(b, &step[n * 8 + at.lane % 8 + at.lane / 16 * 8][d + at.lane / 8 % 2 * 8]);
			format<T>::multiply(s[n], a, b);
			format<T>::multiply(s[n + 1], a, b + 2);
		}
	}
}

/* sum += s step, of a tile s in registers. */
template <int D, class T>
static __device__ __forceinline__ void accumulate(float sum[D / 8][4], const float s[TILES][4], const uint16_t (*step)[D + 8],
                                                  struct place at)
{
#pragma unroll
	for (int n = 0; n < TILES; n += 2) {
		const uint32_t a[4] = {half_pair<T>(s[n][0], s[n][1]), half_pair<T>(s[n][2], s[n][3]),
		                       half_pair<T>(s[n + 1][0], s[n + 1][1]), half_pair<T>(s[n + 1][2], s[n + 1][3])};

#pragma unroll
		for (int d = 0; d < D / 8; d += 2) {
			uint32_t b[4];

			ptx_load_transposed_4(b, &step[n * 8 + at.lane % 16][d * 8 + at.lane / 16 * 8]);
			format<T>::multiply(sum[d], a, b);
			format<T>::multiply(sum[d + 1], a, b + 2);
		}
	}
}

/* Over the four lanes of a row. */
static __device__ __forceinline__ float row_sum(float value)
{
	value += __shfl_xor_sync(WHOLE_WARP, value, 2);
	return value + __shfl_xor_sync(WHOLE_WARP, value, 1);
}

static __device__ __forceinline__ float row_largest(float value)
{
	value = fmaxf(value, __shfl_xor_sync(WHOLE_WARP, value, 2));
	return fmaxf(value, __shfl_xor_sync(WHOLE_WARP, value, 1));
}

/* A row's maximum and the sum of its exponents so far. */
struct running {
	float largest, sum;
};

/* The scores of a row of a tile become exponents, of which those dropped are 0; what was summed up before shrinks where the
 * maximum grew. */
template <int D>
static __device__ __forceinline__ void soften(float s[TILES][4], float out[D / 8][4], struct running *state, int half,
                                              const unsigned char *kept, const struct attention_how &how, int left,
                                              struct place at)
{
	float largest = state->largest, sum = 0, shrink;

#pragma unroll
	for (int i = 0; i < 2 * TILES; i++) {
		float *score = &s[i / 2][half * 2 + i % 2];

		*score = at.column(i / 2, i % 2) < left ? *score * how.a.scale : -INFINITY;
		largest = fmaxf(largest, *score);
	}
	largest = row_largest(largest);
#pragma unroll
	for (int i = 0; i < 2 * TILES; i++) {
		float *score = &s[i / 2][half * 2 + i % 2];
		const int key = at.column(i / 2, i % 2);

		*score = key < left ? expf(*score - largest) : 0;
		sum += *score;
		*score *= keep_factor(kept, how.keeping, at.row(half), key);
	}
	shrink = expf(state->largest - largest);
	state->sum = state->sum * shrink + row_sum(sum);
	state->largest = largest;
#pragma unroll
	for (int d = 0; d < D / 8; d++) {
		out[d][half * 2] *= shrink;
		out[d][half * 2 + 1] *= shrink;
	}
}

template <int D> static __device__ __forceinline__ void clear(float sum[D / 8][4])
{
#pragma unroll
	for (int d = 0; d < D / 8; d++)
		sum[d][0] = sum[d][1] = sum[d][2] = sum[d][3] = 0;
}

/* The thread's part of a row of a result. */
template <int D>
static __device__ __forceinline__ void store_row(float *to, const float sum[D / 8][4], int half, float scale, int width,
                                                 struct place at)
{
#pragma unroll
	for (int i = 0; i < D / 4; i++) {
		const int d = at.column(i / 2, i % 2);

		if (d < width)
			to[d] = sum[i / 2][half * 2 + i % 2] * scale;
	}
}

template <int D>
static __device__ __forceinline__ void store_rows(float *to, int32_t stride, const float sum[D / 8][4], int rows, int width,
                                                  struct place at)
{
#pragma unroll
	for (int half = 0; half < 2; half++)
		if (at.row(half) < rows)
			store_row<D>(to + static_cast<size_t>(at.row(half)) * static_cast<size_t>(stride), sum, half, 1, width, at);
}

/* Blocks: x a tile of queries, y a head; 16 KiB of shared memory for heads of 32, 28 for 64. Reads q once, k and v once a tile
 * of queries (from L2), and writes out and lse. */
template <int D, class T>
static __global__ void __launch_bounds__(THREADS)
attention_forward_halves_kernel(struct attention_arrays arrays, struct attention_how how)
{
	struct forward_shared<D> *shared = shared_memory<struct forward_shared<D>>();
	const struct attention &a = how.a;
	const struct tile t = how.tiles[blockIdx.x];
	const int head = static_cast<int>(blockIdx.y), rows = smaller(t.queries - t.first, TILE_ROWS);
	const struct place at = place_of_thread();
	float out[D / 8][4];
	struct running state[2] = {{-INFINITY, 0}, {-INFINITY, 0}};

	clear<D>(out);
	load_rows<D, T>(shared->q, arrays.q + attention_at(t.query0, t.first, a.q_stride, head, a), a.q_stride, rows, a.head_size);
	for (int key = 0; key < t.keys; key += STEP) {
		const int left = next_keys<D, T>(shared->k, shared->v, shared->kept, arrays, how, t, head, key);

		if (at.first < rows) {
			float s[TILES][4];

			multiply<D, T>(s, shared->q, shared->k, at);
#pragma unroll
			for (int half = 0; half < 2; half++)
				soften<D>(s, out, &state[half], half, shared->kept, how, left, at);
			accumulate<D, T>(out, s, shared->v, at);
		}
	}
#pragma unroll
	for (int half = 0; half < 2; half++) {
		const int row = at.row(half);

		if (row >= rows)
			continue;
		store_row<D>(arrays.out + attention_at(t.query0, t.first + row, a.out_stride, head, a), out, half,
		             state[half].sum == 0 ? 0 : 1 / state[half].sum, a.head_size, at);
		if (arrays.lse && at.lane % 4 == 0)
			arrays.lse[attention_row(how, t, head, t.first + row)] = state[half].largest + logf(state[half].sum);
	}
}

/* dout . out of a row, dout as products read it, over the four lanes of the row. */
template <int D, class T>
static __device__ __forceinline__ float delta_of_row(const uint16_t *dout, const float *out, int width, struct place at)
{
	float sum = 0;

	for (int d = at.lane % 4; out && d < width; d += 4)
		sum = fmaf(format<T>::value(dout[d]), out[d], sum);
	return row_sum(sum);
}

/* Of scores and of dout . v: p becomes exp(score - lse), dropped and scaled, and dp the gradient of the score. */
static __device__ __forceinline__ void soften_backward(float &p, float &dp, float lse, float delta, float keep, float scale)
{
	p = expf(p * scale - lse);
	dp = p * (keep * dp - delta) * scale;
	p *= keep;
}

/* dq. Blocks: x a tile of queries, y a head; 21 KiB of shared memory for heads of 32, 37 for 64. Reads q, dout and out
 * once, k and v once a tile; writes dq and delta. */
template <int D, class T>
static __global__ void __launch_bounds__(THREADS)
attention_backward_queries_halves_kernel(struct attention_arrays arrays, struct attention_how how)
{
	struct backward_shared<D> *shared = shared_memory<struct backward_shared<D>>();
	const struct attention &a = how.a;
	const struct tile t = how.tiles[blockIdx.x];
	const int head = static_cast<int>(blockIdx.y), rows = smaller(t.queries - t.first, TILE_ROWS);
	const struct place at = place_of_thread();
	const size_t own_out = attention_at(t.query0, t.first, a.out_stride, head, a);
	float dq[D / 8][4], lse[2], delta[2];

	clear<D>(dq);
	load_rows<D, T>(shared->own, arrays.q + attention_at(t.query0, t.first, a.q_stride, head, a), a.q_stride, rows, a.head_size);
	load_rows<D, T>(shared->other_own, arrays.dout + own_out, a.out_stride, rows, a.head_size);
	__syncthreads();
#pragma unroll
	for (int half = 0; half < 2; half++) {
		const int row = at.row(half);
		const bool there = row < rows;
		const size_t where = attention_row(how, t, head, t.first + row);
		const float *out = arrays.result + own_out + static_cast<size_t>(row) * static_cast<size_t>(a.out_stride);

		lse[half] = there ? arrays.known_lse[where] : 0;
		delta[half] = delta_of_row<D, T>(shared->other_own[row], there ? out : nullptr, a.head_size, at);
		if (there && at.lane % 4 == 0)
			arrays.delta[where] = delta[half];
	}
	for (int key = 0; key < t.keys; key += STEP) {
		const int left = next_keys<D, T>(shared->step, shared->other_step, shared->kept, arrays, how, t, head, key);

		if (at.first < rows) {
			float p[TILES][4], dp[TILES][4];

			multiply<D, T>(p, shared->own, shared->step, at);
			multiply<D, T>(dp, shared->other_own, shared->other_step, at);
#pragma unroll
			for (int i = 0; i < TILES * 4; i++) { /* where no key is, exp(0 - infinity) is 0 */
				const int half = i % 4 / 2, column = at.column(i / 4, i % 2);

				soften_backward(p[i / 4][i % 4], dp[i / 4][i % 4], column < left ? lse[half] : INFINITY, delta[half],
				                keep_factor(shared->kept, how.keeping, at.row(half), column), a.scale);
			}
			accumulate<D, T>(dq, dp, shared->step, at);
		}
	}
	store_rows<D>(arrays.dq + attention_at(t.query0, t.first, a.q_stride, head, a), a.q_stride, dq, rows, a.head_size, at);
}

/* dk and dv. Blocks: x a tile of keys, y a head; shared memory as for dq. Reads k and v once, q, dout, lse and delta once a
 * tile of keys; writes dk and dv, zeros where a sequence has no queries. */
template <int D, class T>
static __global__ void __launch_bounds__(THREADS)
attention_backward_keys_halves_kernel(struct attention_arrays arrays, struct attention_how how)
{
	struct backward_shared<D> *shared = shared_memory<struct backward_shared<D>>();
	const struct attention &a = how.a;
	const struct tile t = how.tiles[blockIdx.x];
	const int head = static_cast<int>(blockIdx.y), rows = smaller(t.keys - t.first, TILE_ROWS);
	const struct place at = place_of_thread();
	const size_t own = attention_at(t.key0, t.first, a.kv_stride, head, a);
	float dk[D / 8][4], dv[D / 8][4];

	clear<D>(dk);
	clear<D>(dv);
	load_rows<D, T>(shared->own, arrays.k + own, a.kv_stride, rows, a.head_size);
	load_rows<D, T>(shared->other_own, arrays.v + own, a.kv_stride, rows, a.head_size);
	for (int query = 0; query < t.queries; query += STEP) {
		const int left = smaller(t.queries - query, STEP), thread = static_cast<int>(threadIdx.x);

		__syncthreads();
		load_rows<D, T>(shared->step, arrays.q + attention_at(t.query0, query, a.q_stride, head, a), a.q_stride, left,
		                a.head_size);
		load_rows<D, T>(shared->other_step, arrays.dout + attention_at(t.query0, query, a.out_stride, head, a), a.out_stride,
		                left, a.head_size);
		if (thread < STEP) { /* where no query is, exp(0 - infinity) is 0 */
			shared->lse[thread] = thread < left ? arrays.known_lse[attention_row(how, t, head, query + thread)] : INFINITY;
			shared->delta[thread] = thread < left ? arrays.delta[attention_row(how, t, head, query + thread)] : 0;
		}
		keep_tile(shared->kept, how, t, head, query, t.first);
		__syncthreads();
		if (at.first < rows) {
			float p[TILES][4], dp[TILES][4];

			multiply<D, T>(p, shared->own, shared->step, at);
			multiply<D, T>(dp, shared->other_own, shared->other_step, at);
#pragma unroll
			for (int i = 0; i < TILES * 4; i++) {
				const int q = at.column(i / 4, i % 2);

				soften_backward(p[i / 4][i % 4], dp[i / 4][i % 4], shared->lse[q], shared->delta[q],
				                keep_factor(shared->kept, how.keeping, q, at.row(i % 4 / 2)), a.scale);
			}
			accumulate<D, T>(dv, p, shared->other_step, at);
			accumulate<D, T>(dk, dp, shared->step, at);
		}
	}
	store_rows<D>(arrays.dk + own, a.kv_stride, dk, rows, a.head_size, at);
	store_rows<D>(arrays.dv + own, a.kv_stride, dv, rows, a.head_size, at);
}

/* ---- the host's side */

typedef void (*kernel_function)(struct attention_arrays, struct attention_how);

static void start(struct cuda *c, const kernel_function kernels[2][2], const size_t bytes[2], dim3 blocks,
                  const struct attention_arrays &arrays, const struct attention_how &how)
{
	const int half = c->backend.precision == PRECISION_F16, large = how.a.head_size > 32;

	launch(c, kernels[half][large], blocks, THREADS, bytes[large], arrays, how);
}

#define KERNELS(name) \
	{{name<32, __nv_bfloat16>, name<64, __nv_bfloat16>}, {name<32, __half>, name<64, __half>}}

void cuda_attention_forward_halves(struct cuda *c, dim3 blocks, struct attention_arrays arrays, struct attention_how how)
{
	static const kernel_function kernels[2][2] = KERNELS(attention_forward_halves_kernel);
	static const size_t bytes[2] = {sizeof(struct forward_shared<32>), sizeof(struct forward_shared<64>)};

	start(c, kernels, bytes, blocks, arrays, how);
}

static const size_t backward_bytes[2] = {sizeof(struct backward_shared<32>), sizeof(struct backward_shared<64>)};

void cuda_attention_backward_queries_halves(struct cuda *c, dim3 blocks, struct attention_arrays arrays,
                                            struct attention_how how)
{
	static const kernel_function kernels[2][2] = KERNELS(attention_backward_queries_halves_kernel);

	start(c, kernels, backward_bytes, blocks, arrays, how);
}

void cuda_attention_backward_keys_halves(struct cuda *c, dim3 blocks, struct attention_arrays arrays, struct attention_how how)
{
	static const kernel_function kernels[2][2] = KERNELS(attention_backward_keys_halves_kernel);

	start(c, kernels, backward_bytes, blocks, arrays, how);
}
