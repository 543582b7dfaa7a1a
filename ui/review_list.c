/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/review_list.h"

#include <stdlib.h>

void review_list_init(struct review_list *list, struct wake *wake)
{
	*list = (struct review_list){.wake = wake};
	pthread_mutex_init(&list->lock, NULL);
}

static void review_list_drop_filter(struct review_list *list)
{
	job_cancel(&list->filter_job);
	free(list->label);
	free(list->rows);
	list->label = NULL;
	list->rows = NULL;
	list->count = list->capacity = 0;
}

void review_list_attach(struct review_list *list, struct dataset *dataset)
{
	job_cancel(&list->search_job);
	review_list_drop_filter(list);
	list->dataset = dataset;
}

void review_list_free(struct review_list *list)
{
	review_list_attach(list, NULL);
	search_clear(&list->search);
	pthread_mutex_destroy(&list->lock);
}

uint64_t review_list_count(struct review_list *list)
{
	uint64_t count;
	bool complete;

	if (!list->dataset)
		return 0;
	if (!list->label)
		return dataset_rows(list->dataset, &complete);
	pthread_mutex_lock(&list->lock);
	count = list->count;
	pthread_mutex_unlock(&list->lock);
	return count;
}

uint64_t review_list_row(struct review_list *list, uint64_t index)
{
	uint64_t row;

	if (!list->label)
		return index;
	pthread_mutex_lock(&list->lock);
	row = index < list->count ? list->rows[index] : 0;
	pthread_mutex_unlock(&list->lock);
	return row;
}

uint64_t review_list_find_row(struct review_list *list, uint64_t row)
{
	uint64_t low = 0, high = review_list_count(list);

	if (!list->label)
		return row < high ? row : high > 0 ? high - 1 : 0;
	while (low < high) {
		const uint64_t middle = low + (high - low) / 2;

		if (review_list_row(list, middle) < row)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The filter */

static bool review_list_add(struct review_list *list, uint64_t row)
{
	bool added = true;

	pthread_mutex_lock(&list->lock);
	if (list->count == list->capacity) {
		const size_t capacity = list->capacity ? 2 * list->capacity : 1024;
		uint64_t *rows = reallocarray(list->rows, capacity, sizeof *rows);

		added = rows;
		if (rows) {
			list->rows = rows;
			list->capacity = capacity;
		}
	}
	if (added)
		list->rows[list->count++] = row;
	pthread_mutex_unlock(&list->lock);
	return added;
}

static bool review_list_filter_work(struct job *job, void *context)
{
	struct review_list *list = context;
	const struct span label = span_of(list->label);
	struct row *row = row_new(&job->error);
	bool complete, good = row;
	const uint64_t count = dataset_rows(list->dataset, &complete);

	for (uint64_t i = 0; good && i < count; i++) {
		good = dataset_read(list->dataset, i, row, &job->error);
		if (good && row->status == ROW_OK && span_equal(row->label, label))
			good = review_list_add(list, i) || error_memory(&job->error, "filtering");
		if (i % 256 == 0 && !progress_report(&job->progress, "filtering", i, count))
			break;
	}
	row_free(row);
	return good;
}

bool review_list_filter(struct review_list *list, const char *label, struct error *error)
{
	job_cancel(&list->search_job);
	review_list_drop_filter(list);
	if (!label)
		return true;
	list->label = strdup(label);
	if (!list->label)
		return error_memory(error, "filtering");
	return job_start(&list->filter_job, list->wake, review_list_filter_work, list, error);
}

bool review_list_update(struct review_list *list, struct error *error)
{
	if (!job_finished(&list->filter_job) || list->filter_job.succeeded)
		return true;
	*error = list->filter_job.error;
	return false;
}

/* The search */

static bool review_list_search_work(struct job *job, void *context)
{
	struct review_list *list = context;
	struct row *row = row_new(&job->error);
	bool good = row;

	for (uint64_t i = 1; good && i <= list->size; i++) {
		const uint64_t index = list->backward ? (list->from + list->size - i) % list->size
		                                      : (list->from + i) % list->size;
		size_t start, end;

		good = dataset_read(list->dataset, review_list_row(list, index), row, &job->error);
		if (good && search_find(&list->search, row->text, 0, &start, &end)) {
			list->found = index;
			break;
		}
		if (i % 256 == 0 && !progress_report(&job->progress, "searching", i, list->size))
			break;
	}
	row_free(row);
	return good;
}

bool review_list_search(struct review_list *list, uint64_t from, bool backward, struct error *error)
{
	job_cancel(&list->search_job);
	list->from = from;
	list->size = review_list_count(list);
	list->backward = backward;
	list->found = UINT64_MAX;
	if (list->size == 0)
		return error_set(error, ERROR_FAILED, "no reviews to search");
	return job_start(&list->search_job, list->wake, review_list_search_work, list, error);
}

bool review_list_found(struct review_list *list, uint64_t *index, bool *found, struct error *error)
{
	if (!job_finished(&list->search_job))
		return false;
	if (!list->search_job.succeeded)
		*error = list->search_job.error;
	*index = list->found;
	*found = list->found != UINT64_MAX;
	return true;
}
