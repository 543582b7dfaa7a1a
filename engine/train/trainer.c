/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The face of the trainer: starting, commanding, waiting. */
#include "engine/train/job.h"

#include "engine/base/file.h"
#include "engine/base/number.h"
#include "engine/clock.h"
#include "engine/thread.h"
#include "engine/train/leftovers.h"
#include "engine/train/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Commands: any thread */

static void command(struct trainer *trainer, bool *flag, bool value)
{
	pthread_mutex_lock(&trainer->shared.mutex);
	*flag = value;
	pthread_cond_broadcast(&trainer->shared.changed);
	pthread_mutex_unlock(&trainer->shared.mutex);
}

void trainer_pause(struct trainer *trainer)
{
	command(trainer, &trainer->shared.pause, true);
}

void trainer_continue(struct trainer *trainer)
{
	command(trainer, &trainer->shared.retry, true);
	command(trainer, &trainer->shared.pause, false);
}

void trainer_stop(struct trainer *trainer)
{
	command(trainer, &trainer->shared.stop, true);
}

void trainer_save(struct trainer *trainer)
{
	command(trainer, &trainer->shared.save, true);
}

static bool hear(void *context, const char *word)
{
	static const struct {
		const char *word;
		void (*obey)(struct trainer *trainer);
	} words[] = {
		{"pause", trainer_pause}, {"resume", trainer_continue}, {"stop", trainer_stop}, {"save", trainer_save},
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(word, words[i].word) == 0) {
			words[i].obey(context);
			return true;
		}
	}
	return false;
}

void trainer_status(struct trainer *trainer, struct trainer_status *status)
{
	pthread_mutex_lock(&trainer->shared.mutex);
	*status = trainer->shared.status;
	pthread_mutex_unlock(&trainer->shared.mutex);
}

/* The job thread */

/* Progress of what comes before the first step. May be called by any of the job's threads. */
static bool report(void *context, const char *what, uint64_t done, uint64_t total)
{
	struct trainer *trainer = context;
	struct trainer_shared *shared = &trainer->shared;
	double now = clock_seconds();
	bool wake, go_on;

	pthread_mutex_lock(&shared->mutex);
	snprintf(shared->status.what, sizeof shared->status.what, "%s", what);
	shared->status.done = done;
	shared->status.total = total;
	wake = now - shared->woken >= 0.1;
	if (wake)
		shared->woken = now;
	go_on = !shared->stop;
	pthread_mutex_unlock(&shared->mutex);
	if (wake)
		wake_signal(shared->wake);
	return go_on;
}

/* What was done is kept; before the first step there is nothing to keep. */
static bool stop(struct trainer *trainer, struct error *error)
{
	char where[64];

	if (!job_checkpoint(trainer, error))
		return false;
	snprintf(where, sizeof where, "before %s", trainer->resuming ? "it went on" : "a step was made");
	if (trainer->state.step > 0)
		snprintf(where, sizeof where, "after step %llu of %llu", (unsigned long long)trainer->state.step,
		         (unsigned long long)trainer->schedule.steps);
	error_set(error, ERROR_INTERRUPTED, "stopped %s; go on with: revue train --resume %s", where, trainer->run);
	job_event(trainer, JOURNAL_STOPPED, "stopped %s", where);
	return true;
}

static enum trainer_phase work(struct trainer *trainer, struct error *error)
{
	if (job_prepare(trainer, error) && job_train(trainer, error) && job_finish(trainer, error)) {
		job_event(trainer, JOURNAL_FINISHED, "finished: the model is in %.900s/model", trainer->run);
		return TRAINER_FINISHED;
	}
	if (error->kind == ERROR_INTERRUPTED && stop(trainer, error))
		return TRAINER_STOPPED;
	job_event(trainer, JOURNAL_FAILED, "%s", error->text);
	return TRAINER_FAILED;
}

/* Frees what the job held. The lock goes last: whoever gets it finds everything closed. */
static void leave(struct trainer *trainer)
{
	control_close(trainer->control);
	trainer->control = NULL;
	optimizer_free(&trainer->optimizer);
	batch_store_free(&trainer->batch);
	examples_free(&trainer->training);
	examples_free(&trainer->held_out);
	free(trainer->logits);
	free(trainer->order);
	model_close(trainer->model);
	tensorboard_close(&trainer->curves);
	journal_close(&trainer->journal);
	run_lock_release(&trainer->lock);
}

static void *run_job(void *context)
{
	struct trainer *trainer = context;
	struct error error = {0};
	enum trainer_phase phase;

	job_clock_start(trainer);
	job_event(trainer, JOURNAL_RUNNING, trainer->resuming ? "is resumed" : "starts");
	if (!trainer->control)
		job_event(trainer, JOURNAL_NOTE, "takes no commands from other processes: %.900s", trainer->deaf.text);
	phase = work(trainer, &error);
	leave(trainer);
	job_set_error(trainer, &error);
	job_set_phase(trainer, phase, "", trainer->state.step, trainer->schedule.steps);
	return NULL;
}

/* Starting */

static struct trainer *trainer_new(struct wake *wake, struct error *error)
{
	struct trainer *trainer = calloc(1, sizeof *trainer);
	pthread_condattr_t monotonic;

	if (!trainer) {
		error_memory(error, "starting a training");
		return NULL;
	}
	trainer->lock.fd = trainer->journal.fd = trainer->curves.fd = -1;
	trainer->saved = trainer->order_epoch = NO_STEP;
	trainer->shared.wake = wake;
	trainer->shared.status.seconds_left = -1;
	trainer->progress = (struct progress){report, trainer};
	pthread_mutex_init(&trainer->shared.mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&trainer->shared.changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return trainer;
}

static void trainer_free(struct trainer *trainer)
{
	run_record_free(&trainer->record);
	pthread_cond_destroy(&trainer->shared.changed);
	pthread_mutex_destroy(&trainer->shared.mutex);
	free(trainer);
}

/* The validation option as a file, or as a share that is in its bounds. */
static bool check_validation(struct run_record *record, struct error *error)
{
	const char *text = record->options.validation;
	double share;

	if (text[0] == '\0')
		return true;
	if (!number_parse(text, &share) || file_exists(text))
		return source_path(record->validation.path, sizeof record->validation.path, text, error) ||
		       error_prefix(error, "--validation");
	RETURN_IF(share < 0 || share >= 1, error, ERROR_USAGE,
	          "--validation: %.40s is no share: from 0 to less than 1, or a file", text);
	return true;
}

static bool check_request(struct run_record *record, const struct trainer_request *request, struct error *error)
{
	record->options = *request->options;
	RETURN_IF(strcmp(request->data, "-") == 0, error, ERROR_USAGE,
	          "a training reads its data more than once: give a file instead of -");
	if (!source_path(record->data.path, sizeof record->data.path, request->data, error) ||
	    !source_path(record->model.path, sizeof record->model.path, request->model, error))
		return false;
	RETURN_IF(!folder_exists(record->model.path), error, ERROR_USAGE, "%s: a model is a folder", request->model);
	return check_validation(record, error);
}

/* A run that failed before its first step holds nothing that one would miss: it is started anew. */
static bool forget_failed(const char *directory, struct error *error)
{
	char path[RECORD_PATH_MAX];

	if (!path_join(path, sizeof path, directory, "metrics.jsonl", error))
		return false;
	return unlink(path) == 0 || errno == ENOENT || error_errno(error, "remove", path);
}

static bool open_new(struct trainer *trainer, const struct trainer_request *request, struct error *error)
{
	RETURN_IF(strlen(request->run) >= sizeof trainer->run / 2, error, ERROR_USAGE, "%.100s...: name too long",
	          request->run);
	memcpy(trainer->run, request->run, strlen(request->run) + 1);
	/* Before the lock is taken, which makes a file, and again when nobody else can change it. */
	return check_request(&trainer->record, request, error) && trainer_check_run(trainer->run, error) &&
	       folder_make(trainer->run, error) && run_lock_take(&trainer->lock, trainer->run, error) &&
	       trainer_check_run(trainer->run, error) && forget_failed(trainer->run, error) &&
	       run_record_write(trainer->run, &trainer->record, error);
}

static bool check_unfinished(const char *directory, struct error *error)
{
	struct run *run = run_open(directory, error);
	enum run_state state;

	if (!run)
		return false;
	state = run_state(run);
	run_close(run);
	RETURN_IF(state == RUN_FINISHED, error, ERROR_USAGE, "%s has finished: its model is in %s/model", directory,
	          directory);
	return true;
}

static bool open_old(struct trainer *trainer, const char *run, struct error *error)
{
	RETURN_IF(strlen(run) >= sizeof trainer->run / 2, error, ERROR_USAGE, "%.100s...: name too long", run);
	memcpy(trainer->run, run, strlen(run) + 1);
	trainer->resuming = true;
	/* Before the lock is taken: that would make a file in whatever directory was named. */
	return check_unfinished(run, error) && run_lock_take(&trainer->lock, run, error) &&
	       check_unfinished(run, error) && run_record_read(run, &trainer->record, error);
}

/* A run that nobody attends shows in its directory why it did not begin. */
static bool begin(struct trainer *trainer, struct error *error)
{
	struct journal_event event = {.state = JOURNAL_FAILED};

	if (thread_start(&trainer->thread, run_job, trainer, "training", error))
		return true;
	snprintf(event.text, sizeof event.text, "%s", error->text);
	journal_add_event(&trainer->journal, &event, NULL);
	return false;
}

/* Everything is there: the job may begin. On failure the trainer is freed. */
static struct trainer *launch(struct trainer *trainer, struct error *error)
{
	leftovers_remove(trainer->run);
	if (journal_open(&trainer->journal, trainer->run, error)) {
		/* Not every file system has sockets: a training does not need one. */
		trainer->control = control_open(trainer->run, hear, trainer, &trainer->deaf);
		if (begin(trainer, error))
			return trainer;
	}
	leave(trainer);
	trainer_free(trainer);
	return NULL;
}

struct trainer *trainer_start(const struct trainer_request *request, struct wake *wake, struct error *error)
{
	struct trainer *trainer = trainer_new(wake, error);

	if (!trainer)
		return NULL;
	if (open_new(trainer, request, error))
		return launch(trainer, error);
	leave(trainer);
	trainer_free(trainer);
	return NULL;
}

struct trainer *trainer_resume(const char *run, struct wake *wake, struct error *error)
{
	struct trainer *trainer = trainer_new(wake, error);

	if (!trainer)
		return NULL;
	if (open_old(trainer, run, error))
		return launch(trainer, error);
	leave(trainer);
	trainer_free(trainer);
	return NULL;
}

bool trainer_join(struct trainer *trainer, struct error *error)
{
	enum trainer_phase phase;

	pthread_join(trainer->thread, NULL);
	phase = trainer->shared.status.phase;
	if (error)
		*error = trainer->shared.status.error;
	trainer_free(trainer);
	return phase != TRAINER_FAILED;
}
