/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A lesson is a file of reviews as any other: a column text, a column label with what the model should say, a column note. A
 * file without notes or labels is one, too. Read and written by jobs. */
#include "ui/score/score.h"

#include "engine/dataset.h"
#include "engine/table_writer.h"

#include <inttypes.h>
#include <stdlib.h>

enum { LESSON_TEXT, LESSON_LABEL, LESSON_NOTE, LESSON_COLUMNS };
static const char *const columns[LESSON_COLUMNS] = {"text", "label", "note"};

struct lesson_row {
	char *fields[LESSON_COLUMNS]; /* NULL: nothing */
};

struct lesson_task {
	bool write;
	enum table_format format;
	struct lesson_row rows[KEPT_MAX];
	int count;
	uint64_t more; /* rows that found no place */
	uint64_t changes; /* score_state.kept_changes when it began */
	char path[];
};

static void lesson_free(void *context)
{
	struct lesson_task *task = context;

	for (int i = 0; i < task->count; i++)
		for (int column = 0; column < LESSON_COLUMNS; column++)
			free(task->rows[i].fields[column]);
	free(task);
}

static bool put_row(struct table_writer *writer, const struct lesson_row *row, struct error *error)
{
	struct table_field fields[LESSON_COLUMNS];

	for (int column = 0; column < LESSON_COLUMNS; column++)
		fields[column] = row->fields[column] ? (struct table_field){span_of(row->fields[column]), FIELD_TEXT_KIND}
		                                     : (struct table_field){{"", 0}, FIELD_MISSING_KIND};
	return table_writer_put(writer, fields, error);
}

static bool write_work(struct lesson_task *task, struct error *error)
{
	struct span names[LESSON_COLUMNS];
	struct table_writer *writer;
	bool done;

	for (int column = 0; column < LESSON_COLUMNS; column++)
		names[column] = span_of(columns[column]);
	writer = table_writer_open(task->path, task->format, names, LESSON_COLUMNS, error);
	done = writer != NULL;
	for (int i = 0; done && i < task->count; i++)
		done = put_row(writer, &task->rows[i], error);
	if (done)
		return table_writer_commit(writer, error);
	table_writer_abort(writer);
	return false;
}

static char *copy_of(struct span text)
{
	return text.size > 0 ? strndup(text.data, text.size) : NULL;
}

/* The label where the file has no column of that name is the one that was guessed. */
static bool take_row(struct lesson_task *task, const struct dataset *dataset, const struct row *row, struct error *error)
{
	const int note = dataset_find_column(dataset, columns[LESSON_NOTE]);
	struct lesson_row *taken = &task->rows[task->count];

	if ((row->status != ROW_OK && row->status != ROW_NO_LABEL) || row->text.size == 0)
		return true;
	taken->fields[LESSON_TEXT] = copy_of(row->text);
	taken->fields[LESSON_LABEL] = copy_of(row->label);
	taken->fields[LESSON_NOTE] = note >= 0 && note < row->count ? copy_of(row->fields[note]) : NULL;
	task->count++;
	return taken->fields[LESSON_TEXT] ? true : error_memory(error, "reading a lesson");
}

static bool read_rows(struct lesson_task *task, struct dataset *dataset, const struct progress *progress, struct error *error)
{
	struct row *row = row_new(error);
	bool done = row && dataset_index(dataset, progress, error) && dataset_check_columns(dataset, false, error), complete;
	const uint64_t rows = done ? dataset_rows(dataset, &complete) : 0;

	for (uint64_t i = 0; done && i < rows && task->count < KEPT_MAX; i++) {
		done = dataset_read(dataset, i, row, error) && take_row(task, dataset, row, error);
		task->more = rows - i - 1;
	}
	row_free(row);
	return done;
}

static bool read_work(struct lesson_task *task, const struct progress *progress, struct error *error)
{
	struct dataset *dataset = dataset_open(task->path, &(struct dataset_options){.progress = progress}, error);
	const bool done = dataset && read_rows(task, dataset, progress, error);

	dataset_close(dataset);
	return done;
}

static bool lesson_work(void *context, const struct progress *progress, struct error *error)
{
	struct lesson_task *task = context;

	return task->write ? write_work(task, error) : read_work(task, progress, error);
}

static void start(struct app *app, struct score_state *score, struct lesson_task *task)
{
	static const struct job_kind kind = {"a lesson", lesson_work, lesson_free};
	struct error error = {0};

	task->changes = score->kept_changes;
	job_let_go(&score->file_job);
	score->file_job = job_start(app->session.jobs, &kind, task, &error);
	if (!score->file_job)
		app_complain(app, &error);
}

static struct lesson_task *task_new(struct app *app, const char *path)
{
	struct lesson_task *task = calloc(1, sizeof *task + strlen(path) + 1);

	if (task)
		memcpy(task->path, path, strlen(path) + 1);
	else
		app_say(app, "out of memory");
	return task;
}

/* A lesson begins with what was kept first. */
static bool copy_reviews(struct lesson_task *task, const struct score_state *score)
{
	for (int i = score->kept_count - 1; i >= 0; i--) {
		const struct kept_review *kept = &score->kept[i];
		struct lesson_row *row = &task->rows[task->count++];

		row->fields[LESSON_TEXT] = strdup(kept->text);
		row->fields[LESSON_LABEL] = kept->expected[0] ? strdup(kept->expected) : NULL;
		row->fields[LESSON_NOTE] = kept->note ? strdup(kept->note) : NULL;
		if (!row->fields[LESSON_TEXT] || (kept->note && !row->fields[LESSON_NOTE]))
			return false;
	}
	return true;
}

void score_save_lesson(struct app *app, struct score_state *score, const char *path)
{
	static enum action action = ACTION_SAVE_LESSON;
	struct error error = {0};
	enum table_format format;
	struct lesson_task *task;

	if (score->kept_count == 0) {
		app_say(app, "no review was kept yet: Enter keeps the one that is typed");
	} else if (!*path) {
		app_prompt(app, &(struct line_options){.prompt = "save the lesson as: ", .history = LINE_HISTORY_FILE, .files = true},
		           app_answer_action, &action);
	} else if (!table_format_of(path, &format)) {
		error_set(&error, ERROR_USAGE, "%.200s: a lesson is a file of the ending " TABLE_ENDINGS, path);
		app_complain(app, &error);
	} else if ((task = task_new(app, path))) {
		task->write = true;
		task->format = format;
		if (copy_reviews(task, score)) {
			start(app, score, task);
		} else {
			lesson_free(task);
			app_say(app, "out of memory");
		}
	}
}

static void read_lesson(struct app *app, struct score_state *score, const char *path)
{
	struct lesson_task *task = task_new(app, path);

	if (task)
		start(app, score, task);
}

static void lesson_chosen(struct app *app, int key)
{
	struct score_state *score = app->states[SCREEN_SCORE];

	if (key == 'o' && score->lesson_path)
		read_lesson(app, score, score->lesson_path);
	free(score->lesson_path);
	score->lesson_path = NULL;
}

static void ask_for_place(struct app *app, struct score_state *score, const char *path)
{
	static const struct app_choice choices[] = {{'o', "open it, they go"}, {'b', "go back"}, {0, NULL}};

	free(score->lesson_path);
	score->lesson_path = strdup(path);
	score_ask_unsaved(app, score, choices, lesson_chosen);
}

void score_open_lesson(struct app *app, struct score_state *score, const char *path)
{
	static enum action action = ACTION_LESSON;

	if (!*path)
		app_prompt(app, &(struct line_options){.prompt = "open the lesson: ", .history = LINE_HISTORY_FILE, .files = true},
		           app_answer_action, &action);
	else if (score_is_unsaved(app, score))
		ask_for_place(app, score, path);
	else
		read_lesson(app, score, path);
}

/* The first review of the lesson stands on top. */
static void take_reviews(struct app *app, struct score_state *score, struct lesson_task *task)
{
	score_forget(score);
	for (int i = task->count - 1; i >= 0; i--) {
		char **fields = task->rows[i].fields;
		struct kept_review *kept = score_keep(app, score, fields[LESSON_TEXT]);

		if (!kept)
			break;
		kept->note = fields[LESSON_NOTE];
		fields[LESSON_NOTE] = NULL;
		snprintf(kept->expected, sizeof kept->expected, "%s", fields[LESSON_LABEL] ? fields[LESSON_LABEL] : "");
	}
	score->saved_changes = score->kept_changes;
	score->pane = SCORE_KEPT_LIST;
	score_ask_kept(app, score);
	if (task->more > 0)
		app_say(app, "%d reviews of the lesson, %" PRIu64 " more found no place", task->count, task->more);
	else
		app_say(app, "%d review%s of the lesson", task->count, task->count == 1 ? "" : "s");
}

static void take_written(struct app *app, struct score_state *score, const struct lesson_task *task)
{
	score->saved_changes = task->changes;
	app_say(app, "%d review%s written to %s", task->count, task->count == 1 ? "" : "s", task->path);
}

void score_take_lesson(struct app *app, struct score_state *score)
{
	struct lesson_task *task;

	if (!score->file_job || !job_finished(score->file_job))
		return;
	task = job_context(score->file_job);
	if (job_error(score->file_job))
		app_complain(app, job_error(score->file_job));
	else if (task->write)
		take_written(app, score, task);
	else if (score->kept_changes != task->changes)
		app_say(app, "reviews were kept while the lesson was read: :lesson opens it all the same");
	else
		take_reviews(app, score, task);
	job_let_go(&score->file_job);
}
