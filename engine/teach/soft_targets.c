/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/teach/soft_targets.h"

#include "engine/base/size.h"

#include <math.h>
#include <stdlib.h>

bool soft_targets_init(struct soft_targets *targets, size_t count, int32_t labels, struct error *error)
{
	size_t all;

	targets->count = count;
	targets->labels = labels;
	targets->probabilities = size_multiply(count, (size_t)labels, &all) ? size_calloc(all, sizeof *targets->probabilities) : NULL;
	targets->weights = size_calloc(count, sizeof *targets->weights);
	return (targets->probabilities && targets->weights) || error_memory(error, "keeping what teachers say");
}

void soft_targets_free(struct soft_targets *targets)
{
	free(targets->probabilities);
	free(targets->weights);
	*targets = (struct soft_targets){0};
}

static void add_softmax(float *out, const float *logits, int32_t labels, double temperature, double weight)
{
	double largest = -INFINITY, sum = 0;

	for (int32_t i = 0; i < labels; i++)
		largest = fmax(largest, (double)logits[i]);
	for (int32_t i = 0; i < labels; i++)
		sum += exp(((double)logits[i] - largest) / temperature);
	for (int32_t i = 0; i < labels; i++)
		out[i] += (float)(weight * exp(((double)logits[i] - largest) / temperature) / sum);
}

static void add_sigmoids(float *out, const float *logits, int32_t labels, double temperature, double weight)
{
	for (int32_t i = 0; i < labels; i++)
		out[i] += (float)(weight / (1 + exp(-(double)logits[i] / temperature)));
}

void soft_targets_add(struct soft_targets *targets, const float *logits, const bool *answered, double weight)
{
	const size_t labels = (size_t)targets->labels;

	for (size_t r = 0; r < targets->count; r++) {
		if (answered && !answered[r])
			continue;
		(targets->independent ? add_sigmoids : add_softmax)(targets->probabilities + r * labels, logits + r * labels,
		                                                    targets->labels, (double)targets->temperature, weight);
		targets->weights[r] += (float)weight;
	}
}

size_t soft_targets_missing(const struct soft_targets *targets)
{
	size_t at = 0;

	while (at < targets->count && targets->weights[at] > 0)
		at++;
	return at;
}

static void harden(float *row, int32_t labels, bool independent)
{
	int32_t best = 0;

	for (int32_t i = 1; i < labels; i++)
		best = row[i] > row[best] ? i : best;
	for (int32_t i = 0; i < labels; i++)
		row[i] = independent ? row[i] > 0.5f : i == best;
}

void soft_targets_finish(struct soft_targets *targets)
{
	const size_t labels = (size_t)targets->labels;

	for (size_t r = 0; r < targets->count; r++) {
		float *row = targets->probabilities + r * labels;

		for (size_t i = 0; i < labels; i++)
			row[i] = row[i] / targets->weights[r];
		if (targets->hard)
			harden(row, targets->labels, targets->independent);
	}
}
