/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The mean or the maximum over groups of rows: rows of engine/backend/backend.h. */
#ifndef REVUE_BACKEND_POOLING_H
#define REVUE_BACKEND_POOLING_H

#include "engine/backend/cpu/cpu.h"

void cpu_pooling_forward(struct backend *b, float *out, const float *x, const struct packing *groups, int32_t columns,
                         enum pooling pooling);
void cpu_pooling_backward(struct backend *b, float *dx, const float *dout, const float *x, const struct packing *groups,
                          int32_t columns, enum pooling pooling);

#endif
