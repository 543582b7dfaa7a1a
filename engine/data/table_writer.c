/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/table_writer.h"

#include "engine/base/buffer.h"
#include "engine/base/file.h"
#include "engine/base/size.h"
#include "engine/dataset.h"

#include <stdio.h>
#include <stdlib.h>

#define FLUSH_BYTES ((size_t)1 << 16)
#define NAMES_MAX 4096 /* columns whose names are made different */

static const struct format_row {
	const char *ending;
	enum table_format format;
} endings[] = {
	{".csv", TABLE_CSV}, {".tsv", TABLE_TSV}, {".tab", TABLE_TSV}, {".jsonl", TABLE_JSONL}, {".ndjson", TABLE_JSONL},
};

struct table_writer {
	struct file_writer file;
	enum table_format format;
	struct buffer out;
	char **names; /* [count] */
	size_t count;
};

bool table_format_of(const char *path, enum table_format *format)
{
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		if (!file_has_suffix(path, endings[i].ending))
			continue;
		*format = endings[i].format;
		return true;
	}
	return false;
}

/* Fields */

static bool add_quoted(struct buffer *out, struct span text)
{
	bool good = buffer_add_byte(out, '"');

	for (size_t i = 0; good && i < text.size; i++)
		good = (text.data[i] != '"' || buffer_add_byte(out, '"')) && buffer_add_byte(out, text.data[i]);
	return good && buffer_add_byte(out, '"');
}

static bool add_table_field(struct buffer *out, struct span text)
{
	return csv_needs_quotes(text) ? add_quoted(out, text) : buffer_add(out, text.data, text.size);
}

static bool add_json_string(struct buffer *out, struct span text)
{
	bool good = buffer_add_byte(out, '"');

	for (size_t i = 0; good && i < text.size; i++) {
		const unsigned char byte = (unsigned char)text.data[i];

		if (byte == '"' || byte == '\\')
			good = buffer_add_byte(out, '\\') && buffer_add_byte(out, (char)byte);
		else if (byte < 0x20 || byte == 0x7f)
			good = buffer_format(out, "\\u%04x", byte);
		else
			good = buffer_add_byte(out, (char)byte);
	}
	return good && buffer_add_byte(out, '"');
}

static bool add_json_field(struct table_writer *writer, size_t column, const struct table_field *field)
{
	struct buffer *out = &writer->out;

	if (!add_json_string(out, span_of(writer->names[column])) || !buffer_add_text(out, ": "))
		return false;
	if (field->kind == FIELD_MISSING_KIND)
		return buffer_add_text(out, "null");
	if (field->kind == FIELD_NUMBER_KIND)
		return buffer_add(out, field->text.data, field->text.size);
	return add_json_string(out, field->text);
}

/* Rows */

static bool flush(struct table_writer *writer, size_t least, struct error *error)
{
	if (writer->out.size < least || writer->out.size == 0)
		return true;
	if (!file_writer_write(&writer->file, writer->out.data, writer->out.size, error))
		return false;
	writer->out.size = 0;
	return true;
}

static bool add_row(struct table_writer *writer, const struct table_field *fields)
{
	const bool json = writer->format == TABLE_JSONL;
	const char *between = json ? ", " : writer->format == TABLE_TSV ? "\t" : ",";
	bool good = !json || buffer_add_byte(&writer->out, '{');

	for (size_t i = 0; good && i < writer->count; i++)
		good = (i == 0 || buffer_add_text(&writer->out, between)) &&
		       (json ? add_json_field(writer, i, &fields[i])
		             : fields[i].kind == FIELD_MISSING_KIND || add_table_field(&writer->out, fields[i].text));
	return good && buffer_add_text(&writer->out, json ? "}\n" : "\n");
}

bool table_writer_put(struct table_writer *writer, const struct table_field *fields, struct error *error)
{
	return (add_row(writer, fields) || error_memory(error, "writing rows")) && flush(writer, FLUSH_BYTES, error);
}

/* Names */

static bool is_taken(const struct table_writer *writer, size_t before, const char *name)
{
	for (size_t i = 0; i < before && i < NAMES_MAX; i++) {
		if (strcmp(writer->names[i], name) == 0)
			return true;
	}
	return false;
}

static bool take_name(struct table_writer *writer, size_t column, struct span name)
{
	const size_t capacity = name.size + 16;
	char *copy = malloc(capacity);

	if (!copy)
		return false;
	writer->names[column] = copy;
	snprintf(copy, capacity, "%.*s", (int)name.size, name.data);
	for (int i = 2; column < NAMES_MAX && is_taken(writer, column, copy) && i < NAMES_MAX; i++)
		snprintf(copy, capacity, "%.*s_%d", (int)name.size, name.data, i);
	return true;
}

static bool take_names(struct table_writer *writer, const struct span *names, size_t count)
{
	writer->names = size_calloc(count, sizeof *writer->names);
	writer->count = count;
	for (size_t i = 0; writer->names && i < count; i++) {
		if (!take_name(writer, i, names[i]))
			return false;
	}
	return writer->names;
}

static bool put_header(struct table_writer *writer, struct error *error)
{
	struct table_field *fields = size_calloc(writer->count, sizeof *fields);
	bool good;

	if (!fields)
		return error_memory(error, "writing rows");
	for (size_t i = 0; i < writer->count; i++)
		fields[i].text = span_of(writer->names[i]);
	good = writer->format == TABLE_JSONL || table_writer_put(writer, fields, error);
	free(fields);
	return good;
}

struct table_writer *table_writer_open(const char *path, enum table_format format, const struct span *names, size_t count,
                                       struct error *error)
{
	struct table_writer *writer = size_calloc(1, sizeof *writer);

	if (!writer) {
		error_memory(error, "writing rows");
		return NULL;
	}
	writer->format = format;
	writer->out.maximum = SIZE_MAX / 2;
	if (!file_writer_begin(&writer->file, path, error)) {
		free(writer);
		return NULL;
	}
	if ((take_names(writer, names, count) || error_memory(error, "writing rows")) && put_header(writer, error))
		return writer;
	table_writer_abort(writer);
	return NULL;
}

static void writer_free(struct table_writer *writer)
{
	for (size_t i = 0; writer->names && i < writer->count; i++)
		free(writer->names[i]);
	free(writer->names);
	buffer_free(&writer->out);
	free(writer);
}

bool table_writer_commit(struct table_writer *writer, struct error *error)
{
	const bool good = flush(writer, 0, error) && file_writer_commit(&writer->file, error);

	if (!good)
		file_writer_abort(&writer->file);
	writer_free(writer);
	return good;
}

void table_writer_abort(struct table_writer *writer)
{
	if (!writer)
		return;
	file_writer_abort(&writer->file);
	writer_free(writer);
}
