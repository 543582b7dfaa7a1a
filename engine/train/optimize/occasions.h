/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * After which steps a line is logged, the held-out rows are measured on, a checkpoint is written: the strategies and
 * intervals of the options.
 *
 * Source: transformers' DefaultFlowCallback and TrainerState.compute_steps. Here a training logs its last step and, where its
 * best model is loaded in the end, keeps each best one, whatever the intervals. */
#ifndef REVUE_TRAIN_OCCASIONS_H
#define REVUE_TRAIN_OCCASIONS_H

#include "engine/train/optimize/schedule.h"

enum occasion {
	OCCASION_NO,
	OCCASION_STEPS,
	OCCASION_EPOCH,
	OCCASION_BEST, /* of checkpoints alone */
	OCCASION_AUTO, /* likewise: STEPS and EPOCH */
};

struct occasions {
	enum occasion log, evaluate, save;
	uint64_t log_steps, evaluate_steps, save_steps; /* save_steps 0: never */
	double evaluate_delay;   /* steps or epochs, as `evaluate` counts */
	bool log_first, keep_best;
};

struct occasions occasions_plan(const struct train_options *options, const struct schedule *schedule);

/* --eval-steps, or what stands for it where it is 0; it may be a share of all steps. */
double occasions_eval_steps(const struct train_options *options);

/* After `step` steps, 1 or more. `over`: it is the last one, as planned or because the run stops early. */
bool occasions_log(const struct occasions *occasions, const struct schedule *schedule, uint64_t step);
bool occasions_evaluate(const struct occasions *occasions, const struct schedule *schedule, uint64_t step);

/* How many evaluations the steps 1 to `step` have, where there are rows to measure on. */
uint64_t occasions_evaluations(const struct occasions *occasions, const struct schedule *schedule, uint64_t step);

bool occasions_save(const struct occasions *occasions, const struct schedule *schedule, uint64_t step, bool over,
                    bool is_best);

#endif
