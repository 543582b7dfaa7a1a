/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/runs/runs.h"

#include "engine/words.h"
#include "ui/time_travel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const page_names[] = {
#define P(id, name, title) [RUNS_PAGE_##id] = name,
	RUNS_PAGES(P)
#undef P
};

/* The table */

void runs_load(struct app *app, struct runs_state *runs, const char *folder)
{
	struct error error = {0};

	if (!runs_table_load(&runs->table, app->session.jobs, folder, &error))
		app_complain(app, &error);
}

static void complain_unless(struct app *app, bool done, const struct error *error)
{
	if (!done)
		app_complain(app, error);
}

static void sort(struct app *app, struct runs_state *runs, const char *order)
{
	struct error error = {0};

	complain_unless(app, runs_table_sort(&runs->table, order, &error), &error);
	runs->list = (struct list){0};
}

static void filter(struct app *app, struct runs_state *runs, const char *text)
{
	static enum action action = ACTION_FILTER_BY;
	struct error error = {0};

	if (!*text) {
		app_prompt(app, &(struct line_options){.prompt = "runs with: ", .initial = runs->table.filter ? runs->table.filter : "",
		                                       .history = LINE_HISTORY_SEARCH, .complete = app_complete_expression,
		                                       .context = app}, app_answer_action, &action);
		return;
	}
	complain_unless(app, runs_table_filter(&runs->table, text, &error), &error);
	runs->list = (struct list){0};
}

static void clear(struct runs_state *runs)
{
	runs_table_filter(&runs->table, "", NULL);
	runs_table_sort(&runs->table, "", NULL);
}

static void mark(struct runs_state *runs)
{
	const size_t chosen = (size_t)runs->list.chosen;

	if (runs->page == RUNS_PAGE_STUDY)
		return;
	runs_table_mark(&runs->table, chosen, !runs_table_is_marked(&runs->table, chosen));
	if (chosen + 1 < runs->table.shown_count)
		runs->list.chosen++;
}

/* The name of a column shows it, or hides it where it is shown. */
static void show_column(struct app *app, struct runs_state *runs, const char *name)
{
	static enum action action = ACTION_COLUMN;
	const int column = run_column_find(name);

	if (!*name) {
		app_prompt(app, &(struct line_options){.prompt = "column: ", .history = LINE_HISTORY_NONE}, app_answer_action, &action);
		return;
	}
	if (column < 0 || column == RUN_COLUMN_NAME) {
		app_say(app, "there is no column \"%.40s\": a result such as accuracy, or a setting such as seed", name);
		return;
	}
	for (int i = 0; i < runs->column_count; i++) {
		if (runs->columns[i] != column)
			continue;
		memmove(runs->columns + i, runs->columns + i + 1, (size_t)(runs->column_count - i - 1) * sizeof *runs->columns);
		runs->column_count--;
		return;
	}
	if (runs->column_count == RUNS_COLUMNS) {
		app_say(app, "no more columns fit into the table");
		return;
	}
	runs->columns[runs->column_count++] = column;
	app_say(app, "%s: %s", run_column_name(column), run_column_help(column));
}

/* Charts */

void runs_lay_over(struct app *app, struct runs_state *runs)
{
	for (int i = 0; i < RUNS_COMPARED && runs->overlays[i]; i++) {
		app->views[SCREEN_TRAIN]->action(app, app->states[SCREEN_TRAIN], ACTION_OVERLAY, runs->overlays[i]);
		free(runs->overlays[i]);
		runs->overlays[i] = NULL;
	}
}

/* Of the chosen run; the marked ones are laid over it. */
static void show_charts(struct app *app, struct runs_state *runs, const struct run_row *run)
{
	const struct run_row *marked[RUNS_COMPARED];
	const size_t count = runs_table_marked(&runs->table, marked, RUNS_COMPARED);
	struct error error = {0};
	int others = 0;

	if (!session_watch(&app->session, run->path, &error)) {
		app_complain(app, &error);
		return;
	}
	snprintf(runs->over, sizeof runs->over, "%s", run->path);
	for (int i = 0; i < RUNS_COMPARED; i++) {
		free(runs->overlays[i]);
		runs->overlays[i] = NULL;
	}
	for (size_t i = 0; i < count && i < RUNS_COMPARED; i++)
		if (marked[i] != run && (runs->overlays[others] = strdup(marked[i]->path)))
			others++;
	app_say(app, "reading %s...", run->path);
}

/* Reviews */

/* The run's result, or its last checkpoint, becomes the model that the reviews are looked at with, where it is not yet. */
static void take_model(struct app *app, const char *run)
{
	char path[PATH_MAX + 64], config[PATH_MAX + 96];
	uint64_t steps[RUN_CHECKPOINTS_MAX];
	size_t count;

	snprintf(path, sizeof path, "%s/model", run);
	snprintf(config, sizeof config, "%s/config.json", path);
	if (access(config, F_OK) != 0) {
		count = run_checkpoints(run, steps, RUN_CHECKPOINTS_MAX);
		if (count == 0 || !run_checkpoint_path(run, steps[count - 1], path, sizeof path))
			return;
	}
	if (strlen(path) < PATH_MAX && strcmp(path, app->session.model_path) != 0)
		session_load_model_quietly(&app->session, path);
}

/* Takes over the numbers. */
static void show_reviews(struct app *app, struct runs_state *runs, uint64_t *numbers, size_t count, size_t chosen,
                         const char *title)
{
	const struct held_out *held = &runs->figures.figures->held;
	struct error error = {0};

	if (count == 0)
		app_say(app, "there is no review %s", title);
	else if (!row_wish_set(&app->wish, &app->session, held->path, &held->dialect, numbers, count, numbers[chosen], title, &error))
		app_complain(app, &error);
	else {
		take_model(app, runs->figures.path);
		app_do(app, ACTION_SCREEN_REVIEWS, "");
	}
	free(numbers);
}

static uint64_t *take_numbers(struct app *app, const struct runs_state *runs)
{
	uint64_t *numbers = calloc(runs->figures.figures->held.rows, sizeof *numbers);
	struct error error = {0};

	if (!numbers && !error_memory(&error, "listing reviews"))
		app_complain(app, &error);
	return numbers;
}

static void show_cell(struct app *app, struct runs_state *runs)
{
	const struct figures *figures = runs->figures.figures;
	const int32_t truth = (int32_t)runs->lines.chosen, prediction = runs->across;
	char title[200];
	uint64_t *numbers;

	if (!figures || !figures->matrix || truth >= figures->held.labels || prediction >= figures->held.labels)
		return;
	snprintf(title, sizeof title, "truly %.60s and found to be %.60s", figures->held.names[truth], figures->held.names[prediction]);
	numbers = take_numbers(app, runs);
	if (numbers)
		show_reviews(app, runs, numbers, figures_cell(figures, truth, prediction, numbers), 0, title);
}

static void show_worst(struct app *app, struct runs_state *runs)
{
	const struct figures *figures = runs->figures.figures;
	uint64_t *numbers = figures && figures->worst_count > 0 ? take_numbers(app, runs) : NULL;

	if (!numbers)
		return;
	for (size_t i = 0; i < figures->worst_count; i++)
		numbers[i] = figures->held.numbers[figures->worst[i]];
	show_reviews(app, runs, numbers, figures->worst_count, (size_t)runs->lines.chosen, "held out and wrong");
}

/* Those that this training mended, or broke. */
static void show_changed(struct app *app, struct runs_state *runs, bool mended)
{
	const struct figures *figures = runs->figures.figures;
	struct error error = {0};
	uint64_t *numbers;
	size_t count;

	if (!figures) {
		app_say(app, "%s", runs->figures.job ? "its scores are still being read" : runs->figures.error.kind
		        ? runs->figures.error.text : "Enter reads the figures of the chosen run first");
		return;
	}
	numbers = take_numbers(app, runs);
	if (!numbers)
		return;
	if (held_out_changed(runs->figures.path, &figures->held, mended, numbers, &count, &error)) {
		show_reviews(app, runs, numbers, count, 0, mended ? "that this run mended" : "that this run broke");
		return;
	}
	app_complain(app, &error);
	free(numbers);
}

/* Pages */

void runs_open_study(struct app *app, struct runs_state *runs, const char *folder)
{
	study_view_ask(&runs->study, app->session.jobs, folder);
	runs->page = RUNS_PAGE_STUDY;
	runs->lines = (struct list){0};
}

/* The study that a run is a trial of, whose cursor stands on it as soon as that is known: its place is that of its name. */
static void open_study_of(struct app *app, struct runs_state *runs, const struct run_row *run)
{
	char folder[PATH_MAX];

	if (!run)
		app_say(app, "no run is chosen");
	else if (!study_view_find(run->path, folder))
		app_say(app, "%s is no trial of a study", run->name);
	else {
		runs_open_study(app, runs, folder);
		snprintf(runs->sought, sizeof runs->sought, "%s", run->path);
	}
}

static void turn_to(struct app *app, struct runs_state *runs, enum runs_page page)
{
	const struct run_row *run = runs_chosen(runs);

	if (page == RUNS_PAGE_DIFFERENCE || page == RUNS_PAGE_MCNEMAR) {
		runs_compare_begin(app, runs, page);
		return;
	}
	if (page == RUNS_PAGE_STUDY) {
		open_study_of(app, runs, run);
		return;
	}
	if (page != RUNS_PAGE_TABLE && !run) {
		app_say(app, runs->page == RUNS_PAGE_STUDY ? "this trial has not begun" : "no run is chosen");
		return;
	}
	if (runs->page == RUNS_PAGE_STUDY) {
		runs->trials = runs->lines;
		runs->list.chosen = runs_table_find(&runs->table, run->path);
		runs->above_study = true;
	} else if (runs->page == RUNS_PAGE_TABLE) {
		runs->above_study = false;
	}
	if (runs_page_is_of_one(page))
		run_figures_ask(&runs->figures, app->session.jobs, run->path);
	runs->page = page;
	runs->lines = (struct list){0};
	runs->across = 0;
}

/* The pages of one run, one after the other. */
static void turn(struct app *app, struct runs_state *runs, int by)
{
	int page = (int)runs->page;

	if (!runs_page_is_of_one(runs->page))
		page = by > 0 ? RUNS_PAGE_TABLE : RUNS_PAGE_WORST + 1;
	page += by;
	turn_to(app, runs, page < RUNS_PAGE_CONFUSION ? RUNS_PAGE_WORST : page > RUNS_PAGE_WORST ? RUNS_PAGE_CONFUSION
	                                                                                        : (enum runs_page)page);
}

static void turn_to_name(struct app *app, struct runs_state *runs, const char *name)
{
	for (int page = 0; page < RUNS_PAGE_COUNT; page++) {
		if (strcmp(page_names[page], name) == 0) {
			turn_to(app, runs, (enum runs_page)page);
			return;
		}
	}
	app_say(app, "there is no page \"%.40s\": confusion, labels, calibration, cut, worst, difference, mcnemar or study", name);
}

static void enter(struct app *app, struct runs_state *runs)
{
	const struct run_row *run = runs->page == RUNS_PAGE_TABLE ? runs_chosen(runs) : NULL;
	char folder[PATH_MAX];

	if (run && study_view_find(run->path, folder))
		turn_to(app, runs, RUNS_PAGE_STUDY);
	else if (runs->page == RUNS_PAGE_TABLE || runs->page == RUNS_PAGE_STUDY)
		turn_to(app, runs, RUNS_PAGE_CONFUSION);
	else if (runs->page == RUNS_PAGE_CONFUSION)
		show_cell(app, runs);
	else if (runs->page == RUNS_PAGE_WORST)
		show_worst(app, runs);
	else
		turn(app, runs, 1);
}

/* A column of the table, a cell of the matrix, the table of the calibration or its curve, the label of a cut. */
static void move_across(struct runs_state *runs, int by)
{
	const struct figures *figures = runs->figures.figures;
	int32_t most = 0;

	if (runs->page == RUNS_PAGE_TABLE) {
		runs->first_column += by;
		runs->first_column = runs->first_column >= runs->column_count ? runs->column_count - 1 : runs->first_column;
		runs->first_column = runs->first_column < 0 ? 0 : runs->first_column;
		return;
	}
	if (runs->page == RUNS_PAGE_CALIBRATION)
		most = 1;
	else if (figures)
		most = runs->page == RUNS_PAGE_CUT ? figures->cut_labels - 1 : figures->held.labels - 1;
	runs->across += by;
	runs->across = runs->across > most ? most : runs->across;
	runs->across = runs->across < 0 ? 0 : runs->across;
}

/* Actions */

static bool act_on_table(struct app *app, struct runs_state *runs, enum action action, const char *argument)
{
	switch (action) {
	case ACTION_SORT:
		sort(app, runs, argument);
		return true;
	case ACTION_FILTER:
	case ACTION_FILTER_BY:
		filter(app, runs, argument);
		return true;
	case ACTION_CLEAR:
		clear(runs);
		return true;
	case ACTION_MARK:
		mark(runs);
		return true;
	case ACTION_UNMARK:
		runs_table_unmark(&runs->table);
		return true;
	case ACTION_COLUMN:
		show_column(app, runs, argument);
		return true;
	case ACTION_RELOAD:
		run_figures_forget(&runs->figures);
		run_figures_forget(&runs->other);
		runs_load(app, runs, NULL);
		if (runs->page == RUNS_PAGE_STUDY)
			study_view_ask(&runs->study, app->session.jobs, runs->study.path);
		return true;
	default:
		return false;
	}
}

/* The training of this process lends its own, without a checkpoint; so does where no run is chosen whatever is shown. */
static bool try_run(struct app *app, const struct run_row *run)
{
	const struct session *session = &app->session;

	if (!run || !run->readable || (session_is_training(session) && strcmp(run->path, session->run_path) == 0))
		return false;
	time_travel_borrow(app, run->path, run->summary.state <= RUN_PAUSED);
	return true;
}

static bool act_on_run(struct app *app, struct runs_state *runs, enum action action)
{
	const struct run_row *run = runs_chosen(runs);

	switch (action) {
	case ACTION_RUN_CHARTS:
		if (run && run->readable)
			show_charts(app, runs, run);
		else
			app_say(app, run ? "this run cannot be read" : "no run is chosen");
		return true;
	case ACTION_TRY:
		return try_run(app, run);
	case ACTION_MENDED:
	case ACTION_BROKEN:
		show_changed(app, runs, action == ACTION_MENDED);
		return true;
	case ACTION_CELL_LEFT:
	case ACTION_CELL_RIGHT:
		move_across(runs, action == ACTION_CELL_LEFT ? -1 : 1);
		return true;
	default:
		return false;
	}
}

bool runs_act(struct app *app, struct runs_state *runs, enum action action, const char *argument)
{
	switch (action) {
	case ACTION_LOOK_AT:
		enter(app, runs);
		return true;
	case ACTION_FIGURES:
		if (*argument)
			turn_to_name(app, runs, argument);
		else
			turn(app, runs, 1);
		return true;
	case ACTION_FIGURES_BACK:
		turn(app, runs, -1);
		return true;
	case ACTION_DIFFERENCE:
		turn_to(app, runs, RUNS_PAGE_DIFFERENCE);
		return true;
	case ACTION_MCNEMAR:
		turn_to(app, runs, RUNS_PAGE_MCNEMAR);
		return true;
	default:
		return act_on_table(app, runs, action, argument) || act_on_run(app, runs, action);
	}
}
