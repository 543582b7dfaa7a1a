/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fields of a row of JSON lines: strings as they are, numbers and booleans as JSON writes them, objects and
 * arrays as short JSON to look at. */
#include "engine/base/json.h"
#include "engine/data/internal.h"
#include "engine/base/size.h"
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

static bool add_values(struct row *row, const json_t *object, char *const *names, int columns, int text_column)
{
	for (int i = 0; i < columns; i++) {
		const json_t *value = json_object_get(object, names[i]);

		if (!add_value(row, value))
			return false;
		if (i == text_column && !json_is_string(value) && row->status == ROW_OK)
			row->status = ROW_NO_TEXT;
	}
	return true;
}

bool jsonl_split(struct row *row, struct span bytes, char *const *names, int columns, int text_column)
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
		added = size_multiply((size_t)columns, SHORT_TEXT, &room) && size_add(room, bytes.size, &room) &&
		        buffer_reserve(out, room) && add_values(row, object, names, columns, text_column);
	json_decref(object);
	return added;
}
