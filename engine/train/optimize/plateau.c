/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/optimize/plateau.h"

#include <math.h>

struct plateau_rule plateau_rule_of(const struct scheduler *scheduler, const struct scheduler_plan *plan, bool greater)
{
	double mode = scheduler_value(scheduler, plan, "mode");

	return (struct plateau_rule){
		.greater = isnan(mode) ? greater : mode == 1,
		.absolute = scheduler_value(scheduler, plan, "threshold_mode") == 1,
		.factor = scheduler_value(scheduler, plan, "factor"),
		.threshold = scheduler_value(scheduler, plan, "threshold"),
		.min_lr = scheduler_value(scheduler, plan, "min_lr"),
		.eps = scheduler_value(scheduler, plan, "eps"),
		.patience = scheduler_value(scheduler, plan, "patience"),
		.cooldown = scheduler_value(scheduler, plan, "cooldown"),
	};
}

struct plateau plateau_begin(const struct plateau_rule *rule, double rate)
{
	return (struct plateau){.rate = rate, .best = rule->greater ? -(double)INFINITY : (double)INFINITY};
}

static bool is_better(const struct plateau_rule *rule, double metric, double best)
{
	if (rule->absolute)
		return rule->greater ? metric > best + rule->threshold : metric < best - rule->threshold;
	return rule->greater ? metric > best * (rule->threshold + 1.0) : metric < best * (1.0 - rule->threshold);
}

/* A step so small that nobody would see it is not made. */
static void reduce(struct plateau *plateau, const struct plateau_rule *rule)
{
	double lower = plateau->rate * rule->factor;

	lower = lower > rule->min_lr ? lower : rule->min_lr;
	if (plateau->rate - lower > rule->eps)
		plateau->rate = lower;
}

void plateau_step(struct plateau *plateau, const struct plateau_rule *rule, double metric)
{
	if (is_better(rule, metric, plateau->best)) {
		plateau->best = metric;
		plateau->bad = 0;
	} else {
		plateau->bad++;
	}
	if (plateau->cooling > 0) {
		plateau->cooling--;
		plateau->bad = 0;
	}
	if ((double)plateau->bad > rule->patience) {
		reduce(plateau, rule);
		plateau->cooling = (uint64_t)rule->cooldown;
		plateau->bad = 0;
	}
}
