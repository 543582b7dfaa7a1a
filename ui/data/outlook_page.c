/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/data/outlook_page.h"

#include "engine/words.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH_START 256
#define LENGTH_MIN 8
#define LENGTH_MAX 65536
#define BARS_MAX 120

struct outlook_task {
	struct source *source; /* held as a reader */
	struct outlook outlook;
	char model[PATH_MAX], other[PATH_MAX];
};

static void outlook_task_free(void *context)
{
	struct outlook_task *task = context;

	source_end_reading(task->source);
	outlook_free(&task->outlook);
	free(task);
}

static bool outlook_work(void *context, const struct progress *progress, struct error *error)
{
	struct outlook_task *task = context;

	return dataset_index(task->source->dataset, progress, error) &&
	       outlook_make(&task->outlook, task->source->dataset, task->model, *task->other ? task->other : NULL, progress, error);
}

static void begin(struct app *app, struct outlook_page *page)
{
	static const struct job_kind making = {"counting tokens", outlook_work, outlook_task_free};
	struct outlook_task *task = calloc(1, sizeof *task);

	job_let_go(&page->job);
	outlook_free(&page->outlook);
	page->made = false;
	page->generation = app->session.dataset_generation;
	page->error = (struct error){0};
	snprintf(page->compared, sizeof page->compared, "%s", page->other);
	snprintf(page->model, sizeof page->model, "%s", app->session.model_path[0] ? app->session.model_path : app->model);
	if (!page->model[0]) {
		error_set(&page->error, ERROR_USAGE, "no model is loaded, whose tokens would be counted: m loads one");
		free(task);
		return;
	}
	if (!task) {
		error_memory(&page->error, making.name);
		return;
	}
	snprintf(task->model, sizeof task->model, "%s", page->model);
	snprintf(task->other, sizeof task->other, "%s", page->other);
	task->source = source_begin_reading(app->session.source);
	page->job = job_start(app->session.jobs, &making, task, &page->error);
}

void outlook_page_free(struct outlook_page *page)
{
	job_let_go(&page->job);
	outlook_free(&page->outlook);
}

bool outlook_page_is_busy(const struct outlook_page *page)
{
	return page->job;
}

/* Another file, or its other columns, have another outlook, which is made when somebody looks. */
void outlook_page_wake(struct app *app, struct outlook_page *page)
{
	struct outlook_task *task;

	if (page->generation != app->session.dataset_generation)
		job_let_go(&page->job);
	if (page->shown && app->session.dataset && !page->job && app->screen == SCREEN_DATA &&
	    (page->generation != app->session.dataset_generation || strcmp(page->compared, page->other) != 0))
		begin(app, page);
	if (!job_finished(page->job))
		return;
	task = job_context(page->job);
	if (job_error(page->job)) {
		page->error = *job_error(page->job);
	} else {
		page->outlook = task->outlook;
		task->outlook = (struct outlook){0};
		page->made = true;
	}
	job_let_go(&page->job);
}

/* Drawing */

static double percent(uint64_t part, uint64_t whole)
{
	return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

static int draw_facts(struct app *app, const struct outlook_page *page, struct rect rect)
{
	const struct outlook *outlook = &page->outlook;
	uint64_t cut, lost;
	char name[WIDGET_NAME_MAX];
	int row = 2;

	outlook_cut(outlook, page->max_length, &cut, &lost);
	draw_format(app->terminal, rect, row++, 1, STYLE_NORMAL,
	            "%s reviews: %s empty, %s repeat an earlier one, %s with more than one label", words_count(outlook->rows).text,
	            words_count(outlook->empty).text, words_count(outlook->repeated).text,
	            words_count(outlook->two_labels).text);
	draw_format(app->terminal, rect, row++, 1, STYLE_NORMAL, "tokens: median %d, nine in ten up to %d, longest %d",
	            (int)outlook_quantile(outlook, 0.5), (int)outlook_quantile(outlook, 0.9), (int)outlook_quantile(outlook, 1));
	draw_format(app->terminal, rect, row++, 1, cut > 0 ? STYLE_FIRST : STYLE_GOOD,
	            "after %d tokens %.1f %% of the reviews are cut, which loses %.1f %% of all tokens", (int)page->max_length,
	            percent(cut, outlook->rows), percent(lost, outlook->tokens));
	if (page->compared[0]) {
		app_path_name(app, page->compared, rect.columns / 2, name);
		draw_format(app->terminal, rect, row++, 1, outlook->in_both > 0 ? STYLE_ERROR : STYLE_GOOD,
		            "%s of the %s reviews of %s stand here too", words_count(outlook->in_both).text,
		            words_count(outlook->other_rows).text, name);
	}
	return row + 1;
}

/* Rows by their tokens; what is longer than the last bar stands in it. Returns the tokens of a bar. */
static int32_t count_bars(const struct outlook *outlook, int bars, uint64_t counts[BARS_MAX])
{
	const int32_t step = (outlook_quantile(outlook, 0.995) - 1) / bars + 1;

	memset(counts, 0, BARS_MAX * sizeof *counts);
	for (uint64_t i = 0; i < outlook->rows; i++) {
		const int32_t bar = (outlook->lengths[i] - 1) / step;

		counts[bar < bars ? bar : bars - 1]++;
	}
	return step;
}

static void draw_axis(struct app *app, struct rect rect, int row, int bars, int width, int32_t step, int cut)
{
	draw_text(app->terminal, rect, row, 1, "1", STYLE_DIM);
	draw_format(app->terminal, rect, row, 1 + bars / 2 * width, STYLE_DIM, "%d", 1 + bars / 2 * step);
	draw_format(app->terminal, rect, row, bars * width - 4, STYLE_DIM, "%d+", 1 + (bars - 1) * step);
	if (cut < bars)
		draw_text(app->terminal, rect, row, 1 + cut * width, terminal_ascii(app->terminal) ? "^" : "\xe2\x96\xb2", STYLE_ERROR);
}

/* Bars that are longer than the cut have the colour of what is wrong. */
static void draw_lengths(struct app *app, const struct outlook_page *page, struct rect rect)
{
	const int room = rect.columns - 2 < BARS_MAX ? rect.columns - 2 : BARS_MAX;
	const int most = outlook_quantile(&page->outlook, 0.995);
	const int width = most > 0 && most < room ? room / most : 1, bars = room / width;
	const struct rect area = {rect.y + 1, rect.x + 1, rect.rows - 2, rect.columns - 1};
	uint64_t counts[BARS_MAX], tallest = 1;
	int32_t step;
	int cut;

	if (bars < 8 || area.rows < 1)
		return;
	step = count_bars(&page->outlook, bars, counts);
	cut = page->max_length / step;
	for (int i = 0; i < bars; i++)
		tallest = counts[i] > tallest ? counts[i] : tallest;
	draw_text(app->terminal, rect, 0, 1, "Reviews by their tokens; what is cut stands right of the mark", STYLE_TITLE);
	for (int i = 0; i < bars * width; i++)
		draw_column(app->terminal, area, i, (double)counts[i / width] / (double)tallest,
		            i / width < cut ? STYLE_SECOND : STYLE_ERROR);
	draw_axis(app, rect, rect.rows - 1, bars, width, step, cut);
}

static void draw_waiting(struct app *app, const struct outlook_page *page, struct rect rect)
{
	uint64_t done, total;

	if (page->error.kind) {
		app_draw_message(app, rect, 2, 1, page->error.text, STYLE_ERROR);
		return;
	}
	job_progress(page->job, &done, &total);
	draw_format(app->terminal, rect, 2, 1, STYLE_DIM, "counting the tokens of every row: %.0f %% (r gives it up)",
	            percent(done, total));
}

void outlook_page_draw(struct app *app, const struct outlook_page *page, struct rect body)
{
	char name[WIDGET_NAME_MAX];
	int used;

	app_path_name(app, page->model, body.columns - 44, name);
	draw_format(app->terminal, body, 0, 1, STYLE_TITLE, "What a training would meet, by the tokens of %s", name);
	if (!page->made) {
		draw_waiting(app, page, body);
		return;
	}
	used = draw_facts(app, page, body);
	draw_lengths(app, page, (struct rect){body.y + used, body.x, body.rows - used, body.columns});
}

/* Actions */

static void set_length(struct app *app, struct outlook_page *page, const char *text)
{
	char *end;
	const long length = strtol(text, &end, 10);

	if (*end || length < LENGTH_MIN || length > LENGTH_MAX)
		app_say(app, "a length is a number of tokens from %d to %d", LENGTH_MIN, LENGTH_MAX);
	else
		page->max_length = (int32_t)length;
}

static void compare_with(struct app *app, void *context, const char *path)
{
	struct outlook_page *page = context;

	if (strlen(path) >= sizeof page->other)
		return;
	snprintf(page->other, sizeof page->other, "%s", path);
	page->shown = true;
	page->generation = 0;
	outlook_page_wake(app, page);
}

static void ask_other(struct app *app, struct outlook_page *page, const char *path)
{
	if (*path)
		compare_with(app, page, path);
	else
		app_prompt(app, &(struct line_options){.prompt = "compare with file: ", .initial = page->other, .files = true,
		                                       .history = LINE_HISTORY_FILE}, compare_with, page);
}

static void show(struct app *app, struct outlook_page *page, const char *length)
{
	page->shown = *length || !page->shown;
	if (page->max_length == 0)
		page->max_length = LENGTH_START;
	if (*length)
		set_length(app, page, length);
	if (!page->shown && page->job) {
		job_let_go(&page->job);
		page->generation = 0;
	}
	outlook_page_wake(app, page);
}

bool outlook_page_act(struct app *app, struct outlook_page *page, enum action action, const char *argument)
{
	switch (action) {
	case ACTION_OUTLOOK:
		show(app, page, argument);
		return true;
	case ACTION_OVERLAP:
		if (page->max_length == 0)
			page->max_length = LENGTH_START;
		ask_other(app, page, argument);
		return true;
	case ACTION_LONGER:
	case ACTION_SHORTER:
		if (!page->shown)
			return true;
		if (action == ACTION_LONGER && page->max_length <= LENGTH_MAX / 2)
			page->max_length *= 2;
		else if (action == ACTION_SHORTER && page->max_length >= 2 * LENGTH_MIN)
			page->max_length /= 2;
		return true;
	default:
		return false;
	}
}
