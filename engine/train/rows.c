/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows.h"

#include "engine/base/size.h"
#include "engine/data/labels.h"

#include <stdlib.h>

#define REPORT_ROWS 1024 /* rows between two reports */

/* Gives the labels their final order, in the rows too. The names move into `rows`. */
static bool settle_labels(struct labelled_rows *rows, struct label_counter *counter, struct error *error)
{
	int32_t *place_of = size_calloc((size_t)counter->count, sizeof *place_of);
	struct label_count *labels;

	rows->names = size_calloc((size_t)counter->count, sizeof *rows->names);
	if (!place_of || !rows->names || !label_counter_sort(counter, place_of)) {
		free(place_of);
		return error_memory(error, "sorting the labels");
	}
	labels = label_counter_take(counter, &rows->name_count);
	for (int i = 0; i < rows->name_count; i++)
		rows->names[i] = labels[i].name;
	free(labels);
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

static bool take_row(struct labelled_rows *rows, struct label_counter *counter, const struct row *row, uint64_t index,
                     const struct dataset *dataset, struct error *error)
{
	int id = label_counter_add(counter, row->label);

	if (id == LABEL_TOO_MANY)
		return label_counter_refuse(dataset_path(dataset),
		                            dataset_column_name(dataset, dataset_label_column(dataset)), error);
	if (id < 0 || !reserve_one(rows))
		return error_memory(error, "reading labels");
	rows->rows[rows->count] = index;
	rows->labels[rows->count] = id;
	rows->count++;
	return true;
}

static bool read_rows(struct labelled_rows *rows, struct label_counter *counter, struct dataset *dataset, struct row *row,
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
		if (row->status == ROW_OK && !take_row(rows, counter, row, i, dataset, error))
			return false;
	}
	rows->survey.complete = true;
	return true;
}

bool labelled_rows_read(struct labelled_rows *rows, struct dataset *dataset, const struct progress *progress,
                        struct error *error)
{
	struct label_counter counter = {0};
	struct row *row;
	bool done;

	if (!dataset_check_columns(dataset, true, error) || !dataset_index(dataset, progress, error))
		return false;
	row = row_new(error);
	done = row && read_rows(rows, &counter, dataset, row, progress, error) && settle_labels(rows, &counter, error);
	if (done && rows->count > 0 && rows->survey.empty == rows->survey.used)
		done = survey_refuse(&rows->survey, dataset_path(dataset), "every review is empty: --text-column names another column",
		                     error);
	row_free(row);
	label_counter_free(&counter);
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
