/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The head on [CLS], forward and backward. */
#ifndef REVUE_MODEL_CLASSIFIER_H
#define REVUE_MODEL_CLASSIFIER_H

#include "engine/model/inside.h"
#include "engine/model/pass.h"

void classifier_forward(struct model *model, const struct pass *pass);
void classifier_backward(struct model *model, const struct pass *pass); /* dlogits to dhidden[0], [S][H] */

#endif
