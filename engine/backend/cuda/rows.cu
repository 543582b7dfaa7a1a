/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole rows from one place to another. A block moves a row, a thread four columns at a time: each row is read and written
 * once, and no shared memory is needed. */
#include "engine/backend/cuda/operations.h"
#include "engine/backend/cuda/vectors.h"

#define THREADS_MAX 256

/* Blocks: a row each. out[i] = x[index[i]] */
template <bool ALIGNED>
static __global__ void gather_kernel(float *out, const float *x, const int32_t *index, size_t n)
{
	const size_t from = static_cast<size_t>(index[blockIdx.x]) * n, to = blockIdx.x * n;

	for (size_t c = threadIdx.x * 4; c < n; c += blockDim.x * 4)
		store4<ALIGNED>(out + to, c, n, load4<ALIGNED>(x + from, c, n));
}

/* Blocks: a row each. out[index[i]] += x[i] */
template <bool ALIGNED>
static __global__ void scatter_kernel(float *out, const float *x, const int32_t *index, size_t n)
{
	const size_t to = static_cast<size_t>(index[blockIdx.x]) * n, from = blockIdx.x * n;

	for (size_t c = threadIdx.x * 4; c < n; c += blockDim.x * 4)
		store4<ALIGNED>(out + to, c, n, load4<ALIGNED>(out + to, c, n) + load4<ALIGNED>(x + from, c, n));
}

/* Blocks: a row each. Reads a row of two tables; `type` comes from L2. */
template <bool ALIGNED>
static __global__ void embedding_kernel(float *out, const float *word, const float *position, const float *type,
                                        const int32_t *ids, const int32_t *positions, size_t n)
{
	const float *from = word + static_cast<size_t>(ids[blockIdx.x]) * n;
	const float *place = position + static_cast<size_t>(positions[blockIdx.x]) * n;

	for (size_t c = threadIdx.x * 4; c < n; c += blockDim.x * 4) {
		float4 value = load4<ALIGNED>(from, c, n);

		if (type)
			value = value + load4<ALIGNED>(type, c, n);
		store4<ALIGNED>(out + blockIdx.x * n, c, n, value + load4<ALIGNED>(place, c, n));
	}
}

/* Threads that have four of the columns each, or as many as a block should have. */
static unsigned threads_for(size_t columns)
{
	const size_t threads = (columns + 4 * WARP - 1) / (4 * WARP) * WARP;

	return static_cast<unsigned>(threads < THREADS_MAX ? threads : THREADS_MAX);
}

void cuda_gather_rows(struct backend *b, float *out, const float *x, const int32_t *index, int32_t count, int32_t columns)
{
	struct cuda *c = cuda_of(b);
	const size_t n = static_cast<size_t>(columns);
	const bool fast = n % 4 == 0 && aligned(out, x);

	launch(c, fast ? gather_kernel<true> : gather_kernel<false>, static_cast<unsigned>(count), threads_for(n), 0, out, x,
	       cuda_stage(c, index, static_cast<size_t>(count)), n);
}

void cuda_scatter_rows_add(struct backend *b, float *out, const float *x, const int32_t *index, int32_t count,
                           int32_t columns)
{
	struct cuda *c = cuda_of(b);
	const size_t n = static_cast<size_t>(columns);
	const bool fast = n % 4 == 0 && aligned(out, x);

	launch(c, fast ? scatter_kernel<true> : scatter_kernel<false>, static_cast<unsigned>(count), threads_for(n), 0, out, x,
	       cuda_stage(c, index, static_cast<size_t>(count)), n);
}

void cuda_embedding_forward(struct backend *b, float *out, const float *word, const float *position, const float *type,
                            const int32_t *ids, const int32_t *positions, int32_t rows, int32_t columns)
{
	struct cuda *c = cuda_of(b);
	const size_t n = static_cast<size_t>(columns), count = static_cast<size_t>(rows);
	const bool fast = n % 4 == 0 && aligned(out, word, position, type);
	const int32_t *words, *places;

	cuda_stage_room(c, 2 * staged_bytes(count * sizeof *ids));
	words = cuda_stage(c, ids, count);
	places = cuda_stage(c, positions, count);
	launch(c, fast ? embedding_kernel<true> : embedding_kernel<false>, static_cast<unsigned>(count), threads_for(n), 0, out,
	       word, position, type, words, places, n);
}
