/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Packed attention for heads wider than those of the models of our days: a warp has a row, and 128 columns of a result at a
 * time. Scores are computed anew for each of those; nothing is kept in shared memory. */
#include "engine/backend/cuda/attention.h"

#include "engine/backend/cuda/vectors.h"

#include <cmath>

#define THREADS 128
#define WARPS (THREADS / WARP)
#define EACH 4 /* columns of a lane */

/* x . y, the same in every lane. */
static __device__ float dot(const float *x, const float *y, int count)
{
	float sum = 0;

	for (int d = static_cast<int>(threadIdx.x % WARP); d < count; d += WARP)
		sum = fmaf(x[d], y[d], sum);
	return warp_sum(sum);
}

/* sum += p x, of the columns of this lane from `first` on. */
static __device__ void add_row(float sum[EACH], float p, const float *x, int first, int count)
{
	for (int i = 0; i < EACH; i++) {
		const int d = first + i * WARP + static_cast<int>(threadIdx.x % WARP);

		if (d < count)
			sum[i] = fmaf(p, x[d], sum[i]);
	}
}

static __device__ void store_row(float *x, const float sum[EACH], float scale, int first, int count)
{
	for (int i = 0; i < EACH; i++) {
		const int d = first + i * WARP + static_cast<int>(threadIdx.x % WARP);

		if (d < count)
			x[d] = sum[i] * scale;
	}
}

static __device__ float keep(const struct attention_how &how, const struct tile &t, int head, int query, int key)
{
	const uint64_t e = attention_element(&how.a, t.sequence, head, query) + static_cast<uint64_t>(key);

	if (how.keeping.threshold == 0)
		return 1;
	return kept8(how.keeping, e / 8) >> e % 8 & 1 ? how.keeping.scale : 0;
}

/* Blocks: x a tile, y a head; a warp a row after the other. Reads k and v of the sequence once a row and 128 columns. */
static __global__ void forward_wide_kernel(struct attention_arrays arrays, struct attention_how how)
{
	const struct attention &a = how.a;
	const struct tile t = how.tiles[blockIdx.x];
	const int head = static_cast<int>(blockIdx.y), end = t.queries < t.first + TILE_ROWS ? t.queries : t.first + TILE_ROWS;

	for (int row = t.first + static_cast<int>(threadIdx.x / WARP); row < end; row += WARPS) {
		const float *q = arrays.q + attention_at(t.query0, row, a.q_stride, head, a);
		float *out = arrays.out + attention_at(t.query0, row, a.out_stride, head, a);

		for (int first = 0; first < a.head_size; first += EACH * WARP) {
			float largest = -INFINITY, total = 0, sum[EACH] = {0};

			for (int key = 0; key < t.keys; key++) {
				const size_t at = attention_at(t.key0, key, a.kv_stride, head, a);
				const float s = dot(q, arrays.k + at, a.head_size) * a.scale, next = fmaxf(largest, s);
				const float shrink = expf(largest - next), p = expf(s - next);

				for (int i = 0; i < EACH; i++)
					sum[i] *= shrink;
				total = total * shrink + p;
				largest = next;
				add_row(sum, p * keep(how, t, head, row, key), arrays.v + at, first, a.head_size);
			}
			store_row(out, sum, total == 0 ? 0 : 1 / total, first, a.head_size);
			if (arrays.lse && threadIdx.x % WARP == 0)
				arrays.lse[attention_row(how, t, head, row)] = largest + logf(total);
		}
	}
}

/* Of a query and a key: the probability after dropout, and the gradient of the score. */
struct pair {
	float p, ds;
};

static __device__ struct pair pair_of(const struct attention_arrays &arrays, const struct attention_how &how,
                                      const struct tile &t, int head, int query, int key, float delta)
{
	const struct attention &a = how.a;
	const size_t at = attention_at(t.key0, key, a.kv_stride, head, a);
	const float *q = arrays.q + attention_at(t.query0, query, a.q_stride, head, a);
	const float *dout = arrays.dout + attention_at(t.query0, query, a.out_stride, head, a);
	const float kept = keep(how, t, head, query, key), lse = arrays.known_lse[attention_row(how, t, head, query)];
	const float p = expf(dot(q, arrays.k + at, a.head_size) * a.scale - lse);

	return {p * kept, p * (kept * dot(dout, arrays.v + at, a.head_size) - delta) * a.scale};
}

/* dq and delta. Blocks as above. */
static __global__ void backward_queries_wide_kernel(struct attention_arrays arrays, struct attention_how how)
{
	const struct attention &a = how.a;
	const struct tile t = how.tiles[blockIdx.x];
	const int head = static_cast<int>(blockIdx.y), end = t.queries < t.first + TILE_ROWS ? t.queries : t.first + TILE_ROWS;

	for (int row = t.first + static_cast<int>(threadIdx.x / WARP); row < end; row += WARPS) {
		const size_t at = attention_at(t.query0, row, a.out_stride, head, a);
		const float delta = dot(arrays.dout + at, arrays.result + at, a.head_size);

		if (threadIdx.x % WARP == 0)
			arrays.delta[attention_row(how, t, head, row)] = delta;
		for (int first = 0; first < a.head_size; first += EACH * WARP) {
			float sum[EACH] = {0};

			for (int key = 0; key < t.keys; key++)
				add_row(sum, pair_of(arrays, how, t, head, row, key, delta).ds,
				        arrays.k + attention_at(t.key0, key, a.kv_stride, head, a), first, a.head_size);
			store_row(arrays.dq + attention_at(t.query0, row, a.q_stride, head, a), sum, 1, first, a.head_size);
		}
	}
}

/* dk and dv. Blocks: x a tile of keys, y a head; a warp a key after the other. */
static __global__ void backward_keys_wide_kernel(struct attention_arrays arrays, struct attention_how how)
{
	const struct attention &a = how.a;
	const struct tile t = how.tiles[blockIdx.x];
	const int head = static_cast<int>(blockIdx.y), end = t.keys < t.first + TILE_ROWS ? t.keys : t.first + TILE_ROWS;

	for (int key = t.first + static_cast<int>(threadIdx.x / WARP); key < end; key += WARPS)
		for (int first = 0; first < a.head_size; first += EACH * WARP) {
			const size_t at = attention_at(t.key0, key, a.kv_stride, head, a);
			float dk[EACH] = {0}, dv[EACH] = {0};

			for (int query = 0; query < t.queries; query++) {
				const struct pair pair = pair_of(arrays, how, t, head, query, key,
				                                 arrays.delta[attention_row(how, t, head, query)]);

				add_row(dv, pair.p, arrays.dout + attention_at(t.query0, query, a.out_stride, head, a), first, a.head_size);
				add_row(dk, pair.ds, arrays.q + attention_at(t.query0, query, a.q_stride, head, a), first, a.head_size);
			}
			store_row(arrays.dk + at, dk, 1, first, a.head_size);
			store_row(arrays.dv + at, dv, 1, first, a.head_size);
		}
}

void cuda_attention_forward_wide(struct cuda *c, dim3 blocks, struct attention_arrays arrays, struct attention_how how)
{
	launch(c, forward_wide_kernel, blocks, THREADS, 0, arrays, how);
}

void cuda_attention_backward_queries_wide(struct cuda *c, dim3 blocks, struct attention_arrays arrays,
                                          struct attention_how how)
{
	launch(c, backward_queries_wide_kernel, blocks, THREADS, 0, arrays, how);
}

void cuda_attention_backward_keys_wide(struct cuda *c, dim3 blocks, struct attention_arrays arrays,
                                       struct attention_how how)
{
	launch(c, backward_keys_wide_kernel, blocks, THREADS, 0, arrays, how);
}
