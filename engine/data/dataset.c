/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening, asking, reading, closing. Whatever depends on the format goes through struct reader. */
#include "engine/dataset.h"

#include "engine/data/column_notes.h"
#include "engine/data/field.h"
#include "engine/data/header_again.h"
#include "engine/data/indexing.h"
#include "engine/data/readers.h"
#include "engine/data/row.h"
#include "engine/data/sniff.h"

#include <stdio.h>
#include <stdlib.h>

/* All but the index is fixed by dataset_open (the two columns: by the UI thread). */
struct dataset {
	struct source source;
	struct opened opened;
	struct dataset_dialect said;
	struct indexing indexing; /* begun when opened.state is there */
};

static bool open_source(struct dataset *dataset, const char *path, const struct dataset_options *options,
                        struct error *error)
{
	const struct reader *const *readers = options->readers ? options->readers : readers_all;
	struct opened *opened = &dataset->opened;

	dataset->said = options->dialect;
	if (!source_open(&dataset->source, path, options, error) ||
	    !sniff_open(&dataset->source, options, readers, opened, error))
		return false;
	indexing_init(&dataset->indexing, opened->reader, opened->state);
	if (!columns_wish(&opened->shape.columns, options->text_column, options->label_column, dataset->source.path, error))
		return false;
	if (!columns_add_notices(&opened->shape.columns, options->label_column != NULL, &opened->shape.notices))
		return error_memory(error, "opening a file");
	indexing_step(&dataset->indexing); /* so that there are rows to show; what fails is told to whoever indexes */
	return true;
}

struct dataset *dataset_open(const char *path, const struct dataset_options *options, struct error *error)
{
	static const struct dataset_options none = {.label_column = NULL};
	struct dataset *dataset = calloc(1, sizeof *dataset);

	if (!dataset) {
		error_memory(error, "opening a file");
		return NULL;
	}
	dataset->opened.shape.columns = (struct columns){.text = -1, .label = -1};
	if (open_source(dataset, path, options ? options : &none, error))
		return dataset;
	dataset_close(dataset);
	return NULL;
}

void dataset_close(struct dataset *dataset)
{
	if (!dataset)
		return;
	if (dataset->opened.state) {
		indexing_end(&dataset->indexing);
		dataset->opened.reader->close(dataset->opened.state);
	}
	columns_free(&dataset->opened.shape.columns);
	notices_free(&dataset->opened.shape.notices);
	source_close(&dataset->source);
	free(dataset);
}

bool dataset_index(struct dataset *dataset, const struct progress *progress, struct error *error)
{
	return indexing_run(&dataset->indexing, dataset->source.path, dataset->source.size, progress, error);
}

bool dataset_index_step(struct dataset *dataset)
{
	return indexing_step(&dataset->indexing);
}

bool dataset_index_start(struct dataset *dataset, struct wake *wake, struct error *error)
{
	return indexing_start(&dataset->indexing, wake, error);
}

const struct error *dataset_index_error(const struct dataset *dataset)
{
	return indexing_error(&dataset->indexing);
}

uint64_t dataset_rows(const struct dataset *dataset, bool *complete)
{
	return indexing_rows(&dataset->indexing, complete);
}

const char *dataset_path(const struct dataset *dataset)
{
	return dataset->source.path;
}

enum dataset_format dataset_format(const struct dataset *dataset)
{
	return dataset->opened.shape.format;
}

char dataset_delimiter(const struct dataset *dataset)
{
	return dataset->opened.shape.dialect.delimiter;
}

const char *dataset_encoding_name(const struct dataset *dataset)
{
	static const char *const names[] = {
		[ENCODING_UTF8] = "UTF-8",
		[ENCODING_LATIN1] = "Windows-1252",
		[ENCODING_UTF16LE] = "UTF-16LE",
		[ENCODING_UTF16BE] = "UTF-16BE",
	};
	const struct shape *shape = &dataset->opened.shape;

	return shape->encoding == ENCODING_NAMED ? shape->encoding_name : names[shape->encoding];
}

struct dataset_dialect dataset_dialect(const struct dataset *dataset)
{
	struct dataset_dialect taken = dataset->opened.shape.dialect;

	taken.format = dataset->opened.shape.format;
	if (dataset->opened.reader->text)
		snprintf(taken.encoding, sizeof taken.encoding, "%s", dataset_encoding_name(dataset));
	return taken;
}

const struct dataset_dialect *dataset_said(const struct dataset *dataset)
{
	return &dataset->said;
}

int dataset_notice_count(const struct dataset *dataset)
{
	return dataset->opened.shape.notices.count;
}

const char *dataset_notice(const struct dataset *dataset, int index)
{
	return dataset->opened.shape.notices.lines[index];
}

bool dataset_is_converted(const struct dataset *dataset)
{
	return dataset->opened.shape.encoding == ENCODING_NAMED;
}

uint64_t dataset_file_size(const struct dataset *dataset)
{
	return dataset->source.file_size;
}

bool dataset_file_bytes(const struct dataset *dataset, void *out, size_t size, uint64_t offset, struct error *error)
{
	return source_read(&dataset->source, out, size, offset, error);
}

int dataset_columns(const struct dataset *dataset)
{
	return dataset->opened.shape.columns.count;
}

const char *dataset_column_name(const struct dataset *dataset, int column)
{
	return dataset->opened.shape.columns.names[column];
}

int dataset_find_column(const struct dataset *dataset, const char *name)
{
	return columns_find(&dataset->opened.shape.columns, name);
}

int dataset_text_column(const struct dataset *dataset)
{
	return dataset->opened.shape.columns.text;
}

int dataset_label_column(const struct dataset *dataset)
{
	return dataset->opened.shape.columns.label;
}

bool dataset_column_is_guessed(const struct dataset *dataset, int column)
{
	const struct columns *columns = &dataset->opened.shape.columns;

	return column >= 0 && ((column == columns->text && columns->text_guessed)
	                       || (column == columns->label && columns->label_guessed));
}

void dataset_describe_columns(const struct dataset *dataset, char *out, size_t capacity)
{
	columns_describe(&dataset->opened.shape.columns, out, capacity);
}

bool dataset_check_columns(const struct dataset *dataset, bool labels, struct error *error)
{
	return columns_check(&dataset->opened.shape.columns, labels, dataset->source.path, error);
}

void dataset_set_text_column(struct dataset *dataset, int column)
{
	dataset->opened.shape.columns.text = column;
	dataset->opened.shape.columns.text_guessed = false;
}

void dataset_set_label_column(struct dataset *dataset, int column)
{
	dataset->opened.shape.columns.label = column;
	dataset->opened.shape.columns.label_guessed = false;
}

/* Chooses the text and the label among the fields. */
static void choose_fields(const struct columns *columns, struct row *row)
{
	if (row->status == ROW_OK && header_again(columns, row->fields, row->count))
		row->status = ROW_HEADER;
	if (row->status == ROW_OK && row->count != columns->count)
		row->status = ROW_RAGGED;
	if (row->status != ROW_OK)
		return;
	if (columns->text >= 0)
		row->text = row->fields[columns->text];
	if (columns->label < 0)
		return;
	row->label = span_trim(row->fields[columns->label]);
	row->missing = columns_missing(columns, row->label);
	if (row->missing < 0)
		return;
	row->label.size = 0;
	row->status = ROW_NO_LABEL;
}

bool dataset_read(struct dataset *dataset, uint64_t index, struct row *row, struct error *error)
{
	const struct opened *opened = &dataset->opened;
	const struct columns *columns = &opened->shape.columns;

	row_clear(row);
	if (!opened->reader->read(opened->state, index, columns, row, error))
		return false;
	choose_fields(columns, row);
	return true;
}
