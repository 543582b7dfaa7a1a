/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/shapes.h"

#include "engine/base/random.h"
#include "engine/clock.h"
#include "engine/format/architecture.h"
#include "engine/train/optimize/optimizer.h"

#include <stdio.h>
#include <stdlib.h>

const struct shape shapes[SHAPES] = {
	{"pocket", 3, 192, 6, 576, 12000, 32, 256},
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

/* What a step leaves for the time when it is settled. */
struct asked {
	float *losses; /* [batch] */
	struct clipping clipping;
	uint64_t number;
};

static void ask(const struct shape *shape, struct model *model, struct optimizer *optimizer, const struct examples *e, int step,
                struct asked *asked)
{
	const struct optimizer_settings settings = {.learning_rate = 1e-5, .max_grad_norm = 1};
	const struct batch batch = {.ids = e->ids, .starts = e->starts, .labels = e->labels, .sequences = shape->batch};
	const struct train_pass pass = {.scale = 1.0f / (float)shape->batch, .seed = 1, .step = (uint64_t)step};

	network_zero_gradients(model);
	network_train_begin(model, &batch, &pass, asked->losses);
	asked->number = optimizer_begin(optimizer, &settings, &asked->clipping);
}

/* When each step was known, and what it took the host to ask for it. */
struct clocking {
	double done[SHAPE_STEPS_MAX], asking[SHAPE_STEPS_MAX];
	uint64_t launches[SHAPE_STEPS_MAX]; /* by the end of the step's asking */
};

static void clock_steps(const struct shape *shape, struct model *model, struct optimizer *optimizer,
                        const struct examples *e, int count, struct asked asked[2], struct clocking *clocking)
{
	struct backend *b = model_backend(model);
	const int late = b->ops->host_memory ? 0 : 1;

	for (int step = 0; step < count + late; step++) {
		double begin = clock_seconds();

		if (step < count) {
			ask(shape, model, optimizer, &e[step], step, &asked[step % 2]);
			clocking->asking[step] = clock_seconds() - begin;
			clocking->launches[step] = b->launches;
		}
		if (step < late)
			continue;
		b->ops->settle(b, asked[(step - late) % 2].number);
		clocking->done[step - late] = clock_seconds();
	}
}

static struct training_speed speed_of(const struct shape *shape, const struct examples *e, const struct clocking *c, int first,
                                      int steps)
{
	double tokens[SHAPE_STEPS_MAX], gflops[SHAPE_STEPS_MAX], asking = 0;

	for (int i = 0; i < steps; i++) {
		const double seconds = c->done[first + i] - c->done[first + i - 1];

		tokens[i] = e[first + i].starts[shape->batch] / seconds;
		gflops[i] = 3 * batch_flops(shape, e[first + i].starts) / seconds * 1e-9;
		asking += c->asking[first + i];
	}
	return (struct training_speed){
		.tokens = shape_median(tokens, steps),
		.gflops = shape_median(gflops, steps),
		.plain = (double)c->launches[0],
		.launches = (double)(c->launches[first + steps - 1] - c->launches[first - 1]) / steps,
		.asking = asking / (c->done[first + steps - 1] - c->done[first - 1]),
	};
}

/* All memory of a number of batches. */
static bool take_examples(const struct shape *shape, struct examples *e, int count)
{
	bool taken = true;

	for (int i = 0; i < count; i++) {
		e[i] = (struct examples){calloc((size_t)shape->batch * (size_t)shape->longest, sizeof(int32_t)),
		                         calloc((size_t)shape->batch + 1, sizeof(int32_t)), calloc((size_t)shape->batch, sizeof(int32_t))};
		taken = taken && e[i].ids && e[i].starts && e[i].labels;
		if (taken)
			draw_examples(shape, (uint32_t)i, &e[i]);
	}
	return taken;
}

bool shape_time_training(const struct shape *shape, struct model *model, int first, int steps, struct training_speed *speed,
                         struct error *error)
{
	struct examples e[SHAPE_STEPS_MAX] = {0};
	float *losses = calloc(2 * (size_t)shape->batch, sizeof *losses);
	struct asked asked[2] = {{.losses = losses}, {.losses = losses + shape->batch}};
	struct optimizer optimizer = {0};
	struct clocking clocking;
	bool done = (take_examples(shape, e, first + steps) && losses) || error_memory(error, "drawing reviews");

	done = done && network_reserve(model, shape->batch * shape->longest, shape->batch, shape->longest, true,
	                               optimizer_memory(model_parameter(model, 0), model_parameter_rows(model), NULL), error) &&
	       optimizer_init(&optimizer, model, NULL, error);
	if (done) {
		uint64_t launches = model_backend(model)->launches;

		clock_steps(shape, model, &optimizer, e, first + steps, asked, &clocking);
		*speed = speed_of(shape, e, &clocking, first, steps);
		speed->plain -= (double)launches;
	}
	optimizer_free(&optimizer);
	free(losses);
	for (int i = 0; i < first + steps; i++) {
		free(e[i].labels);
		free(e[i].starts);
		free(e[i].ids);
	}
	return done && model_backend(model)->ops->status(model_backend(model), error);
}
