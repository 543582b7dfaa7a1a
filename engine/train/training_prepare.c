/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_prepare.h"

#include "engine/base/size.h"
#include "engine/train/training_adapter.h"
#include "engine/train/training_base.h"
#include "engine/train/training_checkpoint.h"
#include "engine/train/training_choices.h"
#include "engine/train/training_data.h"
#include "engine/train/training_evaluate.h"
#include "engine/train/report_memory.h"
#include "engine/train/training_inside.h"
#include "engine/train/training_memory.h"
#include "engine/train/training_report.h"
#include "engine/train/training_resume.h"
#include "engine/train/training_steer.h"
#include "engine/train/training_task.h"

#include <inttypes.h>
#include <string.h>

static bool write_record(struct training *training, const void *what, struct error *error)
{
	(void)what;
	return run_record_write(training->run, &training->record, error);
}

/* A checkpoint's head belongs to labels in an order, which another version of this program may draw from the data
 * differently. */
static bool check_labels(const struct training *training, const char *const *labels, int count, struct error *error)
{
	const struct run_record *record = &training->record;
	bool same = record->label_count == count;

	for (int i = 0; same && i < count; i++)
		same = strcmp(record->labels[i], labels[i]) == 0;
	RETURN_IF(record->label_count > 0 && !same, error, ERROR_DATA,
	          "%s: began with other labels, or with the same in another order: start a new run", training->run);
	return true;
}

static void note_device(struct training *training)
{
	struct run_record *record = &training->record;
	const struct backend *backend = model_backend(training->model);
	char now[sizeof record->device];

	snprintf(now, sizeof now, "%s", backend->device);
	if (training->checkpoint[0] && strcmp(record->device, now) != 0)
		training_event(training, JOURNAL_NOTE,
		               "it computed on %s until here and goes on on %s: numbers differ in their last digits",
		               record->device[0] ? record->device : "the processor", now[0] ? now : "the processor");
	memcpy(record->device, now, sizeof now);
	record->device_memory = backend->memory;
}

static bool note_plan(struct training *training, struct error *error)
{
	struct run_record *record = &training->record;
	int count = (int)model_config(training->model)->num_labels;
	const char **labels = size_calloc((size_t)count, sizeof *labels);
	bool done;

	if (!labels)
		return error_memory(error, "noting the labels");
	for (int i = 0; i < count; i++)
		labels[i] = model_label(training->model, i);
	done = check_labels(training, labels, count, error) && run_record_set_labels(record, labels, count, error);
	free(labels);
	note_device(training);
	record->steps = training->schedule.steps;
	record->steps_per_epoch = training->schedule.steps_per_epoch;
	record->part = training->part < training->schedule.batch ? training->part : 0;
	return done && training_keep_base(training, error) && training_persist(training, write_record, NULL, error);
}

/* Of a run that goes on from a checkpoint the report stands in run.json since it began. */
static bool report(struct training *training, struct error *error)
{
	struct training_time time;
	bool done;

	if (training->checkpoint[0])
		return true;
	training_set_phase(training, TRAINER_PREPARING, "timing a first pass", 0, 0);
	done = training_probe(training, &time, error) && training_report_make(training, &time, error);
	report_facts_free(&training->facts);
	if (done)
		training_report_tell(training);
	return done;
}

static bool read_data(struct training *training, struct error *error)
{
	if (!training_read_data(training, error))
		return false;
	report_memory_note_rest(training);
	return true;
}

/* What an evaluation needs that is not there would be asked for in vain. */
static bool check_held_out(const struct training *training, struct error *error)
{
	const struct train_options *options = &training->record.options;
	bool needed = options->load_best_model_at_end || training->rule.patience > 0 ||
	              training->schedule.scheduler->measures || strcmp(options->save_strategy, "best") == 0;

	RETURN_IF(needed && training->held_out.count == 0, error, ERROR_USAGE,
	          "no rows are held out to measure eval_%s on: give --validation a larger share or a file", training->rule.name);
	return true;
}

/* All that the options say about the steps. */
static bool plan(struct training *training, struct error *error)
{
	const struct train_options *options = &training->record.options;
	struct schedule *schedule = &training->schedule;

	if (!schedule_plan(schedule, options, training->to_train.count, error) ||
	    !best_rule_of(options, &training->rule, error) || !check_held_out(training, error))
		return false;
	training->occasions = occasions_plan(options, schedule);
	if (!training_steer_plan(training, error))
		return false;
	training->sampling = sampling_find(options->train_sampling_strategy);
	if (schedule->scheduler->measures) {
		training->plateau = plateau_rule_of(schedule->scheduler, &schedule->plan, training->rule.greater);
		training->state.plateau = plateau_begin(&training->plateau, options->learning_rate);
	}
	return true;
}

/* Of a run that goes on what it was before the first step stands in its folder. */
static bool begin_story(struct training *training, struct error *error)
{
	const struct examples *held_out = &training->held_out;

	if (!training->record.options.eval_on_start || held_out->count == 0 || !training->task->labels)
		return true;
	return before_after_init(&training->story, held_out->count, error) &&
	       (!training->checkpoint[0] || before_after_read(&training->story, training->run, held_out->places, error));
}

bool training_prepare(struct training *training, struct error *error)
{
	struct checkpoint_state *state = &training->state;
	const struct run_record *record = &training->record;

	training->task = training_task_find(record->options.task);
	if (!training_find_checkpoint(training, error) || !training_open_model(training, error) || !read_data(training, error) ||
	    !training_make_adapter(training, error) || !plan(training, error) || !begin_story(training, error) ||
	    !training_keep_scores(training, error) ||
	    !training_choose(training, error) || !training_open_inside(training, error) ||
	    !training_take_memory(training, error) || !training_checkpoint_prepare(training, error) || !report(training, error) ||
	    !note_plan(training, error))
		return false;
	memcpy(state->data_hash, record->data.hash, sizeof state->data_hash);
	memcpy(state->model_hash, record->model.hash, sizeof state->model_hash);
	memcpy(state->validation_hash, record->validation.hash, sizeof state->validation_hash);
	if (!training_go_on(training, error))
		return false;
	training_steer_ready(training);
	return true;
}
