/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_memory.h"

#include "engine/base/size.h"
#include "engine/train/training_inside.h"
#include "engine/train/training_settle.h"
#include "engine/words.h"

#include <inttypes.h>

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Rows that are computed at once: of a part, or of all rows that there are. */
static uint64_t rows_at_most(const struct training *training)
{
	const uint64_t rows = larger(training->to_train.count, training->held_out.count);

	return training->part < rows ? training->part : rows;
}

/* What no part of a batch exceeds, of those that train and those that are held out. */
static struct batch_size size_of_part(const struct training *training)
{
	const struct batch_size size = examples_largest(&training->to_train, rows_at_most(training));
	const struct batch_size other = examples_largest(&training->held_out, rows_at_most(training));

	return (struct batch_size){larger(size.tokens, other.tokens), larger(size.sequences, other.sequences),
	                           larger(size.longest, other.longest), larger(size.masked, other.masked)};
}

static bool check_tokens(const struct training *training, uint64_t tokens, struct error *error)
{
	RETURN_IF(tokens > INT32_MAX, error, ERROR_USAGE,
	          "a batch of %" PRIu64 " tokens is too large: use a smaller --per-device-train-batch-size%s", tokens,
	          training->to_train.firsts ? " or --max-windows" : "");
	return true;
}

/* Memory of the backend for parts of the size that is set. */
static bool take_device(struct training *training, struct error *error)
{
	struct model *model = training->model;
	const struct batch_size size = size_of_part(training);
	const uint64_t state = optimizer_memory(model_parameter(model, 0), model_parameter_rows(model), &training->plan);

	return check_tokens(training, size.tokens, error) &&
	       network_reserve(model, (int32_t)size.tokens, (int32_t)size.sequences, (int32_t)size.longest, true, state, error) &&
	       optimizer_init(&training->optimizer, model, &training->plan, error) &&
	       training_reserve_inside(training, &size, error);
}

/* Whether a smaller part may have room: on a device that did not fail, whose memory, unlike that of the processor, is soon too
 * small, and where a smaller part is nearly as fast. */
static bool may_shrink(struct training *training, const struct error *why)
{
	return !model_backend(training->model)->ops->host_memory && why->kind == ERROR_FAILED && training->part > 1 &&
	       network_status(training->model, NULL);
}

static void shrink(struct training *training)
{
	const uint64_t rows = rows_at_most(training);

	optimizer_free(&training->optimizer);
	network_release_pass(training->model);
	training->part = (rows + 1) / 2;
}

/* A run that goes on does so in the parts that it had, wherever that is. */
static void begin_parts(struct training *training)
{
	const uint64_t batch = training->schedule.batch, kept = training->record.part;

	training->part = kept > 0 && kept < batch ? kept : batch;
}

/* One line where the parts are others than those that the run began with. */
static void tell_parts(struct training *training)
{
	const uint64_t kept = training->record.part;
	const bool goes_on = training->checkpoint[0] != '\0';

	if (training->part == (kept > 0 ? kept : training->schedule.batch))
		return;
	training_event(training, JOURNAL_NOTE, "the GPU has no room for %s reviews at once: batches are computed in parts of %s%s",
	               words_count(goes_on && kept > 0 ? kept : training->schedule.batch).text, words_count(training->part).text,
	               goes_on ? "; dropout is drawn in another way from here on"
	                       : ", their gradients are added up, and the steps stay what they are");
}

static bool take_parts(struct training *training, struct error *error)
{
	struct error why = {0};

	begin_parts(training);
	while (!take_device(training, &why)) {
		if (!may_shrink(training, &why)) {
			*error = why;
			return false;
		}
		shrink(training);
		why = (struct error){0};
	}
	tell_parts(training);
	return true;
}

/* Memory of the host. */
static bool take_host(struct training *training, struct error *error)
{
	const struct batch_size size = size_of_part(training);
	const uint64_t rows = rows_at_most(training);
	const int32_t labels = model_config(training->model)->num_labels;
	const bool grouped = training->sampling == SAMPLING_GROUP_BY_LENGTH;

	training->logits = size_calloc((size_t)larger(rows * (uint64_t)labels, size.masked), sizeof(float));
	training->right = size_calloc((size_t)size.masked, sizeof *training->right);
	training->order = size_calloc(training->to_train.count, sizeof *training->order);
	if (grouped)
		training->order_room = size_calloc(training->to_train.count, sizeof *training->order_room);
	if (!training->logits || !training->right || !training->order || (grouped && !training->order_room))
		return error_memory(error, "making room for a batch");
	return training_settle_init(training, larger(rows, size.masked), error) &&
	       batch_store_init(&training->batch, &size, rows, training->to_train.sets ? labels : 0,
	                        training->teaching.targets.labels, error);
}

bool training_take_memory(struct training *training, struct error *error)
{
	return take_parts(training, error) && take_host(training, error);
}
