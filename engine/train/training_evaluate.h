/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An evaluation: the held-out rows are scored, a line is written, and the state takes it in. */
#ifndef REVUE_TRAIN_TRAINING_EVALUATE_H
#define REVUE_TRAIN_TRAINING_EVALUATE_H

#include "engine/train/training.h"

/* Takes room to keep the scores of the held-out rows, where they are not too many, before the first one. */
bool training_keep_scores(struct training *training, struct error *error);

/* `by_hand`: somebody asked for it, and it is for the log alone: the best model, early stopping and a rate that follows the
 * evaluations are as they would be without it. False: stopped, or not written. */
bool training_evaluate(struct training *training, bool by_hand, struct error *error);

/* Rows that an evaluation computes at once. */
#define EVALUATION_BATCH_MAX 64
uint32_t training_evaluation_batch(const struct training *training);

/* Of labels: all figures of what the model says of the held-out rows, whose scores are kept on the way. */
bool training_measure_labels(struct training *training, struct run_evaluation *evaluation, struct error *error);

#endif
