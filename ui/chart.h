/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Line charts of series that grow: from points to cells. Pure: knows no curses.
 *
 * A chart shows the whole history. Every dot column keeps the envelope (least, greatest, first, last) of
 * the points that fall into it, so no spike is dropped however many points there are, and adding points
 * costs only these points. The x range doubles and the y range moves in steps of 1, 2 or 5, so a new point
 * usually changes one column of cells. A value that is not finite is a gap with a mark. */
#ifndef REVUE_UI_CHART_H
#define REVUE_UI_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHART_SERIES 2

enum chart_glyphs {
	CHART_BRAILLE, /* 2 x 4 dots in a cell */
	CHART_ASCII,   /* 1 x 3 */
};

/* Points that belong to somebody else. `at` returns y of point `index` and stores its x, which never
 * decreases with index. */
struct chart_source {
	const void *points;
	size_t count;
	double (*at)(const void *points, size_t index, double *x);
	bool marks; /* draw each point as 'o' besides the line: few points, and a line unlike the other */
};

/* What the points of one dot column are. */
struct chart_column {
	double least, greatest, first, last;
	size_t finite, bad; /* points that are numbers, and those that are not */
};

struct chart_series {
	struct chart_column *columns; /* [room], of which chart->dot_columns are used */
	int room;
	size_t done;                  /* points that are in them */
	double last_x;                /* of the last of these */
	size_t bad;                   /* points that are not numbers */
	double least, greatest;       /* of the finite ones */
	bool any;
};

struct chart_range {
	double low, high, step;
};

/* Start with {0}; end with chart_free. */
struct chart {
	enum chart_glyphs glyphs;
	int rows, columns;  /* cells */
	int dot_columns;
	double x_end;       /* the chart shows x from 0 to here */
	double x_limit;     /* > 0: the last x there will be; the range never doubles beyond it */
	struct chart_range y;
	struct chart_series series[CHART_SERIES];
};

struct chart_cell {
	uint32_t glyph; /* a code point; ' ' where nothing is */
	int8_t series;  /* whose colour it has; -1: none */
	bool bad;       /* the mark of a value that is not a number */
};

void chart_free(struct chart *chart);

/* Forgets all points: for another run, or one that took steps back. */
void chart_reset(struct chart *chart);

/* Takes what is new in the sources ([CHART_SERIES]; a points of NULL is no series) and draws into
 * cells[rows * columns], row by row. Later series lie on top. False: out of memory. */
bool chart_draw(struct chart *chart, const struct chart_source *sources, int rows, int columns,
                struct chart_cell *cells);

/* The smallest range in steps of 1, 2 or 5 times a power of ten around [least, greatest] with at most
 * five steps; *range is kept when both fit into it and fill more than a third. Shown for tests. */
void chart_fit(struct chart_range *range, double least, double greatest);

/* The end of the x axis for points up to `last`: 64 doubled as often as needed, at most `limit` (> 0). Shown for
 * tests. */
double chart_x_end(double last, double limit);

/* The row of cells where `value` stands; -1 outside. */
int chart_row_of(const struct chart *chart, double value);

/* "0.25": `value` with the decimals that the step of the range needs. */
void chart_label(const struct chart_range *range, double value, char *out, size_t capacity);

#endif
