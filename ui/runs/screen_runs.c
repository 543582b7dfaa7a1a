/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs: all runs below a folder with their settings and results, and what each came to. */
#include "ui/runs/runs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void runs_prepare(struct runs_state *runs)
{
	static const int columns[] = {
		RUN_COLUMN_STATE, RUN_COLUMN_ACCURACY, RUN_COLUMN_F1, RUN_COLUMN_VALIDATION_LOSS, RUN_COLUMN_STEPS, RUN_COLUMN_NOTE,
	};
	static const char *const options[] = {"num-train-epochs", "learning-rate", "per-device-train-batch-size"};

	if (runs->ready)
		return;
	runs->ready = true;
	runs->table.order = -1;
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
		for (size_t o = 0; columns[i] == RUN_COLUMN_STEPS && o < sizeof options / sizeof *options; o++)
			runs->columns[runs->column_count++] = run_column_find(options[o]);
		runs->columns[runs->column_count++] = columns[i];
	}
	runs->columns[runs->column_count++] = RUN_COLUMN_MODEL;
	runs->columns[runs->column_count++] = RUN_COLUMN_DATA;
}

/* Where trainings put their runs, if there is such a folder here. */
static const char *usual_folder(void)
{
	struct stat status;

	return stat("runs", &status) == 0 && S_ISDIR(status.st_mode) ? "runs" : ".";
}

/* Whoever comes to the screen sees what there is now. */
static void runs_open(struct app *app, void *state)
{
	struct runs_state *runs = state;

	runs_prepare(runs);
	if (!runs->table.job)
		runs_load(app, runs, runs->table.folder[0] ? NULL : usual_folder());
}

static void runs_wake(struct app *app, void *state)
{
	struct runs_state *runs = state;
	struct error error = {0};
	char path[PATH_MAX] = "";
	const struct run_row *run;

	runs_prepare(runs);
	run = runs_chosen(runs);
	if (run && runs->list.chosen > 0)
		snprintf(path, sizeof path, "%s", run->path);
	runs_table_update(&runs->table, &error);
	if (error.kind)
		app_complain(app, &error);
	if (path[0] && runs_table_find(&runs->table, path) < runs->table.shown_count)
		runs->list.chosen = runs_table_find(&runs->table, path);
	run_figures_update(&runs->figures);
	run_figures_update(&runs->other);
	study_view_update(&runs->study);
	runs_find_trial(runs);
	if (runs->page == RUNS_PAGE_STUDY && app->screen == SCREEN_RUNS)
		study_view_refresh(&runs->study, app->session.jobs);
	if (runs->overlays[0] && app->session.run && strcmp(app->session.run_path, runs->over) == 0)
		runs_lay_over(app, runs);
}

static void runs_settle(struct app *app, void *state, struct rect body)
{
	struct runs_state *runs = state;
	int *list;

	(void)app;
	runs_prepare(runs);
	if (runs->page == RUNS_PAGE_DIFFERENCE && (list = calloc((size_t)run_column_count(), sizeof *list))) {
		runs->differing = runs_compare_list(runs, list);
		free(list);
	}
	runs->rows = body.rows > 2 ? (uint64_t)body.rows - 2 : 1;
	list_settle(&runs->list, runs->table.shown_count, (int)runs->rows);
	list_settle(&runs->lines, runs_page_lines(runs), body.rows > 6 ? body.rows - 6 : 1);
}

static void runs_draw(struct app *app, void *state, struct rect body)
{
	struct runs_state *runs = state;

	if (runs->page == RUNS_PAGE_TABLE)
		runs_draw_table(app, runs, body);
	else if (runs->page == RUNS_PAGE_STUDY)
		study_draw(app, runs, body);
	else if (runs_page_is_of_one(runs->page))
		figures_draw(app, runs, body);
	else
		runs_compare_draw(app, runs, body);
}

static unsigned runs_context(const struct app *app, const void *state)
{
	(void)app;
	(void)state;
	return IN_RUNS;
}

static bool runs_action(struct app *app, void *state, enum action action, const char *argument)
{
	struct runs_state *runs = state;

	runs_prepare(runs);
	if (action == ACTION_SCREEN_RUNS && *argument) {
		runs->page = RUNS_PAGE_TABLE;
		runs_load(app, runs, argument);
		if (study_is_there(argument))
			runs_open_study(app, runs, argument);
		return true;
	}
	if (action == ACTION_BACK && runs->above_study && runs_page_is_of_one(runs->page)) {
		runs->page = RUNS_PAGE_STUDY;
		runs->lines = runs->trials;
		return true;
	}
	if (action == ACTION_BACK && runs->page != RUNS_PAGE_TABLE) {
		runs->page = RUNS_PAGE_TABLE;
		return true;
	}
	if (runs_keep_act(app, runs, action, argument) || runs_act(app, runs, action, argument))
		return true;
	return list_move(runs->page == RUNS_PAGE_TABLE ? &runs->list : &runs->lines, action, runs_page_lines(runs), (int)runs->rows);
}

/* What the chosen run and the marks allow. */
static bool runs_offers(const struct app *app, const void *state, enum action action)
{
	const struct runs_state *runs = state;
	const bool any = runs->table.shown_count > 0;

	(void)app;
	switch (action) {
	case ACTION_DIFFERENCE:
		return runs_table_marked(&runs->table, NULL, 0) > 1;
	case ACTION_FILTER:
	case ACTION_MARK:
		return any && runs->page == RUNS_PAGE_TABLE;
	default:
		return any;
	}
}

static char *runs_complete(const struct app *app, const void *state, const char *word, int index)
{
	(void)app;
	(void)state;
	return runs_table_complete(word, index);
}

static bool runs_busy(const struct app *app, const void *state)
{
	const struct runs_state *runs = state;

	(void)app;
	return job_is_working(runs->table.job) || job_is_working(runs->figures.job) || job_is_working(runs->other.job) ||
	       (runs->study.job && !runs->study.study) ||
	       runs->overlays[0];
}

/* A study that goes on is looked at by time: another process trains it. */
static int runs_timeout(const struct app *app, const void *state)
{
	const struct runs_state *runs = state;

	(void)app;
	return runs->page == RUNS_PAGE_STUDY ? study_view_timeout(&runs->study) : -1;
}

static void runs_close(void *state)
{
	struct runs_state *runs = state;

	runs_table_free(&runs->table);
	run_figures_free(&runs->figures);
	run_figures_free(&runs->other);
	study_view_forget(&runs->study);
	for (int i = 0; i < RUNS_COMPARED; i++)
		free(runs->overlays[i]);
}

const struct view screen_runs = {
	.title = "Runs",
	.state_size = sizeof(struct runs_state),
	.open = runs_open,
	.context = runs_context,
	.draw = runs_draw,
	.settle = runs_settle,
	.action = runs_action,
	.offers = runs_offers,
	.complete = runs_complete,
	.wake = runs_wake,
	.busy = runs_busy,
	.timeout = runs_timeout,
	.close = runs_close,
};
