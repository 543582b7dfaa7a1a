/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * After the last step: RUN/model, of the last step or the best, with its card, trainer_state.json, and all_results.json,
 * eval_results.json and train_results.json.
 *
 * Source: transformers.TrainerState, whose fields and log_history it has, in the order of their names. */
#ifndef REVUE_TRAIN_TRAINING_FINISH_H
#define REVUE_TRAIN_TRAINING_FINISH_H

#include "engine/train/training.h"

bool training_finish(struct training *training, struct error *error);

/* The last line of the log: which step's weights they are, and why it ended early where it did. */
void training_say_finished(struct training *training);

#endif
