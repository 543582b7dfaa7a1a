/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One piece of work of the engine on a thread of its own, for the screens: reading a model, a survey, a
 * search. The work reports through a struct progress; the UI thread looks at the numbers when it is woken. */
#ifndef REVUE_UI_JOB_H
#define REVUE_UI_JOB_H

#include "engine/error.h"
#include "engine/progress.h"
#include "engine/wake.h"

#include <pthread.h>
#include <stdatomic.h>

/* Start with {0}. `error`, `succeeded` and whatever `context` points to belong to the work until job_finished. */
struct job {
	pthread_t thread;
	bool running; /* a thread to join: only the UI thread looks at it */
	atomic_bool stop, done;
	atomic_ullong amount, total;
	double next_signal;
	struct wake *wake;
	struct progress progress;
	bool (*work)(struct job *job, void *context);
	void *context;
	bool succeeded;
	struct error error;
};

/* Starts `work` on a thread that takes no signals; `wake` is signalled ten times a second and at the end. */
bool job_start(struct job *job, struct wake *wake, bool (*work)(struct job *job, void *context), void *context,
               struct error *error);

/* True once after the work has ended; the thread is joined then. */
bool job_finished(struct job *job);

/* Asks the work to stop and waits for it. Nothing when there is none. */
void job_cancel(struct job *job);

/* Seconds of a clock that never goes back. */
double ui_seconds(void);

#endif
