/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Growing the index, a block at a time, on whichever thread asks. */
#include "engine/base/file.h"
#include "engine/clock.h"
#include "engine/data/encoding.h"
#include "engine/data/internal.h"
#include "engine/thread.h"

static bool add_row(void *context, uint64_t start, uint64_t line)
{
	return row_index_add(context, start, line);
}

static bool stop_with(struct dataset *dataset, enum index_state state)
{
	row_index_publish(&dataset->index);
	dataset->end = state == INDEX_COMPLETE ? dataset->scan.position : dataset->scan.row_start;
	atomic_store_explicit(&dataset->state, state, memory_order_release);
	return state == INDEX_COMPLETE;
}

static bool unclosed(struct dataset *dataset, const char *within)
{
	return error_set(&dataset->index_error, ERROR_DATA, "%s: line %llu: a quote opens here and does not close %s",
	                 dataset->path, (unsigned long long)dataset->scan.quote_line, within);
}

static bool finish(struct dataset *dataset)
{
	struct scan *scan = &dataset->scan;

	if (scan->state == SCAN_QUOTED) {
		unclosed(dataset, "before the end of the file");
		return stop_with(dataset, INDEX_FAILED);
	}
	if (!scan_finish(scan, add_row, &dataset->index)) {
		error_memory(&dataset->index_error, "indexing rows");
		return stop_with(dataset, INDEX_FAILED);
	}
	stop_with(dataset, INDEX_COMPLETE);
	return true;
}

/* Reads and scans `bytes` bytes behind what was scanned. */
static bool scan_block(struct dataset *dataset, size_t bytes)
{
	struct scan *scan = &dataset->scan;
	const char *data = dataset->block;
	size_t units = bytes / dataset->unit;

	if (!dataset_changed(dataset, &dataset->index_error) ||
	    !file_read_at(dataset->fd, dataset->block, bytes, scan->position * dataset->unit, dataset->path,
	                  &dataset->index_error))
		return false;
	if (dataset->unit == 2) {
		encoding_narrow(dataset->encoding, data, units, dataset->narrow);
		data = dataset->narrow;
	}
	if (!scan_feed(scan, data, units, add_row, &dataset->index))
		return error_memory(&dataset->index_error, "indexing rows");
	if (scan->state == SCAN_QUOTED && scan->position - scan->quote_position > DATASET_FIELD_MAX / dataset->unit)
		return unclosed(dataset, "within 16 MB");
	return true;
}

static bool step(struct dataset *dataset)
{
	uint64_t left;

	if (dataset->state != INDEX_GROWING)
		return false;
	left = dataset->size / dataset->unit * dataset->unit - dataset->scan.position * dataset->unit;
	if (left == 0)
		return finish(dataset);
	if (!scan_block(dataset, left < dataset->block_size ? (size_t)left : dataset->block_size))
		return stop_with(dataset, INDEX_FAILED);
	row_index_publish(&dataset->index);
	return true;
}

bool dataset_index_step(struct dataset *dataset)
{
	bool more;

	pthread_mutex_lock(&dataset->mutex);
	more = step(dataset);
	pthread_mutex_unlock(&dataset->mutex);
	return more;
}

const struct error *dataset_index_error(const struct dataset *dataset)
{
	int state = atomic_load_explicit(&dataset->state, memory_order_acquire);

	return state == INDEX_FAILED ? &dataset->index_error : NULL;
}

uint64_t dataset_rows(const struct dataset *dataset, bool *complete)
{
	int state = atomic_load_explicit(&dataset->state, memory_order_acquire);
	uint64_t rows;

	if (complete)
		*complete = state != INDEX_GROWING;
	if (dataset->format == DATASET_FOLDER)
		return dataset->folder.count;
	/* While the index grows, the end of its last row is not known. */
	rows = row_index_rows(&dataset->index);
	if (state == INDEX_GROWING && rows > 0)
		rows--;
	return rows > dataset->header ? rows - dataset->header : 0;
}

static uint64_t bytes_done(struct dataset *dataset)
{
	uint64_t position;

	pthread_mutex_lock(&dataset->mutex);
	position = dataset->scan.position * dataset->unit;
	pthread_mutex_unlock(&dataset->mutex);
	return position;
}

bool dataset_index(struct dataset *dataset, const struct progress *progress, struct error *error)
{
	double reported = 0;

	while (dataset_index_step(dataset)) {
		double now = clock_seconds();
		if (now - reported < 0.05)
			continue;
		reported = now;
		RETURN_IF(!progress_report(progress, "indexing", bytes_done(dataset), dataset->size), error,
		          ERROR_INTERRUPTED, "%s: indexing was interrupted", dataset->path);
	}
	if (!dataset_index_error(dataset))
		return true;
	if (error)
		*error = *dataset_index_error(dataset);
	return false;
}

static void *index_thread(void *context)
{
	struct dataset *dataset = context;
	double signalled = clock_seconds();

	while (!atomic_load(&dataset->stop) && dataset_index_step(dataset)) {
		double now = clock_seconds();
		if (now - signalled < 0.1)
			continue;
		signalled = now;
		wake_signal(dataset->wake);
	}
	wake_signal(dataset->wake);
	return NULL;
}

bool dataset_index_start(struct dataset *dataset, struct wake *wake, struct error *error)
{
	if (dataset->thread_runs)
		return true;
	dataset->wake = wake;
	dataset->thread_runs = thread_start(&dataset->thread, index_thread, dataset, "indexing", error);
	return dataset->thread_runs;
}
