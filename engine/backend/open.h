/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one place where a backend is opened. */
#ifndef REVUE_BACKEND_OPEN_H
#define REVUE_BACKEND_OPEN_H

#include "engine/backend/backend.h"
#include "engine/device.h"

/* The backend of `device` with `threads` threads of the host (0: all). NULL with one line. Closed with ops->close. */
struct backend *backend_open(enum device device, int threads, struct error *error);

#endif
