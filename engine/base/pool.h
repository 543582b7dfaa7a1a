/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program's own threads for numeric work. A call splits into tasks by the shape of the work only, never
 * by the number of threads, so results do not depend on it. Workers spin for some microseconds after a
 * call, then sleep on a futex: an idle pool costs nothing. */
#ifndef REVUE_BASE_POOL_H
#define REVUE_BASE_POOL_H

#include "engine/error.h"

struct pool;

/* threads counts the calling one: a pool of 1 starts none. Workers block all signals. */
struct pool *pool_new(int threads, struct error *error);
void pool_free(struct pool *pool);
int pool_threads(const struct pool *pool);

/* Runs task(context, i, worker) for i = 0..tasks-1, each once, and returns when all are done; `worker` is
 * 0..threads-1, for scratch memory. Only one thread at a time may call it. */
void pool_run(struct pool *pool, int tasks, void (*task)(void *context, int index, int worker), void *context);

#endif
