/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/charts/reliability.h"

#include <math.h>

#define GAP_COLUMNS 4 /* a bin of so many columns of dots leaves one free */

double reliability_at(const void *points, size_t index, double *x)
{
	const struct reliability_point *point = (const struct reliability_point *)points + index;

	*x = point->x;
	return point->y;
}

size_t reliability_curve(const struct calibration_bin bins[CALIBRATION_BINS], struct reliability_point out[CALIBRATION_BINS])
{
	size_t count = 0;

	for (int i = 0; i < CALIBRATION_BINS; i++)
		if (bins[i].rows > 0)
			out[count++] = (struct reliability_point){bins[i].confidence, bins[i].right};
	return count;
}

void reliability_ideal(struct reliability_point out[RELIABILITY_IDEAL])
{
	for (int i = 0; i < RELIABILITY_IDEAL; i++)
		out[i].x = out[i].y = (double)i / (RELIABILITY_IDEAL - 1);
}

static uint64_t count_rows(const struct calibration_bin bins[CALIBRATION_BINS])
{
	uint64_t rows = 0;

	for (int i = 0; i < CALIBRATION_BINS; i++)
		rows += bins[i].rows;
	return rows;
}

/* The bin that a column of dots lies in. */
static int bin_of(int column, int dot_columns)
{
	return (int)((long long)column * CALIBRATION_BINS / dot_columns);
}

void reliability_bars(const struct calibration_bin bins[CALIBRATION_BINS], int dot_columns, struct reliability_point *out)
{
	const uint64_t rows = count_rows(bins);
	const bool gaps = dot_columns >= GAP_COLUMNS * CALIBRATION_BINS;

	for (int i = 0; i < dot_columns; i++) {
		const int bin = bin_of(i, dot_columns);
		const bool gap = gaps && i + 1 < dot_columns && bin_of(i + 1, dot_columns) != bin;
		/* In the middle of its column, but at the end of the axis. */
		const double x = i + 1 < dot_columns ? (i + 0.5) / (dot_columns - 1) : 1;

		out[2 * i] = (struct reliability_point){x, gap || rows == 0 ? 0 : (double)bins[bin].rows / (double)rows};
		out[2 * i + 1] = (struct reliability_point){x, 0};
	}
}

struct reliability_sides reliability_sides(const struct calibration_bin bins[CALIBRATION_BINS])
{
	struct reliability_sides sides = {.rows = count_rows(bins), .fullest = -1};
	double surer = 0, less_sure = 0;

	for (int i = 0; i < CALIBRATION_BINS; i++) {
		const double by = bins[i].confidence - bins[i].right;

		if (bins[i].rows == 0)
			continue;
		if (sides.fullest < 0 || bins[i].rows > bins[sides.fullest].rows)
			sides.fullest = i;
		sides.surer += by > 0 ? bins[i].rows : 0;
		sides.less_sure += by < 0 ? bins[i].rows : 0;
		surer += fmax(by, 0) * (double)bins[i].rows;
		less_sure += fmax(-by, 0) * (double)bins[i].rows;
	}
	sides.surer_by = sides.surer > 0 ? surer / (double)sides.surer : NAN;
	sides.less_sure_by = sides.less_sure > 0 ? less_sure / (double)sides.less_sure : NAN;
	return sides;
}
