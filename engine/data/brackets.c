/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/brackets.h"

#include "engine/data/bytes.h"

#include <string.h>

/* One call of brackets_feed. */
struct feeding {
	struct brackets *brackets;
	const char *data;
	size_t size;
	bool (*row)(void *context, uint64_t start, uint64_t line);
	void *context;
	bool failed;
};

void brackets_begin(struct brackets *brackets, uint64_t position)
{
	*brackets = (struct brackets){
		.container = brackets->container,
		.keyed = brackets->keyed,
		.line_bound = brackets->line_bound,
		.phase = brackets->container > 0 ? BRACKETS_BEFORE : BRACKETS_ROWS,
		.position = position,
		.line = 1,
		.escaped = UINT64_MAX,
		.after_cr = UINT64_MAX,
		.end = position,
	};
}

static void start_row(struct brackets *b, uint64_t position)
{
	b->open = true;
	b->closed = false;
	b->row_start = position;
	b->row_line = b->line;
}

static void end_row(struct feeding *feeding, uint64_t position)
{
	struct brackets *b = feeding->brackets;

	if (!b->open)
		return;
	b->open = false;
	b->end = position;
	feeding->failed = !feeding->row(feeding->context, b->row_start, b->row_line) || feeding->failed;
}

static void set_fault(struct feeding *feeding, const char *fault, uint64_t line)
{
	feeding->brackets->fault = fault;
	feeding->brackets->fault_line = line;
	feeding->failed = true;
}

static void see_line_end(struct brackets *b, char c, uint64_t position)
{
	b->line += c == '\r' || b->after_cr != position;
	if (c == '\r')
		b->after_cr = position + 1;
}

/* At a line end inside a row. True: it ends the row. */
static bool cut_at_line_end(struct feeding *feeding, uint64_t position)
{
	struct brackets *b = feeding->brackets;

	if (!b->line_bound || b->container > 0)
		return false;
	end_row(feeding, position);
	b->string = false;
	b->depth = 0;
	return true;
}

static bool open_bracket(struct brackets *b)
{
	b->depth++;
	if (b->phase != BRACKETS_BEFORE || ++b->opened < b->container)
		return false;
	b->phase = BRACKETS_ROWS;
	b->base = b->depth;
	return true;
}

/* Back between rows: a value ends here. */
static bool has_ended(struct brackets *b)
{
	if (b->phase == BRACKETS_BEFORE || b->string || b->depth > b->base)
		return false;
	b->closed = true;
	return true;
}

/* One character that matters, inside a value or before the container. True: what follows stands between rows. */
static bool see(struct feeding *feeding, size_t at)
{
	struct brackets *b = feeding->brackets;
	uint64_t position = b->position + at;
	char c = feeding->data[at];

	if (c == '\n' || c == '\r') {
		see_line_end(b, c, position);
		return cut_at_line_end(feeding, position);
	}
	if (b->string) {
		if (position == b->escaped)
			return false;
		if (c == '\\')
			b->escaped = position + 1;
		b->string = c != '"';
		return !b->string && has_ended(b);
	}
	if (c == '"')
		b->string = true;
	else if (c == '{' || c == '[')
		return open_bracket(b);
	else if ((c == '}' || c == ']') && b->depth > 0) {
		b->depth--;
		return has_ended(b);
	}
	return false;
}

static size_t pass_value(struct feeding *feeding, size_t at)
{
	char tail[BYTES_BLOCK];

	for (; at < feeding->size; at += BYTES_BLOCK) {
		const char *block = feeding->data + at;
		uint64_t events;

		if (feeding->size - at < BYTES_BLOCK) {
			memset(tail, 0, sizeof tail);
			memcpy(tail, block, feeding->size - at);
			block = tail;
		}
		for (events = bytes_json(block); events; events &= events - 1) {
			size_t i = at + (size_t)__builtin_ctzll(events);
			if (see(feeding, i))
				return i + 1;
		}
	}
	return feeding->size;
}

/* Between rows that stand in no bracket. */
static void between_values(struct feeding *feeding, char c, uint64_t position)
{
	struct brackets *b = feeding->brackets;

	if (c == ',' && (!b->open || b->closed))
		return; /* an array without its brackets */
	if ((c == '{' || c == '[') && b->open && b->closed)
		end_row(feeding, position);
	if (!b->open)
		start_row(b, position);
	b->string = c == '"';
	b->depth += c == '{' || c == '[';
}

static void between_elements(struct feeding *feeding, char c, uint64_t position)
{
	struct brackets *b = feeding->brackets;
	bool bracket = c == '{' || c == '[';

	if (c == (b->keyed ? '}' : ']')) {
		end_row(feeding, position);
		b->phase = BRACKETS_AFTER;
		b->base = --b->depth;
		return;
	}
	if (c == ',' || (bracket && b->closed))
		end_row(feeding, position);
	if (c == ',')
		return;
	if (!b->open && (bracket || !b->keyed))
		start_row(b, position);
	b->string = c == '"';
	b->depth += bracket;
}

/* After the rows of the whole file: another array may follow, where files were joined. */
static void after_rows(struct feeding *feeding, char c)
{
	struct brackets *b = feeding->brackets;

	if (c != (b->keyed ? '{' : '[')) {
		set_fault(feeding, "something follows after the rows have ended", b->line);
		return;
	}
	b->phase = BRACKETS_ROWS;
	b->base = ++b->depth;
}

/* What stands around rows that lie deeper than in the first bracket does not matter once they have ended. */
static bool is_over(const struct brackets *b)
{
	return b->phase == BRACKETS_AFTER && b->container > 1;
}

static size_t pass_between(struct feeding *feeding, size_t at)
{
	struct brackets *b = feeding->brackets;

	for (; at < feeding->size && !feeding->failed && !is_over(b); at++) {
		uint64_t position = b->position + at;
		char c = feeding->data[at];

		if (c == '\n' || c == '\r') {
			see_line_end(b, c, position);
			if (b->container == 0)
				end_row(feeding, position);
			continue;
		}
		if (c == ' ' || c == '\t')
			continue;
		if (b->phase == BRACKETS_AFTER)
			after_rows(feeding, c);
		else if (b->container > 0)
			between_elements(feeding, c, position);
		else
			between_values(feeding, c, position);
		if (b->string || b->depth > b->base)
			return at + 1;
	}
	return at;
}

bool brackets_feed(struct brackets *brackets, const char *data, size_t size,
                   bool (*row)(void *context, uint64_t start, uint64_t line), void *context)
{
	struct brackets *b = brackets;
	struct feeding feeding = {b, data, size, row, context, false};
	size_t at = 0;

	while (at < size && !feeding.failed && !is_over(b)) {
		if (b->phase == BRACKETS_BEFORE || b->string || b->depth > b->base)
			at = pass_value(&feeding, at);
		else
			at = pass_between(&feeding, at);
	}
	b->position += size;
	return !feeding.failed;
}

bool brackets_finish(struct brackets *brackets, bool (*row)(void *context, uint64_t start, uint64_t line), void *context)
{
	struct brackets *b = brackets;
	struct feeding feeding = {b, NULL, 0, row, context, false};
	bool whole = !b->string && b->depth == b->base;

	if (b->open && !whole && !(b->line_bound && b->container == 0)) {
		set_fault(&feeding, "what begins here does not end before the file does; was the file cut?", b->row_line);
		return false;
	}
	end_row(&feeding, b->position);
	if (!feeding.failed && b->container > 0 && b->phase != BRACKETS_AFTER)
		set_fault(&feeding, "the file ends here before its rows do; was it cut?", b->line);
	return !feeding.failed;
}
