/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/plain/spoken.h"

#include "engine/words.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
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
static void spell_small(double size, struct spoken *out)
{
	const int exponent = (int)floor(log10(size));

	if (size >= 0.001) {
		snprintf(out->text, sizeof out->text, "%.*f", size >= 0.1 ? 3 : 4, size);
		drop_zeros(out->text);
	} else {
		snprintf(out->text, sizeof out->text, "%.2g times 10 to the minus %d", size / pow(10, exponent), -exponent);
	}
}

static void spell_size(double size, struct spoken *out)
{
	if (size >= 1e15) {
		snprintf(out->text, sizeof out->text, "%g", size);
	} else if (size >= 1000) {
		snprintf(out->text, sizeof out->text, "%.40s", words_count((uint64_t)llround(size)).text);
	} else if (size >= 1) {
		snprintf(out->text, sizeof out->text, "%.*f", size < 10 ? 2 : size < 100 ? 1 : 0, size);
		drop_zeros(out->text);
	} else {
		spell_small(size, out);
	}
}

/* A voice may pass over a sign. */
struct spoken spoken_number(double value)
{
	struct spoken out = {"no number"}, size = {"0"};

	if (!isfinite(value))
		return out;
	if (value != 0)
		spell_size(fabs(value), &size);
	snprintf(out.text, sizeof out.text, "%s%.38s", value < 0 ? "minus " : "", size.text);
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

static const struct {
	char mark;
	const char *name;
} marks[] = {
	{'.', "dot"}, {',', "comma"}, {'/', "slash"}, {'?', "question mark"}, {'&', "ampersand"}, {':', "colon"}, {'+', "plus"},
	{'-', "minus"}, {'=', "equals"}, {'_', "underscore"}, {'<', "less"}, {'>', "greater"}, {'|', "bar"},
	{'[', "left bracket"}, {']', "right bracket"}, {'*', "star"}, {'!', "exclamation mark"}, {';', "semicolon"},
};

static int spell_key(const char *key, size_t size, char *out, size_t capacity)
{
	for (size_t i = 0; size == 1 && i < sizeof marks / sizeof *marks; i++)
		if (marks[i].mark == *key)
			return snprintf(out, capacity, "%s", marks[i].name);
	return snprintf(out, capacity, "%s%.*s", size == 1 && isupper((unsigned char)*key) ? "capital " : "", (int)size, key);
}

void spoken_keys(const char *keys, char out[SPOKEN_KEYS_MAX])
{
	size_t used = 0;

	out[0] = '\0';
	while (*keys && used + 40 < SPOKEN_KEYS_MAX) {
		const size_t size = strcspn(keys, " ");

		if (size > 0 && size < 32) {
			used += (size_t)snprintf(out + used, SPOKEN_KEYS_MAX - used, used > 0 ? ", " : "");
			used += (size_t)spell_key(keys, size, out + used, SPOKEN_KEYS_MAX - used);
		}
		keys += size;
		keys += *keys == ' ';
	}
}

static bool is_blank_at(const char *text, size_t at)
{
	return at == 0 || text[at - 1] == ' ';
}

/* Of UTF-8, which expressions are. */
static bool is_inside_character(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

void spoken_expression(const char *expression, char out[SPOKEN_KEYS_MAX])
{
	const char *at = expression;
	bool quoted = false;
	size_t used = 0;

	for (; *at && used + 10 < SPOKEN_KEYS_MAX; at++) {
		const bool alone = !quoted && (*at == '<' || *at == '>') && at[1] != '=';

		quoted ^= *at == '"';
		if (alone)
			used += (size_t)snprintf(out + used, SPOKEN_KEYS_MAX - used, "%s%s%s", is_blank_at(out, used) ? "" : " ",
			                         *at == '<' ? "below" : "above", at[1] == ' ' ? "" : " ");
		else
			out[used++] = *at;
	}
	for (; used > 0 && is_inside_character(*at); at--) /* what was begun is left out */
		used--;
	out[used] = '\0';
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

enum trend { TREND_UNKNOWN, TREND_FALLING, TREND_LEVEL, TREND_RISING };

static enum trend trend_of(const double *values, int count, bool lately)
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

static const char *trend_word(enum trend trend)
{
	static const char *const words[] = {"", "falling", "level", "rising"};

	return words[trend];
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
