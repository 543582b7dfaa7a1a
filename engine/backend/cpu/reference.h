/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The path "reference": every operation in plain C. */
#ifndef REVUE_BACKEND_REFERENCE_H
#define REVUE_BACKEND_REFERENCE_H

#include "engine/backend/cpu/cpu.h"

extern const struct backend_operations cpu_reference_operations;

/* On every path: it is a few rows. */
void cpu_cross_entropy(struct backend *b, float *loss, float *dlogits, const float *logits, const int32_t *labels,
                       int32_t rows, int32_t columns, float scale);

#endif
