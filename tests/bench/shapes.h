/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models of well known shapes with weights that mean nothing, and how fast they train on lengths as those of film reviews. */
#ifndef REVUE_BENCH_SHAPES_H
#define REVUE_BENCH_SHAPES_H

#include "engine/model/network.h"

struct shape {
	const char *name;
	int32_t layers, hidden, heads, intermediate, vocab, batch, longest;
};

#define SHAPES 5
extern const struct shape shapes[SHAPES];

/* An untrained model on the processor; NULL after a line on standard error. */
struct model *shape_model(const struct shape *shape);

/* Operations of a forward pass over one sequence. revue computes the last layer for [CLS] only, after its keys and
 * values; the rates told here count what is computed, so that nothing saved looks like speed. */
double shape_forward_flops(const struct shape *shape, double length);

double shape_median(double *values, int count); /* sorts them */

struct training_speed {
	double tokens, gflops;      /* a second; the middle one of the steps */
	double plain, launches;     /* what was asked of the device one by one: in the first step, in one of those that count */
	double asking;              /* share of its time that a step takes the host to ask for it */
};

#define SHAPE_STEPS_MAX 96

/* `steps` steps after `first` (at least one) that do not count, at most SHAPE_STEPS_MAX in all. On a device the host asks for a step while the one before is
 * computed, as the trainer does. */
bool shape_time_training(const struct shape *shape, struct model *model, int first, int steps, struct training_speed *speed,
                         struct error *error);

#endif
