/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/best.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "eval_"

/* The metrics that --metric-for-best-model may name. */
static const struct {
	const char *name;
	size_t offset;
} metrics[] = {
	{"loss", offsetof(struct metric_figures, loss)},
	{"accuracy", offsetof(struct metric_figures, accuracy)},
	{"f1", offsetof(struct metric_figures, f1)},
	{"precision", offsetof(struct metric_figures, precision)},
	{"recall", offsetof(struct metric_figures, recall)},
	{"macro_f1", offsetof(struct metric_figures, macro_f1)},
	{"macro_precision", offsetof(struct metric_figures, macro_precision)},
	{"macro_recall", offsetof(struct metric_figures, macro_recall)},
};
enum { METRICS = sizeof metrics / sizeof metrics[0] };

/* The rule */

static bool refuse(const char *name, struct error *error)
{
	char known[300] = "";
	size_t used = 0;

	for (int i = 0; i < METRICS && used < sizeof known; i++)
		used += (size_t)snprintf(known + used, sizeof known - used, "%s" PREFIX "%s", i ? ", " : "", metrics[i].name);
	return error_set(error, ERROR_USAGE, "--metric-for-best-model: \"%.60s\" is none of %s", name, known);
}

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), part = strlen(end);

	return size >= part && strcmp(text + size - part, end) == 0;
}

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
	for (int i = 0; i < METRICS && !rule->name; i++)
		if (strcmp(metrics[i].name, name) == 0) {
			rule->name = metrics[i].name;
			rule->offset = metrics[i].offset;
		}
	if (!rule->name)
		return refuse(options->metric_for_best_model, error);
	rule->greater = strcmp(greater, "auto") == 0 ? !ends_with(name, "loss") : strcmp(greater, "true") == 0;
	return true;
}

double best_metric(const struct best_rule *rule, const struct metric_figures *figures)
{
	double value = (double)NAN;

	if (rule->name)
		memcpy(&value, (const char *)figures + rule->offset, sizeof value);
	return value;
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
