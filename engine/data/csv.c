/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fields of a row. libcsv reads the rows that have quotes; rows without are only cut at
 * their delimiters, which libcsv would do ten times slower (a test holds the two together). */
#include "engine/data/internal.h"

#define CSV_GROWTH ((size_t)64 << 10) /* libcsv's own is 128 bytes */

bool row_add_field(struct row *row, struct span field)
{
	struct row_buffers *buffers = row->buffers;

	if ((size_t)row->count > DATASET_COLUMNS_MAX)
		return true;
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

static bool closes_in_mid_field(struct span bytes, char delimiter)
{
	struct scan scan = {.delimiter = delimiter, .quoting = true};

	scan_begin(&scan, 0);
	scan_feed(&scan, bytes.data, bytes.size, ignore_row, NULL);
	return scan.malformed || scan.state == SCAN_QUOTED;
}

static struct span trim_blanks(const char *from, const char *to)
{
	while (from < to && (*from == ' ' || *from == '\t'))
		from++;
	while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
		to--;
	return (struct span){from, (size_t)(to - from)};
}

/* Without quotes a row is what stands between delimiters: the fields point into the row itself. */
static bool split_plain(struct row *row, struct span bytes, char delimiter)
{
	const char *from = bytes.data, *end = bytes.data + bytes.size;
	const char *line_end = memchr(from, '\n', bytes.size);

	if (line_end)
		end = line_end;
	line_end = memchr(from, '\r', (size_t)(end - from));
	if (line_end)
		end = line_end;
	for (;;) {
		const char *to = delimiter ? memchr(from, delimiter, (size_t)(end - from)) : NULL;
		struct span field = trim_blanks(from, to ? to : end);

		if (field.size > DATASET_FIELD_MAX)
			row->status = ROW_TOO_LONG;
		if (!row_add_field(row, field))
			return false;
		if (!to)
			return true;
		from = to + 1;
	}
}

/* What a malformed row has to show: itself. */
static bool take_whole(struct row *row, struct span bytes)
{
	while (bytes.size > 0 && (bytes.data[bytes.size - 1] == '\n' || bytes.data[bytes.size - 1] == '\r'))
		bytes.size--;
	row->status = ROW_MALFORMED;
	return row_add_field(row, bytes);
}

static bool split_with_libcsv(struct row *row, struct span bytes, char delimiter)
{
	struct row_buffers *buffers = row->buffers;
	bool parsed;

	buffers->bytes.size = 0;
	buffers->failed = false;
	if (!parser_ready(buffers) || !buffer_reserve(&buffers->bytes, bytes.size))
		return false;
	csv_set_delim(&buffers->csv, (unsigned char)delimiter);
	parsed = csv_parse(&buffers->csv, bytes.data, bytes.size, take_field, NULL, row) == bytes.size &&
	         csv_fini(&buffers->csv, take_field, NULL, row) == 0;
	if (parsed && !buffers->failed)
		return true;
	csv_free(&buffers->csv);
	buffers->csv_ready = false;
	return false;
}

bool csv_split(struct row *row, struct span bytes, char delimiter, bool quoting)
{
	row->count = 0;
	if (bytes.size > 0 && !(quoting && memchr(bytes.data, '"', bytes.size)))
		return split_plain(row, bytes, delimiter);
	if (closes_in_mid_field(bytes, delimiter))
		return take_whole(row, bytes);
	return split_with_libcsv(row, bytes, delimiter);
}

bool csv_needs_quotes(struct span field)
{
	if (field.size == 0 || field.data[0] == ' ' || field.data[field.size - 1] == ' ')
		return true;
	for (size_t i = 0; i < field.size; i++)
		if (memchr("\",;\t\r\n", field.data[i], 6))
			return true;
	return false;
}
