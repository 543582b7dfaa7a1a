/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A checkpoint of a run that trains adapters as a whole model: it holds what trains alone, and the rest is its base's. */
#ifndef REVUE_TRAIN_ADAPTER_CHECKPOINT_H
#define REVUE_TRAIN_ADAPTER_CHECKPOINT_H

#include "engine/format/tensors.h"
#include "engine/train/run/record.h"

/* Puts base and adapters, added to their matrices, into a model of the run that has no values yet (model_open_bare). The base is
 * where the run found it, or options->base, and must be what it was. `file` has the checkpoint's weights. False: `into` is of no
 * use. */
bool adapter_checkpoint_read(const struct run_record *record, struct tensor_file *file, const struct model_options *options,
                             struct model *into, struct error *error);

#endif
