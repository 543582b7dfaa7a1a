/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/train/train_form.h"

#include "ui/choices.h"
#include "ui/column_choice.h"
#include "ui/messages.h"
#include "ui/train/form_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name, *help;
} path_fields[FIELD_OPTIONS] = {
	{"data", "the file to learn from; the one that the Data screen shows"},
	{"model", "the folder of the model to start from"},
	{"run", "the directory that keeps everything about this training"},
	{"recipe", "settings of a known training by its name, or of a file: arguments, a run.json"},
};

/* On the screens a training is measured before its first step where it is measured at all: its charts begin where the model
 * stood, and its end tells what was mended and broken. */
static void train_form_measure_first(struct train_form *form)
{
	if (!form->own_start)
		form->options.eval_on_start = train_options_hold_out(&form->options);
}

void train_form_init(struct train_form *form, const char *model)
{
	*form = (struct train_form){.rows_shown.own = FIELD_OPTIONS};
	train_options_init(&form->options);
	train_form_measure_first(form);
	snprintf(form->paths[FIELD_MODEL], PATH_MAX, "%s", model);
}

void train_form_free(struct train_form *form)
{
	job_let_go(&form->count_job);
	job_let_go(&form->estimate_job);
	form_pace_free(&form->pace);
}

/* run-1, run-2, ...: the first that is not there. What the person typed stays: whether a training may be put there is
 * told when it starts. */
static void train_form_name_run(struct train_form *form)
{
	char *run = form->paths[FIELD_RUN];

	if (*run && (form->own_run || access(run, F_OK) != 0))
		return;
	for (int i = 1; i < 100000; i++) {
		snprintf(run, PATH_MAX, "run-%d", i);
		if (access(run, F_OK) != 0)
			return;
	}
}

/* Counting */

struct count_task {
	struct survey survey;
	struct train_options options; /* which columns */
	bool remembered, forgot;
	char path[];
};

static void count_task_free(void *context)
{
	struct count_task *task = context;

	survey_free(&task->survey);
	free(task);
}

static bool count_work(void *context, const struct progress *progress, struct error *error)
{
	struct count_task *task = context;
	struct dataset_options options = train_options_dataset(&task->options);
	struct dataset *dataset;
	bool counted;

	options.progress = progress;
	dataset = dataset_open(task->path, &options, error);
	if (!dataset && task->remembered && error->kind != ERROR_INTERRUPTED) {
		options.dialect = (struct dataset_dialect){0};
		dataset = dataset_open(task->path, &options, error);
		task->forgot = dataset;
	}
	counted = dataset && dataset_index(dataset, progress, error)
	                     && dataset_survey(dataset, &task->survey, progress, error);

	dataset_close(dataset);
	return counted;
}

static void train_form_count_rows(struct train_form *form, const struct session *session)
{
	static const struct job_kind counting = {"counting rows", count_work, count_task_free};
	const char *path = form->paths[FIELD_DATA];
	struct count_task *task;

	if (strcmp(form->counted, path) == 0)
		return;
	job_let_go(&form->count_job);
	snprintf(form->counted, PATH_MAX, "%s", path);
	form->rows = 0;
	form->count_error = (struct error){0};
	task = strcmp(path, "-") == 0 ? NULL : calloc(1, sizeof *task + strlen(path) + 1);
	if (!task)
		return; /* the start says why */
	task->options = form->options;
	task->remembered = form->remembered;
	memcpy(task->path, path, strlen(path) + 1);
	form->count_job = job_start(session->jobs, &counting, task, &form->count_error);
}

bool train_form_is_counting(const struct train_form *form)
{
	return form->count_job;
}

/* The estimate: a backend is opened for it, and the model's config.json read */

struct estimate_task {
	char paths[FIELD_OPTIONS][PATH_MAX], folder[PATH_MAX];
	struct train_options options;
	uint64_t rows;
	struct train_estimate estimate;
	struct train_time time;
};

/* The checks are those of the command line. */
static bool estimate_work(void *context, const struct progress *progress, struct error *error)
{
	struct estimate_task *task = context;
	const struct trainer_request request = {.run = task->paths[FIELD_RUN], .data = task->paths[FIELD_DATA],
	                                        .model = task->paths[FIELD_MODEL], .options = &task->options};

	if (!trainer_check(&request, error) || !train_estimate(&request, task->rows, &task->estimate, error))
		return false;
	train_time_of_runs(&request, task->folder, task->estimate.steps, progress, &task->time);
	return true;
}

/* Where runs are looked for that were like this one: beside it. */
static void folder_of_runs(const char *run, char out[PATH_MAX])
{
	const char *slash = strrchr(run, '/');

	snprintf(out, PATH_MAX, "%.*s", slash == run ? 1 : slash ? (int)(slash - run) : 1, slash ? run : ".");
}

static void start_estimate(struct train_form *form, const struct session *session, struct estimate_task *task)
{
	static const struct job_kind estimating = {"estimating", estimate_work, free};

	folder_of_runs(task->paths[FIELD_RUN], task->folder);
	task->time = (struct train_time){.seconds = -1};
	form->estimate_job = job_start(session->jobs, &estimating, task, &form->estimate_error);
}

/* The settings as a task; NULL: there is nothing to estimate, or no memory, which estimate_error says. */
static struct estimate_task *new_estimate(struct train_form *form)
{
	struct trainer_request request;
	struct estimate_task *task;

	job_let_go(&form->estimate_job);
	form->estimate_error = form->own_data ? form->count_error : (struct error){0};
	if (form->estimate_error.kind || train_form_is_counting(form)
	    || !train_form_request(form, &request, &form->estimate_error))
		return NULL;
	task = malloc(sizeof *task);
	if (!task) {
		error_memory(&form->estimate_error, "estimating");
		return NULL;
	}
	memcpy(task->paths, form->paths, sizeof task->paths);
	task->options = form->options;
	task->rows = form->counted_rows;
	return task;
}

static void train_form_estimate(struct train_form *form, const struct session *session, uint64_t rows)
{
	struct estimate_task *task;

	form->counted_rows = rows;
	task = new_estimate(form);
	if (task)
		start_estimate(form, session, task);
}

bool train_form_is_estimating(const struct train_form *form)
{
	return form->estimate_job || form->pace.job || train_form_is_counting(form);
}

/* While a training goes on here it needs the processors for itself. */
static void train_form_want_pace(struct train_form *form, const struct session *session, const struct estimate_task *task)
{
	const struct trainer_request request = {.data = task->paths[FIELD_DATA], .model = task->paths[FIELD_MODEL],
	                                        .options = &task->options};

	if (task->time.seconds < 0 && task->estimate.memory_bytes < task->estimate.memory_available / 2 && !session_is_training(session))
		form_pace_want(&form->pace, session, &request, task->estimate.steps, form->trial.on);
	else
		form_pace_stop(&form->pace);
}

static void train_form_take_estimate(struct train_form *form, const struct session *session)
{
	const struct estimate_task *task;

	if (!job_finished(form->estimate_job))
		return;
	task = job_context(form->estimate_job);
	if (job_error(form->estimate_job)) {
		form->estimate_error = *job_error(form->estimate_job);
	} else {
		form->estimate = task->estimate;
		form->time = task->time;
		train_form_want_pace(form, session, task);
	}
	job_let_go(&form->estimate_job);
}

static void train_form_take_count(struct train_form *form, const struct count_task *task)
{
	form->rows = task->survey.used;
	if (!task->forgot)
		return;
	form->forgot = true;
	form->remembered = false;
	train_options_set_dialect(&form->options, &(struct dataset_dialect){0});
}

void train_form_update(struct train_form *form, const struct session *session)
{
	train_form_take_estimate(form, session);
	form_pace_update(&form->pace);
	if (form->time.seconds < 0 || form->time.measured > 0)
		form_pace_tell(&form->pace, form->estimate.steps, &form->time);
	if (!job_finished(form->count_job))
		return;
	if (job_error(form->count_job))
		form->count_error = *job_error(form->count_job);
	else
		train_form_take_count(form, job_context(form->count_job));
	job_let_go(&form->count_job);
	train_form_follow(form, session);
}

void train_form_follow(struct train_form *form, const struct session *session)
{
	const struct dataset *dataset = session->dataset;
	uint64_t rows = form->rows;
	bool complete, labels = train_options_need_labels(&form->options);

	if (form->own_data) {
		train_form_count_rows(form, session);
		rows = form->rows;
	} else if (dataset) {
		job_let_go(&form->count_job);
		form->counted[0] = '\0';
		snprintf(form->paths[FIELD_DATA], PATH_MAX, "%s", dataset_path(dataset));
		column_choice_name(dataset, session_text_column(session), form->options.text_column, OPTION_TEXT_MAX);
		column_choice_label_name(dataset, labels ? session_label_column(session) : -1, form->options.label_column, OPTION_TEXT_MAX);
		train_options_set_dialect(&form->options, dataset_said(dataset));
		form->text_said = session->text_said;
		form->label_said = session->label_said;
		rows = session->survey_ready ? session->survey.used : dataset_rows(dataset, &complete);
	}
	train_form_name_run(form);
	train_form_estimate(form, session, rows);
}

/* What a field is does not depend on what is folded. */
static const struct form_rows numbering = {.own = FIELD_OPTIONS};

const struct option_row *train_form_option(int field)
{
	return form_rows_option(&numbering, field);
}

int train_form_theme(int field)
{
	return form_rows_theme(&numbering, field);
}

const char *train_form_name(int field)
{
	const int theme = train_form_theme(field);

	if (theme >= 0)
		return option_theme_titles[theme];
	return field < FIELD_OPTIONS ? path_fields[field].name : train_form_option(field)->name;
}

/* "(1 to 65536)", "(0 to 10; usual for this model: 0.0001 to 0.0005, as 0.0002)" */
static void explain_range(const struct train_form *form, const struct option_row *row, char *out, size_t capacity)
{
	const struct train_estimate *estimate = &form->estimate;
	const size_t used = strlen(out);

	if (row->offset == offsetof(struct train_options, learning_rate) && estimate->usual_high > 0)
		snprintf(out + used, capacity - used, " (%g to %g; usual for this model: %g to %g, as %g)", row->minimum, row->maximum,
		         estimate->usual_low, estimate->usual_high, estimate->suggested);
	else
		snprintf(out + used, capacity - used, " (%.10g to %.10g)", row->minimum, row->maximum);
}

void train_form_explain(const struct train_form *form, int field, char *out, size_t capacity)
{
	const struct option_row *row = train_form_option(field);

	if (train_form_theme(field) >= 0)
		snprintf(out, capacity, "Enter shows these settings, or folds them away; / finds a setting by its name or by what it does");
	else
		snprintf(out, capacity, "%s", row ? row->help : path_fields[field].help);
	if (row && (row->kind == OPTION_INTEGER || row->kind == OPTION_REAL))
		explain_range(form, row, out, capacity);
	messages_name_settings(out);
}

/* Choices. Those of a boolean are no words of the table; a recipe may also be none, or a file. */

bool train_form_is_choice(int field)
{
	const struct option_row *row = train_form_option(field);

	return field == FIELD_RECIPE || (row && (row->kind == OPTION_CHOICE || row->kind == OPTION_BOOLEAN));
}

/* Word number `index` of a choice, or NULL. */
static const char *choice_word(int field, int index, char out[OPTION_TEXT_MAX])
{
	const struct option_row *row = train_form_option(field);
	const char *words = row && row->kind == OPTION_CHOICE ? row->choices : "false|true";
	struct span word;

	if (field == FIELD_RECIPE)
		return index == 0 ? "" : train_recipe_name(index - 1);
	word = choices_word(words, index);
	snprintf(out, OPTION_TEXT_MAX, "%.*s", (int)word.size, word.data);
	return word.size > 0 ? out : NULL;
}

int train_form_choice_count(int field)
{
	char word[OPTION_TEXT_MAX];
	int count = 0;

	while (choice_word(field, count, word))
		count++;
	return count;
}

int train_form_choice_place(const struct train_form *form, int field)
{
	char now[OPTION_TEXT_MAX], buffer[OPTION_TEXT_MAX];
	const char *word;

	train_form_value(form, field, now, sizeof now);
	for (int i = 0; (word = choice_word(field, i, buffer)); i++)
		if (strcmp(word, now) == 0)
			return i;
	return -1;
}

const char *train_form_choice(const struct train_form *form, int field, int step, char out[OPTION_TEXT_MAX])
{
	const int count = train_form_choice_count(field), place = train_form_choice_place(form, field);
	const int from = place < 0 && step < 0 ? 0 : place; /* a file as recipe stands before all names */

	return choice_word(field, (from + step % count + count) % count, out);
}

/* "3 settings, 1 changed" */
static void describe_theme(const struct train_form *form, int theme, char *out, size_t capacity)
{
	int count = 0, changed = 0;

	for (int field = FIELD_OPTIONS; train_form_option(field); field++) {
		if ((int)train_form_option(field)->theme != theme)
			continue;
		count++;
		changed += !train_form_is_default(form, field);
	}
	if (changed)
		snprintf(out, capacity, "%d setting%s, %d changed", count, count == 1 ? "" : "s", changed);
	else
		snprintf(out, capacity, "%d setting%s", count, count == 1 ? "" : "s");
}

void train_form_value(const struct train_form *form, int field, char *out, size_t capacity)
{
	if (field < FIELD_OPTIONS)
		snprintf(out, capacity, "%s", form->paths[field]);
	else if (train_form_theme(field) >= 0)
		describe_theme(form, train_form_theme(field), out, capacity);
	else
		train_option_format(&form->options, train_form_option(field), out, capacity);
}

const char *train_form_default(const struct train_form *form, int field)
{
	const struct option_row *row = train_form_option(field);

	if (row && row->offset == offsetof(struct train_options, eval_on_start))
		return train_options_hold_out(&form->options) ? "true" : "false";
	return row ? row->default_text : "";
}

/* What the form fills in by itself nobody has changed: columns that were found in the data, and the measure before the first
 * step. The command line has it all the same. */
bool train_form_is_default(const struct train_form *form, int field)
{
	const struct option_row *row = train_form_option(field);

	if (row && row->offset == offsetof(struct train_options, eval_on_start))
		return form->options.eval_on_start == train_options_hold_out(&form->options);
	if (row && form_data_is_column(row) && !form->own_data)
		return !(row->offset == offsetof(struct train_options, text_column) ? form->text_said : form->label_said);
	return row && train_option_is_default(&form->options, row);
}

bool train_form_is_of_data(const struct train_form *form, const struct session *session, int field)
{
	const struct option_row *row = train_form_option(field);

	return row && !form->own_data && session->dataset && (form_data_is_column(row) || dialect_find(row->name) >= 0);
}

static bool train_form_set_option(struct train_form *form, struct session *session, int field, const char *text,
                                  struct error *error)
{
	const struct option_row *row = train_form_option(field);
	const int member = dialect_find(row->name);

	if (train_form_is_of_data(form, session, field))
		return form_data_set(session, row, text, error);
	if (!train_option_set(&form->options, row, text, error))
		return false;
	if (row->offset == offsetof(struct train_options, eval_on_start))
		form->own_start = form->options.eval_on_start != train_options_hold_out(&form->options);
	train_form_measure_first(form);
	if (member >= 0)
		form->remembered = false;
	if (member >= 0 || form_data_is_column(row))
		form->counted[0] = '\0';
	return true;
}

/* What was said of this file on the Data screen holds here too. */
static void train_form_name_data(struct train_form *form, struct session *session, const char *text)
{
	struct dataset_dialect dialect = {0};
	char path[PATH_MAX];

	form->own_data = true;
	form->counted[0] = '\0';
	form->options.text_column[0] = form->options.label_column[0] = '\0';
	form->remembered = realpath(text, path) && dialect_memory_find(session->dialects, path, &dialect);
	train_options_set_dialect(&form->options, &dialect);
}

/* The settings of a recipe over the defaults; what says how the data is read stays. Its base is taken where this machine has
 * it. */
static bool train_form_take_recipe(struct train_form *form, const char *name, struct error *error)
{
	const struct dataset_options data = train_options_dataset(&form->options);
	struct train_options *options = malloc(sizeof *options);
	struct model_place place;
	struct options_file file;
	struct error absent;

	if (!options)
		return error_memory(error, "reading a recipe");
	train_options_init(options);
	memcpy(options->text_column, form->options.text_column, sizeof options->text_column);
	memcpy(options->label_column, form->options.label_column, sizeof options->label_column);
	train_options_set_dialect(options, &data.dialect);
	file = (struct options_file){.model = ""};
	if (*name && !train_options_read_file(name, options, &file, error)) {
		free(options);
		return false;
	}
	form->options = *options;
	free(options);
	train_form_measure_first(form);
	memcpy(form->note, file.unused, sizeof form->note);
	if (file.model[0] && model_find(file.model, &place, &absent))
		snprintf(form->paths[FIELD_MODEL], PATH_MAX, "%s", file.model);
	else if (file.model[0])
		snprintf(form->note, sizeof form->note, "its base, %.200s, is not on this machine: the model above stays", file.model);
	return true;
}

/* What is seen at once of a value that is being typed: `task` gets it, and shows the rest. */
static bool try_field(const struct train_form *form, const struct session *session, struct estimate_task *task, int field,
                      const char *text, struct error *error)
{
	const struct option_row *row = train_form_option(field);
	struct dataset_dialect dialect = {0};

	if (field == FIELD_RECIPE)
		return true; /* a file of it is read when Enter says that it is one */
	if (!row) {
		RETURN_IF(strlen(text) >= PATH_MAX, error, ERROR_USAGE, "the path is too long");
		RETURN_IF(field != FIELD_RUN && access(text, F_OK) != 0, error, ERROR_USAGE, "%s: there is no such file", text);
		snprintf(task->paths[field], PATH_MAX, "%s", text);
		return true;
	}
	if (train_form_is_of_data(form, session, field) && form_data_is_column(row))
		return form_data_column(session, row, text, error) >= 0;
	if (dialect_find(row->name) >= 0)
		return dialect_set(&dialect, dialect_find(row->name), text, error);
	return train_option_set(&task->options, row, text, error);
}

void train_form_try(struct train_form *form, const struct session *session, int field, const char *text)
{
	struct error error = {0};
	struct estimate_task *task;

	if (form->trial.on && form->trial.field == field && strcmp(form->trial.text, text) == 0)
		return;
	form->trial.on = true;
	form->trial.field = field;
	snprintf(form->trial.text, sizeof form->trial.text, "%s", text);
	task = new_estimate(form);
	if (task && try_field(form, session, task, field, text, &error))
		start_estimate(form, session, task);
	else
		free(task);
	form->trial.error = error;
}

void train_form_end_trial(struct train_form *form, const struct session *session)
{
	if (!form->trial.on)
		return;
	form->trial.on = false;
	form->trial.error = (struct error){0};
	train_form_follow(form, session);
}

const struct error *train_form_error(const struct train_form *form)
{
	return form->trial.error.kind ? &form->trial.error : form->estimate_error.kind ? &form->estimate_error : NULL;
}

bool train_form_set(struct train_form *form, struct session *session, int field, const char *text, struct error *error)
{
	size_t size = strlen(text);
	char path[PATH_MAX];

	form->trial.on = false;
	form->trial.error = (struct error){0};
	if (field >= FIELD_OPTIONS)
		return train_form_set_option(form, session, field, text, error);
	while (field == FIELD_RECIPE && size > 0 && text[size - 1] == ' ') /* a completion's */
		size--;
	RETURN_IF(size >= PATH_MAX, error, ERROR_USAGE, "the path is too long");
	snprintf(path, sizeof path, "%.*s", (int)size, text);
	if (field == FIELD_RECIPE && !train_form_take_recipe(form, path, error))
		return false;
	memcpy(form->paths[field], path, size + 1);
	if (field == FIELD_RUN)
		form->own_run = *text;
	if (field == FIELD_DATA)
		train_form_name_data(form, session, text);
	return true;
}

bool train_form_request(const struct train_form *form, struct trainer_request *request, struct error *error)
{
	for (int field = 0; field < FIELD_RECIPE; field++)
		RETURN_IF(!form->paths[field][0], error, ERROR_USAGE, "no %s is named", path_fields[field].name);
	*request = (struct trainer_request){.run = form->paths[FIELD_RUN], .data = form->paths[FIELD_DATA],
	                                    .model = form->paths[FIELD_MODEL], .options = &form->options};
	return true;
}
