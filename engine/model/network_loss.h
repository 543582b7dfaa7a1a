/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is minimised: the losses of a batch, between the ways forward and backward. */
#ifndef REVUE_MODEL_NETWORK_LOSS_H
#define REVUE_MODEL_NETWORK_LOSS_H

#include "engine/model/batch.h"
#include "engine/model/inside.h"
#include "engine/model/pass.h"

/* The losses of the reviews, and the gradients of all logits. */
void network_loss(struct model *model, const struct pass *pass, const struct batch *batch, const struct train_pass *train);

#endif
