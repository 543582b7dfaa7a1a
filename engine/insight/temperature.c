/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/insight.h"

#include <math.h>

#define STEPS_MAX 200

struct slope {
	double first, second; /* derivatives of the summed loss by u = 1/temperature */
};

/* loss = log sum exp(u z) - u z_truth; its slope is the mean of z by the softmax less z_truth, the slope of that the
 * variance. */
static void add_softmax(struct slope *slope, const float *logits, int32_t labels, int32_t truth, double u)
{
	double highest = (double)logits[0], sum = 0, mean = 0, square = 0;

	for (int32_t i = 1; i < labels; i++)
		highest = fmax(highest, (double)logits[i]);
	for (int32_t i = 0; i < labels; i++) {
		double z = (double)logits[i] - highest, weight = exp(u * z);
		sum += weight;
		mean += weight * z;
		square += weight * z * z;
	}
	mean /= sum;
	slope->first += mean - ((double)logits[truth] - highest);
	slope->second += square / sum - mean * mean;
}

/* loss = log(1 + exp(u z)) - y u z for each label. */
static void add_sigmoids(struct slope *slope, const float *logits, int32_t labels, const uint8_t *targets, double u)
{
	for (int32_t i = 0; i < labels; i++) {
		double z = (double)logits[i], p = 1 / (1 + exp(-u * z));
		slope->first += (p - targets[i]) * z;
		slope->second += p * (1 - p) * z * z;
	}
}

struct logit_rows {
	const float *logits;
	size_t rows;
	int32_t labels;
	const int32_t *truths;
	const uint8_t *targets;
};

static struct slope slope_at(const struct logit_rows *rows, double u)
{
	struct slope slope = {0};
	size_t labels = (size_t)rows->labels;

	for (size_t r = 0; r < rows->rows; r++) {
		if (rows->targets)
			add_sigmoids(&slope, rows->logits + r * labels, rows->labels, rows->targets + r * labels, u);
		else
			add_softmax(&slope, rows->logits + r * labels, rows->labels, rows->truths[r], u);
	}
	return slope;
}

/* The slope rises with u: below its zero it is negative. A step of Newton's that leaves the bracket becomes half of it. */
static double find_zero(const struct logit_rows *rows, double low, double high)
{
	double u = 1;

	for (int i = 0; i < STEPS_MAX && high - low > 1e-14 * high; i++) {
		struct slope slope = slope_at(rows, u);
		double next = u - slope.first / slope.second;

		if (slope.first < 0)
			low = u;
		else
			high = u;
		if (!(next > low && next < high))
			next = low + (high - low) / 2;
		if (fabs(next - u) <= 1e-14 * u)
			return next;
		u = next;
	}
	return u;
}

double temperature_fit(const float *logits, size_t rows, int32_t labels, const int32_t *truths, const uint8_t *targets)
{
	const struct logit_rows all = {logits, rows, labels, truths, targets};
	const double low = 1 / TEMPERATURE_MAX, high = 1 / TEMPERATURE_MIN;

	if (slope_at(&all, low).first >= 0)
		return rows > 0 && slope_at(&all, high).first > 0 ? TEMPERATURE_MAX : 1;
	if (slope_at(&all, high).first <= 0)
		return TEMPERATURE_MIN;
	return 1 / find_zero(&all, low, high);
}
