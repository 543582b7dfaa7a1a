/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The encoder, forward and backward. */
#ifndef REVUE_MODEL_ENCODER_H
#define REVUE_MODEL_ENCODER_H

#include "engine/model/inside.h"
#include "engine/model/pass.h"

void encoder_forward(struct model *model, const struct pass *pass);
void encoder_backward(struct model *model, const struct pass *pass); /* starts from dhidden[0], [S][H] */

/* Dropout of a site of the network: p counts only while training. */
struct dropout pass_dropout(const struct pass *pass, float p, uint32_t site);

/* The gradients of weight and bias of a linear layer, unless they are frozen. */
void linear_backward(struct backend *backend, const struct linear *linear, const float *dy, const float *x,
                     int32_t rows);

#endif
