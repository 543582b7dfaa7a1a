/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether a backend has the memory that is to be asked of it, before it is asked; else what is missing, in one line. */
#ifndef REVUE_MODEL_DEMAND_H
#define REVUE_MODEL_DEMAND_H

#include "engine/backend/backend.h"

#include <stdbool.h>
#include <stdint.h>

/* What is to be taken, in bytes, and what is given up for it. */
struct demand {
	uint64_t activations, gradients, state, released;
	bool training, windows; /* windows: of a review, all of which are computed together */
	bool several;           /* sequences */
};

/* False with one line, as network_reserve has it. */
bool demand_check(struct backend *backend, const struct demand *demand, struct error *error);

/* The parameters alone: a smaller batch would not help. */
bool demand_check_values(struct backend *backend, uint64_t bytes, struct error *error);

#endif
