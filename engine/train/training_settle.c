/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_settle.h"

#include "engine/base/size.h"
#include "engine/train/training_checkpoint.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define ROWS_NAMED 5

bool training_settle_init(struct training *training, uint64_t batch, struct error *error)
{
	struct pending_list *list = &training->pending;

	list->losses = size_calloc((size_t)batch * PENDING, sizeof *list->losses);
	if (!list->losses)
		return error_memory(error, "making room for a batch");
	for (size_t i = 0; i < PENDING; i++)
		list->place[i].losses = list->losses + i * batch;
	return true;
}

struct pending *training_pending(struct training *training, struct taken rows, uint64_t step)
{
	struct pending_list *list = &training->pending;
	struct pending *pending = &list->place[(list->first + list->count++) % PENDING];

	*pending = (struct pending){.rows = rows, .step = step, .losses = pending->losses};
	return pending;
}

double training_loss_scale(const struct training *training)
{
	return model_backend(training->model)->precision == PRECISION_F16 ? training->state.scaling.scale : 0;
}

/* "the reviews on lines 17, 4 and 9, and 13 more": where they stand in the data, for whoever looks them up. */
static void describe_rows(const struct training *training, const struct taken *rows, char *out, size_t capacity)
{
	const struct examples *examples = &training->to_train;
	uint64_t shown = rows->count < ROWS_NAMED ? rows->count : ROWS_NAMED;
	int used = snprintf(out, capacity, "the review%s %s%s ", rows->count == 1 ? "" : "s",
	                    examples->of_folder ? "number" : "on line", rows->count == 1 || examples->of_folder ? "" : "s");

	for (uint64_t i = 0; i < shown; i++)
		used += snprintf(out + used, capacity - (size_t)used, "%s%" PRIu64 "%s",
		                 i == 0 ? "" : i + 1 < rows->count ? ", " : " and ",
		                 examples->places[training->order[rows->first + i]],
		                 examples->labels[training->order[rows->first + i]] == NO_LABEL ? " (unlabelled)" : "");
	if (shown < rows->count)
		snprintf(out + used, capacity - (size_t)used, " and %" PRIu64 " more", rows->count - shown);
}

/* Before the first step was made the options are not the reason. */
static void describe_cure(const struct training *training, bool loss, uint64_t step, char *out, size_t capacity)
{
	const struct train_options *options = &training->record.options;
	bool warms_up = training->schedule.scheduler->warms_up && training->schedule.plan.warmup == 0;

	if (training_loss_scale(training) > 0)
		snprintf(out, capacity, "f16 is too small for it however the loss is scaled: take --bf16 instead of --fp16");
	else if (loss && step == 0)
		snprintf(out, capacity, "no step was made yet, so that the base model computes it: does revue score give figures with it?");
	else
		snprintf(out, capacity, "start a new run with a lower --learning-rate than %g%s%s", options->learning_rate,
		         options->max_grad_norm > 0 ? "" : ", or with --max-grad-norm 1",
		         warms_up ? ", or with --warmup-ratio 0.1" : "");
}

/* A device that failed computes nonsense: then that is the reason. */
static bool not_finite(struct training *training, const char *what, const struct pending *pending, struct error *error)
{
	char names[200], cure[200], kept[80] = "";

	if (!network_status(training->model, error))
		return false;
	training_checkpoint_take(training, true, NULL);
	describe_rows(training, &pending->rows, names, sizeof names);
	describe_cure(training, !pending->update, pending->step, cure, sizeof cure);
	if (training->saved != NO_STEP)
		snprintf(kept, sizeof kept, "; checkpoints up to step %" PRIu64 " are kept", training->saved);
	return error_set(error, ERROR_FAILED, "step %" PRIu64 ": the %s of %s is not finite: %s%s", pending->step + 1, what,
	                 names, cure, kept);
}

static bool not_finite_gradient(struct training *training, const struct pending *pending, struct error *error)
{
	return not_finite(training, "gradient", pending, error);
}

static bool settle_pass(struct training *training, const struct pending *pending, struct error *error)
{
	double sum = 0;

	for (uint64_t i = 0; i < pending->loss_count; i++)
		sum += (double)pending->losses[i];
	training->pending.loss += sum;
	return isfinite(training->pending.loss) || training_loss_scale(training) > 0 ||
	       not_finite(training, "loss", pending, error);
}

/* A step in f16 with gradients that are not finite is not made, and the loss is scaled by less from the next one on. */
static bool skip_step(struct training *training, const struct pending *pending, struct error *error)
{
	struct loss_scale *scaling = &training->state.scaling;

	if (!network_status(training->model, error))
		return false;
	if (scaling->scale <= LOSS_SCALE_LEAST)
		return not_finite(training, "gradient", pending, error);
	loss_scale_update(scaling, true);
	training->optimizer.steps--;
	training_event(training, JOURNAL_NOTE, "step %" PRIu64 " is not made: its gradients are beyond f16; the loss is scaled by %g now",
	               pending->step + 1, scaling->scale);
	return true;
}

/* In f16 the loss of a step that was not made may be no number. */
static void count_loss(struct training *training, const struct pending *pending)
{
	struct checkpoint_state *state = &training->state;
	const double loss = training->pending.loss * pending->factor;

	training->pending.loss = 0;
	if (!isfinite(loss))
		return;
	state->loss_sum += loss;
	state->total_loss += loss;
	state->window_examples += pending->rows.count;
	state->total_examples += pending->rows.count;
}

/* The step is whole. */
static bool settle_update(struct training *training, const struct pending *pending, struct error *error)
{
	const bool scaled = training_loss_scale(training) > 0;

	training->state.grad_norm = pending->clipping.norm;
	if (!pending->clipping.finite && !(scaled ? skip_step : not_finite_gradient)(training, pending, error))
		return false;
	if (pending->clipping.finite && scaled)
		loss_scale_update(&training->state.scaling, false);
	count_loss(training, pending);
	return true;
}

bool training_settle(struct training *training, int most, struct error *error)
{
	struct pending_list *list = &training->pending;

	while (list->count > most) {
		const struct pending *pending = &list->place[list->first];

		if (!network_settle(training->model, pending->number, error) ||
		    !(pending->update ? settle_update : settle_pass)(training, pending, error))
			return false;
		list->first = (list->first + 1) % PENDING;
		list->count--;
	}
	return true;
}

bool training_settle_late(struct training *training, struct error *error)
{
	const bool waits = model_backend(training->model)->ops->host_memory || training_loss_scale(training) > 0;

	return training_settle(training, waits ? 0 : PENDING_LATE, error);
}
