/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/charts/measure.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#define OF_POINT(field) offsetof(struct run_point, field)
#define OF_EVALUATION(field) offsetof(struct run_evaluation, field)

const struct measure measures[MEASURE_COUNT] = {
	[MEASURE_LOSS] = {"loss", "Loss", OF_POINT(loss), OF_EVALUATION(loss), -1, true, AXIS_PLAIN, {0, 0.2, 0, 0}},
	[MEASURE_ACCURACY] = {"accuracy", "Accuracy", MEASURE_NONE, OF_EVALUATION(accuracy), 1, false, AXIS_PLAIN,
	                     {0.1, 0, 0, 1}},
	[MEASURE_F1] = {"f1", "F1", MEASURE_NONE, OF_EVALUATION(f1), 1, false, AXIS_PLAIN, {0.1, 0, 0, 1}},
	[MEASURE_LEARNING_RATE] = {"learning_rate", "Learning rate", OF_POINT(learning_rate), MEASURE_NONE, 0, false,
	                          AXIS_PLAIN, {0, 0.1, 0, 0}},
	[MEASURE_GRAD_NORM] = {"grad_norm", "Gradient norm", OF_POINT(grad_norm), MEASURE_NONE, 0, true, AXIS_PLAIN,
	                      {0, 0.5, 0, 0}},
	[MEASURE_SPEED] = {"tokens_per_second", "Tokens/s", OF_POINT(tokens_per_second), MEASURE_NONE, 0, true, AXIS_PLAIN,
	                  {0, 0.5, 0, 0}},
	[MEASURE_MEMORY] = {"memory", "Memory", OF_POINT(memory), MEASURE_NONE, 0, false, AXIS_BYTES, {0, 0.5, 0, 0}},
	[MEASURE_PRECISION] = {"precision", "Precision", MEASURE_NONE, OF_EVALUATION(precision), 1, false, AXIS_PLAIN,
	                       {0.1, 0, 0, 1}},
	[MEASURE_RECALL] = {"recall", "Recall", MEASURE_NONE, OF_EVALUATION(recall), 1, false, AXIS_PLAIN, {0.1, 0, 0, 1}},
	[MEASURE_F1_MACRO] = {"f1_macro", "Macro F1", MEASURE_NONE, OF_EVALUATION(f1_macro), 1, false, AXIS_PLAIN,
	                      {0.1, 0, 0, 1}},
	[MEASURE_BEST] = {"metric", "Best by", MEASURE_NONE, OF_EVALUATION(metric), 0, false, AXIS_PLAIN, {0, 0.2, 0, 0}},
	[MEASURE_MEAN_ABSOLUTE_ERROR] = {"mean_absolute_error", "Mean absolute error", MEASURE_NONE,
	                                OF_EVALUATION(mean_absolute_error), -1, false, AXIS_PLAIN, {0.1, 0.2, 0, 0}},
	[MEASURE_PERPLEXITY] = {"perplexity", "Perplexity", MEASURE_NONE, OF_EVALUATION(perplexity), -1, false, AXIS_PLAIN,
	                       {0, 0.2, 0, 0}},
	[MEASURE_DEVICE_MEMORY] = {"device_memory", "GPU memory", OF_POINT(device_memory), MEASURE_NONE, 0, false, AXIS_BYTES,
	                          {0, 0.5, 0, 0}},
	[MEASURE_WATTS] = {"watts", "Watts", OF_POINT(watts), MEASURE_NONE, 0, true, AXIS_PLAIN, {0, 0.5, 0, 0}},
	[MEASURE_PEAK_SHARE] = {"peak_share", "Share of peak", OF_POINT(peak_share), MEASURE_NONE, 1, true, AXIS_PLAIN,
	                       {0, 0.5, 0, 1}},
	[MEASURE_PROBES] = {"probes", "Probes", MEASURE_NONE, MEASURE_NONE, 0, false, AXIS_PLAIN, {0.1, 0, 0, 1}},
};

static const char *const axis_names[] = {"step", "epoch", "time"};

int measure_axis_find(const char *name)
{
	for (int i = MEASURE_AGAINST_STEP; i < MEASURE_AXES; i++)
		if (strcasecmp(name, axis_names[i - MEASURE_AGAINST_STEP]) == 0)
			return i;
	return measure_find(name);
}

const char *measure_axis_name(int axis)
{
	return axis < MEASURE_COUNT ? measures[axis].name : axis_names[axis - MEASURE_AGAINST_STEP];
}

int measure_find(const char *name)
{
	const size_t size = strlen(name);

	for (int i = 0; size > 0 && i < MEASURE_COUNT; i++)
		if (strncasecmp(measures[i].name, name, size) == 0 || strncasecmp(measures[i].title, name, size) == 0)
			return i;
	return -1;
}

/* Numbers of the log */

static double number_at(const void *row, size_t offset)
{
	return *(const double *)(const void *)((const char *)row + offset);
}

static double point_value(const struct run *run, size_t index, int metric)
{
	size_t count;
	const struct run_point *points = run_points(run, &count);

	return number_at(&points[index], measures[metric].point);
}

static double evaluation_value(const struct run *run, size_t index, int metric)
{
	size_t count;

	return number_at(run_evaluations(run, &count) + index, measures[metric].evaluation);
}

static uint64_t point_step(const struct run *run, size_t index)
{
	size_t count;

	return run_points(run, &count)[index].step;
}

static uint64_t evaluation_step(const struct run *run, size_t index)
{
	size_t count;

	return run_evaluations(run, &count)[index].step;
}

/* The last row of `count` at `step` or before; MEASURE_NONE: none. */
static size_t find_row(const struct run *run, uint64_t (*step_of)(const struct run *, size_t), size_t count, uint64_t step)
{
	size_t low = 0, high = count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (step_of(run, middle) <= step)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? low - 1 : MEASURE_NONE;
}

static size_t point_count(const struct run *run)
{
	size_t count;

	run_points(run, &count);
	return count;
}

static size_t evaluation_count(const struct run *run)
{
	size_t count;

	run_evaluations(run, &count);
	return count;
}

/* Curves */

static bool is_probe(const struct curve *curve)
{
	return curve->metric == MEASURE_PROBES && !curve->evaluated;
}

static size_t probe_count(const struct curve *curve)
{
	size_t count;

	run_probes(curve->run, curve->probe, &count);
	return count;
}

static const struct run_probe *probe_at(const struct curve *curve, size_t index)
{
	size_t count;

	return run_probes(curve->run, curve->probe, &count) + index;
}

/* At a metric of the steps there is no place for one. */
static double probe_x(const struct curve *curve, size_t index)
{
	const struct run_probe *point = probe_at(curve, index);

	return curve->axis == MEASURE_AGAINST_EPOCH  ? point->epoch
	       : curve->axis == MEASURE_AGAINST_TIME ? point->time
	       : curve->axis == MEASURE_AGAINST_STEP ? (double)point->step
	                                             : (double)NAN;
}

static size_t find_probe(const struct curve *curve, uint64_t step)
{
	size_t at = probe_count(curve);

	while (at > 0 && probe_at(curve, at - 1)->step > step)
		at--;
	return at > 0 ? at - 1 : MEASURE_NONE;
}

/* What is measured at steps against what is measured at evaluations has a point at each evaluation. */
static bool by_evaluations(const struct curve *curve)
{
	return curve->evaluated || (curve->axis < MEASURE_COUNT && measures[curve->axis].point == MEASURE_NONE);
}

bool curve_is_scattered(const struct curve *curve)
{
	return curve->axis < MEASURE_COUNT;
}

size_t curve_count(const struct curve *curve)
{
	if (is_probe(curve))
		return probe_count(curve);
	return by_evaluations(curve) ? evaluation_count(curve->run) : point_count(curve->run);
}

uint64_t curve_step(const struct curve *curve, size_t index)
{
	if (is_probe(curve))
		return probe_at(curve, index)->step;
	return by_evaluations(curve) ? evaluation_step(curve->run, index) : point_step(curve->run, index);
}

size_t curve_find(const struct curve *curve, uint64_t step)
{
	if (is_probe(curve))
		return find_probe(curve, step);
	return find_row(curve->run, by_evaluations(curve) ? evaluation_step : point_step, curve_count(curve), step);
}

/* The metric at an evaluation, or at the last step that was logged before it. */
static double value_at_evaluation(const struct run *run, size_t index, int metric, bool evaluated)
{
	size_t at;

	if (evaluated)
		return evaluation_value(run, index, metric);
	at = find_row(run, point_step, point_count(run), evaluation_step(run, index));
	return at == MEASURE_NONE ? NAN : point_value(run, at, metric);
}

static double x_of_point(const struct run *run, size_t index, int axis)
{
	size_t count;
	const struct run_point *point = run_points(run, &count) + index;

	if (axis < MEASURE_COUNT)
		return point_value(run, index, axis);
	return axis == MEASURE_AGAINST_EPOCH ? point->epoch : axis == MEASURE_AGAINST_TIME ? point->time : (double)point->step;
}

static double x_of_evaluation(const struct run *run, size_t index, int axis)
{
	size_t count;
	const struct run_evaluation *evaluation = run_evaluations(run, &count) + index;

	if (axis < MEASURE_COUNT)
		return value_at_evaluation(run, index, axis, measures[axis].point == MEASURE_NONE);
	return axis == MEASURE_AGAINST_EPOCH ? evaluation->epoch
	       : axis == MEASURE_AGAINST_TIME ? evaluation->time
	                                     : (double)evaluation->step;
}

double curve_at(const void *of, size_t index, double *x)
{
	const struct curve *curve = of;

	if (is_probe(curve)) {
		*x = probe_x(curve, index);
		return probe_at(curve, index)->score;
	}
	if (!by_evaluations(curve)) {
		*x = x_of_point(curve->run, index, curve->axis);
		return point_value(curve->run, index, curve->metric);
	}
	*x = x_of_evaluation(curve->run, index, curve->axis);
	return value_at_evaluation(curve->run, index, curve->metric, curve->evaluated);
}

/* A metric that was never measured is not a number in the first and the last row. */
bool curve_exists(const struct curve *curve)
{
	const struct measure *metric = &measures[curve->metric];
	const size_t count = curve->evaluated ? evaluation_count(curve->run) : point_count(curve->run);

	if (is_probe(curve))
		return probe_count(curve) > 0;
	if ((curve->evaluated ? metric->evaluation : metric->point) == MEASURE_NONE || count == 0)
		return false;
	if (curve->metric < MEASURE_MEMORY)
		return true;
	return curve->evaluated ? isfinite(evaluation_value(curve->run, count - 1, curve->metric))
	                        : isfinite(point_value(curve->run, count - 1, curve->metric));
}

double curve_x_of_step(const struct run *run, int axis, uint64_t step)
{
	size_t at;

	if (axis == MEASURE_AGAINST_STEP)
		return (double)step;
	at = find_row(run, point_step, point_count(run), step);
	return at == MEASURE_NONE ? (axis < MEASURE_COUNT ? NAN : 0) : x_of_point(run, at, axis);
}
