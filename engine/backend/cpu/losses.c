/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/backend/cpu/losses.h"

#include <math.h>

static double weight_of(const struct loss *how, size_t c)
{
	return how->weights ? (double)how->weights[c] : 1;
}

/* What class c counts in the loss of an example of class `label`. */
static double share_of(const struct loss *how, size_t c, size_t label, size_t columns)
{
	double smoothing = (double)how->label_smoothing;

	return ((c == label ? 1 - smoothing : 0) + smoothing / (double)columns) * weight_of(how, c);
}

void cpu_cross_entropy(struct backend *b, float *loss, float *dlogits, const float *logits, const int32_t *labels,
                       int32_t rows, int32_t columns, const struct loss *how)
{
	const size_t n = (size_t)columns;

	(void)b;
	for (size_t r = 0; r < (size_t)rows; r++) {
		const float *row = logits + r * n;
		size_t label = (size_t)labels[r];
		double largest = -INFINITY, sum = 0, shares = 0, whole = 0;

		for (size_t c = 0; c < n; c++)
			largest = fmax(largest, (double)row[c]);
		for (size_t c = 0; c < n; c++)
			sum += exp((double)row[c] - largest);
		for (size_t c = 0; c < n; c++) {
			double share = share_of(how, c, label, n);

			shares += share;
			if (share > 0) /* a logit that is infinite and does not count must not make a NaN */
				whole += share * (largest + log(sum) - (double)row[c]);
		}
		loss[r] = (float)whole;
		for (size_t c = 0; dlogits && c < n; c++)
			dlogits[r * n + c] = (float)((exp((double)row[c] - largest) / sum * shares - share_of(how, c, label, n)) *
			                             (double)how->scale);
	}
}

/* log(1 + exp(x)) */
static double softplus(double x)
{
	return fmax(x, 0) + log1p(exp(-fabs(x)));
}

void cpu_binary_cross_entropy(struct backend *b, float *loss, float *dlogits, const float *logits, const float *targets,
                              int32_t rows, int32_t columns, const struct loss *how)
{
	const size_t n = (size_t)columns;

	(void)b;
	for (size_t r = 0; r < (size_t)rows; r++) {
		double sum = 0;

		for (size_t c = 0; c < n; c++) {
			double x = (double)logits[r * n + c], y = (double)targets[r * n + c], w = weight_of(how, c);
			double likely = x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x));

			sum += w * y * softplus(-x) + (1 - y) * softplus(x);
			if (dlogits)
				dlogits[r * n + c] = (float)((w * y * (likely - 1) + (1 - y) * likely) / (double)n * (double)how->scale);
		}
		loss[r] = (float)(sum / (double)n);
	}
}
