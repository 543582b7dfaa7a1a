/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/shapes.h"

#include "engine/base/random.h"
#include "engine/clock.h"
#include "engine/format/architecture.h"
#include "engine/train/optimizer.h"

#include <stdio.h>
#include <stdlib.h>

#define STEPS_MAX 64

const struct shape shapes[SHAPES] = {
	{"pocket", 1, 96, 4, 192, 10000, 32, 256},
	{"bert-tiny", 2, 128, 2, 512, 30522, 32, 300},
	{"TinyBERT", 4, 312, 12, 1200, 30522, 32, 300},
	{"MiniLM", 6, 384, 12, 1536, 30522, 32, 300},
	{"DistilBERT", 6, 768, 12, 3072, 30522, 16, 300},
};

static struct tokenizer *small_tokenizer(struct error *error)
{
	struct vocabulary_trainer *trainer = vocabulary_trainer_new(64, 1, error);
	struct tokenizer *tokenizer = NULL;

	if (trainer && vocabulary_trainer_add(trainer, span_of("a good film, a bad film"), error))
		tokenizer = vocabulary_trainer_finish(trainer, NULL, error);
	vocabulary_trainer_free(trainer);
	return tokenizer;
}

struct model *shape_model(const struct shape *shape)
{
	struct error error = {0};
	struct model_config config = {
		.architecture = &architecture_bert, .vocab_size = shape->vocab, .hidden_size = shape->hidden,
		.num_hidden_layers = shape->layers, .num_attention_heads = shape->heads,
		.intermediate_size = shape->intermediate, .max_position_embeddings = 512, .type_vocab_size = 2,
		.hidden_act = ACTIVATION_GELU, .layer_norm_eps = 1e-12f, .initializer_range = 0.02f,
		.hidden_dropout_prob = 0.1f, .attention_probs_dropout_prob = 0.1f, .classifier_dropout = 0.1f,
		.num_labels = 2,
	};
	const char *const labels[] = {"negative", "positive"};
	struct tokenizer *tokenizer = small_tokenizer(&error);
	struct model *model = tokenizer ? model_new(&config, tokenizer, 1, &error) : NULL;

	if (model && model_set_labels(model, labels, 2, 1, &error))
		return model;
	fprintf(stderr, "bench: %s: %s\n", shape->name, error.text);
	model_close(model);
	return NULL;
}

/* Host memory of one batch. */
struct examples {
	int32_t *ids, *starts, *labels;
};

static void philox_draw(uint64_t key, uint32_t i, uint32_t draw, uint32_t out[4])
{
	const uint32_t counter[4] = {i, draw, 0, 0};

	philox(key, counter, out);
}

/* Lengths as those of film reviews cut at `longest` (about half are), words as frequent as words are. */
static void draw_examples(const struct shape *shape, uint32_t draw, struct examples *e)
{
	uint32_t random[4];

	e->starts[0] = 0;
	for (int32_t s = 0; s < shape->batch; s++) {
		philox_draw(7, (uint32_t)s, draw, random);
		int32_t shorter = 60 + (int32_t)(random[1] % (uint32_t)(shape->longest - 60));
		e->starts[s + 1] = e->starts[s] + (random[0] % 100 < 45 ? shape->longest : shorter);
		e->labels[s] = (int32_t)(random[2] & 1);
	}
	for (int32_t i = 0; i < e->starts[shape->batch]; i++) {
		philox_draw(8, (uint32_t)i, draw, random);
		double u = (double)random[0] * 0x1p-32;
		e->ids[i] = (int32_t)(u * u * (double)shape->vocab);
	}
}

/* Operations of a layer for `rows` of the `length` tokens of one sequence; keys and values are always for all. */
static double layer_flops(const struct shape *shape, double length, double rows)
{
	double h = shape->hidden;

	return length * 4 * h * h + rows * (4 * h * h + 4 * h * shape->intermediate + 4 * length * h);
}

double shape_forward_flops(const struct shape *shape, double length)
{
	return (shape->layers - 1) * layer_flops(shape, length, length) + layer_flops(shape, length, 1);
}

static double batch_flops(const struct shape *shape, const int32_t *starts)
{
	double flops = 0;

	for (int32_t s = 0; s < shape->batch; s++)
		flops += shape_forward_flops(shape, starts[s + 1] - starts[s]);
	return flops;
}

static void step_of(struct optimizer *optimizer)
{
	const struct optimizer_settings settings = {.learning_rate = 1e-5, .max_grad_norm = 1};
	double norm;

	optimizer_step(optimizer, &settings, &norm);
	network_zero_gradients(optimizer->model);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double shape_median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof *values, by_value);
	return values[count / 2];
}

/* The first step, which touches the memory, counts for nothing. */
static struct training_speed time_steps(const struct shape *shape, struct model *model, int steps, struct examples *e,
                                        struct optimizer *optimizer)
{
	double tokens[STEPS_MAX], gflops[STEPS_MAX];

	for (int step = 0; step <= steps; step++) {
		draw_examples(shape, (uint32_t)step, e);
		const struct batch batch = {.ids = e->ids, .starts = e->starts, .labels = e->labels, .sequences = shape->batch};
		const struct train_pass pass = {.scale = 1.0f / (float)shape->batch, .seed = 1, .step = (uint64_t)step};
		double begin = clock_seconds();
		network_train(model, &batch, &pass);
		step_of(optimizer);
		model_backend(model)->ops->sync(model_backend(model));
		double seconds = clock_seconds() - begin;
		if (step == 0)
			continue;
		tokens[step - 1] = e->starts[shape->batch] / seconds;
		gflops[step - 1] = 3 * batch_flops(shape, e->starts) / seconds * 1e-9;
	}
	return (struct training_speed){shape_median(tokens, steps), shape_median(gflops, steps)};
}

bool shape_time_training(const struct shape *shape, struct model *model, int steps, struct training_speed *speed,
                         struct error *error)
{
	int32_t most = shape->batch * shape->longest;
	struct examples e = {calloc((size_t)most, sizeof(int32_t)), calloc((size_t)shape->batch + 1, sizeof(int32_t)),
	                     calloc((size_t)shape->batch, sizeof(int32_t))};
	struct optimizer optimizer = {0};
	bool done = network_reserve(model, most, shape->batch, shape->longest, true,
	                            optimizer_memory(model_parameter(model, 0), model_parameter_rows(model), NULL), error) &&
	            optimizer_init(&optimizer, model, NULL, error);

	if (done)
		*speed = time_steps(shape, model, steps < STEPS_MAX ? steps : STEPS_MAX, &e, &optimizer);
	optimizer_free(&optimizer);
	free(e.labels);
	free(e.starts);
	free(e.ids);
	return done && model_backend(model)->ops->status(model_backend(model), error);
}
