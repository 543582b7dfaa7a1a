/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The memory of a training: all that its steps and evaluations need, taken before the first of them. Where the memory of a
 * device is too small for a batch, the batch is computed in parts, each half as large as before, until it suffices. The step
 * stays what it was: its gradients and its loss are those of the whole batch, with the same weights. What differs is what
 * differs with gradient accumulation: a batch in parts draws dropout as so many smaller batches do, and sums are added up in
 * another order. run.json keeps the size of the parts, so that a resumed run goes on to the bit. */
#ifndef REVUE_TRAIN_TRAINING_MEMORY_H
#define REVUE_TRAIN_TRAINING_MEMORY_H

#include "engine/train/training.h"

/* Takes it, and sets `part`. False with one line: not even one row has room. */
bool training_take_memory(struct training *training, struct error *error);

#endif
