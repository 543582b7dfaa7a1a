/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/train_form.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
	const char *name, *help;
} path_fields[FIELD_OPTIONS] = {
	{"data", "the file to learn from; the one that the Data screen shows"},
	{"model", "the folder of the model to start from"},
	{"run", "the directory that keeps everything about this training"},
};

void train_form_init(struct train_form *form, const char *model)
{
	*form = (struct train_form){0};
	train_options_init(&form->options);
	snprintf(form->paths[FIELD_MODEL], PATH_MAX, "%s", model);
}

void train_form_free(struct train_form *form)
{
	job_let_go(&form->count_job);
	job_let_go(&form->estimate_job);
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

static void column_name(const struct dataset *dataset, int column, char out[OPTION_TEXT_MAX])
{
	snprintf(out, OPTION_TEXT_MAX, "%s", column >= 0 ? dataset_column_name(dataset, column) : "");
}

/* Counting */

struct count_task {
	struct survey survey;
	struct train_options options; /* which columns */
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
	memcpy(task->path, path, strlen(path) + 1);
	form->count_job = job_start(session->jobs, &counting, task, &form->count_error);
}

bool train_form_is_counting(const struct train_form *form)
{
	return form->count_job;
}

/* The estimate: a backend is opened for it, and the model's config.json read */

struct estimate_task {
	char paths[FIELD_OPTIONS][PATH_MAX];
	struct train_options options;
	uint64_t rows;
	struct train_estimate estimate;
};

static bool estimate_work(void *context, const struct progress *progress, struct error *error)
{
	struct estimate_task *task = context;
	const struct trainer_request request = {.run = task->paths[FIELD_RUN], .data = task->paths[FIELD_DATA],
	                                        .model = task->paths[FIELD_MODEL], .options = &task->options};

	(void)progress;
	return train_estimate(&request, task->rows, &task->estimate, error);
}

static void train_form_estimate(struct train_form *form, const struct session *session, uint64_t rows)
{
	static const struct job_kind estimating = {"estimating", estimate_work, free};
	struct trainer_request request;
	struct estimate_task *task;

	job_let_go(&form->estimate_job);
	form->estimate_error = form->own_data ? form->count_error : (struct error){0};
	if (form->estimate_error.kind || train_form_is_counting(form)
	    || !train_form_request(form, &request, &form->estimate_error))
		return;
	task = malloc(sizeof *task);
	if (!task) {
		error_memory(&form->estimate_error, estimating.name);
		return;
	}
	memcpy(task->paths, form->paths, sizeof task->paths);
	task->options = form->options;
	task->rows = rows;
	form->estimate_job = job_start(session->jobs, &estimating, task, &form->estimate_error);
}

bool train_form_is_estimating(const struct train_form *form)
{
	return form->estimate_job || train_form_is_counting(form);
}

static void train_form_take_estimate(struct train_form *form)
{
	if (!job_finished(form->estimate_job))
		return;
	if (job_error(form->estimate_job))
		form->estimate_error = *job_error(form->estimate_job);
	else
		form->estimate = ((const struct estimate_task *)job_context(form->estimate_job))->estimate;
	job_let_go(&form->estimate_job);
}

void train_form_update(struct train_form *form, const struct session *session)
{
	train_form_take_estimate(form);
	if (!job_finished(form->count_job))
		return;
	if (job_error(form->count_job))
		form->count_error = *job_error(form->count_job);
	else
		form->rows = ((const struct count_task *)job_context(form->count_job))->survey.used;
	job_let_go(&form->count_job);
	train_form_follow(form, session);
}

void train_form_follow(struct train_form *form, const struct session *session)
{
	const struct dataset *dataset = session->dataset;
	uint64_t rows = form->rows;
	bool complete;

	if (form->own_data) {
		train_form_count_rows(form, session);
		rows = form->rows;
	} else if (dataset) {
		job_let_go(&form->count_job);
		form->counted[0] = '\0';
		snprintf(form->paths[FIELD_DATA], PATH_MAX, "%s", dataset_path(dataset));
		column_name(dataset, session_text_column(session), form->options.text_column);
		column_name(dataset, session_label_column(session), form->options.label_column);
		train_options_set_dialect(&form->options, dataset_said(dataset));
		rows = session->survey_ready ? session->survey.used : dataset_rows(dataset, &complete);
	}
	train_form_name_run(form);
	train_form_estimate(form, session, rows);
}

int train_form_count(void)
{
	return FIELD_OPTIONS + train_option_count;
}

const struct option_row *train_form_option(int field)
{
	return field < FIELD_OPTIONS ? NULL : &train_option_rows[field - FIELD_OPTIONS];
}

const char *train_form_name(int field)
{
	return field < FIELD_OPTIONS ? path_fields[field].name : train_form_option(field)->name;
}

const char *train_form_help(int field)
{
	return field < FIELD_OPTIONS ? path_fields[field].help : train_form_option(field)->help;
}

void train_form_value(const struct train_form *form, int field, char *out, size_t capacity)
{
	if (field < FIELD_OPTIONS)
		snprintf(out, capacity, "%s", form->paths[field]);
	else
		train_option_format(&form->options, train_form_option(field), out, capacity);
}

bool train_form_is_default(const struct train_form *form, int field)
{
	char value[OPTION_TEXT_MAX], standard[OPTION_TEXT_MAX];
	struct train_options options;

	if (field < FIELD_OPTIONS)
		return false;
	train_options_init(&options);
	train_option_format(&options, train_form_option(field), standard, sizeof standard);
	train_form_value(form, field, value, sizeof value);
	return strcmp(value, standard) == 0;
}

/* How the file of the Data screen is read is said there; of another one the rows are counted anew. */
static bool train_form_set_option(struct train_form *form, const struct option_row *row, const char *text,
                                  struct error *error)
{
	const bool dialect = dialect_find(row->name) >= 0;
	const bool column = row->offset == offsetof(struct train_options, text_column) ||
	                    row->offset == offsetof(struct train_options, label_column);

	RETURN_IF(dialect && !form->own_data, error, ERROR_USAGE,
	          "--%s: the Data screen says how its file is written; press d there", row->name);
	if (!train_option_set(&form->options, row, text, error))
		return false;
	if (dialect || column)
		form->counted[0] = '\0';
	return true;
}

bool train_form_set(struct train_form *form, int field, const char *text, struct error *error)
{
	if (field >= FIELD_OPTIONS)
		return train_form_set_option(form, train_form_option(field), text, error);
	RETURN_IF(strlen(text) >= PATH_MAX, error, ERROR_USAGE, "the path is too long");
	memcpy(form->paths[field], text, strlen(text) + 1);
	if (field == FIELD_RUN)
		form->own_run = *text;
	if (field == FIELD_DATA) {
		form->own_data = true;
		form->options.text_column[0] = form->options.label_column[0] = '\0';
		train_options_set_dialect(&form->options, &(struct dataset_dialect){0});
	}
	return true;
}

bool train_form_request(const struct train_form *form, struct trainer_request *request, struct error *error)
{
	for (int field = 0; field < FIELD_OPTIONS; field++)
		RETURN_IF(!form->paths[field][0], error, ERROR_USAGE, "no %s is named", path_fields[field].name);
	*request = (struct trainer_request){.run = form->paths[FIELD_RUN], .data = form->paths[FIELD_DATA],
	                                    .model = form->paths[FIELD_MODEL], .options = &form->options};
	return true;
}
