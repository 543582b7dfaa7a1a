/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_resume.h"

#include "engine/base/file.h"
#include "engine/train/options/options_json.h"
#include "engine/train/training_steer.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Finding */

static void tell_skipped(void *context, const char *name, const struct error *why)
{
	training_event(context, JOURNAL_NOTE, "%s is not used: %.900s", name, why->text);
}

/* A run.json that was edited would give a training that is neither the old nor a new one. */
static bool take_change(struct training *training, const struct option_change *change, struct error *error)
{
	RETURN_IF(!change->allowed, error, ERROR_DATA,
	          "%s: run.json says %s %s, but %s was made with %s: put that back, or start a new run (more epochs: "
	          "--resume with --num-train-epochs)", training->run, change->key, change->now, training->checkpoint, change->before);
	training_event(training, JOURNAL_NOTE, "%s is %s now, in run.json; it was %s", change->key, change->now,
	               change->before);
	return true;
}

static bool check_options(struct training *training, struct error *error)
{
	const struct run_record *record = &training->record;
	struct option_change change;
	char path[RECORD_PATH_MAX];
	json_t *before;
	bool done = true;
	int next = 0;

	if (!path_join(path, sizeof path, training->run, training->checkpoint, error))
		return false;
	before = checkpoint_read_options(path);
	while (done && before && options_next_change(before, &record->options, &next, &change)) {
		/* A file is known by its hash, wherever it lies. */
		if (strcmp(change.key, "validation") != 0 || record->validation.path[0] == '\0')
			done = take_change(training, &change, error);
	}
	json_decref(before);
	return done;
}

/* A checkpoint that knows other files than run.json belongs to another run. */
static bool check_belongs(const struct training *training, struct error *error)
{
	const struct run_record *record = &training->record;
	const struct checkpoint_state *state = &training->found;
	const char *changed = strcmp(state->data_hash, record->data.hash) != 0              ? "data"
	                      : strcmp(state->model_hash, record->model.hash) != 0           ? "model"
	                      : strcmp(state->validation_hash, record->validation.hash) != 0 ? "validation file"
	                                                                                     : NULL;

	RETURN_IF(changed, error, ERROR_DATA, "%s/%s: was made with another %s: start a new run", training->run,
	          training->checkpoint, changed);
	return true;
}

bool training_find_checkpoint(struct training *training, struct error *error)
{
	const struct checkpoint_skipped skipped = {tell_skipped, training};

	if (!training->resuming)
		return true;
	training_set_phase(training, TRAINER_PREPARING, "checking the checkpoints", 0, 0);
	if (checkpoint_newest(training->run, training->checkpoint, &training->found, &skipped))
		return check_belongs(training, error) && check_options(training, error);
	training->checkpoint[0] = '\0';
	return true;
}

/* Going on */

static bool cut_journal(struct training *training, const void *what, struct error *error)
{
	return journal_cut(&training->journal, *(const uint64_t *)what, error);
}

/* JSON has no infinity: where something was measured and no metric stands, it was no number each time. */
static void settle_best(struct training *training)
{
	struct checkpoint_state *state = &training->state;

	if (state->mark.begun && !isfinite(state->mark.metric))
		state->mark.metric = training->rule.greater ? -(double)INFINITY : (double)INFINITY;
	if (state->plateau.rate > 0 && !isfinite(state->plateau.best))
		state->plateau.best = plateau_begin(&training->plateau, 0).best;
}

/* From here on the log counts by what was loaded. */
static void settle(struct training *training, const struct checkpoint_state *state)
{
	if (state) {
		training->state = *state;
		training->saved = state->step;
		settle_best(training);
	}
	training->prepared = true;
	training_clock_start(training);
}

bool training_go_on(struct training *training, struct error *error)
{
	const struct checkpoint_state *state = &training->found;
	const char *name = training->checkpoint;
	uint64_t step = 0;

	if (!training->resuming)
		return true;
	if (name[0] == '\0') {
		settle(training, NULL);
		training_event(training, JOURNAL_NOTE, "there is no checkpoint to go on from: starts again");
		return training_persist(training, cut_journal, &step, error) && training_steer_resume(training, error);
	}
	RETURN_IF(state->step > training->schedule.steps, error, ERROR_DATA,
	          "%s/%s: is at step %" PRIu64 " of a run of %" PRIu64 " steps", training->run, name, state->step,
	          training->schedule.steps);
	if (!checkpoint_load(training->run, name, state, &training->optimizer, error))
		return false;
	settle(training, state);
	if (!training_persist(training, cut_journal, &state->step, error))
		return false;
	training_event(training, JOURNAL_RUNNING, "goes on from %s", name);
	return training_steer_resume(training, error);
}
