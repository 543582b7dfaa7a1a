/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one place where a backend is opened. */
#ifndef REVUE_BACKEND_OPEN_H
#define REVUE_BACKEND_OPEN_H

#include "engine/backend/backend.h"
#include "engine/backend/cuda/module.h"
#include "engine/device.h"

/* The backend of `device` with `threads` threads of the host (0: all). NULL with one line. Closed with ops->close. */
struct backend *backend_open(enum device device, int threads, struct error *error);

/* What the device of a backend tells of itself now; what it does not tell is 0. False: it is the processor. On the thread that
 * uses the backend; it takes less than a millisecond. */
bool backend_read(struct backend *backend, struct cuda_readings *readings);

#endif
