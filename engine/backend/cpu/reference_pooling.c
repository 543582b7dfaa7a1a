/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/backend/cpu/reference_pooling.h"

#include <math.h>

/* The row of the first maximum of a column, or the first that is no number. */
static size_t highest(const float *x, size_t first, size_t end, size_t n, size_t c)
{
	size_t best = first;

	for (size_t t = first + 1; t < end; t++)
		if (x[t * n + c] > x[best * n + c] || (isnan(x[t * n + c]) && !isnan(x[best * n + c])))
			best = t;
	return best;
}

void reference_pooling_forward(struct backend *b, float *out, const float *x, const struct packing *groups,
                               int32_t columns, enum pooling pooling)
{
	const size_t n = (size_t)columns;

	(void)b;
	for (size_t g = 0; g < (size_t)groups->sequences; g++) {
		size_t first = (size_t)groups->starts[g], end = (size_t)groups->starts[g + 1];

		for (size_t c = 0; c < n; c++) {
			double sum = 0;

			for (size_t t = first; t < end; t++)
				sum += (double)x[t * n + c];
			out[g * n + c] = pooling == POOLING_MEAN ? (float)(sum / (double)(end - first))
			                                         : x[highest(x, first, end, n, c) * n + c];
		}
	}
}

void reference_pooling_backward(struct backend *b, float *dx, const float *dout, const float *x,
                                const struct packing *groups, int32_t columns, enum pooling pooling)
{
	const size_t n = (size_t)columns;

	(void)b;
	for (size_t g = 0; g < (size_t)groups->sequences; g++) {
		size_t first = (size_t)groups->starts[g], end = (size_t)groups->starts[g + 1];

		for (size_t c = 0; c < n; c++) {
			size_t best = highest(x, first, end, n, c);

			for (size_t t = first; t < end; t++)
				dx[t * n + c] = pooling == POOLING_MEAN ? dout[g * n + c] / (float)(end - first)
				                                        : t == best ? dout[g * n + c] : 0;
		}
	}
}
