/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_probe.h"

#include "engine/clock.h"
#include "engine/train/training_inside.h"

#define PROBE_TOKENS 1024u /* at most, unless the first review has more */
#define WORTH_IT 100       /* a training has so many times the work of the probe, or it is not probed */

/* Multiplications of a pass forward over one review, in the encoder: two for each weight of a layer and token, and those of
 * the attention. What the embeddings and the head cost is small beside it. */
static double work_of(const struct model_config *config, double tokens)
{
	double hidden = config->hidden_size, weights = 4 * hidden * hidden + 2 * hidden * (double)config->intermediate_size;

	return (double)config->num_hidden_layers * (weights * tokens + 2 * hidden * tokens * tokens);
}

double training_work(const struct model_config *config, const struct examples *examples, uint32_t count)
{
	double sum = 0;

	for (uint32_t i = 0; i < count; i++)
		sum += work_of(config, (double)(examples->starts[i + 1] - examples->starts[i]));
	return sum;
}

/* How many of the first examples are a probe. */
static uint32_t probe_rows(const struct training *training)
{
	const struct examples *examples = &training->to_train;
	uint32_t count = 1;

	while (count < examples->count && count < training->part && examples->starts[count + 1] <= PROBE_TOKENS)
		count++;
	return count;
}

static double pass_seconds(struct training *training, uint32_t rows)
{
	struct train_pass pass = {.scale = 1.0f / (float)rows, .seed = (uint64_t)training->record.options.seed,
	                          .temperature = training->teaching.targets.temperature};
	double start = clock_seconds();
	struct batch batch;

	for (uint32_t i = 0; i < rows; i++)
		training->order[i] = i;
	training->order_epoch = NO_STEP;
	training_inside_arrange(training, training->order, rows);
	batch = batch_store_fill(&training->batch, &training->to_train, training->order, rows);
	if (!training_reveal(training, &batch, training->order, rows, NULL)) /* its device failed, which the first step says */
		batch.teacher = NULL;
	network_train(training->model, &batch, &pass);
	return clock_seconds() - start;
}

/* What a step costs beside its passes: the optimizer reads and writes about seven values where clearing the gradients
 * writes one. */
static double step_seconds(struct training *training)
{
	double start = clock_seconds();

	network_zero_gradients(training->model);
	return 7 * (clock_seconds() - start);
}

/* Forward and back is three times the work of forward alone, which is what an evaluation does. */
static double whole_work(const struct training *training)
{
	const struct model_config *config = model_config(training->model);
	double epochs = (double)training->schedule.steps / (double)training->schedule.steps_per_epoch;

	return epochs * (training_work(config, &training->to_train, training->to_train.count) +
	                 training_work(config, &training->held_out, training->held_out.count) / 3);
}

bool training_probe(struct training *training, struct training_time *time, struct error *error)
{
	uint32_t rows = probe_rows(training);
	double work = training_work(model_config(training->model), &training->to_train, rows), all = whole_work(training);

	*time = (struct training_time){.seconds = -1};
	if (all < WORTH_IT * work)
		return true;
	pass_seconds(training, rows); /* the first pass touches memory for the first time */
	time->probe_tokens = training->to_train.starts[rows];
	time->probe_seconds = pass_seconds(training, rows);
	step_seconds(training);
	time->seconds = all / work * time->probe_seconds + (double)training->schedule.steps * step_seconds(training);
	return network_status(training->model, error);
}
