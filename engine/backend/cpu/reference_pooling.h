/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The logits of a review's windows into one, in plain C. */
#ifndef REVUE_BACKEND_REFERENCE_POOLING_H
#define REVUE_BACKEND_REFERENCE_POOLING_H

#include "engine/backend/backend.h"

void reference_pooling_forward(struct backend *b, float *out, const float *x, const struct packing *groups,
                               int32_t columns, enum pooling pooling);
void reference_pooling_backward(struct backend *b, float *dx, const float *dout, const float *x,
                                const struct packing *groups, int32_t columns, enum pooling pooling);

#endif
