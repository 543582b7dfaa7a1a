/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/charts/chart_draw.h"

#include "ui/terminal/widgets.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MARGIN 9           /* columns for the labels of the y axis */
#define LABEL_COLUMNS 9    /* at least between two labels of the x axis */
#define ROWS_FOR_LABELS 4  /* with fewer rows there is no line for them */
#define ROWS_FOR_MARKS 6

static int rows_below(int rows)
{
	return rows >= ROWS_FOR_MARKS ? 2 : rows >= ROWS_FOR_LABELS ? 1 : 0;
}

struct rect draw_chart_plot(struct rect rect)
{
	return (struct rect){rect.y + 1, rect.x + MARGIN, rect.rows - 1 - rows_below(rect.rows), rect.columns - MARGIN - 1};
}

int draw_chart_columns(struct rect rect)
{
	return draw_chart_plot(rect).columns;
}

/* "o valid 0.43" as "o 0.43": the mark says which it is. */
static void shorten_legend(char *legend)
{
	const char *value = strrchr(legend, ' ');

	if (isalpha((unsigned char)legend[0]) && legend[1] == ' ' && value > legend + 1)
		memmove(legend + 1, value, strlen(value) + 1);
}

static void draw_title(struct terminal *terminal, struct rect rect, const struct chart_frame *frame)
{
	int column = draw_format(terminal, rect, 0, 0, frame->focused ? STYLE_SELECTED : STYLE_TITLE,
	                         frame->focused ? "[%s]" : " %s ", frame->title);
	char legend[CHART_SERIES][sizeof *frame->legend];
	int needed = column;

	memcpy(legend, frame->legend, sizeof legend);
	for (int i = 0; i < CHART_SERIES; i++)
		needed += legend[i][0] ? 1 + (int)strlen(legend[i]) : 0;
	for (int i = 0; i < CHART_SERIES && needed > rect.columns; i++) {
		needed -= (int)strlen(legend[i]);
		shorten_legend(legend[i]);
		needed += (int)strlen(legend[i]);
	}
	for (int i = 0; i < CHART_SERIES; i++)
		if (legend[i][0])
			column += draw_text(terminal, rect, 0, column + 1, legend[i], frame->styles[i]) + 1;
}

static void draw_y_labels(struct terminal *terminal, struct rect rect, const struct chart *chart)
{
	char label[32];
	double tick;
	int last = -1;

	for (int i = 0; i < 64 && axis_tick(&chart->y, i, &tick); i++) {
		const int row = chart_row_of(chart, tick);

		if (row < 0 || row == last)
			continue;
		last = row;
		axis_label(&chart->y, tick, label, sizeof label);
		draw_format(terminal, rect, row + 1, 0, STYLE_DIM, "%8.8s", label);
	}
}

static void draw_x_labels(struct terminal *terminal, struct rect rect, struct rect plot, const struct chart *chart,
                          const char *name)
{
	char label[32];
	double tick;
	int end = 0;

	draw_format(terminal, rect, rect.rows - 1, 0, STYLE_DIM, "%8.8s", name);
	for (int i = 0; i < 64 && axis_tick(&chart->x, i, &tick); i++) {
		const int at = chart_column_of(chart, tick);
		int size, column;

		if (at < 0)
			continue;
		axis_label(&chart->x, tick, label, sizeof label);
		size = (int)strlen(label);
		column = at - size / 2 < 0 ? 0 : at - size / 2 + size > plot.columns ? plot.columns - size : at - size / 2;
		if (column < end || column < 0)
			continue;
		draw_text(terminal, rect, rect.rows - 1, MARGIN + column, label, STYLE_DIM);
		end = column + size + 1;
	}
}

static void draw_marks(struct terminal *terminal, struct rect plot, const struct chart *chart, const struct chart_frame *frame)
{
	const struct rect line = {plot.y + plot.rows, plot.x, 1, plot.columns};
	const bool ascii = terminal_ascii(terminal);
	const uint32_t rule = frame->heavy ? (ascii ? '=' : 0x2501) : ascii ? '-' : 0x2500;

	for (int i = 0; i < line.columns; i++)
		terminal_put_code(terminal, line, line.y, line.x + i, rule, frame->heavy ? STYLE_NORMAL : STYLE_DIM);
	for (size_t i = 0; i < frame->mark_count; i++) {
		const int column = chart_column_of(chart, frame->marks[i].x);

		if (column >= 0)
			terminal_put_code(terminal, line, line.y, line.x + column, (uint32_t)frame->marks[i].letter,
			                  frame->marks[i].bad ? STYLE_ERROR : STYLE_NORMAL);
	}
}

/* Between the labels and the plot, down to the line of the marks. */
static void draw_heavy_axis(struct terminal *terminal, struct rect rect, struct rect plot, bool corner)
{
	const bool ascii = terminal_ascii(terminal);

	for (int row = 0; row < plot.rows; row++)
		terminal_put_code(terminal, rect, plot.y + row, plot.x - 1, ascii ? '|' : 0x2503, STYLE_NORMAL);
	if (corner)
		terminal_put_code(terminal, rect, plot.y + plot.rows, plot.x - 1, ascii ? '+' : 0x2517, STYLE_NORMAL);
}

static enum style style_of(const struct chart_frame *frame, const struct chart_cell *cell)
{
	return cell->kind == CHART_BAD ? STYLE_ERROR
	       : cell->kind == CHART_SHADE ? STYLE_DIM
	       : cell->kind == CHART_BEST ? STYLE_TITLE
	                                  : frame->styles[cell->series];
}

static void draw_cells(struct terminal *terminal, struct rect plot, const struct chart_cell *cells,
                       const struct chart_frame *frame)
{
	for (int i = 0; i < plot.rows * plot.columns; i++)
		if (cells[i].series >= 0)
			terminal_put_code(terminal, plot, plot.y + i / plot.columns, plot.x + i % plot.columns,
			                  cells[i].glyph, style_of(frame, &cells[i]));
}

/* Where nothing else stands. */
static void draw_cross(struct terminal *terminal, struct rect plot, const struct chart *chart, const struct chart_cell *cells,
                       double x)
{
	const int column = isfinite(x) ? chart_column_of(chart, x) : -1;

	for (int row = 0; column >= 0 && row < plot.rows; row++)
		if (cells[row * plot.columns + column].series < 0)
			terminal_put_code(terminal, plot, plot.y + row, plot.x + column, terminal_ascii(terminal) ? '|' : 0x2502,
			                  STYLE_NORMAL);
}

static bool has_points(const struct chart_frame *frame)
{
	for (int i = 0; i < CHART_SERIES; i++)
		if (frame->sources[i].points && frame->sources[i].count > 0)
			return true;
	return false;
}

void draw_chart(struct terminal *terminal, struct rect rect, struct chart *chart, const struct chart_frame *frame)
{
	const struct rect plot = draw_chart_plot(rect);
	struct chart_cell *cells;

	rect.columns -= 1; /* so that charts beside each other do not touch */
	draw_title(terminal, rect, frame);
	if (rect_is_empty(plot))
		return;
	if (!has_points(frame)) {
		draw_text(terminal, rect, 1 + plot.rows / 2, 2, frame->empty, STYLE_DIM);
		return;
	}
	cells = calloc((size_t)plot.rows * (size_t)plot.columns, sizeof *cells);
	if (cells && chart_draw(chart, frame->sources, plot.rows, plot.columns, cells)) {
		axis_divide(&chart->x, plot.columns / LABEL_COLUMNS);
		draw_y_labels(terminal, rect, chart);
		if (rows_below(rect.rows) > 0)
			draw_x_labels(terminal, rect, plot, chart, frame->axis);
		if (rows_below(rect.rows) > 1)
			draw_marks(terminal, plot, chart, frame);
		if (frame->heavy)
			draw_heavy_axis(terminal, rect, plot, rows_below(rect.rows) > 1);
		draw_cells(terminal, plot, cells, frame);
		draw_cross(terminal, plot, chart, cells, frame->cross);
	}
	free(cells);
}
