/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the log of a run measures, as a table, and any of it against any other as a curve of points. Pure. */
#ifndef REVUE_UI_MEASURE_H
#define REVUE_UI_MEASURE_H

#include "engine/run.h"
#include "ui/charts/axis.h"

#include <stdbool.h>
#include <stddef.h>

#define MEASURE_NONE ((size_t)-1)

struct measure {
	const char *name, *title; /* `name`: what metrics.jsonl calls it */
	size_t point, evaluation; /* where struct run_point and struct run_evaluation have it; MEASURE_NONE: they do not */
	int better;               /* -1: less of it; 1: more; 0: neither */
	bool smooths;             /* jumps from step to step */
	enum axis_unit unit;
	struct axis_rule rule;
};

enum {
	MEASURE_LOSS,
	MEASURE_ACCURACY,
	MEASURE_F1,
	MEASURE_LEARNING_RATE,
	MEASURE_GRAD_NORM,
	MEASURE_SPEED,
	MEASURE_MEMORY, /* from here on they may be missing from a log */
	MEASURE_PRECISION,
	MEASURE_RECALL,
	MEASURE_F1_MACRO,
	MEASURE_BEST, /* --metric-for-best-model */
	MEASURE_MEAN_ABSOLUTE_ERROR,
	MEASURE_PERPLEXITY, /* of masked words */
	MEASURE_DEVICE_MEMORY, /* of a GPU, as the next two */
	MEASURE_WATTS,
	MEASURE_PEAK_SHARE,
	MEASURE_PROBES, /* scores of sentences: a curve each */
	MEASURE_COUNT,
};

extern const struct measure measures[MEASURE_COUNT];

/* What a curve stands against. */
enum measure_axis {
	MEASURE_AGAINST_STEP = MEASURE_COUNT,
	MEASURE_AGAINST_EPOCH,
	MEASURE_AGAINST_TIME,
	MEASURE_AXES,
};

/* "step", "epoch", "time" or the name of a metric: an axis; -1: there is none of this name. `measure_axis_name` is back. */
int measure_axis_find(const char *name);
const char *measure_axis_name(int axis);

/* The index of a metric whose name or title begins so, upper and lower case alike; -1: none. */
int measure_find(const char *name);

/* A metric of the steps, or of the evaluations, against an axis. */
struct curve {
	const struct run *run;
	int metric, axis;
	bool evaluated;
	int probe; /* of MEASURE_PROBES: which, from 0 */
};

/* Whether the run has a number of this metric somewhere; by steps or evaluations. */
bool curve_exists(const struct curve *curve);

/* Points whose order is not that of their x. */
bool curve_is_scattered(const struct curve *curve);

size_t curve_count(const struct curve *curve);
double curve_at(const void *curve, size_t index, double *x); /* as chart.h wants it */
uint64_t curve_step(const struct curve *curve, size_t index);

/* The last point at `step` or before it; MEASURE_NONE: there is none. */
size_t curve_find(const struct curve *curve, uint64_t step);

/* The step of the run at which an ordered axis has come to x. */
double curve_x_of_step(const struct run *run, int axis, uint64_t step);

#endif
