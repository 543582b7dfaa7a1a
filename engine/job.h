/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Work beside the thread that owns it: opening a file, a survey, a search, loading a model. Implemented in
 * engine/base/job.c.
 *
 * One thread, the owner, calls everything here; only `work` runs on a thread of its own. The owner never waits for a
 * job: one that is not wanted any more is left to itself, keeps what it uses until it has ended, and is then collected.
 * Only jobs_free waits. */
#ifndef REVUE_ENGINE_JOB_H
#define REVUE_ENGINE_JOB_H

#include "engine/error.h"
#include "engine/progress.h"
#include "engine/wake.h"

struct jobs;
struct job;

struct job_kind {
	const char *name; /* what it does, for messages: "searching" */
	/* On the job's thread. Ends soon after progress_report has returned false. False: failed, see *error. */
	bool (*work)(void *context, const struct progress *progress, struct error *error);
	/* On the owner's thread, after the work has ended: frees the context with whatever result was not taken out. */
	void (*free)(void *context);
};

/* `wake` is borrowed. It is signalled ten times a second while a job reports, and at the end of each. */
struct jobs *jobs_new(struct wake *wake, struct error *error);

/* Asks every job to stop, waits for all of them and frees them. NULL is allowed. */
void jobs_free(struct jobs *jobs);

/* Frees the jobs that were let go and have ended since. To be called after every signal of the wake. */
void jobs_collect(struct jobs *jobs);

/* Frees `thing` on a thread of its own, for what may take a while to close. `thing` may be NULL. */
void jobs_dispose(struct jobs *jobs, void (*free_thing)(void *thing), void *thing);

/* Starts a job. `context` belongs to the job from here on, also after a failure (NULL with one line). The caller ends
 * the job with job_let_go. */
struct job *job_start(struct jobs *jobs, const struct job_kind *kind, void *context, struct error *error);

/* Ends the owner's interest: *job becomes NULL. A job that still works is asked to stop and not waited for. Nothing
 * where *job is NULL. */
void job_let_go(struct job **job);

/* From the start until job_finished has told the end. NULL: false. */
bool job_is_working(const struct job *job);

/* True once, after the work has ended. The context may be used again from then on, until job_let_go. NULL: false. */
bool job_finished(struct job *job);

void *job_context(const struct job *job);

/* NULL: the work succeeded. After job_finished. */
const struct error *job_error(const struct job *job);

/* What the work last reported; 0 and 0 before. NULL is allowed. */
void job_progress(const struct job *job, uint64_t *done, uint64_t *total);

#endif
