/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The steps. Everything that a step does is a function of the weights, the moments and its number. */
#ifndef REVUE_TRAIN_TRAINING_STEPS_H
#define REVUE_TRAIN_TRAINING_STEPS_H

#include "engine/train/training.h"

/* From the step where it stands to the last one, with the evaluations and checkpoints that are due. */
bool training_run_steps(struct training *training, struct error *error);

#endif
