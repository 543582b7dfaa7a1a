/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/words.h"
#include "ui/runs/runs.h"

#include <string.h>

#define NAME_COLUMNS 26
#define NAME_NARROW 16  /* on a terminal of fewer than so many: */
#define NARROW 60
#define NUMBER_COLUMNS 9
#define TEXT_COLUMNS 20

static int name_columns(int columns)
{
	return columns < NARROW ? NAME_NARROW : NAME_COLUMNS;
}

/* As wide as its heading, which is cut at some length, and as what stands below. */
static int width_of(int column)
{
	const int size = (int)strlen(run_column_name(column)), least = run_column_is_number(column) ? NUMBER_COLUMNS : TEXT_COLUMNS;

	if (column == RUN_COLUMN_STATE)
		return 10;
	if (!run_column_is_number(column))
		return least;
	return size < least ? least : size > 16 ? 16 : size;
}

static void draw_summary(struct app *app, const struct runs_state *runs, struct rect rect)
{
	const struct runs_table *table = &runs->table;
	const size_t marked = runs_table_marked(table, NULL, 0);
	char name[WIDGET_NAME_MAX];
	int column;

	app_path_name(app, table->folder, rect.columns / 3, name);
	column = draw_format(app->terminal, rect, 0, 0, STYLE_NORMAL, "%s runs below %s", words_count(table->count).text, name);
	if (table->job)
		column += draw_text(app->terminal, rect, 0, column, ", looking for more...", STYLE_DIM);
	if (table->filter)
		column += draw_format(app->terminal, rect, 0, column, STYLE_NORMAL, ", %s with %s", words_count(table->shown_count).text,
		                      table->filter);
	if (table->order >= 0)
		column += draw_format(app->terminal, rect, 0, column, STYLE_DIM, ", by %s%s", run_column_name(table->order),
		                      table->reverse ? " reverse" : "");
	if (marked > 0)
		column += draw_format(app->terminal, rect, 0, column, STYLE_DIM, ", %s marked", words_count(marked).text);
	draw_range(app->terminal, rect, 0, column + 1, runs->list.top, table->shown_count, rect.rows - 2);
}

static void draw_heading(struct app *app, const struct runs_state *runs, struct rect rect)
{
	int at = 2 + name_columns(rect.columns) + 1;

	draw_text(app->terminal, rect, 1, 2, "Run", STYLE_TITLE);
	for (int i = runs->first_column; i < runs->column_count && at < rect.columns; i++) {
		const int width = width_of(runs->columns[i]);

		draw_span(app->terminal, rect, 1, at, width, span_of(run_column_name(runs->columns[i])), STYLE_TITLE);
		at += width + 1;
	}
}

/* Numbers stand at the right of their column, as their heading does where it is that wide. */
static void draw_cell(struct app *app, struct rect rect, int row, int at, int column, const struct run_cell *cell, enum style style)
{
	const int width = width_of(column), size = (int)strlen(cell->text);
	char name[WIDGET_NAME_MAX];

	if (column == RUN_COLUMN_MODEL || column == RUN_COLUMN_DATA) {
		app_path_name(app, cell->text, width, name);
		draw_span(app->terminal, rect, row, at, width, span_of(name), style);
		return;
	}
	if (cell->is_number && size < NUMBER_COLUMNS - 1)
		at += NUMBER_COLUMNS - 1 - size;
	draw_span(app->terminal, rect, row, at, width, span_of(cell->text), style);
}

static void draw_row(struct app *app, const struct runs_state *runs, struct rect rect, int row, size_t index)
{
	const struct run_row *run = runs_table_row(&runs->table, index);
	const bool chosen = index == runs->list.chosen;
	const enum style style = chosen ? STYLE_SELECTED : run->readable ? STYLE_NORMAL : STYLE_DIM;
	const int names = name_columns(rect.columns);
	char name[WIDGET_NAME_MAX];
	int at = 2 + names + 1;

	if (chosen)
		draw_fill(app->terminal, rect, row, 0, style);
	draw_text(app->terminal, rect, row, 0, runs_table_is_marked(&runs->table, index) ? "*" : " ", style);
	draw_shorten(app->terminal, run->name, names, name);
	draw_span(app->terminal, rect, row, 2, names, span_of(name), style);
	if (!run->readable) {
		draw_cut(app->terminal, rect, row, at, run->problem, "", style);
		return;
	}
	for (int i = runs->first_column; i < runs->column_count && at < rect.columns; i++) {
		struct run_cell cell;

		run_column_value(run, runs->columns[i], &cell);
		draw_cell(app, rect, row, at, runs->columns[i], &cell, style);
		at += width_of(runs->columns[i]) + 1;
	}
}

void runs_draw_table(struct app *app, struct runs_state *runs, struct rect rect)
{
	const struct rect list = {rect.y + 2, rect.x, rect.rows - 2, rect.columns};
	const uint64_t top = runs->list.top;

	draw_summary(app, runs, rect);
	if (runs->table.shown_count == 0) {
		draw_text(app->terminal, rect, 2, 2, runs->table.job ? "" : runs->table.filter ? "no run is so; Esc shows all" :
		          "no runs here: a training makes one; :runs FOLDER looks elsewhere", STYLE_DIM);
		return;
	}
	draw_heading(app, runs, rect);
	for (int row = 0; row < list.rows && top + (uint64_t)row < runs->table.shown_count; row++)
		draw_row(app, runs, rect, row + 2, (size_t)top + (size_t)row);
	terminal_rest(app->terminal, list, list.y + (int)(runs->list.chosen - top), rect.x);
}
