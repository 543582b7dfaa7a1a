/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the first block of a file to format, encoding, columns. */
#include "engine/data/sniff.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/data/encoding.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define EVIDENCE_BLOCKS 8
#define EVIDENCE_BLOCK ((size_t)128 << 10)

/* What people open by mistake, by its first bytes. */
static const struct {
	const char *magic;
	size_t size;
	const char *what;
} other_files[] = {
	{"PK\3\4", 4, "is a zip archive or a spreadsheet; unpack it or save it as CSV"},
	{"\x1F\x8B", 2, "is compressed with gzip; unpack it with gunzip"},
	{"\xFD" "7zXZ", 5, "is compressed with xz; unpack it with unxz"},
	{"BZh", 3, "is compressed with bzip2; unpack it with bunzip2"},
	{"\x28\xB5\x2F\xFD", 4, "is compressed with zstd; unpack it with unzstd"},
	{"PAR1", 4, "is a Parquet file; save it as CSV or JSON lines"},
	{"ARROW1", 6, "is an Arrow file; save it as CSV or JSON lines"},
	{"SQLite format 3", 15, "is an SQLite database; export a table as CSV"},
	{"%PDF-", 5, "is a PDF document; CSV, TSV, JSON lines or text is needed"},
	{"\xD0\xCF\x11\xE0", 4, "is an old Office file; save it as CSV"},
	{"<!DOCTYPE html", 14, "is a web page; was the download refused?"},
	{"<!doctype html", 14, "is a web page; was the download refused?"},
	{"<html", 5, "is a web page; was the download refused?"},
	{"version https://git-lfs", 23, "is a Git LFS pointer, not the file itself; fetch it with git lfs pull"},
	{"\x7F" "ELF", 4, "is a program; CSV, TSV, JSON lines or text is needed"},
	{"\xFF\xFE\0\0", 4, "is UTF-32, which is not read; convert it to UTF-8"},
	{"\0\0\xFE\xFF", 4, "is UTF-32, which is not read; convert it to UTF-8"},
};

static bool refuse_other_files(const char *path, const char *data, size_t size, struct error *error)
{
	for (size_t i = 0; i < sizeof other_files / sizeof *other_files; i++)
		RETURN_IF(size >= other_files[i].size && memcmp(data, other_files[i].magic, other_files[i].size) == 0, error,
		          ERROR_DATA, "%s: %s", path, other_files[i].what);
	return true;
}

/* Looks at the first block and at some others spread over the file. */
static bool gather_evidence(const struct dataset *dataset, const char *data, size_t size,
                            struct encoding_evidence *evidence, struct error *error)
{
	char *block;
	bool read = true;

	encoding_observe(evidence, data, size);
	if (dataset->size <= size)
		return true;
	block = malloc(EVIDENCE_BLOCK);
	if (!block)
		return error_memory(error, "opening a file");
	for (uint64_t i = 1; read && i <= EVIDENCE_BLOCKS; i++) {
		uint64_t offset = size + (dataset->size - size) / (EVIDENCE_BLOCKS + 1) * i;
		size_t here = dataset->size - offset < EVIDENCE_BLOCK ? (size_t)(dataset->size - offset) : EVIDENCE_BLOCK;

		read = file_read_at(dataset->fd, block, here, offset, dataset->path, error);
		if (read)
			encoding_observe(evidence, block, here);
	}
	free(block);
	return read;
}

static bool find_encoding(struct dataset *dataset, const char *data, size_t size, struct error *error)
{
	struct encoding_evidence evidence = {0};
	size_t mark = encoding_mark(data, size, &dataset->encoding);

	if (mark == 0) {
		RETURN_IF(encoding_looks_utf16(data, size < 4096 ? size : 4096), error, ERROR_DATA,
		          "%s: looks like UTF-16 without a byte order mark; convert it to UTF-8", dataset->path);
		if (!gather_evidence(dataset, data, size, &evidence, error))
			return false;
		RETURN_IF(encoding_looks_foreign(&evidence), error, ERROR_DATA,
		          "%s: is neither UTF-8 nor Latin-1 text; convert it (iconv -f ITS-ENCODING -t UTF-8)", dataset->path);
		dataset->encoding = encoding_choose(&evidence);
	}
	dataset->unit = encoding_unit(dataset->encoding);
	dataset->start = mark / dataset->unit;
	return true;
}

static bool has_suffix(const char *path, const char *suffix)
{
	size_t length = strlen(path), tail = strlen(suffix);

	return length > tail && strcasecmp(path + length - tail, suffix) == 0;
}

static enum dataset_format format_of_name(const char *path)
{
	static const struct {
		const char *suffix;
		enum dataset_format format;
	} suffixes[] = {
		{".csv", DATASET_CSV},     {".tsv", DATASET_TSV},      {".tab", DATASET_TSV},    {".jsonl", DATASET_JSONL},
		{".ndjson", DATASET_JSONL}, {".json", DATASET_JSONL}, {".txt", DATASET_LINES}, {".text", DATASET_LINES},
	};

	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
		if (has_suffix(path, suffixes[i].suffix))
			return suffixes[i].format;
	return DATASET_AUTO;
}

static bool is_json_object(struct span line)
{
	json_t *value = json_parse(line, "line", NULL);
	bool object = json_is_object(value);

	json_decref(value);
	return object;
}

/* A file whose name says nothing: JSON lines, or a table whose rows agree on two columns or more, or lines. */
static bool format_of_content(struct sample *sample, enum dataset_format *format)
{
	struct sample_view view = {.delimiter = 0};
	bool header;

	*format = DATASET_LINES;
	if (!sample_cut(sample, &view))
		return false;
	if (sample->rows > 0 && is_json_object((struct span){sample->text.data + sample->starts[0],
	                                                     sample->starts[1] - sample->starts[0]})) {
		*format = DATASET_JSONL;
		return true;
	}
	if (!guess_delimiter(sample, &view) || !guess_header(sample, &view, &header))
		return false;
	if (view.width >= 2 && sample->rows >= 2 && view.same >= 0.95 && (header || view.delimiter == '\t'))
		*format = DATASET_CSV;
	return true;
}

/* Takes the names from the fields of `row`, from field number `first` on (-1: a column comes before them). */
static bool name_columns(struct dataset *dataset, const struct row *row, int first, int count)
{
	char number[32];

	dataset->names = calloc((size_t)count, sizeof *dataset->names);
	if (!dataset->names)
		return false;
	for (; dataset->columns < count; dataset->columns++) {
		int field = dataset->columns + first;
		bool named = row && field >= 0 && field < row->count;
		struct span name = named ? span_trim(row->fields[field]) : (struct span){"", 0};

		if (name.size == 0) {
			snprintf(number, sizeof number, "column %d", dataset->columns + 1);
			name = span_of(number);
		}
		dataset->names[dataset->columns] = strndup(name.data, name.size);
		if (!dataset->names[dataset->columns])
			return false;
	}
	return true;
}

/* Nothing can be said about a table when not even one row ends in the first block. */
static bool refuse_endless_row(const struct dataset *dataset, const struct sample *sample,
                               const struct sample_view *view, struct error *error)
{
	if (sample->rows > 0)
		return true;
	RETURN_IF(view->open_line > 0 && sample->whole, error, ERROR_DATA,
	          "%s: line %llu: a quote opens here and does not close before the end of the file", dataset->path,
	          (unsigned long long)view->open_line);
	RETURN_IF(view->open_line > 0, error, ERROR_DATA,
	          "%s: line %llu: a quote opens here and does not close within %zu kB", dataset->path,
	          (unsigned long long)view->open_line, DATASET_HEADER_MAX >> 10);
	return error_set(error, ERROR_DATA, "%s: line 1: the first row does not end within %zu kB", dataset->path,
	                 DATASET_HEADER_MAX >> 10);
}

static bool sniff_table(struct dataset *dataset, struct sample *sample, struct error *error)
{
	struct sample_view view = {.delimiter = '\t'};
	bool read = true, before = false, behind = false;

	if (dataset->format != DATASET_TSV)
		read = guess_delimiter(sample, &view);
	if (read && view.delimiter == '\t')
		read = guess_quoting(sample, &view);
	else
		view.quoting = true;
	if (!read || !sample_cut(sample, &view))
		return error_memory(error, "opening a file");
	if (!refuse_endless_row(dataset, sample, &view, error))
		return false;
	dataset->format = view.delimiter == '\t' ? DATASET_TSV : DATASET_CSV;
	dataset->delimiter = view.delimiter;
	dataset->quoting = view.quoting;
	if (!guess_header(sample, &view, &dataset->header) ||
	    (dataset->header && !guess_extra_column(sample, &view, &before, &behind)) || !sample_read(sample, 0, &view) ||
	    !name_columns(dataset, dataset->header ? sample->row : NULL, -before, sample->row->count + before + behind) ||
	    !guess_columns(dataset, sample, &view))
		return error_memory(error, "opening a file");
	return true;
}

static bool sniff_lines(struct dataset *dataset, struct error *error)
{
	static struct span name = {"text", 4};
	const struct row row = {.count = 1, .fields = &name};

	if (!name_columns(dataset, &row, 0, 1))
		return error_memory(error, "opening a file");
	dataset->text_column = 0;
	return true;
}

static bool add_key(struct dataset *dataset, const char *key)
{
	char **names = realloc(dataset->names, ((size_t)dataset->columns + 1) * sizeof *names);

	if (!names)
		return false;
	dataset->names = names;
	names[dataset->columns] = strdup(key);
	if (!names[dataset->columns])
		return false;
	dataset->columns++;
	return true;
}

/* Adds the keys of one row that are not in `seen`, a JSON object used as a set. */
static bool add_keys(struct dataset *dataset, json_t *seen, json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
		if (!json_object_get(seen, key) &&
		    (json_object_set_new_nocheck(seen, key, json_true()) != 0 || !add_key(dataset, key)))
			return false;
	return true;
}

/* The columns of JSON lines are the keys of the sample's objects, in order of appearance. */
static bool collect_keys(struct dataset *dataset, const struct sample *sample, int *objects)
{
	json_t *seen = json_object();
	bool added = seen != NULL;

	*objects = 0;
	for (int i = 0; added && i < sample->rows; i++) {
		struct span line = {sample->text.data + sample->starts[i], sample->starts[i + 1] - sample->starts[i]};
		json_t *object = json_parse(line, "row", NULL);

		if (json_is_object(object)) {
			++*objects;
			added = add_keys(dataset, seen, object);
		}
		json_decref(object);
	}
	json_decref(seen);
	return added;
}

static bool sniff_jsonl(struct dataset *dataset, struct sample *sample, struct error *error)
{
	struct sample_view view = {.delimiter = 0};
	struct span first;
	int objects;

	if (!sample_cut(sample, &view) || !collect_keys(dataset, sample, &objects))
		return error_memory(error, "opening a file");
	first = span_trim(sample->text);
	RETURN_IF(objects == 0 && first.data[0] == '[', error, ERROR_DATA,
	          "%s: is one JSON array; one object a line is needed (jq -c '.[]' makes that)", dataset->path);
	RETURN_IF(objects == 0, error, ERROR_DATA, "%s: has no JSON object in its first %d lines", dataset->path,
	          sample->rows);
	RETURN_IF(dataset->columns == 0, error, ERROR_DATA, "%s: its JSON objects have no keys", dataset->path);
	if (!guess_columns(dataset, sample, &view))
		return error_memory(error, "opening a file");
	return true;
}

static bool sniff_sample(struct dataset *dataset, enum dataset_format wish, struct sample *sample,
                         struct error *error)
{
	dataset->format = wish != DATASET_AUTO ? wish : format_of_name(dataset->path);
	if (dataset->format == DATASET_AUTO && !format_of_content(sample, &dataset->format))
		return error_memory(error, "opening a file");
	if (dataset->format == DATASET_LINES)
		return sniff_lines(dataset, error);
	RETURN_IF(sample->whole && span_trim(sample->text).size == 0, error, ERROR_DATA, "%s: has no rows",
	          dataset->path);
	if (dataset->format == DATASET_JSONL)
		return sniff_jsonl(dataset, sample, error);
	return sniff_table(dataset, sample, error);
}

/* The sample ends at a line end where the file goes on. */
static struct span whole_lines(struct span text, bool whole)
{
	size_t size = text.size;

	if (whole)
		return text;
	while (size > 0 && text.data[size - 1] != '\n' && text.data[size - 1] != '\r')
		size--;
	return (struct span){text.data, size > 0 ? size : text.size};
}

static bool sniff_block(struct dataset *dataset, const struct dataset_options *options, const char *data, size_t size,
                        struct error *error)
{
	struct sample *sample = calloc(1, sizeof *sample);
	struct buffer text = {.maximum = 4 * DATASET_HEADER_MAX};
	size_t mark = (size_t)dataset->start * dataset->unit;
	uint32_t replaced = 0;
	bool done;

	if (sample)
		sample->row = row_new(error);
	if (!sample || !sample->row ||
	    !encoding_decode(dataset->encoding, data + mark, size - mark, &text, &replaced)) {
		done = error_memory(error, "opening a file");
	} else {
		sample->whole = size == dataset->size;
		sample->text = whole_lines((struct span){text.data ? text.data : "", text.size}, sample->whole);
		done = sniff_sample(dataset, options->format, sample, error);
	}
	if (sample)
		row_free(sample->row);
	free(sample);
	buffer_free(&text);
	return done;
}

bool dataset_sniff(struct dataset *dataset, const struct dataset_options *options, struct error *error)
{
	size_t size = dataset->size < DATASET_HEADER_MAX ? (size_t)dataset->size : DATASET_HEADER_MAX;
	char *data = malloc(size ? size : 1);
	bool done;

	if (!data)
		return error_memory(error, "opening a file");
	done = file_read_at(dataset->fd, data, size, 0, dataset->path, error) &&
	       refuse_other_files(dataset->path, data, size, error) && find_encoding(dataset, data, size, error) &&
	       sniff_block(dataset, options, data, size, error);
	free(data);
	return done;
}
