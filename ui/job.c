/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/job.h"

#include "engine/clock.h"

#include <signal.h>

#define JOB_SIGNAL_SECONDS 0.1

double ui_seconds(void)
{
	return clock_seconds();
}

/* On the working thread. */
static bool job_report(void *context, const char *what, uint64_t done, uint64_t total)
{
	struct job *job = context;

	(void)what;
	atomic_store(&job->amount, done);
	atomic_store(&job->total, total);
	if (ui_seconds() >= job->next_signal) {
		job->next_signal = ui_seconds() + JOB_SIGNAL_SECONDS;
		wake_signal(job->wake);
	}
	return !atomic_load(&job->stop);
}

static void *job_main(void *context)
{
	struct job *job = context;

	job->succeeded = job->work(job, job->context);
	atomic_store(&job->done, true);
	wake_signal(job->wake);
	return NULL;
}

bool job_start(struct job *job, struct wake *wake, bool (*work)(struct job *job, void *context), void *context,
               struct error *error)
{
	sigset_t all, before;
	int failed;

	job_cancel(job);
	*job = (struct job){.wake = wake, .work = work, .context = context};
	job->progress = (struct progress){job_report, job};
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&job->thread, NULL, job_main, job);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	job->running = failed == 0;
	return failed == 0 || error_set(error, ERROR_FAILED, "no thread could be started");
}

static void job_join(struct job *job)
{
	pthread_join(job->thread, NULL);
	job->running = false;
}

bool job_finished(struct job *job)
{
	if (!job->running || !atomic_load(&job->done))
		return false;
	job_join(job);
	return true;
}

void job_cancel(struct job *job)
{
	if (!job->running)
		return;
	atomic_store(&job->stop, true);
	job_join(job);
}
