/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The CPU backend as the rest of the program opens it. */
#ifndef REVUE_BACKEND_PATHS_H
#define REVUE_BACKEND_PATHS_H

#include "engine/backend/backend.h"

/* The CPU backend with `threads` threads (0: all). The path is the best the processor has; the environment
 * variable REVUE_CPU=reference|openblas|avx2|avx512 forces one (an error where it cannot run).
 * Closed with ops->close. */
struct backend *backend_cpu_open(int threads, struct error *error);

/* The path that backend_cpu_open would take, or NULL with an error. */
const char *backend_cpu_path(struct error *error);

#endif
