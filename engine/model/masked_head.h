/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The head on masked tokens: which word stood there. A dense layer, an activation, a norm, and a product with the embeddings
 * of words, to which that gives gradients too.
 *
 * source  Devlin et al. 2018; BertForMaskedLM and DistilBertForMaskedLM of transformers */
#ifndef REVUE_MODEL_MASKED_HEAD_H
#define REVUE_MODEL_MASKED_HEAD_H

#include "engine/model/batch.h"
#include "engine/model/inside.h"
#include "engine/model/pass.h"

/* Forward, loss and backward: from the last layer's output, [R][H], to its gradient in dhidden[0]. The losses are in
 * activations.losses. Logits are computed, and used up, part by part. */
void masked_head_train(struct model *model, const struct pass *pass, const struct batch *batch, const struct train_pass *train);

/* Forward alone. losses, right (host, [R]): the cross-entropy of each masked token, and whether its word has the highest
 * logit. */
void masked_head_measure(struct model *model, const struct pass *pass, const struct batch *batch, float *losses, bool *right);

#endif
