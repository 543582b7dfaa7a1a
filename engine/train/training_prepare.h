/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Before the first step: the model, the data, memory, and for a resumed run the checkpoint it goes on from. */
#ifndef REVUE_TRAIN_TRAINING_PREPARE_H
#define REVUE_TRAIN_TRAINING_PREPARE_H

#include "engine/train/training.h"

/* Everything before the first step, which can then be made. */
bool training_prepare(struct training *training, struct error *error);

#endif
