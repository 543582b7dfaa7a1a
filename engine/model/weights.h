/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tensors of a file to rows of the table. */
#ifndef REVUE_MODEL_WEIGHTS_H
#define REVUE_MODEL_WEIGHTS_H

#include "engine/format/tensors.h"
#include "engine/model/inside.h"

/* Takes the arena of values and reads the table's tensors from `file`. */
bool model_load_weights(struct model *model, struct tensor_file *file, const struct progress *progress,
                        struct error *error);

#endif
