/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fields of a row. libcsv reads the rows that have quotes as RFC 4180 wants them; rows without any are only cut at
 * their delimiters, which libcsv would do ten times slower, and what libcsv cannot read (escapes, blanks beside quotes)
 * is cut here byte by byte. A test compares the three. */
#include "engine/data/csv.h"

#include "engine/data/row.h"

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

/* Blanks belong to their field. libcsv would cut them off. */
static int is_no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static void *parser_new(void)
{
	struct csv_parser *parser = malloc(sizeof *parser);

	if (!parser || csv_init(parser, 0) != 0) {
		free(parser);
		return NULL;
	}
	csv_set_blk_size(parser, CSV_GROWTH);
	csv_set_space_func(parser, is_no_space);
	return parser;
}

static void parser_free(void *parser)
{
	csv_free(parser);
	free(parser);
}

/* What a scan of the row tells. */
struct look {
	struct scan scan;
	size_t end; /* of the row, with (half of) its line end: blank lines follow it */
};

static bool note_end(void *context, uint64_t start, uint64_t line)
{
	struct look *look = context;

	(void)start;
	(void)line;
	if (look->scan.rows == 1)
		look->end = (size_t)look->scan.row_start;
	return true;
}

static struct look look_at(struct span bytes, const struct marks *marks)
{
	struct look look = {.scan.marks = *marks, .end = bytes.size};

	scan_begin(&look.scan, 0);
	scan_feed(&look.scan, bytes.data, bytes.size, note_end, &look);
	return look;
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
		struct span field = {from, (size_t)((to ? to : end) - from)};

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

/* By hand */

/* `out` has room for all of the row: no byte of a field is longer than what it was made from. */
struct cutting {
	const char *at, *end; /* of the row */
	const struct marks *marks;
	char *out;
};

static bool is_blank(const struct cutting *cutting, const char *at)
{
	return at < cutting->end && (*at == ' ' || *at == '\t') && *at != cutting->marks->delimiter;
}

static bool ends_field(const struct cutting *cutting)
{
	const char c = cutting->at < cutting->end ? *cutting->at : '\n';

	return c == '\n' || c == '\r' || (c == cutting->marks->delimiter && c);
}

/* The character after an escape; CR LF is one. An escape at the very end stands for itself. */
static void take_escaped(struct cutting *cutting)
{
	if (cutting->at + 1 < cutting->end)
		cutting->at++;
	if (*cutting->at == '\r' && cutting->at + 1 < cutting->end && cutting->at[1] == '\n')
		*cutting->out++ = *cutting->at++;
	*cutting->out++ = *cutting->at++;
}

/* From after the opening quote to after the closing one. */
static void cut_quoted(struct cutting *cutting)
{
	const struct marks *marks = cutting->marks;

	while (cutting->at < cutting->end) {
		if (*cutting->at == marks->escape && marks->escape) {
			take_escaped(cutting);
			continue;
		}
		if (*cutting->at == marks->quote) {
			cutting->at++;
			if (cutting->at == cutting->end || *cutting->at != marks->quote)
				return;
		}
		*cutting->out++ = *cutting->at++;
	}
}

static void cut_unquoted(struct cutting *cutting)
{
	const char *from = cutting->at;
	const char escape = cutting->marks->escape;

	while (!ends_field(cutting)) {
		if (*cutting->at == escape && escape)
			take_escaped(cutting);
		else
			*cutting->out++ = *cutting->at++;
	}
	if (cutting->at - from == 2 && escape && from[0] == escape && from[1] == 'N') {
		cutting->out[-1] = escape;
		*cutting->out++ = 'N';
	}
}

static void cut_field(struct cutting *cutting)
{
	const char *first = cutting->at;

	while (is_blank(cutting, first))
		first++;
	if (first == cutting->end || !cutting->marks->quote || *first != cutting->marks->quote) {
		cut_unquoted(cutting);
		return;
	}
	cutting->at = first + 1;
	cut_quoted(cutting);
	while (is_blank(cutting, cutting->at))
		cutting->at++;
}

static bool split_by_hand(struct row *row, struct span bytes, const struct marks *marks)
{
	struct buffer *out = &row->buffers->bytes;
	struct cutting cutting = {bytes.data, bytes.data + bytes.size, marks, NULL};

	out->size = 0;
	if (!buffer_reserve(out, bytes.size))
		return false;
	cutting.out = out->data;
	for (;;) {
		char *from = cutting.out;

		cut_field(&cutting);
		if ((size_t)(cutting.out - from) > DATASET_FIELD_MAX)
			row->status = ROW_TOO_LONG;
		if (!row_add_field(row, (struct span){from, (size_t)(cutting.out - from)}))
			return false;
		if (cutting.at >= cutting.end || *cutting.at == '\n' || *cutting.at == '\r')
			break;
		cutting.at++;
	}
	out->size = (size_t)(cutting.out - out->data);
	return true;
}

/* By libcsv */

static bool parse(struct csv_parser *parser, struct span bytes, const struct marks *marks, struct filling *filling)
{
	csv_set_delim(parser, (unsigned char)marks->delimiter);
	csv_set_quote(parser, (unsigned char)marks->quote);
	return csv_parse(parser, bytes.data, bytes.size, take_field, NULL, filling) == bytes.size &&
	       csv_fini(parser, take_field, NULL, filling) == 0 && !filling->failed;
}

static bool split_with_libcsv(struct row *row, struct span bytes, const struct marks *marks)
{
	struct filling filling = {.row = row};
	struct csv_parser *parser;
	bool parsed;

	row->buffers->bytes.size = 0;
	parser = row_state(row, parser_new, parser_free);
	if (!parser || !buffer_reserve(&row->buffers->bytes, bytes.size))
		return false;
	parsed = parse(parser, bytes, marks, &filling);
	if (!parsed || csv_get_buffer_size(parser) > KEEP_MAX)
		row_state_drop(row);
	return parsed;
}

static bool has(struct span bytes, char mark)
{
	return mark && memchr(bytes.data, mark, bytes.size);
}

bool csv_split(struct row *row, struct span bytes, const struct marks *marks)
{
	const bool escapes = bytes.size > 0 && has(bytes, marks->escape);
	struct look look;

	row->count = 0;
	if (bytes.size > 0 && !escapes && !has(bytes, marks->quote))
		return split_plain(row, bytes, marks->delimiter);
	look = look_at(bytes, marks);
	if (look.scan.malformed > 0 || look.scan.state == SCAN_QUOTED)
		return take_whole(row, bytes);
	bytes.size = look.end;
	return escapes || look.scan.blanks ? split_by_hand(row, bytes, marks) : split_with_libcsv(row, bytes, marks);
}

bool csv_needs_quotes(struct span field)
{
	if (field.size == 0 || field.data[0] == ' ' || field.data[0] == '\'' || field.data[field.size - 1] == ' ')
		return true;
	for (size_t i = 0; i < field.size; i++)
		if (memchr("\",;\t\r\n", field.data[i], 6))
			return true;
	return false;
}
