/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct words words_count(uint64_t count)
{
	struct words plain, out = {""};
	size_t size, written = 0;

	snprintf(plain.text, sizeof plain.text, "%" PRIu64, count);
	size = strlen(plain.text);
	for (size_t i = 0; i < size; i++) {
		if (i && (size - i) % 3 == 0)
			out.text[written++] = ',';
		out.text[written++] = plain.text[i];
	}
	return out;
}

struct words words_bytes(uint64_t bytes)
{
	static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
	struct words out;
	double value = (double)bytes / 1000;
	size_t unit = 0;

	if (bytes < 1000) {
		snprintf(out.text, sizeof out.text, "%" PRIu64 " bytes", bytes);
		return out;
	}
	while (value >= 999.5 && unit + 1 < sizeof units / sizeof *units) {
		value /= 1000;
		unit++;
	}
	snprintf(out.text, sizeof out.text, "%.*f %s", value < 99.95 ? 1 : 0, value, units[unit]);
	return out;
}

struct words words_duration(double seconds)
{
	struct words out;
	uint64_t whole;

	if (!(seconds >= 0 && seconds < 1e9)) {
		snprintf(out.text, sizeof out.text, "unknown");
		return out;
	}
	whole = (uint64_t)(seconds + 0.5);
	if (seconds < 0.9995)
		snprintf(out.text, sizeof out.text, "%.0f ms", 1000 * seconds);
	else if (seconds < 9.95)
		snprintf(out.text, sizeof out.text, "%.1f s", seconds);
	else if (whole < 60)
		snprintf(out.text, sizeof out.text, "%" PRIu64 " s", whole);
	else if (whole < 3600)
		snprintf(out.text, sizeof out.text, "%" PRIu64 " min %02" PRIu64 " s", whole / 60, whole % 60);
	else
		snprintf(out.text, sizeof out.text, "%" PRIu64 " h %02" PRIu64 " min", whole / 3600, whole / 60 % 60);
	return out;
}

struct words words_clock(double seconds)
{
	const uint64_t whole = seconds > 0 && seconds < 1e9 ? (uint64_t)(seconds + 0.5) : 0;
	struct words out;

	if (whole >= 3600)
		snprintf(out.text, sizeof out.text, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, whole / 3600, whole / 60 % 60,
		         whole % 60);
	else
		snprintf(out.text, sizeof out.text, "%" PRIu64 ":%02" PRIu64, whole / 60, whole % 60);
	return out;
}

struct words words_float(float value)
{
	struct words out = {""};

	for (int digits = 1; digits <= 9; digits++) {
		snprintf(out.text, sizeof out.text, "%.*g", digits, (double)value);
		if (!isfinite(value) || strtof(out.text, NULL) == value)
			break;
	}
	return out;
}

/* Whole numbers below 1e15, which a double holds exactly, with this many places. */
static struct words shortest(double value, int places)
{
	struct words out = {""};

	if (value == floor(value) && fabs(value) < 1e15) {
		snprintf(out.text, sizeof out.text, "%.*f", places, value);
		return out;
	}
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(out.text, sizeof out.text, "%.*g", digits, value);
		if (!isfinite(value) || strtod(out.text, NULL) == value)
			break;
	}
	return out;
}

struct words words_double(double value)
{
	return shortest(value, 0);
}

struct words words_real(double value)
{
	return shortest(value, 1);
}

struct words words_logit(float value)
{
	struct words out;

	snprintf(out.text, sizeof out.text, "%.9g", (double)value);
	return out;
}
