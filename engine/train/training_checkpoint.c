/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_checkpoint.h"

#include "engine/system.h"
#include "engine/words.h"

/* Room for copies */

/* Whether any checkpoint comes in its turn. */
static bool saves(const struct training *training)
{
	return training->occasions.save != OCCASION_NO || training->occasions.keep_best;
}

/* Bytes that were taken for the training and may not have been touched yet, so that they still count as free. */
static uint64_t untouched(const struct training *training)
{
	struct model *model = training->model;
	struct network_usage usage;

	network_usage(model, &usage);
	return usage.gradients + usage.activations +
	       optimizer_memory(model_parameter(model, 0), model_parameter_rows(model), &training->plan);
}

static bool take_copies(struct training *training, const struct checkpoint_place *place)
{
	struct model *model = training->model;
	uint64_t bytes = checkpoint_tensors_memory(model_parameter(model, 0), model_parameter_rows(model),
	                                           model_lora(model) != NULL, &training->plan);
	uint64_t available = system_memory_available(), used = untouched(training);

	if (used <= available && bytes <= available - used && checkpoint_writer_init(&training->writer, place, true, NULL))
		return true;
	training_event(training, JOURNAL_NOTE, "steps wait for checkpoints: to write them beside the training needs %s more "
	               "memory, and of %s that are free the training takes %s", words_bytes(bytes).text, words_bytes(available).text,
	               words_bytes(used).text);
	return false;
}

bool training_checkpoint_prepare(struct training *training, struct error *error)
{
	const struct checkpoint_place place = {
		.run = training->run,
		.journal = &training->journal,
		.optimizer = &training->optimizer,
		.keep = training->record.options.save_total_limit,
		.constants = training_constants(training),
	};

	return (saves(training) && take_copies(training, &place)) ||
	       checkpoint_writer_init(&training->writer, &place, false, error);
}

/* Writing */

/* Of the best evaluation there may be a checkpoint already, or this is going to be it. */
static void note_best_saved(struct training *training)
{
	struct best *best = &training->state.mark;

	if (best->step > 0 && (best->step == training->state.step || checkpoint_is_there(training->run, best->step)))
		best->saved = best->step;
}

static bool begin(struct training *training, const void *what, struct error *error)
{
	(void)what;
	(void)error;
	checkpoint_writer_begin(&training->writer, &training->state);
	return true;
}

bool training_checkpoint_begin(struct training *training, struct error *error)
{
	if (!training_checkpoint_take(training, true, error))
		return false;
	if (training->saved == training->state.step || training->state.step == 0)
		return true;
	note_best_saved(training);
	training->state.options = &training->record.options;
	training_seconds(training);
	return training_persist(training, begin, NULL, error) &&
	       (training->writer.running || training_checkpoint_take(training, true, error));
}

static bool finish(struct training *training, const void *what, struct error *error)
{
	(void)what;
	return checkpoint_writer_finish(&training->writer, error);
}

bool training_checkpoint_take(struct training *training, bool wait, struct error *error)
{
	struct checkpoint_writer *writer = &training->writer;
	bool waits = !writer->running || checkpoint_writer_is_busy(writer);
	struct trainer_status before;

	if (!writer->begun || (!wait && waits))
		return true;
	commands_status(&training->commands, &before);
	if (waits)
		training_set_phase(training, TRAINER_SAVING, "saving", training->state.step, training->schedule.steps);
	if (!training_persist(training, finish, NULL, error)) {
		checkpoint_writer_drop(writer);
		return false;
	}
	training->saved = writer->state.step;
	training_event(training, JOURNAL_NOTE, "checkpoint-%06llu written%s%.900s", (unsigned long long)training->saved,
	               writer->without.kind ? ", without " CHECKPOINT_TRAINER_STATE ": " : "", writer->without.text);
	if (waits)
		training_set_phase(training, before.phase, before.what, before.done, before.total);
	return true;
}

bool training_checkpoint(struct training *training, struct error *error)
{
	return training_checkpoint_begin(training, error) && training_checkpoint_take(training, true, error);
}
