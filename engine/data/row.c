/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/row.h"

#include <stdlib.h>

#define KEEP_MAX ((size_t)4 << 20) /* buffers that grew beyond this for one row are given back */
#define FIRST_FIELDS 16

static const char *const status_names[ROW_STATUS_COUNT] = {
	[ROW_OK] = "used",
	[ROW_HEADER] = "header again",
	[ROW_RAGGED] = "ragged",
	[ROW_NUL] = "NUL byte",
	[ROW_TOO_LONG] = "too long",
	[ROW_MALFORMED] = "malformed",
	[ROW_NO_TEXT] = "no text",
	[ROW_NO_LABEL] = "no label",
	[ROW_ELSEWHERE] = "in another file",
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
	/* A UTF-16 unit becomes three bytes, a byte of Windows-1252 three: four leave room. */
	buffers->decoded.maximum = buffers->bytes.maximum = buffers->label_bytes.maximum = 4 * DATASET_ROW_MAX;
	row->buffers = buffers;
	return row;
}

void row_free(struct row *row)
{
	if (!row)
		return;
	row_state_drop(row);
	buffer_free(&row->buffers->decoded);
	buffer_free(&row->buffers->bytes);
	buffer_free(&row->buffers->label_bytes);
	free(row->buffers->labels);
	free(row->buffers->window);
	free(row->buffers);
	free(row->fields);
	free(row);
}

static void give_back(struct row_buffers *buffers)
{
	if (buffers->decoded.capacity > KEEP_MAX)
		buffer_free(&buffers->decoded);
	if (buffers->bytes.capacity > KEEP_MAX)
		buffer_free(&buffers->bytes);
	if (buffers->label_bytes.capacity > KEEP_MAX)
		buffer_free(&buffers->label_bytes);
	if (buffers->label_capacity > KEEP_MAX / sizeof *buffers->labels) {
		free(buffers->labels);
		buffers->labels = NULL;
		buffers->label_capacity = 0;
	}
	if (buffers->window_capacity > KEEP_MAX) {
		free(buffers->window);
		buffers->window = NULL;
		buffers->window_capacity = buffers->window_size = 0;
	}
}

void row_clear(struct row *row)
{
	row->status = ROW_OK;
	row->line = row->replaced = row->repeated_keys = 0;
	row->count = row->label_count = 0;
	row->labels = NULL;
	row->missing = -1;
	row->text = row->label = row->file_label = (struct span){"", 0};
	row->corrected = false;
	give_back(row->buffers);
}

bool row_add_field(struct row *row, struct span field)
{
	struct row_buffers *buffers = row->buffers;

	if ((size_t)row->count > DATASET_COLUMNS_MAX)
		return true;
	if ((size_t)row->count == buffers->capacity) {
		size_t capacity = buffers->capacity ? 2 * buffers->capacity : FIRST_FIELDS;
		struct span *fields = realloc(row->fields, capacity * sizeof *fields);
		if (!fields)
			return false;
		row->fields = fields;
		buffers->capacity = capacity;
	}
	row->fields[row->count++] = field;
	return true;
}

bool row_window_reserve(struct row *row, size_t size)
{
	struct row_buffers *buffers = row->buffers;

	buffers->serial = 0;
	buffers->window_size = 0;
	if (size <= buffers->window_capacity)
		return true;
	free(buffers->window);
	buffers->window_capacity = 0;
	buffers->window = malloc(size);
	if (!buffers->window)
		return false;
	buffers->window_capacity = size;
	return true;
}

void *row_state(struct row *row, void *(*make)(void), void (*release)(void *state))
{
	struct row_buffers *buffers = row->buffers;

	if (buffers->state_free == release)
		return buffers->state;
	row_state_drop(row);
	buffers->state = make();
	buffers->state_free = buffers->state ? release : NULL;
	return buffers->state;
}

void row_state_drop(struct row *row)
{
	struct row_buffers *buffers = row->buffers;

	if (buffers->state_free)
		buffers->state_free(buffers->state);
	buffers->state = NULL;
	buffers->state_free = NULL;
}
