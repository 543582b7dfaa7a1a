/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model as an object before it has values. */
#ifndef REVUE_MODEL_MODEL_H
#define REVUE_MODEL_MODEL_H

#include "engine/model/inside.h"

/* A model with its backend and table, without values yet. Takes ownership of `tokenizer`, also when it fails. names
 * NULL: LABEL_0 and so on. */
struct model *model_make(const struct model_config *config, const char *const *names, struct tokenizer *tokenizer,
                         const struct model_options *options, struct error *error);

#endif
