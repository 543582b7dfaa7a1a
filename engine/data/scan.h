/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where rows of comma-separated values (RFC 4180) start. A pass over the bytes that looks only at line ends, quotes and
 * escapes, at a gigabyte a second and more, and sees exactly the rows that csv.h splits:
 *
 *   - a quote opens a quoted field only where the field begins (spaces and TABs before it allowed), elsewhere it is
 *     a character;
 *   - inside, two quotes are one; a quote closes when a delimiter or a line end follows (after spaces and TABs);
 *   - what comes after an escape, inside quotes or outside, is a character, whatever it is; CR LF counts as one;
 *   - CR, LF and CR LF end a row outside quotes; a line of nothing but spaces and TABs is no row.
 *
 * A quote that closes before anything else ("x"y) makes the row malformed. Others go on as if still inside the
 * quotes, and one such row can swallow the rest of the file; here the field goes on without quotes, as in Python's
 * csv and pandas, so that the damage ends with the line.
 *
 * The state survives the end of a block at any byte. Positions count units of the file (bytes, or two bytes in
 * UTF-16), lines are physical lines from 1. */
#ifndef REVUE_DATA_SCAN_H
#define REVUE_DATA_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum scan_state {
	SCAN_PLAIN,  /* outside quotes */
	SCAN_QUOTED, /* inside */
	SCAN_AFTER,  /* after a quote that may have closed the field */
};

/* The characters of ASCII that mean something in a table; 0: there is none. */
struct marks {
	char delimiter, quote;
	char escape; /* another one than the quote */
};

struct scan {
	struct marks marks;
	bool blank_rows; /* a line of white space is a row too (text files) */

	enum scan_state state;
	uint64_t position; /* of the first unit that was not fed yet */
	uint64_t line;     /* its physical line */
	uint64_t row_start, row_line;         /* where the row (or blank line) began that is open now */
	uint64_t quote_position, quote_line;  /* where the last quoted field opened */

	/* since scan_begin: */
	uint64_t rows;
	uint64_t malformed;                   /* quotes that closed in mid-field */
	uint64_t quoted, doubled, escaped;    /* fields that a quote opened; quotes inside them, written so */
	bool blanks;                          /* there are some between a quote and the delimiter beside it */

	/* what the last block left behind */
	uint64_t after_position; /* SCAN_AFTER: the first unit not looked at */
	bool after_space;        /* SCAN_AFTER: white space was seen */
	bool after_cr, begun, field_start;
	uint64_t escaped_position; /* of the last unit that comes after an escape */
	bool escaped_cr;           /* it comes after a CR that an escape made a character: only an LF belongs to it */
};

/* Starts at `position` on line 1; the settings are kept. */
void scan_begin(struct scan *scan, uint64_t position);

/* Feeds a block. `row` is called at the end of each row with its start and line; when it returns false so does
 * scan_feed, and the scan is of no more use. */
bool scan_feed(struct scan *scan, const char *data, size_t size,
               bool (*row)(void *context, uint64_t start, uint64_t line), void *context);

/* The end of the file: the last row may lack its line end. A quote that is open then is the caller's to notice:
 * state is SCAN_QUOTED. */
bool scan_finish(struct scan *scan, bool (*row)(void *context, uint64_t start, uint64_t line), void *context);

#endif
