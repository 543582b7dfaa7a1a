/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/reviews.h"

#include "engine/words.h"
#include "ui/reviews/review_export.h"
#include "ui/row_set.h"

#include <stdlib.h>
#include <sys/stat.h>

/* Marks */

static void reviews_mark(struct app *app, struct reviews_state *reviews)
{
	uint64_t row;

	if (!reviews_chosen_row(reviews, &row))
		return;
	if (!marks_set(&reviews->marks, row, !marks_has(&reviews->marks, row)))
		app_say(app, "memory is too short to mark the row");
	else if (reviews->list.chosen + 1 < review_list_count(&reviews->rows))
		reviews->list.chosen++;
}

/* What is searched for, else what is listed. */
static void reviews_mark_found(struct app *app, struct reviews_state *reviews)
{
	struct review_list *rows = &reviews->rows;
	struct row_set *matches = rows->matches;
	const uint64_t before = reviews->marks.count;
	const uint64_t count = matches ? row_set_count(matches) : review_list_count(rows);
	bool good = true;

	if (review_list_is_busy(rows)) {
		app_say(app, "not all are found yet: wait a moment");
		return;
	}
	for (uint64_t i = 0; good && i < count; i++)
		good = marks_set(&reviews->marks, review_list_row(rows, matches ? row_set_at(matches, i) : i), true);
	app_say(app, good ? "%s marked, %s new" : "memory is too short: %s marked, %s new", words_count(reviews->marks.count).text,
	        words_count(reviews->marks.count - before).text);
}

static void reviews_unmark(struct app *app, struct reviews_state *reviews)
{
	const uint64_t count = reviews->marks.count;

	marks_clear(&reviews->marks);
	app_say(app, count == 0 ? "nothing is marked" : count == 1 ? "1 mark removed" : "%s marks removed", words_count(count).text);
}

/* Export */

/* The marked rows in the order of the list where all of them are listed; else in that of the file. */
static struct export_task *export_new(struct reviews_state *reviews, const char *path, struct error *error)
{
	const struct review_list *rows = &reviews->rows;
	struct export_task *task = calloc(1, sizeof *task);

	if (!task || !(task->path = strdup(path))) {
		free(task);
		error_memory(error, "writing reviews");
		return NULL;
	}
	task->marked = reviews->marks.count > 0;
	table_format_of(path, &task->format);
	if (!review_values_take(&task->values, rows->source, &reviews->predictions, &reviews->marks, NULL, error)) {
		free(task->path);
		free(task);
		return NULL;
	}
	if (!task->marked || (rows->order && !rows->filter))
		task->rows = row_set_hold(rows->listed);
	return task;
}

static void reviews_export_now(struct app *app, struct reviews_state *reviews, const char *path)
{
	struct error error = {0};
	struct export_task *task = export_new(reviews, path, &error);

	job_let_go(&reviews->export_job);
	if (task)
		reviews->export_job = review_job_export(app->session.jobs, task, &error);
	if (!reviews->export_job)
		app_complain(app, &error);
	else
		app_say(app, "writing %s", path);
}

static void reviews_export_chosen(struct app *app, int key)
{
	struct reviews_state *reviews = app->states[SCREEN_REVIEWS];

	if (key == 'y')
		reviews_export_now(app, reviews, reviews->export_path);
	else
		app_say(app, "%s stays as it is", reviews->export_path);
}

static void reviews_export_to(struct app *app, struct reviews_state *reviews, const char *path)
{
	static const struct app_choice choices[] = {{'y', "replace it"}, {'n', "leave it"}, {0, NULL}};
	enum table_format format;
	struct error error = {0};
	struct stat status;
	char question[256];

	if (!table_format_of(path, &format)) {
		error_set(&error, ERROR_USAGE, "rows go into " TABLE_ENDINGS ", not %.200s", path);
		app_complain(app, &error);
	} else if (strlen(path) >= sizeof reviews->export_path) {
		app_say(app, "the name is too long");
	} else if (lstat(path, &status) == 0) {
		snprintf(reviews->export_path, sizeof reviews->export_path, "%s", path);
		snprintf(question, sizeof question, "%.180s is there already.", path);
		app_ask(app, question, choices, reviews_export_chosen);
	} else {
		reviews_export_now(app, reviews, path);
	}
}

static void reviews_export_answer(struct app *app, void *context, const char *path)
{
	if (*path)
		reviews_export_to(app, context, path);
}

static void reviews_export(struct app *app, struct reviews_state *reviews, const char *path)
{
	bool complete;

	dataset_rows(app->session.dataset, &complete);
	if (!complete || reviews->rows.view_job)
		app_say(app, "not all rows are found yet: wait a moment");
	else if (*path)
		reviews_export_to(app, reviews, path);
	else
		app_prompt(app, &(struct line_options){.prompt = reviews->marks.count > 0 ? "write marked rows to: " : "write rows to: ",
		                                       .history = LINE_HISTORY_FILE, .files = true}, reviews_export_answer, reviews);
}

void reviews_take_export(struct app *app, struct reviews_state *reviews)
{
	const struct export_task *task;

	if (!job_finished(reviews->export_job))
		return;
	task = job_context(reviews->export_job);
	if (job_error(reviews->export_job))
		app_complain(app, job_error(reviews->export_job));
	else
		app_say(app, "%s %s written to %s", words_count(task->written).text, task->written == 1 ? "review" : "reviews", task->path);
	job_let_go(&reviews->export_job);
}

bool reviews_act_on_marks(struct app *app, struct reviews_state *reviews, enum action action, const char *argument)
{
	switch (action) {
	case ACTION_MARK:
		reviews_mark(app, reviews);
		return true;
	case ACTION_MARK_FOUND:
		reviews_mark_found(app, reviews);
		return true;
	case ACTION_UNMARK:
		reviews_unmark(app, reviews);
		return true;
	case ACTION_EXPORT:
		reviews_export(app, reviews, argument);
		return true;
	default:
		return false;
	}
}
