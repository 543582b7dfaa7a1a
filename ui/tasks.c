/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/tasks.h"

#include "engine/corrections.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The survey of a file that is open */

static bool survey_work(void *context, const struct progress *progress, struct error *error)
{
	struct survey_task *task = context;

	return dataset_survey(task->source->dataset, &task->survey, progress, error);
}

static void survey_task_free(void *context)
{
	struct survey_task *task = context;

	source_end_reading(task->source);
	survey_free(&task->survey);
	free(task);
}

struct job *task_start_survey(struct jobs *jobs, struct source *source, struct error *error)
{
	static const struct job_kind surveying = {"counting labels", survey_work, survey_task_free};
	struct survey_task *task = calloc(1, sizeof *task);

	if (!task) {
		error_memory(error, surveying.name);
		return NULL;
	}
	task->source = source_begin_reading(source);
	return job_start(jobs, &surveying, task, error);
}

/* Opening a file */

/* Beside a file or a folder of reviews. False: the name is too long. */
static bool corrections_beside(const char *path, char *out, size_t capacity)
{
	size_t size = strlen(path);

	while (size > 1 && path[size - 1] == '/')
		size--;
	if (size + sizeof CORRECTIONS_ENDING > capacity)
		return false;
	memcpy(out, path, size);
	memcpy(out + size, CORRECTIONS_ENDING, sizeof CORRECTIONS_ENDING);
	return true;
}

/* What was said of a file is remembered by its absolute path; where that is not to be had, not at all. A file may have
 * become another one since. */
static bool open_work(void *context, const struct progress *progress, struct error *error)
{
	struct open_task *task = context;
	struct dataset_options options = {.dialect = task->dialect, .text_column = task->text_column,
	                                  .label_column = task->label_column, .follow = true, .progress = progress};
	char path[PATH_MAX], corrections[PATH_MAX + sizeof CORRECTIONS_ENDING];
	const bool known = realpath(task->path, path);
	const bool remembered = known && !task->said && dialect_memory_find(task->memory, path, &options.dialect);

	if (corrections_beside(task->path, corrections, sizeof corrections)) {
		options.corrections = corrections;
		options.corrections_new = true;
	}
	task->dataset = dataset_open(task->path, &options, error);
	if (!task->dataset && remembered && error->kind != ERROR_INTERRUPTED) {
		options.dialect = (struct dataset_dialect){0};
		task->dataset = dataset_open(task->path, &options, error);
		task->forgot = task->dataset;
	}
	if (task->dataset && known && task->said)
		dialect_memory_put(task->memory, path, &task->dialect, &(struct error){0});
	return task->dataset;
}

static void open_task_free(void *context)
{
	struct open_task *task = context;

	source_dispose_dataset(task->jobs, task->dataset);
	free(task->text_column);
	free(task->label_column);
	free(task);
}

static bool copy_name(const char *name, char **copy)
{
	*copy = name ? strdup(name) : NULL;
	return *copy || !name;
}

struct job *task_start_open(struct jobs *jobs, struct dialect_memory *memory, const char *path, const struct open_how *how,
                            bool tell, struct error *error)
{
	static const struct job_kind opening = {"opening a file", open_work, open_task_free};
	struct open_task *task = calloc(1, sizeof *task + strlen(path) + 1);

	if (!task) {
		error_memory(error, opening.name);
		return NULL;
	}
	task->jobs = jobs;
	if (!copy_name(how->text_column, &task->text_column) || !copy_name(how->label_column, &task->label_column)) {
		open_task_free(task);
		error_memory(error, opening.name);
		return NULL;
	}
	task->memory = memory;
	task->said = how->dialect;
	if (how->dialect)
		task->dialect = *how->dialect;
	task->columns = how->columns;
	task->tell = tell;
	memcpy(task->path, path, strlen(path) + 1);
	return job_start(jobs, &opening, task, error);
}

/* Loading a model */

static void close_model(void *model)
{
	model_close(model);
}

/* A training that goes on may have removed the checkpoint by the time it is opened: then it has a newer one. */
static struct model *open_borrowed(struct model_task *task, const struct model_options *options, const struct progress *progress,
                                   struct error *error)
{
	const bool ask = task->origin == ORIGIN_BORROWED;
	struct model *model;
	uint64_t step = 0;
	enum borrowed how;

	if (!borrowed_find(task->folder, ask, progress, &task->step, &task->borrowed, error))
		return NULL;
	model = run_open_checkpoint(task->folder, task->step, options, error);
	if (model || !borrowed_find(task->folder, false, progress, &step, &how, &(struct error){0}) || step <= task->step)
		return model;
	*error = (struct error){0};
	task->step = step;
	task->borrowed = how;
	return run_open_checkpoint(task->folder, step, options, error);
}

/* A folder, a checkpoint of a run, or what a training is to fill. */
static struct model *open_model(struct model_task *task, const struct progress *progress, struct error *error)
{
	struct model_options options = task->how;
	char run[PATH_MAX];
	uint64_t step;

	options.head_needed = true;
	if (task->origin == ORIGIN_BARE)
		return run_open_base(task->folder, &options, error);
	if (task->origin == ORIGIN_BORROWED || task->origin == ORIGIN_NEWEST)
		return open_borrowed(task, &options, progress, error);
	if (run_is_checkpoint(task->folder, run, sizeof run, &step))
		return run_open_checkpoint(run, step, &options, error);
	return model_open(task->folder, &options, progress, error);
}

static bool model_work(void *context, const struct progress *progress, struct error *error)
{
	struct model_task *task = context;

	task->model = open_model(task, progress, error);
	if (task->model)
		task->scorer = live_scorer_new(task->model, task->wake, error);
	return task->scorer;
}

/* A scorer that has nothing in work ends at once; the model may be large. */
static void model_task_free(void *context)
{
	struct model_task *task = context;

	live_scorer_free(task->scorer);
	jobs_dispose(task->jobs, close_model, task->model);
	free(task);
}

struct job *task_start_model(struct jobs *jobs, struct wake *wake, const char *folder, const struct model_options *how,
                             enum model_origin origin, struct error *error)
{
	static const struct job_kind loading = {"loading a model", model_work, model_task_free};
	struct model_task *task = calloc(1, sizeof *task + strlen(folder) + 1);

	if (!task) {
		error_memory(error, loading.name);
		return NULL;
	}
	task->jobs = jobs;
	task->wake = wake;
	task->origin = origin;
	task->how = *how;
	memcpy(task->folder, folder, strlen(folder) + 1);
	return job_start(jobs, &loading, task, error);
}

/* Reading the log of a run */

static bool run_work(void *context, const struct progress *progress, struct error *error)
{
	struct run_task *task = context;

	(void)progress;
	task->run = run_open(task->path, error);
	return task->run;
}

static void run_task_free(void *context)
{
	struct run_task *task = context;

	run_close(task->run);
	free(task);
}

struct job *task_start_run(struct jobs *jobs, const char *path, bool watched, struct error *error)
{
	static const struct job_kind reading = {"reading a run", run_work, run_task_free};
	struct run_task *task = calloc(1, sizeof *task + strlen(path) + 1);

	if (!task) {
		error_memory(error, reading.name);
		return NULL;
	}
	task->watched = watched;
	memcpy(task->path, path, strlen(path) + 1);
	return job_start(jobs, &reading, task, error);
}
