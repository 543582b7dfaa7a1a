/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of kinds of models that have no network. */
#ifndef REVUE_MODEL_KINDS_H
#define REVUE_MODEL_KINDS_H

#include "engine/model/kind.h"

/* The kind of the model in a folder; *kind NULL: one with a network, or none that can be read. False: out of memory. */
bool model_kind_find(const char *folder, const struct model_kind **kind, struct error *error);

/* ERROR_USAGE where a folder holds a model that cannot be trained further. */
bool model_check_trainable(const char *folder, struct error *error);

#endif
