/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether files can still be opened: a process may have so many descriptors (RLIMIT_NOFILE, `ulimit -n`). */
#ifndef REVUE_TRAIN_DESCRIPTORS_H
#define REVUE_TRAIN_DESCRIPTORS_H

#include "engine/error.h"

/* What a training has open at the same time at most: its lock, log, curves and socket with its clients, the data, a file of
 * the model, a temporary, and whoever looks on. Shards of a model come on top and fail by themselves. */
#define DESCRIPTORS_FOR_TRAINING 16

/* False with one line when fewer than `count` more can be opened. */
bool descriptors_check(int count, struct error *error);

#endif
