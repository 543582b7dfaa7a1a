/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/json.h"

#include "engine/base/buffer.h"
#include "engine/base/file.h"

#include <stdlib.h>

/* Deepest nesting of braces and brackets outside strings: jansson recurses, so this is asked first. */
static bool nesting_within(struct span text, int limit)
{
	int depth = 0;
	bool in_string = false;

	for (size_t i = 0; i < text.size; i++) {
		char c = text.data[i];
		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '{' || c == '['))
			depth++;
		else if (!in_string && (c == '}' || c == ']'))
			depth--;
		if (depth > limit)
			return false;
	}
	return true;
}

/* A copy of the text in which each whole number of more than 18 digits has become a real one: 10...0e0. */
static bool widen_integers(struct span text, struct buffer *out)
{
	size_t digits = 0;
	bool in_string = false, real = false;

	for (size_t i = 0; i < text.size; i++) {
		char c = text.data[i];
		bool digit = c >= '0' && c <= '9';
		if (!digit && digits > 18 && !real && c != '.' && c != 'e' && c != 'E' && !buffer_add_text(out, "e0"))
			return false;
		real = !in_string && (c == '.' || c == 'e' || c == 'E' || (real && (digit || c == '+' || c == '-')));
		digits = digit && !in_string ? digits + 1 : 0;
		if (in_string && c == '\\' && i + 1 < text.size) {
			if (!buffer_add_byte(out, c))
				return false;
			c = text.data[++i];
		} else if (c == '"') {
			in_string = !in_string;
		}
		if (!buffer_add_byte(out, c))
			return false;
	}
	return true;
}

/* Hugging Face tokenizers write 1000000000000000019884624838656 for "no limit", which is no 64-bit integer. */
static json_t *parse_wide(struct span text)
{
	struct buffer wide = {.maximum = text.size * 2 + 2};
	json_error_t reason;
	json_t *document = NULL;

	if (widen_integers(text, &wide))
		document = json_loadb(wide.data ? wide.data : "", wide.size, JSON_REJECT_DUPLICATES, &reason);
	buffer_free(&wide);
	return document;
}

/* Jansson gives no reason where it had no memory. */
static void tell_reason(const json_error_t *reason, const char *name, struct error *error)
{
	if (reason->text[0] == '\0' || json_error_code(reason) == json_error_out_of_memory) {
		error_memory(error, "reading JSON");
		error_prefix(error, "%s", name);
	} else {
		error_set(error, ERROR_DATA, "%s: line %d, column %d: not valid JSON: %s", name, reason->line,
		          reason->column, reason->text);
	}
}

json_t *json_parse(struct span text, const char *name, struct error *error)
{
	json_error_t reason;
	json_t *document;

	if (!nesting_within(text, JSON_NESTING_MAX)) {
		error_set(error, ERROR_DATA, "%s: JSON nested deeper than %d levels", name, JSON_NESTING_MAX);
		return NULL;
	}
	document = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, &reason);
	if (!document && json_error_code(&reason) == json_error_numeric_overflow)
		document = parse_wide(text);
	if (!document)
		tell_reason(&reason, name, error);
	return document;
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

bool json_read_flag(const json_t *object, const char *name, bool otherwise, bool *out, struct error *error)
{
	const json_t *value = json_object_get(object, name);

	*out = value && !json_is_null(value) ? json_is_true(value) : otherwise;
	RETURN_IF(value && !json_is_boolean(value) && !json_is_null(value), error, ERROR_DATA,
	          "\"%s\" should be true or false", name);
	return true;
}

bool json_write(const char *path, const json_t *document, struct error *error)
{
	char *text = json_dumps(document, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
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
