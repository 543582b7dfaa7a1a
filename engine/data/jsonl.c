/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON lines (jsonlines.org): an object a line, after RFC 8259. The columns are the keys. Strings are fields as they are,
 * numbers and booleans as JSON writes them, objects and arrays are short JSON to look at. */
#include "engine/data/jsonl.h"

#include "engine/base/json.h"
#include "engine/base/size.h"
#include "engine/data/field.h"
#include "engine/data/row.h"
#include "engine/data/textfile.h"
#include "engine/words.h"

#include <stdio.h>

#define SHORT_TEXT 512 /* room for what is not a string */

/* buffers->bytes has room for the whole row, so it does not move while spans point into it. */
static bool add_text(struct row *row, const char *text, size_t size)
{
	struct buffer *bytes = &row->buffers->bytes;
	struct span field = {bytes->data + bytes->size, size};

	if (size > DATASET_FIELD_MAX)
		row->status = ROW_TOO_LONG;
	return buffer_add(bytes, text, size) && row_add_field(row, field);
}

/* Whole numbers keep their point if they have one: 3 is "3", 3.0 is "3.0". */
static bool add_number(struct row *row, const json_t *value)
{
	struct words text = words_real(json_real_value(value));

	if (json_is_integer(value))
		snprintf(text.text, sizeof text.text, "%lld", (long long)json_integer_value(value));
	return add_text(row, text.text, strlen(text.text));
}

static bool add_nested(struct row *row, const json_t *value)
{
	char text[SHORT_TEXT];
	size_t size = json_dumpb(value, text, sizeof text, JSON_COMPACT | JSON_REAL_PRECISION(15));

	if (size > sizeof text)
		return json_is_array(value) ? add_text(row, "[...]", 5) : add_text(row, "{...}", 5);
	return add_text(row, text, size);
}

static bool add_value(struct row *row, const json_t *value)
{
	if (!value || json_is_null(value))
		return add_text(row, "", 0);
	if (json_is_string(value))
		return add_text(row, json_string_value(value), json_string_length(value));
	if (json_is_boolean(value))
		return json_is_true(value) ? add_text(row, "true", 4) : add_text(row, "false", 5);
	return json_is_number(value) ? add_number(row, value) : add_nested(row, value);
}

static bool add_values(struct row *row, const json_t *object, const struct columns *columns)
{
	for (int i = 0; i < columns->count; i++) {
		const json_t *value = json_object_get(object, columns->names[i]);

		if (!add_value(row, value))
			return false;
		if (i == columns->text && !json_is_string(value) && row->status == ROW_OK)
			row->status = ROW_NO_TEXT;
	}
	return true;
}

/* One entry in row->fields for each column, empty where the key is missing or null. False: out of memory. */
static bool split(struct row *row, struct span bytes, const struct columns *columns)
{
	struct buffer *out = &row->buffers->bytes;
	json_t *object = json_parse(bytes, "row", NULL);
	size_t room;
	bool added = true;

	row->count = 0;
	out->size = 0;
	if (!json_is_object(object))
		row->status = ROW_MALFORMED;
	else
		added = size_multiply((size_t)columns->count, SHORT_TEXT, &room) && size_add(room, bytes.size, &room) &&
		        buffer_reserve(out, room) && add_values(row, object, columns);
	json_decref(object);
	return added;
}

/* Opening */

static int jsonl_fits(struct sample *sample)
{
	struct sample_view view = {0};
	json_t *value;
	bool object;

	sample_find_rows(sample, &view);
	if (sample->rows == 0)
		return FITS_NOT;
	value = json_parse(sample_row(sample, 0), "line", NULL);
	object = json_is_object(value);
	json_decref(value);
	return object ? FITS_WELL : FITS_NOT;
}

/* Adds the keys of one row that are not in `seen`, a JSON object used as a set. */
static bool add_keys(struct columns *columns, json_t *seen, json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
		if (!json_object_get(seen, key) &&
		    (json_object_set_new_nocheck(seen, key, json_true()) != 0 || !columns_add(columns, span_of(key))))
			return false;
	return true;
}

/* The columns are the keys of the sample's objects, in order of appearance. */
static bool collect_keys(struct columns *columns, const struct sample *sample, int *objects)
{
	json_t *seen = json_object();
	bool added = seen != NULL;

	*objects = 0;
	for (int i = 0; added && i < sample->rows; i++) {
		json_t *object = json_parse(sample_row(sample, i), "row", NULL);

		if (json_is_object(object)) {
			++*objects;
			added = add_keys(columns, seen, object);
		}
		json_decref(object);
	}
	json_decref(seen);
	return added;
}

static bool check_objects(const struct opening *opening, int objects, const struct columns *columns,
                          struct error *error)
{
	const char *path = opening->source->path;
	struct span first = span_trim(opening->sample->text);

	RETURN_IF(objects == 0 && first.size > 0 && first.data[0] == '[', error, ERROR_DATA,
	          "%s: is one JSON array; one object a line is needed (jq -c '.[]' makes that)", path);
	RETURN_IF(objects == 0, error, ERROR_DATA, "%s: has no JSON object in its first %d lines", path,
	          opening->sample->rows);
	RETURN_IF(columns->count == 0, error, ERROR_DATA, "%s: its JSON objects have no keys", path);
	return true;
}

static bool guess_columns(struct sample *sample, struct columns *columns)
{
	struct column_facts *facts = columns_observe_begin(columns);

	if (!facts)
		return false;
	for (int i = 0; i < sample->rows; i++) {
		sample->row->status = ROW_OK;
		if (!split(sample->row, sample_row(sample, i), columns)) {
			columns_observe_end(facts);
			return false;
		}
		if (sample->row->status == ROW_OK)
			columns_observe(facts, columns, sample->row->fields);
	}
	return columns_guess(columns, facts);
}

static void *jsonl_open(const struct opening *opening, struct shape *shape, struct error *error)
{
	static const struct textfile_rules rules = {0};
	struct sample_view view = {0};
	int objects;

	if (!sample_check(opening->sample, opening->source->path, error))
		return NULL;
	sample_find_rows(opening->sample, &view);
	if (!collect_keys(&shape->columns, opening->sample, &objects)) {
		error_memory(error, "opening a file");
		return NULL;
	}
	if (!check_objects(opening, objects, &shape->columns, error))
		return NULL;
	if (!guess_columns(opening->sample, &shape->columns)) {
		error_memory(error, "opening a file");
		return NULL;
	}
	return textfile_open(opening, &rules, error);
}

static bool jsonl_read(void *state, uint64_t index, const struct columns *columns, struct row *row,
                       struct error *error)
{
	struct span bytes;

	if (!textfile_fetch(state, index, row, &bytes, error))
		return false;
	return row->status != ROW_OK || split(row, bytes, columns) || error_memory(error, "reading a row");
}

static const char *const suffixes[] = {".jsonl", ".ndjson", ".json", NULL};

const struct reader reader_jsonl = {
	.name = "jsonl",
	.format = DATASET_JSONL,
	.text = true,
	.suffixes = suffixes,
	.fits_text = jsonl_fits,
	.open = jsonl_open,
	.index_step = textfile_index_step,
	.rows = textfile_rows,
	.read = jsonl_read,
	.close = textfile_close,
};
