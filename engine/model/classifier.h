/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The head on [CLS], forward and backward. */
#ifndef REVUE_MODEL_CLASSIFIER_H
#define REVUE_MODEL_CLASSIFIER_H

#include "engine/model/inside.h"
#include "engine/model/pass.h"

void classifier_forward(struct model *model, const struct pass *pass);
void classifier_backward(struct model *model, const struct pass *pass); /* dlogits to dhidden[0], [S][H] */

/* The logits of the reviews, [reviews][labels]: those of their windows pooled, or the sequences' own where each is a
 * review. Twice asked for, they are computed twice. */
const float *classifier_pool(struct model *model, const struct pass *pass);
float *classifier_pooled_gradient(struct model *model, const struct pass *pass); /* where the loss puts its gradient */
void classifier_pool_backward(struct model *model, const struct pass *pass);     /* from there to dlogits, [S][labels] */

#endif
