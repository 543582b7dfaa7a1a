/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The charts of a run: which of its metrics are drawn, against what, how large, and what is read off them. */
#ifndef REVUE_UI_RUN_CHARTS_H
#define REVUE_UI_RUN_CHARTS_H

#include "ui/charts/chart_data.h"
#include "ui/charts/chart_draw.h"
#include "ui/charts/measure.h"
#include "ui/charts/overlays.h"
#include "ui/charts/run_marks.h"
#include "ui/charts/window.h"

#define CHARTS_SMOOTHING 0.9 /* as long as nothing else is said */

enum charts_page {
	CHARTS_PAGE,        /* the charts */
	CHARTS_PAGE_REPORT, /* the report before the first step in their place */
	CHARTS_PAGE_TABLE,  /* the final numbers of the runs */
};

/* Series of each chart: of the run itself, then of those laid over it, two each. */
enum { SERIES_STEPS, SERIES_EVALUATIONS, SERIES_OVERLAYS, SERIES_LEVEL = SERIES_OVERLAYS + 2 * OVERLAYS_MAX };

/* What a linear model on words reaches (run_baseline), as a line as long as the run. */
struct level {
	struct curve along; /* whose x it has */
	double value;
};

/* Start with run_charts_init. */
struct run_charts {
	enum charts_page page;
	int axis;         /* of enum measure_axis, or a metric */
	double smoothing;
	struct window window;
	bool crossed;     /* the crosshair stands at step `cross` */
	uint64_t cross;
	int focus;        /* metric */
	bool held;        /* a mouse button was pressed in column `held_x` of the screen and not let go */
	int held_x;
	bool large;       /* the focused one alone */
	bool hidden[MEASURE_COUNT];
	struct chart charts[MEASURE_COUNT];
	struct curve curves[MEASURE_COUNT][CHART_SERIES];
	struct level levels[MEASURE_COUNT];
	struct run_marks marks;
	struct overlays overlays;
	struct job *saving; /* of the chart's data */
	double told_at;     /* when the figures in words were last brought up to date, and with how many points */
	size_t told;
	double left;        /* seconds; < 0: not known */
};

void run_charts_init(struct run_charts *charts);
void run_charts_reset(struct run_charts *charts); /* another run */
void run_charts_free(struct run_charts *charts);

/* The figures in words move once a second at most, so that they neither flicker nor cost a slow line more than the charts;
 * `now` (clock_seconds), or at once where `calm`: no more comes soon. */
void run_charts_settle(struct run_charts *charts, const struct run *run, double now, bool calm);

/* Some figures are older than a second. */
bool run_charts_is_late(const struct run_charts *charts, const struct run *run, double now);

/* The last point that they tell of; NULL: there is none. */
const struct run_point *run_charts_point(const struct run_charts *charts, const struct run *run);

/* The metrics that are shown, in their order; returns how many. */
int run_charts_list(const struct run_charts *charts, const struct run *run, int list[MEASURE_COUNT]);

/* Whether a metric is measured, or will be. */
bool run_charts_offers(const struct run *run, int metric);

/* Which chart draws it: its own, or, of what the best model goes by, that of the figure that this is. */
int run_charts_drawn_as(const struct run *run, int metric);

/* What there is to see along the x axis. */
struct window_data run_charts_extent(const struct run_charts *charts, const struct run *run);

/* What is to be drawn of a metric, but for marks and the range along the bottom. The frame is of the charts until the next
 * one of this metric is made. */
void run_charts_frame(struct run_charts *charts, const struct run *run, int metric, struct chart_frame *frame);

/* The range along the bottom of it, by the window or by the values of a metric. */
void run_charts_set_x(const struct run_charts *charts, struct chart *chart, const struct chart_frame *frame,
                      struct window_range range);

/* Where the axis of a run ends when it is over; 0: not known. */
double run_charts_limit(const struct run *run, int axis);

/* "0.4312", "1.1 GB". */
void run_charts_format(int metric, double value, char *out, size_t capacity);

/* The curve of a metric that the crosshair goes along. */
struct curve run_charts_main_curve(const struct run_charts *charts, const struct run *run, int metric);

#endif
