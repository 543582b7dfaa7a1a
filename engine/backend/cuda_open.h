/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The GPU as the rest of the program reaches it: the module backend_cuda.so (engine/backend/cuda/module.h), which is
 * opened when a GPU is wanted. Any thread may call these, and the UI thread none but the first: the others may take a
 * second. Floor: on base. */
#ifndef REVUE_BACKEND_CUDA_OPEN_H
#define REVUE_BACKEND_CUDA_OPEN_H

#include "engine/backend/backend.h"
#include "engine/backend/cuda/module.h"

/* Whether there may be a GPU: a look at a few names of files, which opens nothing. REVUE_CUDA_MODULE counts as one. */
bool backend_cuda_is_likely(void);

/* What the GPU is. False with one line why none is used. */
bool backend_cuda_look(struct cuda_device *device, struct error *error);

/* Watts, temperature and memory used of the GPU; false where the driver does not tell. */
bool backend_cuda_read(struct cuda_readings *readings);

/* The module, or NULL with one line; outside of this file for tests. */
const struct cuda_module *backend_cuda_module(struct error *error);

/* The backend on the GPU with `threads` threads of the host (0: all). NULL with one line. Closed with ops->close. */
struct backend *backend_cuda_open(int threads, struct error *error);

#endif
