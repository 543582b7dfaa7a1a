/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/charts/smooth.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

void smooth_begin(struct smooth *smooth, double weight)
{
	smooth->weight = fmin(fmax(weight, 0), SMOOTH_MAX);
	smooth->sum = smooth->mass = 0;
	smooth->count = 0;
}

static bool reserve(struct smooth *smooth)
{
	const size_t more = smooth->capacity < 256 ? 256 : smooth->capacity * 2;
	double *bigger;

	if (smooth->count < smooth->capacity)
		return true;
	if (more > SIZE_MAX / sizeof *bigger)
		return false;
	bigger = realloc(smooth->values, more * sizeof *bigger);
	if (!bigger)
		return false;
	smooth->values = bigger;
	smooth->capacity = more;
	return true;
}

/* The weights of all points so far add up to `mass`: dividing by it takes away the bias. */
bool smooth_add(struct smooth *smooth, double value)
{
	if (!reserve(smooth))
		return false;
	if (isfinite(value)) {
		smooth->sum = smooth->weight * smooth->sum + (1 - smooth->weight) * value;
		smooth->mass = smooth->weight * smooth->mass + (1 - smooth->weight);
		value = smooth->sum / smooth->mass;
	}
	smooth->values[smooth->count++] = value;
	return true;
}

void smooth_free(struct smooth *smooth)
{
	free(smooth->values);
	*smooth = (struct smooth){0};
}
