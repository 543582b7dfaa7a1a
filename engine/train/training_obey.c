/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_obey.h"

#include "engine/model/model.h"
#include "engine/train/training_checkpoint.h"
#include "engine/train/training_evaluate.h"
#include "engine/train/training_settle.h"
#include "engine/train/training_steer.h"

#include <inttypes.h>
#include <stdio.h>

static bool save(struct training *training, struct error *error)
{
	return training_settle(training, 0, error) && training_checkpoint(training, error);
}

bool training_lend(struct training *training, struct error *error)
{
	struct model *into = commands_take_lend(&training->commands);
	struct error why = {0};
	char name[RECORD_PATH_MAX + 64];

	if (!into)
		return true;
	if (!training_settle(training, 0, error))
		return false;
	snprintf(name, sizeof name, "%s after step %" PRIu64, training->run, training->state.step);
	model_set_folder(into, name);
	model_set_reading(into, model_reading(training->model));
	model_copy_values(training->model, into, &why);
	commands_set_lent(&training->commands, into, training->state.step, &why);
	return true;
}

/* What was measured after this step already is not measured again. */
static bool evaluate_now(struct training *training, struct error *error)
{
	const uint64_t step = training->state.step;

	training_event(training, JOURNAL_NOTE, "evaluation asked for by hand after step %llu", (unsigned long long)step);
	return (step > 0 && training->state.evaluated == step) ||
	       (training_settle(training, 0, error) && training_evaluate(training, true, error));
}

/* All that takes a moment and lets the training go on as it was. */
static bool obey_orders(struct training *training, struct error *error)
{
	struct commands *commands = &training->commands;
	struct run_steering steering;

	if (commands_take_steering(commands, &steering) && !training_steer(training, &steering, error))
		return false;
	if (commands_take_evaluate(commands) && !evaluate_now(training, error))
		return false;
	return !commands_take_save(commands) || save(training, error);
}

static void show(struct training *training, enum trainer_phase phase, const char *what)
{
	training_set_phase(training, phase, what, training->state.step, training->schedule.steps);
}

/* Who pauses a training may switch the machine off: what is being written is on the disk before it says that it is paused. */
static bool wait_while_paused(struct training *training, struct error *error)
{
	struct commands *commands = &training->commands;

	if (!training_settle(training, 0, error) || !training_checkpoint_take(training, true, error))
		return false;
	training_event(training, JOURNAL_PAUSED, "paused after step %llu", (unsigned long long)training->state.step);
	show(training, TRAINER_PAUSED, "paused");
	training_seconds(training);
	while (commands_pause_asked(commands)) {
		commands_wait(commands);
		training_clock_start(training);
		if (!training_lend(training, error) || !obey_orders(training, error))
			return false;
		show(training, TRAINER_PAUSED, "paused");
	}
	training_clock_start(training);
	if (!commands_stop_asked(commands))
		training_event(training, JOURNAL_RUNNING, "goes on");
	show(training, TRAINER_TRAINING, "training");
	return true;
}

bool training_obey(struct training *training, struct error *error)
{
	struct commands *commands = &training->commands;

	if (!obey_orders(training, error))
		return false;
	if (commands_pause_asked(commands) && !wait_while_paused(training, error))
		return false;
	RETURN_IF(commands_stop_asked(commands), error, ERROR_INTERRUPTED, "stopped");
	return true;
}
