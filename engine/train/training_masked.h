/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Of --task masked_lm: what becomes of the rows, what they count, what is measured. */
#ifndef REVUE_TRAIN_TRAINING_MASKED_H
#define REVUE_TRAIN_TRAINING_MASKED_H

#include "engine/train/training.h"

/* Rows without labels, of the data or of a validation file; of the data: says whether the head is new. */
bool training_masked_take_rows(struct training *training, struct train_data *source, struct error *error);
bool training_masked_take_validation(struct training *training, struct train_data *source, struct error *error);

/* Lets them be masked, those that train in another way in each epoch, those that are held out always alike. */
bool training_masked_prepare_rows(struct training *training, struct error *error);

/* What takes the memory of logits, in a line for the report. */
void training_masked_describe(const struct training *training, char *out, size_t capacity);

/* There are no labels to weigh. */
bool training_masked_make_loss(struct training *training, struct error *error);

/* The tokens of a row that are masked in the epoch of the order. */
double training_masked_row_weight(const struct training *training, uint32_t row);

/* Cross-entropy, its exponential, and how many of the held-out rows' masked tokens are told right. */
bool training_masked_measure(struct training *training, struct run_evaluation *evaluation, struct error *error);

#endif
