/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fields of a row, by libcsv, and the writing of one. */
#include "engine/data/internal.h"

#define CSV_GROWTH ((size_t)64 << 10) /* libcsv's own is 128 bytes */

bool row_add_field(struct row *row, struct span field)
{
	struct row_buffers *buffers = row->buffers;

	if ((size_t)row->count == buffers->capacity) {
		size_t capacity = buffers->capacity ? 2 * buffers->capacity : 16;
		struct span *fields = realloc(row->fields, capacity * sizeof *fields);
		if (!fields)
			return false;
		row->fields = fields;
		buffers->capacity = capacity;
	}
	row->fields[row->count++] = field;
	return true;
}

/* buffers->bytes has room for the whole row, so it does not move while spans point into it. */
static void take_field(void *data, size_t size, void *context)
{
	struct row *row = context;
	struct buffer *bytes = &row->buffers->bytes;
	struct span field = {bytes->data + bytes->size, size};

	if (size > DATASET_FIELD_MAX)
		row->status = ROW_TOO_LONG;
	if (!buffer_add(bytes, data, size) || !row_add_field(row, field))
		row->buffers->failed = true;
}

static bool parser_ready(struct row_buffers *buffers)
{
	if (buffers->csv_ready)
		return true;
	if (csv_init(&buffers->csv, 0) != 0)
		return false;
	csv_set_blk_size(&buffers->csv, CSV_GROWTH);
	buffers->csv_ready = true;
	return true;
}

static bool ignore_row(void *context, uint64_t start, uint64_t line)
{
	(void)context;
	(void)start;
	(void)line;
	return true;
}

/* libcsv reads on behind a quote that closes in mid-field; the scan tells that there was one. */
static bool closes_in_mid_field(struct span bytes, char delimiter)
{
	struct scan scan = {.delimiter = delimiter, .quoting = true};

	if (!memchr(bytes.data, '"', bytes.size))
		return false;
	scan_begin(&scan, 0);
	scan_feed(&scan, bytes.data, bytes.size, ignore_row, NULL);
	return scan.malformed || scan.state == SCAN_QUOTED;
}

bool csv_split(struct row *row, struct span bytes, char delimiter, bool quoting)
{
	struct row_buffers *buffers = row->buffers;
	bool parsed;

	row->count = 0;
	buffers->bytes.size = 0;
	buffers->failed = false;
	if (!parser_ready(buffers) || !buffer_reserve(&buffers->bytes, bytes.size))
		return false;
	csv_set_delim(&buffers->csv, (unsigned char)delimiter);
	csv_set_quote(&buffers->csv, quoting ? '"' : '\0');
	parsed = csv_parse(&buffers->csv, bytes.data, bytes.size, take_field, NULL, row) == bytes.size &&
	         csv_fini(&buffers->csv, take_field, NULL, row) == 0;
	if (!parsed || buffers->failed) {
		csv_free(&buffers->csv);
		buffers->csv_ready = false;
		return false;
	}
	if (row->status == ROW_OK && quoting && closes_in_mid_field(bytes, delimiter))
		row->status = ROW_MALFORMED;
	return true;
}

static bool needs_quotes(struct span field)
{
	if (field.size == 0 || field.data[0] == ' ' || field.data[field.size - 1] == ' ')
		return true;
	for (size_t i = 0; i < field.size; i++)
		if (memchr("\",;\t\r\n", field.data[i], 6))
			return true;
	return false;
}

size_t csv_quote(char *out, size_t capacity, struct span field)
{
	size_t size;

	if (needs_quotes(field))
		return csv_write(out, capacity, field.size > 0 ? field.data : "", field.size);
	size = field.size < capacity ? field.size : capacity;
	if (size > 0)
		memcpy(out, field.data, size);
	return field.size;
}
