/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a student is to say of each example: the answers of its teachers at a temperature, mixed by their weights.
 *
 * source  Hinton et al. 2015, "Distilling the Knowledge in a Neural Network" */
#ifndef REVUE_TEACH_SOFT_TARGETS_H
#define REVUE_TEACH_SOFT_TARGETS_H

#include "engine/error.h"

#include <stddef.h>
#include <stdint.h>

/* Start with {0}, end with soft_targets_free. */
struct soft_targets {
	float *probabilities; /* [count][labels]; NULL: there are no teachers */
	size_t count;
	int32_t labels;
	float temperature;
	float alpha;      /* what the teachers count beside a label; where there is none they count alone */
	bool independent; /* labels that do not exclude each other: sigmoids instead of a softmax */
	bool hard;        /* what is most likely counts whole */
	float *weights;   /* [count]: of the teachers that were added */
};

bool soft_targets_init(struct soft_targets *targets, size_t count, int32_t labels, struct error *error);
void soft_targets_free(struct soft_targets *targets);

/* Adds a teacher's answers, logits [count][labels], of those texts that it `answered` [count]; NULL: all. */
void soft_targets_add(struct soft_targets *targets, const float *logits, const bool *answered, double weight);

/* The first example that no teacher said anything about; `count`: there is none. */
size_t soft_targets_missing(const struct soft_targets *targets);

/* What the teachers count in the loss of an example, 0 to 1. */
static inline float soft_targets_share(const struct soft_targets *targets, bool labelled)
{
	return labelled ? targets->alpha : 1;
}

/* When all were added: divides by their weights, and makes labels of them where they are to be `hard`. */
void soft_targets_finish(struct soft_targets *targets);

#endif
