/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_probe.h"

#include "engine/clock.h"
#include "engine/train/training_inside.h"

/* Multiplications of a pass forward over one review, in the encoder: two for each weight of a layer and token, and those of
 * the attention. What the embeddings and the head cost is small beside it. */
double training_work_of(const struct model_config *config, double tokens)
{
	double hidden = config->hidden_size, weights = 4 * hidden * hidden + 2 * hidden * (double)config->intermediate_size;

	return (double)config->num_hidden_layers * (weights * tokens + 2 * hidden * tokens * tokens);
}

double training_work(const struct model_config *config, const struct examples *examples, uint32_t count)
{
	double sum = 0;

	for (uint32_t i = 0; i < count; i++)
		sum += training_work_of(config, (double)(examples->starts[i + 1] - examples->starts[i]));
	return sum;
}

/* Rows that stand for others: those of which a teacher shows what goes on inside it, or the others. */
struct sample {
	bool imitated;
	uint32_t rows;
	uint64_t tokens;
	double work, all; /* of these rows, and of all that they stand for */
};

/* Puts the first rows of the kind into the order. */
static struct sample take_sample(struct training *training, bool imitated)
{
	const struct model_config *config = model_config(training->model);
	const struct examples *examples = &training->to_train;
	struct sample sample = {.imitated = imitated};
	bool full = false;

	for (uint32_t i = 0; i < examples->count; i++) {
		const uint64_t tokens = examples->starts[i + 1] - examples->starts[i];

		if (training_inside_shows(training, i) != imitated)
			continue;
		sample.all += training_work_of(config, (double)tokens);
		full = full || (sample.rows > 0 && (sample.rows == training->part || sample.tokens + tokens > PROBE_TOKENS));
		if (full)
			continue;
		training->order[sample.rows++] = i;
		sample.tokens += tokens;
		sample.work += training_work_of(config, (double)tokens);
	}
	return sample;
}

static double pass_seconds(struct training *training, const struct sample *sample)
{
	struct train_pass pass = {.scale = 1.0f / (float)sample->rows, .seed = (uint64_t)training->record.options.seed,
	                          .temperature = training->teaching.targets.temperature};
	double start = clock_seconds();
	struct batch batch;

	training->order_epoch = NO_STEP;
	batch = batch_store_fill(&training->batch, &training->to_train, training->order, sample->rows);
	if (!training_reveal(training, &batch, training->order, sample->rows, NULL)) /* its device failed, which the first step says */
		batch.teacher = NULL;
	network_train(training->model, &batch, &pass);
	return clock_seconds() - start;
}

/* The optimizer reads and writes about seven values where clearing the gradients writes one. */
double probe_rest_seconds(struct model *model)
{
	const double start = clock_seconds();

	network_zero_gradients(model);
	return 7 * (clock_seconds() - start);
}

/* Passes over the rows that train. */
static double epochs_of(const struct training *training)
{
	return (double)training->schedule.steps / (double)training->schedule.steps_per_epoch;
}

/* Forward and back is three times the work of forward alone, which is what an evaluation does. */
static double held_out_work(const struct training *training)
{
	return training_work(model_config(training->model), &training->held_out, training->held_out.count) / 3;
}

/* Times the sample and adds what all that it stands for would take, and the held-out rows where nothing else is told of them. */
static void time_sample(struct training *training, const struct sample *sample, double more, struct training_time *time)
{
	double seconds;

	pass_seconds(training, sample); /* the first pass touches memory for the first time */
	seconds = pass_seconds(training, sample);
	time->probe_tokens += sample->tokens;
	time->probe_seconds += seconds;
	time->seconds += epochs_of(training) * (sample->all + more) / sample->work * seconds;
}

bool training_probe(struct training *training, struct training_time *time, struct error *error)
{
	const double held_out = held_out_work(training);
	struct sample others = take_sample(training, false), imitated = take_sample(training, true);

	*time = (struct training_time){.seconds = -1};
	if (epochs_of(training) * (others.all + imitated.all + held_out) < PROBE_WORTH_IT * (others.work + imitated.work))
		return true;
	time->seconds = 0;
	if (imitated.rows > 0)
		time_sample(training, &imitated, others.rows > 0 ? 0 : held_out, time);
	others = take_sample(training, false);
	if (others.rows > 0)
		time_sample(training, &others, held_out, time);
	probe_rest_seconds(training->model);
	time->seconds += (double)training->schedule.steps * probe_rest_seconds(training->model);
	return network_status(training->model, error);
}
