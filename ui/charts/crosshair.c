/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/charts/crosshair.h"

#include "engine/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The dot column of a point; -1: out of sight. */
static int column_of(const struct run_charts *charts, const struct curve *curve, size_t index)
{
	double x;

	curve_at(curve, index, &x);
	return isfinite(x) ? chart_dot_column(&charts->charts[charts->focus], x) : -1;
}

static bool place(struct run_charts *charts, const struct run *run, const struct curve *curve, size_t index)
{
	const struct window_data data = run_charts_extent(charts, run);
	double x;

	charts->crossed = true;
	charts->cross = curve_step(curve, index);
	curve_at(curve, index, &x);
	if (!curve_is_scattered(curve))
		window_show(&charts->window, &data, x);
	return true;
}

/* The last point in sight, or the first one. */
static size_t edge(const struct run_charts *charts, const struct curve *curve, int direction)
{
	const size_t count = curve_count(curve);

	for (size_t i = 0; i < count; i++) {
		const size_t index = direction < 0 ? count - 1 - i : i;

		if (column_of(charts, curve, index) >= 0)
			return index;
	}
	return count > 0 ? count - 1 : MEASURE_NONE;
}

bool crosshair_move(struct run_charts *charts, const struct run *run, int direction)
{
	const struct curve curve = run_charts_main_curve(charts, run, charts->focus);
	const size_t count = curve_count(&curve);
	size_t index = charts->crossed ? curve_find(&curve, charts->cross) : MEASURE_NONE;
	int column;

	if (index == MEASURE_NONE) {
		index = edge(charts, &curve, direction);
		return index != MEASURE_NONE && place(charts, run, &curve, index);
	}
	column = column_of(charts, &curve, index);
	do {
		if (direction < 0 ? index == 0 : index + 1 >= count)
			return false;
		index = direction < 0 ? index - 1 : index + 1;
	} while (!curve_is_scattered(&curve) && column >= 0 && column_of(charts, &curve, index) == column);
	return place(charts, run, &curve, index);
}

bool crosshair_go(struct run_charts *charts, const struct run *run, uint64_t step)
{
	const struct curve curve = run_charts_main_curve(charts, run, charts->focus);
	const size_t index = curve_find(&curve, step);

	return index != MEASURE_NONE && place(charts, run, &curve, index);
}

bool crosshair_go_near(struct run_charts *charts, const struct run *run, double x)
{
	const struct curve curve = run_charts_main_curve(charts, run, charts->focus);
	const size_t count = curve_count(&curve);
	double best = INFINITY;
	size_t nearest = MEASURE_NONE;

	for (size_t i = 0; i < count; i++) {
		double at;

		curve_at(&curve, i, &at);
		if (fabs(at - x) < best) {
			best = fabs(at - x);
			nearest = i;
		}
	}
	return nearest != MEASURE_NONE && place(charts, run, &curve, nearest);
}

/* Reading */

struct crosshair_parts {
	char point[128], smoothed[64], bucket[128], evaluation[128], marks[128];
};

struct bucket {
	size_t first, last;
	double least, greatest;
};

/* The points that share a dot column with this one. */
static struct bucket bucket_of(const struct run_charts *charts, const struct curve *curve, size_t index)
{
	const int column = column_of(charts, curve, index);
	const size_t count = curve_count(curve);
	struct bucket bucket = {index, index, INFINITY, -INFINITY};

	while (!curve_is_scattered(curve) && column >= 0 && bucket.first > 0 &&
	       column_of(charts, curve, bucket.first - 1) == column)
		bucket.first--;
	while (!curve_is_scattered(curve) && column >= 0 && bucket.last + 1 < count &&
	       column_of(charts, curve, bucket.last + 1) == column)
		bucket.last++;
	for (size_t i = bucket.first; i <= bucket.last; i++) {
		double x, y = curve_at(curve, i, &x);

		bucket.least = isfinite(y) ? fmin(bucket.least, y) : bucket.least;
		bucket.greatest = isfinite(y) ? fmax(bucket.greatest, y) : bucket.greatest;
	}
	return bucket;
}

static void add_bucket(const struct run_charts *charts, const struct curve *curve, size_t index, char *out, size_t capacity)
{
	const struct bucket bucket = bucket_of(charts, curve, index);
	char least[32], greatest[32];

	if (bucket.first == bucket.last || bucket.least > bucket.greatest)
		return;
	run_charts_format(curve->metric, bucket.least, least, sizeof least);
	run_charts_format(curve->metric, bucket.greatest, greatest, sizeof greatest);
	snprintf(out, capacity, "  %s to %s of %s", least, greatest,
	                        words_count(bucket.last - bucket.first + 1).text);
}

/* "  valid 0.4412 at 1,000" */
static void add_evaluation(const struct run_charts *charts, const struct run *run, char *out, size_t capacity)
{
	const struct curve curve = {run, charts->focus, charts->axis, true, 0};
	const size_t index = curve_exists(&curve) ? curve_find(&curve, charts->cross) : MEASURE_NONE;
	char value[32];
	double x;

	if (index == MEASURE_NONE)
		return;
	run_charts_format(charts->focus, curve_at(&curve, index, &x), value, sizeof value);
	snprintf(out, capacity, "  valid %s at %s", value, words_count(curve_step(&curve, index)).text);
}

/* "  checkpoint": what has a mark in the same column. */
static void add_marks(const struct run_charts *charts, const struct run *run, double x, char *out, size_t capacity)
{
	const struct chart *chart = &charts->charts[charts->focus];
	const int column = chart_column_of(chart, x);
	bool said[RUN_MARK_KINDS] = {false};
	size_t used = 0;

	for (size_t i = 0; column >= 0 && i < charts->marks.count; i++) {
		const struct run_mark *mark = &charts->marks.marks[i];

		if (said[mark->kind] || chart_column_of(chart, curve_x_of_step(run, charts->axis, mark->step)) != column)
			continue;
		said[mark->kind] = true;
		if (used < capacity)
			used += (size_t)snprintf(out + used, capacity - used, "  %s", run_mark_name(mark->kind));
	}
}

/* "  smoothed 0.3302" */
static void add_smoothed(const struct run_charts *charts, size_t index, char *out, size_t capacity)
{
	const double smoothed = chart_smoothed(&charts->charts[charts->focus], SERIES_STEPS, index);
	char value[32];

	if (!isfinite(smoothed))
		return;
	run_charts_format(charts->focus, smoothed, value, sizeof value);
	snprintf(out, capacity, "  smoothed %s", value);
}

/* The parts in their order. Where they do not fit what is smoothed, which the title of the chart tells too, is left out, and then
 * the points beside this one. */
static void join(const struct crosshair_parts *parts, int columns, char *out, size_t capacity)
{
	const size_t size = strlen(parts->point) + strlen(parts->bucket) + strlen(parts->evaluation) + strlen(parts->marks);
	const bool fits = columns == 0 || size + strlen(parts->smoothed) <= (size_t)columns;

	snprintf(out, capacity, "%s%s%s%s%s", parts->point, fits ? parts->smoothed : "",
	         fits || size <= (size_t)columns ? parts->bucket : "", parts->evaluation, parts->marks);
}

void crosshair_format(const struct run_charts *charts, const struct run *run, int columns, char *out, size_t capacity)
{
	struct crosshair_parts parts = {0};
	const struct curve curve = run_charts_main_curve(charts, run, charts->focus);
	const size_t index = curve_find(&curve, charts->cross);
	char value[32];
	double x;

	out[0] = '\0';
	if (index == MEASURE_NONE)
		return;
	run_charts_format(charts->focus, curve_at(&curve, index, &x), value, sizeof value);
	snprintf(parts.point, sizeof parts.point, "step %s  %s %s", words_count(curve_step(&curve, index)).text,
	                        measures[charts->focus].name, value);
	if (!curve.evaluated) {
		add_smoothed(charts, index, parts.smoothed, sizeof parts.smoothed);
		add_evaluation(charts, run, parts.evaluation, sizeof parts.evaluation);
	}
	add_bucket(charts, &curve, index, parts.bucket, sizeof parts.bucket);
	if (!curve_is_scattered(&curve))
		add_marks(charts, run, x, parts.marks, sizeof parts.marks);
	join(&parts, columns, out, capacity);
}
