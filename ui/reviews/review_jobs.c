/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/review_jobs.h"

#include "engine/system.h"
#include "engine/thread.h"
#include "ui/reviews/sorting.h"

#include <pthread.h>
#include <stdlib.h>

#define REPORT_ROWS 256 /* rows between two reports of a job */
#define PART_ROWS 20000 /* fewer rows are no work for one more thread */
#define PARTS_MAX 8

/* What rows are asked */

static bool expression_is_predicted(const struct expression *expression)
{
	for (int field = FIELD_FIRST; field < 0; field++) {
		if (review_field_is_predicted(field) && expression_asks(expression, field))
			return true;
	}
	return false;
}

static void note_doubles(struct review_test *test)
{
	enum double_kind kind;

	for (int field = FIELD_FIRST; field < 0; field++) {
		if (review_field_is_double(field, &kind) && expression_asks(test->expression, field))
			test->doubles[kind] = true;
	}
}

bool review_test_set(struct review_test *test, const char *text, bool expression, const struct review_names *names,
                     struct error *error)
{
	const struct expression_names known = review_names(names);

	if (!expression)
		return search_set(&test->search, text, error);
	test->expression = expression_parse(text, &known, error);
	if (!test->expression)
		return false;
	test->predicted = expression_is_predicted(test->expression);
	note_doubles(test);
	return true;
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

bool review_test_asks_for_doubles(const struct review_test *test)
{
	return test->doubles[DOUBLE_EXACT] || test->doubles[DOUBLE_NEAR];
}

/* What a job has to know of all rows before it reads the first. */
static bool prepare(struct review_values *values, const struct review_test *test, const struct progress *progress,
                    struct error *error)
{
	for (int kind = 0; kind < DOUBLE_KINDS; kind++)
		if (test->doubles[kind] && !review_values_find_doubles(values, (enum double_kind)kind, progress, error))
			return false;
	return true;
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

/* Rows `from` to `to`: without `sorting` they are listed as they come. */
static bool view_rows(struct view_task *task, uint64_t from, uint64_t to, struct sorting *sorting, const struct progress *progress,
                      struct error *error)
{
	struct row *row = row_new(error);
	bool good = row;

	for (uint64_t i = from; good && i < to; i++) {
		good = view_row(task, i, row, sorting, progress, error);
		if (i % REPORT_ROWS == 0 && !progress_report(progress, "listing", i, to))
			good = error_set(error, ERROR_INTERRUPTED, "stopped");
	}
	row_free(row);
	return good;
}

/* To sort, the rows are read by several threads, a part of the file each. */
struct view_parts {
	pthread_mutex_t lock; /* of `progress`, which is for one thread */
	const struct progress *progress;
	uint64_t done, total; /* rows of all parts */
	bool stopped;         /* or one of them failed */
};

struct view_part {
	struct view_parts *parts;
	struct view_task *task;
	uint64_t from, to, at; /* at: the row that was reported last */
	struct sorting *sorting;
	pthread_t thread;
	bool good, apart; /* apart: it has a thread of its own */
	struct error error;
};

/* `row` is where the part is in the file, whatever it does there. */
static bool part_report(void *context, const char *what, uint64_t row, uint64_t total)
{
	struct view_part *part = context;
	struct view_parts *parts = part->parts;
	bool stopped;

	(void)total;
	pthread_mutex_lock(&parts->lock);
	parts->done += row - part->at;
	part->at = row;
	parts->stopped = parts->stopped || !progress_report(parts->progress, what, parts->done, parts->total);
	stopped = parts->stopped;
	pthread_mutex_unlock(&parts->lock);
	return !stopped;
}

static void *part_work(void *context)
{
	struct view_part *part = context;
	const struct progress progress = {part_report, part};

	part->at = part->from;
	part->sorting = sorting_new();
	part->good = part->sorting ? view_rows(part->task, part->from, part->to, part->sorting, &progress, &part->error)
	                           : error_memory(&part->error, "sorting reviews");
	if (part->good)
		return NULL;
	pthread_mutex_lock(&part->parts->lock);
	part->parts->stopped = true;
	pthread_mutex_unlock(&part->parts->lock);
	return NULL;
}

/* What no thread can be had for is done here. */
static void work_parts(struct view_part *parts, int count)
{
	for (int i = 1; i < count; i++)
		parts[i].apart = thread_start(&parts[i].thread, part_work, &parts[i], "sorting", NULL);
	for (int i = 0; i < count; i++) {
		if (!parts[i].apart)
			part_work(&parts[i]);
	}
	for (int i = 0; i < count; i++) {
		if (parts[i].apart)
			pthread_join(parts[i].thread, NULL);
	}
}

/* Of several parts that failed the one that did so by itself says why: the others were only stopped. */
static bool join_parts(struct view_part *parts, int count, struct error *error)
{
	bool good = true;

	for (int i = 0; i < count; i++) {
		if (!parts[i].good && (good || error->kind == ERROR_INTERRUPTED))
			*error = parts[i].error;
		good = good && parts[i].good;
	}
	for (int i = 1; good && i < count; i++) {
		good = sorting_append(parts[0].sorting, parts[i].sorting) || error_memory(error, "sorting reviews");
		sorting_free(parts[i].sorting);
		parts[i].sorting = NULL;
	}
	return good;
}

static int count_parts(uint64_t rows)
{
	const uint64_t worth = rows / PART_ROWS + 1;
	const int processors = system_processors();
	const int most = processors < PARTS_MAX ? processors : PARTS_MAX;

	return worth < (uint64_t)most ? (int)worth : most;
}

static bool view_sorted(struct view_task *task, uint64_t rows, const struct progress *progress, struct error *error)
{
	struct view_parts shared = {PTHREAD_MUTEX_INITIALIZER, progress, 0, rows, false};
	struct view_part parts[PARTS_MAX];
	const int count = count_parts(rows);
	bool good;

	for (int i = 0; i < count; i++)
		parts[i] = (struct view_part){.parts = &shared, .task = task, .from = rows / (uint64_t)count * (uint64_t)i,
		                              .to = i + 1 < count ? rows / (uint64_t)count * (uint64_t)(i + 1) : rows};
	work_parts(parts, count);
	good = join_parts(parts, count, error) &&
	       (sorting_sort(parts[0].sorting, task->reverse, progress) || error_memory(error, "sorting reviews"));
	for (size_t i = 0; good && i < sorting_count(parts[0].sorting); i++)
		good = row_set_add(task->out, sorting_row(parts[0].sorting, i)) || error_memory(error, "sorting reviews");
	for (int i = 0; i < count; i++)
		sorting_free(parts[i].sorting);
	return good;
}

static bool view_work(void *context, const struct progress *progress, struct error *error)
{
	struct view_task *task = context;
	bool complete;
	const uint64_t rows = dataset_rows(task->values.source->dataset, &complete);
	enum double_kind kind;

	if (task->sorted && review_field_is_double(task->order, &kind))
		task->test.doubles[kind] = true;
	if (!prepare(&task->values, &task->test, progress, error))
		return false;
	return task->sorted ? view_sorted(task, rows, progress, error) : view_rows(task, task->from, rows, NULL, progress, error);
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
	bool good = row && prepare(&task->values, &task->test, progress, error);

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
