/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Before the first step: the model, memory, and for a resumed run the checkpoint it goes on from. */
#include "engine/train/job.h"

#include "engine/base/size.h"

#include <inttypes.h>
#include <string.h>

#define NOTICES_MAX 8

static void tell_notices(struct trainer *trainer)
{
	int count = model_notice_count(trainer->model);

	for (int i = 0; i < count && i < NOTICES_MAX; i++)
		job_event(trainer, JOURNAL_NOTE, "model: %.900s", model_notice(trainer->model, i));
	if (count > NOTICES_MAX)
		job_event(trainer, JOURNAL_NOTE, "model: and %d notices more", count - NOTICES_MAX);
}

static bool check_model(struct trainer *trainer, struct error *error)
{
	struct record_source *source = &trainer->record.model;
	char hash[65];

	if (!model_hash(source->path, hash, &trainer->progress, error))
		return false;
	RETURN_IF(source->hash[0] && strcmp(source->hash, hash) != 0, error, ERROR_DATA,
	          "%s: the model changed since the run began (%s): put it back, or start a new run", trainer->run,
	          source->path);
	memcpy(source->hash, hash, sizeof hash);
	return true;
}

static void choose_length(struct trainer *trainer)
{
	int64_t wanted = trainer->record.options.max_length, most = model_max_length(trainer->model);

	trainer->record.max_length = wanted < most ? wanted : most;
	if (wanted > most)
		job_event(trainer, JOURNAL_NOTE, "max-length is %lld: the model has no more positions", (long long)most);
}

static bool open_model(struct trainer *trainer, struct error *error)
{
	const struct train_options *wanted = &trainer->record.options;
	struct model_options options = {.device = device_find(wanted->device), .threads = (int)wanted->threads};

	trainer->model = model_open(trainer->record.model.path, &options, &trainer->progress, error);
	if (!trainer->model)
		return false;
	tell_notices(trainer);
	choose_length(trainer);
	return check_model(trainer, error);
}

/* Memory for any batch that the rows can give: nothing is taken in a step. */
static bool take_memory(struct trainer *trainer, struct error *error)
{
	uint64_t rows = trainer->training.count > trainer->held_out.count ? trainer->training.count
	                                                                  : trainer->held_out.count;
	uint64_t batch = trainer->schedule.batch < rows ? trainer->schedule.batch : rows;
	uint64_t tokens = examples_longest(&trainer->training, batch);
	uint64_t held_out = examples_longest(&trainer->held_out, batch);
	uint64_t longest = examples_longest(&trainer->training, 1), other = examples_longest(&trainer->held_out, 1);

	tokens = held_out > tokens ? held_out : tokens;
	longest = other > longest ? other : longest;
	RETURN_IF(tokens > INT32_MAX, error, ERROR_USAGE,
	          "a batch of %" PRIu64 " tokens is too large: use a smaller --per-device-train-batch-size", tokens);
	trainer->logits = size_calloc((size_t)batch * (size_t)model_config(trainer->model)->num_labels, sizeof(float));
	trainer->order = size_calloc(trainer->training.count, sizeof *trainer->order);
	if (!trainer->logits || !trainer->order)
		return error_memory(error, "making room for a batch");
	return network_reserve(trainer->model, (int32_t)tokens, (int32_t)batch, (int32_t)longest, true,
	                       optimizer_memory(trainer->model), error) &&
	       batch_store_init(&trainer->batch, (int32_t)tokens, (int32_t)batch, error) &&
	       optimizer_init(&trainer->optimizer, trainer->model, error);
}

static bool write_record(struct trainer *trainer, const void *what, struct error *error)
{
	(void)what;
	return run_record_write(trainer->run, &trainer->record, error);
}

static bool note_plan(struct trainer *trainer, struct error *error)
{
	struct run_record *record = &trainer->record;
	int count = (int)model_config(trainer->model)->num_labels;
	const char **labels = size_calloc((size_t)count, sizeof *labels);
	bool done;

	if (!labels)
		return error_memory(error, "noting the labels");
	for (int i = 0; i < count; i++)
		labels[i] = model_label(trainer->model, i);
	done = run_record_set_labels(record, labels, count, error);
	free(labels);
	record->steps = trainer->schedule.steps;
	record->steps_per_epoch = trainer->schedule.steps_per_epoch;
	return done && job_persist(trainer, write_record, NULL, error);
}

/* Going on */

static void tell_skipped(void *context, const char *name, const struct error *why)
{
	job_event(context, JOURNAL_NOTE, "%s is not used: %.900s", name, why->text);
}

static bool cut_journal(struct trainer *trainer, const void *what, struct error *error)
{
	return journal_cut(&trainer->journal, *(const uint64_t *)what, error);
}

/* run.json was checked against the files; a checkpoint that knows others belongs to another run. */
static bool check_belongs(const struct trainer *trainer, const char *name, const struct checkpoint_state *state,
                          struct error *error)
{
	const struct run_record *record = &trainer->record;
	const char *changed = strcmp(state->data_hash, record->data.hash) != 0              ? "data"
	                      : strcmp(state->model_hash, record->model.hash) != 0           ? "model"
	                      : strcmp(state->validation_hash, record->validation.hash) != 0 ? "validation file"
	                                                                                     : NULL;

	RETURN_IF(changed, error, ERROR_DATA, "%s/%s: was made with another %s: start a new run", trainer->run, name,
	          changed);
	RETURN_IF(state->step > trainer->schedule.steps, error, ERROR_DATA,
	          "%s/%s: is at step %" PRIu64 " of a run of %" PRIu64 " steps", trainer->run, name, state->step,
	          trainer->schedule.steps);
	return true;
}

static bool go_on(struct trainer *trainer, struct error *error)
{
	const struct checkpoint_skipped skipped = {tell_skipped, trainer};
	char name[CHECKPOINT_NAME];
	struct checkpoint_state state;
	uint64_t step = 0;

	if (!trainer->resuming)
		return true;
	job_set_phase(trainer, TRAINER_PREPARING, "checking the checkpoints", 0, 0);
	if (!checkpoint_newest(trainer->run, name, &state, &skipped)) {
		job_event(trainer, JOURNAL_NOTE, "there is no checkpoint to go on from: starts again");
		return job_persist(trainer, cut_journal, &step, error);
	}
	if (!check_belongs(trainer, name, &state, error) ||
	    !checkpoint_load(trainer->run, name, &state, &trainer->optimizer, error))
		return false;
	trainer->state = state;
	trainer->saved = state.step;
	job_clock_start(trainer);
	if (!job_persist(trainer, cut_journal, &state.step, error))
		return false;
	job_event(trainer, JOURNAL_RUNNING, "goes on from %s", name);
	return true;
}

bool job_prepare(struct trainer *trainer, struct error *error)
{
	struct checkpoint_state *state = &trainer->state;
	const struct run_record *record = &trainer->record;

	if (!open_model(trainer, error) || !job_read_data(trainer, error) ||
	    !schedule_plan(&trainer->schedule, &record->options, trainer->training.count, error) ||
	    !take_memory(trainer, error) || !note_plan(trainer, error))
		return false;
	memcpy(state->data_hash, record->data.hash, sizeof state->data_hash);
	memcpy(state->model_hash, record->model.hash, sizeof state->model_hash);
	memcpy(state->validation_hash, record->validation.hash, sizeof state->validation_hash);
	return go_on(trainer, error);
}
