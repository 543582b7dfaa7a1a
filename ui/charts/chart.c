/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/charts/chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LETTER_EVERY 12 /* columns of cells between the letters on a line */

void chart_free(struct chart *chart)
{
	for (int i = 0; i < CHART_SERIES; i++) {
		free(chart->series[i].raw);
		free(chart->series[i].line);
		smooth_free(&chart->series[i].smooth);
	}
	*chart = (struct chart){0};
}

static void empty_columns(struct chart_series *series, int dot_columns)
{
	series->done = series->bad = 0;
	if (series->raw && dot_columns > 0) {
		memset(series->raw, 0, (size_t)dot_columns * sizeof *series->raw);
		memset(series->line, 0, (size_t)dot_columns * sizeof *series->line);
	}
}

static void forget_points(struct chart_series *series, double smoothing)
{
	series->filled = false;
	smooth_begin(&series->smooth, smoothing);
	series->seen = 0;
	series->best = SIZE_MAX;
}

void chart_reset(struct chart *chart)
{
	for (int i = 0; i < CHART_SERIES; i++)
		forget_points(&chart->series[i], 0);
	chart->y.low = chart->y.high = chart->y.step = 0;
}

/* Places */

/* 0 at the top, dots - 1 at the bottom; clamped before the conversion, so it is defined for any value. */
static int dot_row(const struct chart *chart, double value)
{
	const int dots = chart->rows * dots_down(chart->glyphs);
	const double place = axis_place(&chart->y, value);

	return (int)((1 - (place > 0 ? fmin(place, 1) : 0)) * (dots - 1) + 0.5);
}

int chart_row_of(const struct chart *chart, double value)
{
	const double place = axis_place(&chart->y, value);

	if (chart->rows < 1 || !(place >= -1e-6 && place <= 1 + 1e-6))
		return -1;
	return dot_row(chart, value) / dots_down(chart->glyphs);
}

int chart_dot_column(const struct chart *chart, double x)
{
	const double place = axis_place(&chart->x, x);

	return place >= 0 && place <= 1 && chart->dot_columns > 0 ? (int)(place * (chart->dot_columns - 1)) : -1;
}

int chart_column_of(const struct chart *chart, double x)
{
	const int dot = chart_dot_column(chart, x);

	return dot < 0 ? -1 : dot / dots_across(chart->glyphs);
}

double chart_smoothed(const struct chart *chart, int series, size_t index)
{
	const struct smooth *smooth = &chart->series[series].smooth;

	return index < smooth->count ? smooth->values[index] : NAN;
}

/* Taking points */

/* Makes room in every series for so many columns. False: out of memory; then some have more room than they use. */
static bool reserve(struct chart *chart, int dot_columns)
{
	for (int i = 0; i < CHART_SERIES; i++) {
		struct chart_series *series = &chart->series[i];
		struct chart_column *raw, *line;

		if (dot_columns <= series->room)
			continue;
		raw = realloc(series->raw, (size_t)dot_columns * sizeof *raw);
		if (raw)
			series->raw = raw;
		line = realloc(series->line, (size_t)dot_columns * sizeof *line);
		if (line)
			series->line = line;
		if (!raw || !line)
			return false;
		series->room = dot_columns;
	}
	return true;
}

/* Empties the columns when they no longer fit the size or the x range, so that all points are added again. False: out
 * of memory, and the chart stays as it was. */
static bool prepare(struct chart *chart, int rows, int columns)
{
	const int dot_columns = columns * dots_across(chart->glyphs);

	if (!reserve(chart, dot_columns))
		return false;
	chart->rows = rows;
	chart->columns = columns;
	if (dot_columns == chart->dot_columns && chart->x.low == chart->drawn_low && chart->x.high == chart->drawn_high)
		return true;
	chart->dot_columns = dot_columns;
	chart->drawn_low = chart->x.low;
	chart->drawn_high = chart->x.high;
	for (int i = 0; i < CHART_SERIES; i++)
		chart->series[i].filled = false;
	return true;
}

static void add_value(struct chart_column *column, double y)
{
	if (!isfinite(y)) {
		column->bad++;
		return;
	}
	if (column->finite == 0)
		*column = (struct chart_column){y, y, y, y, INFINITY, 0, column->bad};
	column->finite++;
	column->last = y;
	column->least = fmin(column->least, y);
	column->greatest = fmax(column->greatest, y);
	if (y > 0)
		column->positive = fmin(column->positive, y);
}

/* A run that was taken back to a checkpoint has other points where some were. */
static bool source_changed(const struct chart_series *series, const struct chart_source *source)
{
	double x = 0, y;

	if (series->seen == 0)
		return false;
	y = source->at(source->points, series->seen - 1, &x);
	return x != series->last_x || (y != series->last_y && !(isnan(y) && isnan(series->last_y)));
}

static void note_best(struct chart_series *series, const struct chart_source *source, size_t index, double y)
{
	if (source->better == 0 || !isfinite(y))
		return;
	if (series->best == SIZE_MAX || (y - series->best_y) * source->better > 0) {
		series->best = index;
		series->best_y = y;
	}
}

/* What is known of all points, wherever they are: their smoothed values and the best. */
static bool learn(struct chart_series *series, const struct chart_source *source)
{
	if (!source->points || source->count < series->seen || source_changed(series, source) || series->seen == 0 ||
	    series->smooth.weight != source->smoothing)
		forget_points(series, source->smoothing);
	for (; source->points && series->seen < source->count; series->seen++) {
		double x, y = source->at(source->points, series->seen, &x);

		if (source->smoothing > 0 && !smooth_add(&series->smooth, y))
			return false;
		note_best(series, source, series->seen, y);
		series->last_x = x;
		series->last_y = y;
	}
	return true;
}

bool chart_learn(struct chart *chart, const struct chart_source *sources)
{
	for (int i = 0; i < CHART_SERIES; i++)
		if (!learn(&chart->series[i], &sources[i]))
			return false;
	return true;
}

static void add_point(struct chart *chart, struct chart_series *series, const struct chart_source *source, size_t index)
{
	double x, y = source->at(source->points, index, &x);
	const int column = chart_dot_column(chart, x);

	if (column < 0)
		return;
	add_value(&series->raw[column], y);
	add_value(&series->line[column], source->smoothing > 0 ? series->smooth.values[index] : y);
	series->bad += isfinite(y) ? 0 : 1;
}

/* The first point whose x is beyond `x`, or not below it. */
static size_t find_point(const struct chart_source *source, double x, bool beyond)
{
	size_t low = 0, high = source->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		double at;

		source->at(source->points, middle, &at);
		if (at < x || (beyond && at == x))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Into empty columns only what is in sight is added. */
static void take_source(struct chart *chart, int index, const struct chart_source *source)
{
	struct chart_series *series = &chart->series[index];
	size_t end = source->count;

	if (!series->filled)
		empty_columns(series, chart->dot_columns);
	series->filled = true;
	if (!source->points)
		return;
	if (series->done == 0 && !source->scattered) {
		series->done = find_point(source, chart->x.low, false);
		end = find_point(source, chart->x.high, true);
	}
	for (; series->done < end; series->done++)
		add_point(chart, series, source, series->done);
	series->done = source->count;
}

/* The y range */

static void widen_bounds(const struct chart *chart, const struct chart_column *column, double *least, double *greatest)
{
	if (column->finite == 0 || (chart->y.log && !(column->greatest > 0)))
		return;
	*least = fmin(*least, chart->y.log ? column->positive : column->least);
	*greatest = fmax(*greatest, column->greatest);
}

static void fit_y(struct chart *chart)
{
	double least = INFINITY, greatest = -INFINITY;

	for (int i = 0; i < CHART_SERIES; i++)
		for (int column = 0; chart->series[i].done > 0 && column < chart->dot_columns; column++)
			widen_bounds(chart, &chart->series[i].raw[column], &least, &greatest);
	if (least <= greatest)
		axis_fit(&chart->y, &chart->rule, least, greatest);
}

/* Drawing. While it is done, a cell's glyph holds the bits of its dots, bit row * across + column. */

static void put_dot(const struct chart *chart, struct chart_cell *cells, int row, int column, int series, enum chart_kind kind)
{
	const int across = dots_across(chart->glyphs), down = dots_down(chart->glyphs);
	struct chart_cell *cell = &cells[row / down * chart->columns + column / across];

	if (cell->series != series || cell->kind != (int8_t)kind)
		*cell = (struct chart_cell){0, (int8_t)series, (int8_t)kind};
	cell->glyph |= 1u << (row % down * across + column % across);
}

static void put_vertical(const struct chart *chart, struct chart_cell *cells, int column, int top, int bottom, int series)
{
	const int from = top < bottom ? top : bottom, to = top < bottom ? bottom : top;

	for (int row = from; row <= to; row++)
		put_dot(chart, cells, row, column, series, CHART_LINE);
}

/* Joins two columns: each column between them gets the rows its piece of the straight line passes. */
static void join(const struct chart *chart, struct chart_cell *cells, int from, int from_row, int to, int to_row, int series)
{
	int last = from_row;

	for (int column = from + 1; column <= to; column++) {
		const int row = from_row + (to_row - from_row) * (column - from) / (to - from);
		const int step = row > last ? 1 : row < last ? -1 : 0;

		put_vertical(chart, cells, column, last + step, row, series);
		last = row;
	}
}

/* A logarithmic axis has no place for what is not > 0. */
static bool can_place(const struct chart *chart, const struct chart_column *column)
{
	return column->finite > 0 && (!chart->y.log || column->greatest > 0);
}

static double lowest(const struct chart *chart, const struct chart_column *column)
{
	return chart->y.log ? column->positive : column->least;
}

/* Of what is smoothed, the last value of each column: all values would be a band again, and the shade shows how far they
 * go. */
static void draw_line(const struct chart *chart, struct chart_cell *cells, int index, bool smoothed)
{
	const struct chart_series *series = &chart->series[index];
	int previous = -1;

	for (int i = 0; i < chart->dot_columns; i++) {
		const struct chart_column *column = &series->line[i];

		if (column->bad > 0)
			previous = -1;
		if (!can_place(chart, column))
			continue;
		if (previous >= 0)
			join(chart, cells, previous, dot_row(chart, series->line[previous].last), i, dot_row(chart, column->first),
			     index);
		put_vertical(chart, cells, i, dot_row(chart, smoothed ? column->last : column->greatest),
		             dot_row(chart, smoothed ? column->last : lowest(chart, column)), index);
		previous = column->bad > 0 ? -1 : i;
	}
}

/* Every second dot, and always the ends, so that it differs from a line without colours too. */
static void draw_shade(const struct chart *chart, struct chart_cell *cells, int index)
{
	for (int i = 0; i < chart->dot_columns; i++) {
		const struct chart_column *column = &chart->series[index].raw[i];
		int top, bottom;

		if (!can_place(chart, column))
			continue;
		top = dot_row(chart, column->greatest);
		bottom = dot_row(chart, lowest(chart, column));
		for (int row = top; row <= bottom; row++)
			if ((row + i) % 2 == 0 || row == top || row == bottom)
				put_dot(chart, cells, row, i, index, CHART_SHADE);
	}
}

static void draw_scattered(const struct chart *chart, struct chart_cell *cells, int index, const struct chart_source *source)
{
	for (size_t i = 0; i < source->count; i++) {
		double x, y = source->at(source->points, i, &x);
		const int column = isfinite(x) ? chart_dot_column(chart, x) : -1;

		if (column >= 0 && isfinite(y) && (!chart->y.log || y > 0))
			put_dot(chart, cells, dot_row(chart, y), column, index, CHART_LINE);
	}
}

static void finish_cells(const struct chart *chart, struct chart_cell *cells)
{
	for (int i = 0; i < chart->rows * chart->columns; i++)
		cells[i].glyph = dots_glyph(chart->glyphs, cells[i].glyph, cells[i].kind == CHART_SHADE);
}

static void put_mark(const struct chart *chart, struct chart_cell *cells, int row, int column, char mark, int series,
                     enum chart_kind kind)
{
	if (row >= 0 && column >= 0 && row < chart->rows && column < chart->columns)
		cells[row * chart->columns + column] = (struct chart_cell){(uint32_t)mark, (int8_t)series, (int8_t)kind};
}

/* Where the last value of a column stands, for series of few points; on the line of another run now and then. */
static void draw_marks(const struct chart *chart, struct chart_cell *cells, int index, const struct chart_source *source)
{
	const int across = dots_across(chart->glyphs);

	for (int i = 0; i < chart->dot_columns; i++) {
		const struct chart_column *column = &chart->series[index].line[i];
		const bool here = !source->letters || (i % across == 0 && (i / across) % LETTER_EVERY == index % LETTER_EVERY);

		if (here && can_place(chart, column))
			put_mark(chart, cells, chart_row_of(chart, column->last), i / across, source->mark, index, CHART_MARK);
	}
}

static void draw_best(const struct chart *chart, struct chart_cell *cells, int index, const struct chart_source *source)
{
	const struct chart_series *series = &chart->series[index];
	double x, y;

	if (source->better == 0 || source->scattered || series->best >= source->count)
		return;
	y = source->at(source->points, series->best, &x);
	put_mark(chart, cells, chart_row_of(chart, y), chart_column_of(chart, x), '*', index, CHART_BEST);
}

static void draw_bad(const struct chart *chart, struct chart_cell *cells, int index)
{
	const int across = dots_across(chart->glyphs);

	for (int i = 0; i < chart->dot_columns; i++)
		if (chart->series[index].raw[i].bad > 0)
			put_mark(chart, cells, chart->rows - 1, i / across, '!', index, CHART_BAD);
}

static void draw_lines(const struct chart *chart, const struct chart_source *sources, struct chart_cell *cells)
{
	for (int i = 0; i < CHART_SERIES; i++)
		if (sources[i].points && sources[i].shaded && sources[i].smoothing > 0 && !sources[i].scattered)
			draw_shade(chart, cells, i);
	for (int i = CHART_SERIES - 1; i >= 0; i--) {
		if (sources[i].points && sources[i].scattered)
			draw_scattered(chart, cells, i, &sources[i]);
		else if (sources[i].points)
			draw_line(chart, cells, i, sources[i].smoothing > 0);
	}
}

bool chart_draw(struct chart *chart, const struct chart_source *sources, int rows, int columns,
                struct chart_cell *cells)
{
	if (rows < 1 || columns < 1)
		return true;
	for (int i = 0; i < rows * columns; i++)
		cells[i] = (struct chart_cell){0, -1, CHART_EMPTY};
	if (!prepare(chart, rows, columns))
		return false;
	if (!chart_learn(chart, sources))
		return false;
	for (int i = 0; i < CHART_SERIES; i++)
		take_source(chart, i, &sources[i]);
	fit_y(chart);
	draw_lines(chart, sources, cells);
	finish_cells(chart, cells);
	for (int i = CHART_SERIES - 1; i >= 0; i--) {
		if (sources[i].points && sources[i].mark)
			draw_marks(chart, cells, i, &sources[i]);
		if (sources[i].points)
			draw_best(chart, cells, i, &sources[i]);
	}
	for (int i = 0; i < CHART_SERIES; i++)
		draw_bad(chart, cells, i);
	return true;
}
