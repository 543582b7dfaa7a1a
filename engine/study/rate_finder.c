/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/rate_finder.h"

#include "engine/base/number.h"
#include "engine/base/size.h"

#include <math.h>
#include <stdio.h>

#define SMOOTHING 0.9
#define FALL_LEAST 3 /* standard deviations of the smoothed loss: less is noise */
#define SETTLED 10   /* points that the mean takes to settle, at least */

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

/* Standard deviation of the smoothed loss, of losses that scatter as these do about it. */
static double noise_of(const struct run_point *points, const double *smoothed, size_t count)
{
	double squares = 0;

	for (size_t i = 0; i < count; i++)
		squares += (points[i].loss - smoothed[i]) * (points[i].loss - smoothed[i]);
	return count ? sqrt(squares / (double)count * (1 - SMOOTHING) / (1 + SMOOTHING)) : 0;
}

void rate_finder_read(const struct run_point *points, const double *smoothed, size_t count, struct rate_finding *out)
{
	const size_t used = count_used(smoothed, count), first = count / 5 > SETTLED ? count / 5 : SETTLED;
	const double none = (double)NAN;
	size_t least = first, steepest = first;

	*out = (struct rate_finding){.used = used, .least = none, .steepest = none, .apart = none, .suggestion = none};
	if (used < count)
		out->apart = points[used].learning_rate;
	for (size_t i = first + 1; i < used; i++) {
		if (smoothed[i] < smoothed[least])
			least = i;
		if (smoothed[i] - smoothed[i - 1] < smoothed[steepest] - smoothed[steepest - 1])
			steepest = i;
	}
	if (first >= used || smoothed[first] - smoothed[least] < FALL_LEAST * noise_of(points, smoothed, used))
		return;
	out->least = points[least].learning_rate;
	out->steepest = points[steepest].learning_rate;
	out->suggestion = out->least / 10;
}
