/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers as a voice reads them well: few digits, no signs, units as words. Pure. */
#ifndef REVUE_UI_PLAIN_SPOKEN_H
#define REVUE_UI_PLAIN_SPOKEN_H

#include <stdbool.h>

struct spoken {
	char text[48];
};

struct spoken spoken_number(double value);     /* "0.812", "12.3", "1,408", "2 times 10 to the minus 5"; "no number" */
struct spoken spoken_percent(double share);    /* of 0.8123: "81.2 percent" */
struct spoken spoken_duration(double seconds); /* "1 minute 5 seconds", "2 hours 5 minutes", "less than a second" */

/* How a series goes. */
enum trend { TREND_UNKNOWN, TREND_FALLING, TREND_LEVEL, TREND_RISING };

/* Of values[count] in their order, those that are no numbers left out: the mean of the last fifth beside that of the first, or,
 * `lately`, of the fifth before it. What moves by less than two standard errors of the difference, or of few values by less than a
 * tenth of the whole range, is level. UNKNOWN: fewer than four. */
enum trend trend_of(const double *values, int count, bool lately);
const char *trend_word(enum trend trend); /* "falling"; "" for UNKNOWN */

/* "falling", "falling, level lately"; "" where it is not known. */
struct spoken spoken_trend(const double *values, int count);

#endif
