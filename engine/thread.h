/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one way to start a thread. Part of the engine's face; implemented in engine/base/thread.c. */
#ifndef REVUE_ENGINE_THREAD_H
#define REVUE_ENGINE_THREAD_H

#include "engine/error.h"

#include <pthread.h>

/* Starts run(context) on a thread that blocks all signals but those of a fault: they go to the program's own threads, and
 * what would be SIGXFSZ or SIGPIPE is the error EFBIG or EPIPE. Whoever handles a fault has a spare stack. `what` is for
 * the message: "training", "indexing". The caller joins the thread. */
bool thread_start(pthread_t *thread, void *(*run)(void *context), void *context, const char *what,
                  struct error *error);

#endif
