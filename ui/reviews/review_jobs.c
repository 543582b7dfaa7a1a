/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/review_jobs.h"

#include "ui/reviews/sorting.h"

#include <stdlib.h>

#define REPORT_ROWS 256 /* rows between two reports of a job */

/* What rows are asked */

static bool expression_is_predicted(const struct expression *expression)
{
	for (int field = FIELD_FIRST; field < 0; field++) {
		if (review_field_is_predicted(field) && expression_asks(expression, field))
			return true;
	}
	return false;
}

bool review_test_set(struct review_test *test, const char *text, bool expression, const struct review_names *names,
                     struct error *error)
{
	const struct expression_names known = review_names(names);

	if (!expression)
		return search_set(&test->search, text, error);
	test->expression = expression_parse(text, &known, error);
	test->predicted = test->expression && expression_is_predicted(test->expression);
	return test->expression;
}

static void review_test_clear(struct review_test *test)
{
	expression_free(test->expression);
	search_clear(&test->search);
	*test = (struct review_test){0};
}

static bool test_holds(const struct review_test *test, const struct review_view *view)
{
	size_t start, end;

	return test->expression ? expression_holds(test->expression, review_view_value, view)
	                        : search_find(&test->search, view->row->text, 0, &start, &end);
}

/* Listing */

void view_task_free(void *context)
{
	struct view_task *task = context;

	review_values_drop(&task->values);
	review_test_clear(&task->test);
	row_set_drop(task->out);
	free(task);
}

/* A number as it is, a word that is one by its value. */
static bool add_key(struct sorting *sorting, const struct review_view *view, int field)
{
	struct expression_value value = {0};
	double number;

	review_view_value(view, field, &value);
	if (value.kind == VALUE_NUMBER)
		return sorting_add_number(sorting, view->number, value.number);
	if (value.kind == VALUE_NONE || value.texts[0].size == 0)
		return sorting_add_none(sorting, view->number);
	if (expression_number(value.texts[0], &number))
		return sorting_add_number(sorting, view->number, number);
	return sorting_add_word(sorting, view->number, value.texts[0]);
}

static bool view_row(struct view_task *task, uint64_t index, struct row *row, struct sorting *sorting,
                     const struct progress *progress, struct error *error)
{
	const bool predicted = task->test.predicted || (task->sorted && review_field_is_predicted(task->order));
	struct review_view view;

	if (!review_view_read(&view, &task->values, index, row, predicted, progress, error))
		return false;
	if (task->test.expression && !test_holds(&task->test, &view))
		return true;
	return (sorting ? add_key(sorting, &view, task->order) : row_set_add(task->out, index)) ||
	       error_memory(error, "listing reviews");
}

static bool view_rows(struct view_task *task, struct sorting *sorting, const struct progress *progress, struct error *error)
{
	struct row *row = row_new(error);
	bool complete, good = row;
	const uint64_t count = dataset_rows(task->values.source->dataset, &complete);

	for (uint64_t i = 0; good && i < count; i++) {
		good = view_row(task, i, row, sorting, progress, error);
		if (i % REPORT_ROWS == 0 && !progress_report(progress, "listing", i, count))
			good = error_set(error, ERROR_INTERRUPTED, "stopped");
	}
	row_free(row);
	return good;
}

static bool view_sort(struct view_task *task, struct sorting *sorting, const struct progress *progress, struct error *error)
{
	bool good = sorting_sort(sorting, task->reverse, progress);

	for (size_t i = 0; good && i < sorting_count(sorting); i++)
		good = row_set_add(task->out, sorting_row(sorting, i));
	return good || error_memory(error, "sorting reviews");
}

static bool view_work(void *context, const struct progress *progress, struct error *error)
{
	struct view_task *task = context;
	struct sorting *sorting = task->sorted ? sorting_new() : NULL;
	bool good = sorting || !task->sorted || error_memory(error, "sorting reviews");

	good = good && view_rows(task, sorting, progress, error) && (!sorting || view_sort(task, sorting, progress, error));
	sorting_free(sorting);
	return good;
}

struct job *review_job_view(struct jobs *jobs, struct view_task *task, struct error *error)
{
	static const struct job_kind filtering = {"filtering", view_work, view_task_free};
	static const struct job_kind sorting = {"sorting", view_work, view_task_free};

	return job_start(jobs, task->sorted ? &sorting : &filtering, task, error);
}

/* Searching */

void quest_task_free(void *context)
{
	struct quest_task *task = context;

	review_values_drop(&task->values);
	review_test_clear(&task->test);
	row_set_drop(task->listed);
	row_set_drop(task->matches);
	free(task);
}

static bool quest_entry(struct quest_task *task, uint64_t index, struct row *row, const struct progress *progress,
                        struct error *error)
{
	const uint64_t number = task->listed ? row_set_at(task->listed, index) : index;
	struct review_view view;

	if (!review_view_read(&view, &task->values, number, row, task->test.predicted, progress, error))
		return false;
	if (!test_holds(&task->test, &view))
		return true;
	if (task->matches)
		return row_set_add(task->matches, index) || error_memory(error, "counting");
	task->found = index;
	return true;
}

static uint64_t quest_index(const struct quest_task *task, uint64_t turn)
{
	if (task->matches)
		return turn - 1;
	return task->backward ? (task->from + task->size - turn) % task->size : (task->from + turn) % task->size;
}

static bool quest_work(void *context, const struct progress *progress, struct error *error)
{
	struct quest_task *task = context;
	struct row *row = row_new(error);
	bool good = row;

	for (uint64_t i = 1; good && i <= task->size && task->found == UINT64_MAX; i++) {
		good = quest_entry(task, quest_index(task, i), row, progress, error);
		if (i % REPORT_ROWS == 0 && !progress_report(progress, "searching", i, task->size))
			good = error_set(error, ERROR_INTERRUPTED, "stopped");
	}
	row_free(row);
	return good;
}

struct job *review_job_search(struct jobs *jobs, struct quest_task *task, struct error *error)
{
	static const struct job_kind searching = {"searching", quest_work, quest_task_free};
	static const struct job_kind counting = {"counting", quest_work, quest_task_free};

	return job_start(jobs, task->matches ? &counting : &searching, task, error);
}
