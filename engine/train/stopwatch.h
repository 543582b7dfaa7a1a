/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Seconds during which this process could run: a stretch in which it was stopped (SIGSTOP, a debugger) or its machine
 * was frozen does not count. A thread of its own ticks; where it did not for longer than STOPWATCH_GAP seconds,
 * the rest of the gap is left out. */
#ifndef REVUE_TRAIN_STOPWATCH_H
#define REVUE_TRAIN_STOPWATCH_H

#include "engine/error.h"

#include <pthread.h>

#define STOPWATCH_GAP 1.0 /* five ticks: no scheduler keeps a thread that waits for a timer from its tick for so long */

struct stopwatch {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t quit_came;
	bool ticking; /* by a thread that is to be joined */
	bool quit;
	double counted; /* up to `last` */
	double last;    /* the clock at the last tick */
};

/* Without a thread for it (there is no room for one) it counts as any clock does. */
void stopwatch_start(struct stopwatch *stopwatch);
void stopwatch_stop(struct stopwatch *stopwatch); /* also of one that is {0} and was never started */

/* Since it was started; never less than before. Any thread. */
double stopwatch_seconds(struct stopwatch *stopwatch);

#endif
