/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/json.h"

#include "engine/base/buffer.h"
#include "engine/base/file.h"
#include "engine/base/json_scan.h"
#include "engine/base/number.h"
#include "engine/base/size.h"

#include <math.h>
#include <stdlib.h>
#include <unistr.h>

/* While a document is built: the brackets that are open, outermost first, each owned by the one before it. */
struct building {
	struct json_scan scan;
	json_t *document;          /* owned */
	json_t *open[JSON_NESTING_MAX];
	char *characters;          /* owned; has room for the longest token, with its NUL, twice */
	const char *reason;        /* why the text is refused */
	bool too_deep;             /* which is no fault of the text */
	bool no_memory;
};

static bool refuse(struct building *building, const char *reason)
{
	building->reason = reason;
	return false;
}

/* The token of a key or string as a C string: `out` has room for it. */
static bool take_text(struct building *building, char *out, size_t *size)
{
	struct json_replaced replaced = {0};

	if (u8_check((const uint8_t *)building->scan.token.data, building->scan.token.size))
		return refuse(building, "unable to decode byte as UTF-8");
	*size = json_scan_unescape(building->scan.token, out, &replaced);
	out[*size] = '\0';
	if (replaced.surrogates > 0)
		return refuse(building, "half of a surrogate pair");
	return replaced.nuls == 0 || refuse(building, "\\u0000 is not allowed");
}

/* Whole numbers that do not fit in 64 bits are read as reals: Hugging Face tokenizers write
 * 1000000000000000019884624838656 for "no limit". */
static json_t *make_number(struct building *building)
{
	struct span token = building->scan.token;
	int64_t whole;
	double real;

	memcpy(building->characters, token.data, token.size);
	building->characters[token.size] = '\0';
	if (building->scan.whole && number_parse_integer(building->characters, &whole))
		return json_integer(whole);
	real = strtod(building->characters, NULL);
	if (isfinite(real))
		return json_real(real);
	refuse(building, "a number is too large");
	return NULL;
}

static json_t *make_string(struct building *building)
{
	size_t size;

	return take_text(building, building->characters, &size) ? json_stringn_nocheck(building->characters, size) : NULL;
}

static json_t *make_value(struct building *building, enum json_event event)
{
	switch (event) {
	case EVENT_OBJECT:
		return json_object();
	case EVENT_ARRAY:
		return json_array();
	case EVENT_STRING:
		return make_string(building);
	case EVENT_NUMBER:
		return make_number(building);
	case EVENT_NULL:
		return json_null();
	default:
		return json_boolean(event == EVENT_TRUE);
	}
}

/* Gives the value, which it takes over, its place in the document. `depth`: of the bracket that it stands in. */
static bool place_value(struct building *building, json_t *value, int depth, const char *key)
{
	json_t *parent = depth > 0 ? building->open[depth - 1] : NULL;
	bool placed = true;

	if (!parent)
		building->document = value;
	else if (json_is_array(parent))
		placed = json_array_append_new(parent, value) == 0;
	else
		placed = json_object_set_new_nocheck(parent, key, value) == 0;
	building->no_memory = !placed;
	return placed;
}

static bool add_value(struct building *building, enum json_event event, const char *key)
{
	bool opens = event == EVENT_OBJECT || event == EVENT_ARRAY;
	int depth = building->scan.depth - opens;
	json_t *value;

	if (depth == 0 && !opens)
		return refuse(building, "an object or array is expected");
	building->too_deep = opens && depth == JSON_NESTING_MAX;
	if (building->too_deep)
		return false;
	value = make_value(building, event);
	if (!value) {
		building->no_memory = !building->reason;
		return false;
	}
	if (opens)
		building->open[depth] = value;
	return place_value(building, value, depth, key);
}

static bool take_key(struct building *building, char *key)
{
	const json_t *parent = building->open[building->scan.depth - 1];
	size_t size;

	if (!take_text(building, key, &size))
		return false;
	return !json_object_get(parent, key) || refuse(building, "duplicate object key");
}

static bool build(struct building *building, char *key)
{
	for (;;) {
		enum json_event event = json_scan_next(&building->scan);
		switch (event) {
		case EVENT_END:
			if (json_scan_rest_is(&building->scan, ""))
				return true;
			building->scan.fault = "the end is expected";
			return refuse(building, building->scan.fault);
		case EVENT_FAULT:
			return refuse(building, building->scan.fault);
		case EVENT_KEY:
			if (!take_key(building, key))
				return false;
			break;
		case EVENT_OBJECT_END:
		case EVENT_ARRAY_END:
			break;
		default:
			if (!add_value(building, event, key))
				return false;
		}
	}
}

static void tell_reason(const struct building *building, const char *name, struct error *error)
{
	const struct json_scan *scan = &building->scan;
	size_t line, column;

	if (building->no_memory) {
		error_memory(error, "reading JSON");
		error_prefix(error, "%s", name);
		return;
	}
	/* A fault of the grammar stands where the scan stopped, any other in the value that it has just passed. */
	json_scan_place(scan->text, building->reason == scan->fault ? scan->at : scan->start, &line, &column);
	if (building->too_deep)
		error_set(error, ERROR_DATA, "%s: line %zu, column %zu: JSON nested deeper than %d levels", name, line, column,
		          JSON_NESTING_MAX);
	else
		error_set(error, ERROR_DATA, "%s: line %zu, column %zu: not valid JSON: %s", name, line, column,
		          building->reason);
}

json_t *json_parse(struct span text, const char *name, struct error *error)
{
	struct building building = {.no_memory = true};
	size_t room;

	/* No token is longer than the text; one half of the room is for keys, the other for values. */
	if (size_multiply(text.size, 2, &room) && size_add(room, 2, &room))
		building.characters = malloc(room);
	if (building.characters) {
		building.no_memory = false;
		json_scan_begin(&building.scan, text, false);
	}
	if (!building.characters || !build(&building, building.characters + text.size + 1)) {
		tell_reason(&building, name, error);
		json_decref(building.document);
		building.document = NULL;
	}
	free(building.characters);
	return building.document;
}

json_t *json_read(const char *path, size_t limit, struct error *error)
{
	size_t size;
	char *text = file_read(path, limit, &size, error);
	json_t *document;

	if (!text)
		return NULL;
	document = json_parse((struct span){text, size}, path, error);
	free(text);
	return document;
}

json_t *json_complete(json_t *document, bool complete)
{
	if (complete)
		return document;
	json_decref(document);
	return NULL;
}

bool json_read_flag(const json_t *object, const char *name, bool otherwise, bool *out, struct error *error)
{
	const json_t *value = json_object_get(object, name);

	*out = value && !json_is_null(value) ? json_is_true(value) : otherwise;
	RETURN_IF(value && !json_is_boolean(value) && !json_is_null(value), error, ERROR_DATA,
	          "\"%s\" should be true or false", name);
	return true;
}

/* Once a piece had no memory nothing more is taken: Jansson does not look at the answer for every key. */
struct writing {
	struct buffer text;
	bool failed;
};

static int take_piece(const char *piece, size_t size, void *context)
{
	struct writing *writing = context;

	writing->failed = writing->failed || !buffer_add(&writing->text, piece, size);
	return writing->failed ? -1 : 0;
}

char *json_text(const json_t *document, size_t flags)
{
	struct writing writing = {.text.maximum = SIZE_MAX / 4};

	if (json_dump_callback(document, take_piece, &writing, flags) == 0 && !writing.failed)
		return writing.text.data;
	buffer_free(&writing.text);
	return NULL;
}

bool json_write(const char *path, const json_t *document, struct error *error)
{
	char *text = json_text(document, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
	struct file_writer writer;
	bool done;

	if (!text)
		return error_memory(error, "writing JSON");
	done = file_writer_begin(&writer, path, error) &&
	       file_writer_write(&writer, text, strlen(text), error) && file_writer_write(&writer, "\n", 1, error) &&
	       file_writer_commit(&writer, error);
	if (!done)
		file_writer_abort(&writer);
	free(text);
	return done;
}
