/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/job.h"

#include "engine/clock.h"
#include "engine/thread.h"

#include <stdatomic.h>
#include <stdlib.h>

#define SIGNAL_SECONDS 0.1

struct job {
	struct jobs *jobs;
	struct job *next; /* in the list of jobs */
	const struct job_kind *kind;
	void *context;
	pthread_t thread;
	bool joined, let_go;     /* the owner's */
	atomic_bool stop, done;
	atomic_ullong amount, total;
	double next_signal;      /* the job's thread's, as are the next two until `done` */
	bool succeeded;
	struct error error;
};

struct jobs {
	struct wake *wake;
	struct job *first;
	bool closing; /* nothing is started any more */
};

struct jobs *jobs_new(struct wake *wake, struct error *error)
{
	struct jobs *jobs = calloc(1, sizeof *jobs);

	if (!jobs) {
		error_memory(error, "preparing for work");
		return NULL;
	}
	jobs->wake = wake;
	return jobs;
}

/* On the job's thread. */
static bool report(void *context, const char *what, uint64_t done, uint64_t total)
{
	struct job *job = context;

	(void)what;
	atomic_store(&job->amount, done);
	atomic_store(&job->total, total);
	if (clock_seconds() >= job->next_signal) {
		job->next_signal = clock_seconds() + SIGNAL_SECONDS;
		wake_signal(job->jobs->wake);
	}
	return !atomic_load(&job->stop);
}

/* After `done` is set the owner may join at any moment, so the wake is remembered before. */
static void *run(void *context)
{
	struct job *job = context;
	struct wake *wake = job->jobs->wake;
	const struct progress progress = {report, job};

	job->succeeded = job->kind->work(job->context, &progress, &job->error);
	atomic_store(&job->done, true);
	wake_signal(wake);
	return NULL;
}

struct job *job_start(struct jobs *jobs, const struct job_kind *kind, void *context, struct error *error)
{
	struct job *job = calloc(1, sizeof *job);

	if (job) {
		*job = (struct job){.jobs = jobs, .kind = kind, .context = context, .next = jobs->first};
		if (thread_start(&job->thread, run, job, kind->name, error)) {
			jobs->first = job;
			return job;
		}
	} else {
		error_memory(error, kind->name);
	}
	free(job);
	kind->free(context);
	return NULL;
}

bool job_is_working(const struct job *job)
{
	return job && !job->joined;
}

static void join(struct job *job)
{
	if (!job->joined)
		pthread_join(job->thread, NULL);
	job->joined = true;
}

bool job_finished(struct job *job)
{
	if (!job || job->joined || !atomic_load(&job->done))
		return false;
	join(job);
	return true;
}

void *job_context(const struct job *job)
{
	return job->context;
}

const struct error *job_error(const struct job *job)
{
	return job->succeeded ? NULL : &job->error;
}

/* The total first, as `report` stores it last: a total that was seen has its amount. */
void job_progress(const struct job *job, uint64_t *done, uint64_t *total)
{
	*total = job ? atomic_load(&job->total) : 0;
	*done = job ? atomic_load(&job->amount) : 0;
}

/* Takes the job out of the list before its context is freed: that may start or end others. */
static void end(struct job *job)
{
	struct job **place = &job->jobs->first;

	join(job);
	while (*place != job)
		place = &(*place)->next;
	*place = job->next;
	job->kind->free(job->context);
	free(job);
}

void job_let_go(struct job **job)
{
	struct job *gone = *job;

	*job = NULL;
	if (!gone)
		return;
	gone->let_go = true;
	if (gone->joined || atomic_load(&gone->done))
		end(gone);
	else
		atomic_store(&gone->stop, true);
}

static struct job *next_to_collect(const struct jobs *jobs)
{
	for (struct job *job = jobs->first; job; job = job->next) {
		if (job->let_go && atomic_load(&job->done))
			return job;
	}
	return NULL;
}

void jobs_collect(struct jobs *jobs)
{
	struct job *job;

	while ((job = next_to_collect(jobs)))
		end(job);
}

void jobs_free(struct jobs *jobs)
{
	if (!jobs)
		return;
	jobs->closing = true;
	for (struct job *job = jobs->first; job; job = job->next)
		atomic_store(&job->stop, true);
	while (jobs->first)
		end(jobs->first);
	free(jobs);
}

/* Getting rid of something */

struct disposal {
	void (*free_thing)(void *thing);
	void *thing;
};

static bool dispose_work(void *context, const struct progress *progress, struct error *error)
{
	struct disposal *disposal = context;

	(void)progress;
	(void)error;
	disposal->free_thing(disposal->thing);
	disposal->thing = NULL;
	return true;
}

/* Where no thread could be started the thing is still there. */
static void dispose_free(void *context)
{
	struct disposal *disposal = context;

	if (disposal->thing)
		disposal->free_thing(disposal->thing);
	free(disposal);
}

void jobs_dispose(struct jobs *jobs, void (*free_thing)(void *thing), void *thing)
{
	static const struct job_kind closing = {"closing", dispose_work, dispose_free};
	struct disposal *disposal = thing && !jobs->closing ? malloc(sizeof *disposal) : NULL;
	struct job *job;

	if (!thing)
		return;
	if (!disposal) {
		free_thing(thing);
		return;
	}
	*disposal = (struct disposal){free_thing, thing};
	job = job_start(jobs, &closing, disposal, NULL);
	job_let_go(&job);
}
