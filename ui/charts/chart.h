/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Line charts of series that grow: from points to cells. Pure: knows no curses.
 *
 * Every dot column keeps the envelope (least, greatest, first, last) of the points that fall into it, so no spike is
 * dropped however many points there are, and adding points costs only these points. Where a series is smoothed, which is
 * done over all of its points before they fall into columns, the envelope of the raw ones lies behind as a shade. The y
 * range moves in steps of 1, 2 or 5, so a new point usually changes one column of cells. A value that is not finite is a
 * gap with a mark. */
#ifndef REVUE_UI_CHART_H
#define REVUE_UI_CHART_H

#include "ui/charts/axis.h"
#include "ui/charts/smooth.h"
#include "ui/terminal/dots.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHART_SERIES 15 /* of the run itself, of those that are laid over it, and the level of the baseline */

/* Points that belong to somebody else. `at` returns y of point `index` and stores its x, which never
 * decreases with index, unless they are scattered. */
struct chart_source {
	const void *points; /* NULL: none */
	size_t count;
	double (*at)(const void *points, size_t index, double *x);
	char mark;         /* drawn at each point besides the line: few points, and a line unlike the other; 0: none */
	bool scattered;    /* points by themselves, in no order */
	double smoothing;  /* 0: none */
	bool shaded;       /* where it is smoothed: the envelope of its points is drawn behind it */
	int better;        /* -1: the least of them is the best, which gets a mark; 1: the greatest; 0: none is */
	bool letters;      /* the line carries its mark at some places instead of at each point */
};

/* What the points of one dot column are. */
struct chart_column {
	double least, greatest, first, last;
	double positive;    /* the least that is > 0; INFINITY: none is */
	size_t finite, bad; /* points that are numbers, and those that are not */
};

struct chart_series {
	struct chart_column *raw, *line; /* [room], of which chart->dot_columns are used; `line`: smoothed */
	int room;
	bool filled;            /* with points: false: what is in them is no more true */
	size_t done;            /* points that are in them, or out of sight */
	size_t seen;            /* points that `smooth` and `best` know */
	double last_x, last_y;  /* of the last of these */
	size_t bad;             /* of the points in sight those that are not numbers */
	size_t best;            /* index of the best of all points; SIZE_MAX: none */
	double best_y;
	struct smooth smooth;
};

/* Start with {0}; end with chart_free. */
struct chart {
	enum chart_glyphs glyphs;
	struct axis_rule rule;  /* of y */
	int rows, columns;      /* cells */
	int dot_columns;
	struct axis x, y;       /* who draws sets x.low, x.high and y.log; y.low and y.high are kept */
	double drawn_low, drawn_high; /* the x range that the columns are of */
	struct chart_series series[CHART_SERIES];
};

enum chart_kind {
	CHART_EMPTY,
	CHART_SHADE,
	CHART_LINE,
	CHART_MARK,
	CHART_BEST,
	CHART_BAD, /* the mark of a value that is not a number */
};

struct chart_cell {
	uint32_t glyph; /* a code point; ' ' where nothing is */
	int8_t series;  /* whose colour it has; -1: none */
	int8_t kind;
};

void chart_free(struct chart *chart);

/* Forgets all points: for another run, or one that took steps back. */
void chart_reset(struct chart *chart);

/* Smooths what is new in the sources ([CHART_SERIES]), so that chart_smoothed knows it. False: out of memory. */
bool chart_learn(struct chart *chart, const struct chart_source *sources);

/* Takes what is new in the sources ([CHART_SERIES]) and draws into cells[rows * columns], row by row. Earlier series lie on
 * top. False: out of memory. */
bool chart_draw(struct chart *chart, const struct chart_source *sources, int rows, int columns,
                struct chart_cell *cells);

/* The row of cells where `value` stands; -1 outside. */
int chart_row_of(const struct chart *chart, double value);

/* The dot column, or the column of cells, where x stands; -1 outside. */
int chart_dot_column(const struct chart *chart, double x);
int chart_column_of(const struct chart *chart, double x);

/* A point's value as the line shows it; NaN where it is not there. */
double chart_smoothed(const struct chart *chart, int series, size_t index);

#endif
