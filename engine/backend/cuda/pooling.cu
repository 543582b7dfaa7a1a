/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Windows of a review become one row. A thread has a column of a group: x is read once forward; backward it is read for the
 * maximum alone. */
#include "engine/backend/cuda/operations.h"

#include <cmath>

#define THREADS 128

/* The row of the first maximum of a column, or the first that is no number. */
static __device__ size_t highest(const float *x, size_t first, size_t end, size_t n)
{
	size_t best = first;
	float value = x[first * n];

	for (size_t t = first + 1; t < end; t++) {
		const float other = x[t * n];

		if (other > value || (other != other && value == value)) {
			best = t;
			value = other;
		}
	}
	return best;
}

/* Blocks: x 128 columns, y a group (and those 65535 further on, a grid having no more). No shared memory. */
static __global__ void pooling_forward_kernel(float *out, const float *x, const int32_t *starts, int32_t groups, size_t n,
                                              enum pooling pooling)
{
	const size_t c = static_cast<size_t>(blockIdx.x) * THREADS + threadIdx.x;

	for (size_t g = blockIdx.y; c < n && g < static_cast<size_t>(groups); g += gridDim.y) {
		const size_t first = static_cast<size_t>(starts[g]), end = static_cast<size_t>(starts[g + 1]);
		double sum = 0;

		if (pooling == POOLING_MAX) {
			out[g * n + c] = x[highest(x + c, first, end, n) * n + c];
			continue;
		}
		for (size_t t = first; t < end; t++)
			sum += static_cast<double>(x[t * n + c]);
		out[g * n + c] = static_cast<float>(sum / static_cast<double>(end - first));
	}
}

/* As pooling_forward_kernel; writes each row of dx once. */
static __global__ void pooling_backward_kernel(float *dx, const float *dout, const float *x, const int32_t *starts,
                                               int32_t groups, size_t n, enum pooling pooling)
{
	const size_t c = static_cast<size_t>(blockIdx.x) * THREADS + threadIdx.x;

	for (size_t g = blockIdx.y; c < n && g < static_cast<size_t>(groups); g += gridDim.y) {
		const size_t first = static_cast<size_t>(starts[g]), end = static_cast<size_t>(starts[g + 1]);
		const float d = dout[g * n + c], share = d / static_cast<float>(end - first);
		const size_t best = pooling == POOLING_MAX ? highest(x + c, first, end, n) : 0;

		for (size_t t = first; t < end; t++)
			dx[t * n + c] = pooling == POOLING_MEAN ? share : t == best ? d : 0;
	}
}

static dim3 pooling_blocks(const struct packing *groups, size_t columns)
{
	const unsigned most = 65535, count = static_cast<unsigned>(groups->sequences);

	return dim3(blocks_for(columns, THREADS), count < most ? count : most);
}

static const int32_t *stage_starts(struct cuda *c, const struct packing *groups)
{
	return cuda_stage(c, groups->starts, static_cast<size_t>(groups->sequences) + 1);
}

void cuda_pooling_forward(struct backend *b, float *out, const float *x, const struct packing *groups, int32_t columns,
                          enum pooling pooling)
{
	struct cuda *c = cuda_of(b);
	const size_t n = static_cast<size_t>(columns);

	launch(c, pooling_forward_kernel, pooling_blocks(groups, n), THREADS, 0, out, x, stage_starts(c, groups),
	       groups->sequences, n, pooling);
}

void cuda_pooling_backward(struct backend *b, float *dx, const float *dout, const float *x, const struct packing *groups,
                           int32_t columns, enum pooling pooling)
{
	struct cuda *c = cuda_of(b);
	const size_t n = static_cast<size_t>(columns);

	launch(c, pooling_backward_kernel, pooling_blocks(groups, n), THREADS, 0, dx, dout, x, stage_starts(c, groups),
	       groups->sequences, n, pooling);
}
