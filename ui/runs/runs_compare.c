/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/runs/runs.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SETTING_COLUMNS 22
#define RUN_COLUMNS_WIDE 18

static size_t marked_of(const struct runs_state *runs, const struct run_row *rows[RUNS_COMPARED])
{
	const size_t count = runs_table_marked(&runs->table, rows, RUNS_COMPARED);

	return count < RUNS_COMPARED ? count : RUNS_COMPARED;
}

/* Settings */

static bool differs(const struct run_row *const *rows, size_t count, int column)
{
	struct run_cell first, cell;

	run_column_value(rows[0], column, &first);
	for (size_t i = 1; i < count; i++) {
		run_column_value(rows[i], column, &cell);
		if (strcmp(first.text, cell.text) != 0)
			return true;
	}
	return false;
}

int runs_compare_list(const struct runs_state *runs, int *out)
{
	const struct run_row *rows[RUNS_COMPARED];
	const size_t count = marked_of(runs, rows);
	int found = 0;

	for (int column = 0; count > 1 && column < run_column_count(); column++)
		if (column != RUN_COLUMN_NAME && differs(rows, count, column))
			out[found++] = column;
	return found;
}

static void draw_heads(struct app *app, struct rect rect, const struct run_row *const *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char name[WIDGET_NAME_MAX];

		draw_shorten(app->terminal, rows[i]->name, RUN_COLUMNS_WIDE - 1, name);
		draw_span(app->terminal, rect, 1, SETTING_COLUMNS + (int)i * RUN_COLUMNS_WIDE, RUN_COLUMNS_WIDE - 1, span_of(name),
		          STYLE_TITLE);
	}
}

static void draw_setting(struct app *app, struct rect rect, int row, int column, const struct run_row *const *rows, size_t count,
                         bool chosen)
{
	if (chosen)
		draw_fill(app->terminal, rect, row, 0, STYLE_SELECTED);
	draw_span(app->terminal, rect, row, 0, SETTING_COLUMNS - 1, span_of(run_column_name(column)),
	          chosen ? STYLE_SELECTED : STYLE_DIM);
	for (size_t i = 0; i < count; i++) {
		struct run_cell cell;
		char text[WIDGET_NAME_MAX];

		run_column_value(rows[i], column, &cell);
		draw_shorten(app->terminal, cell.text, RUN_COLUMNS_WIDE - 1, text);
		draw_span(app->terminal, rect, row, SETTING_COLUMNS + (int)i * RUN_COLUMNS_WIDE, RUN_COLUMNS_WIDE - 1,
		          span_of(cell.there ? text : "-"), chosen ? STYLE_SELECTED : STYLE_NORMAL);
	}
}

static void draw_difference(struct app *app, const struct runs_state *runs, struct rect rect)
{
	const struct run_row *rows[RUNS_COMPARED];
	const size_t count = marked_of(runs, rows);
	int *list = calloc((size_t)run_column_count(), sizeof *list), found = list ? runs_compare_list(runs, list) : 0;

	draw_heads(app, rect, rows, count);
	if (found == 0)
		draw_text(app->terminal, rect, 2, 0, "the marked runs differ in nothing", STYLE_DIM);
	for (int row = 2; row < rect.rows && (int)runs->lines.top + row - 2 < found; row++) {
		const int at = (int)runs->lines.top + row - 2;

		draw_setting(app, rect, row, list[at], rows, count, (uint64_t)at == runs->lines.chosen);
	}
	free(list);
}

/* McNemar */

static void draw_test(struct app *app, struct rect rect, const struct mcnemar *test, const char *a, const char *b)
{
	const char *better = test->only_a > test->only_b ? a : b;
	char name[WIDGET_NAME_MAX];

	draw_format(app->terminal, rect, 3, 0, STYLE_NORMAL, "both right %20" PRIu64, test->both_right);
	draw_format(app->terminal, rect, 4, 0, STYLE_NORMAL, "only the first right %10" PRIu64, test->only_a);
	draw_format(app->terminal, rect, 5, 0, STYLE_NORMAL, "only the second right %9" PRIu64, test->only_b);
	draw_format(app->terminal, rect, 6, 0, STYLE_NORMAL, "both wrong %20" PRIu64, test->both_wrong);
	draw_format(app->terminal, rect, 8, 0, STYLE_NORMAL, "p = %.4f (two-sided, exact binomial of the %" PRIu64 " that differ)",
	            test->exact, test->only_a + test->only_b);
	draw_shorten(app->terminal, better, rect.columns / 2, name);
	if (test->exact < 0.05)
		draw_format(app->terminal, rect, 9, 0, STYLE_GOOD, "%s is better: chance alone would seldom make such a difference", name);
	else
		draw_text(app->terminal, rect, 9, 0, "no difference is shown: chance alone may well have made it", STYLE_DIM);
}

static void draw_mcnemar(struct app *app, const struct runs_state *runs, struct rect rect)
{
	const struct run_figures *a = &runs->figures, *b = &runs->other;
	struct mcnemar test;
	struct error error = {0};

	draw_format(app->terminal, rect, 1, 0, STYLE_NORMAL, "%s", a->path);
	draw_format(app->terminal, rect, 2, 0, STYLE_NORMAL, "%s", b->path);
	if (a->job || b->job)
		draw_text(app->terminal, rect, 3, 0, "reading their scores...", STYLE_DIM);
	else if (!a->figures || !b->figures)
		draw_cut(app->terminal, rect, 3, 0, messages_words(a->figures ? b->error.text : a->error.text).text, "", STYLE_ERROR);
	else if (!figures_mcnemar(a->figures, b->figures, &test, &error))
		draw_cut(app->terminal, rect, 3, 0, messages_words(error.text).text, "", STYLE_ERROR);
	else
		draw_test(app, rect, &test, a->path, b->path);
}

void runs_compare_draw(struct app *app, const struct runs_state *runs, struct rect rect)
{
	draw_text(app->terminal, rect, 0, 0, runs_page_title(runs->page), STYLE_TITLE);
	if (runs->page == RUNS_PAGE_DIFFERENCE)
		draw_difference(app, runs, rect);
	else
		draw_mcnemar(app, runs, rect);
}

bool runs_compare_begin(struct app *app, struct runs_state *runs, enum runs_page page)
{
	const struct run_row *rows[RUNS_COMPARED];
	const size_t count = runs_table_marked(&runs->table, rows, RUNS_COMPARED);

	if (page == RUNS_PAGE_DIFFERENCE ? count < 2 || count > RUNS_COMPARED : count != 2) {
		app_say(app, page == RUNS_PAGE_DIFFERENCE ? "mark two to six runs first: x marks one" : "mark two runs first: x marks one");
		return false;
	}
	if (page == RUNS_PAGE_MCNEMAR) {
		run_figures_ask(&runs->figures, app->session.jobs, rows[0]->path);
		run_figures_ask(&runs->other, app->session.jobs, rows[1]->path);
	}
	runs->page = page;
	runs->lines = (struct list){0};
	return true;
}
