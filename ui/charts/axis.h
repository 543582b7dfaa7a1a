/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Axes: which range is shown of values that grow in number, where its ticks stand and what they say. Ranges move in steps
 * of 1, 2 or 5 times a power of ten and stay as long as they do, so that a new value seldom moves what is drawn already.
 * Pure: knows no curses. */
#ifndef REVUE_UI_AXIS_H
#define REVUE_UI_AXIS_H

#include <stdbool.h>
#include <stddef.h>

enum axis_unit {
	AXIS_PLAIN,
	AXIS_SECONDS, /* ticks at whole minutes and hours, told as a clock does */
	AXIS_BYTES,
};

struct axis {
	double low, high, step; /* of a logarithmic axis: decimal logarithms, and step 1 */
	bool log;
	enum axis_unit unit;
};

/* How small a range may become, so that noise does not fill the height, and where values end that cannot be beyond it. */
struct axis_rule {
	double span;           /* the least one */
	double share;          /* the same, as a share of the greatest value */
	double floor, ceiling; /* both 0: none */
};

/* 1, 2 or 5 times a power of ten, at least `least` (> 0). */
double axis_nice_step(double least);

/* The smallest range around [least, greatest] with at most five steps that the rule allows; it is kept while both fit into
 * it and fill more than a third. Of a logarithmic axis both must be > 0. */
void axis_fit(struct axis *axis, const struct axis_rule *rule, double least, double greatest);

/* The end of an axis that begins at 0 for values up to `last` that go on growing: the next tick, of three to five;
 * at most `limit` (> 0). */
double axis_end(double last, double limit);

/* For an axis along the bottom: low and high stay, and `step` becomes one that makes at most `ticks` ticks. */
void axis_divide(struct axis *axis, int ticks);

/* Where a value stands: 0 low, 1 high. NaN: a logarithmic axis has no place for it. */
double axis_place(const struct axis *axis, double value);

/* The tick `index` from below; false: there are no more. */
bool axis_tick(const struct axis *axis, int index, double *value);

/* "0.25": with the decimals that the step needs. */
void axis_label(const struct axis *axis, double value, char *out, size_t capacity);

#endif
