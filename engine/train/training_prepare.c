/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_prepare.h"

#include "engine/base/size.h"
#include "engine/train/training_data.h"

#include <inttypes.h>
#include <string.h>

#define NOTICES_MAX 8

static void tell_notices(struct training *training)
{
	int count = model_notice_count(training->model);

	if (training->model_notice[0])
		training_event(training, JOURNAL_NOTE, "model: %.900s", training->model_notice);
	for (int i = 0; i < count && i < NOTICES_MAX; i++)
		training_event(training, JOURNAL_NOTE, "model: %.900s", model_notice(training->model, i));
	if (count > NOTICES_MAX)
		training_event(training, JOURNAL_NOTE, "model: and %d notices more", count - NOTICES_MAX);
}

static bool check_model(struct training *training, struct error *error)
{
	struct record_source *source = &training->record.model;
	char hash[65];

	if (!model_hash(source->path, hash, &training->progress, error))
		return false;
	RETURN_IF(source->hash[0] && strcmp(source->hash, hash) != 0, error, ERROR_DATA,
	          "%s: the model changed since the run began (%s): put it back, or start a new run", training->run,
	          source->path);
	memcpy(source->hash, hash, sizeof hash);
	return true;
}

static void choose_length(struct training *training)
{
	int64_t wanted = training->record.options.max_length, most = model_max_length(training->model);

	training->record.max_length = wanted < most ? wanted : most;
	if (wanted > most)
		training_event(training, JOURNAL_NOTE, "max-length is %lld: the model has no more positions", (long long)most);
}

static bool open_model(struct training *training, struct error *error)
{
	const struct train_options *wanted = &training->record.options;
	struct model_options options = {.device = device_find(wanted->device), .threads = (int)wanted->threads};

	training->model = model_open(training->record.model.path, &options, &training->progress, error);
	if (!training->model)
		return false;
	tell_notices(training);
	choose_length(training);
	return check_model(training, error);
}

/* Memory for any batch that the rows can give: nothing is taken in a step. */
static bool take_memory(struct training *training, struct error *error)
{
	uint64_t rows = training->to_train.count > training->held_out.count ? training->to_train.count
	                                                                  : training->held_out.count;
	uint64_t batch = training->schedule.batch < rows ? training->schedule.batch : rows;
	uint64_t tokens = examples_longest(&training->to_train, batch);
	uint64_t held_out = examples_longest(&training->held_out, batch);
	uint64_t longest = examples_longest(&training->to_train, 1), other = examples_longest(&training->held_out, 1);

	tokens = held_out > tokens ? held_out : tokens;
	longest = other > longest ? other : longest;
	RETURN_IF(tokens > INT32_MAX, error, ERROR_USAGE,
	          "a batch of %" PRIu64 " tokens is too large: use a smaller --per-device-train-batch-size", tokens);
	training->logits = size_calloc((size_t)batch * (size_t)model_config(training->model)->num_labels, sizeof(float));
	training->order = size_calloc(training->to_train.count, sizeof *training->order);
	if (!training->logits || !training->order)
		return error_memory(error, "making room for a batch");
	return network_reserve(training->model, (int32_t)tokens, (int32_t)batch, (int32_t)longest, true,
	                       optimizer_memory(training->model), error) &&
	       batch_store_init(&training->batch, (int32_t)tokens, (int32_t)batch, error) &&
	       optimizer_init(&training->optimizer, training->model, error);
}

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
	record->steps = training->schedule.steps;
	record->steps_per_epoch = training->schedule.steps_per_epoch;
	return done && training_persist(training, write_record, NULL, error);
}

/* Going on */

static void tell_skipped(void *context, const char *name, const struct error *why)
{
	training_event(context, JOURNAL_NOTE, "%s is not used: %.900s", name, why->text);
}

static bool cut_journal(struct training *training, const void *what, struct error *error)
{
	return journal_cut(&training->journal, *(const uint64_t *)what, error);
}

/* run.json was checked against the files; a checkpoint that knows others belongs to another run. */
static bool check_belongs(const struct training *training, const char *name, const struct checkpoint_state *state,
                          struct error *error)
{
	const struct run_record *record = &training->record;
	const char *changed = strcmp(state->data_hash, record->data.hash) != 0              ? "data"
	                      : strcmp(state->model_hash, record->model.hash) != 0           ? "model"
	                      : strcmp(state->validation_hash, record->validation.hash) != 0 ? "validation file"
	                                                                                     : NULL;

	RETURN_IF(changed, error, ERROR_DATA, "%s/%s: was made with another %s: start a new run", training->run, name,
	          changed);
	RETURN_IF(state->step > training->schedule.steps, error, ERROR_DATA,
	          "%s/%s: is at step %" PRIu64 " of a run of %" PRIu64 " steps", training->run, name, state->step,
	          training->schedule.steps);
	return true;
}

/* From here on the log counts by what was loaded. */
static void settle(struct training *training, const struct checkpoint_state *state)
{
	if (state) {
		training->state = *state;
		training->saved = state->step;
	}
	training->prepared = true;
	training_clock_start(training);
}

static bool go_on(struct training *training, struct error *error)
{
	const struct checkpoint_skipped skipped = {tell_skipped, training};
	char name[CHECKPOINT_NAME];
	struct checkpoint_state state;
	uint64_t step = 0;

	if (!training->resuming)
		return true;
	training_set_phase(training, TRAINER_PREPARING, "checking the checkpoints", 0, 0);
	if (!checkpoint_newest(training->run, name, &state, &skipped)) {
		settle(training, NULL);
		training_event(training, JOURNAL_NOTE, "there is no checkpoint to go on from: starts again");
		return training_persist(training, cut_journal, &step, error);
	}
	if (!check_belongs(training, name, &state, error) ||
	    !checkpoint_load(training->run, name, &state, &training->optimizer, error))
		return false;
	settle(training, &state);
	if (!training_persist(training, cut_journal, &state.step, error))
		return false;
	training_event(training, JOURNAL_RUNNING, "goes on from %s", name);
	return true;
}

bool training_prepare(struct training *training, struct error *error)
{
	struct checkpoint_state *state = &training->state;
	const struct run_record *record = &training->record;

	if (!open_model(training, error) || !training_read_data(training, error) ||
	    !schedule_plan(&training->schedule, &record->options, training->to_train.count, error) ||
	    !take_memory(training, error) || !note_plan(training, error))
		return false;
	memcpy(state->data_hash, record->data.hash, sizeof state->data_hash);
	memcpy(state->model_hash, record->model.hash, sizeof state->model_hash);
	memcpy(state->validation_hash, record->validation.hash, sizeof state->validation_hash);
	return go_on(training, error);
}
