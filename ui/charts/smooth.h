/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The exponential moving average of a series that grows, without the bias of its start (Kingma and Ba 2015, section 3;
 * TensorBoard since 1.9): the first value is that of the first point, and a value never changes when others follow.
 * Values that are not finite stay gaps and are not averaged. Pure. */
#ifndef REVUE_UI_SMOOTH_H
#define REVUE_UI_SMOOTH_H

#include <stdbool.h>
#include <stddef.h>

#define SMOOTH_MAX 0.999

/* Start with {0}, end with smooth_free. values[0, count) belong to it. */
struct smooth {
	double weight; /* 0 to SMOOTH_MAX */
	double sum, mass;
	double *values;
	size_t count, capacity;
};

/* Begins again with this weight. */
void smooth_begin(struct smooth *smooth, double weight);

/* Adds the next point. False: out of memory, and it is not added. */
bool smooth_add(struct smooth *smooth, double value);

void smooth_free(struct smooth *smooth);

#endif
