/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers as a voice reads them well: few digits, no signs, units as words. Pure. */
#ifndef REVUE_UI_PLAIN_SPOKEN_H
#define REVUE_UI_PLAIN_SPOKEN_H

struct spoken {
	char text[48];
};

struct spoken spoken_number(double value);     /* "0.812", "minus 12.3", "1,408", "2 times 10 to the minus 5"; "no number" */
struct spoken spoken_percent(double share);    /* of 0.8123: "81.2 percent" */
struct spoken spoken_duration(double seconds); /* "1 minute 5 seconds", "2 hours 5 minutes", "less than a second" */

/* Keys separated by blanks, as "n N / Ctrl-P": "n, capital N, slash, Ctrl-P". What is a mark alone is no pause then, and what
 * differs by its height sounds different. */
#define SPOKEN_KEYS_MAX 400
void spoken_keys(const char *keys, char out[SPOKEN_KEYS_MAX]);

/* An expression of rows: "confidence<0.6" becomes "confidence below 0.6", as a voice says nothing of a "<" or ">"; of "<=" and
 * ">=" it does. What stands in quotes stays as it is; what does not fit is left out. */
void spoken_expression(const char *expression, char out[SPOKEN_KEYS_MAX]);

/* How a series goes: "falling", "falling, level lately"; "" of fewer than four. Of values[count] in their order, those that are
 * no numbers left out: the mean of the last fifth beside that of the first, and beside that of the fifth before it. What moves by
 * less than two standard errors of the difference, or of few values by less than a tenth of the whole range, is level. */
struct spoken spoken_trend(const double *values, int count);

#endif
