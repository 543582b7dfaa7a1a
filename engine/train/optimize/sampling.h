/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order in which an epoch takes its rows: a function of the seed, the epoch and the plan, so a resumed run needs nothing
 * else.
 *
 * Source: random, accelerate's SeedableRandomSampler: torch.randperm by a generator of seed + epoch. group_by_length,
 * LengthGroupedSampler of transformers' trainer_pt_utils.py, which draws from torch's own generator of the CPU: set by the
 * seed when the training begins, it goes on from epoch to epoch. Each pass of a data loader, over the rows that train and over
 * those that are measured on alike, draws before its sampler does. On the CPU dropout draws from the same generator, as many
 * numbers as the padded batches have elements: such a Trainer's later epochs hang on all of its arithmetic. The order here is
 * that of a Trainer whose dropout draws elsewhere, as on a GPU, or which has none. */
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

/* Which epoch of which run. */
struct sampling_epoch {
	uint64_t seed, epoch;
	uint64_t evaluations; /* since the training began until this epoch; group_by_length alone asks */
};

/* Fills order[count] for the epoch. `scratch` is [count] too; only group_by_length needs it, the others take NULL. */
void sampling_order(enum sampling sampling, const struct sampling_rows *rows, const struct sampling_epoch *at,
                    uint32_t *order, uint32_t *scratch);

/* The words of --train-sampling-strategy. */
enum sampling sampling_find(const char *word);

#endif
