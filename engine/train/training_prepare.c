/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_prepare.h"

#include "engine/base/size.h"
#include "engine/train/training_base.h"
#include "engine/train/training_choices.h"
#include "engine/train/training_data.h"
#include "engine/train/training_resume.h"

#include <inttypes.h>
#include <string.h>

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
	                       optimizer_memory(model_parameter(training->model, 0),
	                                        model_parameter_rows(training->model), &training->plan), error) &&
	       batch_store_init(&training->batch, (int32_t)tokens, (int32_t)batch, error) &&
	       optimizer_init(&training->optimizer, training->model, &training->plan, error);
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
	return done && training_keep_base(training, error) && training_persist(training, write_record, NULL, error);
}

bool training_prepare(struct training *training, struct error *error)
{
	struct checkpoint_state *state = &training->state;
	const struct run_record *record = &training->record;

	if (!training_find_checkpoint(training, error) || !training_open_model(training, error) || !training_read_data(training, error) ||
	    !schedule_plan(&training->schedule, &record->options, training->to_train.count, error) ||
	    !training_choose(training, error) || !take_memory(training, error) || !note_plan(training, error))
		return false;
	memcpy(state->data_hash, record->data.hash, sizeof state->data_hash);
	memcpy(state->model_hash, record->model.hash, sizeof state->model_hash);
	memcpy(state->validation_hash, record->validation.hash, sizeof state->validation_hash);
	return training_go_on(training, error);
}
