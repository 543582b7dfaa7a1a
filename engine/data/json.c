/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON (RFC 8259), JSON lines (jsonlines.org), and what pandas' to_json writes: a row is an object whose keys are columns,
 * or an array whose elements are fields. The rows stand one after the other, in an array, or as columns. */
#include "engine/data/json.h"

#include "engine/data/column_names.h"
#include "engine/data/json_columns.h"
#include "engine/data/json_form.h"
#include "engine/data/json_row.h"
#include "engine/data/textfile.h"
#include "engine/words.h"

#include <stdlib.h>

/* Fixed once it is open. */
struct json {
	struct json_form form;
	struct json_keys keys;        /* of rows that are objects */
	struct textfile *file;        /* NULL: the rows are columns */
	struct json_columns *columns;
};

static void json_close(void *state)
{
	struct json *json = state;

	if (json->file)
		textfile_close(json->file);
	json_columns_close(json->columns);
	json_keys_free(&json->keys);
	free(json);
}

/* One entry in row->fields for each column, empty where there is no value. False: out of memory. */
static bool split(const struct json *json, struct row *row, struct span bytes, const struct columns *columns)
{
	/* Before the next row may stand the end of one array and the beginning of another, or a key. */
	const char *rest = json->form.keyed ? NULL : json->form.layout == JSON_INSIDE ? ",[]" : ",";

	return json->form.arrays ? json_row_array(row, bytes, columns, rest)
	                         : json_row_object(row, bytes, &json->keys, columns, rest);
}

/* Columns. */

/* How many of the sample's rows are objects; their keys become columns. False: out of memory. */
static bool learn_keys(struct json *json, struct sample *sample, struct columns *columns, int *objects)
{
	*objects = 0;
	for (int i = 0; i < sample->rows; i++) {
		struct span row = sample_row(sample, i);

		*objects += row.size > 0 && row.data[0] == '{';
		if (!json_keys_learn(&json->keys, row))
			return false;
	}
	return json_keys_name(&json->keys, columns);
}

/* While the columns are being found none of them is the text, so that a row is sound whatever stands there. */
static bool read_sample(const struct json *json, struct sample *sample, struct span bytes, const struct columns *columns)
{
	sample->row->status = ROW_OK;
	sample->row->replaced = sample->row->repeated_keys = 0;
	return split(json, sample->row, bytes, columns);
}

/* Whether the array's elements are all strings. */
static bool is_strings(struct span array)
{
	struct json_scan scan;
	enum json_event event;

	json_scan_begin(&scan, array, true);
	if (json_scan_next(&scan) != EVENT_ARRAY)
		return false;
	while ((event = json_scan_next(&scan)) == EVENT_STRING)
		;
	return event == EVENT_ARRAY_END;
}

/* The first array holds names where one is called as columns usually are, or where it alone is nothing but strings. */
static bool find_header(const struct sample *sample)
{
	bool known = false, others = sample->rows > 1;

	if (sample->rows == 0 || !is_strings(sample_row(sample, 0)))
		return false;
	for (int i = 0; i < sample->row->count; i++)
		known = known || column_name_known(sample->row->fields[i]);
	for (int i = 1; i < sample->rows; i++)
		others = others && !is_strings(sample_row(sample, i));
	return known || others;
}

static bool add_names(const struct sample *sample, bool named, struct columns *columns)
{
	for (int i = 0; i < sample->row->count && columns->count < JSON_COLUMNS_MAX; i++)
		if (!columns_add(columns, named ? sample->row->fields[i] : (struct span){"", 0}))
			return false;
	return true;
}

/* Names for the elements of arrays; *header: they are the first row. False: out of memory. */
static bool find_names(const struct json *json, struct sample *sample, struct columns *columns, bool *header)
{
	struct span names = json->form.names.size > 0 ? json->form.names
	                    : sample->rows > 0        ? sample_row(sample, 0)
	                                              : (struct span){"", 0};

	if (names.size > 0 && names.data[0] == '"')
		return columns_add(columns, span_of("text"));
	if (!read_sample(json, sample, names, columns))
		return false;
	*header = json->form.names.size == 0 && find_header(sample);
	return add_names(sample, *header || json->form.names.size > 0, columns);
}

static bool guess_columns(const struct json *json, struct sample *sample, bool header, struct columns *columns)
{
	struct column_facts *facts = columns_observe_begin(columns);

	if (!facts)
		return false;
	for (int i = header; i < sample->rows; i++) {
		if (!read_sample(json, sample, sample_row(sample, i), columns)) {
			columns_observe_end(facts);
			return false;
		}
		if (sample->row->status == ROW_OK && sample->row->count == columns->count)
			columns_observe(facts, columns, sample->row->fields);
	}
	return columns_guess(columns, facts);
}

/* Opening. */

static bool check_rows(const struct opening *opening, const struct json_form *form, int objects, struct error *error)
{
	const char *path = opening->source->path;
	const struct sample *sample = opening->sample;

	RETURN_IF(form->layout == JSON_INSIDE && sample->rows == 0 && sample->whole, error, ERROR_DATA, "%s: has no rows", path);
	RETURN_IF(sample->rows == 0, error, ERROR_DATA, "%s: its first row does not end within %zu kB", path, SAMPLE_HEAD >> 10);
	RETURN_IF(objects == 0 && !form->arrays, error, ERROR_DATA, "%s: has no JSON object in its first %d lines", path,
	          sample->rows);
	return true;
}

static bool add_notices(const struct json *json, struct shape *shape)
{
	const struct json_form *form = &json->form;

	if (form->name[0] && !notices_add(&shape->notices, "the rows are the objects in its array \"%s\"%s", form->name,
	                                 form->others ? "; its other arrays are not read" : ""))
		return false;
	if (form->keyed && !notices_add(&shape->notices, "each member of its JSON object is read as a row"))
		return false;
	return !json->keys.full ||
	       notices_add(&shape->notices, "has more than %s keys: the others are no columns",
	                   words_count(JSON_COLUMNS_MAX).text);
}

#define PYTHON "; Python's dictionaries become JSON by json.dumps(ast.literal_eval(line))"

/* Without a key there is nothing to read; mostly that is because it is no JSON. */
static bool refuse_keyless(const struct opening *opening, struct error *error)
{
	const struct sample *sample = opening->sample;
	struct span row = sample_row(sample, 0);
	struct json_scan scan;
	size_t line, column;

	json_scan_begin(&scan, row, true);
	json_scan_place(sample->text, sample->starts[0], &line, &column);
	RETURN_IF(json_scan_next(&scan) == EVENT_OBJECT && !json_scan_skip(&scan), error, ERROR_DATA, "%s: line %zu: is no JSON: %s%s",
	          opening->source->path, line, scan.fault, scan.at < row.size && row.data[scan.at] == '\'' ? PYTHON : "");
	return error_set(error, ERROR_DATA, "%s: its JSON objects have no keys", opening->source->path);
}

static bool find_columns(struct json *json, const struct opening *opening, struct shape *shape, bool *header,
                         struct error *error)
{
	struct columns *columns = &shape->columns;
	bool found;
	int objects = 0;

	json_form_cut(opening->sample, &json->form);
	found = json->form.arrays ? find_names(json, opening->sample, columns, header)
	                          : learn_keys(json, opening->sample, columns, &objects);
	if (!found)
		return error_memory(error, "opening a file");
	if (!check_rows(opening, &json->form, objects, error))
		return false;
	if (columns->count == 0)
		return refuse_keyless(opening, error);
	return (guess_columns(json, opening->sample, *header, columns) && add_notices(json, shape)) ||
	       error_memory(error, "opening a file");
}

static bool open_rows(struct json *json, const struct opening *opening, struct shape *shape, struct error *error)
{
	struct brackets brackets = {
		.container = json->form.container, .keyed = json->form.keyed, .line_bound = json->form.line_bound,
	};
	struct textfile_rules rules = {.brackets = &brackets};

	if (!find_columns(json, opening, shape, &rules.header, error))
		return false;
	json->form.names = (struct span){"", 0}; /* which lie in the sample */
	json->file = textfile_open(opening, &rules, error);
	return json->file != NULL;
}

static bool open_columns(struct json *json, const struct opening *opening, struct shape *shape, struct error *error)
{
	struct row *row = opening->sample->row;
	struct column_facts *facts;
	bool read = true;

	json->columns = json_columns_open(opening, shape, error);
	if (!json->columns)
		return false;
	facts = columns_observe_begin(&shape->columns);
	if (!facts)
		return error_memory(error, "opening a file");
	for (uint64_t i = 0; read && i < SAMPLE_ROWS && i < json_columns_rows(json->columns); i++) {
		row->status = ROW_OK;
		read = json_columns_read(json->columns, i, &(struct columns){.text = -1, .label = -1}, row, error);
		if (read)
			columns_observe(facts, &shape->columns, row->fields);
	}
	if (!read) {
		columns_observe_end(facts);
		return false;
	}
	return columns_guess(&shape->columns, facts) || error_memory(error, "opening a file");
}

static void *json_open(const struct opening *opening, struct shape *shape, struct error *error)
{
	struct json *json;
	bool opened;

	if (!sample_check(opening->sample, opening->source->path, error))
		return NULL;
	json = calloc(1, sizeof *json);
	if (!json) {
		error_memory(error, "opening a file");
		return NULL;
	}
	json_form_find(opening->sample, opening->options->dialect.format == DATASET_JSONL, &json->form);
	shape->format = json->form.layout == JSON_SEQUENCE ? DATASET_JSONL : DATASET_JSON;
	opened = json->form.layout == JSON_COLUMNS ? open_columns(json, opening, shape, error)
	                                           : open_rows(json, opening, shape, error);
	if (opened)
		return json;
	json_close(json);
	return NULL;
}

/* Rows. */

static enum index_state json_index_step(void *state, uint64_t *done, struct error *error)
{
	const struct json *json = state;

	return json->file ? textfile_index_step(json->file, done, error) : INDEX_COMPLETE;
}

static uint64_t json_rows(const void *state)
{
	const struct json *json = state;

	return json->file ? textfile_rows(json->file) : json_columns_rows(json->columns);
}

static bool json_can_grow(const void *state)
{
	const struct json *json = state;

	return json->file && textfile_can_grow(json->file);
}

static uint64_t json_settled(const void *state)
{
	const struct json *json = state;

	return textfile_settled(json->file);
}

static uint64_t json_waits(const void *state, uint64_t *lines)
{
	const struct json *json = state;

	return json->file ? textfile_waits(json->file, lines) : 0;
}

static bool json_index_more(void *state)
{
	const struct json *json = state;

	return textfile_index_more(json->file);
}

static bool json_read(void *state, uint64_t index, const struct columns *columns, struct row *row, struct error *error)
{
	const struct json *json = state;
	struct span bytes;

	if (!json->file)
		return json_columns_read(json->columns, index, columns, row, error);
	if (!textfile_fetch(json->file, index, row, &bytes, error))
		return false;
	return row->status != ROW_OK || split(json, row, bytes, columns) || error_memory(error, "reading a row");
}

static int jsonl_fits(struct sample *sample)
{
	return json_form_fits(sample, true);
}

static int json_fits(struct sample *sample)
{
	return json_form_fits(sample, false);
}

static const char *const jsonl_suffixes[] = {".jsonl", ".ndjson", NULL}, *const json_suffixes[] = {".json", NULL};

const struct reader reader_jsonl = {
	.name = "jsonl",
	.format = DATASET_JSONL,
	.text = true,
	.suffixes = jsonl_suffixes,
	.fits_text = jsonl_fits,
	.open = json_open,
	.index_step = json_index_step,
	.rows = json_rows,
	.can_grow = json_can_grow,
	.settled = json_settled,
	.index_more = json_index_more,
	.waits = json_waits,
	.read = json_read,
	.close = json_close,
};

const struct reader reader_json = {
	.name = "json",
	.format = DATASET_JSON,
	.text = true,
	.suffixes = json_suffixes,
	.fits_text = json_fits,
	.open = json_open,
	.index_step = json_index_step,
	.rows = json_rows,
	.can_grow = json_can_grow,
	.settled = json_settled,
	.index_more = json_index_more,
	.waits = json_waits,
	.read = json_read,
	.close = json_close,
};
