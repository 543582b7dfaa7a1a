/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A teacher whose inside is imitated (--distill-attention, --distill-hidden). */
#ifndef REVUE_TRAIN_TRAINING_INSIDE_H
#define REVUE_TRAIN_TRAINING_INSIDE_H

#include "engine/train/training.h"

/* Opens it where it is wanted, before memory is taken: the first of the teachers that is a network. */
bool training_open_inside(struct training *training, struct error *error);

/* Takes its memory, for batches of up to that size. */
bool training_reserve_inside(struct training *training, const struct batch_size *size, struct error *error);

/* Lets it show what it makes of a batch of the steps. */
bool training_reveal(struct training *training, struct batch *batch, struct error *error);

#endif
