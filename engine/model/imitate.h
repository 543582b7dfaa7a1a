/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The losses on the inside of a model, and their gradients on the way back. Each does nothing in a pass that imitates nobody. */
#ifndef REVUE_MODEL_IMITATE_H
#define REVUE_MODEL_IMITATE_H

#include "engine/model/inside.h"
#include "engine/model/pass.h"

/* Brings what the teacher shows of the batch to the backend, once its arena is laid out. */
void imitate_upload(struct model *model, const struct pass *pass, const struct revealed *revealed);

/* Of the last layer, where only the queries of [CLS] are there: those of all tokens. */
void imitate_queries(struct model *model, const struct pass *pass, int32_t layer);

/* Adds to the gradients of queries, keys and values, which lie as the layer's own. Those of the queries of all tokens go
 * through their layer in imitate_queries_backward, into dinput (NULL: nothing below trains). */
void imitate_attention(struct model *model, const struct pass *pass, int32_t layer, float *dquery, float *dkey, float *dvalue);
void imitate_queries_backward(struct model *model, const struct pass *pass, int32_t layer, float *dinput);

/* Adds to the gradient of the layer's input. */
void imitate_input(struct model *model, const struct pass *pass, int32_t layer, float *dinput);

#endif
