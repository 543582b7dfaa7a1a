/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The conventions of engine/backend/backend.h as code: what every path must compute alike to the bit. */
#ifndef REVUE_BACKEND_CONVENTIONS_H
#define REVUE_BACKEND_CONVENTIONS_H

#include "engine/backend/backend.h"
#include "engine/backend/cpu/kernels.h"
#include "engine/base/four_bits.h"

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
static inline uint64_t attention_element(const struct attention *a, int32_t sequence, int32_t head, int32_t row)
{
	return ((uint64_t)((int64_t)sequence * a->heads + head) << 20 | (uint64_t)row) << 20;
}

/* A matrix of nf4 or fp4 as the kernels see it. */
static inline struct four_bits four_bits_of(const struct matrix *w)
{
	size_t part_rows = (size_t)w->rows / (w->parts > 0 ? (size_t)w->parts : 1), count = part_rows * (size_t)w->columns;

	return (struct four_bits){
		.data = w->data,
		.codes = four_bits_codes(w->type == MATRIX_FP4 ? FOUR_BITS_FP4 : FOUR_BITS_NF4),
		.columns = (size_t)w->columns,
		.part_rows = part_rows,
		.part_bytes = four_bits_size(count),
		.scales_at = four_bits_scales_at(count),
	};
}

#endif
