/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The loss that the options name: what it makes of an example, and what a batch of examples counts.
 *
 * Without weights the loss of examples is their mean. With weights it is the sum of the examples' losses, each with the
 * weight of its label, divided by the sum of those weights, over the whole effective batch (torch's CrossEntropyLoss).
 * Independent labels: the mean over examples of torch's BCEWithLogitsLoss, the weights being its pos_weight. */
#ifndef REVUE_TRAIN_LOSS_H
#define REVUE_TRAIN_LOSS_H

#include "engine/error.h"
#include "engine/options.h"

/* Start with {0}: cross-entropy alone. End with train_loss_free. */
struct train_loss {
	float label_smoothing;
	float *weights; /* [labels]; NULL: all are 1 */
	int32_t labels;
	bool independent;
};

/* What the weights are made for. */
struct loss_labels {
	const char *const *names; /* [count] */
	const uint64_t *examples; /* [count] those that have the label, of the rows that train */
	uint64_t total;           /* of the rows that train */
	int32_t count;
	bool independent;         /* several labels an example, or none */
};

/* What is wrong with those options whatever the labels are: asked before any data is read. False with one line. */
bool train_loss_check(const struct train_options *options, struct error *error);

/* From --label-smoothing-factor and --class-weights. Balanced is scikit-learn's total / (labels that occur * examples of the
 * label), and for independent labels examples without / examples with it: the ratio of the two weights that scikit-learn
 * gives them. False with one line. */
bool train_loss_init(struct train_loss *loss, const struct train_options *options, const struct loss_labels *labels,
                     struct error *error);
void train_loss_free(struct train_loss *loss);

/* True where the loss is something else than the mean of cross-entropies. */
bool train_loss_is_own(const struct train_loss *loss);

/* What an example of this label counts among others; of independent labels 1. */
double train_loss_weight(const struct train_loss *loss, int32_t label);

/* The loss of an example with its weight, from the host's logits: what engine/backend/backend.h says of cross_entropy. */
double train_loss_example(const struct train_loss *loss, const float *logits, int32_t label);

/* The same of an example with a set of labels, of binary_cross_entropy; `targets` [labels] 0 or 1. */
double train_loss_set(const struct train_loss *loss, const float *logits, const float *targets);

/* "negative 0.75, positive 1.5", cut short where it is long. */
void train_loss_describe(const struct train_loss *loss, const char *const *names, char *out, size_t capacity);

#endif
