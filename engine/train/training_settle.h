/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was asked of the device and is not known yet. A device computes while the host makes the next batch ready: its losses
 * and norms come a few steps later, and are looked at in the order in which they were asked for. Where the backend's memory is
 * the host's nothing is late. */
#ifndef REVUE_TRAIN_TRAINING_SETTLE_H
#define REVUE_TRAIN_TRAINING_SETTLE_H

#include "engine/train/training.h"

/* What may be asked for before the first of it is known: a batch is made ready while the pass before it is computed. */
#define PENDING_LATE 2

bool training_settle_init(struct training *training, uint64_t batch, struct error *error); /* of up to so many examples */

/* The place for what a pass over `rows` of the epoch's order, or the update after it, gives; `step` is what the state then
 * stands at. It is settled in its turn. */
struct pending *training_pending(struct training *training, struct taken rows, uint64_t step);

/* Looks at the oldest until no more than `most` are left. False with one line: the device failed, a loss or a gradient is no
 * number. */
bool training_settle(struct training *training, int most, struct error *error);

/* After each that was asked for. */
bool training_settle_late(struct training *training, struct error *error);

#endif
