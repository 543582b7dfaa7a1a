/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows/rows.h"

#include "engine/base/size.h"
#include "engine/data/labels.h"
#include "engine/train/rows/source.h"

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
	if (rows->survey.label_sets)
		label_sets_rename(&rows->sets, place_of);
	for (size_t i = 0; !rows->survey.label_sets && !rows->unlabelled && i < rows->count; i++)
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

/* What a pass over a data set needs. */
struct pass {
	struct labelled_rows *rows;
	struct label_counter counter;
	int32_t *set;        /* [set_capacity] the labels of one row */
	size_t set_capacity;
	struct source_hash hash;
	struct dataset *dataset;
	struct row *row;
	const struct progress *progress;
};

static bool reserve_set(struct pass *pass, size_t count)
{
	int32_t *set;

	if (count <= pass->set_capacity)
		return true;
	set = size_realloc(pass->set, count, sizeof *set);
	if (!set)
		return false;
	pass->set = set;
	pass->set_capacity = count;
	return true;
}

/* The number of the row's label, or of its set of labels; below 0 as label_counter_add has it. */
static int number_labels(struct pass *pass)
{
	const struct row *row = pass->row;
	int count;

	if (pass->rows->unlabelled)
		return 0;
	if (!pass->rows->survey.label_sets)
		return label_counter_add(&pass->counter, row->label);
	if (!reserve_set(pass, (size_t)row->label_count))
		return LABEL_NO_MEMORY;
	count = label_counter_add_set(&pass->counter, row->labels, row->label_count, pass->set);
	if (count < 0)
		return count;
	survey_count_set(&pass->rows->survey, count);
	count = label_sets_add(&pass->rows->sets, pass->set, (size_t)count);
	return count < 0 ? LABEL_NO_MEMORY : count;
}

static bool take_row(struct pass *pass, uint64_t index, struct error *error)
{
	struct labelled_rows *rows = pass->rows;
	const struct dataset *dataset = pass->dataset;
	int number = number_labels(pass);

	if (number == LABEL_TOO_MANY)
		return label_counter_refuse(dataset_path(dataset),
		                            dataset_column_name(dataset, dataset_label_column(dataset)), error);
	if (number < 0 || !reserve_one(rows))
		return error_memory(error, "reading labels");
	rows->rows[rows->count] = index;
	rows->labels[rows->count] = number;
	rows->count++;
	return true;
}

static bool know_labels(struct pass *pass, struct error *error)
{
	char digits[16];

	for (int i = 0; i < dataset_fixed_labels(pass->dataset); i++) {
		int known = label_counter_know(&pass->counter, dataset_fixed_label(pass->dataset, i, digits));

		if (known == LABEL_TOO_MANY)
			return error_set(error, ERROR_DATA, "%s: has more than %d columns of labels", dataset_path(pass->dataset),
			                 LABELS_MAX);
		if (known < 0)
			return error_memory(error, "reading labels");
	}
	return true;
}

/* The rows from `next` on that are indexed by now. */
static bool read_indexed(struct pass *pass, uint64_t next, uint64_t end, uint64_t total, struct error *error)
{
	for (; next < end; next++) {
		RETURN_IF(next % REPORT_ROWS == 0 && !progress_report(pass->progress, "reading labels", next, total), error,
		          ERROR_INTERRUPTED, "stopped while reading %s", dataset_path(pass->dataset));
		if (!dataset_read(pass->dataset, next, pass->row, error))
			return false;
		if (pass->row->status == ROW_OK && pass->rows->exclusion && exclusion_takes(pass->rows->exclusion, pass->row->text))
			pass->row->status = ROW_ELSEWHERE;
		survey_count(&pass->rows->survey, pass->row);
		if (pass->row->status == ROW_OK && !take_row(pass, next, error))
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

	if (!dataset_check_columns(dataset, !rows->unlabelled, error) || (hash && !source_hash_begin(&pass.hash, error)))
		return false;
	rows->survey.label_sets = !rows->unlabelled && dataset_has_label_sets(dataset);
	pass.row = row_new(error);
	done = pass.row && (rows->unlabelled || know_labels(&pass, error)) && read_rows(&pass, hash != NULL, error);
	row_free(pass.row);
	if (hash)
		done = source_hash_end(&pass.hash, dataset, done ? hash : NULL, progress, error) && done;
	done = done && settle_labels(rows, &pass.counter, error);
	if (done && rows->count > 0 && rows->survey.empty == rows->survey.used)
		done = survey_refuse(&rows->survey, dataset_path(dataset),
		                     rows->survey.skipped[ROW_ELSEWHERE] > 0
		                     ? "only empty reviews are left beside those whose text stands in another file"
		                     : "every review is empty: --text-column names another column", error);
	label_counter_free(&pass.counter);
	free(pass.set);
	return done;
}

bool labelled_rows_make_sets(struct labelled_rows *rows)
{
	for (int32_t i = 0; !rows->survey.label_sets && i < rows->name_count; i++)
		if (label_sets_add(&rows->sets, &(int32_t){i}, 1) < 0)
			return false;
	return true;
}

bool labelled_rows_make_labels(struct labelled_rows *rows)
{
	if (!rows->survey.label_sets)
		return true;
	if (rows->survey.set_rows[0] + rows->survey.set_rows[2] > 0)
		return false;
	for (size_t i = 0; i < rows->count; i++)
		rows->labels[i] = rows->sets.members[rows->sets.starts[rows->labels[i]]];
	label_sets_free(&rows->sets);
	return true;
}

void labelled_rows_free(struct labelled_rows *rows)
{
	survey_free(&rows->survey);
	label_sets_free(&rows->sets);
	free(rows->names);
	free(rows->rows);
	free(rows->labels);
	*rows = (struct labelled_rows){0};
}
