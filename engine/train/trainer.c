/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The face of the trainer: starting, commanding, waiting; and the job thread, which takes the parts of the work in
 * their order. */
#include "engine/trainer.h"

#include "engine/base/file.h"
#include "engine/base/number.h"
#include "engine/format/no_weights.h"
#include "engine/format/weights_form.h"
#include "engine/model/kinds.h"
#include "engine/thread.h"
#include "engine/train/control.h"
#include "engine/train/rows/source.h"
#include "engine/train/rows/validation.h"
#include "engine/train/run/descriptors.h"
#include "engine/train/run/directory.h"
#include "engine/train/teach_paths.h"
#include "engine/train/training_base.h"
#include "engine/train/training_checkpoint.h"
#include "engine/train/training_finish.h"
#include "engine/train/training_prepare.h"
#include "engine/train/training_steps.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct trainer {
	struct training training;
	pthread_t thread;
	struct control *control; /* NULL: it takes no commands from outside, */
	struct error deaf;       /* and this is why */
};

/* Commands: any thread */

static bool hear(void *context, const char *line, struct error *error)
{
	struct run_order order;

	return run_order_parse(line, &order, error) && commands_give(context, &order, error);
}

bool trainer_order(struct trainer *trainer, const char *order, struct error *error)
{
	return hear(&trainer->training.commands, order, error);
}

static void give(struct trainer *trainer, enum run_command command)
{
	commands_give(&trainer->training.commands, &(struct run_order){.command = command}, NULL);
}

void trainer_pause(struct trainer *trainer)
{
	give(trainer, RUN_COMMAND_PAUSE);
}

void trainer_continue(struct trainer *trainer)
{
	give(trainer, RUN_COMMAND_RESUME);
}

void trainer_stop(struct trainer *trainer)
{
	give(trainer, RUN_COMMAND_STOP);
}

void trainer_save(struct trainer *trainer)
{
	give(trainer, RUN_COMMAND_SAVE);
}

void trainer_lend(struct trainer *trainer, struct model *into)
{
	commands_ask_lend(&trainer->training.commands, into);
}

bool trainer_has_lent(struct trainer *trainer, uint64_t *step, struct error *error)
{
	return commands_take_lent(&trainer->training.commands, step, error);
}

void trainer_status(struct trainer *trainer, struct trainer_status *status)
{
	commands_status(&trainer->training.commands, status);
}

/* The job thread */

/* What was done is kept; before the first step there is nothing to keep. */
static bool stop(struct training *training, struct error *error)
{
	char where[64];

	if (!training_checkpoint(training, error))
		return false;
	snprintf(where, sizeof where, "before %s", training->resuming ? "it went on" : "a step was made");
	if (training->state.step > 0)
		snprintf(where, sizeof where, "after step %llu of %llu", (unsigned long long)training->state.step,
		         (unsigned long long)training->schedule.steps);
	error_set(error, ERROR_INTERRUPTED, "stopped %s; go on with: revue train --resume %s", where, training->run);
	training_event(training, JOURNAL_STOPPED, "stopped %s", where);
	return true;
}

/* A device that failed keeps nothing: what is on the disk counts, and a process whose GPU was lost does not get it back. */
static void explain_lost(const struct training *training, struct error *error)
{
	const struct error why = *error;
	char kept[64] = "nothing was saved yet";

	if (!training->model || model_backend(training->model)->ops->host_memory || network_status(training->model, NULL))
		return;
	if (training->saved != NO_STEP)
		snprintf(kept, sizeof kept, "checkpoint-%06llu stands", (unsigned long long)training->saved);
	error_set(error, why.kind, "%.500s; %s: go on in a new process with revue train --resume %.300s, without the GPU with --device cpu",
	          why.text, kept, training->run);
}

static enum trainer_phase work(struct training *training, struct error *error)
{
	if (training_prepare(training, error) && training_run_steps(training, error) &&
	    training_finish(training, error)) {
		training_say_finished(training);
		return TRAINER_FINISHED;
	}
	if (error->kind == ERROR_INTERRUPTED && stop(training, error))
		return TRAINER_STOPPED;
	explain_lost(training, error);
	training_event(training, JOURNAL_FAILED, "%s", error->text);
	return TRAINER_FAILED;
}

static void leave(struct trainer *trainer)
{
	control_close(trainer->control);
	trainer->control = NULL;
	training_close(&trainer->training);
}

static void *run_job(void *context)
{
	struct trainer *trainer = context;
	struct training *training = &trainer->training;
	struct error error = {0};
	enum trainer_phase phase;

	stopwatch_start(&training->stopwatch);
	training_clock_start(training);
	training_event(training, JOURNAL_RUNNING, training->resuming ? "is resumed" : "starts");
	if (!trainer->control)
		training_event(training, JOURNAL_NOTE, "takes no commands from other processes: %.900s",
		               trainer->deaf.text);
	phase = work(training, &error);
	leave(trainer);
	commands_set_error(&training->commands, &error);
	training_set_phase(training, phase, "", training->state.step, training->schedule.steps);
	return NULL;
}

/* Starting */

static struct trainer *trainer_new(struct wake *wake, struct error *error)
{
	struct trainer *trainer = calloc(1, sizeof *trainer);

	if (trainer)
		training_init(&trainer->training, wake);
	else
		error_memory(error, "starting a training");
	return trainer;
}

static void trainer_free(struct trainer *trainer)
{
	training_free(&trainer->training);
	free(trainer);
}

/* The validation option as a file, as a share that is in its bounds, or as a number of rows. */
static bool check_validation(struct run_record *record, struct error *error)
{
	const char *text = record->options.validation;
	bool file;

	if (!validation_is_file(text, &file, error))
		return false;
	return !file || source_path(record->validation.path, sizeof record->validation.path, text, error) ||
	       error_prefix(error, "--validation");
}

/* What is recorded is the folder that was found, so that a resumed run finds the same. */
static bool check_model(struct training *training, const char *path, struct error *error)
{
	struct run_record *record = &training->record;
	struct model_place place;

	if (!model_find(path, &place, error) || !model_check_trainable(place.folder, error))
		return false;
	if (!weights_form_find(place.folder)) {
		no_weights_explain(place.folder, error);
		return false;
	}
	memcpy(training->model_notice, place.notice, sizeof place.notice);
	return source_path(record->model.path, sizeof record->model.path, place.folder, error);
}

/* So that a resumed run finds it, from wherever. */
static bool check_corrections(struct run_record *record, struct error *error)
{
	char path[OPTION_TEXT_MAX];

	if (!record->options.corrections[0])
		return true;
	if (!source_path(path, sizeof path, record->options.corrections, error))
		return error_prefix(error, "--corrections");
	memcpy(record->options.corrections, path, sizeof path);
	return true;
}

/* Teachers, texts without labels and texts to leave out, so that a resumed run finds them, from wherever. */
static bool check_teaching(struct run_record *record, struct error *error)
{
	struct train_options *options = &record->options;

	return (!options->teacher[0] || teach_find_models(options->teacher, sizeof options->teacher, error)) &&
	       (!options->unlabelled[0] || teach_find_files("--unlabelled", options->unlabelled, sizeof options->unlabelled, error)) &&
	       (!options->exclude[0] || teach_find_files("--exclude", options->exclude, sizeof options->exclude, error));
}

static bool check_request(struct training *training, const struct trainer_request *request, struct error *error)
{
	struct run_record *record = &training->record;

	record->options = *request->options;
	if (!train_options_check(&record->options, error) ||
	    !source_path(record->data.path, sizeof record->data.path, request->data, error) ||
	    !check_model(training, request->model, error))
		return false;
	/* What stands for it may change in run.json, and with it no evaluation. */
	if (strcmp(record->options.eval_strategy, "steps") == 0)
		record->options.eval_steps = occasions_eval_steps(&record->options);
	return check_corrections(record, error) && check_teaching(record, error) && check_validation(record, error);
}

bool trainer_check(const struct trainer_request *request, struct error *error)
{
	struct trainer *trainer = trainer_new(NULL, error);
	bool done;

	if (!trainer)
		return false;
	done = (!request->run || directory_check(request->run, error)) && check_request(&trainer->training, request, error) &&
	       run_record_check(&trainer->training.record, error);
	leave(trainer);
	trainer_free(trainer);
	return done;
}

static bool take_name(struct training *training, const char *run, struct error *error)
{
	RETURN_IF(strlen(run) >= sizeof training->run / 2, error, ERROR_USAGE, "%.100s...: name too long", run);
	memcpy(training->run, run, strlen(run) + 1);
	return true;
}

static bool open_new(struct training *training, const struct trainer_request *request, struct error *error)
{
	const char *run = training->run;

	run_record_note_start(&training->record);
	/* All that can be refused is refused before the folder is made, and asked again when nobody else can change it. */
	return take_name(training, request->run, error) && check_request(training, request, error) &&
	       run_record_check(&training->record, error) && directory_check(run, error) && folder_make(run, error) &&
	       run_lock_take(&training->lock, run, error) && directory_check(run, error) &&
	       directory_forget(run, error) && run_record_write(run, &training->record, error);
}

/* Of a model config.json is written last. */
static bool has_model(const char *directory)
{
	char path[RECORD_PATH_MAX];

	return path_join(path, sizeof path, directory, "model/config.json", NULL) && file_exists(path);
}

/* A run that has finished goes on where it is given more to do, or where its model has been lost and can be made once more. */
static bool check_unfinished(const char *directory, const struct trainer_request *request, struct error *error)
{
	struct run_summary summary;
	struct checkpoint_state left = {0};
	bool lost;

	if (!run_summary_read(directory, &summary, error))
		return false;
	if (summary.state != RUN_FINISHED || request->epochs > 0)
		return true;
	lost = !has_model(directory);
	if (lost && checkpoint_glance(directory, &left))
		return true;
	RETURN_IF(lost, error, ERROR_USAGE,
	          "%s has finished, but neither its model nor a checkpoint is there any more: train again, into another folder",
	          directory);
	if (request->missing)
		*request->missing = (struct trainer_missing){.what = TRAINER_MISSES_EPOCHS};
	return error_set(error, ERROR_USAGE, "%s has finished: its model is in %s/model; more epochs: "
	                 "revue train --resume %s --num-train-epochs N", directory, directory, directory);
}

/* What would be refused later, before anything is written. */
static bool check_more_epochs(const struct training *training, double epochs, struct error *error)
{
	const struct run_record *record = &training->record;
	const double steps = ceil(epochs * (double)record->steps_per_epoch);

	if (!(epochs > 0))
		return true;
	RETURN_IF(record->options.max_steps > 0, error, ERROR_USAGE,
	          "%s counts --max-steps %lld, and no epochs: train its model on with -m %s/model", training->run,
	          (long long)record->options.max_steps, training->run);
	RETURN_IF(record->steps_per_epoch == 0, error, ERROR_USAGE,
	          "%s was not prepared to its end: resume it without --num-train-epochs", training->run);
	RETURN_IF(steps <= (double)training->left.step, error, ERROR_USAGE,
	          "--num-train-epochs %g: %s has made step %llu of that many epochs' %.0f: ask for more", epochs, training->run,
	          (unsigned long long)training->left.step, steps);
	RETURN_IF(training->left.step == 0, error, ERROR_USAGE,
	          "%s kept no checkpoint to go on from: train its model on with -m %s/model", training->run, training->run);
	return true;
}

/* Notes where a file lies now: where it was said to be, or where it was. */
static bool find_source(struct record_source *source, const char *given, const char *what, const char *option,
                        const char *run, struct error *error)
{
	char path[RECORD_PATH_MAX];

	RETURN_IF(!given && source->path[0] && !file_exists(source->path), error, ERROR_IO,
	          "%s: its %s is no longer %s: say where it is with revue train --resume %s %s", run, what, source->path, run,
	          option);
	if (!given)
		return true;
	if (!source_path(path, sizeof path, given, error))
		return false;
	source->given = true;
	if (strcmp(path, source->path) == 0)
		return true;
	if (source->first_path[0] == '\0')
		memcpy(source->first_path, source->path, sizeof source->first_path);
	else if (strcmp(path, source->first_path) == 0)
		source->first_path[0] = '\0';
	memcpy(source->path, path, sizeof source->path);
	return true;
}

/* The base is needed as long as there is no checkpoint to go on from, and that of adapters always. */
static bool base_is_needed(const struct training *training)
{
	return training->record.options.lora_r > 0 || training->left.step == 0 || !training_base_is_kept(training->run, &training->record);
}

static bool misses(const struct record_source *source, const char *given)
{
	return !given && source->path[0] && !file_exists(source->path);
}

static void find_missing(const struct training *training, const struct trainer_request *request,
                         struct trainer_missing *missing)
{
	const struct run_record *record = &training->record;
	const struct record_source *source = &record->data;

	*missing = (struct trainer_missing){0};
	if (misses(&record->data, request->data)) {
		missing->what = TRAINER_MISSES_DATA;
	} else if (misses(&record->validation, request->validation)) {
		missing->what = TRAINER_MISSES_VALIDATION;
		source = &record->validation;
	} else if (base_is_needed(training) && misses(&record->model, request->model)) {
		missing->what = TRAINER_MISSES_MODEL;
		source = &record->model;
	}
	if (missing->what != TRAINER_HAS_ALL)
		snprintf(missing->path, sizeof missing->path, "%s", source->path);
}

static bool find_sources(struct training *training, const struct trainer_request *request, struct error *error)
{
	struct run_record *record = &training->record;
	const char *run = training->run;
	struct model_place place;

	RETURN_IF(request->validation && record->validation.path[0] == '\0', error, ERROR_USAGE,
	          "%s: measures on a share of its data, not on a file: leave --validation out", run);
	if (request->missing)
		find_missing(training, request, request->missing);
	if (request->model && !model_find(request->model, &place, error))
		return false;
	if (request->model)
		memcpy(training->model_notice, place.notice, sizeof place.notice);
	return find_source(&record->data, request->data, "data", "--data FILE", run, error) &&
	       find_source(&record->validation, request->validation, "validation file", "--validation FILE", run, error) &&
	       (!(request->model || base_is_needed(training)) ||
	        find_source(&record->model, request->model ? place.folder : NULL, "model", "-m MODEL", run, error)) &&
	       run_record_check(record, error);
}

static bool open_old(struct training *training, const struct trainer_request *request, struct error *error)
{
	const char *run = request->run;

	training->resuming = true;
	/* Before the lock is taken: that would make a file in whatever directory was named. */
	if (!take_name(training, run, error) || !check_unfinished(run, request, error) ||
	    !run_lock_take(&training->lock, run, error) || !check_unfinished(run, request, error) ||
	    !run_record_read(run, &training->record, error))
		return false;
	checkpoint_glance(run, &training->left);
	if (request->device && !train_option_set(&training->record.options, train_option_find("device"), request->device, error))
		return false;
	if (!check_more_epochs(training, request->epochs, error))
		return false;
	training->more_epochs = request->epochs;
	training->until = request->until;
	if (request->paused)
		commands_give(&training->commands, &(struct run_order){.command = RUN_COMMAND_PAUSE}, NULL);
	return find_sources(training, request, error);
}

/* A run that nobody attends shows in its directory why it did not begin. */
static bool begin(struct trainer *trainer, struct error *error)
{
	struct training *training = &trainer->training;
	struct journal_event event = {.state = JOURNAL_FAILED, .step = training->left.step,
	                              .time = training->left.seconds};

	if (thread_start(&trainer->thread, run_job, trainer, "training", error))
		return true;
	snprintf(event.text, sizeof event.text, "%s", error->text);
	journal_add_event(&training->journal, &event, NULL);
	return false;
}

/* Everything is there: the job may begin. */
static bool launch(struct trainer *trainer, struct error *error)
{
	struct training *training = &trainer->training;

	directory_clean(training->run);
	if (!journal_open(&training->journal, training->run, error))
		return false;
	/* Not every file system has sockets: a training does not need one. */
	trainer->control = control_open(training->run, hear, &training->commands, &trainer->deaf);
	return begin(trainer, error);
}

/* What became of a start: the trainer, or NULL, and then it is freed. */
static struct trainer *started(struct trainer *trainer, bool done)
{
	if (done)
		return trainer;
	leave(trainer);
	trainer_free(trainer);
	return NULL;
}

struct trainer *trainer_start(const struct trainer_request *request, struct wake *wake, struct error *error)
{
	struct trainer *trainer = trainer_new(wake, error);

	if (trainer) {
		trainer->training.read = request->read;
		trainer->training.until = request->until;
	} else {
		train_data_free(request->read);
	}
	return trainer ? started(trainer, descriptors_check(DESCRIPTORS_FOR_TRAINING, error) &&
	                                          open_new(&trainer->training, request, error) && launch(trainer, error))
	               : NULL;
}

struct trainer *trainer_resume(const struct trainer_request *request, struct wake *wake, struct error *error)
{
	struct trainer *trainer = trainer_new(wake, error);

	return trainer ? started(trainer, descriptors_check(DESCRIPTORS_FOR_TRAINING, error) &&
	                                          open_old(&trainer->training, request, error) && launch(trainer, error))
	               : NULL;
}

bool trainer_join(struct trainer *trainer, struct error *error)
{
	struct trainer_status status;

	pthread_join(trainer->thread, NULL);
	trainer_status(trainer, &status);
	if (error)
		*error = status.error;
	trainer_free(trainer);
	return status.phase != TRAINER_FAILED;
}
