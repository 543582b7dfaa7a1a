/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading one row: its bytes from the file, as UTF-8, as fields. */
#include "engine/base/file.h"
#include "engine/data/encoding.h"
#include "engine/data/internal.h"

#include <stdlib.h>
#include <sys/stat.h>

#define WINDOW ((size_t)256 << 10)  /* read ahead when rows are read one after the other */
#define KEEP_MAX ((size_t)4 << 20)  /* buffers that grew beyond this for one row are given back */

static const char *const status_names[ROW_STATUS_COUNT] = {
	[ROW_OK] = "used",
	[ROW_RAGGED] = "ragged",
	[ROW_NUL] = "NUL byte",
	[ROW_TOO_LONG] = "too long",
	[ROW_MALFORMED] = "malformed",
	[ROW_NO_TEXT] = "no text",
	[ROW_NO_LABEL] = "no label",
};

const char *row_status_name(enum row_status status)
{
	return status_names[status];
}

struct row *row_new(struct error *error)
{
	struct row *row = calloc(1, sizeof *row);
	struct row_buffers *buffers = calloc(1, sizeof *buffers);

	if (!row || !buffers) {
		free(row);
		free(buffers);
		error_memory(error, "reading a row");
		return NULL;
	}
	buffers->decoded.maximum = buffers->bytes.maximum = 4 * DATASET_ROW_MAX;
	row->buffers = buffers;
	return row;
}

void row_free(struct row *row)
{
	if (!row)
		return;
	if (row->buffers->csv_ready)
		csv_free(&row->buffers->csv);
	buffer_free(&row->buffers->decoded);
	buffer_free(&row->buffers->bytes);
	free(row->buffers->window);
	free(row->buffers);
	free(row->fields);
	free(row);
}

/* A row of many megabytes must not leave its buffers behind. */
static void give_back(struct row_buffers *buffers)
{
	if (buffers->decoded.capacity > KEEP_MAX)
		buffer_free(&buffers->decoded);
	if (buffers->bytes.capacity > KEEP_MAX)
		buffer_free(&buffers->bytes);
	if (buffers->csv_ready && csv_get_buffer_size(&buffers->csv) > KEEP_MAX) {
		csv_free(&buffers->csv);
		buffers->csv_ready = false;
	}
	if (buffers->window_capacity > KEEP_MAX) {
		free(buffers->window);
		buffers->window = NULL;
		buffers->window_capacity = buffers->window_size = 0;
	}
}

bool dataset_changed(const struct dataset *dataset, struct error *error)
{
	struct stat status;

	if (fstat(dataset->fd, &status) != 0)
		return error_errno(error, "look at", dataset->path);
	RETURN_IF((uint64_t)status.st_size != dataset->size || status.st_mtim.tv_sec != dataset->changed.tv_sec ||
	          status.st_mtim.tv_nsec != dataset->changed.tv_nsec, error, ERROR_IO,
	          "%s: was changed by another program while it was open; open it again", dataset->path);
	return true;
}

/* Where a row lies in the file, in bytes. */
static void row_bounds(const struct dataset *dataset, uint64_t index, struct row *row, uint64_t *start, uint64_t *size)
{
	uint64_t entry = index + dataset->header, line, from, to;

	row_index_get(&dataset->index, entry, &from, &row->line);
	if (entry + 1 < row_index_rows(&dataset->index))
		row_index_get(&dataset->index, entry + 1, &to, &line);
	else
		to = dataset->end;
	*start = from * dataset->unit;
	*size = (to - from) * dataset->unit;
}

static bool in_window(const struct row_buffers *buffers, uint64_t serial, uint64_t start, size_t size)
{
	return buffers->serial == serial && start >= buffers->window_start &&
	       start - buffers->window_start <= buffers->window_size &&
	       size <= buffers->window_size - (size_t)(start - buffers->window_start);
}

static bool fill_window(const struct dataset *dataset, struct row_buffers *buffers, uint64_t start, size_t size,
                        bool ahead, struct error *error)
{
	size_t want = ahead && size < WINDOW ? WINDOW : size;

	if (want > dataset->size - start)
		want = (size_t)(dataset->size - start);
	if (want > buffers->window_capacity) {
		free(buffers->window);
		buffers->window_size = buffers->window_capacity = 0;
		buffers->window = malloc(want);
		if (!buffers->window)
			return error_memory(error, "reading a row");
		buffers->window_capacity = want;
	}
	buffers->window_size = 0;
	if (!dataset_changed(dataset, error) ||
	    !file_read_at(dataset->fd, buffers->window, want, start, dataset->path, error))
		return false;
	buffers->serial = dataset->serial;
	buffers->window_start = start;
	buffers->window_size = want;
	return true;
}

static bool fetch(const struct dataset *dataset, uint64_t index, struct row *row, struct span *bytes,
                  struct error *error)
{
	struct row_buffers *buffers = row->buffers;
	bool ahead = buffers->serial == dataset->serial && buffers->next == index;
	uint64_t start, size;

	row_bounds(dataset, index, row, &start, &size);
	buffers->next = index + 1;
	*bytes = (struct span){"", 0};
	if (size > DATASET_ROW_MAX) {
		row->status = ROW_TOO_LONG;
		return true;
	}
	if (!in_window(buffers, dataset->serial, start, (size_t)size) &&
	    !fill_window(dataset, buffers, start, (size_t)size, ahead, error))
		return false;
	*bytes = (struct span){buffers->window + (start - buffers->window_start), (size_t)size};
	return true;
}

static bool decode(const struct dataset *dataset, struct row *row, struct span *bytes)
{
	struct buffer *decoded = &row->buffers->decoded;

	if (dataset->encoding == ENCODING_UTF8 && utf8_valid_prefix(bytes->data, bytes->size) == bytes->size)
		return true;
	decoded->size = 0;
	if (!encoding_decode(dataset->encoding, bytes->data, bytes->size, decoded, &row->replaced))
		return false;
	*bytes = (struct span){decoded->data, decoded->size};
	return true;
}

static struct span without_line_end(struct span line)
{
	if (line.size > 0 && line.data[line.size - 1] == '\n')
		line.size--;
	if (line.size > 0 && line.data[line.size - 1] == '\r')
		line.size--;
	return line;
}

static bool split(const struct dataset *dataset, struct row *row, struct span bytes)
{
	if (dataset->format == DATASET_JSONL)
		return jsonl_split(row, bytes, dataset->names, dataset->columns, dataset->text_column);
	if (dataset->format != DATASET_LINES)
		return csv_split(row, bytes, dataset->delimiter, dataset->quoting);
	bytes = without_line_end(bytes);
	if (bytes.size > DATASET_FIELD_MAX)
		row->status = ROW_TOO_LONG;
	return row_add_field(row, bytes);
}

struct span span_trim(struct span text)
{
	while (text.size > 0 && (text.data[0] == ' ' || (text.data[0] >= '\t' && text.data[0] <= '\r'))) {
		text.data++;
		text.size--;
	}
	while (text.size > 0 && (text.data[text.size - 1] == ' ' ||
	                         (text.data[text.size - 1] >= '\t' && text.data[text.size - 1] <= '\r')))
		text.size--;
	return text;
}

/* Data sets without labels say -1 instead. */
static bool label_is_none(const struct dataset *dataset, struct span label)
{
	if (label.size == 0)
		return true;
	return !(dataset->minus_one && dataset->minus_one[dataset->label_column]) &&
	       (span_equal(label, span_of("-1")) || span_equal(label, span_of("-1.0")));
}

/* Chooses the text and the label among the fields. */
static void choose_columns(const struct dataset *dataset, struct row *row)
{
	if (row->status == ROW_OK && row->count != dataset->columns)
		row->status = ROW_RAGGED;
	if (row->status != ROW_OK)
		return;
	if (dataset->text_column >= 0)
		row->text = row->fields[dataset->text_column];
	if (dataset->label_column < 0)
		return;
	row->label = span_trim(row->fields[dataset->label_column]);
	if (!label_is_none(dataset, row->label))
		return;
	row->label.size = 0;
	row->status = ROW_NO_LABEL;
}

bool dataset_read(struct dataset *dataset, uint64_t index, struct row *row, struct error *error)
{
	struct span bytes;

	row->status = ROW_OK;
	row->line = row->replaced = 0;
	row->count = 0;
	row->text = row->label = (struct span){"", 0};
	give_back(row->buffers);
	if (dataset->format == DATASET_FOLDER) {
		if (!folder_read(dataset, index, row, error))
			return false;
	} else {
		if (!fetch(dataset, index, row, &bytes, error))
			return false;
		if (row->status != ROW_OK)
			return true;
		if (!decode(dataset, row, &bytes))
			return error_memory(error, "reading a row");
		if (bytes.size > 0 && memchr(bytes.data, '\0', bytes.size))
			row->status = ROW_NUL;
		else if (!split(dataset, row, bytes))
			return error_memory(error, "reading a row");
	}
	choose_columns(dataset, row);
	return true;
}
