/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How many steps a training has, which rows each takes, and its learning rate. All of it is a function of the options,
 * the number of rows and the step, so a resumed run needs nothing but its step; only a rate that follows the evaluations has
 * a state (engine/train/optimize/plateau.h).
 *
 * Source: transformers' Trainer. An epoch has ceil(rows / batch) batches and ceil(batches / accumulation) steps; the last
 * batch and the last step of an epoch may be smaller. */
#ifndef REVUE_TRAIN_SCHEDULE_H
#define REVUE_TRAIN_SCHEDULE_H

#include "engine/options.h"
#include "engine/steering.h"
#include "engine/train/optimize/scheduler.h"

struct schedule {
	uint64_t rows, batch, accumulation;
	uint64_t batches_per_epoch, steps_per_epoch;
	uint64_t steps; /* --max-steps, or ceil(epochs * steps_per_epoch) */
	const struct scheduler *scheduler;
	struct scheduler_plan plan; /* what its factor is a function of; plan.warmup steps warm up */
};

/* False when there are no rows, the steps are too many to count, or the scheduler was told what it does not know. */
bool schedule_plan(struct schedule *schedule, const struct train_options *options, uint64_t rows,
                   struct error *error);

/* Changes the plan as somebody asked while it was followed: another peak, of which the factor of each step stays what it was, and
 * another number of steps, over which the rest of the schedule is stretched; the warm-up keeps its steps. False with one line,
 * and nothing is changed: the scheduler does not go with that, or the steps are counted by --max-steps. */
bool schedule_steer(struct schedule *schedule, const struct train_options *options, const struct run_steering *steering,
                    struct error *error);

/* The learning rate of step 0, 1, ...; of a scheduler that follows the evaluations: the first one. */
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

/* Whether a step is the last one of an epoch or of all. */
bool schedule_ends_epoch(const struct schedule *schedule, uint64_t steps);

/* How many epochs the steps touch: num_train_epochs of transformers' TrainerState. */
uint64_t schedule_epoch_count(const struct schedule *schedule);

#endif
