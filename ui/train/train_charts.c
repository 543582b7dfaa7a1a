/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/train/train_charts.h"

#include "ui/charts/chart_mouse.h"
#include "ui/charts/chart_table.h"
#include "ui/charts/crosshair.h"
#include "ui/charts/probe_list.h"
#include "ui/train/train_report.h"
#include "ui/train/train_summary.h"

#include <math.h>
#include <stdlib.h>

#define MARKS_SHARE 3 /* marks of a kind are left out where more than one column in so many would have one */
#define LEGEND_ROWS_MIN 9 /* with fewer a chart that has all the room has no row for what its marks are */

/* Marks */

struct marks {
	struct chart_mark *list;
	size_t count;
};

static void add_mark(struct marks *marks, double x, enum run_mark_kind kind)
{
	marks->list[marks->count++] = (struct chart_mark){x, run_mark_letter(kind), kind == RUN_MARK_BAD};
}

static bool is_in(struct window_range range, double x)
{
	return x >= range.low && x <= range.high;
}

/* Those of one kind, unless they would stand too close to tell one from another. */
static void add_kind(const struct run_charts *charts, const struct run *run, struct window_range range, int columns,
                     enum run_mark_kind kind, struct marks *marks)
{
	const size_t before = marks->count;

	for (size_t i = 0; i < charts->marks.count; i++) {
		const struct run_mark *mark = &charts->marks.marks[i];

		if (mark->kind != kind)
			continue;
		const double x = curve_x_of_step(run, charts->axis, mark->step);
		if (is_in(range, x))
			add_mark(marks, x, kind);
	}
	if (kind != RUN_MARK_BAD && marks->count - before > (size_t)columns / MARKS_SHARE)
		marks->count = before;
}

static size_t count_epochs(const struct run *run)
{
	const uint64_t each = run_steps_per_epoch(run);

	return each > 0 ? (size_t)(run_total_steps(run) / each) : 0;
}

static void add_epochs(const struct run_charts *charts, const struct run *run, struct window_range range, int columns,
                       struct marks *marks)
{
	const uint64_t each = run_steps_per_epoch(run);
	const double shown = (range.high - range.low) / fmax(1e-9, run_charts_limit(run, charts->axis)) * (double)count_epochs(run);
	size_t points;
	const struct run_point *point = run_points(run, &points);

	if (points == 0 || (charts->axis != MEASURE_AGAINST_TIME && shown > columns / MARKS_SHARE) ||
	    count_epochs(run) > 10000)
		return;
	for (uint64_t step = each; step < point[points - 1].step && each > 0; step += each) {
		const double x = curve_x_of_step(run, charts->axis, step);

		if (is_in(range, x))
			add_mark(marks, x, RUN_MARK_EPOCH);
	}
}

/* NULL with a count of 0 where there is no memory for them. */
static struct marks find_marks(struct run_charts *charts, const struct run *run, struct window_range range, int columns)
{
	struct marks marks = {NULL, 0};

	run_marks_update(&charts->marks, run);
	if (charts->axis < MEASURE_COUNT)
		return marks;
	marks.list = calloc(charts->marks.count + count_epochs(run) + 1, sizeof *marks.list);
	if (!marks.list)
		return marks;
	add_epochs(charts, run, range, columns, &marks);
	for (int kind = RUN_MARK_EPOCH + 1; kind < RUN_MARK_KINDS; kind++)
		add_kind(charts, run, range, columns, (enum run_mark_kind)kind, &marks);
	return marks;
}

static bool has_letter(const struct marks *marks, char letter)
{
	for (size_t i = 0; i < marks->count; i++)
		if (marks->list[i].letter == letter)
			return true;
	return false;
}

/* Whether the best value of its own curves is in sight. */
static bool shows_best(const struct run_charts *charts, int metric)
{
	const struct chart *chart = &charts->charts[metric];

	for (int i = SERIES_STEPS; i < SERIES_OVERLAYS; i++) {
		double x;

		if (chart->series[i].seen == 0 || chart->series[i].best >= chart->series[i].seen)
			continue;
		curve_at(&charts->curves[metric][i], chart->series[i].best, &x);
		if (chart_column_of(chart, x) >= 0)
			return true;
	}
	return false;
}

/* What the letters mean that stand below a chart, in the row under it. */
static void draw_legend(struct terminal *terminal, struct rect rect, const struct marks *marks, bool best)
{
	int column = 1;

	for (int kind = 0; kind < RUN_MARK_KINDS; kind++) {
		const char letter = run_mark_letter((enum run_mark_kind)kind);

		if (has_letter(marks, letter))
			column += 2 + draw_format(terminal, rect, 0, column, STYLE_DIM, "%c %s", letter,
			                          run_mark_name((enum run_mark_kind)kind));
	}
	if (best)
		draw_text(terminal, rect, 0, column, "* best", STYLE_DIM);
}

/* Drawing */

static void draw_one(struct app *app, struct run_charts *charts, struct rect rect, int metric, struct window_range range,
                     const struct marks *marks)
{
	struct chart *chart = &charts->charts[metric];
	struct chart_frame *frame = calloc(1, sizeof *frame);

	if (!frame)
		return;
	run_charts_frame(charts, app->session.run, metric, frame);
	if (chart->glyphs != terminal_chart_glyphs(app->terminal))
		chart_reset(chart);
	chart->glyphs = terminal_chart_glyphs(app->terminal);
	chart->rule = measures[metric].rule;
	chart->y.unit = measures[metric].unit;
	run_charts_set_x(charts, chart, frame, range);
	frame->marks = marks->list;
	frame->mark_count = marks->count;
	frame->heavy = app->presenting;
	draw_chart(app->terminal, rect, chart, frame);
	free(frame);
}

/* Which of them stand there. Returns the first one's place in the list. */
static int first_shown(const struct run_charts *charts, const struct layout_run *layout, const int *list, int count)
{
	int focus = 0;

	for (int i = 0; i < count; i++)
		if (list[i] == charts->focus)
			focus = i;
	return focus / layout->shown * layout->shown;
}

static void draw_none(struct app *app, struct rect rect)
{
	draw_text(app->terminal, rect, 1, 2, "all charts are hidden: :unhide shows them again", STYLE_DIM);
}

static void draw_charts(struct app *app, struct run_charts *charts, const struct layout_run *layout, const int *list, int count)
{
	const struct run *run = app->session.run;
	const struct window_data data = run_charts_extent(charts, run);
	const struct window_range range = window_range(&charts->window, &data);
	struct marks marks;
	int first;

	if (count == 0) {
		draw_none(app, layout->rest);
		return;
	}
	first = first_shown(charts, layout, list, count);
	marks = find_marks(charts, run, range, draw_chart_columns(layout->charts[0]));
	for (int i = 0; i < layout->shown && first + i < count; i++) {
		struct rect rect = layout->charts[i];
		const bool explained = charts->large && !app->presenting && rect.rows >= LEGEND_ROWS_MIN;

		if (charts->large && list[first + i] == MEASURE_PROBES)
			rect = probe_list_draw(app->terminal, rect, run);
		if (explained)
			rect.rows--;
		draw_one(app, charts, rect, list[first + i], range, &marks);
		if (explained)
			draw_legend(app->terminal, (struct rect){rect.y + rect.rows, rect.x, 1, rect.columns}, &marks,
			            shows_best(charts, list[first + i]));
	}
	draw_range(app->terminal, layout->summary, 0, 40, (uint64_t)first, (uint64_t)count, layout->shown);
	free(marks.list);
}

/* The chosen chart has all the room. */
static bool shows_one(const struct app *app, const struct run_charts *charts)
{
	return charts->large || app->presenting;
}

static struct layout_run charts_layout(const struct app *app, struct rect body, int count)
{
	return app->presenting ? layout_run_presented(body) : layout_run(body, count);
}

/* In the place of the charts: where somebody asks for it, and as long as there is nothing to be drawn. */
static bool draw_page(struct app *app, const struct run_charts *charts, struct rect rect)
{
	const struct run *run = app->session.run;
	size_t points, evaluations;

	run_points(run, &points);
	run_evaluations(run, &evaluations);
	if (charts->page == CHARTS_PAGE_TABLE) {
		chart_table_draw(app->terminal, rect, run, app->session.run_path, &charts->overlays);
		return true;
	}
	return (charts->page == CHARTS_PAGE_REPORT || points + evaluations == 0) && train_report_draw(app->terminal, rect, run);
}

void train_charts_draw(struct app *app, struct run_charts *charts, struct rect body)
{
	const struct run *run = app->session.run;
	int list[MEASURE_COUNT], count = run ? run_charts_list(charts, run, list) : 0;
	const int alone = shows_one(app, charts) && count > 0 ? 1 : count;
	const struct layout_run layout = charts_layout(app, body, alone);
	char readout[512];

	train_summary_draw(app, layout.summary, run ? run_charts_point(charts, run) : NULL, charts->left);
	if (!run)
		return;
	if (!draw_page(app, charts, layout.rest))
		draw_charts(app, charts, &layout, alone == 1 ? &charts->focus : list, alone);
	if (charts->crossed && charts->page == CHARTS_PAGE) {
		crosshair_format(charts, run, layout.event.columns - 1, readout, sizeof readout);
		draw_cut(app->terminal, layout.event, 0, 1, readout, "", STYLE_NORMAL);
	} else {
		app_draw_message(app, layout.event, 0, 1, run_message(run), STYLE_DIM);
	}
}

bool train_charts_mouse(const struct app *app, struct run_charts *charts, struct rect body, enum mouse_deed deed, int y, int x)
{
	const struct run *run = app->session.run;
	int list[MEASURE_COUNT], count = run && charts->page == CHARTS_PAGE ? run_charts_list(charts, run, list) : 0, first;
	struct layout_run layout;

	if (count == 0)
		return false;
	if (shows_one(app, charts)) {
		list[0] = charts->focus;
		count = 1;
	}
	layout = charts_layout(app, body, count);
	first = first_shown(charts, &layout, list, count);
	for (int i = 0; i < layout.shown && first + i < count; i++) {
		const struct rect rect = layout.charts[i];

		if (y >= rect.y && y < rect.y + rect.rows && x >= rect.x && x < rect.x + rect.columns) {
			chart_mouse(charts, run, list[first + i], rect, deed, x);
			return true;
		}
	}
	return false;
}
