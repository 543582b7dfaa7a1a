/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training.h"

#include "engine/train/run/descriptors.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RETRY_SECONDS 30 /* between two looks whether a full disk has room again */

void training_init(struct training *training, struct wake *wake)
{
	training->lock.fd = training->journal.fd = training->curves.fd = -1;
	training->saved = training->order_epoch = NO_STEP;
	commands_init(&training->commands, wake);
	training->progress = (struct progress){commands_report, &training->commands};
}

void training_close(struct training *training)
{
	train_data_free(training->read);
	training->read = NULL;
	checkpoint_writer_free(&training->writer);
	optimizer_free(&training->optimizer);
	batch_store_free(&training->batch);
	examples_free(&training->to_train);
	examples_free(&training->held_out);
	soft_targets_free(&training->teaching.targets);
	free(training->teaching.imitated);
	augmentation_free(&training->augmentation);
	masking_free(&training->masking);
	inside_teacher_close(&training->inside);
	before_after_free(&training->story);
	held_out_free(&training->scores);
	free(training->again.orders);
	probes_free(&training->probes);
	report_facts_free(&training->facts);
	ngram_rows_free(&training->ngrams.to_train);
	ngram_rows_free(&training->ngrams.held_out);
	json_decref(training->ngrams.labels);
	label_sets_free(&training->sets);
	label_sets_free(&training->held_out_sets);
	train_loss_free(&training->loss);
	free(training->pending.losses);
	free(training->logits);
	free(training->right);
	free(training->order);
	free(training->order_room);
	model_close(training->model);
	tensorboard_close(&training->curves);
	journal_close(&training->journal);
	stopwatch_stop(&training->stopwatch);
	run_lock_release(&training->lock);
}

bool training_rows_weigh(const struct training *training)
{
	return training->loss.weights || !training->task->labels;
}

void training_free(struct training *training)
{
	run_record_free(&training->record);
	commands_free(&training->commands);
}

struct trainer_constants training_constants(const struct training *training)
{
	return (struct trainer_constants){
		.run = training->run,
		.schedule = &training->schedule,
		.occasions = &training->occasions,
		.rule = &training->rule,
	};
}

/* Time */

static void training_clock_stop(struct training *training)
{
	training->state.seconds += stopwatch_seconds(&training->stopwatch) - training->active_since;
}

double training_seconds(struct training *training)
{
	training_clock_stop(training);
	training_clock_start(training);
	return training->state.seconds;
}

void training_clock_start(struct training *training)
{
	training->active_since = stopwatch_seconds(&training->stopwatch);
}

/* Notes */

void training_tell_exclusion(struct training *training, const char *what, struct exclusion *exclusion)
{
	char text[8192];

	for (int i = 0; exclusion && i < exclusion_files(exclusion); i++) {
		exclusion_describe(exclusion, i, text, sizeof text);
		training_first_note(training, "%s: %s", what, text);
	}
	exclusion_count_anew(exclusion);
}

/* The status */

static double seconds_left(const struct training *training)
{
	if (training->step_seconds <= 0 || training->state.step > training->schedule.steps)
		return -1;
	return training->step_seconds * (double)(training->schedule.steps - training->state.step);
}

void training_set_phase(struct training *training, enum trainer_phase phase, const char *what, uint64_t done,
                        uint64_t total)
{
	struct trainer_status status = {
		.phase = phase, .done = done, .total = total, .seconds_left = seconds_left(training),
	};

	snprintf(status.what, sizeof status.what, "%s", what);
	commands_set_status(&training->commands, &status);
}

/* Events */

/* A resumed run's log goes on where it was left, also before the checkpoint is loaded that says where that is. */
static struct journal_event event_now(struct training *training, enum journal_state state, double seconds)
{
	struct journal_event event = {.step = training->state.step, .time = seconds, .state = state};

	if (training->resuming && !training->prepared) {
		event.step = training->left.step;
		event.time = training->left.seconds;
	}
	if (state != JOURNAL_NOTE)
		journal_date(event.date, time(NULL));
	return event;
}

static bool write_event(struct training *training, const void *what, struct error *error)
{
	return journal_add_event(&training->journal, what, error);
}

void training_event(struct training *training, enum journal_state state, const char *format, ...)
{
	struct journal_event event = event_now(training, state, training_seconds(training));
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(event.text, sizeof event.text, format, arguments);
	va_end(arguments);
	training_persist(training, write_event, &event, NULL);
	wake_signal(training->commands.wake);
}

/* Writing, patiently */

/* An event that does not wait for the disk. */
static void try_event(struct training *training, enum journal_state state, const char *text)
{
	struct journal_event event = event_now(training, state, training->state.seconds);

	snprintf(event.text, sizeof event.text, "%s", text);
	journal_add_event(&training->journal, &event, NULL);
}

/* There may be no room on the disk for the note that it is full; the status says it in any case. */
static void say_that_it_waits(struct training *training, const struct error *why)
{
	char text[1024];

	snprintf(text, sizeof text, "paused: %.900s; trying again every %d seconds", why->text, RETRY_SECONDS);
	try_event(training, JOURNAL_PAUSED, text);
	commands_set_error(&training->commands, why);
	training_set_phase(training, TRAINER_PAUSED, "waiting for the disk", training->state.step,
	                   training->schedule.steps);
}

/* Nothing is written for a run directory that was removed or replaced, though its open files would still take it. A write
 * that fails because the directory goes at that moment is no full disk either. */
static bool write_there(struct training *training, bool (*write)(struct training *, const void *, struct error *),
                        const void *what, struct error *error)
{
	struct error gone = {0};

	training->gone = !run_lock_check(&training->lock, training->run, &gone);
	if (!training->gone && write(training, what, error))
		return true;
	training->gone = training->gone || !run_lock_check(&training->lock, training->run, &gone);
	if (training->gone)
		*error = gone;
	return false;
}

bool training_persist(struct training *training, bool (*write)(struct training *, const void *, struct error *),
                      const void *what, struct error *error)
{
	struct trainer_status before;
	struct error why = {0};
	bool waited = false, done;

	commands_status(&training->commands, &before);
	/* That this process has too many files open is not the disk's fault and does not pass. */
	while (!(done = write_there(training, write, what, &why)) && why.kind == ERROR_IO && !training->gone &&
	       !commands_stop_asked(&training->commands) && descriptors_check(2, NULL)) {
		training_clock_stop(training);
		if (!waited)
			say_that_it_waits(training, &why);
		waited = true;
		commands_wait_retry(&training->commands, RETRY_SECONDS);
		training_clock_start(training);
	}
	if (waited) {
		commands_set_error(&training->commands, NULL);
		training_set_phase(training, before.phase, before.what, before.done, before.total);
		if (done)
			try_event(training, JOURNAL_RUNNING, "goes on: what was waiting is done");
	}
	if (!done && error)
		*error = why;
	return done;
}

bool training_is_over(const struct training *training)
{
	return training->state.step >= training->schedule.steps || best_is_exhausted(&training->state.mark, &training->rule);
}

bool training_breaks_off(const struct training *training)
{
	const double share = training->until;

	return share > 0 && share < 1 && !training_is_over(training) &&
	       training->state.step >= (uint64_t)ceil(share * (double)training->schedule.steps);
}

enum model_dtype training_saved_as(const struct training *training)
{
	const char *word = training->record.options.save_dtype;

	return strcmp(word, "float16") == 0 ? MODEL_FLOAT16 : strcmp(word, "bfloat16") == 0 ? MODEL_BFLOAT16 : MODEL_FLOAT32;
}
