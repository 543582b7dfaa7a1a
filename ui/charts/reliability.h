/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A reliability diagram (Guo et al. 2017, figure 1): how often a model is right over how sure it is, beside the line on which both
 * are the same, and how many rows lie where. Pure: knows no curses. */
#ifndef REVUE_UI_RELIABILITY_H
#define REVUE_UI_RELIABILITY_H

#include "engine/insight.h"
#include "ui/charts/chart.h"

#define RELIABILITY_IDEAL 41 /* dots of the line on which right is as often as sure */

struct reliability_point {
	double x, y;
};

/* What chart.h wants of points such as these. */
double reliability_at(const void *points, size_t index, double *x);

/* A point for each bin that has rows: x how sure, y how often right. Returns how many. */
size_t reliability_curve(const struct calibration_bin bins[CALIBRATION_BINS], struct reliability_point out[CALIBRATION_BINS]);
void reliability_ideal(struct reliability_point out[RELIABILITY_IDEAL]);

/* The share of the rows in each bin as bars that fill `dot_columns` columns of dots, with a gap between bins where there is room:
 * two points a column, the top and the foot, into out[2 * dot_columns]. */
void reliability_bars(const struct calibration_bin bins[CALIBRATION_BINS], int dot_columns, struct reliability_point *out);

/* The curve in figures: rows in bins that are surer than right and the other way round, each with the mean distance of these rows
 * from the ideal, and the bin with most rows (the first of several; -1: there are no rows). */
struct reliability_sides {
	uint64_t rows, surer, less_sure;
	double surer_by, less_sure_by; /* NaN: there are none */
	int fullest;
};
struct reliability_sides reliability_sides(const struct calibration_bin bins[CALIBRATION_BINS]);

#endif
