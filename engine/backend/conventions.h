/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The conventions of engine/backend/backend.h as code: what every backend must compute alike to the bit. C and C++. */
#ifndef REVUE_BACKEND_CONVENTIONS_H
#define REVUE_BACKEND_CONVENTIONS_H

#include "engine/backend/backend.h"
#include "engine/base/random.h"

#include <math.h>

static inline int32_t packing_rows(const struct packing *packing)
{
	return packing->starts[packing->sequences];
}

/* Of 16 bits, those below the threshold are dropped. */
static inline uint32_t dropout_threshold(const struct dropout *dropout)
{
	float threshold = dropout->p * 0x1p16f + 0.5f;

	return threshold >= 0x1p16f ? 0xFFFF : threshold > 0 ? (uint32_t)threshold : 0;
}

static inline float dropout_scale(const struct dropout *dropout)
{
	return 0x1p16f / (0x1p16f - (float)dropout_threshold(dropout));
}

/* The first element of row `row` of the probabilities of (sequence, head): see struct attention. */
RANDOM_ANYWHERE static inline uint64_t attention_element(const struct attention *a, int32_t sequence, int32_t head,
                                                         int32_t row)
{
	return ((uint64_t)((int64_t)sequence * a->heads + head) << 20 | (uint64_t)row) << 20;
}

/* What `clip` makes of the sum of squares. */
RANDOM_ANYWHERE static inline struct clipping clipping_of(double squares, double limit)
{
	const double norm = sqrt(squares), scale = limit > 0 ? limit / (norm + 1e-6) : 1;
	struct clipping clipping = {squares, norm, (float)(scale < 1 ? scale : 1), norm - norm == 0};

	return clipping;
}

/* What optimizers take from it: the factor of gradients, and whether nothing is to be changed. */
RANDOM_ANYWHERE static inline float clipping_scale(const struct clipping *clipping)
{
	return clipping ? clipping->scale : 1;
}

RANDOM_ANYWHERE static inline bool clipping_stops(const struct clipping *clipping)
{
	return clipping && !clipping->finite;
}

#endif
