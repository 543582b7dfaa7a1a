/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A teacher whose inside is imitated (--distill-attention, --distill-hidden). */
#ifndef REVUE_TRAIN_TRAINING_INSIDE_H
#define REVUE_TRAIN_TRAINING_INSIDE_H

#include "engine/train/training.h"

/* Opens it where it is wanted, before memory is taken, when the teachers were asked. It shows something of those texts that it
 * was asked about and that it can read to their end. */
bool training_open_inside(struct training *training, struct error *error);

/* Whether it shows something of a row. */
bool training_inside_shows(const struct training *training, uint32_t row);

/* Puts the rows of which it shows something before the others, within each micro-batch of order [count]. */
void training_inside_arrange(const struct training *training, uint32_t *order, uint64_t count);

/* Takes its memory, for batches of up to that size. */
bool training_reserve_inside(struct training *training, const struct batch_size *size, struct error *error);

/* Lets it show what it makes of a batch of these rows, which were arranged. */
bool training_reveal(struct training *training, struct batch *batch, const uint32_t *rows, uint32_t count, struct error *error);

#endif
