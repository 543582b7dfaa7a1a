/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/review_list.h"

#include "ui/reviews/expression_complete.h"
#include "ui/reviews/review_jobs.h"
#include "ui/row_set.h"

#include <stdlib.h>
#include <strings.h>

void review_list_init(struct review_list *list, struct jobs *jobs)
{
	*list = (struct review_list){.jobs = jobs};
}

static void set_text(char **text, char *to)
{
	free(*text);
	*text = to;
}

static void set_rows(struct row_set **set, struct row_set *to)
{
	row_set_drop(*set);
	*set = to;
}

/* What was found and counted belongs to a list that goes. */
static void review_list_forget_matches(struct review_list *list)
{
	job_let_go(&list->search_job);
	job_let_go(&list->count_job);
	set_rows(&list->matches, NULL);
}

static void review_list_all(struct review_list *list)
{
	review_list_forget_matches(list);
	job_let_go(&list->view_job);
	set_text(&list->filter, NULL);
	set_text(&list->order, NULL);
	set_rows(&list->listed, NULL);
	set_rows(&list->coming, NULL);
}

void review_list_attach(struct review_list *list, struct source *source)
{
	struct source *before = list->source;

	review_list_all(list);
	if (source != before) {
		double_rows_drop(list->double_rows);
		list->double_rows = source ? double_rows_new() : NULL;
	}
	list->source = source ? source_hold(source) : NULL;
	source_drop(before);
}

void review_list_free(struct review_list *list)
{
	review_list_attach(list, NULL);
	review_list_end_search(list);
}

bool review_list_is_part(const struct review_list *list)
{
	return list->listed;
}

static uint64_t review_list_file_rows(const struct review_list *list)
{
	bool complete;

	return list->source ? dataset_rows(list->source->dataset, &complete) : 0;
}

uint64_t review_list_count(const struct review_list *list)
{
	return list->listed ? row_set_count(list->listed) : review_list_file_rows(list);
}

uint64_t review_list_row(const struct review_list *list, uint64_t index)
{
	return list->listed ? row_set_at(list->listed, index) : index;
}

uint64_t review_list_find_row(const struct review_list *list, uint64_t row)
{
	const uint64_t count = review_list_count(list);

	if (list->listed)
		return row_set_find(list->listed, row);
	return row < count ? row : count > 0 ? count - 1 : 0;
}

static struct review_names names_of(const struct review_list *list, const struct review_context *context)
{
	const struct lent_model *lent = context->predictions->lent;

	return (struct review_names){list->source->dataset, context->survey, lent ? lent->model : NULL};
}

char *review_list_complete(const struct review_list *list, const struct review_context *context, const char *word, int index)
{
	const struct review_names names = names_of(list, context);
	const struct expression_names known = review_names(&names);

	return expression_complete(&known, word, index);
}

static bool check_predicted(bool predicted, const struct review_context *context, struct error *error)
{
	RETURN_IF(predicted && !context->predictions->table, error, ERROR_USAGE,
	          "that asks for predictions, and there are none yet: m loads a model, p predicts");
	return true;
}

/* The view */

/* "COLUMN", "COLUMN reverse" */
static bool view_set_order(struct view_task *task, const char *order, const struct review_names *names, struct error *error)
{
	static const char *const words[] = {" reverse", " reversed", " descending"};
	char name[512];
	size_t size;

	RETURN_IF(strlen(order) >= sizeof name, error, ERROR_USAGE, "the name of the column is too long");
	memcpy(name, order, strlen(order) + 1);
	for (size_t i = 0; i < sizeof words / sizeof *words && !task->reverse; i++) {
		size = strlen(name) > strlen(words[i]) ? strlen(name) - strlen(words[i]) : 0;
		task->reverse = size > 0 && strcasecmp(name + size, words[i]) == 0;
		if (task->reverse)
			name[size] = '\0';
	}
	task->sorted = true;
	return review_names_find(names, name, &task->order, error);
}

static bool view_set(struct view_task *task, const struct review_list *list, const struct review_context *context,
                     const char *filter, const char *order, struct error *error)
{
	const struct review_names names = names_of(list, context);

	task->out = row_set_new();
	if (!task->out)
		return error_memory(error, "listing reviews");
	return (!filter || review_test_set(&task->test, filter, true, &names, error)) &&
	       (!order || view_set_order(task, order, &names, error)) &&
	       check_predicted(task->test.predicted || (task->sorted && review_field_is_predicted(task->order)), context, error) &&
	       review_values_take(&task->values, list->source, context->predictions, context->marks, list->double_rows,
	                          error);
}

static void review_list_note_rows(struct review_list *list)
{
	list->settled = dataset_settled_rows(list->source->dataset);
	list->of = review_list_file_rows(list);
}

/* Shows what is found as it is found; what is sorted when it is complete. */
static bool review_list_view(struct review_list *list, const struct review_context *context, const char *filter,
                             const char *order, struct error *error)
{
	struct view_task *task = calloc(1, sizeof *task);
	char *filter_copy = filter ? strdup(filter) : NULL, *order_copy = order ? strdup(order) : NULL;
	struct row_set *out;
	struct job *job = NULL;

	if (!task || (filter && !filter_copy) || (order && !order_copy))
		error_memory(error, "listing reviews");
	else if (view_set(task, list, context, filter, order, error)) {
		out = row_set_hold(task->out);
		job = review_job_view(list->jobs, task, error);
		task = NULL;
		if (!job)
			row_set_drop(out);
	}
	if (task)
		view_task_free(task);
	if (!job) {
		free(filter_copy);
		free(order_copy);
		return false;
	}
	job_let_go(&list->view_job);
	set_rows(&list->coming, NULL);
	list->again = false;
	set_text(&list->filter, filter_copy);
	set_text(&list->order, order_copy);
	list->view_job = job;
	review_list_note_rows(list);
	if (order) {
		list->coming = out;
	} else {
		review_list_forget_matches(list);
		set_rows(&list->listed, out);
	}
	return true;
}

bool review_list_filter(struct review_list *list, const struct review_context *context, const char *filter,
                        struct error *error)
{
	char *order = list->order;

	if (!list->source || (!filter && !order)) {
		review_list_all(list);
		return true;
	}
	return review_list_view(list, context, filter, order, error);
}

bool review_list_sort(struct review_list *list, const struct review_context *context, const char *order, struct error *error)
{
	if (!list->source || (!order && !list->filter)) {
		review_list_all(list);
		return true;
	}
	return review_list_view(list, context, list->filter, order, error);
}

/* What is found of the rows from the first on that was not there, or not whole. */
static bool review_list_filter_more(struct review_list *list, const struct review_context *context, struct error *error)
{
	struct view_task *task = calloc(1, sizeof *task);

	if (!task)
		return error_memory(error, "listing reviews");
	if (!view_set(task, list, context, list->filter, NULL, error)) {
		view_task_free(task);
		return false;
	}
	list->again = review_test_asks_for_doubles(&task->test);
	if (list->again) {
		set_rows(&list->coming, row_set_hold(task->out));
	} else {
		row_set_drop(task->out);
		task->out = row_set_hold(list->listed);
		task->from = list->settled;
		row_set_cut(list->listed, list->settled);
	}
	review_list_note_rows(list);
	list->view_job = review_job_view(list->jobs, task, error);
	return list->view_job;
}

static bool review_list_count_matches(struct review_list *list, const struct review_context *context, struct error *error);

bool review_list_grow(struct review_list *list, const struct review_context *context, struct error *error)
{
	const bool counted = list->matches != NULL;

	if (!list->source || list->view_job || (list->listed && (!list->filter || list->order || list->of == review_list_file_rows(list))))
		return true;
	if (list->listed && !review_list_filter_more(list, context, error))
		return false;
	if (!counted || list->coming)
		return true;
	return review_list_count_again(list, context, error);
}

bool review_list_count_again(struct review_list *list, const struct review_context *context, struct error *error)
{
	job_let_go(&list->count_job);
	return review_list_count_matches(list, context, error);
}

bool review_list_is_short(const struct review_list *list, uint64_t *of)
{
	*of = list->of;
	return list->listed && list->of < review_list_file_rows(list);
}

bool review_list_update(struct review_list *list, bool *changed, struct error *error)
{
	const struct error *failed;
	bool good;

	*changed = false;
	if (!job_finished(list->view_job))
		return true;
	failed = job_error(list->view_job);
	good = !failed || failed->kind == ERROR_INTERRUPTED;
	if (failed)
		*error = *failed;
	job_let_go(&list->view_job);
	if (list->coming && !failed) {
		review_list_forget_matches(list);
		set_rows(&list->listed, list->coming);
		list->coming = NULL;
		*changed = true;
	}
	set_rows(&list->coming, NULL);
	return good;
}

bool review_list_set(struct review_list *list, const uint64_t *rows, size_t count, struct error *error)
{
	struct row_set *set = row_set_new();
	const uint64_t size = review_list_file_rows(list);
	bool good = set;

	for (size_t i = 0; good && i < count; i++)
		good = rows[i] >= size || row_set_add(set, rows[i]);
	if (!good) {
		row_set_drop(set);
		return error_memory(error, "listing reviews");
	}
	review_list_all(list);
	list->listed = set;
	review_list_note_rows(list);
	return true;
}

/* The search */

static bool is_expression(const struct review_list *list, const struct review_context *context, const char *wanted)
{
	const struct review_names names = names_of(list, context);
	const struct expression_names known = review_names(&names);

	return expression_is_meant(wanted, &known);
}

/* NULL with one line. */
static struct quest_task *quest_new(const struct review_list *list, const struct review_context *context, const char *wanted,
                                    struct error *error)
{
	const struct review_names names = names_of(list, context);
	struct quest_task *task = calloc(1, sizeof *task);

	if (!task) {
		error_memory(error, "searching");
		return NULL;
	}
	task->listed = row_set_hold(list->listed);
	task->size = review_list_count(list);
	task->found = UINT64_MAX;
	if (review_test_set(&task->test, wanted, is_expression(list, context, wanted), &names, error) &&
	    check_predicted(task->test.predicted, context, error) &&
	    review_values_take(&task->values, list->source, context->predictions, context->marks, list->double_rows, error))
		return task;
	quest_task_free(task);
	return NULL;
}

static bool review_list_count_matches(struct review_list *list, const struct review_context *context, struct error *error)
{
	struct quest_task *task = quest_new(list, context, list->wanted, error);

	if (!task)
		return false;
	task->matches = row_set_new();
	if (!task->matches) {
		quest_task_free(task);
		return error_memory(error, "searching");
	}
	set_rows(&list->matches, row_set_hold(task->matches));
	list->count_job = review_job_search(list->jobs, task, error);
	return list->count_job;
}

/* Another thing is searched for: it must be sound. */
static bool review_list_want(struct review_list *list, const struct review_context *context, const char *wanted,
                             struct error *error)
{
	struct quest_task *task = quest_new(list, context, wanted, error);
	char *copy = task ? strdup(wanted) : NULL;

	if (!task)
		return false;
	quest_task_free(task);
	if (!copy)
		return error_memory(error, "searching");
	review_list_end_search(list);
	list->wanted = copy;
	return is_expression(list, context, wanted) || search_set(&list->search, wanted, error);
}

bool review_list_search(struct review_list *list, const struct review_context *context, const char *wanted, uint64_t from,
                        bool backward, struct error *error)
{
	struct quest_task *task;

	job_let_go(&list->search_job);
	if (review_list_count(list) == 0)
		return error_set(error, ERROR_FAILED, "no reviews to search");
	if (wanted && !review_list_want(list, context, wanted, error))
		return false;
	if (!list->matches && !review_list_count_matches(list, context, error))
		return false;
	task = quest_new(list, context, list->wanted, error);
	if (!task)
		return false;
	task->from = from;
	task->backward = backward;
	list->search_job = review_job_search(list->jobs, task, error);
	return list->search_job;
}

static void review_list_take_count(struct review_list *list)
{
	if (job_finished(list->count_job))
		job_let_go(&list->count_job);
}

bool review_list_found(struct review_list *list, uint64_t *index, bool *found, struct error *error)
{
	const struct quest_task *task;

	review_list_take_count(list);
	if (!job_finished(list->search_job))
		return false;
	task = job_context(list->search_job);
	if (job_error(list->search_job))
		*error = *job_error(list->search_job);
	*index = task->found;
	*found = task->found != UINT64_MAX;
	job_let_go(&list->search_job);
	return true;
}

void review_list_end_search(struct review_list *list)
{
	review_list_forget_matches(list);
	search_clear(&list->search);
	set_text(&list->wanted, NULL);
}

uint64_t review_list_matches(const struct review_list *list, uint64_t index, uint64_t *place)
{
	const uint64_t count = list->matches ? row_set_count(list->matches) : 0;
	const uint64_t at = count > 0 ? row_set_find(list->matches, index) : 0;

	*place = count > 0 && row_set_at(list->matches, at) == index ? at + 1 : 0;
	return count;
}

bool review_list_is_busy(const struct review_list *list)
{
	return job_is_working(list->view_job) || job_is_working(list->search_job) || job_is_working(list->count_job);
}

const char *review_list_work(const struct review_list *list, uint64_t *done, uint64_t *total)
{
	const struct {
		const struct job *job;
		const char *name;
	} works[] = {
		{list->view_job, list->order ? "sorting" : "filtering"},
		{list->search_job, "searching"},
		{list->count_job, "counting"},
	};

	for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
		if (!job_is_working(works[i].job))
			continue;
		job_progress(works[i].job, done, total);
		return works[i].name;
	}
	return NULL;
}
