/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The model that a training starts from or goes on with.
 *
 * RUN/base is what a resume needs of the base besides a checkpoint, which holds all weights: config.json with the labels that
 * are trained, and the tokenizer. So the base itself may be moved or removed once there is a checkpoint. A run of an
 * earlier version has none: it needs its base. So does a run of adapters, the checkpoints of which hold no more than those. */
#ifndef REVUE_TRAIN_TRAINING_BASE_H
#define REVUE_TRAIN_TRAINING_BASE_H

#include "engine/train/training.h"

/* Whether the run can go on from a checkpoint without its base: RUN/base is there and as it was written. */
bool training_base_is_kept(const char *run, const struct run_record *record);

/* Opens RUN/base where the training goes on from a checkpoint and that will do, else the base, and checks that it is the
 * one that the run began with. */
bool training_open_model(struct training *training, struct error *error);

/* Writes RUN/base, after the labels are settled, and notes its hash in the record. */
bool training_keep_base(struct training *training, struct error *error);

#endif
