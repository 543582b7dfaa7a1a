/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fields of a row. libcsv reads the rows that have quotes; rows without are only cut at their delimiters, which
 * libcsv would do ten times slower (a test compares the two). */
#include "engine/data/csv.h"

#include "engine/data/row.h"
#include "engine/data/scan.h"

#include <csv.h>
#include <stdlib.h>

#define CSV_GROWTH ((size_t)64 << 10) /* libcsv's own is 128 bytes: a field of 16 MB would be copied too often */
#define KEEP_MAX ((size_t)4 << 20)    /* a parser whose buffer grew beyond this for one row is given back */

/* What libcsv's callbacks fill. */
struct filling {
	struct row *row;
	bool failed; /* out of memory */
};

/* buffers->bytes has room for the whole row, so it does not move while spans point into it. */
static void take_field(void *data, size_t size, void *context)
{
	struct filling *filling = context;
	struct row *row = filling->row;
	struct buffer *bytes = &row->buffers->bytes;
	struct span field = {bytes->data + bytes->size, size};

	if (size > DATASET_FIELD_MAX)
		row->status = ROW_TOO_LONG;
	if (!buffer_add(bytes, data, size) || !row_add_field(row, field))
		filling->failed = true;
}

static void *parser_new(void)
{
	struct csv_parser *parser = malloc(sizeof *parser);

	if (!parser || csv_init(parser, 0) != 0) {
		free(parser);
		return NULL;
	}
	csv_set_blk_size(parser, CSV_GROWTH);
	return parser;
}

static void parser_free(void *parser)
{
	csv_free(parser);
	free(parser);
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

static bool parse(struct csv_parser *parser, struct span bytes, char delimiter, struct filling *filling)
{
	csv_set_delim(parser, (unsigned char)delimiter);
	return csv_parse(parser, bytes.data, bytes.size, take_field, NULL, filling) == bytes.size &&
	       csv_fini(parser, take_field, NULL, filling) == 0 && !filling->failed;
}

static bool split_with_libcsv(struct row *row, struct span bytes, char delimiter)
{
	struct filling filling = {.row = row};
	struct csv_parser *parser;
	bool parsed;

	row->buffers->bytes.size = 0;
	parser = row_state(row, parser_new, parser_free);
	if (!parser || !buffer_reserve(&row->buffers->bytes, bytes.size))
		return false;
	parsed = parse(parser, bytes, delimiter, &filling);
	if (!parsed || csv_get_buffer_size(parser) > KEEP_MAX)
		row_state_drop(row);
	return parsed;
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
