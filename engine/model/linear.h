/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A linear layer with its adapters, forward and backward. */
#ifndef REVUE_MODEL_LINEAR_H
#define REVUE_MODEL_LINEAR_H

#include "engine/model/inside.h"
#include "engine/model/pass.h"

/* Dropout of a site of the network: p counts only while training. */
struct dropout pass_dropout(const struct pass *pass, float p, uint32_t site);

/* out = act(x W^T + b + adapters); pre (or NULL) gets the value before act. x [rows][in], out and pre [rows][out]. */
void linear_forward(struct model *model, const struct pass *pass, float *out, float *pre, const float *x,
                    const struct linear *linear, int32_t rows, enum activation activation);

/* Whether linear_backward reads x: where the layer's weights or adapters train. */
bool linear_reads_input(const struct linear *linear);

/* The gradients of what is trained of the layer, and that of its input, which adds to dx where `add`. dx NULL: nothing below
 * is trained. */
void linear_backward(struct model *model, const struct pass *pass, float *dx, bool add, const float *dy, const float *x,
                     const struct linear *linear, int32_t rows);

#endif
