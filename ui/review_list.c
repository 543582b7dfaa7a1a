/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/review_list.h"

#include "ui/row_set.h"

#include <stdlib.h>

#define REPORT_ROWS 256 /* rows between two reports of a job */

void review_list_init(struct review_list *list, struct jobs *jobs)
{
	*list = (struct review_list){.jobs = jobs};
}

static void review_list_all(struct review_list *list)
{
	job_let_go(&list->search_job);
	job_let_go(&list->filter_job);
	free(list->label);
	row_set_drop(list->listed);
	list->label = NULL;
	list->listed = NULL;
}

void review_list_attach(struct review_list *list, struct source *source)
{
	review_list_all(list);
	source_drop(list->source);
	list->source = source ? source_hold(source) : NULL;
}

void review_list_free(struct review_list *list)
{
	review_list_attach(list, NULL);
	search_clear(&list->search);
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

/* The filter */

struct filter {
	struct source *source;
	struct row_set *found;
	char *label;
};

static void filter_free(void *context)
{
	struct filter *filter = context;

	source_end_reading(filter->source);
	row_set_drop(filter->found);
	free(filter->label);
	free(filter);
}

static bool filter_row(struct filter *filter, uint64_t index, struct row *row, struct error *error)
{
	if (!dataset_read(filter->source->dataset, index, row, error))
		return false;
	for (int i = 0; row->status == ROW_OK && i < row->label_count; i++)
		if (label_equal(row->labels[i], span_of(filter->label)))
			return row_set_add(filter->found, index) || error_memory(error, "filtering");
	return true;
}

static bool filter_work(void *context, const struct progress *progress, struct error *error)
{
	struct filter *filter = context;
	struct row *row = row_new(error);
	bool complete, good = row;
	const uint64_t count = dataset_rows(filter->source->dataset, &complete);

	for (uint64_t i = 0; good && i < count; i++) {
		good = filter_row(filter, i, row, error);
		if (i % REPORT_ROWS == 0 && !progress_report(progress, "filtering", i, count))
			break;
	}
	row_free(row);
	return good;
}

static struct filter *filter_new(struct review_list *list, const char *label)
{
	struct filter *filter = calloc(1, sizeof *filter);

	if (!filter)
		return NULL;
	filter->label = strdup(label);
	filter->found = row_set_hold(list->listed);
	filter->source = source_begin_reading(list->source);
	if (filter->label)
		return filter;
	filter_free(filter);
	return NULL;
}

bool review_list_filter(struct review_list *list, const char *label, struct error *error)
{
	static const struct job_kind filtering = {"filtering", filter_work, filter_free};
	struct filter *filter;

	review_list_all(list);
	if (!label || !list->source)
		return true;
	list->label = strdup(label);
	list->listed = row_set_new();
	filter = list->label && list->listed ? filter_new(list, label) : NULL;
	if (filter)
		list->filter_job = job_start(list->jobs, &filtering, filter, error);
	else
		error_memory(error, "filtering");
	if (!list->filter_job)
		review_list_all(list);
	return list->filter_job;
}

bool review_list_update(struct review_list *list, struct error *error)
{
	const struct error *failed;
	bool good;

	if (!job_finished(list->filter_job))
		return true;
	failed = job_error(list->filter_job);
	good = !failed;
	if (failed)
		*error = *failed;
	job_let_go(&list->filter_job);
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
	return true;
}

/* The search */

struct quest {
	struct source *source;
	struct row_set *listed; /* NULL: all rows */
	struct search search;
	uint64_t from, size;    /* where it begins, in how many entries */
	bool backward;
	uint64_t found;         /* index in the list; UINT64_MAX: nowhere */
};

static void quest_free(void *context)
{
	struct quest *quest = context;

	source_end_reading(quest->source);
	row_set_drop(quest->listed);
	search_clear(&quest->search);
	free(quest);
}

static bool quest_entry(struct quest *quest, uint64_t index, struct row *row, struct error *error)
{
	const uint64_t number = quest->listed ? row_set_at(quest->listed, index) : index;
	size_t start, end;

	if (!dataset_read(quest->source->dataset, number, row, error))
		return false;
	if (search_find(&quest->search, row->text, 0, &start, &end))
		quest->found = index;
	return true;
}

static bool quest_work(void *context, const struct progress *progress, struct error *error)
{
	struct quest *quest = context;
	struct row *row = row_new(error);
	bool good = row;

	for (uint64_t i = 1; good && i <= quest->size && quest->found == UINT64_MAX; i++) {
		const uint64_t index = quest->backward ? (quest->from + quest->size - i) % quest->size
		                                       : (quest->from + i) % quest->size;

		good = quest_entry(quest, index, row, error);
		if (i % REPORT_ROWS == 0 && !progress_report(progress, "searching", i, quest->size))
			break;
	}
	row_free(row);
	return good;
}

/* Compiles the pattern again: a search that was let go may still use its own. */
static struct quest *quest_new(const struct review_list *list, struct error *error)
{
	struct quest *quest = calloc(1, sizeof *quest);

	if (!quest) {
		error_memory(error, "searching");
		return NULL;
	}
	quest->source = source_begin_reading(list->source);
	quest->listed = row_set_hold(list->listed);
	quest->size = review_list_count(list);
	quest->found = UINT64_MAX;
	if (search_set(&quest->search, list->search.pattern, error))
		return quest;
	quest_free(quest);
	return NULL;
}

bool review_list_search(struct review_list *list, uint64_t from, bool backward, struct error *error)
{
	static const struct job_kind searching = {"searching", quest_work, quest_free};
	struct quest *quest;

	job_let_go(&list->search_job);
	if (review_list_count(list) == 0)
		return error_set(error, ERROR_FAILED, "no reviews to search");
	quest = quest_new(list, error);
	if (!quest)
		return false;
	quest->from = from;
	quest->backward = backward;
	list->search_job = job_start(list->jobs, &searching, quest, error);
	return list->search_job;
}

bool review_list_found(struct review_list *list, uint64_t *index, bool *found, struct error *error)
{
	const struct quest *quest;

	if (!job_finished(list->search_job))
		return false;
	quest = job_context(list->search_job);
	if (job_error(list->search_job))
		*error = *job_error(list->search_job);
	*index = quest->found;
	*found = quest->found != UINT64_MAX;
	job_let_go(&list->search_job);
	return true;
}

void review_list_end_search(struct review_list *list)
{
	job_let_go(&list->search_job);
}

bool review_list_is_busy(const struct review_list *list)
{
	return job_is_working(list->filter_job) || job_is_working(list->search_job);
}
