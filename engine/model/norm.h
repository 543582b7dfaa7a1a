/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A LayerNorm of the network after a sum, forward and backward. */
#ifndef REVUE_MODEL_NORM_H
#define REVUE_MODEL_NORM_H

#include "engine/model/inside.h"
#include "engine/model/pass.h"

/* out = LayerNorm(dropout(sum) + residual); the sum is kept in place where a backward pass follows. */
void norm_forward(struct model *model, const struct pass *pass, float *out, float *sum, float *mean, float *rstd,
                  const float *residual, const struct norm *norm, int32_t rows, struct dropout dropout);

/* A frozen norm's gradient is thrown away. */
void norm_backward(struct model *model, float *dx, float *dresidual, const float *dout, const float *sum,
                   const float *mean, const float *rstd, const struct norm *norm, int32_t rows, struct dropout dropout);

#endif
