/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/json.h"

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

json_t *json_parse(struct span text, const char *name, struct error *error)
{
	json_error_t reason;
	json_t *document;

	if (!nesting_within(text, JSON_NESTING_MAX)) {
		error_set(error, ERROR_DATA, "%s: JSON nested deeper than %d levels", name, JSON_NESTING_MAX);
		return NULL;
	}
	document = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, &reason);
	if (!document)
		error_set(error, ERROR_DATA, "%s: line %d, column %d: not valid JSON: %s", name, reason.line, reason.column,
		          reason.text);
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
