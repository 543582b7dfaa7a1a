/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/row_labels.h"

#include "engine/base/json_scan.h"
#include "engine/base/size.h"
#include "engine/data/field.h"
#include "engine/data/missing.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define SHOWN_SEPARATOR "|" /* between the labels of row->label, where the file has none */

/* Lists */

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip(struct list_scan *scan, size_t count)
{
	scan->rest = (struct span){scan->rest.data + count, scan->rest.size - count};
}

static void skip_blanks(struct list_scan *scan)
{
	while (scan->rest.size > 0 && is_blank(scan->rest.data[0]))
		skip(scan, 1);
}

bool list_begin(struct list_scan *scan, struct span field)
{
	bool is_list = field.size >= 2 && field.data[0] == '[' && field.data[field.size - 1] == ']';

	*scan = (struct list_scan){.rest = field};
	if (is_list)
		scan->rest = (struct span){field.data + 1, field.size - 2};
	return is_list;
}

static bool next_quoted(struct list_scan *scan, struct span *element, char quote)
{
	size_t end = 1;

	while (end < scan->rest.size && scan->rest.data[end] != quote)
		end += scan->rest.data[end] == '\\' ? 2 : 1;
	scan->failed = end >= scan->rest.size;
	if (scan->failed)
		return false;
	*element = (struct span){scan->rest.data + 1, end - 1};
	skip(scan, end + 1);
	scan->failed = scan->rest.size > 0 && !is_blank(scan->rest.data[0]) && scan->rest.data[0] != ',';
	return !scan->failed;
}

static bool next_bare(struct list_scan *scan, struct span *element)
{
	size_t end = 0;

	while (end < scan->rest.size && !is_blank(scan->rest.data[end]) && scan->rest.data[end] != ',')
		end++;
	*element = (struct span){scan->rest.data, end};
	for (size_t i = 0; i < end; i++)
		scan->failed = scan->failed || memchr("[]{}()\"'", scan->rest.data[i], 8) != NULL;
	skip(scan, end);
	return !scan->failed && end > 0;
}

bool list_next(struct list_scan *scan, struct span *element, char *quoted)
{
	char first;

	skip_blanks(scan);
	if (scan->failed || scan->rest.size == 0)
		return false;
	first = scan->rest.data[0];
	*quoted = first == '"' || first == '\'' ? first : 0;
	if (!(*quoted ? next_quoted(scan, element, first) : next_bare(scan, element))) {
		scan->failed = true;
		return false;
	}
	skip_blanks(scan);
	if (scan->rest.size > 0 && scan->rest.data[0] == ',')
		skip(scan, 1);
	return true;
}

/* Of Python's own escapes only those that repr() writes of text that is one line. */
static size_t unescape_python(struct span element, char *out)
{
	size_t size = 0;

	for (size_t i = 0; i < element.size; i++) {
		char c = element.data[i];

		if (c == '\\' && i + 1 < element.size) {
			c = element.data[++i];
			c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
		}
		out[size++] = c;
	}
	return size;
}

/* Whether each \u has its four digits, which the text of a table need not have. */
static bool is_json_text(struct span element)
{
	for (size_t i = 0; i + 1 < element.size; i++) {
		if (element.data[i] != '\\')
			continue;
		if (element.data[++i] != 'u')
			continue;
		for (size_t digit = i + 1; digit < i + 5; digit++)
			if (digit >= element.size || !isxdigit((unsigned char)element.data[digit]))
				return false;
	}
	return true;
}

/* The text of an element without its escapes: at most element.size bytes. Adds to *replaced what became U+FFFD. */
static size_t list_unescape(struct span element, char quoted, char *out, uint32_t *replaced)
{
	struct json_replaced counts = {0};
	size_t size;

	if (!quoted || element.size == 0 || !memchr(element.data, '\\', element.size)) {
		if (element.size > 0)
			memcpy(out, element.data, element.size);
		return element.size;
	}
	if (quoted == '\'' || !is_json_text(element))
		return unescape_python(element, out);
	size = json_scan_unescape(element, out, &counts);
	*replaced += counts.surrogates + counts.nuls;
	return size;
}

bool label_flag(struct span field, bool *yes)
{
	static const char *const words[] = {"false", "true"};
	double value;

	for (int i = 0; i < 2; i++)
		if (field.size == strlen(words[i]) && strncasecmp(field.data, words[i], field.size) == 0) {
			*yes = i == 1;
			return true;
		}
	if (!field_number(field, &value) || (value != 0 && value != 1))
		return false;
	*yes = value == 1;
	return true;
}

/* A row */

static bool add_label(struct row *row, struct span label)
{
	struct row_buffers *buffers = row->buffers;

	if ((size_t)row->label_count == buffers->label_capacity) {
		size_t capacity = buffers->label_capacity ? 2 * buffers->label_capacity : 16;
		struct span *labels = size_realloc(buffers->labels, capacity, sizeof *labels);

		if (!labels)
			return false;
		buffers->labels = labels;
		buffers->label_capacity = capacity;
	}
	buffers->labels[row->label_count++] = label;
	row->labels = buffers->labels;
	return true;
}

/* Room for so many bytes in all, so that they do not move while spans point into them. */
static bool reserve_bytes(struct row *row, size_t size)
{
	struct buffer *bytes = &row->buffers->label_bytes;

	bytes->size = 0;
	return buffer_reserve(bytes, size);
}

/* Adds the label that was written after the others, for whose separator there is room. */
static bool take_written(struct row *row, size_t size)
{
	struct buffer *bytes = &row->buffers->label_bytes;
	struct span label = span_trim((struct span){bytes->data + bytes->size, size});

	if (label.size == 0)
		return true;
	if (bytes->size > 0) {
		memmove(bytes->data + bytes->size + 1, label.data, label.size);
		bytes->data[bytes->size++] = SHOWN_SEPARATOR[0];
		label.data = bytes->data + bytes->size;
	}
	bytes->size = (size_t)(label.data - bytes->data) + label.size;
	return add_label(row, label);
}

static void show_written(struct row *row)
{
	row->label = (struct span){row->buffers->label_bytes.data, row->buffers->label_bytes.size};
}

static bool no_label(struct row *row, int missing)
{
	row->status = ROW_NO_LABEL;
	row->missing = missing;
	row->label.size = 0;
	row->label_count = 0;
	return true;
}

static bool malformed(struct row *row)
{
	row->status = ROW_MALFORMED;
	row->label.size = 0;
	row->label_count = 0;
	return true;
}

static bool read_joined(struct row *row, char separator)
{
	struct span rest = row->label;

	while (rest.size > 0) {
		const char *end = memchr(rest.data, separator, rest.size);
		size_t size = end ? (size_t)(end - rest.data) : rest.size;
		struct span label = span_trim((struct span){rest.data, size});

		size += end != NULL;
		rest = (struct span){rest.data + size, rest.size - size};
		if (label.size > 0 && !add_label(row, label))
			return false;
	}
	return row->label_count > 0 || no_label(row, MISSING_EMPTY);
}

static bool is_nothing(struct span element, char quoted)
{
	int missing = quoted ? -1 : missing_find(element);

	return missing >= 0 && !missing_is_minus_one(missing);
}

/* What stands there without brackets is a label by itself. */
static bool read_list(struct row *row)
{
	struct list_scan scan;
	struct span element;
	char quoted;

	if (!list_begin(&scan, row->label))
		return add_label(row, row->label);
	if (!reserve_bytes(row, 2 * row->label.size))
		return false;
	while (list_next(&scan, &element, &quoted)) {
		struct buffer *bytes = &row->buffers->label_bytes;

		if (is_nothing(element, quoted))
			continue;
		if (!take_written(row, list_unescape(element, quoted, bytes->data + bytes->size, &row->replaced)))
			return false;
	}
	show_written(row);
	return !scan.failed || malformed(row);
}

static bool take_fixed(const struct columns *columns, struct row *row, int label)
{
	struct buffer *bytes = &row->buffers->label_bytes;
	char digits[16];
	struct span name = columns_fixed_label(columns, label, digits);

	memcpy(bytes->data + bytes->size, name.data, name.size);
	return take_written(row, name.size);
}

static bool read_vector(const struct columns *columns, struct row *row)
{
	struct list_scan scan;
	struct span element;
	int place = 0;
	char quoted;
	bool yes;

	if (!list_begin(&scan, row->label))
		return malformed(row);
	if (!reserve_bytes(row, 16 * (size_t)columns->vector_size))
		return false;
	for (; list_next(&scan, &element, &quoted); place++) {
		if (place == columns->vector_size || !label_flag(element, &yes))
			return malformed(row);
		if (yes && !take_fixed(columns, row, place))
			return false;
	}
	show_written(row);
	return (!scan.failed && place == columns->vector_size) || malformed(row);
}

static size_t names_size(const struct columns *columns)
{
	size_t size = 0;

	for (int i = 0; i < columns->several_count; i++)
		size += strlen(columns->names[columns->several[i]]) + 1;
	return size + 1;
}

/* A field that says nothing leaves the whole row without labels: which ones it has is not known then. */
static bool read_columns(const struct columns *columns, struct row *row)
{
	bool yes;

	if (!reserve_bytes(row, names_size(columns)))
		return false;
	for (int i = 0; i < columns->several_count; i++) {
		struct span field = span_trim(row->fields[columns->several[i]]);
		int missing = missing_find(field);

		if (missing >= 0)
			return no_label(row, missing);
		if (!label_flag(field, &yes))
			return malformed(row);
		if (yes && !take_fixed(columns, row, i))
			return false;
	}
	show_written(row);
	return true;
}

bool row_labels_read(const struct columns *columns, struct row *row)
{
	if (columns->form == LABELS_COLUMNS)
		return read_columns(columns, row);
	row->label = span_trim(row->fields[columns->label]);
	row->missing = columns_missing(columns, row->label);
	if (row->missing >= 0)
		return no_label(row, row->missing);
	switch (columns->form) {
	case LABELS_JOINED:
		return read_joined(row, columns->separator);
	case LABELS_LIST:
		return read_list(row);
	case LABELS_VECTOR:
		return read_vector(columns, row);
	default:
		row->labels = &row->label;
		row->label_count = 1;
		return true;
	}
}
