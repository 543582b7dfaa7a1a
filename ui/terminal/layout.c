/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/layout.h"

#define LAYOUT_CHART_ROWS 7 /* at least, where there are several charts */
#define LAYOUT_CHART_COLUMNS 36
#define LAYOUT_DATA_BESIDE 76 /* columns where the lengths stand beside the labels */

static int smaller(int a, int b)
{
	return a < b ? a : b;
}

static int larger(int a, int b)
{
	return a > b ? a : b;
}

/* The first `rows` rows of *rest (all when there are fewer), taken off it. */
static struct rect rect_take_top(struct rect *rest, int rows)
{
	struct rect taken = *rest;

	taken.rows = larger(0, smaller(rows, rest->rows));
	rest->y += taken.rows;
	rest->rows -= taken.rows;
	return taken;
}

static struct rect rect_take_bottom(struct rect *rest, int rows)
{
	struct rect taken = *rest;

	taken.rows = larger(0, smaller(rows, rest->rows));
	rest->rows -= taken.rows;
	taken.y += rest->rows;
	return taken;
}

static struct rect rect_take_left(struct rect *rest, int columns)
{
	struct rect taken = *rest;

	taken.columns = larger(0, smaller(columns, rest->columns));
	rest->x += taken.columns;
	rest->columns -= taken.columns;
	return taken;
}

struct layout_frame layout_frame(int rows, int columns)
{
	struct rect rest = {0, 0, smaller(rows, LAYOUT_SIZE_MAX), smaller(columns, LAYOUT_SIZE_MAX)};
	struct layout_frame frame = {0};

	if (rows < LAYOUT_ROWS_MIN || columns < LAYOUT_COLUMNS_MIN) {
		frame.too_small = true;
		return frame;
	}
	frame.tabs = rect_take_top(&rest, 1);
	frame.footer = rect_take_bottom(&rest, 1);
	frame.message = rect_take_bottom(&rest, 1);
	frame.body = rest;
	return frame;
}

void layout_take_strip(struct layout_frame *frame, int wanted)
{
	const int rows = smaller(wanted, frame->body.rows - LAYOUT_BODY_MIN);

	if (!frame->too_small && rows > 1)
		frame->strip = rect_take_bottom(&frame->body, rows);
}

struct layout_frame layout_presented(int rows, int columns)
{
	struct layout_frame frame = layout_frame(rows, columns);

	if (frame.too_small)
		return frame;
	frame.body = (struct rect){0, 0, frame.message.y, frame.message.columns};
	frame.tabs = (struct rect){0};
	return frame;
}

/* Rows for the notes, with their title: what is left where all labels are shown and the lengths have a fair height. */
static int note_rows(struct rect rest, int label_count, int note_count)
{
	const bool beside = rest.columns >= LAYOUT_DATA_BESIDE;
	const int labels = larger(label_count, 3) + 1, lengths = beside ? 7 : 6;
	const int left = rest.rows - (beside ? larger(labels, lengths) : labels + lengths);

	return note_count > 0 && left >= 2 ? smaller(left, note_count + 1) : 0;
}

struct layout_data layout_data(struct rect body, int column_count, int label_count, int note_count)
{
	struct layout_data data;
	struct rect rest = body;

	data.facts = rect_take_top(&rest, body.rows < 16 ? 4 : 5);
	data.columns = rect_take_top(&rest, smaller(column_count + 2, larger(3, rest.rows / 2)));
	data.notes = rect_take_bottom(&rest, note_rows(rest, label_count, note_count));
	if (rest.columns >= LAYOUT_DATA_BESIDE) {
		data.labels = rect_take_left(&rest, rest.columns / 2);
		rest.x += 1;
		rest.columns -= 1;
		data.lengths = rest;
	} else {
		data.labels = rect_take_top(&rest, larger(rest.rows / 2, smaller(rest.rows, 4)));
		data.lengths = rest;
	}
	return data;
}

struct layout_reviews layout_reviews(struct rect body, int label_count, bool whole)
{
	struct layout_reviews reviews;
	struct rect rest = body;
	const int detail = whole ? rest.rows : larger(3, rest.rows * 2 / 5);
	struct rect below = rect_take_bottom(&rest, detail);

	reviews.summary = rect_take_top(&rest, rest.rows > 4 ? 1 : 0);
	reviews.header = rect_take_top(&rest, 1);
	reviews.table = rest;
	reviews.rule = rect_take_top(&below, 1);
	reviews.scores = rect_take_top(&below, smaller(larger(1, label_count), larger(1, below.rows / 3)));
	reviews.text = below;
	return reviews;
}

struct layout_form layout_form(struct rect body)
{
	struct layout_form form;
	struct rect rest = body;

	form.title = rect_take_top(&rest, 1);
	form.estimate = rect_take_bottom(&rest, 1);
	form.help = rect_take_bottom(&rest, rest.rows > 8 ? 2 : 1);
	form.fields = rest;
	return form;
}

/* The preview gives up its rows first, down to the names of the columns and two of the file. */
struct layout_dialect layout_dialect(struct rect body, int fields)
{
	struct layout_dialect dialect;
	struct rect rest = body;
	int left;

	dialect.title = rect_take_top(&rest, 1);
	left = rest.rows - (rest.rows > 8 ? 3 : 2);
	dialect.fields = rect_take_top(&rest, left >= fields + 3 ? fields : left >= 7 ? left - 3 : larger(0, left));
	dialect.help = rect_take_top(&rest, larger(1, smaller(2, rest.rows - 1 - (left >= 7 ? 3 : 0))));
	dialect.told = rect_take_top(&rest, 1);
	dialect.preview = rest;
	return dialect;
}

/* As many rows and columns of charts as are large enough to be read, and no more than are needed. */
static void chart_grid(struct rect rest, int count, int *rows, int *columns)
{
	*columns = larger(1, smaller(smaller(rest.columns / LAYOUT_CHART_COLUMNS, 3), count));
	*rows = larger(1, smaller(smaller(rest.rows / LAYOUT_CHART_ROWS, 3), (count + *columns - 1) / *columns));
	*columns = larger(1, smaller(*columns, (count + *rows - 1) / *rows));
}

struct layout_run layout_run(struct rect body, int count)
{
	struct layout_run run = {0};
	struct rect rest = body;
	int rows, columns;

	run.summary = rect_take_top(&rest, rest.rows > 12 ? 3 : 2);
	run.event = rect_take_bottom(&rest, 1);
	run.rest = rest;
	chart_grid(rest, count, &rows, &columns);
	for (int row = 0; row < rows; row++) {
		struct rect line = rect_take_top(&rest, rest.rows / (rows - row));

		for (int column = 0; column < columns && run.shown < count; column++)
			run.charts[run.shown++] = rect_take_left(&line, line.columns / (columns - column));
	}
	return run;
}

struct layout_run layout_run_presented(struct rect body)
{
	struct layout_run run = {.shown = 1};
	struct rect rest = body;

	run.summary = rect_take_top(&rest, 1);
	run.event = rect_take_bottom(&rest, 1);
	run.rest = run.charts[0] = rest;
	return run;
}

struct layout_score layout_score(struct rect body, int label_count)
{
	struct layout_score score;
	struct rect rest = body;

	score.title = rect_take_top(&rest, 1);
	score.text = rect_take_top(&rest, larger(1, smaller(rest.rows / 3, 8)));
	score.facts = rect_take_top(&rest, 1);
	score.bars = rect_take_top(&rest, smaller(larger(1, label_count), larger(1, rest.rows - 4)));
	score.rule = rect_take_top(&rest, 1);
	score.list = rest;
	return score;
}

struct layout_score layout_score_presented(struct rect body)
{
	struct layout_score score = {0};
	struct rect rest = body;

	rect_take_top(&rest, 1);
	score.text = rect_take_top(&rest, larger(1, rest.rows / 3));
	rect_take_top(&rest, 1);
	score.bars = rest;
	return score;
}
