/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The encoder, forward and backward. */
#ifndef REVUE_MODEL_ENCODER_H
#define REVUE_MODEL_ENCODER_H

#include "engine/model/inside.h"
#include "engine/model/pass.h"

void encoder_forward(struct model *model, const struct pass *pass);
void encoder_backward(struct model *model, const struct pass *pass); /* starts from dhidden[0], [S][H] */

#endif
