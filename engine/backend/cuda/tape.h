/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Calls that are put off: each a function and a copy of what it is to get, one after the other. */
#ifndef REVUE_BACKEND_CUDA_TAPE_H
#define REVUE_BACKEND_CUDA_TAPE_H

#include "engine/backend/cuda/device.h"

struct tape {
	unsigned char *bytes;
	size_t used;
};

bool tape_open(struct tape *tape); /* false: no memory */
void tape_close(struct tape *tape);

/* False: it is full. */
bool tape_add(struct tape *tape, cuda_function function, const void *what, size_t bytes);

void tape_run(struct cuda *c, const struct tape *tape);

#endif
