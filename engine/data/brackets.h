/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the rows of JSON (RFC 8259) start: objects one after the other, or the values in one bracket of the file. A pass
 * over the bytes that looks at quotes, backslashes, brackets and line ends only, at a gigabyte a second; whether a row is
 * right is seen when it is read.
 *
 * The state survives the end of a block at any byte. Positions count units of the file (bytes, or two bytes in
 * UTF-16), lines are physical lines from 1. */
#ifndef REVUE_DATA_BRACKETS_H
#define REVUE_DATA_BRACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum brackets_phase {
	BRACKETS_BEFORE, /* the bracket that holds the rows has not opened */
	BRACKETS_ROWS,
	BRACKETS_AFTER,  /* it has closed */
};

struct brackets {
	/* How the rows lie; brackets_begin keeps these. */
	uint64_t container; /* the number of the bracket that holds them, from 1 in the order of opening; 0: none does */
	bool keyed;         /* it is a brace: the rows are those members of it that are objects or arrays */
	bool line_bound;    /* with container 0: a row ends with its line, whatever is open */

	enum brackets_phase phase;
	uint64_t position;  /* of the first unit that was not fed yet */
	uint64_t line;      /* its physical line */
	uint64_t opened;    /* brackets, up to the container */
	uint64_t depth, base; /* brackets that are open here, and between rows */
	bool string;
	uint64_t escaped;   /* the unit after a backslash */
	uint64_t after_cr;  /* the unit after a CR */

	bool open, closed;  /* a row has begun; its value has ended */
	uint64_t row_start, row_line;
	uint64_t end;       /* where the last row ended */

	const char *fault;  /* why the rows end early; NULL: they do not */
	uint64_t fault_line;
};

/* Starts at `position` on line 1; the three settings are kept. */
void brackets_begin(struct brackets *brackets, uint64_t position);

/* Feeds a block. `row` is called at the end of each row with its start and line. False, after which the scan is of no
 * more use: `row` returned false, or there is a fault. */
bool brackets_feed(struct brackets *brackets, const char *data, size_t size,
                   bool (*row)(void *context, uint64_t start, uint64_t line), void *context);

/* The end of the file, with the same answers. */
bool brackets_finish(struct brackets *brackets, bool (*row)(void *context, uint64_t start, uint64_t line), void *context);

#endif
