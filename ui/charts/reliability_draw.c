/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/charts/reliability_draw.h"

#include "ui/charts/chart_draw.h"
#include "ui/charts/reliability.h"

#include <math.h>
#include <stdlib.h>

#define MARGIN 11      /* of the columns of a chart, those that have no points */
#define ROWS_ABOVE 7   /* of the rows of both charts, those that have no points of the curve, about */
#define BARS_SHARE 4   /* one row in so many is for the bars */
#define BARS_ROWS_MIN 3

int reliability_columns(int rows, int columns)
{
	const int wanted = MARGIN + 5 * (rows - ROWS_ABOVE) / 2, most = wanted < columns ? wanted : columns;

	return most < RELIABILITY_COLUMNS_MIN ? RELIABILITY_COLUMNS_MIN : most;
}

static struct chart chart_of(const struct terminal *terminal, double span)
{
	return (struct chart){.glyphs = terminal_chart_glyphs(terminal), .rule = {span, 0, 0, 1}, .x = {.low = 0, .high = 1}};
}

static struct chart_source source_of(const struct reliability_point *points, size_t count)
{
	return (struct chart_source){.points = points, .count = count, .at = reliability_at};
}

/* Where the chosen bin is: at its point, or in its middle where it has none. */
static double place_of(const struct calibration_bin bins[CALIBRATION_BINS], int chosen)
{
	if (chosen < 0 || chosen >= CALIBRATION_BINS)
		return NAN;
	return bins[chosen].rows > 0 ? bins[chosen].confidence : (chosen + 0.5) / CALIBRATION_BINS;
}

static void draw_curve(struct terminal *terminal, struct rect rect, struct chart_frame *frame,
                       const struct calibration_bin bins[CALIBRATION_BINS], double error)
{
	struct reliability_point points[CALIBRATION_BINS], ideal[RELIABILITY_IDEAL];
	struct chart chart = chart_of(terminal, 1);
	char title[48];

	snprintf(title, sizeof title, "ECE %.4f", error);
	frame->title = title;
	frame->axis = "sure";
	frame->sources[0] = source_of(points, reliability_curve(bins, points));
	frame->sources[0].mark = 'o';
	frame->styles[0] = STYLE_FIRST;
	snprintf(frame->legend[0], sizeof frame->legend[0], "o right");
	reliability_ideal(ideal);
	frame->sources[1] = source_of(ideal, RELIABILITY_IDEAL);
	frame->sources[1].scattered = true;
	frame->styles[1] = STYLE_DIM;
	snprintf(frame->legend[1], sizeof frame->legend[1], "... ideal");
	draw_chart(terminal, rect, &chart, frame);
	chart_free(&chart);
}

static void draw_bars(struct terminal *terminal, struct rect rect, struct chart_frame *frame,
                      const struct calibration_bin bins[CALIBRATION_BINS])
{
	struct chart chart = chart_of(terminal, 0.05);
	const int dots = draw_chart_columns(rect) * dots_across(chart.glyphs);
	struct reliability_point *points = calloc(2 * (size_t)(dots > 0 ? dots : 1), sizeof *points);

	if (!points)
		return;
	reliability_bars(bins, dots > 0 ? dots : 0, points);
	frame->title = "Share of the reviews";
	frame->axis = "sure";
	frame->sources[0] = source_of(points, 2 * (size_t)(dots > 0 ? dots : 0));
	frame->styles[0] = STYLE_SECOND;
	draw_chart(terminal, rect, &chart, frame);
	chart_free(&chart);
	free(points);
}

void reliability_draw(struct terminal *terminal, struct rect rect, const struct calibration_bin bins[CALIBRATION_BINS], double error,
                      int chosen)
{
	struct rect curve = rect, bars = rect;
	struct chart_frame *frames = calloc(2, sizeof *frames);

	if (!frames)
		return;
	bars.rows = rect.rows / BARS_SHARE > BARS_ROWS_MIN ? rect.rows / BARS_SHARE : BARS_ROWS_MIN;
	curve.rows = rect.rows - bars.rows;
	bars.y = rect.y + curve.rows;
	frames[0].cross = frames[1].cross = place_of(bins, chosen);
	draw_curve(terminal, curve, &frames[0], bins, error);
	draw_bars(terminal, bars, &frames[1], bins);
	free(frames);
}
