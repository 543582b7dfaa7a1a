/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/scan.h"

#include "engine/data/bytes.h"

#include <string.h>

struct sink {
	bool (*row)(void *context, uint64_t start, uint64_t line);
	void *context;
};

static bool is_space(const struct scan *scan, char c)
{
	return (c == ' ' || c == '\t') && c != scan->marks.delimiter;
}

/* The index in this block of a position that may lie in an earlier one. */
static size_t index_in_block(const struct scan *scan, uint64_t position)
{
	return position > scan->position ? (size_t)(position - scan->position) : 0;
}

/* Decides what a quote inside a quoted field was, as far as the bytes up to `end` tell. */
static void resolve_after(struct scan *scan, const char *data, size_t end)
{
	for (size_t i = index_in_block(scan, scan->after_position); i < end; i++) {
		if (data[i] == scan->marks.delimiter) {
			scan->state = SCAN_PLAIN;
			return;
		}
		if (!is_space(scan, data[i])) {
			scan->state = SCAN_PLAIN;
			scan->malformed++;
			return;
		}
		scan->after_space = scan->blanks = true;
	}
	scan->after_position = scan->position + end;
}

static bool was_escaped(const struct scan *scan, uint64_t position)
{
	return scan->escaped_position == (scan->escaped_cr ? position + 1 : position);
}

static bool at_field_start(const struct scan *scan, const char *data, size_t at)
{
	while (at > 0 && is_space(scan, data[at - 1]))
		at--;
	if (at == 0)
		return scan->field_start;
	return (data[at - 1] == scan->marks.delimiter || data[at - 1] == '\n' || data[at - 1] == '\r') &&
	       !was_escaped(scan, scan->position + at - 1);
}

static bool has_begun(const struct scan *scan, const char *data, size_t end)
{
	if (scan->begun)
		return true;
	for (size_t i = index_in_block(scan, scan->row_start); i < end; i++)
		if (!is_space(scan, data[i]))
			return true;
	return false;
}

static void see_quote(struct scan *scan, const char *data, size_t at)
{
	if (scan->state == SCAN_PLAIN) {
		if (!at_field_start(scan, data, at))
			return;
		scan->state = SCAN_QUOTED;
		scan->quoted++;
		scan->blanks = scan->blanks || (at > 0 && is_space(scan, data[at - 1]));
		scan->quote_position = scan->position + at;
		scan->quote_line = scan->line;
		return;
	}
	if (scan->state == SCAN_AFTER && !scan->after_space) {
		scan->state = SCAN_QUOTED; /* two quotes are one */
		scan->doubled++;
		return;
	}
	if (scan->state == SCAN_AFTER) {
		scan->state = SCAN_PLAIN;
		scan->malformed++;
		return;
	}
	scan->state = SCAN_AFTER;
	scan->after_position = scan->position + at + 1;
	scan->after_space = false;
}

static void see_escape(struct scan *scan, size_t at)
{
	if (scan->state == SCAN_AFTER) {
		scan->state = SCAN_PLAIN;
		scan->malformed++;
	}
	scan->escaped_position = scan->position + at + 1;
	scan->escaped_cr = false;
}

/* Whether an escape made a character of this one. */
static bool see_escaped(struct scan *scan, char c, size_t at)
{
	if (scan->position + at != scan->escaped_position || (scan->escaped_cr && c != '\n'))
		return false;
	scan->line += c == '\r' || (c == '\n' && !scan->escaped_cr);
	scan->escaped += c == scan->marks.quote && scan->state == SCAN_QUOTED;
	scan->escaped_cr = c == '\r';
	scan->escaped_position += scan->escaped_cr;
	return true;
}

/* After a line end outside quotes: the next row can begin there. */
static void start_row(struct scan *scan, size_t at)
{
	scan->state = SCAN_PLAIN;
	scan->row_start = scan->position + at + 1;
	scan->row_line = scan->line;
	scan->begun = false;
}

static bool see_line_end(struct scan *scan, const char *data, size_t at, const struct sink *sink)
{
	bool second = data[at] == '\n' && (at > 0 ? data[at - 1] == '\r' : scan->after_cr);
	uint64_t start = scan->row_start, line = scan->row_line;
	bool begun;

	if (!second)
		scan->line++;
	if (scan->state == SCAN_QUOTED)
		return true;
	begun = !second && (scan->blank_rows || has_begun(scan, data, at));
	start_row(scan, at);
	scan->rows += begun;
	return !begun || sink->row(sink->context, start, line);
}

/* Everything that the next block must know about this one. */
static void leave_block(struct scan *scan, const char *data, size_t size)
{
	if (size == 0)
		return;
	if (scan->state == SCAN_AFTER)
		resolve_after(scan, data, size);
	scan->begun = has_begun(scan, data, size);
	scan->field_start = at_field_start(scan, data, size);
	scan->after_cr = data[size - 1] == '\r';
	scan->position += size;
}

static bool see_events(struct scan *scan, const char *data, size_t base, uint64_t events, const struct sink *sink)
{
	for (; events; events &= events - 1) {
		size_t at = base + (size_t)__builtin_ctzll(events);

		if (scan->state == SCAN_AFTER)
			resolve_after(scan, data, at);
		if (see_escaped(scan, data[at], at))
			continue;
		if (data[at] == scan->marks.escape)
			see_escape(scan, at);
		else if (data[at] == scan->marks.quote)
			see_quote(scan, data, at);
		else if (!see_line_end(scan, data, at, sink))
			return false;
	}
	return true;
}

void scan_begin(struct scan *scan, uint64_t position)
{
	*scan = (struct scan){
		.marks = scan->marks,
		.blank_rows = scan->blank_rows,
		.position = position,
		.line = 1,
		.row_start = position,
		.row_line = 1,
		.field_start = true,
		.escaped_position = UINT64_MAX,
	};
}

/* The bytes of a block that the scan has to look at. */
static inline uint64_t find_events(const char *block, char quote, char escape)
{
	const uint64_t events = bytes_line_ends_or(block, quote ? quote : '\n');

	return escape ? events | bytes_equal(block, escape) : events;
}

bool scan_feed(struct scan *scan, const char *data, size_t size,
               bool (*row)(void *context, uint64_t start, uint64_t line), void *context)
{
	const struct sink sink = {row, context};
	const char quote = scan->marks.quote, escape = scan->marks.escape;
	char tail[BYTES_BLOCK] = {0};
	size_t at = 0;

	for (; at + BYTES_BLOCK <= size; at += BYTES_BLOCK) {
		uint64_t events = find_events(data + at, quote, escape);
		if (events && !see_events(scan, data, at, events, &sink))
			return false;
	}
	if (at < size) {
		memcpy(tail, data + at, size - at);
		if (!see_events(scan, data, at, find_events(tail, quote, escape), &sink))
			return false;
	}
	leave_block(scan, data, size);
	return true;
}

bool scan_finish(struct scan *scan, bool (*row)(void *context, uint64_t start, uint64_t line), void *context)
{
	bool open = scan->blank_rows ? scan->position > scan->row_start : scan->begun;

	if (!open || scan->state == SCAN_QUOTED)
		return true;
	scan->rows++;
	return row(context, scan->row_start, scan->row_line);
}
