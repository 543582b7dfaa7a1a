/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The losses, in plain C on every path: they are a few rows. */
#ifndef REVUE_BACKEND_LOSSES_H
#define REVUE_BACKEND_LOSSES_H

#include "engine/backend/backend.h"

void cpu_cross_entropy(struct backend *b, float *loss, float *dlogits, const float *logits, const int32_t *labels,
                       int32_t rows, int32_t columns, const struct loss *how);
void cpu_binary_cross_entropy(struct backend *b, float *loss, float *dlogits, const float *logits, const float *targets,
                              int32_t rows, int32_t columns, const struct loss *how);
void cpu_soften(struct backend *b, float *loss, float *dlogits, const float *logits, const float *targets, const float *shares,
                int32_t rows, int32_t columns, const struct soft_loss *how);

#endif
