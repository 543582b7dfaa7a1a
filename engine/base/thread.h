/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Starting a thread of the engine. */
#ifndef REVUE_BASE_THREAD_H
#define REVUE_BASE_THREAD_H

#include "engine/error.h"

#include <pthread.h>

/* The thread blocks all signals: they go to the program's own threads, and what would be SIGXFSZ or SIGPIPE is the
 * error EFBIG or EPIPE. `what` is for the message: "training", "indexing". The caller joins it. */
bool thread_start(pthread_t *thread, void *(*run)(void *context), void *context, const char *what,
                  struct error *error);

#endif
