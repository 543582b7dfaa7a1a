/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening, asking, reading, closing. Whatever depends on the format goes through struct reader. */
#include "engine/dataset.h"

#include "engine/corrections.h"
#include "engine/data/column_notes.h"
#include "engine/data/field.h"
#include "engine/data/header_again.h"
#include "engine/data/indexing.h"
#include "engine/data/label_look.h"
#include "engine/data/readers.h"
#include "engine/data/row_labels.h"
#include "engine/data/sniff.h"

#include <stdio.h>
#include <stdlib.h>

/* All but the index is fixed by dataset_open (the two columns: by the UI thread). */
struct dataset {
	struct source source;
	struct opened opened;
	struct dataset_dialect said;
	struct corrections *corrections; /* NULL: none */
	struct indexing indexing; /* begun when opened.state is there */
	_Atomic int fate;         /* enum dataset_fate */
};

/* Settles how the labels stand in their column, by the rows that are indexed by now. What cannot be read is told to whoever
 * reads the rows. False: out of memory. */
static bool look_at_labels(struct dataset *dataset)
{
	struct columns *columns = &dataset->opened.shape.columns;
	struct label_look *look;
	struct row *row;
	bool complete, sound = true;
	uint64_t rows;

	if (columns->label < 0 || columns->form == LABELS_COLUMNS)
		return true;
	for (int steps = 1; steps < 4 && dataset_rows(dataset, &complete) < 2; steps++)
		indexing_step(&dataset->indexing); /* rows of a block's size */
	rows = dataset_rows(dataset, &complete);
	look = label_look_begin();
	row = look ? row_new(NULL) : NULL;
	for (uint64_t i = 0; row && sound && i < rows && i < LABEL_LOOK_ROWS; i++) {
		row_clear(row);
		sound = dataset->opened.reader->read(dataset->opened.state, i, columns, row, NULL);
		if (sound && row->status == ROW_OK && row->count == columns->count && !header_again(columns, row->fields, row->count))
			label_look_add(look, row->fields[columns->label]);
	}
	if (row)
		label_look_end(look, columns, dataset->said.label_separator);
	else
		free(look);
	row_free(row);
	return row != NULL;
}

static bool open_corrections(struct dataset *dataset, const struct dataset_options *options, struct error *error)
{
	struct error odd = {0};

	if (!options->corrections)
		return true;
	dataset->corrections = corrections_open(options->corrections, !options->corrections_new, &odd);
	if (!dataset->corrections && options->corrections_new)
		return notices_add(&dataset->opened.shape.notices, "%s: its labels are left out", odd.text) ||
		       error_memory(error, "opening a file");
	if (!dataset->corrections) {
		*error = odd;
		return false;
	}
	RETURN_IF(!options->corrections_new && dataset_has_label_sets(dataset), error, ERROR_USAGE,
	          "%s: corrections are for data with one label a review, and these have several", dataset->source.path);
	return true;
}

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
	return (look_at_labels(dataset) || error_memory(error, "opening a file")) && open_corrections(dataset, options, error);
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
	corrections_free(dataset->corrections);
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

bool dataset_can_follow(const struct dataset *dataset)
{
	const struct reader *reader = dataset->opened.reader;

	return dataset->source.follow && reader->can_grow && reader->can_grow(dataset->opened.state);
}

enum dataset_fate dataset_look(struct dataset *dataset)
{
	enum dataset_fate fate = FILE_SAME;
	bool complete;

	dataset_rows(dataset, &complete);
	if (complete && dataset_can_follow(dataset) && dataset->fate <= FILE_GREW)
		fate = source_look(&dataset->source);
	if (fate == FILE_GREW && !indexing_more(&dataset->indexing))
		fate = FILE_SAME;
	if (fate != FILE_SAME)
		atomic_store(&dataset->fate, (int)fate);
	return fate;
}

static enum dataset_fate look(void *dataset)
{
	return dataset_look(dataset);
}

bool dataset_look_start(struct dataset *dataset, struct wake *wake, struct error *error)
{
	return indexing_look(&dataset->indexing, look, dataset, wake, error);
}

bool dataset_is_indexing(const struct dataset *dataset)
{
	return indexing_is_at_work(&dataset->indexing);
}

enum dataset_fate dataset_fate(const struct dataset *dataset)
{
	return (enum dataset_fate)atomic_load(&dataset->fate);
}

uint64_t dataset_growths(const struct dataset *dataset)
{
	return (uint64_t)atomic_load(&dataset->indexing.growths);
}

uint64_t dataset_waits(const struct dataset *dataset, uint64_t *lines)
{
	const struct reader *reader = dataset->opened.reader;

	*lines = 0;
	return dataset_can_follow(dataset) && reader->waits ? reader->waits(dataset->opened.state, lines) : 0;
}

uint64_t dataset_settled_rows(const struct dataset *dataset)
{
	return dataset_can_follow(dataset) ? dataset->opened.reader->settled(dataset->opened.state) : dataset_rows(dataset, NULL);
}

const struct error *dataset_index_error(const struct dataset *dataset)
{
	return indexing_error(&dataset->indexing);
}

uint64_t dataset_rows(const struct dataset *dataset, bool *complete)
{
	return indexing_rows(&dataset->indexing, complete);
}

const char *dataset_suffix(int index)
{
	for (const struct reader *const *reader = readers_all; *reader; reader++)
		for (const char *const *suffix = (*reader)->suffixes; suffix && *suffix; suffix++)
			if (index-- == 0)
				return *suffix;
	return NULL;
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
	taken.label_separator = dataset->opened.shape.columns.form == LABELS_JOINED ? dataset->opened.shape.columns.separator : 0;
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

bool dataset_has_label_sets(const struct dataset *dataset)
{
	const struct columns *columns = &dataset->opened.shape.columns;

	return columns->label >= 0 && columns->form != LABELS_ONE;
}

bool dataset_column_is_label(const struct dataset *dataset, int column)
{
	const struct columns *columns = &dataset->opened.shape.columns;

	for (int i = 0; i < columns->several_count; i++)
		if (columns->several[i] == column)
			return true;
	return column >= 0 && column == columns->label;
}

bool dataset_label_wish(const struct dataset *dataset, char *out, size_t capacity)
{
	return columns_label_wish(&dataset->opened.shape.columns, out, capacity);
}

int dataset_fixed_labels(const struct dataset *dataset)
{
	return columns_fixed_labels(&dataset->opened.shape.columns);
}

struct span dataset_fixed_label(const struct dataset *dataset, int label, char digits[16])
{
	return columns_fixed_label(&dataset->opened.shape.columns, label, digits);
}

bool dataset_column_is_guessed(const struct dataset *dataset, int column)
{
	const struct columns *columns = &dataset->opened.shape.columns;

	return column >= 0 && ((column == columns->text && columns->text_guessed)
	                       || (column == columns->label && columns->label_guessed));
}

struct corrections *dataset_corrections(const struct dataset *dataset)
{
	return dataset_has_label_sets(dataset) ? NULL : dataset->corrections;
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
	struct columns *columns = &dataset->opened.shape.columns;

	columns_set_label(columns, column);
	columns->label_guessed = false;
	look_at_labels(dataset); /* without memory a field is a label */
}

/* A correction stays until the dataset is closed, so the row may point to it. */
static void correct_label(const struct dataset *dataset, struct row *row)
{
	const char *label;

	row->file_label = row->label;
	if (!dataset->corrections || dataset->opened.shape.columns.label < 0 || dataset_has_label_sets(dataset) ||
	    (row->status != ROW_OK && row->status != ROW_NO_LABEL))
		return;
	label = corrections_find(dataset->corrections, row->text, row->label);
	if (!label)
		return;
	row->corrected = true;
	row->label = span_of(label);
	row->labels = &row->label;
	row->label_count = 1;
	row->status = ROW_OK;
}

/* Chooses the text and the labels among the fields. False: out of memory. */
static bool choose_fields(const struct columns *columns, struct row *row)
{
	if (row->status == ROW_OK && header_again(columns, row->fields, row->count))
		row->status = ROW_HEADER;
	if (row->status == ROW_OK && row->count != columns->count)
		row->status = ROW_RAGGED;
	if (row->status != ROW_OK)
		return true;
	if (columns->text >= 0)
		row->text = row->fields[columns->text];
	return columns->label < 0 || row_labels_read(columns, row);
}

bool dataset_read(struct dataset *dataset, uint64_t index, struct row *row, struct error *error)
{
	const struct opened *opened = &dataset->opened;
	const struct columns *columns = &opened->shape.columns;

	row_clear(row);
	if (!opened->reader->read(opened->state, index, columns, row, error))
		return false;
	if (!choose_fields(columns, row))
		return error_memory(error, "reading a row");
	correct_label(dataset, row);
	return true;
}
