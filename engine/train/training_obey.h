/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a training does when it is told to pause, to save or to stop, or to lend its weights. */
#ifndef REVUE_TRAIN_TRAINING_OBEY_H
#define REVUE_TRAIN_TRAINING_OBEY_H

#include "engine/train/training.h"

/* Between micro-batches: obeys pause, save and stop. False with ERROR_INTERRUPTED: stop. */
bool training_obey(struct training *training, struct error *error);

/* Between steps, as in a pause: copies the weights for whoever wants to try them (trainer_lend). False: the training failed. */
bool training_lend(struct training *training, struct error *error);

#endif
