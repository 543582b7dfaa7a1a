/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which evaluation is the best, and when so many in a row were no better that the run ends.
 *
 * Source: transformers' Trainer._determine_best_metric, EarlyStoppingCallback, and TrainingArguments for what is taken where
 * nothing is said. */
#ifndef REVUE_TRAIN_BEST_H
#define REVUE_TRAIN_BEST_H

#include "engine/evaluate.h"
#include "engine/options.h"
#include "engine/run.h"

struct best_rule {
	const char *name;  /* of the metric, without "eval_"; NULL: no option asks for a best one */
	const struct metric *metric;
	bool greater;      /* is better */
	uint64_t patience; /* 0: the run never ends early */
	double threshold;
};

/* False with ERROR_USAGE for a metric that is not known, which lists those that are. */
bool best_rule_of(const struct train_options *options, struct best_rule *rule, struct error *error);

/* The metric of what was counted; NaN where the rule has none. Where it needs_rows they were kept. False: no memory. */
bool best_metric(const struct best_rule *rule, const struct metrics *metrics, double *out, struct error *error);

/* Whether `a` is better than `b`, which may be none (step 0): by the rule, or without one more accurate, or as accurate with
 * a lower loss. */
bool best_is_better(const struct best_rule *rule, const struct run_evaluation *a, const struct run_evaluation *b);

/* What is known of the best, as a checkpoint keeps it. Start with {0}. */
struct best {
	bool begun;      /* something was measured */
	double metric;   /* the best so far; infinite where every one was a NaN */
	uint64_t step;   /* of it; 0: none */
	uint64_t saved;  /* the last best step of which there is a checkpoint; 0: none */
	uint64_t without; /* evaluations in a row that did not improve it by more than the threshold */
};

/* Takes in an evaluation after `step` steps. True: it is the best so far. */
bool best_take(struct best *best, const struct best_rule *rule, uint64_t step, double metric);

/* Whether the patience is at an end. */
bool best_is_exhausted(const struct best *best, const struct best_rule *rule);

#endif
