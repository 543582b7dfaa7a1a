/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tensors of a file to rows of the table. */
#ifndef REVUE_MODEL_WEIGHTS_H
#define REVUE_MODEL_WEIGHTS_H

#include "engine/format/tensors.h"
#include "engine/model/inside.h"

/* Takes the arena of values and reads the table's tensors from `file`. Those that it lacks stay fresh. */
bool model_load_weights(struct model *model, struct tensor_file *file, const struct progress *progress,
                        struct error *error);

/* A name as the table spells it: without wrappers' prefixes, with the architecture's, LayerNorm's gamma and beta of
 * TensorFlow's checkpoints as weight and bias. */
void weights_canonical_name(char *out, size_t capacity, const char *name, const struct architecture *architecture);

/* A notice that names the parameters that no file gave. */
void weights_report_fresh(struct model *model);

#endif
