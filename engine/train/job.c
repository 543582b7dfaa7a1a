/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/job.h"

#include "engine/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define RETRY_SECONDS 30

/* Time */

double job_seconds(struct trainer *trainer)
{
	job_clock_stop(trainer);
	job_clock_start(trainer);
	return trainer->state.seconds;
}

void job_clock_stop(struct trainer *trainer)
{
	trainer->state.seconds += clock_seconds() - trainer->active_since;
}

void job_clock_start(struct trainer *trainer)
{
	trainer->active_since = clock_seconds();
}

/* The status */

static double seconds_left(const struct trainer *trainer)
{
	if (trainer->step_seconds <= 0 || trainer->state.step > trainer->schedule.steps)
		return -1;
	return trainer->step_seconds * (double)(trainer->schedule.steps - trainer->state.step);
}

void job_set_phase(struct trainer *trainer, enum trainer_phase phase, const char *what, uint64_t done,
                   uint64_t total)
{
	struct trainer_shared *shared = &trainer->shared;

	pthread_mutex_lock(&shared->mutex);
	shared->status.phase = phase;
	shared->status.done = done;
	shared->status.total = total;
	shared->status.seconds_left = seconds_left(trainer);
	snprintf(shared->status.what, sizeof shared->status.what, "%s", what);
	pthread_mutex_unlock(&shared->mutex);
	wake_signal(shared->wake);
}

void job_set_error(struct trainer *trainer, const struct error *error)
{
	pthread_mutex_lock(&trainer->shared.mutex);
	trainer->shared.status.error = error ? *error : (struct error){0};
	pthread_mutex_unlock(&trainer->shared.mutex);
}

bool job_stop_asked(struct trainer *trainer)
{
	bool stop;

	pthread_mutex_lock(&trainer->shared.mutex);
	stop = trainer->shared.stop;
	pthread_mutex_unlock(&trainer->shared.mutex);
	return stop;
}

/* Writing, patiently */

/* Until a command comes or it is time to try again. */
static void wait_for_disk(struct trainer *trainer)
{
	struct trainer_shared *shared = &trainer->shared;
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += RETRY_SECONDS;
	pthread_mutex_lock(&shared->mutex);
	shared->retry = false;
	while (!shared->stop && !shared->retry &&
	       pthread_cond_timedwait(&shared->changed, &shared->mutex, &until) == 0)
		;
	shared->retry = false;
	pthread_mutex_unlock(&shared->mutex);
}

static void add_event(struct trainer *trainer, enum journal_state state, const char *text)
{
	struct journal_event event = {.step = trainer->state.step, .time = trainer->state.seconds, .state = state};

	snprintf(event.text, sizeof event.text, "%s", text);
	journal_add_event(&trainer->journal, &event, NULL);
}

/* The note that the disk is full may find no room on it: the status tells it in any case. */
static void say_that_it_waits(struct trainer *trainer, const struct error *why)
{
	char text[1024];

	snprintf(text, sizeof text, "paused: %.900s; trying again every %d seconds", why->text, RETRY_SECONDS);
	add_event(trainer, JOURNAL_PAUSED, text);
	job_set_error(trainer, why);
	job_set_phase(trainer, TRAINER_PAUSED, "waiting for the disk", trainer->state.step, trainer->schedule.steps);
}

/* A run directory that was removed or replaced takes nothing, though its open files still would. One that goes in the
 * midst of a write is gone, too, and no full disk. */
static bool write_there(struct trainer *trainer, bool (*write)(struct trainer *, const void *, struct error *),
                        const void *what, struct error *error)
{
	struct error gone = {0};

	trainer->gone = !run_lock_check(&trainer->lock, trainer->run, &gone);
	if (!trainer->gone && write(trainer, what, error))
		return true;
	trainer->gone = trainer->gone || !run_lock_check(&trainer->lock, trainer->run, &gone);
	if (trainer->gone)
		*error = gone;
	return false;
}

bool job_persist(struct trainer *trainer, bool (*write)(struct trainer *, const void *, struct error *),
                 const void *what, struct error *error)
{
	struct trainer_status before;
	struct error why = {0};
	bool waited = false, done;

	trainer_status(trainer, &before);
	while (!(done = write_there(trainer, write, what, &why)) && why.kind == ERROR_IO && !trainer->gone &&
	       !job_stop_asked(trainer)) {
		job_clock_stop(trainer);
		if (!waited)
			say_that_it_waits(trainer, &why);
		waited = true;
		wait_for_disk(trainer);
		job_clock_start(trainer);
	}
	if (waited) {
		job_set_error(trainer, NULL);
		job_set_phase(trainer, before.phase, before.what, before.done, before.total);
		if (done)
			add_event(trainer, JOURNAL_RUNNING, "goes on: what was waiting is written");
	}
	if (!done && error)
		*error = why;
	return done;
}

static bool write_event(struct trainer *trainer, const void *what, struct error *error)
{
	return journal_add_event(&trainer->journal, what, error);
}

void job_event(struct trainer *trainer, enum journal_state state, const char *format, ...)
{
	struct journal_event event = {.step = trainer->state.step, .time = job_seconds(trainer), .state = state};
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(event.text, sizeof event.text, format, arguments);
	va_end(arguments);
	job_persist(trainer, write_event, &event, NULL);
	wake_signal(trainer->shared.wake);
}

static bool write_checkpoint(struct trainer *trainer, const void *what, struct error *error)
{
	(void)what;
	return journal_sync(&trainer->journal, error) &&
	       checkpoint_write(trainer->run, &trainer->state, &trainer->optimizer,
	                        trainer->record.options.save_total_limit, error);
}

bool job_checkpoint(struct trainer *trainer, struct error *error)
{
	struct trainer_status before;

	if (trainer->saved == trainer->state.step || trainer->state.step == 0)
		return true;
	trainer_status(trainer, &before);
	job_set_phase(trainer, TRAINER_SAVING, "saving", trainer->state.step, trainer->schedule.steps);
	job_seconds(trainer);
	if (!job_persist(trainer, write_checkpoint, NULL, error))
		return false;
	trainer->saved = trainer->state.step;
	job_event(trainer, JOURNAL_NOTE, "checkpoint-%06llu written", (unsigned long long)trainer->saved);
	job_set_phase(trainer, before.phase, before.what, before.done, before.total);
	return true;
}

/* Commands */

static bool take_save(struct trainer *trainer)
{
	bool save;

	pthread_mutex_lock(&trainer->shared.mutex);
	save = trainer->shared.save;
	trainer->shared.save = false;
	pthread_mutex_unlock(&trainer->shared.mutex);
	return save;
}

static bool pause_asked(struct trainer *trainer)
{
	bool pause;

	pthread_mutex_lock(&trainer->shared.mutex);
	pause = trainer->shared.pause && !trainer->shared.stop;
	pthread_mutex_unlock(&trainer->shared.mutex);
	return pause;
}

static void wait_for_command(struct trainer *trainer)
{
	struct trainer_shared *shared = &trainer->shared;

	pthread_mutex_lock(&shared->mutex);
	while (shared->pause && !shared->stop && !shared->save)
		pthread_cond_wait(&shared->changed, &shared->mutex);
	pthread_mutex_unlock(&shared->mutex);
}

static bool wait_while_paused(struct trainer *trainer, struct error *error)
{
	job_event(trainer, JOURNAL_PAUSED, "paused after step %llu", (unsigned long long)trainer->state.step);
	job_set_phase(trainer, TRAINER_PAUSED, "paused", trainer->state.step, trainer->schedule.steps);
	job_clock_stop(trainer);
	while (pause_asked(trainer)) {
		wait_for_command(trainer);
		trainer->active_since = clock_seconds();
		if (take_save(trainer) && !job_checkpoint(trainer, error))
			return false;
	}
	job_clock_start(trainer);
	if (!job_stop_asked(trainer))
		job_event(trainer, JOURNAL_RUNNING, "goes on");
	job_set_phase(trainer, TRAINER_TRAINING, "training", trainer->state.step, trainer->schedule.steps);
	return true;
}

bool job_obey(struct trainer *trainer, struct error *error)
{
	if (take_save(trainer) && !job_checkpoint(trainer, error))
		return false;
	if (pause_asked(trainer) && !wait_while_paused(trainer, error))
		return false;
	RETURN_IF(job_stop_asked(trainer), error, ERROR_INTERRUPTED, "stopped");
	return true;
}
