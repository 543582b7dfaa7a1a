/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How many steps a training has, which rows each takes, and its learning rate. All of it is a function of the options,
 * the number of rows and the step, so a resumed run needs nothing but its step.
 *
 * Source: transformers' Trainer and get_linear_schedule_with_warmup. An epoch has ceil(rows / batch) batches and
 * ceil(batches / accumulation) steps; the last batch and the last step of an epoch may be smaller. */
#ifndef REVUE_TRAIN_SCHEDULE_H
#define REVUE_TRAIN_SCHEDULE_H

#include "engine/options.h"

#include <stdint.h>

struct schedule {
	uint64_t rows, batch, accumulation;
	uint64_t batches_per_epoch, steps_per_epoch;
	uint64_t steps;  /* ceil(epochs * steps_per_epoch) */
	uint64_t warmup; /* ceil(ratio * steps) */
	double rate;
	bool linear; /* falls to 0 after the warm-up */
};

/* False when there are no rows or the steps are too many to count. */
bool schedule_plan(struct schedule *schedule, const struct train_options *options, uint64_t rows,
                   struct error *error);

/* The learning rate of step 0, 1, ...: k / W while it warms up, then 1 or (T - k) / (T - W). */
double schedule_rate(const struct schedule *schedule, uint64_t step);

/* What a step takes of its epoch's row order: rows first .. first + rows - 1. */
struct schedule_step {
	uint64_t epoch;
	uint64_t first, rows;
};
struct schedule_step schedule_step(const struct schedule *schedule, uint64_t step);

/* Epochs that are done after `steps` steps, with the fraction: the share of the epoch's batches, which is not that of its
 * steps where the last one has fewer of them. Source: Trainer.train of transformers, state.epoch. */
double schedule_epochs(const struct schedule *schedule, uint64_t steps);

#endif
