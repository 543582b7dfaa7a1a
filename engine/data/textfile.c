/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/textfile.h"

#include "engine/data/encoding.h"
#include "engine/data/index.h"
#include "engine/data/row.h"

#include <stdatomic.h>
#include <stdlib.h>

#define WINDOW ((size_t)256 << 10) /* read ahead when rows are read one after the other */

/* All but the index, `scan` and the blocks is fixed by textfile_open. The thread that indexes owns those; readers see the
 * index through its own publication, and `end` once `ended` is set. */
struct textfile {
	const struct source *source;
	enum dataset_encoding encoding;
	struct textfile_rules rules;
	size_t unit;     /* bytes in a unit of position */
	uint64_t serial; /* tells files apart in a row's buffers */

	struct row_index index; /* entry 0 is the header where there is one */
	atomic_bool ended;
	uint64_t end;           /* where the last row ends */
	struct scan scan;
	struct brackets brackets; /* instead of `scan`, which keeps only the position then, where rules.brackets is there */
	size_t block_size;
	char *block, *narrow;   /* [block_size] bytes of the file, and units made narrow */
};

static char unit_of(const struct opening *opening, size_t unit)
{
	char narrow = opening->head.data[unit];

	if (encoding_unit(opening->encoding) == 2)
		encoding_narrow(opening->encoding, opening->head.data + 2 * unit, 1, &narrow);
	return narrow;
}

/* The unit of the file at which the line after so many begins. */
static uint64_t skip_lines(const struct opening *opening, uint64_t lines)
{
	size_t units = opening->head.size / encoding_unit(opening->encoding);
	size_t at = opening->mark / encoding_unit(opening->encoding);

	for (; lines > 0 && at < units; at++) {
		char c = unit_of(opening, at);

		if (c == '\r' && at + 1 < units && unit_of(opening, at + 1) == '\n')
			continue;
		lines -= c == '\n' || c == '\r';
	}
	return at;
}

struct textfile *textfile_open(const struct opening *opening, const struct textfile_rules *rules,
                               struct error *error)
{
	static _Atomic uint64_t serials;
	struct textfile *file = calloc(1, sizeof *file);

	if (!file) {
		error_memory(error, "opening a file");
		return NULL;
	}
	file->source = opening->source;
	file->encoding = opening->encoding;
	file->rules = *rules;
	file->unit = encoding_unit(opening->encoding);
	file->serial = ++serials;
	file->scan = (struct scan){
		.marks = rules->marks, .blank_rows = rules->blank_rows,
	};
	scan_begin(&file->scan, skip_lines(opening, rules->skip));
	file->scan.line = file->scan.row_line = 1 + rules->skip;
	if (rules->brackets) {
		file->brackets = *rules->brackets;
		file->rules.brackets = &file->brackets;
		brackets_begin(&file->brackets, opening->mark / file->unit);
	}
	file->block_size = opening->block_size;
	file->block = malloc(file->block_size);
	file->narrow = file->unit == 2 ? malloc(file->block_size / 2) : NULL;
	if (!file->block || (file->unit == 2 && !file->narrow)) {
		error_memory(error, "opening a file");
		textfile_close(file);
		return NULL;
	}
	return file;
}

void textfile_close(void *state)
{
	struct textfile *file = state;

	row_index_free(&file->index);
	free(file->block);
	free(file->narrow);
	free(file);
}

const struct textfile_rules *textfile_rules(const struct textfile *file)
{
	return &file->rules;
}

/* Indexing */

static bool add_row(void *context, uint64_t start, uint64_t line)
{
	return row_index_add(context, start, line);
}

static enum index_state stop_with(struct textfile *file, enum index_state state)
{
	row_index_publish(&file->index);
	file->end = file->rules.brackets ? file->brackets.end
	            : state == INDEX_COMPLETE ? file->scan.position
	                                      : file->scan.row_start;
	atomic_store_explicit(&file->ended, true, memory_order_release);
	return state;
}

static bool unclosed(const struct textfile *file, const char *within, struct error *error)
{
	return error_set(error, ERROR_DATA, "%s: line %llu: a quote opens here and does not close %s",
	                 file->source->path, (unsigned long long)file->scan.quote_line, within);
}

static bool bracket_fault(const struct textfile *file, struct error *error)
{
	const struct brackets *brackets = &file->brackets;

	if (!brackets->fault)
		return error_memory(error, "indexing rows");
	return error_set(error, ERROR_DATA, "%s: line %llu: %s", file->source->path,
	                 (unsigned long long)brackets->fault_line, brackets->fault);
}

static enum index_state finish_brackets(struct textfile *file, struct error *error)
{
	bool finished = brackets_finish(&file->brackets, add_row, &file->index) || bracket_fault(file, error);

	return stop_with(file, finished ? INDEX_COMPLETE : INDEX_FAILED);
}

static enum index_state finish(struct textfile *file, struct error *error)
{
	struct scan *scan = &file->scan;

	if (file->rules.brackets)
		return finish_brackets(file, error);
	if (scan->state == SCAN_QUOTED) {
		unclosed(file, "before the end of the file", error);
		return stop_with(file, INDEX_FAILED);
	}
	if (!scan_finish(scan, add_row, &file->index)) {
		error_memory(error, "indexing rows");
		return stop_with(file, INDEX_FAILED);
	}
	return stop_with(file, INDEX_COMPLETE);
}

/* Reads and scans the next `bytes` bytes. */
static bool scan_block(struct textfile *file, size_t bytes, struct error *error)
{
	struct scan *scan = &file->scan;
	const char *data = file->block;
	size_t units = bytes / file->unit;

	if (!source_read(file->source, file->block, bytes, scan->position * file->unit, error))
		return false;
	if (file->unit == 2) {
		encoding_narrow(file->encoding, data, units, file->narrow);
		data = file->narrow;
	}
	if (file->rules.brackets) {
		scan->position += units;
		return brackets_feed(&file->brackets, data, units, add_row, &file->index) || bracket_fault(file, error);
	}
	if (!scan_feed(scan, data, units, add_row, &file->index))
		return error_memory(error, "indexing rows");
	if (scan->state == SCAN_QUOTED && scan->position - scan->quote_position > DATASET_FIELD_MAX / file->unit)
		return unclosed(file, "within 16 MB", error);
	return true;
}

enum index_state textfile_index_step(void *state, uint64_t *done, struct error *error)
{
	struct textfile *file = state;
	uint64_t at = file->scan.position * file->unit, left = file->source->size / file->unit * file->unit - at;
	bool scanned;

	*done = at;
	if (left == 0)
		return finish(file, error);
	scanned = scan_block(file, left < file->block_size ? (size_t)left : file->block_size, error);
	*done = file->scan.position * file->unit;
	if (!scanned)
		return stop_with(file, INDEX_FAILED);
	row_index_publish(&file->index);
	return INDEX_GROWING;
}

uint64_t textfile_rows(const void *state)
{
	const struct textfile *file = state;
	bool ended = atomic_load_explicit(&file->ended, memory_order_acquire);
	uint64_t rows = row_index_rows(&file->index);

	/* While the index grows, the end of its last row is not known. */
	if (!ended && rows > 0)
		rows--;
	return rows > file->rules.header ? rows - file->rules.header : 0;
}

/* Reading */

/* Where a row lies in the file, in bytes. */
static void row_bounds(const struct textfile *file, uint64_t index, struct row *row, uint64_t *start, uint64_t *size)
{
	uint64_t entry = index + file->rules.header, line, from, to;

	row_index_get(&file->index, entry, &from, &row->line);
	if (entry + 1 < row_index_rows(&file->index))
		row_index_get(&file->index, entry + 1, &to, &line);
	else
		to = file->end;
	*start = from * file->unit;
	*size = (to - from) * file->unit;
}

static bool in_window(const struct row_buffers *buffers, uint64_t serial, uint64_t start, size_t size)
{
	return buffers->serial == serial && start >= buffers->window_start &&
	       start - buffers->window_start <= buffers->window_size &&
	       size <= buffers->window_size - (size_t)(start - buffers->window_start);
}

static bool fill_window(const struct textfile *file, struct row *row, uint64_t start, size_t size, bool ahead,
                        struct error *error)
{
	struct row_buffers *buffers = row->buffers;
	size_t want = ahead && size < WINDOW ? WINDOW : size;

	if (want > file->source->size - start)
		want = (size_t)(file->source->size - start);
	if (!row_window_reserve(row, want))
		return error_memory(error, "reading a row");
	if (!source_read(file->source, buffers->window, want, start, error))
		return false;
	buffers->serial = file->serial;
	buffers->window_start = start;
	buffers->window_size = want;
	return true;
}

/* The row's bytes as they stand in the file. */
static bool fetch_raw(const struct textfile *file, uint64_t index, struct row *row, struct span *bytes,
                      struct error *error)
{
	struct row_buffers *buffers = row->buffers;
	bool ahead = buffers->serial == file->serial && buffers->next == index;
	uint64_t start, size;

	row_bounds(file, index, row, &start, &size);
	buffers->next = index + 1;
	*bytes = (struct span){"", 0};
	if (size > DATASET_ROW_MAX) {
		row->status = ROW_TOO_LONG;
		return true;
	}
	if (!in_window(buffers, file->serial, start, (size_t)size) &&
	    !fill_window(file, row, start, (size_t)size, ahead, error))
		return false;
	*bytes = (struct span){buffers->window + (start - buffers->window_start), (size_t)size};
	return true;
}

static bool decode(const struct textfile *file, struct row *row, struct span *bytes)
{
	struct buffer *decoded = &row->buffers->decoded;

	if (file->encoding == ENCODING_UTF8 && utf8_valid_prefix(bytes->data, bytes->size) == bytes->size)
		return true;
	decoded->size = 0;
	if (!encoding_decode(file->encoding, bytes->data, bytes->size, decoded, &row->replaced))
		return false;
	*bytes = (struct span){decoded->data, decoded->size};
	return true;
}

bool textfile_fetch(struct textfile *file, uint64_t index, struct row *row, struct span *bytes, struct error *error)
{
	if (!fetch_raw(file, index, row, bytes, error))
		return false;
	if (row->status != ROW_OK)
		return true;
	if (!decode(file, row, bytes))
		return error_memory(error, "reading a row");
	if (bytes->size > 0 && memchr(bytes->data, '\0', bytes->size))
		row->status = ROW_NUL;
	return true;
}
