/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/plain/spoken.h"

#include "engine/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TREND_PARTS 5 /* the last of so many parts is compared with another */
#define TREND_STILL 0.1 /* of the range, which is no movement */
#define TREND_ERRORS 2.0 /* standard errors, which chance makes as well */

/* "0.500" says no more than "0.5". */
static void drop_zeros(char *text)
{
	char *end = text + strlen(text);

	if (!strchr(text, '.'))
		return;
	while (end[-1] == '0')
		*--end = '\0';
	if (end[-1] == '.')
		end[-1] = '\0';
}

/* Three digits after the leading zeros of a fraction. */
static void spell_small(double value, struct spoken *out)
{
	const double size = fabs(value);
	const int exponent = (int)floor(log10(size));

	if (size >= 0.001) {
		snprintf(out->text, sizeof out->text, "%.*f", size >= 0.1 ? 3 : 4, value);
		drop_zeros(out->text);
		return;
	}
	snprintf(out->text, sizeof out->text, "%.2g", value / pow(10, exponent));
	snprintf(out->text + strlen(out->text), sizeof out->text - strlen(out->text), " times 10 to the minus %d", -exponent);
}

struct spoken spoken_number(double value)
{
	struct spoken out = {""};
	const double size = fabs(value);

	if (!isfinite(value))
		snprintf(out.text, sizeof out.text, "no number");
	else if (size >= 1000 && size < 1e15)
		snprintf(out.text, sizeof out.text, "%s%.40s", value < 0 ? "-" : "", words_count((uint64_t)llround(size)).text);
	else if (size >= 1e15)
		snprintf(out.text, sizeof out.text, "%g", value);
	else if (value == 0)
		snprintf(out.text, sizeof out.text, "0");
	else if (size < 1)
		spell_small(value, &out);
	else {
		snprintf(out.text, sizeof out.text, "%.*f", size < 10 ? 2 : size < 100 ? 1 : 0, value);
		drop_zeros(out.text);
	}
	return out;
}

struct spoken spoken_percent(double share)
{
	struct spoken out = {""};

	if (!isfinite(share)) {
		snprintf(out.text, sizeof out.text, "no number");
		return out;
	}
	snprintf(out.text, sizeof out.text, "%.1f", 100 * share);
	drop_zeros(out.text);
	strncat(out.text, " percent", sizeof out.text - strlen(out.text) - 1);
	return out;
}

static int add_unit(char *out, size_t capacity, long count, const char *unit)
{
	if (count == 0)
		return 0;
	return snprintf(out, capacity, "%ld %s%s", count, unit, count == 1 ? "" : "s");
}

struct spoken spoken_duration(double seconds)
{
	struct spoken out = {""};
	const long whole = seconds >= 0 && seconds < 1e9 ? lround(seconds) : -1;
	const long first = whole >= 3600 ? whole / 3600 : whole / 60, second = whole >= 3600 ? whole / 60 % 60 : whole % 60;
	int used;

	if (whole < 1) {
		snprintf(out.text, sizeof out.text, whole < 0 ? "an unknown time" : "less than a second");
		return out;
	}
	used = add_unit(out.text, sizeof out.text, first, whole >= 3600 ? "hour" : "minute");
	if (used > 0 && second > 0)
		out.text[used++] = ' ';
	add_unit(out.text + used, sizeof out.text - (size_t)used, second, whole >= 3600 ? "minute" : "second");
	return out;
}

/* Of values that are numbers: how many, their mean, and the square of its standard error. */
struct part {
	int count;
	double mean, error;
};

static struct part part_of(const double *values, int count)
{
	struct part part = {0, 0, 0};
	double squares = 0;

	for (int i = 0; i < count; i++) {
		if (!isfinite(values[i]))
			continue;
		part.mean += values[i];
		part.count++;
	}
	part.mean = part.count > 0 ? part.mean / part.count : (double)NAN;
	for (int i = 0; i < count; i++)
		squares += isfinite(values[i]) ? (values[i] - part.mean) * (values[i] - part.mean) : 0;
	if (part.count > 1)
		part.error = squares / (part.count - 1) / part.count;
	return part;
}

/* The least value that is no chance and no trifle. */
static double least_move(const double *values, int count, const struct part *a, const struct part *b)
{
	double least = INFINITY, greatest = -INFINITY;

	for (int i = 0; i < count; i++) {
		least = isfinite(values[i]) ? fmin(least, values[i]) : least;
		greatest = isfinite(values[i]) ? fmax(greatest, values[i]) : greatest;
	}
	/* Of two or three values the error says nothing. */
	return a->count > 3 && b->count > 3 ? TREND_ERRORS * sqrt(a->error + b->error) : TREND_STILL * (greatest - least);
}

enum trend trend_of(const double *values, int count, bool lately)
{
	const int size = count / TREND_PARTS > 0 ? count / TREND_PARTS : 1;
	struct part last, other;
	double by, least;

	if (count < 4)
		return TREND_UNKNOWN;
	last = part_of(values + count - size, size);
	other = part_of(lately ? values + count - 2 * size : values, size);
	by = last.mean - other.mean;
	if (!isfinite(by))
		return TREND_UNKNOWN;
	least = least_move(values, count, &last, &other);
	return fabs(by) <= least ? TREND_LEVEL : by < 0 ? TREND_FALLING : TREND_RISING;
}

struct spoken spoken_trend(const double *values, int count)
{
	const enum trend trend = trend_of(values, count, false), lately = trend_of(values, count, true);
	struct spoken out = {""};

	if (lately == trend || trend == TREND_LEVEL || lately == TREND_UNKNOWN)
		snprintf(out.text, sizeof out.text, "%s", trend_word(trend));
	else
		snprintf(out.text, sizeof out.text, "%s, %s lately", trend_word(trend), trend_word(lately));
	return out;
}

const char *trend_word(enum trend trend)
{
	static const char *const words[] = {"", "falling", "level", "rising"};

	return words[trend];
}
