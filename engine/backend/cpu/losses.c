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

/* p log(p / q) by the logarithm of q; what is not expected at all costs nothing. */
static double divergence(double p, double log_q)
{
	return p > 0 ? p * (log(p) - log_q) : 0;
}

/* Logits divided by the temperature, and what their softmax is made with. */
struct soft_row {
	const float *logits;
	double temperature, largest, log_sum;
};

static struct soft_row soft_row(const float *logits, size_t n, double temperature)
{
	struct soft_row row = {logits, temperature, -INFINITY, 0};
	double sum = 0;

	for (size_t c = 0; c < n; c++)
		row.largest = fmax(row.largest, (double)logits[c]);
	for (size_t c = 0; c < n; c++)
		sum += exp(((double)logits[c] - row.largest) / temperature);
	row.log_sum = log(sum);
	return row;
}

/* What a class adds to the divergence; *gradient: of the whole with respect to its logit / T. */
static double soft_class(const struct soft_row *row, size_t c, double p, double *gradient)
{
	const double log_q = ((double)row->logits[c] - row->largest) / row->temperature - row->log_sum;

	*gradient = exp(log_q) - p;
	return divergence(p, log_q);
}

static double soft_label(const struct soft_row *row, size_t c, double p, double *gradient)
{
	const double z = (double)row->logits[c] / row->temperature;

	*gradient = (z >= 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z))) - p;
	return divergence(p, -softplus(-z)) + divergence(1 - p, -softplus(z));
}

/* What was there before, where it counts. */
static double rest_of(double share, float before)
{
	return share < 1 ? (1 - share) * (double)before : 0;
}

void cpu_soften(struct backend *b, float *loss, float *dlogits, const float *logits, const float *targets, const float *shares,
                int32_t rows, int32_t columns, const struct soft_loss *how)
{
	const size_t n = (size_t)columns;
	const double t = (double)how->temperature, mean = how->independent ? 1 / (double)n : 1;

	(void)b;
	for (size_t r = 0; r < (size_t)rows; r++) {
		const struct soft_row row = soft_row(logits + r * n, n, t);
		const double share = (double)shares[r];
		double sum = 0;

		for (size_t c = 0; c < n; c++) {
			const size_t at = r * n + c;
			double gradient;

			sum += (how->independent ? soft_label : soft_class)(&row, c, (double)targets[at], &gradient);
			if (dlogits)
				dlogits[at] = (float)(rest_of(share, dlogits[at]) + share * t * mean * gradient * (double)how->scale);
		}
		loss[r] = (float)(rest_of(share, loss[r]) + share * t * t * mean * sum);
	}
}
