/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/double_rows.h"

#include "engine/doubles.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define REPORT_ROWS 64
#define PATIENCE_NANOSECONDS 5000000 /* between two looks whether another job is done */

struct double_rows {
	int holders;
	pthread_mutex_t lock; /* over all that follows */
	struct {
		struct double_index *index; /* row by row; NULL: not asked for yet */
		uint64_t settled;           /* of its rows those that stay what they are */
		int text_column;            /* that they were read with */
		struct marks found;         /* of all rows of the index; */
		uint64_t growths;           /* of the file until then: while there are no more, a search that goes on looks no further */
		bool is_found;
	} kinds[DOUBLE_KINDS];
};

struct double_rows *double_rows_new(void)
{
	struct double_rows *rows = calloc(1, sizeof *rows);

	if (!rows)
		return NULL;
	rows->holders = 1;
	pthread_mutex_init(&rows->lock, NULL);
	return rows;
}

struct double_rows *double_rows_hold(struct double_rows *rows)
{
	if (rows)
		rows->holders++;
	return rows;
}

void double_rows_drop(struct double_rows *rows)
{
	if (!rows || --rows->holders > 0)
		return;
	for (int i = 0; i < DOUBLE_KINDS; i++) {
		double_index_free(rows->kinds[i].index);
		marks_clear(&rows->kinds[i].found);
	}
	pthread_mutex_destroy(&rows->lock);
	free(rows);
}

/* A job that waits can be stopped, too. */
static bool take_lock(struct double_rows *rows, const struct progress *progress, struct error *error)
{
	const struct timespec pause = {.tv_nsec = PATIENCE_NANOSECONDS};

	while (pthread_mutex_trylock(&rows->lock) != 0) {
		RETURN_IF(!progress_report(progress, "looking for doubles", 0, 0), error, ERROR_INTERRUPTED, "stopped");
		nanosleep(&pause, NULL);
	}
	return true;
}

static bool begin(struct double_rows *rows, enum double_kind kind, const struct dataset *dataset, struct error *error)
{
	struct double_index *index = rows->kinds[kind].index;

	if (!index)
		index = rows->kinds[kind].index = double_index_new(kind == DOUBLE_NEAR);
	if (!index)
		return error_memory(error, "looking for doubles");
	if (rows->kinds[kind].text_column != dataset_text_column(dataset))
		rows->kinds[kind].settled = 0;
	rows->kinds[kind].text_column = dataset_text_column(dataset);
	double_index_cut(index, rows->kinds[kind].settled);
	return true;
}

/* Rows without a text that can be used are there as texts without words, which repeat nothing. */
static bool read_row(struct double_index *index, struct dataset *dataset, struct row *row, struct error *error)
{
	if (!dataset_read(dataset, double_index_count(index), row, error))
		return false;
	return double_index_add(index, row->status == ROW_OK || row->status == ROW_NO_LABEL ? row->text : (struct span){"", 0}) ||
	       error_memory(error, "looking for doubles");
}

static bool read_rows(struct double_index *index, struct dataset *dataset, uint64_t count, const struct progress *progress,
                      struct error *error)
{
	struct row *row = row_new(error);
	bool good = row;

	while (good && double_index_count(index) < count) {
		good = read_row(index, dataset, row, error);
		if (good && double_index_count(index) % REPORT_ROWS == 0 &&
		    !progress_report(progress, "looking for doubles", double_index_count(index), count))
			good = error_set(error, ERROR_INTERRUPTED, "stopped");
	}
	row_free(row);
	return good;
}

static bool set_marks(const struct double_index *index, struct marks *out, const struct progress *progress, struct error *error)
{
	const uint64_t count = double_index_count(index);
	bool *has = calloc(count + 1, sizeof *has);
	bool good = has || error_memory(error, "looking for doubles");

	good = good && double_index_find(index, has, progress, error);
	for (uint64_t i = 0; good && i < count; i++)
		good = !has[i] || marks_set(out, i, true) || error_memory(error, "looking for doubles");
	free(has);
	return good;
}

static bool is_found(const struct double_rows *rows, enum double_kind kind, const struct dataset *dataset, uint64_t count)
{
	return rows->kinds[kind].is_found && rows->kinds[kind].growths == dataset_growths(dataset) &&
	       rows->kinds[kind].text_column == dataset_text_column(dataset) && double_index_count(rows->kinds[kind].index) == count;
}

static bool find_anew(struct double_rows *rows, enum double_kind kind, struct dataset *dataset, uint64_t count,
                      const struct progress *progress, struct error *error)
{
	const uint64_t settled = dataset_settled_rows(dataset);
	uint64_t read;
	bool good;

	rows->kinds[kind].is_found = false;
	rows->kinds[kind].growths = dataset_growths(dataset);
	marks_clear(&rows->kinds[kind].found);
	if (!begin(rows, kind, dataset, error))
		return false;
	good = read_rows(rows->kinds[kind].index, dataset, count, progress, error);
	read = double_index_count(rows->kinds[kind].index);
	rows->kinds[kind].settled = read < settled ? read : settled;
	rows->kinds[kind].is_found = good && set_marks(rows->kinds[kind].index, &rows->kinds[kind].found, progress, error);
	return rows->kinds[kind].is_found;
}

bool double_rows_find(struct double_rows *rows, enum double_kind kind, struct dataset *dataset, struct marks *out,
                      const struct progress *progress, struct error *error)
{
	bool complete, good;
	const uint64_t count = dataset_rows(dataset, &complete);

	if (!take_lock(rows, progress, error))
		return false;
	good = is_found(rows, kind, dataset, count) || find_anew(rows, kind, dataset, count, progress, error);
	good = good && (marks_copy(out, &rows->kinds[kind].found) || error_memory(error, "looking for doubles"));
	pthread_mutex_unlock(&rows->lock);
	return good;
}
