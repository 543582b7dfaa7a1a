/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_choices.h"

#include "engine/base/size.h"
#include "engine/train/optimize/optimizer_options.h"

#include <stdio.h>
#include <stdlib.h>

/* They are for an evaluation alone, which a Trainer casts the model for. */
static void tell_precision(struct training *training)
{
	const struct train_options *options = &training->record.options;

	if (options->fp16_full_eval || options->bf16_full_eval)
		training_first_note(training, "%s: as in the Trainer, evaluations of a training compute as its steps do",
		                    options->fp16_full_eval ? "--fp16-full-eval" : "--bf16-full-eval");
}

static bool freeze(struct training *training, struct error *error)
{
	struct model *model = training->model;
	const struct freeze_request request =
		optimizer_freeze_request(&training->record.options, training->record.fresh_head);
	struct freeze_counts counts;

	if (!parameters_freeze(model_parameter(model, 0), model_parameter_rows(model), &request, &counts, error))
		return false;
	if (counts.frozen > 0 && (request.what[0] || request.layers[0])) /* what adapters freeze is told with them */
		training_first_note(training, "frozen: %d of %d tensors, %.1f %% of all parameters", counts.frozen, counts.tensors,
		                    100 * (double)counts.frozen_elements / (double)counts.elements);
	return true;
}

static void tell_weights(struct training *training, const struct loss_labels *labels)
{
	char text[512];

	if (!training->loss.weights)
		return;
	train_loss_describe(&training->loss, labels->names, text, sizeof text);
	training_first_note(training, "class weights: %s", text);
}

/* having[label]: the examples that have it. */
static void count_labels(const struct examples *examples, uint64_t *having)
{
	const struct label_sets *sets = examples->sets;

	for (uint32_t i = 0; !sets && i < examples->count; i++)
		if (examples->labels[i] != NO_LABEL)
			having[examples->labels[i]]++;
	for (uint32_t i = 0; sets && i < examples->count && examples->labels[i] != NO_LABEL; i++)
		for (size_t m = sets->starts[examples->labels[i]]; m < sets->starts[examples->labels[i] + 1]; m++)
			having[sets->members[m]]++;
}

static uint64_t count_labelled(const struct examples *examples)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < examples->count; i++)
		count += examples->labels[i] != NO_LABEL;
	return count;
}

bool training_make_loss(struct training *training, struct error *error)
{
	const struct examples *examples = &training->to_train;
	int32_t count = model_config(training->model)->num_labels;
	const char **names = size_calloc((size_t)count, sizeof *names);
	uint64_t *having = size_calloc((size_t)count, sizeof *having);
	const struct loss_labels labels = {.names = names, .examples = having, .total = count_labelled(examples), .count = count,
	                                   .independent = examples->sets != NULL};
	bool done = (names && having) || error_memory(error, "counting labels");

	for (int32_t i = 0; done && i < count; i++)
		names[i] = model_label(training->model, i);
	if (done)
		count_labels(examples, having);
	done = done && train_loss_init(&training->loss, &training->record.options, &labels, error);
	if (done && training->loss.independent)
		network_train_independent(training->model);
	if (done)
		tell_weights(training, &labels);
	free(names);
	free(having);
	return done;
}

bool training_choose(struct training *training, struct error *error)
{
	tell_precision(training);
	return optimizer_plan_read(&training->plan, &training->record.options, error) && freeze(training, error) &&
	       training->task->make_loss(training, error);
}
