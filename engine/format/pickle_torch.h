/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What torch's pickles speak of: storages, tensors, and the names that make them. */
#ifndef REVUE_FORMAT_PICKLE_TORCH_H
#define REVUE_FORMAT_PICKLE_TORCH_H

#include "engine/format/pickle_values.h"

/* One of the names that are allowed. */
bool pickle_name_new(struct pickle *pickle, struct span module, struct span name, uint32_t *index,
                     struct error *error);

/* A storage from the tuple of a persistent id. */
bool pickle_storage_new(struct pickle *pickle, uint32_t tuple, uint32_t *index, struct error *error);

/* What the named thing makes of its arguments. */
bool pickle_reduce(struct pickle *pickle, uint32_t name, uint32_t arguments, uint32_t *index, struct error *error);

#endif
