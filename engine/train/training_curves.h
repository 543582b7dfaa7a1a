/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The curves of metrics.jsonl once more, for TensorBoard, under the names that the Hugging Face Trainer gives
 * them (transformers.integrations.TensorBoardCallback). They can be made again from metrics.jsonl, so a failure to
 * write them is said once and stops nothing: none of these functions fails. */
#ifndef REVUE_TRAIN_TRAINING_CURVES_H
#define REVUE_TRAIN_TRAINING_CURVES_H

#include "engine/train/training.h"

/* A new file each time a run starts or goes on. */
void training_curves_open(struct training *training);
void training_curves_add_point(struct training *training, const struct run_point *point);
void training_curves_add_evaluation(struct training *training, const struct run_evaluation *evaluation);

#endif
