/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Waiting for a training of this process. */
#ifndef REVUE_SRC_ATTEND_H
#define REVUE_SRC_ATTEND_H

#include "engine/trainer.h"
#include "src/follow.h"

/* Shows how it goes until it ends, and passes on the wish to stop. Returns the run, or NULL where it never became readable;
 * the trainer is still to be joined. */
struct run *attend_training(struct trainer *trainer, struct wake *wake, const char *directory, struct follower *follower);

#endif
