/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where everything stands: pure functions from a size to rectangles. For every size, rectangles lie inside
 * what they were made from and do not overlap; what does not fit has no rows or no columns.
 * Knows no curses. */
#ifndef REVUE_UI_LAYOUT_H
#define REVUE_UI_LAYOUT_H

#include <stdbool.h>

#define LAYOUT_ROWS_MIN 10
#define LAYOUT_COLUMNS_MIN 40
#define LAYOUT_SIZE_MAX 1000 /* rows or columns that are used of a larger terminal */

struct rect {
	int y, x, rows, columns;
};

static inline bool rect_is_empty(struct rect rect)
{
	return rect.rows <= 0 || rect.columns <= 0;
}

struct layout_frame {
	bool too_small; /* only a message fits: the other rectangles are empty */
	struct rect tabs, body, strip, message, footer; /* strip: empty where nobody wants one */
};
struct layout_frame layout_frame(int rows, int columns);

/* Takes a strip of `wanted` rows from the end of the body, which keeps LAYOUT_BODY_MIN at least; fewer than two are none. */
#define LAYOUT_BODY_MIN 6
void layout_take_strip(struct layout_frame *frame, int wanted);

/* The same for a room of people: no tabs and no footer but the line of notes; `message` is the row above it. */
struct layout_frame layout_presented(int rows, int columns);

struct layout_data {
	struct rect facts, columns, labels, lengths, notes; /* `notes` is empty where the others need the rows */
};
struct layout_data layout_data(struct rect body, int column_count, int label_count, int note_count);

struct layout_reviews {
	struct rect summary, header, table, rule, scores, text;
};
struct layout_reviews layout_reviews(struct rect body, int label_count, bool whole);

struct layout_form {
	struct rect title, fields, help, estimate;
};
struct layout_form layout_form(struct rect body);

struct layout_dialect {
	struct rect title, fields, help, told, preview;
};
struct layout_dialect layout_dialect(struct rect body, int fields);

#define LAYOUT_CHARTS 9

struct layout_run {
	struct rect summary, rest, charts[LAYOUT_CHARTS], event; /* the charts lie in `rest`, row by row */
	int shown; /* charts of `count` that have a place */
};
struct layout_run layout_run(struct rect body, int count);
struct layout_run layout_run_presented(struct rect body); /* one chart, below the line that names the run */

struct layout_score {
	struct rect title, text, facts, bars, rule, list;
};
struct layout_score layout_score(struct rect body, int label_count);
struct layout_score layout_score_presented(struct rect body); /* text and bars share it; the other parts are empty */

#endif
