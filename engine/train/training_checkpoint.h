/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * When a training writes checkpoints, and what it waits for: of those that come in their turn for the copy in memory. */
#ifndef REVUE_TRAIN_TRAINING_CHECKPOINT_H
#define REVUE_TRAIN_TRAINING_CHECKPOINT_H

#include "engine/train/training.h"

/* Takes the memory for copies, once the optimizer has its own; says so where that is not there, which is no error. */
bool training_checkpoint_prepare(struct training *training, struct error *error);

/* Begins to write a checkpoint where there is none of this step, after the one before it is written. */
bool training_checkpoint_begin(struct training *training, struct error *error);

/* Takes the result of the one that is being written, when it is there; with `wait` it waits for it. A full disk is waited for
 * as training_persist does it. */
bool training_checkpoint_take(struct training *training, bool wait, struct error *error);

/* Writes a checkpoint where there is none of this step, and waits for it. */
bool training_checkpoint(struct training *training, struct error *error);

#endif
