/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Packed attention for heads of up to 64, in f32. A block has 64 rows of a head: of queries forward and for dq, of keys for dk
 * and dv. It walks over the other side in steps of 32 rows, whose products with its own rows are a tile of 64 x 32 that
 * never leaves the block (Dao et al. 2022, with the softmax of Milakov & Gimelshein 2018). Heads are padded with zeros to 32
 * or 64 in shared memory alone.
 *
 * 128 threads as 16 x 8: thread (y, x) has the rows y + 16 i and, of a tile, the columns x + 8 j, of a result the columns
 * 4 x + 32 c .. + 3, with i, j < 4. So the eight threads of a row are neighbours in a warp, which alone needs its
 * sums and its part of a tile. Rows in shared memory are 4 floats longer than what they hold: then eight neighbours
 * that read float4 from eight rows hit all banks once. */
#include "engine/backend/cuda/attention.h"

#include "engine/backend/cuda/operations.h"
#include "engine/backend/cuda/vectors.h"

#include <cmath>

#define THREADS 128
#define STEP 32    /* rows of the other side at once */
#define EACH 4     /* rows of a thread, and columns of a tile */
#define ACROSS 8   /* threads of a row */
#define DOWN (THREADS / ACROSS)
#define HEAD_MAX 64

template <int D> struct attention_shared {
	float rows[TILE_ROWS][D + 4], other_rows[TILE_ROWS][D + 4]; /* of the block */
	float step[STEP][D + 4], other_step[STEP][D + 4];
	float tile[TILE_ROWS][STEP + 4];
	unsigned char kept[TILE_ROWS * STEP / 8]; /* a bit for each element of a tile; forward and for dq [64][4], else [32][8] */
	float lse[STEP], delta[STEP];             /* of queries in a step */
};

/* The same without what only gradients need. */
template <int D> struct forward_shared {
	float rows[TILE_ROWS][D + 4];
	float step[STEP][D + 4], other_step[STEP][D + 4];
	float tile[TILE_ROWS][STEP + 4];
	unsigned char kept[TILE_ROWS * STEP / 8];
};

struct place {
	int x, y;
};

static __device__ __forceinline__ struct place place_of_thread()
{
	return {static_cast<int>(threadIdx.x % ACROSS), static_cast<int>(threadIdx.x / ACROSS)};
}

/* The first of its rows that a warp has; those beyond the end of a sequence are not worth computing. */
static __device__ __forceinline__ int first_row_of_warp()
{
	return static_cast<int>(threadIdx.x / WARP) * (WARP / ACROSS);
}

static __device__ __forceinline__ int smaller(int a, int b)
{
	return a < b ? a : b;
}

/* `count` rows of `width` floats, with zeros after them up to ROWS and D. Neighbours read neighbours. */
template <int ROWS, int D>
static __device__ void load_rows(float (*to)[D + 4], const float *from, size_t stride, int count, int width)
{
	const bool fast = width % 4 == 0 && stride % 4 == 0 && reinterpret_cast<uintptr_t>(from) % sizeof(float4) == 0;

	for (int i = static_cast<int>(threadIdx.x); i < ROWS * (D / 4); i += THREADS) {
		const int r = i / (D / 4), d = i % (D / 4) * 4;
		const size_t left = r < count ? static_cast<size_t>(width) : 0;
		const float *row = from + static_cast<size_t>(r) * stride;

		*reinterpret_cast<float4 *>(&to[r][d]) = fast ? load4<true>(row, static_cast<size_t>(d), left)
		                                              : load4<false>(row, static_cast<size_t>(d), left);
	}
}

/* s[i][j] = rows[y + 16 i] . step[x + 8 j] */
template <int D>
static __device__ __forceinline__ void multiply(float s[EACH][EACH], const float (*rows)[D + 4], const float (*step)[D + 4],
                                                struct place at)
{
#pragma unroll
	for (int i = 0; i < EACH; i++)
#pragma unroll
		for (int j = 0; j < EACH; j++)
			s[i][j] = 0;
#pragma unroll 4
	for (int d = 0; d < D; d += 4) {
		float4 a[EACH], b[EACH];

#pragma unroll
		for (int i = 0; i < EACH; i++) {
			a[i] = *reinterpret_cast<const float4 *>(&rows[at.y + DOWN * i][d]);
			b[i] = *reinterpret_cast<const float4 *>(&step[at.x + ACROSS * i][d]);
		}
#pragma unroll
		for (int i = 0; i < EACH; i++)
#pragma unroll
			for (int j = 0; j < EACH; j++) {
				s[i][j] = fmaf(a[i].x, b[j].x, s[i][j]);
				s[i][j] = fmaf(a[i].y, b[j].y, s[i][j]);
				s[i][j] = fmaf(a[i].z, b[j].z, s[i][j]);
				s[i][j] = fmaf(a[i].w, b[j].w, s[i][j]);
			}
	}
}

static __device__ __forceinline__ void add_product(float4 &sum, float p, float4 v)
{
	sum.x = fmaf(p, v.x, sum.x);
	sum.y = fmaf(p, v.y, sum.y);
	sum.z = fmaf(p, v.z, sum.z);
	sum.w = fmaf(p, v.w, sum.w);
}

/* sum[i][c] += tile[y + 16 i] . step[..][4 x + 32 c ..]; `p` goes into the tile first, of which a warp reads its own rows. */
template <int D>
static __device__ __forceinline__ void accumulate(float4 sum[EACH][D / 32], float (*tile)[STEP + 4],
                                                  const float p[EACH][EACH], const float (*step)[D + 4], struct place at)
{
	__syncwarp();
#pragma unroll
	for (int i = 0; i < EACH; i++)
#pragma unroll
		for (int j = 0; j < EACH; j++)
			tile[at.y + DOWN * i][at.x + ACROSS * j] = p[i][j];
	__syncwarp();
#pragma unroll 2
	for (int j = 0; j < STEP; j += 4) {
		float4 a[EACH];

#pragma unroll
		for (int i = 0; i < EACH; i++)
			a[i] = *reinterpret_cast<const float4 *>(&tile[at.y + DOWN * i][j]);
#pragma unroll
		for (int c = 0; c < D / 32; c++) {
			const float *v = &step[j][at.x * 4 + c * 32];
			const float4 v0 = *reinterpret_cast<const float4 *>(v), v1 = *reinterpret_cast<const float4 *>(v + D + 4);
			const float4 v2 = *reinterpret_cast<const float4 *>(v + 2 * (D + 4));
			const float4 v3 = *reinterpret_cast<const float4 *>(v + 3 * (D + 4));

#pragma unroll
			for (int i = 0; i < EACH; i++) {
				add_product(sum[i][c], a[i].x, v0);
				add_product(sum[i][c], a[i].y, v1);
				add_product(sum[i][c], a[i].z, v2);
				add_product(sum[i][c], a[i].w, v3);
			}
		}
	}
}

/* Over the threads of a row. */
static __device__ __forceinline__ float row_sum(float value)
{
	for (int bits = ACROSS / 2; bits > 0; bits /= 2)
		value += __shfl_xor_sync(WHOLE_WARP, value, bits);
	return value;
}

static __device__ __forceinline__ float row_largest(float value)
{
	for (int bits = ACROSS / 2; bits > 0; bits /= 2)
		value = fmaxf(value, __shfl_xor_sync(WHOLE_WARP, value, bits));
	return value;
}

/* Which probabilities of 64 query rows and the keys from `key` on are kept: kept[row][key / 8]. */
static __device__ void keep_keys(unsigned char *kept, const struct attention_how &how, const struct tile &t, int head, int key)
{
	for (int i = static_cast<int>(threadIdx.x); how.keeping.threshold > 0 && i < TILE_ROWS * STEP / 8; i += THREADS) {
		const uint64_t row = attention_element(&how.a, t.sequence, head, t.first + i / (STEP / 8));

		kept[i] = static_cast<unsigned char>(
			kept8(how.keeping, (row + static_cast<uint64_t>(key) + static_cast<uint64_t>(i % (STEP / 8)) * 8) / 8));
	}
}

/* Of the queries from `query` on and 64 keys: kept[query][key / 8]. */
static __device__ void keep_queries(unsigned char *kept, const struct attention_how &how, const struct tile &t, int head,
                                    int query)
{
	for (int i = static_cast<int>(threadIdx.x); how.keeping.threshold > 0 && i < TILE_ROWS * STEP / 8; i += THREADS) {
		const uint64_t row = attention_element(&how.a, t.sequence, head, query + i / (TILE_ROWS / 8));

		kept[i] = static_cast<unsigned char>(
			kept8(how.keeping, (row + static_cast<uint64_t>(t.first) + static_cast<uint64_t>(i % (TILE_ROWS / 8)) * 8) / 8));
	}
}

/* What probability (row, column) of a tile whose rows have `columns` is multiplied with: 0 or the scale. */
static __device__ __forceinline__ float keep_factor(const unsigned char *kept, const struct keeping &k, int row, int column,
                                                    int columns)
{
	if (k.threshold == 0)
		return 1;
	return kept[(row * columns + column) / 8] >> column % 8 & 1 ? k.scale : 0;
}

/* A row's maximum and the sum of its exponents so far. */
struct running {
	float largest, sum;
};

/* The scores of a tile become exponents, of which those dropped are 0; what was summed up before shrinks where the maximum
 * grew. */
template <int D>
static __device__ __forceinline__ void soften(float s[EACH][EACH], float4 out[EACH][D / 32], struct running state[EACH],
                                              const unsigned char *kept, const struct attention_how &how, int left,
                                              struct place at)
{
#pragma unroll
	for (int i = 0; i < EACH; i++) {
		float largest = state[i].largest, sum = 0, shrink;

#pragma unroll
		for (int j = 0; j < EACH; j++) {
			s[i][j] = at.x + ACROSS * j < left ? s[i][j] * how.a.scale : -INFINITY;
			largest = fmaxf(largest, s[i][j]);
		}
		largest = row_largest(largest);
#pragma unroll
		for (int j = 0; j < EACH; j++) {
			s[i][j] = at.x + ACROSS * j < left ? expf(s[i][j] - largest) : 0;
			sum += s[i][j];
			s[i][j] *= keep_factor(kept, how.keeping, at.y + DOWN * i, at.x + ACROSS * j, STEP);
		}
		shrink = expf(state[i].largest - largest);
		state[i].sum = state[i].sum * shrink + row_sum(sum);
		state[i].largest = largest;
#pragma unroll
		for (int c = 0; c < D / 32; c++)
			out[i][c] = out[i][c] * shrink;
	}
}

/* result[i] as rows of an array, from row `first` of a sequence on, `count` of them. */
template <int D>
static __device__ void store_rows(float *to, size_t stride, const float4 result[EACH][D / 32], int count, int width,
                                  struct place at)
{
	const bool fast = width % 4 == 0 && stride % 4 == 0 && reinterpret_cast<uintptr_t>(to) % sizeof(float4) == 0;

#pragma unroll
	for (int i = 0; i < EACH; i++)
#pragma unroll
		for (int c = 0; c < D / 32; c++) {
			float *row = to + static_cast<size_t>(at.y + DOWN * i) * stride;
			const size_t d = static_cast<size_t>(at.x * 4 + c * 32), n = static_cast<size_t>(width);

			if (at.y + DOWN * i >= count)
				continue;
			if (fast)
				store4<true>(row, d, n, result[i][c]);
			else
				store4<false>(row, d, n, result[i][c]);
		}
}

/* Blocks: x a tile of queries, y a head; 27 KiB of shared memory for heads of 32, 44 for 64. Reads q once, k and v once a tile
 * of queries (from L2), and writes out and lse. */
template <int D>
static __global__ void __launch_bounds__(THREADS)
attention_forward_kernel(struct attention_arrays arrays, struct attention_how how)
{
	struct forward_shared<D> *shared = shared_memory<struct forward_shared<D>>();
	const struct attention &a = how.a;
	const struct tile t = how.tiles[blockIdx.x];
	const int head = static_cast<int>(blockIdx.y), rows = smaller(t.queries - t.first, TILE_ROWS);
	const struct place at = place_of_thread();
	const size_t kv_stride = static_cast<size_t>(a.kv_stride);
	float4 out[EACH][D / 32];
	struct running state[EACH];

#pragma unroll
	for (int i = 0; i < EACH; i++) {
		state[i] = {-INFINITY, 0};
#pragma unroll
		for (int c = 0; c < D / 32; c++)
			out[i][c] = make_float4(0, 0, 0, 0);
	}
	load_rows<TILE_ROWS, D>(shared->rows, arrays.q + attention_at(t.query0, t.first, a.q_stride, head, a),
	                        static_cast<size_t>(a.q_stride), rows, a.head_size);
	for (int key = 0; key < t.keys; key += STEP) {
		const int left = smaller(t.keys - key, STEP);
		const size_t from = attention_at(t.key0, key, a.kv_stride, head, a);

		__syncthreads();
		load_rows<STEP, D>(shared->step, arrays.k + from, kv_stride, left, a.head_size);
		load_rows<STEP, D>(shared->other_step, arrays.v + from, kv_stride, left, a.head_size);
		keep_keys(shared->kept, how, t, head, key);
		__syncthreads();
		if (first_row_of_warp() < rows) {
			float s[EACH][EACH];

			multiply<D>(s, shared->rows, shared->step, at);
			soften<D>(s, out, state, shared->kept, how, left, at);
			accumulate<D>(out, shared->tile, s, shared->other_step, at);
		}
	}
#pragma unroll
	for (int i = 0; i < EACH; i++) {
		const int row = at.y + DOWN * i;

#pragma unroll
		for (int c = 0; c < D / 32; c++)
			out[i][c] = out[i][c] * (state[i].sum == 0 ? 0 : 1 / state[i].sum);
		if (arrays.lse && at.x == 0 && row < rows)
			arrays.lse[attention_row(how, t, head, t.first + row)] = state[i].largest + logf(state[i].sum);
	}
	store_rows<D>(arrays.out + attention_at(t.query0, t.first, a.out_stride, head, a), static_cast<size_t>(a.out_stride), out,
	              rows, a.head_size, at);
}

/* dout . out of row `row` of the tile, which the eight threads of the row find and one of them keeps for the keys' kernel. */
template <int D>
static __device__ __forceinline__ float delta_of_row(const struct attention_arrays &arrays, const struct attention_how &how,
                                                     const struct tile &t, int head, int row, const float *dout,
                                                     struct place at)
{
	const float *out = arrays.result + attention_at(t.query0, t.first + row, how.a.out_stride, head, how.a);
	float sum = 0;

	for (int d = at.x; d < how.a.head_size; d += ACROSS)
		sum = fmaf(dout[d], out[d], sum);
	return sum;
}

/* Of scores and of dout . v: p becomes exp(score - lse), dropped and scaled, and dp the gradient of the score. */
static __device__ __forceinline__ void soften_backward(float &p, float &dp, float lse, float delta, float keep, float scale)
{
	p = expf(p * scale - lse);
	dp = p * (keep * dp - delta) * scale;
	p *= keep;
}

/* dq. Blocks: x a tile of queries, y a head; 37 KiB of shared memory for heads of 32, 62 for 64. Reads q, dout and out
 * once, k and v once a tile; writes dq and delta. */
template <int D>
static __global__ void __launch_bounds__(THREADS)
attention_backward_queries_kernel(struct attention_arrays arrays, struct attention_how how)
{
	struct attention_shared<D> *shared = shared_memory<struct attention_shared<D>>();
	const struct attention &a = how.a;
	const struct tile t = how.tiles[blockIdx.x];
	const int head = static_cast<int>(blockIdx.y), rows = smaller(t.queries - t.first, TILE_ROWS);
	const struct place at = place_of_thread();
	const size_t kv_stride = static_cast<size_t>(a.kv_stride), out_stride = static_cast<size_t>(a.out_stride);
	float4 dq[EACH][D / 32];
	float lse[EACH], delta[EACH];

	load_rows<TILE_ROWS, D>(shared->rows, arrays.q + attention_at(t.query0, t.first, a.q_stride, head, a),
	                        static_cast<size_t>(a.q_stride), rows, a.head_size);
	load_rows<TILE_ROWS, D>(shared->other_rows, arrays.dout + attention_at(t.query0, t.first, a.out_stride, head, a),
	                        out_stride, rows, a.head_size);
	__syncthreads();
#pragma unroll
	for (int i = 0; i < EACH; i++) {
		const int row = at.y + DOWN * i;
		const size_t where = attention_row(how, t, head, t.first + row);

		lse[i] = row < rows ? arrays.known_lse[where] : 0;
		delta[i] = row < rows ? delta_of_row<D>(arrays, how, t, head, row, shared->other_rows[row], at) : 0;
		delta[i] = row_sum(delta[i]);
		if (at.x == 0 && row < rows)
			arrays.delta[where] = delta[i];
#pragma unroll
		for (int c = 0; c < D / 32; c++)
			dq[i][c] = make_float4(0, 0, 0, 0);
	}
	for (int key = 0; key < t.keys; key += STEP) {
		const int left = smaller(t.keys - key, STEP);
		const size_t from = attention_at(t.key0, key, a.kv_stride, head, a);

		__syncthreads();
		load_rows<STEP, D>(shared->step, arrays.k + from, kv_stride, left, a.head_size);
		load_rows<STEP, D>(shared->other_step, arrays.v + from, kv_stride, left, a.head_size);
		keep_keys(shared->kept, how, t, head, key);
		__syncthreads();
		if (first_row_of_warp() < rows) {
			float p[EACH][EACH], dp[EACH][EACH];

			multiply<D>(p, shared->rows, shared->step, at);
			multiply<D>(dp, shared->other_rows, shared->other_step, at);
#pragma unroll
			for (int i = 0; i < EACH; i++)
#pragma unroll
				for (int j = 0; j < EACH; j++) /* where no key is, exp(0 - infinity) is 0 */
					soften_backward(p[i][j], dp[i][j], at.x + ACROSS * j < left ? lse[i] : INFINITY, delta[i],
					                keep_factor(shared->kept, how.keeping, at.y + DOWN * i, at.x + ACROSS * j, STEP),
					                a.scale);
			accumulate<D>(dq, shared->tile, dp, shared->step, at);
		}
	}
	store_rows<D>(arrays.dq + attention_at(t.query0, t.first, a.q_stride, head, a), static_cast<size_t>(a.q_stride), dq, rows,
	              a.head_size, at);
}

/* dk and dv. Blocks: x a tile of keys, y a head; shared memory as for dq. Reads k and v once, q, dout, lse and delta once a
 * tile of keys; writes dk and dv, zeros where a sequence has no queries. */
template <int D>
static __global__ void __launch_bounds__(THREADS)
attention_backward_keys_kernel(struct attention_arrays arrays, struct attention_how how)
{
	struct attention_shared<D> *shared = shared_memory<struct attention_shared<D>>();
	const struct attention &a = how.a;
	const struct tile t = how.tiles[blockIdx.x];
	const int head = static_cast<int>(blockIdx.y), rows = smaller(t.keys - t.first, TILE_ROWS);
	const struct place at = place_of_thread();
	const size_t kv_stride = static_cast<size_t>(a.kv_stride), own = attention_at(t.key0, t.first, a.kv_stride, head, a);
	float4 dk[EACH][D / 32], dv[EACH][D / 32];

#pragma unroll
	for (int i = 0; i < EACH; i++)
#pragma unroll
		for (int c = 0; c < D / 32; c++)
			dk[i][c] = dv[i][c] = make_float4(0, 0, 0, 0);
	load_rows<TILE_ROWS, D>(shared->rows, arrays.k + own, kv_stride, rows, a.head_size);
	load_rows<TILE_ROWS, D>(shared->other_rows, arrays.v + own, kv_stride, rows, a.head_size);
	for (int query = 0; query < t.queries; query += STEP) {
		const int left = smaller(t.queries - query, STEP), thread = static_cast<int>(threadIdx.x);

		__syncthreads();
		load_rows<STEP, D>(shared->step, arrays.q + attention_at(t.query0, query, a.q_stride, head, a),
		                   static_cast<size_t>(a.q_stride), left, a.head_size);
		load_rows<STEP, D>(shared->other_step, arrays.dout + attention_at(t.query0, query, a.out_stride, head, a),
		                   static_cast<size_t>(a.out_stride), left, a.head_size);
		if (thread < STEP) { /* where no query is, exp(0 - infinity) is 0 */
			shared->lse[thread] = thread < left ? arrays.known_lse[attention_row(how, t, head, query + thread)] : INFINITY;
			shared->delta[thread] = thread < left ? arrays.delta[attention_row(how, t, head, query + thread)] : 0;
		}
		keep_queries(shared->kept, how, t, head, query);
		__syncthreads();
		if (first_row_of_warp() < rows) {
			float p[EACH][EACH], dp[EACH][EACH];

			multiply<D>(p, shared->rows, shared->step, at);
			multiply<D>(dp, shared->other_rows, shared->other_step, at);
#pragma unroll
			for (int i = 0; i < EACH; i++)
#pragma unroll
				for (int j = 0; j < EACH; j++) {
					const int q = at.x + ACROSS * j;

					soften_backward(p[i][j], dp[i][j], shared->lse[q], shared->delta[q],
					                keep_factor(shared->kept, how.keeping, q, at.y + DOWN * i, TILE_ROWS), a.scale);
				}
			accumulate<D>(dv, shared->tile, p, shared->other_step, at);
			accumulate<D>(dk, shared->tile, dp, shared->step, at);
		}
	}
	store_rows<D>(arrays.dk + own, kv_stride, dk, rows, a.head_size, at);
	store_rows<D>(arrays.dv + own, kv_stride, dv, rows, a.head_size, at);
}

/* ---- the host's side */

static size_t tiles_of(const struct packing *packing)
{
	size_t count = 0;

	for (int32_t s = 0; s < packing->sequences; s++)
		count += blocks_for(static_cast<size_t>(packing->starts[s + 1] - packing->starts[s]), TILE_ROWS);
	return count;
}

/* A step has as many for all batches of its shape: those that are too many are of no rows. */
static size_t tiles_staged(const struct cuda *c, const struct packing *packing)
{
	const size_t rows = static_cast<size_t>(packing_rows(packing)), sequences = static_cast<size_t>(packing->sequences);

	return cuda_in_step(c) ? rows / TILE_ROWS + sequences : tiles_of(packing);
}

/* All tiles of the rows of `packing`, which are the queries or the keys. Room for them was made. */
static const struct tile *stage_tiles(struct cuda *c, const struct packing *packing, const struct attention *a)
{
	const size_t count = tiles_staged(c, packing);
	struct tile *tiles = static_cast<struct tile *>(cuda_stage_room(c, count * sizeof *tiles));
	size_t used = 0;

	for (int32_t s = 0; tiles && s < packing->sequences; s++) {
		const int32_t *q = a->queries.starts + s, *k = a->keys.starts + s;

		for (int32_t first = 0; first < packing->starts[s + 1] - packing->starts[s]; first += TILE_ROWS)
			tiles[used++] = {s, first, q[1] - q[0], q[0], k[1] - k[0], k[0]};
	}
	if (tiles && count > used)
		memset(tiles + used, 0, (count - used) * sizeof *tiles);
	return tiles ? static_cast<const struct tile *>(cuda_stage_send(c, count * sizeof *tiles)) : nullptr;
}

static dim3 blocks_of(const struct cuda *c, const struct packing *packing, const struct attention *a)
{
	return dim3(static_cast<unsigned>(tiles_staged(c, packing)), static_cast<unsigned>(a->heads));
}

static struct attention_how how_of(struct cuda *c, const struct packing *packing, const struct attention *a)
{
	struct attention_how how = {*a, keeping_of(c, &a->dropout), stage_tiles(c, packing, a), packing_rows(&a->queries)};

	memset(&how.a.queries, 0, sizeof how.a.queries); /* what differs from step to step would make it another launch */
	memset(&how.a.keys, 0, sizeof how.a.keys);
	memset(&how.a.dropout, 0, sizeof how.a.dropout);
	return how;
}

/* delta of every query and head. */
size_t cuda_attention_scratch(const struct backend_needs *needs)
{
	const size_t size = needs->head_size > 0 ? static_cast<size_t>(needs->head_size) : 1;

	return cuda_bytes(static_cast<size_t>(needs->rows) * (static_cast<size_t>(needs->features) / size + 1), sizeof(float));
}

/* A tile holds at least a row. */
size_t cuda_attention_staging(const struct backend_needs *needs)
{
	return 2 * staged_bytes(static_cast<size_t>(needs->rows) * sizeof(struct tile));
}

/* A kernel for heads of up to `most`, and its shared memory. */
struct width {
	int32_t most;
	void (*kernel)(struct attention_arrays, struct attention_how);
	size_t shared;
};
#define WIDTHS(kernel, shared) \
	{{32, kernel<32>, sizeof(struct shared<32>)}, {HEAD_MAX, kernel<HEAD_MAX>, sizeof(struct shared<HEAD_MAX>)}}

/* By the first row that is wide enough. */
static void start(struct cuda *c, const struct width *widths, dim3 blocks, const struct attention_arrays &arrays,
                  const struct attention_how &how)
{
	while (widths->most < how.a.head_size)
		widths++;
	launch(c, widths->kernel, blocks, THREADS, widths->shared, arrays, how);
}

void cuda_attention_forward(struct backend *b, float *out, float *lse, const float *q, const float *k, const float *v,
                            const struct attention *a)
{
	struct cuda *c = cuda_of(b);
	const struct attention_how how = how_of(c, &a->queries, a);
	const dim3 blocks = blocks_of(c, &a->queries, a);
	static const struct width widths[] = WIDTHS(attention_forward_kernel, forward_shared);
	struct attention_arrays arrays = {};

	arrays.out = out, arrays.lse = lse, arrays.q = q, arrays.k = k, arrays.v = v;
	if (a->head_size > HEAD_MAX)
		cuda_attention_forward_wide(c, blocks, arrays, how);
	else if (precision_is_half(c->backend.precision))
		cuda_attention_forward_halves(c, blocks, arrays, how);
	else
		start(c, widths, blocks, arrays, how);
}

static void backward_queries(struct cuda *c, struct attention_arrays arrays, const struct attention *a)
{
	static const struct width widths[] = WIDTHS(attention_backward_queries_kernel, attention_shared);
	const struct attention_how how = how_of(c, &a->queries, a);
	const dim3 blocks = blocks_of(c, &a->queries, a);

	if (a->head_size > HEAD_MAX)
		cuda_attention_backward_queries_wide(c, blocks, arrays, how);
	else if (precision_is_half(c->backend.precision))
		cuda_attention_backward_queries_halves(c, blocks, arrays, how);
	else
		start(c, widths, blocks, arrays, how);
}

static void backward_keys(struct cuda *c, struct attention_arrays arrays, const struct attention *a)
{
	static const struct width widths[] = WIDTHS(attention_backward_keys_kernel, attention_shared);
	const struct attention_how how = how_of(c, &a->keys, a);
	const dim3 blocks = blocks_of(c, &a->keys, a);

	if (a->head_size > HEAD_MAX)
		cuda_attention_backward_keys_wide(c, blocks, arrays, how);
	else if (precision_is_half(c->backend.precision))
		cuda_attention_backward_keys_halves(c, blocks, arrays, how);
	else
		start(c, widths, blocks, arrays, how);
}

/* The queries first: they leave delta to the keys. */
void cuda_attention_backward(struct backend *b, float *dq, float *dk, float *dv, const float *dout, const float *out,
                             const float *lse, const float *q, const float *k, const float *v, const struct attention *a)
{
	struct cuda *c = cuda_of(b);
	const size_t rows = static_cast<size_t>(packing_rows(&a->queries)) * static_cast<size_t>(a->heads);
	struct attention_arrays arrays = {};

	arrays.dq = dq, arrays.dk = dk, arrays.dv = dv, arrays.q = q, arrays.k = k, arrays.v = v;
	arrays.dout = dout, arrays.result = out, arrays.known_lse = lse;
	arrays.delta = static_cast<float *>(cuda_scratch(c, rows * sizeof(float)));
	backward_queries(c, arrays, a);
	backward_keys(c, arrays, a);
}
