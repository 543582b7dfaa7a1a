/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order in which an epoch takes its rows: a function of seed and epoch, so a resumed run needs nothing else.
 *
 * Source: random, accelerate's SeedableRandomSampler: torch.randperm by a generator of seed + epoch. group_by_length,
 * get_length_grouped_indices of transformers' trainer_pt_utils.py, from torch's own generator at the state in which a
 * Trainer's data loader finds it in the first epoch. In later epochs a Trainer's order hangs on how many numbers dropout
 * has drawn by then; here epoch e has the order that a Trainer with seed + e begins with. */
#ifndef REVUE_TRAIN_SAMPLING_H
#define REVUE_TRAIN_SAMPLING_H

#include "engine/error.h"

#include <stdint.h>

enum sampling { SAMPLING_RANDOM, SAMPLING_SEQUENTIAL, SAMPLING_GROUP_BY_LENGTH };

/* Rows and how many of them a step takes. */
struct sampling_rows {
	uint32_t count;
	uint64_t per_step;      /* batch * accumulation */
	const uint64_t *starts; /* [count + 1] row i has starts[i + 1] - starts[i] tokens */
};

/* Fills order[count] for the epoch. `scratch` is [count] too; only group_by_length needs it, the others take NULL. */
void sampling_order(enum sampling sampling, const struct sampling_rows *rows, uint64_t seed, uint64_t epoch,
                    uint32_t *order, uint32_t *scratch);

/* The words of --train-sampling-strategy. */
enum sampling sampling_find(const char *word);

#endif
