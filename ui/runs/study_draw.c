/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of a study on the Runs screen. */
#include "ui/runs/runs.h"

#include <string.h>

#define MARK_COLUMNS 5 /* "best " */
#define GAP 2

/* As wide as its heading and what stands below it; the settings have what is left. */
static int width_of(const struct study *study, enum study_column column)
{
	char cell[STUDY_CELL_MAX];
	size_t width = strlen(study_column_name(study, column));

	for (int i = 0; i < study_trials(study); i++) {
		study_cell(study, i, column, cell);
		width = strlen(cell) > width ? strlen(cell) : width;
	}
	return width < 40 ? (int)width : 40;
}

/* Line -1: the headings. Numbers stand at the right of their columns. */
static void draw_line(struct app *app, const struct study *study, const int widths[STUDY_COLUMN_COUNT], struct rect rect, int row,
                      int trial, enum style style)
{
	int at = MARK_COLUMNS;

	for (enum study_column column = 0; column < STUDY_COLUMN_COUNT && at < rect.columns; column++) {
		const char *name = study_column_name(study, column);
		char cell[STUDY_CELL_MAX];
		int width = widths[column], size;

		if (!study_column_is_there(study, column))
			continue;
		if (trial < 0)
			snprintf(cell, sizeof cell, "%s", name);
		else
			study_cell(study, trial, column, cell);
		size = (int)strlen(cell);
		if (column == STUDY_COLUMN_SETTINGS) {
			draw_cut(app->terminal, (struct rect){rect.y + row, rect.x + at, 1, rect.columns - at}, 0, 0, cell, "", style);
			return;
		}
		draw_span(app->terminal, rect, row, study_column_is_number(column) && size < width ? at + width - size : at, width,
		          span_of(cell), style);
		at += width + GAP;
	}
}

/* The settings of the chosen trial, for which its line has seldom room, or why it failed. */
static void draw_chosen(struct app *app, const struct runs_state *runs, struct rect rect)
{
	char text[STUDY_CELL_MAX + 64], settings[STUDY_CELL_MAX];
	struct study_trial trial;

	if (runs->lines.chosen >= (uint64_t)study_view_trials(&runs->study))
		return;
	study_trial(runs->study.study, (int)runs->lines.chosen, &trial);
	study_settings(&trial, settings);
	snprintf(text, sizeof text, "%s: %s", trial.name, trial.problem[0] ? trial.problem : settings);
	draw_cut(app->terminal, rect, rect.rows - 3, 0, text, "", STYLE_DIM);
}

/* On two lines, where one has no room for it: the second begins after a comma. */
static void draw_summary(struct app *app, struct rect rect, char *text)
{
	char *rest = NULL;

	for (char *at = text; strlen(text) > (size_t)rect.columns && at - text < rect.columns; at++)
		if (*at == ',' && at[1] == ' ')
			rest = at + 1;
	if (rest) {
		*rest = '\0';
		draw_cut(app->terminal, rect, rect.rows - 1, 2, rest + 1, "", STYLE_NORMAL);
	}
	draw_cut(app->terminal, rect, rect.rows - 2, 0, text, "", STYLE_NORMAL);
}

static void draw_trials(struct app *app, const struct runs_state *runs, struct rect rect)
{
	const struct study *study = runs->study.study;
	const int rows = rect.rows - 6;
	int widths[STUDY_COLUMN_COUNT];
	char text[4096];

	for (enum study_column column = 0; column < STUDY_COLUMN_COUNT; column++)
		widths[column] = width_of(study, column);
	draw_line(app, study, widths, rect, 1, -1, STYLE_TITLE);
	for (int row = 0; row < rows && runs->lines.top + (uint64_t)row < (uint64_t)study_trials(study); row++) {
		const int trial = (int)runs->lines.top + row;
		const bool chosen = (uint64_t)trial == runs->lines.chosen, best = study_view_is_best(&runs->study, trial);
		const enum style style = chosen ? STYLE_SELECTED : best ? STYLE_GOOD : STYLE_NORMAL;

		if (chosen)
			draw_fill(app->terminal, rect, row + 2, 0, style);
		if (best)
			draw_text(app->terminal, rect, row + 2, 0, "best", style);
		draw_line(app, study, widths, rect, row + 2, trial, style);
	}
	draw_chosen(app, runs, rect);
	study_describe(study, text, sizeof text);
	draw_summary(app, rect, text);
	terminal_rest(app->terminal, rect, rect.y + 2 + (int)(runs->lines.chosen - runs->lines.top), rect.x);
}

void study_draw(struct app *app, const struct runs_state *runs, struct rect rect)
{
	char name[WIDGET_NAME_MAX], text[256];

	app_path_name(app, runs->study.path, rect.columns / 3, name);
	study_view_describe(&runs->study, text, sizeof text);
	draw_format(app->terminal, rect, 0, 0, STYLE_NORMAL, "%s%s%s", name, *text ? ", " : "", text);
	if (runs->study.study)
		draw_trials(app, runs, rect);
	else if (runs->study.job)
		draw_text(app->terminal, rect, 1, 0, "looking at its trials...", STYLE_DIM);
	else
		draw_cut(app->terminal, rect, 1, 0, messages_words(runs->study.error.text).text, "", STYLE_DIM);
}
