/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/review_doubles.h"

#include "engine/doubles.h"
#include "ui/reviews/sorting.h"

#include <stdlib.h>

#define REPORT_ROWS 64

static void doubles_task_free(void *context)
{
	struct doubles_task *task = context;

	source_end_reading(task->source);
	free(task->rows);
	free(task);
}

static bool is_usable(const struct row *row)
{
	return row->status == ROW_OK || row->status == ROW_NO_LABEL;
}

/* Exact ones go before near ones that the estimate takes for as like. */
static bool doubles_row(struct doubles_task *task, uint64_t index, const struct double_sketch *wanted, const struct row *row,
                        struct sorting *sorting, struct error *error)
{
	struct double_sketch sketch;
	bool exact;
	float like;

	if (index == task->row || !is_usable(row))
		return true;
	double_sketch_make(&sketch, row->text);
	exact = double_is_exact(wanted, &sketch);
	like = double_similarity(wanted, &sketch);
	if (!exact && (like < DOUBLES_NEAR || task->near == DOUBLES_MAX))
		return true;
	++*(exact ? &task->exact : &task->near);
	return sorting_add_number(sorting, index, exact ? 2 : (double)like) || error_memory(error, "looking for doubles");
}

static bool doubles_rows(struct doubles_task *task, struct sorting *sorting, struct row *row, const struct progress *progress,
                         struct error *error)
{
	bool complete;
	const uint64_t count = dataset_rows(task->source->dataset, &complete);
	struct double_sketch wanted;

	if (!dataset_read(task->source->dataset, task->row, row, error))
		return false;
	RETURN_IF(!is_usable(row), error, ERROR_DATA, "this row has no text that can be used");
	double_sketch_make(&wanted, row->text);
	RETURN_IF(wanted.exact == 0, error, ERROR_DATA, "this review has no words");
	for (uint64_t i = 0; i < count; i++) {
		RETURN_IF(i % REPORT_ROWS == 0 && !progress_report(progress, "looking for doubles", i, count), error,
		          ERROR_INTERRUPTED, "stopped");
		if (!dataset_read(task->source->dataset, i, row, error) || !doubles_row(task, i, &wanted, row, sorting, error))
			return false;
	}
	return true;
}

static bool doubles_list(struct doubles_task *task, const struct sorting *sorting, struct error *error)
{
	task->rows = calloc(sorting_count(sorting) + 1, sizeof *task->rows);
	if (!task->rows)
		return error_memory(error, "looking for doubles");
	task->rows[task->count++] = task->row;
	for (size_t i = 0; i < sorting_count(sorting); i++)
		task->rows[task->count++] = sorting_row(sorting, i);
	return true;
}

static bool doubles_work(void *context, const struct progress *progress, struct error *error)
{
	struct doubles_task *task = context;
	struct sorting *sorting = sorting_new();
	struct row *row = row_new(error);
	bool good = row && (sorting || error_memory(error, "looking for doubles"));

	good = good && doubles_rows(task, sorting, row, progress, error) &&
	       (sorting_sort(sorting, true, NULL) || error_memory(error, "looking for doubles")) &&
	       doubles_list(task, sorting, error);
	row_free(row);
	sorting_free(sorting);
	return good;
}

struct job *review_job_doubles(struct jobs *jobs, struct source *source, uint64_t row, struct error *error)
{
	static const struct job_kind looking = {"looking for doubles", doubles_work, doubles_task_free};
	struct doubles_task *task = calloc(1, sizeof *task);

	if (!task) {
		error_memory(error, looking.name);
		return NULL;
	}
	task->source = source_begin_reading(source);
	task->row = row;
	return job_start(jobs, &looking, task, error);
}
