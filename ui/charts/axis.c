/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/charts/axis.h"

#include "engine/words.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

#define SLACK 1e-9

double axis_nice_step(double least)
{
	const double power = pow(10, floor(log10(least) + SLACK));
	const double digit = least / power;

	if (digit <= 1 + SLACK)
		return power;
	if (digit <= 2 + SLACK)
		return 2 * power;
	return digit <= 5 + SLACK ? 5 * power : 10 * power;
}

/* The range */

static double larger_size(double least, double greatest)
{
	return fmax(fabs(least), fabs(greatest));
}

/* Widens [*least, *greatest] to `span` around its middle, and moves it back between floor and ceiling. */
static void widen(const struct axis_rule *rule, double span, double *least, double *greatest)
{
	const double more = span - (*greatest - *least);

	if (!(more > 0))
		return;
	*least -= more / 2;
	*greatest += more / 2;
	if (rule->floor < rule->ceiling && *least < rule->floor) {
		*greatest += rule->floor - *least;
		*least = rule->floor;
	}
	if (rule->floor < rule->ceiling && *greatest > rule->ceiling) {
		*least -= *greatest - rule->ceiling;
		*greatest = rule->ceiling;
	}
}

static double least_span(const struct axis_rule *rule, double least, double greatest)
{
	const double size = larger_size(least, greatest);
	const double span = fmax(fmax(rule->span, rule->share * size), size * 1e-6);

	return span > DBL_MIN * 1e20 ? span : 1;
}

static void fit_linear(struct axis *axis, double least, double greatest, double span)
{
	axis->step = axis_nice_step(fmin(span, DBL_MAX / 16) / 4);
	for (int i = 0; i < 2; i++) {
		axis->low = floor(least / axis->step + SLACK) * axis->step;
		axis->high = ceil(greatest / axis->step - SLACK) * axis->step;
		if (axis->high - axis->low <= 5.5 * axis->step)
			break;
		if (i == 0)
			axis->step = axis_nice_step(axis->step * 1.5);
	}
}

static void fit_log(struct axis *axis, double least, double greatest)
{
	const double low = floor(log10(least) + SLACK), high = fmax(ceil(log10(greatest) - SLACK), low + 1);

	if (axis->high > axis->low && low >= axis->low && high <= axis->high && high - low > (axis->high - axis->low) / 3)
		return;
	axis->low = low;
	axis->high = high;
	axis->step = 1;
}

void axis_fit(struct axis *axis, const struct axis_rule *rule, double least, double greatest)
{
	double low = least, high = greatest, span;

	if (axis->log) {
		fit_log(axis, least, greatest);
		return;
	}
	widen(rule, least_span(rule, least, greatest), &low, &high);
	span = high - low;
	if (axis->high > axis->low && least >= axis->low && greatest <= axis->high && span * 3 > axis->high - axis->low)
		return;
	fit_linear(axis, low, high, span);
}

double axis_end(double last, double limit)
{
	double step, end;

	if (!(last > 0) || !isfinite(last))
		return limit > 0 ? fmin(limit, 10) : 10;
	step = axis_nice_step(last / 4);
	end = ceil(last / step - SLACK) * step;
	return limit >= last && limit < end ? limit : end;
}

/* Ticks */

static double seconds_step(double least)
{
	static const double steps[] = {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400};

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (least <= steps[i] && least > 0.5)
			return steps[i];
	return least > 1 ? ceil(least / 86400) * 86400 : axis_nice_step(least);
}

void axis_divide(struct axis *axis, int ticks)
{
	const double least = (axis->high - axis->low) / (ticks > 1 ? ticks : 1);

	axis->step = !(least > 0) ? 1 : axis->unit == AXIS_SECONDS ? seconds_step(least) : axis_nice_step(least);
}

double axis_place(const struct axis *axis, double value)
{
	const double height = axis->high - axis->low;

	if (axis->log)
		value = value > 0 ? log10(value) : NAN;
	return height > 0 ? (value - axis->low) / height : 0.5;
}

/* Decades; where there are only one or two of them 2 and 5 as well. */
static bool log_tick(const struct axis *axis, int index, double *value)
{
	static const double digits[] = {1, 2, 5};
	const bool fine = axis->high - axis->low < 2.5;
	const int decade = fine ? index / 3 : index;

	*value = pow(10, axis->low + decade) * (fine ? digits[index % 3] : 1);
	return log10(*value) <= axis->high + SLACK;
}

bool axis_tick(const struct axis *axis, int index, double *value)
{
	if (axis->log)
		return log_tick(axis, index, value);
	if (!(axis->step > 0))
		return false;
	*value = (ceil(axis->low / axis->step - 1e-6) + index) * axis->step;
	return *value <= axis->high + axis->step * 1e-6;
}

/* Labels */

/* Digits after the point of 1.23e-05 that tell it from its neighbours at this step; at most two. */
static int exponent_digits(double value, double step)
{
	const double digits = value == 0 ? 0 : floor(log10(fabs(value)) + SLACK) - floor(log10(step) + SLACK);

	return digits > 2 ? 2 : digits < 0 ? 0 : (int)digits;
}

void axis_label(const struct axis *axis, double value, char *out, size_t capacity)
{
	const double step = axis->step > 0 ? axis->step : 1;
	const int decimals = step < 1 ? (int)ceil(-log10(step) - SLACK) : 0;

	if (axis->unit == AXIS_SECONDS && step >= 1)
		snprintf(out, capacity, "%s", words_clock(value).text);
	else if (axis->unit == AXIS_BYTES && value >= 1)
		snprintf(out, capacity, "%s", words_bytes((uint64_t)fmin(value, 1e18)).text);
	else if (axis->log)
		snprintf(out, capacity, "%g", value);
	else if (fabs(value) < step * 1e-6)
		snprintf(out, capacity, "0");
	else if (decimals > 4 || fabs(value) >= 1e6)
		snprintf(out, capacity, "%.*e", exponent_digits(value, step), value);
	else
		snprintf(out, capacity, "%.*f", decimals, value);
}
