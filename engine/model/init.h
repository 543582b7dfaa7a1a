/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a parameter starts that no file gives. */
#ifndef REVUE_MODEL_INIT_H
#define REVUE_MODEL_INIT_H

#include "engine/model/inside.h"

/* Sets one row to fresh values: N(0, initializer_range) of (seed, row), ones or zeros. */
bool parameter_initialise(struct model *model, int row, uint64_t seed, struct error *error);

#endif
