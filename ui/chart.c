/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/chart.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHART_FIRST_X_END 64.0

static int chart_dots_across(enum chart_glyphs glyphs)
{
	return glyphs == CHART_BRAILLE ? 2 : 1;
}

static int chart_dots_down(enum chart_glyphs glyphs)
{
	return glyphs == CHART_BRAILLE ? 4 : 3;
}

void chart_free(struct chart *chart)
{
	for (int i = 0; i < CHART_SERIES; i++)
		free(chart->series[i].columns);
	*chart = (struct chart){0};
}

static void chart_series_empty(struct chart_series *series, int dot_columns)
{
	*series = (struct chart_series){.columns = series->columns, .room = series->room};
	if (series->columns)
		memset(series->columns, 0, (size_t)dot_columns * sizeof *series->columns);
}

void chart_reset(struct chart *chart)
{
	for (int i = 0; i < CHART_SERIES; i++)
		chart_series_empty(&chart->series[i], chart->dot_columns);
	chart->x_end = 0;
	chart->y = (struct chart_range){0};
}

double chart_x_end(double last, double limit)
{
	double end = CHART_FIRST_X_END;

	while (end < last && end < DBL_MAX / 4)
		end *= 2;
	return limit > 0 && limit >= last && limit < end ? limit : end;
}

/* 1, 2 or 5 times a power of ten, at least `least`. */
static double chart_nice_step(double least)
{
	const double power = pow(10, floor(log10(least)));
	const double digit = least / power;

	if (digit <= 1 + 1e-9)
		return power;
	if (digit <= 2 + 1e-9)
		return 2 * power;
	return digit <= 5 + 1e-9 ? 5 * power : 10 * power;
}

void chart_fit(struct chart_range *range, double least, double greatest)
{
	double span = greatest - least;
	const double size = fmax(fabs(least), fabs(greatest));

	if (range->high > range->low && least >= range->low && greatest <= range->high
	    && span * 3 > range->high - range->low)
		return;
	if (!(span > size * 1e-6) || !(span > DBL_MIN * 1e20)) {
		span = size > 0 ? size * 0.1 : 1;
		least -= span / 2;
		greatest += span / 2;
	}
	span = fmin(span, DBL_MAX / 16);
	range->step = chart_nice_step(span / 4);
	range->low = floor(least / range->step + 1e-9) * range->step;
	range->high = ceil(greatest / range->step - 1e-9) * range->step;
	if (range->high - range->low > 5.5 * range->step)
		range->step = chart_nice_step(range->step * 1.5);
	range->low = floor(least / range->step + 1e-9) * range->step;
	range->high = ceil(greatest / range->step - 1e-9) * range->step;
}

/* Digits after the point of 1.23e-05 that tell it from its neighbours at this step; at most two. */
static int chart_digits(double value, double step)
{
	const double digits = value == 0 ? 0 : floor(log10(fabs(value)) + 1e-9) - floor(log10(step) + 1e-9);

	return digits > 2 ? 2 : digits < 0 ? 0 : (int)digits;
}

void chart_label(const struct chart_range *range, double value, char *out, size_t capacity)
{
	const double step = range->step > 0 ? range->step : 1;
	const int decimals = step < 1 ? (int)ceil(-log10(step) - 1e-9) : 0;

	if (fabs(value) < step * 1e-6)
		value = 0; /* not -0 */
	if (value == 0)
		snprintf(out, capacity, "0");
	else if (decimals > 4 || fabs(value) >= 1e6)
		snprintf(out, capacity, "%.*e", chart_digits(value, step), value);
	else
		snprintf(out, capacity, "%.*f", decimals, value);
}

/* 0 at the top, dots - 1 at the bottom; clamped before the conversion, so it is defined for any value. */
static int chart_dot_row(const struct chart *chart, double value)
{
	const int dots = chart->rows * chart_dots_down(chart->glyphs);
	const double height = chart->y.high - chart->y.low;
	const double share = height > 0 ? (chart->y.high - value) / height : 0.5;

	return (int)(fmin(fmax(share, 0), 1) * (dots - 1) + 0.5);
}

int chart_row_of(const struct chart *chart, double value)
{
	const double slack = chart->y.step * 1e-6;

	if (chart->rows < 1 || !(value >= chart->y.low - slack && value <= chart->y.high + slack))
		return -1;
	return chart_dot_row(chart, value) / chart_dots_down(chart->glyphs);
}

static int chart_dot_column(const struct chart *chart, double x)
{
	const double share = chart->x_end > 0 ? x / chart->x_end : 0;

	return (int)(fmin(fmax(share, 0), 1) * (chart->dot_columns - 1));
}

static void chart_add(struct chart *chart, struct chart_series *series, double x, double y)
{
	struct chart_column *column = &series->columns[chart_dot_column(chart, x)];

	if (!isfinite(y)) {
		column->bad++;
		series->bad++;
		return;
	}
	if (column->finite == 0)
		*column = (struct chart_column){y, y, y, y, 0, column->bad};
	column->finite++;
	column->last = y;
	column->least = fmin(column->least, y);
	column->greatest = fmax(column->greatest, y);
	series->least = series->any ? fmin(series->least, y) : y;
	series->greatest = series->any ? fmax(series->greatest, y) : y;
	series->any = true;
}

/* Makes room in every series for so many columns. False: out of memory; then some have more room than they use. */
static bool chart_reserve(struct chart *chart, int dot_columns)
{
	for (int i = 0; i < CHART_SERIES; i++) {
		struct chart_series *series = &chart->series[i];
		struct chart_column *memory;

		if (dot_columns <= series->room)
			continue;
		memory = realloc(series->columns, (size_t)dot_columns * sizeof *memory);
		if (!memory)
			return false;
		series->columns = memory;
		series->room = dot_columns;
	}
	return true;
}

/* Empties the columns when they no longer fit the size or the x range, so that all points are added again. False: out
 * of memory, and the chart stays as it was. */
static bool chart_prepare(struct chart *chart, double x_end, int rows, int columns)
{
	const int dot_columns = columns * chart_dots_across(chart->glyphs);

	if (!chart_reserve(chart, dot_columns))
		return false;
	chart->rows = rows;
	chart->columns = columns;
	if (dot_columns == chart->dot_columns && x_end == chart->x_end)
		return true;
	chart->dot_columns = dot_columns;
	chart->x_end = x_end;
	for (int i = 0; i < CHART_SERIES; i++)
		chart_series_empty(&chart->series[i], dot_columns);
	return true;
}

static double chart_last_x(const struct chart_source *sources)
{
	double last = 0;

	for (int i = 0; i < CHART_SERIES; i++) {
		double x = 0;

		if (sources[i].points && sources[i].count > 0) {
			sources[i].at(sources[i].points, sources[i].count - 1, &x);
			last = fmax(last, x);
		}
	}
	return last;
}

/* A run that was taken back to a checkpoint has other points where some were. */
static bool chart_source_changed(const struct chart_series *series, const struct chart_source *source)
{
	double x = 0;

	if (series->done == 0)
		return false;
	if (source->count < series->done)
		return true;
	source->at(source->points, series->done - 1, &x);
	return x != series->last_x;
}

static void chart_take(struct chart *chart, const struct chart_source *sources)
{
	struct chart_range bounds = {INFINITY, -INFINITY, 0};

	for (int i = 0; i < CHART_SERIES; i++) {
		struct chart_series *series = &chart->series[i];

		if (sources[i].points && chart_source_changed(series, &sources[i]))
			chart_series_empty(series, chart->dot_columns);
		for (; sources[i].points && series->done < sources[i].count; series->done++) {
			double x, y = sources[i].at(sources[i].points, series->done, &x);

			chart_add(chart, series, x, y);
			series->last_x = x;
		}
		if (series->any) {
			bounds.low = fmin(bounds.low, series->least);
			bounds.high = fmax(bounds.high, series->greatest);
		}
	}
	if (bounds.low <= bounds.high)
		chart_fit(&chart->y, bounds.low, bounds.high);
}

/* Sets a dot. While drawing a cell's glyph holds the bits of its dots, bit row * across + column. */
static void chart_dot(const struct chart *chart, struct chart_cell *cells, int row, int column, int series)
{
	const int across = chart_dots_across(chart->glyphs), down = chart_dots_down(chart->glyphs);
	struct chart_cell *cell = &cells[row / down * chart->columns + column / across];

	if (cell->series != series)
		*cell = (struct chart_cell){0, (int8_t)series, false};
	cell->glyph |= 1u << (row % down * across + column % across);
}

static void chart_vertical(const struct chart *chart, struct chart_cell *cells, int column, int top, int bottom,
                           int series)
{
	if (top > bottom) {
		const int swap = top;

		top = bottom;
		bottom = swap;
	}
	for (int row = top; row <= bottom; row++)
		chart_dot(chart, cells, row, column, series);
}

/* Joins two columns: each column between them gets the rows its piece of the straight line passes. */
static void chart_join(const struct chart *chart, struct chart_cell *cells, int from, int from_row, int to,
                       int to_row, int series)
{
	int last = from_row;

	for (int column = from + 1; column <= to; column++) {
		const int row = from_row + (to_row - from_row) * (column - from) / (to - from);
		const int step = row > last ? 1 : row < last ? -1 : 0;

		chart_vertical(chart, cells, column, last + step, row, series);
		last = row;
	}
}

static void chart_draw_series(const struct chart *chart, struct chart_cell *cells, int index)
{
	const struct chart_series *series = &chart->series[index];
	int previous = -1;

	for (int i = 0; i < chart->dot_columns; i++) {
		const struct chart_column *column = &series->columns[i];

		if (column->bad > 0)
			previous = -1;
		if (column->finite == 0)
			continue;
		if (previous >= 0)
			chart_join(chart, cells, previous, chart_dot_row(chart, series->columns[previous].last), i,
			           chart_dot_row(chart, column->first), index);
		chart_vertical(chart, cells, i, chart_dot_row(chart, column->greatest),
		               chart_dot_row(chart, column->least), index);
		previous = column->bad > 0 ? -1 : i;
	}
}

/* Braille dots are numbered down the left side, then the right, and the lowest row came later (Unicode 2800). */
static uint32_t chart_braille(uint32_t bits)
{
	static const uint32_t dots[8] = {0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80};
	uint32_t glyph = 0x2800;

	for (int i = 0; i < 8; i++)
		glyph += bits >> i & 1 ? dots[i] : 0;
	return glyph;
}

static void chart_finish_cells(const struct chart *chart, struct chart_cell *cells)
{
	static const char ascii[8] = {' ', '\'', '-', '|', '.', ':', '|', '|'};

	for (int i = 0; i < chart->rows * chart->columns; i++) {
		if (cells[i].series < 0)
			cells[i].glyph = ' ';
		else
			cells[i].glyph = chart->glyphs == CHART_BRAILLE ? chart_braille(cells[i].glyph)
			                                                : (uint32_t)ascii[cells[i].glyph & 7];
	}
}

/* An 'o' where the last value of a column stands, for series of few points. */
static void chart_draw_marks(const struct chart *chart, struct chart_cell *cells, int index)
{
	const int across = chart_dots_across(chart->glyphs);

	for (int i = 0; i < chart->dot_columns; i++) {
		const struct chart_column *column = &chart->series[index].columns[i];
		const int row = column->finite ? chart_row_of(chart, column->last) : -1;

		if (row >= 0)
			cells[row * chart->columns + i / across] = (struct chart_cell){'o', (int8_t)index, false};
	}
}

static void chart_draw_bad(const struct chart *chart, struct chart_cell *cells, int index)
{
	const int across = chart_dots_across(chart->glyphs);

	for (int i = 0; i < chart->dot_columns; i++) {
		if (chart->series[index].columns[i].bad > 0)
			cells[(chart->rows - 1) * chart->columns + i / across] =
			        (struct chart_cell){'!', (int8_t)index, true};
	}
}

bool chart_draw(struct chart *chart, const struct chart_source *sources, int rows, int columns,
                struct chart_cell *cells)
{
	if (rows < 1 || columns < 1)
		return true;
	for (int i = 0; i < rows * columns; i++)
		cells[i] = (struct chart_cell){0, -1, false};
	if (!chart_prepare(chart, chart_x_end(chart_last_x(sources), chart->x_limit), rows, columns))
		return false;
	chart_take(chart, sources);
	for (int i = 0; i < CHART_SERIES; i++)
		chart_draw_series(chart, cells, i);
	chart_finish_cells(chart, cells);
	for (int i = 0; i < CHART_SERIES; i++) {
		if (sources[i].points && sources[i].marks)
			chart_draw_marks(chart, cells, i);
		chart_draw_bad(chart, cells, i);
	}
	return true;
}
