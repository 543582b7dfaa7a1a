/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/textfile.h"

#include "engine/data/encoding.h"
#include "engine/data/index.h"
#include "engine/data/row.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define WINDOW ((size_t)256 << 10) /* read ahead when rows are read one after the other */

#define NO_ROW UINT64_MAX

/* All but the index, `scan` and the blocks is fixed by textfile_open. The thread that indexes owns those; readers see entries of
 * the index below `visible`, whose ends were there before. */
struct textfile {
	const struct source *source;
	enum dataset_encoding encoding;
	struct textfile_rules rules;
	size_t unit;     /* bytes in a unit of position */
	uint64_t serial; /* tells files apart in a row's buffers */

	struct row_index index; /* entry 0 is the header where there is one */
	_Atomic uint64_t visible; /* entries that may be read: where they end is known, as far as the file goes */
	_Atomic uint64_t settled; /* of them those that have their line end */
	_Atomic uint64_t waits_from, waits_lines; /* the line of what the end of a file that grows left open, and lines from there on; 0 */
	_Atomic uint64_t end;   /* where the last one ends, unless another entry has come after it */
	bool whole;             /* the index came to the end of the file before: now it is that of a file that grows */
	bool resumable;         /* it has ended at the end of the file */
	uint64_t open_row;      /* start of an entry that the end of the file cut: it may become longer; NO_ROW: none */
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
	file->open_row = NO_ROW;
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

/* The row that the end of the file had cut is in the index. */
static bool add_row(void *context, uint64_t start, uint64_t line)
{
	struct textfile *file = context;

	if (start != file->open_row)
		return row_index_add(&file->index, start, line);
	file->open_row = NO_ROW;
	return true;
}

/* At the end of the file. */
static bool add_open_row(void *context, uint64_t start, uint64_t line)
{
	struct textfile *file = context;
	bool added = start == file->open_row || row_index_add(&file->index, start, line);

	file->open_row = start;
	return added;
}

/* What is found by now may be read, but for the last entry, whose end is not known. */
static void publish(struct textfile *file)
{
	const uint64_t rows = file->index.count > 0 ? file->index.count - 1 : 0;

	row_index_publish(&file->index);
	if (rows > file->visible) {
		atomic_store_explicit(&file->settled, rows, memory_order_release);
		atomic_store_explicit(&file->visible, rows, memory_order_release);
	}
}

/* The last entry ends at `end`. */
static enum index_state stop_with(struct textfile *file, enum index_state state, uint64_t end)
{
	row_index_publish(&file->index);
	atomic_store_explicit(&file->end, end, memory_order_release);
	atomic_store_explicit(&file->settled, file->index.count - (file->open_row != NO_ROW), memory_order_release);
	atomic_store_explicit(&file->visible, file->index.count, memory_order_release);
	return state;
}

static bool unclosed(const struct textfile *file, const char *within, struct error *error)
{
	const unsigned long long from = file->scan.quote_line, lines = file->scan.line - from;
	char hidden[48] = "";

	if (lines > 0)
		snprintf(hidden, sizeof hidden, ", %llu line%s on", lines, lines == 1 ? "" : "s");
	return error_set(error, ERROR_DATA, "%s: line %llu: a quote opens here and does not close %s%s; --quote none reads quotes as they "
	                 "stand", file->source->path, from, within, hidden);
}

static bool bracket_fault(const struct textfile *file, const struct brackets *brackets, struct error *error)
{
	if (!brackets->fault)
		return error_memory(error, "indexing rows");
	return error_set(error, ERROR_DATA, "%s: line %llu: %s", file->source->path,
	                 (unsigned long long)brackets->fault_line, brackets->fault);
}

/* What is there of the file has ended inside of a field or row that begins on `from`: what comes may end it. */
static enum index_state wait_for_more(struct textfile *file, uint64_t from, uint64_t last, uint64_t end)
{
	atomic_store_explicit(&file->waits_lines, last > from ? last - from : 1, memory_order_relaxed);
	atomic_store_explicit(&file->waits_from, from, memory_order_release);
	return stop_with(file, INDEX_COMPLETE, end);
}

/* Inside of a row whoever writes the file may only have paused: where it grows that row is waited for. */
static enum index_state finish_brackets(struct textfile *file, struct error *error)
{
	struct brackets ended = file->brackets;

	if (brackets_finish(&ended, add_open_row, file))
		return stop_with(file, INDEX_COMPLETE, ended.end);
	file->resumable = ended.fault != NULL;
	if (file->whole && file->resumable)
		return wait_for_more(file, ended.fault_line, ended.line, file->open_row != NO_ROW ? ended.position : ended.end);
	bracket_fault(file, &ended, error);
	return stop_with(file, INDEX_FAILED, ended.end);
}

static enum index_state finish(struct textfile *file, struct error *error)
{
	struct scan *scan = &file->scan, ended = *scan;

	file->resumable = true;
	if (file->rules.brackets)
		return finish_brackets(file, error);
	if (scan->state == SCAN_QUOTED && file->whole)
		return wait_for_more(file, scan->quote_line, scan->line, file->open_row != NO_ROW ? scan->position : scan->row_start);
	if (scan->state == SCAN_QUOTED) {
		unclosed(file, "before the end of the file", error);
		return stop_with(file, INDEX_FAILED, scan->row_start);
	}
	if (scan_finish(&ended, add_open_row, file))
		return stop_with(file, INDEX_COMPLETE, scan->position);
	file->resumable = false;
	error_memory(error, "indexing rows");
	return stop_with(file, INDEX_FAILED, scan->row_start);
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
		return brackets_feed(&file->brackets, data, units, add_row, file) || bracket_fault(file, &file->brackets, error);
	}
	if (!scan_feed(scan, data, units, add_row, file))
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
		return stop_with(file, INDEX_FAILED, file->rules.brackets ? file->brackets.end : file->scan.row_start);
	publish(file);
	return INDEX_GROWING;
}

bool textfile_can_grow(const void *state)
{
	const struct textfile *file = state;

	return !file->rules.brackets || file->brackets.container == 0;
}

bool textfile_index_more(void *state)
{
	struct textfile *file = state;
	bool resumable = file->resumable;

	file->whole = true;
	file->resumable = false;
	atomic_store_explicit(&file->waits_from, 0, memory_order_release);
	return resumable;
}

uint64_t textfile_waits(const void *state, uint64_t *lines)
{
	const struct textfile *file = state;
	const uint64_t from = atomic_load_explicit(&file->waits_from, memory_order_acquire);

	*lines = atomic_load_explicit(&file->waits_lines, memory_order_relaxed);
	return from;
}

static uint64_t without_header(const struct textfile *file, uint64_t entries)
{
	return entries > file->rules.header ? entries - file->rules.header : 0;
}

uint64_t textfile_settled(const void *state)
{
	const struct textfile *file = state;

	return without_header(file, atomic_load_explicit(&file->settled, memory_order_acquire));
}

uint64_t textfile_rows(const void *state)
{
	const struct textfile *file = state;

	return without_header(file, atomic_load_explicit(&file->visible, memory_order_acquire));
}

/* Reading */

/* Where a row lies in the file, in bytes. The end of the last one holds only while no other has come after it. */
static void row_bounds(const struct textfile *file, uint64_t index, struct row *row, uint64_t *start, uint64_t *size)
{
	uint64_t entry = index + file->rules.header, line, from, to;

	row_index_get(&file->index, entry, &from, &row->line);
	to = atomic_load_explicit(&file->end, memory_order_acquire);
	if (entry + 1 < row_index_rows(&file->index))
		row_index_get(&file->index, entry + 1, &to, &line);
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
