/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The learning rate schedulers, a row each, under the names of --lr-scheduler-type: a factor of the peak rate as a function
 * of the step. What a row can be told besides comes in --lr-scheduler-kwargs, with transformers' keys.
 *
 * Source: transformers' optimization.py (get_scheduler and the functions of its table), torch's LambdaLR. */
#ifndef REVUE_TRAIN_SCHEDULER_H
#define REVUE_TRAIN_SCHEDULER_H

#include "engine/error.h"

#include <stdint.h>

#define SCHEDULER_ARGUMENTS 9 /* of one scheduler, at most */

/* What a factor is a function of, the step aside. `values` are the row's arguments in their order, NaN where none was given
 * and none stands for it. */
struct scheduler_plan {
	uint64_t steps, warmup;
	double rate;
	double values[SCHEDULER_ARGUMENTS];
};

struct scheduler_argument {
	const char *key;     /* NULL ends the list */
	const char *choices; /* words separated by '|', of which the value is the place; NULL: it is a number, */
	double minimum, maximum; /* and within these */
	double otherwise;    /* NaN: nothing; then the row must cope or refuse */
};

struct scheduler {
	const char *name;
	double (*factor)(const struct scheduler_plan *plan, uint64_t step);
	bool (*check)(const struct scheduler_plan *plan, struct error *error); /* NULL: nothing to check */
	bool warms_up;   /* it has a warm-up; the others would silently leave it out */
	bool measures;   /* the rate follows the evaluations: engine/train/optimize/plateau.h, and `factor` is 1 */
	struct scheduler_argument arguments[SCHEDULER_ARGUMENTS + 1];
};

/* The row of a name of --lr-scheduler-type; NULL: there is none. */
const struct scheduler *scheduler_find(const char *name);

/* Reads the arguments from pairs, "num_cycles=2,min_lr=1e-6", or a JSON object ("" for none) into plan->values; whether they
 * fit the rest of the plan, `check` tells. False with ERROR_USAGE, which names the option and what is allowed. */
bool scheduler_read_arguments(const struct scheduler *scheduler, const char *text, struct scheduler_plan *plan,
                              struct error *error);

/* The value of an argument by its key; NaN: it has none. */
double scheduler_value(const struct scheduler *scheduler, const struct scheduler_plan *plan, const char *key);

#endif
