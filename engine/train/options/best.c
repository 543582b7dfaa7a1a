/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/options/best.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "eval_"

/* The rule */

/* The metric that is asked for: by its name, or by an option that needs one, for which the loss stands. */
static const char *metric_name(const struct train_options *options)
{
	const char *given = options->metric_for_best_model;

	if (given[0])
		return strncmp(given, PREFIX, sizeof PREFIX - 1) == 0 ? given + sizeof PREFIX - 1 : given;
	return options->load_best_model_at_end || options->early_stopping_patience > 0 ||
	                       strcmp(options->lr_scheduler_type, "reduce_lr_on_plateau") == 0
	               ? "loss"
	               : NULL;
}

bool best_rule_of(const struct train_options *options, struct best_rule *rule, struct error *error)
{
	const char *name = metric_name(options), *greater = options->greater_is_better;

	*rule = (struct best_rule){
		.patience = (uint64_t)options->early_stopping_patience,
		.threshold = options->early_stopping_threshold,
	};
	if (!name)
		return true;
	if (!metric_find(name, &rule->metric, error))
		return error_prefix(error, "--metric-for-best-model");
	rule->name = rule->metric->name;
	rule->greater = strcmp(greater, "auto") == 0 ? rule->metric->greater_is_better : strcmp(greater, "true") == 0;
	return true;
}

bool best_metric(const struct best_rule *rule, const struct metrics *metrics, double *out, struct error *error)
{
	*out = (double)NAN;
	return !rule->name || metric_value(rule->metric, metrics, out, error);
}

/* Comparing */

static bool improves(const struct best_rule *rule, double metric, double than)
{
	return rule->greater ? metric > than : metric < than;
}

static bool is_more_accurate(const struct run_evaluation *a, const struct run_evaluation *b)
{
	if (b->step == 0 || !isfinite(b->accuracy))
		return true;
	return a->accuracy > b->accuracy || (a->accuracy == b->accuracy && a->loss < b->loss);
}

bool best_is_better(const struct best_rule *rule, const struct run_evaluation *a, const struct run_evaluation *b)
{
	if (!rule->name)
		return is_more_accurate(a, b);
	return b->step == 0 || isnan(b->metric) || improves(rule, a->metric, b->metric);
}

/* The early stop looks at the best of before, as it does in transformers, where it is told first. */
bool best_take(struct best *best, const struct best_rule *rule, uint64_t step, double metric)
{
	bool improved = improves(rule, metric, best->metric) && fabs(metric - best->metric) > rule->threshold;

	if (!rule->name)
		return false;
	best->without = !best->begun || improved ? 0 : best->without + 1;
	if (!best->begun)
		best->metric = rule->greater ? -(double)INFINITY : (double)INFINITY;
	best->begun = true;
	if (!improves(rule, metric, best->metric))
		return false;
	best->metric = metric;
	best->step = step;
	return true;
}

bool best_is_exhausted(const struct best *best, const struct best_rule *rule)
{
	return rule->patience > 0 && best->without >= rule->patience;
}
