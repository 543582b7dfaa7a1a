/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/charts/run_charts.h"

#include "engine/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TOLD_SECONDS 1.0

void run_charts_init(struct run_charts *charts)
{
	*charts = (struct run_charts){.axis = MEASURE_AGAINST_STEP, .smoothing = CHARTS_SMOOTHING};
	charts->overlays.baseline = -1;
}

void run_charts_reset(struct run_charts *charts)
{
	charts->page = CHARTS_PAGE;
	charts->told = 0;
	charts->window = (struct window){0};
	charts->crossed = false;
	run_marks_free(&charts->marks);
	for (int i = 0; i < MEASURE_COUNT; i++)
		chart_reset(&charts->charts[i]);
}

void run_charts_free(struct run_charts *charts)
{
	overlays_clear(&charts->overlays);
	job_let_go(&charts->saving);
	run_marks_free(&charts->marks);
	for (int i = 0; i < MEASURE_COUNT; i++)
		chart_free(&charts->charts[i]);
}

/* The figures */

void run_charts_settle(struct run_charts *charts, const struct run *run, double now, bool calm)
{
	size_t count;

	run_points(run, &count);
	if (!calm && run_state(run) == RUN_LIVE && count >= charts->told && charts->told > 0 && now - charts->told_at < TOLD_SECONDS)
		return;
	if (charts->told != count)
		charts->told_at = now;
	charts->told = count;
	charts->left = run_seconds_left(run);
}

bool run_charts_is_late(const struct run_charts *charts, const struct run *run, double now)
{
	size_t count;

	run_points(run, &count);
	return count != charts->told && now - charts->told_at >= TOLD_SECONDS;
}

const struct run_point *run_charts_point(const struct run_charts *charts, const struct run *run)
{
	size_t count;
	const struct run_point *points = run_points(run, &count);
	const size_t told = charts->told < count ? charts->told : count;

	return told > 0 ? &points[told - 1] : NULL;
}

/* Which there are */

static bool is_measured(const struct run *run, int metric)
{
	return curve_exists(&(struct curve){run, metric, MEASURE_AGAINST_STEP, false, 0}) ||
	       curve_exists(&(struct curve){run, metric, MEASURE_AGAINST_STEP, true, 0});
}

bool run_charts_offers(const struct run *run, int metric)
{
	if (is_measured(run, metric) || metric == MEASURE_LOSS)
		return true;
	if (metric >= MEASURE_MEMORY || run_state(run) > RUN_PAUSED)
		return false;
	return measures[metric].evaluation == MEASURE_NONE || run_measures(run);
}

static bool has_same_figures(const struct run *run, size_t a, size_t b)
{
	size_t count;
	const struct run_evaluation *evaluations = run_evaluations(run, &count);
	bool same = true;

	for (size_t i = 0; same && i < count; i++)
		same = memcmp((const char *)&evaluations[i] + a, (const char *)&evaluations[i] + b, sizeof(double)) == 0;
	return same;
}

static bool is_named(int metric, const char *name)
{
	return strcmp(measures[metric].name, name) == 0 ||
	       (strncmp(name, "eval_", 5) == 0 && strcmp(measures[metric].name, name + 5) == 0);
}

/* A loss with weights of labels, say, is another one than that which the losses' chart has of the held-out rows. */
int run_charts_drawn_as(const struct run *run, int metric)
{
	const char *name = run_options(run)->metric_for_best_model;

	for (int i = 0; metric == MEASURE_BEST && i < MEASURE_COUNT; i++)
		if (i != MEASURE_BEST && measures[i].evaluation != MEASURE_NONE && is_named(i, *name ? name : "loss") &&
		    has_same_figures(run, measures[i].evaluation, measures[metric].evaluation))
			return i;
	return metric;
}

int run_charts_list(const struct run_charts *charts, const struct run *run, int list[MEASURE_COUNT])
{
	int count = 0;

	for (int i = 0; i < MEASURE_COUNT; i++)
		if (!charts->hidden[i] && run_charts_offers(run, i) && run_charts_drawn_as(run, i) == i)
			list[count++] = i;
	return count;
}

/* The x axis */

static double last_x(const struct run *run, int axis)
{
	size_t points, evaluations;
	const struct run_point *point = run_points(run, &points);
	double last = 0, x;

	run_evaluations(run, &evaluations);
	if (points > 0)
		last = curve_x_of_step(run, axis, point[points - 1].step);
	if (evaluations > 0) {
		curve_at(&(struct curve){run, MEASURE_LOSS, axis, true, 0}, evaluations - 1, &x);
		last = fmax(last, x);
	}
	return last;
}

double run_charts_limit(const struct run *run, int axis)
{
	const double steps = (double)run_total_steps(run), each = (double)run_steps_per_epoch(run);

	return axis == MEASURE_AGAINST_STEP ? steps : axis == MEASURE_AGAINST_EPOCH && each > 0 ? steps / each : 0;
}

struct window_data run_charts_extent(const struct run_charts *charts, const struct run *run)
{
	struct window_data data = {.last = last_x(run, charts->axis), .limit = run_charts_limit(run, charts->axis),
	                           .live = run_state(run) <= RUN_PAUSED};

	for (int i = 0; i < OVERLAYS_MAX; i++) {
		const struct run *other = charts->overlays.runs[i].run;

		if (other) {
			data.last = fmax(data.last, last_x(other, charts->axis));
			data.limit = data.limit > 0 ? fmax(data.limit, run_charts_limit(other, charts->axis)) : 0;
		}
	}
	data.least = charts->axis == MEASURE_AGAINST_STEP ? 4 : data.last * 1e-5;
	return data;
}

/* A metric along the bottom shows what there is of it. */
static void fit_x(struct axis *axis, const struct chart_frame *frame, int metric)
{
	double least = INFINITY, greatest = -INFINITY;

	for (int i = 0; i < CHART_SERIES; i++) {
		for (size_t at = 0; frame->sources[i].points && at < frame->sources[i].count; at++) {
			double x;

			frame->sources[i].at(frame->sources[i].points, at, &x);
			least = isfinite(x) ? fmin(least, x) : least;
			greatest = isfinite(x) ? fmax(greatest, x) : greatest;
		}
	}
	axis->log = false;
	if (least <= greatest)
		axis_fit(axis, &measures[metric].rule, least, greatest);
}

void run_charts_set_x(const struct run_charts *charts, struct chart *chart, const struct chart_frame *frame,
                      struct window_range range)
{
	static const enum axis_unit units[] = {AXIS_PLAIN, AXIS_PLAIN, AXIS_SECONDS};

	if (charts->axis < MEASURE_COUNT) {
		chart->x.unit = measures[charts->axis].unit;
		fit_x(&chart->x, frame, charts->axis);
		return;
	}
	chart->x = (struct axis){.low = range.low, .high = range.high, .unit = units[charts->axis - MEASURE_AGAINST_STEP]};
}

/* A frame */

static void add_source(struct run_charts *charts, struct chart_frame *frame, int metric, int series, const struct run *run,
                       bool evaluated)
{
	struct curve *curve = &charts->curves[metric][series];
	const struct measure *row = &measures[metric];
	const bool own = series < SERIES_OVERLAYS;
	const int place = (series - SERIES_OVERLAYS) / 2;

	*curve = (struct curve){run, metric, charts->axis, evaluated, 0};
	frame->styles[series] = !own        ? (enum style)(STYLE_RUN + place % STYLE_RUNS)
	                        : evaluated ? STYLE_SECOND
	                                    : STYLE_FIRST;
	if (!curve_exists(curve))
		return;
	frame->sources[series] = (struct chart_source){
		.points = curve, .count = curve_count(curve), .at = curve_at,
		.mark = !own ? overlays_letter(place) : evaluated ? 'o' : 0,
		.letters = !evaluated || curve_count(curve) > 30,
		.scattered = curve_is_scattered(curve),
		.smoothing = !evaluated && row->smooths && !curve_is_scattered(curve) ? charts->smoothing : 0,
		.shaded = own,
		.better = own && evaluated ? row->better : 0,
	};
}

void run_charts_format(int metric, double value, char *out, size_t capacity)
{
	if (measures[metric].unit == AXIS_BYTES && value > 0)
		snprintf(out, capacity, "%s", words_bytes((uint64_t)fmin(value, 1e18)).text);
	else
		snprintf(out, capacity, fabs(value) < 1000 ? "%.4g" : "%.0f", value);
}

/* The last value, or that at the crosshair; of what is smoothed the smoothed one. */
static void set_legend(const struct run_charts *charts, struct chart_frame *frame, int metric, int series)
{
	const struct chart_source *source = &frame->sources[series];
	const struct curve *curve = &charts->curves[metric][series];
	size_t index = source->points && source->count > 0 ? source->count - 1 : MEASURE_NONE;
	const char *name = series == SERIES_EVALUATIONS ? "valid " : "train ";
	char value[32];
	double x, y;

	if (index != MEASURE_NONE && charts->crossed)
		index = curve_find(curve, charts->cross);
	else if (index != MEASURE_NONE && !curve->evaluated && run_charts_point(charts, curve->run))
		index = curve_find(curve, run_charts_point(charts, curve->run)->step);
	if (index == MEASURE_NONE || series >= SERIES_OVERLAYS)
		return;
	y = source->at(source->points, index, &x);
	if (source->smoothing > 0 && isfinite(chart_smoothed(&charts->charts[metric], series, index)))
		y = chart_smoothed(&charts->charts[metric], series, index);
	run_charts_format(metric, y, value, sizeof value);
	snprintf(frame->legend[series], sizeof frame->legend[series], "%s%s%s", series == SERIES_EVALUATIONS ? "o " : "",
	         is_measured(curve->run, metric) && frame->sources[SERIES_STEPS].points && frame->sources[SERIES_EVALUATIONS].points
	                 ? name
	                 : "",
	         value);
}

/* What an empty chart waits for. */
static void set_empty(struct chart_frame *frame, const struct run *run, int metric)
{
	const uint64_t first = run_first_evaluation(run);

	if (measures[metric].point != MEASURE_NONE)
		snprintf(frame->empty, sizeof frame->empty, "no step was logged yet");
	else if (first > 0)
		snprintf(frame->empty, sizeof frame->empty, "first evaluation: after step %s", words_count(first).text);
	else
		snprintf(frame->empty, sizeof frame->empty, "nothing is measured during this run");
}

static double level_at(const void *points, size_t index, double *x)
{
	const struct level *level = points;

	curve_at(&level->along, index, x);
	return level->value;
}

/* Where the report before the first step has it, and something runs along the bottom that every step has. */
static void add_level(struct run_charts *charts, struct chart_frame *frame, int metric, const struct run *run)
{
	struct level *level = &charts->levels[metric];
	struct run_baseline baseline;
	char value[32];

	if (charts->axis < MEASURE_COUNT || !run_baseline(run, &baseline))
		return;
	*level = (struct level){.along = {run, MEASURE_LOSS, charts->axis, false, 0},
	                        .value = metric == MEASURE_ACCURACY ? baseline.accuracy
	                                 : metric == MEASURE_F1     ? baseline.f1
	                                 : metric == MEASURE_LOSS   ? baseline.loss
	                                                            : (double)NAN};
	if (!isfinite(level->value))
		return;
	frame->sources[SERIES_LEVEL] = (struct chart_source){.points = level, .count = curve_count(&level->along), .at = level_at,
	                                                     .mark = 'w', .letters = true};
	frame->styles[SERIES_LEVEL] = STYLE_DIM;
	run_charts_format(metric, level->value, value, sizeof value);
	snprintf(frame->legend[SERIES_LEVEL], sizeof frame->legend[SERIES_LEVEL], "w words %s", value);
}

/* A line a sentence, each with its number; other runs have their own sentences. */
static void add_probes(struct run_charts *charts, struct chart_frame *frame, const struct run *run)
{
	for (int i = 0; i < RUN_PROBES_MAX; i++) {
		struct curve *curve = &charts->curves[MEASURE_PROBES][i];

		*curve = (struct curve){run, MEASURE_PROBES, charts->axis, false, i};
		frame->styles[i] = i == 0 ? STYLE_FIRST : i == 1 ? STYLE_SECOND : (enum style)(STYLE_RUN + i - 2);
		if (curve_exists(curve))
			frame->sources[i] = (struct chart_source){.points = curve, .count = curve_count(curve), .at = curve_at,
			                                          .mark = (char)('1' + i), .letters = true,
			                                          .scattered = curve_is_scattered(curve)};
	}
}

/* "1 0.93 positive" of the one that the crosshair goes along, with what it says where there is room. */
static void set_probe_legend(const struct run_charts *charts, struct chart_frame *frame, const struct run *run)
{
	size_t count, index;

	for (int i = 0; i < 2; i++) {
		const struct run_probe *points = run_probes(run, i, &count);

		index = charts->crossed ? curve_find(&charts->curves[MEASURE_PROBES][i], charts->cross) : count - 1;
		if (points && index != MEASURE_NONE)
			snprintf(frame->legend[i], sizeof frame->legend[i], "%d %.2f %.20s", i + 1, points[index].score,
			         run_probe_label(run, i));
	}
}

void run_charts_frame(struct run_charts *charts, const struct run *run, int metric, struct chart_frame *frame)
{
	*frame = (struct chart_frame){.title = measures[metric].title, .focused = charts->focus == metric,
	                              .axis = measure_axis_name(charts->axis), .cross = NAN};
	if (metric == MEASURE_PROBES) {
		add_probes(charts, frame, run);
	} else {
		add_source(charts, frame, metric, SERIES_STEPS, run, false);
		add_source(charts, frame, metric, SERIES_EVALUATIONS, run, true);
	}
	for (int i = 0; i < OVERLAYS_MAX; i++) {
		const struct run *other = charts->overlays.runs[i].run;

		if (other && metric != MEASURE_PROBES) {
			add_source(charts, frame, metric, SERIES_OVERLAYS + 2 * i, other, false);
			add_source(charts, frame, metric, SERIES_OVERLAYS + 2 * i + 1, other, true);
		}
	}
	add_level(charts, frame, metric, run);
	chart_learn(&charts->charts[metric], frame->sources);
	if (metric == MEASURE_PROBES) {
		set_probe_legend(charts, frame, run);
	} else {
		set_legend(charts, frame, metric, SERIES_STEPS);
		set_legend(charts, frame, metric, SERIES_EVALUATIONS);
	}
	set_empty(frame, run, metric);
	if (charts->crossed && charts->axis >= MEASURE_COUNT)
		frame->cross = curve_x_of_step(run, charts->axis, charts->cross);
}

/* The crosshair */

struct curve run_charts_main_curve(const struct run_charts *charts, const struct run *run, int metric)
{
	struct curve curve = {run, metric, charts->axis, false, 0};

	curve.evaluated = !curve_exists(&curve);
	return curve;
}
