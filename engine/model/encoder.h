/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The encoder, forward and backward. */
#ifndef REVUE_MODEL_ENCODER_H
#define REVUE_MODEL_ENCODER_H

#include "engine/model/inside.h"
#include "engine/model/pass.h"

void encoder_forward(struct model *model, const struct pass *pass);
void encoder_backward(struct model *model, const struct pass *pass); /* starts from dhidden[0], [S][H] */

/* In pieces: what the embeddings put out, into activations.embedding_out; all layers, from there; and the gradient with
 * respect to it, [T][H], whatever is frozen. Only of a model without gradients of its own. */
void encoder_embed(struct model *model, const struct pass *pass);
void encoder_forward_layers(struct model *model, const struct pass *pass);
void encoder_forward_layer(struct model *model, const struct pass *pass, int32_t layer);
float *encoder_backward_layers(struct model *model, const struct pass *pass);

#endif
