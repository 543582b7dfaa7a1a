/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows.h"

#include "engine/base/size.h"
#include "engine/data/labels.h"
#include "engine/train/source.h"

#include <stdlib.h>

#define REPORT_ROWS 1024 /* rows between two reports */

/* Gives the labels their final order, in the rows too. The names and their counts move into `rows`. */
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
	rows->survey.labels = labels;
	rows->survey.label_count = rows->name_count;
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

/* What a pass over a data set needs. */
struct pass {
	struct labelled_rows *rows;
	struct label_counter counter;
	struct source_hash hash;
	struct dataset *dataset;
	struct row *row;
	const struct progress *progress;
};

/* The rows from `next` on that are indexed by now. */
static bool read_indexed(struct pass *pass, uint64_t next, uint64_t end, uint64_t total, struct error *error)
{
	for (; next < end; next++) {
		RETURN_IF(next % REPORT_ROWS == 0 && !progress_report(pass->progress, "reading labels", next, total), error,
		          ERROR_INTERRUPTED, "stopped while reading %s", dataset_path(pass->dataset));
		if (!dataset_read(pass->dataset, next, pass->row, error))
			return false;
		survey_count(&pass->rows->survey, pass->row);
		if (pass->row->status == ROW_OK && !take_row(pass->rows, &pass->counter, pass->row, next, pass->dataset, error))
			return false;
	}
	return true;
}

/* Index, rows and hash go on together, so that each byte of the file is read once for all of them. */
static bool read_rows(struct pass *pass, bool hashing, struct error *error)
{
	bool complete = false;

	for (uint64_t next = 0; !complete;) {
		uint64_t end = dataset_rows(pass->dataset, &complete);

		if (!read_indexed(pass, next, end, complete ? end : 0, error))
			return false;
		next = end;
		if (!complete)
			dataset_index_step(pass->dataset);
		if (hashing && !source_hash_step(&pass->hash, pass->dataset, error))
			return false;
	}
	if (dataset_index_error(pass->dataset) && error)
		*error = *dataset_index_error(pass->dataset);
	pass->rows->survey.complete = !dataset_index_error(pass->dataset);
	return pass->rows->survey.complete;
}

bool labelled_rows_read(struct labelled_rows *rows, struct dataset *dataset, char *hash, const struct progress *progress,
                        struct error *error)
{
	struct pass pass = {.rows = rows, .dataset = dataset, .progress = progress};
	bool done;

	if (!dataset_check_columns(dataset, true, error) || (hash && !source_hash_begin(&pass.hash, error)))
		return false;
	pass.row = row_new(error);
	done = pass.row && read_rows(&pass, hash != NULL, error);
	row_free(pass.row);
	if (hash)
		done = source_hash_end(&pass.hash, dataset, done ? hash : NULL, progress, error) && done;
	done = done && settle_labels(rows, &pass.counter, error);
	if (done && rows->count > 0 && rows->survey.empty == rows->survey.used)
		done = survey_refuse(&rows->survey, dataset_path(dataset), "every review is empty: --text-column names another column",
		                     error);
	label_counter_free(&pass.counter);
	return done;
}

void labelled_rows_free(struct labelled_rows *rows)
{
	survey_free(&rows->survey);
	free(rows->names);
	free(rows->rows);
	free(rows->labels);
	*rows = (struct labelled_rows){0};
}
