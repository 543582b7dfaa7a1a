/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a pass over a batch begins: its arrays, what fills it up, where everything lies. */
#ifndef REVUE_MODEL_PASS_BEGIN_H
#define REVUE_MODEL_PASS_BEGIN_H

#include "engine/model/batch.h"
#include "engine/model/inside.h"
#include "engine/model/pass.h"

/* What the passes of the model keep. */
struct activations_kept pass_kept(const struct model *model);

/* Tokens that are added to a training batch of so many, as the backend likes it. */
int32_t pass_filling(struct backend *backend, int32_t tokens);

/* Fills the host arrays of the batch and lays out the arena for its size. */
struct pass pass_begin(struct model *model, const struct batch *batch, bool training);

#endif
