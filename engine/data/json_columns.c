/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/json_columns.h"

#include "engine/base/size.h"
#include "engine/data/encoding.h"
#include "engine/data/json_row.h"
#include "engine/words.h"

/* Where the values of a column lie in the text; in an object, the keys before them. */
struct column_values {
	struct span name;     /* the token in the text */
	bool escaped, object;
	uint32_t *starts;     /* [count + 1], the last one ends the last value */
	size_t count, room;
};

struct json_columns {
	struct buffer text;   /* the file as UTF-8 */
	struct column_values *columns; /* [count] */
	int count;
	size_t rows;
};

void json_columns_close(struct json_columns *file)
{
	if (!file)
		return;
	for (int i = 0; i < file->count; i++)
		free(file->columns[i].starts);
	free(file->columns);
	buffer_free(&file->text);
	free(file);
}

uint64_t json_columns_rows(const struct json_columns *file)
{
	return file->rows;
}

/* Reading the file. */

static bool read_text(const struct opening *opening, struct buffer *text, struct error *error)
{
	const struct source *source = opening->source;
	size_t size = (size_t)source->size - opening->mark;
	struct buffer raw = {.maximum = size + 1};
	uint32_t replaced = 0;
	bool read;

	text->maximum = 3 * size + 16;
	if (!buffer_reserve(&raw, size))
		return error_memory(error, "reading a file");
	read = source_read(source, raw.data, size, opening->mark, error);
	if (read && opening->encoding == ENCODING_UTF8 && utf8_valid_prefix(raw.data, size) == size) {
		raw.size = size;
		*text = raw;
		return true;
	}
	if (read && !encoding_decode(opening->encoding, raw.data, size, text, &replaced))
		read = error_memory(error, "reading a file");
	buffer_free(&raw);
	return read;
}

static struct column_values *add_column(struct json_columns *file, const struct json_scan *scan)
{
	struct column_values *more;

	/* full at every power of two */
	if ((file->count & (file->count - 1)) == 0) {
		more = size_realloc(file->columns, file->count ? 2 * (size_t)file->count : 1, sizeof *more);
		if (!more)
			return NULL;
		file->columns = more;
	}
	more = &file->columns[file->count++];
	*more = (struct column_values){.name = scan->token, .escaped = scan->escaped};
	return more;
}

static bool add_start(struct column_values *column, size_t start)
{
	if (column->count == column->room) {
		size_t room = column->room ? 2 * column->room : 64;
		uint32_t *starts = size_realloc(column->starts, room, sizeof *starts);
		if (!starts)
			return false;
		column->starts = starts;
		column->room = room;
	}
	column->starts[column->count++] = (uint32_t)start;
	return true;
}

/* The token of the key that begins at this place. */
static struct span key_at(const struct json_columns *file, size_t at)
{
	const char *data = file->text.data;
	size_t end = ++at;

	while (data[end] != '"')
		end += data[end] == '\\' ? 2 : 1;
	return (struct span){data + at, end - at};
}

static bool tell(const struct opening *opening, const struct json_scan *scan, const char *reason, struct error *error)
{
	size_t line, column;

	json_scan_place(scan->text, scan->at, &line, &column);
	return error_set(error, ERROR_DATA, "%s: line %zu: %s", opening->source->path, line, reason);
}

/* The rows of two columns are the same where they have the same keys. */
static bool check_key(const struct opening *opening, const struct json_columns *file, const struct json_scan *scan,
                      struct error *error)
{
	const struct column_values *first = file->columns, *last = &file->columns[file->count - 1];

	if (first == last || !first->object)
		return true;
	if (last->count <= first->count - 1 && span_equal(key_at(file, first->starts[last->count - 1]), scan->token))
		return true;
	return tell(opening, scan, "its columns do not have the same keys, so that rows cannot be told", error);
}

/* The values of the list or object that has just begun. */
static bool take_values(const struct opening *opening, struct json_columns *file, struct json_scan *scan, bool object,
                        struct error *error)
{
	struct column_values *column = &file->columns[file->count - 1];

	column->object = object;
	for (;;) {
		enum json_event event = json_scan_next(scan);
		bool opens = event == EVENT_OBJECT || event == EVENT_ARRAY;

		if (event == EVENT_FAULT)
			return tell(opening, scan, scan->fault, error);
		if (event == EVENT_KEY || (!object && event != EVENT_ARRAY_END)) {
			if (!add_start(column, scan->start))
				return error_memory(error, "reading a file");
		}
		if (event == EVENT_KEY && !check_key(opening, file, scan, error))
			return false;
		if (opens && !json_scan_skip(scan))
			return tell(opening, scan, scan->fault, error);
		if (!opens && scan->depth == 1)
			return add_start(column, scan->start) || error_memory(error, "reading a file");
	}
}

static bool take_columns(const struct opening *opening, struct json_columns *file, struct error *error)
{
	struct json_scan scan;

	json_scan_begin(&scan, (struct span){file->text.data, file->text.size}, true);
	json_scan_next(&scan);
	for (;;) {
		enum json_event event = json_scan_next(&scan);
		bool opens = event == EVENT_OBJECT || event == EVENT_ARRAY;

		if (event == EVENT_FAULT)
			return tell(opening, &scan, scan.fault, error);
		if (event == EVENT_END)
			return json_scan_rest_is(&scan, "") || tell(opening, &scan, "something follows after the rows have ended", error);
		if (event == EVENT_KEY && file->count == JSON_COLUMNS_MAX)
			return tell(opening, &scan, "has too many columns", error);
		if (event == EVENT_KEY && !add_column(file, &scan))
			return error_memory(error, "reading a file");
		if (opens && !take_values(opening, file, &scan, event == EVENT_OBJECT, error))
			return false;
	}
}

/* Keeps the columns that are as long as the longest. */
static bool keep_columns(struct json_columns *file, struct shape *shape)
{
	char name[JSON_KEY_MAX];
	int kept = 0;

	for (int i = 0; i < file->count; i++)
		if (file->columns[i].count > file->rows + 1)
			file->rows = file->columns[i].count - 1;
	for (int i = 0; i < file->count; i++) {
		struct column_values column = file->columns[i];
		struct json_replaced replaced = {0};
		struct span plain = {name, 0};

		plain.size = column.name.size > sizeof name ? 0 : json_scan_unescape(column.name, name, &replaced);
		if (column.count == file->rows + 1) {
			if (!columns_add(&shape->columns, plain))
				return false;
			file->columns[i].starts = NULL;
			file->columns[kept++] = column;
			continue;
		}
		free(column.starts);
		file->columns[i].starts = NULL;
		if (!notices_add(&shape->notices, "\"%.*s\" is left out: it has not a value for each of the %s rows",
		                 (int)plain.size, plain.data, words_count(file->rows).text))
			return false;
	}
	file->count = kept;
	return true;
}

static bool read_columns(const struct opening *opening, struct json_columns *file, struct shape *shape,
                         struct error *error)
{
	if (!read_text(opening, &file->text, error) || !take_columns(opening, file, error))
		return false;
	if (!keep_columns(file, shape) ||
	    !notices_add(&shape->notices, "each member of its JSON object is read as a column"))
		return error_memory(error, "opening a file");
	RETURN_IF(file->rows == 0, error, ERROR_DATA, "%s: has no rows", opening->source->path);
	return true;
}

struct json_columns *json_columns_open(const struct opening *opening, struct shape *shape, struct error *error)
{
	struct json_columns *file;

	if (opening->source->size > JSON_COLUMNS_FILE_MAX) {
		error_set(error, ERROR_DATA, "%s: is JSON by columns, which is read up to %s; write a row a line "
		          "(pandas: to_json(orient=\"records\", lines=True))", opening->source->path,
		          words_bytes(JSON_COLUMNS_FILE_MAX).text);
		return NULL;
	}
	file = calloc(1, sizeof *file);
	if (!file) {
		error_memory(error, "opening a file");
		return NULL;
	}
	if (read_columns(opening, file, shape, error))
		return file;
	json_columns_close(file);
	return NULL;
}

/* Reading rows. */

/* The bytes that begin with a value, and end before the next one. */
static struct span value_bytes(const struct json_columns *file, int column, uint64_t index)
{
	const struct column_values *values = &file->columns[column];
	size_t from = values->starts[index], to = values->starts[index + 1];

	if (values->object) {
		struct span key = key_at(file, from);
		from = (size_t)(key.data - file->text.data) + key.size;
		while (file->text.data[from++] != ':')
			;
	}
	return (struct span){file->text.data + from, to - from};
}

static bool read_fields(const struct json_columns *file, uint64_t index, const struct columns *columns, struct row *row)
{
	size_t size = 0;

	for (int i = 0; i < file->count; i++)
		size += value_bytes(file, i, index).size;
	if (!json_row_begin(row, size, 0))
		return false;
	for (int i = 0; i < file->count; i++) {
		if (!row_add_field(row, (struct span){"", 0}))
			return false;
		json_row_value(row, value_bytes(file, i, index), i, columns);
	}
	return true;
}

bool json_columns_read(const struct json_columns *file, uint64_t index, const struct columns *columns, struct row *row,
                       struct error *error)
{
	return read_fields(file, index, columns, row) || error_memory(error, "reading a row");
}
