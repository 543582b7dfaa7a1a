/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/json_row.h"

#include "engine/base/size.h"
#include "engine/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define SHORT_TEXT 512   /* bytes of an array or object that is shown */
#define NUMBER_BYTES 128 /* a longer one is taken as it stands */

/* While an object is read. `seen` holds for each key when it came last, 0: not yet: a value inside objects counts only if
 * none of these came again after it. */
struct reading {
	struct row *row;
	const struct json_keys *keys;
	const struct columns *columns;
	struct json_scan scan;
	uint32_t *seen, clock;         /* [keys->count] in the row's buffer */
	bool text_is_string;
	int open[JSON_KEY_DEPTH + 2];  /* keys of the objects that are open */
	int level;
	int key;                       /* of the value that comes next; -1: it has no column */
};

/* row->buffers->bytes has room for all that comes, so it does not move while spans point into it. */
static struct span keep(struct row *row, const char *text, size_t size)
{
	struct buffer *out = &row->buffers->bytes;
	struct span kept = {out->data + out->size, size};

	memcpy(out->data + out->size, text, size);
	out->size += size;
	return kept;
}

static struct span string_field(struct row *row, const struct json_scan *scan)
{
	struct buffer *out = &row->buffers->bytes;
	struct json_replaced replaced = {0};
	struct span field = {out->data + out->size, 0};

	if (!scan->escaped)
		return scan->token;
	field.size = json_scan_unescape(scan->token, out->data + out->size, &replaced);
	out->size += field.size;
	row->replaced += replaced.surrogates + replaced.nuls;
	return field;
}

/* As Python's str() has it: float.__repr__ writes whole numbers below 1e16 with all their digits. */
static struct span number_field(struct row *row, const struct json_scan *scan)
{
	struct span token = scan->token;
	char text[NUMBER_BYTES];
	struct words words;
	double value;

	if (token.size >= sizeof text || (scan->whole && !span_equal(token, span_of("-0"))))
		return token;
	if (scan->whole)
		return span_of("0");
	memcpy(text, token.data, token.size);
	text[token.size] = '\0';
	value = strtod(text, NULL);
	words = words_real(value);
	if (isnan(value))
		return span_of("nan");
	if (value == floor(value) && fabs(value) >= 1e15 && fabs(value) < 1e16)
		snprintf(words.text, sizeof words.text, "%.1f", value);
	return keep(row, words.text, strlen(words.text));
}

/* White space outside strings is left out. `whole`: also where it is long. */
static struct span nested_field(struct row *row, struct span raw, bool whole)
{
	struct buffer *out = &row->buffers->bytes;
	char *start = out->data + out->size;
	size_t size = 0;
	bool string = false;

	for (size_t i = 0; i < raw.size; i++) {
		bool escape = string && raw.data[i] == '\\';

		if (!string && memchr(" \t\r\n", raw.data[i], 4))
			continue;
		if (!whole && size + 2 > SHORT_TEXT)
			return span_of(raw.data[0] == '[' ? "[...]" : "{...}");
		string = string != (raw.data[i] == '"');
		start[size++] = raw.data[i];
		if (escape)
			start[size++] = raw.data[++i];
	}
	out->size += size;
	return (struct span){start, size};
}

/* The field of the value whose first event came; reads to its end. Labels may be a list, which is then all there. False:
 * a fault. */
static bool take_value(struct row *row, struct json_scan *scan, enum json_event event, bool label, struct span *field)
{
	size_t from = scan->start;

	*field = (struct span){"", 0};
	switch (event) {
	case EVENT_STRING:
		*field = string_field(row, scan);
		break;
	case EVENT_NUMBER:
		*field = number_field(row, scan);
		break;
	case EVENT_TRUE:
	case EVENT_FALSE:
		*field = span_of(event == EVENT_TRUE ? "true" : "false");
		break;
	case EVENT_OBJECT:
	case EVENT_ARRAY:
		if (!json_scan_skip(scan))
			return false;
		*field = nested_field(row, (struct span){scan->text.data + from, scan->at - from}, label && event == EVENT_ARRAY);
		break;
	default:
		break;
	}
	if (field->size > DATASET_FIELD_MAX)
		row->status = ROW_TOO_LONG;
	return event != EVENT_FAULT;
}

/* Every value may come again and again in one row: a number of four characters needs 18 bytes. */
bool json_row_begin(struct row *row, size_t size, int keys)
{
	struct buffer *out = &row->buffers->bytes;
	size_t room;

	row->count = 0;
	out->size = 0;
	return size_multiply(size, 3, &room) && size_add(room, (size_t)keys * sizeof(uint32_t) + 64, &room) &&
	       buffer_reserve(out, room);
}

static bool add_fields(struct row *row, int count)
{
	for (int i = 0; i < count; i++)
		if (!row_add_field(row, (struct span){"", 0}))
			return false;
	return true;
}

/* Objects. */

static bool find_key(struct reading *reading)
{
	const struct json_scan *scan = &reading->scan;
	struct json_replaced replaced = {0};
	struct span name = scan->token;
	char plain[JSON_KEY_MAX];
	int parent = reading->open[reading->level];

	if (scan->escaped && name.size <= sizeof plain)
		name = (struct span){plain, json_scan_unescape(scan->token, plain, &replaced)};
	reading->key = name.size > JSON_KEY_MAX ? -1 : json_keys_find(reading->keys, parent, name, reading->key + 1);
	if (reading->key < 0)
		return false;
	if (reading->seen[reading->key] > (parent < 0 ? 0 : reading->seen[parent]))
		reading->row->repeated_keys++;
	reading->seen[reading->key] = ++reading->clock;
	return true;
}

/* False: a fault. */
static bool read_value(struct reading *reading, enum json_event event)
{
	const struct json_key *key = reading->key < 0 ? NULL : &reading->keys->keys[reading->key];
	int column = key ? key->column : -1;
	struct span field = {"", 0};

	if (event == EVENT_OBJECT && key && key->inner) {
		if (column >= 0)
			reading->row->fields[column] = field;
		reading->text_is_string = reading->text_is_string && column != reading->columns->text;
		reading->open[++reading->level] = reading->key;
		return true;
	}
	if (column < 0)
		return (event != EVENT_OBJECT && event != EVENT_ARRAY) || json_scan_skip(&reading->scan);
	if (!take_value(reading->row, &reading->scan, event, column == reading->columns->label, &field))
		return false;
	reading->row->fields[column] = field;
	if (column == reading->columns->text)
		reading->text_is_string = event == EVENT_STRING;
	return true;
}

static bool read_members(struct reading *reading)
{
	int last = -1; /* where the next key is likely to stand after one that has no column */

	if (json_scan_next(&reading->scan) != EVENT_OBJECT)
		return false;
	for (;;) {
		enum json_event event = json_scan_next(&reading->scan);
		switch (event) {
		case EVENT_FAULT:
			return false;
		case EVENT_KEY:
			reading->key = reading->key < 0 ? last : reading->key;
			last = find_key(reading) ? reading->key : last;
			break;
		case EVENT_OBJECT_END:
			if (--reading->level < 0)
				return true;
			break;
		default:
			if (!read_value(reading, event))
				return false;
		}
	}
}

/* Values in an object that came again after them, or was replaced by something else, do not count. */
static void drop_replaced(struct reading *reading)
{
	const struct json_key *keys = reading->keys->keys;

	for (int i = 0; i < reading->keys->count; i++) {
		uint32_t parent = keys[i].parent < 0 ? 0 : reading->seen[keys[i].parent];

		if (keys[i].parent < 0 || reading->seen[i] == 0 || (parent > 0 && reading->seen[i] > parent))
			continue;
		if (keys[i].column >= 0)
			reading->row->fields[keys[i].column] = (struct span){"", 0};
		reading->text_is_string = reading->text_is_string && keys[i].column != reading->columns->text;
		reading->seen[i] = 0;
	}
}

static bool malformed(struct row *row)
{
	row->status = ROW_MALFORMED;
	row->count = 0;
	return true;
}

bool json_row_object(struct row *row, struct span bytes, const struct json_keys *keys, const struct columns *columns,
                     const char *rest)
{
	struct buffer *out = &row->buffers->bytes;
	struct reading reading = {.row = row, .keys = keys, .columns = columns, .key = -1};

	if (!json_row_begin(row, bytes.size, keys->count) || !add_fields(row, columns->count))
		return false;
	reading.seen = (uint32_t *)(void *)out->data;
	out->size = (size_t)keys->count * sizeof *reading.seen;
	memset(reading.seen, 0, out->size);
	reading.open[0] = -1;
	json_scan_begin(&reading.scan, bytes, true);
	if (!read_members(&reading) || (rest && !json_scan_rest_is(&reading.scan, rest)))
		return malformed(row);
	if (row->repeated_keys > 0)
		drop_replaced(&reading);
	if (columns->text >= 0 && !reading.text_is_string && row->status == ROW_OK)
		row->status = ROW_NO_TEXT;
	return true;
}

/* Arrays. */

static void check_text(struct row *row, const struct columns *columns, int column, enum json_event event)
{
	if (column == columns->text && event != EVENT_STRING && row->status == ROW_OK)
		row->status = ROW_NO_TEXT;
}

bool json_row_array(struct row *row, struct span bytes, const struct columns *columns, const char *rest)
{
	struct json_scan scan;
	enum json_event event;
	struct span field;

	if (!json_row_begin(row, bytes.size, 0))
		return false;
	json_scan_begin(&scan, bytes, true);
	event = json_scan_next(&scan);
	if (event != EVENT_ARRAY && event != EVENT_STRING)
		return malformed(row);
	if (event == EVENT_ARRAY)
		event = json_scan_next(&scan);
	for (; event != EVENT_END && event != EVENT_ARRAY_END; event = json_scan_next(&scan)) {
		if (!take_value(row, &scan, event, row->count == columns->label, &field))
			return malformed(row);
		check_text(row, columns, row->count, event);
		if (!row_add_field(row, field))
			return false;
	}
	return !rest || json_scan_rest_is(&scan, rest) || malformed(row);
}

bool json_row_value(struct row *row, struct span bytes, int column, const struct columns *columns)
{
	struct json_scan scan;
	enum json_event event;
	struct span field;

	json_scan_begin(&scan, bytes, true);
	event = json_scan_next(&scan);
	if (!take_value(row, &scan, event, column == columns->label, &field))
		return false;
	check_text(row, columns, column, event);
	row->fields[column] = field;
	return true;
}
