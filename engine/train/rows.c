/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows.h"

#include "engine/base/number.h"
#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

#define REPORT_ROWS 1024 /* rows between two reports */

/* The labels met so far in the order of their bytes; `id` counts them as they came. */
struct label {
	char *name;
	size_t size;
	int32_t id;
};

struct label_list {
	struct label *labels; /* [ROWS_LABELS_MAX] */
	int count;
};

static int compare_span(const struct label *label, struct span word)
{
	size_t common = label->size < word.size ? label->size : word.size;
	int order = common ? memcmp(label->name, word.data, common) : 0;

	if (order != 0)
		return order;
	return label->size < word.size ? -1 : label->size > word.size;
}

/* Where the word stands, or would stand. */
static int label_place(const struct label_list *list, struct span word, bool *found)
{
	int low = 0, high = list->count;

	while (low < high) {
		int middle = low + (high - low) / 2;
		int order = compare_span(&list->labels[middle], word);
		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*found = false;
	return low;
}

/* -1: too many, -2: no memory. */
static int32_t label_id(struct label_list *list, struct span word)
{
	bool found;
	int place = label_place(list, word, &found);
	char *name;

	if (found)
		return list->labels[place].id;
	if (list->count == ROWS_LABELS_MAX)
		return -1;
	name = strndup(word.data, word.size);
	if (!name)
		return -2;
	memmove(&list->labels[place + 1], &list->labels[place],
	        (size_t)(list->count - place) * sizeof *list->labels);
	list->labels[place] = (struct label){name, word.size, list->count};
	return list->count++;
}

static int compare_values(const void *a, const void *b)
{
	const struct label *x = a, *y = b;
	double left = 0, right = 0;

	number_parse(x->name, &left);
	number_parse(y->name, &right);
	if (left != right)
		return left < right ? -1 : 1;
	return strcmp(x->name, y->name);
}

static bool all_numbers(const struct label_list *list)
{
	double value;

	for (int i = 0; i < list->count; i++)
		if (!number_parse(list->labels[i].name, &value))
			return false;
	return true;
}

/* Gives the labels their final order, in the rows too. The names move into `rows`. */
static bool settle_labels(struct labelled_rows *rows, struct label_list *list, struct error *error)
{
	int32_t *place_of = size_calloc((size_t)list->count, sizeof *place_of);

	rows->names = size_calloc((size_t)list->count, sizeof *rows->names);
	if (!place_of || !rows->names) {
		free(place_of);
		return error_memory(error, "sorting the labels");
	}
	if (all_numbers(list))
		qsort(list->labels, (size_t)list->count, sizeof *list->labels, compare_values);
	for (int i = 0; i < list->count; i++) {
		place_of[list->labels[i].id] = i;
		rows->names[i] = list->labels[i].name;
		list->labels[i].name = NULL;
	}
	rows->name_count = list->count;
	for (size_t i = 0; i < rows->count; i++)
		rows->labels[i] = place_of[rows->labels[i]];
	free(place_of);
	return true;
}

static bool reserve_one(struct labelled_rows *rows)
{
	size_t capacity = rows->capacity ? 2 * rows->capacity : 4096;
	uint64_t *numbers;
	int32_t *labels;

	if (rows->count < rows->capacity)
		return true;
	numbers = size_realloc(rows->rows, capacity, sizeof *numbers);
	if (numbers)
		rows->rows = numbers;
	labels = size_realloc(rows->labels, capacity, sizeof *labels);
	if (labels)
		rows->labels = labels;
	if (!numbers || !labels)
		return false;
	rows->capacity = capacity;
	return true;
}

static bool take_row(struct labelled_rows *rows, struct label_list *list, const struct row *row, uint64_t index,
                     const struct dataset *dataset, struct error *error)
{
	int32_t id = label_id(list, row->label);

	RETURN_IF(id == -1, error, ERROR_DATA,
	          "%s: column \"%s\" has more than %d different values: is it the label? --label-column names another",
	          dataset_path(dataset), dataset_column_name(dataset, dataset_label_column(dataset)), ROWS_LABELS_MAX);
	if (id < 0 || !reserve_one(rows))
		return error_memory(error, "reading labels");
	rows->rows[rows->count] = index;
	rows->labels[rows->count] = id;
	rows->count++;
	return true;
}

static bool read_rows(struct labelled_rows *rows, struct label_list *list, struct dataset *dataset, struct row *row,
                      const struct progress *progress, struct error *error)
{
	bool complete;
	uint64_t total = dataset_rows(dataset, &complete);

	for (uint64_t i = 0; i < total; i++) {
		RETURN_IF(i % REPORT_ROWS == 0 && !progress_report(progress, "reading labels", i, total), error,
		          ERROR_INTERRUPTED, "stopped while reading %s", dataset_path(dataset));
		if (!dataset_read(dataset, i, row, error))
			return false;
		survey_count(&rows->survey, row);
		if (row->status == ROW_OK && !take_row(rows, list, row, i, dataset, error))
			return false;
	}
	rows->survey.complete = true;
	return true;
}

bool labelled_rows_read(struct labelled_rows *rows, struct dataset *dataset, const struct progress *progress,
                        struct error *error)
{
	struct label_list list = {0};
	struct row *row;
	bool done;

	if (!dataset_check_columns(dataset, true, error) || !dataset_index(dataset, progress, error))
		return false;
	list.labels = size_calloc(ROWS_LABELS_MAX, sizeof *list.labels);
	row = row_new(error);
	done = row && (list.labels || error_memory(error, "reading labels")) &&
	       read_rows(rows, &list, dataset, row, progress, error) && settle_labels(rows, &list, error);
	row_free(row);
	for (int i = 0; i < list.count; i++)
		free(list.labels[i].name);
	free(list.labels);
	return done;
}

void labelled_rows_free(struct labelled_rows *rows)
{
	for (int i = 0; i < rows->name_count; i++)
		free(rows->names[i]);
	free(rows->names);
	free(rows->rows);
	free(rows->labels);
	*rows = (struct labelled_rows){0};
}
