/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/rate_finder.h"

#include "engine/base/number.h"
#include "engine/base/size.h"

#include <math.h>
#include <stdio.h>

#define SMOOTHING 0.9
#define FALL_LEAST 0.02 /* of the first loss: less is noise */
#define SKIPPED 10      /* the first of so many points count for no minimum: the mean has not settled */

static bool set(struct train_options *options, const char *name, const char *value, struct error *error)
{
	return train_option_set(options, train_option_find(name), value, error);
}

bool rate_finder_options(struct train_options *options, int64_t steps, double from, double to, struct error *error)
{
	char count[32], peak[NUMBER_TEXT], start[NUMBER_TEXT], arguments[2 * NUMBER_TEXT];

	RETURN_IF(!(from > 0 && from < to), error, ERROR_USAGE, "the rates grow: --from is above 0 and below --to");
	snprintf(count, sizeof count, "%lld", (long long)steps);
	number_format(peak, to);
	number_format(start, from);
	snprintf(arguments, sizeof arguments, "lr_start=%s", start);
	return set(options, "max-steps", count, error) && set(options, "learning-rate", peak, error) &&
	       set(options, "lr-scheduler-type", "exponential", error) && set(options, "lr-scheduler-kwargs", arguments, error) &&
	       set(options, "warmup-steps", "0", error) && set(options, "warmup-ratio", "0", error) &&
	       set(options, "logging-strategy", "steps", error) && set(options, "logging-steps", "1", error) &&
	       set(options, "validation", "0", error) && set(options, "eval-strategy", "no", error) &&
	       set(options, "eval-on-start", "false", error) && set(options, "load-best-model-at-end", "false", error) &&
	       set(options, "early-stopping-patience", "0", error) && set(options, "save-strategy", "no", error) &&
	       set(options, "baseline", "false", error);
}

double *rate_finder_smooth(const struct run_point *points, size_t count)
{
	double *smoothed = size_calloc(count ? count : 1, sizeof *smoothed), mean = 0, weight = 1;

	for (size_t i = 0; smoothed && i < count; i++) {
		mean = SMOOTHING * mean + (1 - SMOOTHING) * points[i].loss;
		weight *= SMOOTHING;
		smoothed[i] = mean / (1 - weight);
	}
	return smoothed;
}

/* How many points there are before the loss is no number or many times its least. */
static size_t count_used(const double *smoothed, size_t count)
{
	double least = (double)INFINITY;

	for (size_t i = 0; i < count; i++) {
		if (!isfinite(smoothed[i]) || smoothed[i] > RATE_APART * least)
			return i;
		least = fmin(least, smoothed[i]);
	}
	return count;
}

void rate_finder_read(const struct run_point *points, const double *smoothed, size_t count, struct rate_finding *out)
{
	const double none = (double)NAN;
	size_t least = 0, steepest = 0;

	*out = (struct rate_finding){.used = count_used(smoothed, count), .least = none, .steepest = none, .apart = none,
	                             .suggestion = none};
	if (out->used < count)
		out->apart = points[out->used].learning_rate;
	for (size_t i = SKIPPED; i < out->used; i++) {
		if (least == 0 || smoothed[i] < smoothed[least])
			least = i;
		if (steepest == 0 || smoothed[i] - smoothed[i - 1] < smoothed[steepest] - smoothed[steepest - 1])
			steepest = i;
	}
	if (least == 0 || !(smoothed[least] < (1 - FALL_LEAST) * smoothed[SKIPPED]))
		return;
	out->least = points[least].learning_rate;
	out->steepest = points[steepest].learning_rate;
	out->suggestion = out->least / 10;
}
