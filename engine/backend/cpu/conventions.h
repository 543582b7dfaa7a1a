/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The conventions of engine/backend/backend.h as code, and those of the CPU's paths alone. */
#ifndef REVUE_BACKEND_CPU_CONVENTIONS_H
#define REVUE_BACKEND_CPU_CONVENTIONS_H

#include "engine/backend/conventions.h"
#include "engine/backend/cpu/kernels.h"
#include "engine/base/four_bits.h"

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
