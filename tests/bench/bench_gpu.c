/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How fast the GPU is, one table: training in f32 (useful tokens a second, and the share of what one large product of
 * cuBLASLt in f32 reaches in the same run), one review of 16 tokens, and scoring in batches. The module is the one that
 * `--device cuda` would take; on the emulated device the figures mean nothing.
 *
 *   bench_gpu [SHAPE...] */
#include "tests/bench/shapes.h"

#include "engine/backend/open.h"
#include "engine/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIDE 4096 /* of the matrices of the large product */
#define STEPS 20
#define REVIEWS 256
#define WORDS 254 /* of a review in a batch, and two more tokens */

/* Half a second of products, the fastest. GFLOP/s; 0 after an error. */
static double product_rate(struct backend *b, struct error *error)
{
	const size_t count = (size_t)SIDE * SIDE;
	const struct backend_needs needs = {.rows = SIDE, .features = SIDE, .longest = 1, .head_size = 1, .types = MATRIX_BIT(MATRIX_F32)};
	float *x = b->ops->alloc(b, count * sizeof *x), *y = b->ops->alloc(b, count * sizeof *y);
	struct matrix w = {b->ops->alloc(b, count * sizeof(float)), SIDE, SIDE, NULL, MATRIX_F32, 1};
	double best = 0, end = clock_seconds() + 0.5;

	for (int i = 0; x && y && w.data && b->ops->reserve(b, &needs, error) && (i < 3 || clock_seconds() < end); i++) {
		double begin = clock_seconds(), rate;

		b->ops->linear_forward(b, y, NULL, x, &w, NULL, SIDE, ACTIVATION_NONE);
		b->ops->sync(b);
		rate = 2.0 * SIDE * SIDE * SIDE / (clock_seconds() - begin) * 1e-9;
		best = rate > best ? rate : best;
	}
	b->ops->release(b, x);
	b->ops->release(b, y);
	b->ops->release(b, w.data);
	return b->ops->status(b, error) ? best : 0;
}

static double ceiling(struct error *error)
{
	struct backend *b = backend_open(DEVICE_CUDA, 0, error);
	double rate;

	if (!b)
		return 0;
	rate = product_rate(b, error);
	if (rate > 0)
		printf("%s; one product of cuBLASLt, %d x %d x %d in f32: %.1f TFLOP/s\n", b->device, SIDE, SIDE, SIDE, rate * 1e-3);
	b->ops->close(b);
	return rate;
}

/* A model of that shape on the GPU: made on the processor, by way of a folder. */
static struct model *on_gpu(const struct shape *shape, struct error *error)
{
	char folder[] = "/tmp/revue-bench-XXXXXX", command[64];
	struct model *made = shape_model(shape), *model = NULL;

	if (made && mkdtemp(folder)) {
		if (model_save(made, folder, error))
			model = model_open(folder, &(struct model_options){.device = DEVICE_CUDA}, NULL, error);
		snprintf(command, sizeof command, "rm -rf %s", folder);
		if (system(command) != 0)
			fprintf(stderr, "bench_gpu: could not remove %s\n", folder);
	}
	model_close(made);
	return model;
}

/* Seconds of scoring `count` times the same text at once, the middle of several; < 0 after an error. */
static double scoring_seconds(struct model *model, const char *words, int count, int times, struct error *error)
{
	static float logits[REVIEWS * 2], scores[REVIEWS * 2];
	static struct score results[REVIEWS];
	static struct span texts[REVIEWS];
	double seconds[32];

	for (int i = 0; i < count; i++) {
		texts[i] = span_of(words);
		results[i] = (struct score){.logits = logits + 2 * i, .scores = scores + 2 * i};
	}
	for (int i = 0; i < times; i++) {
		double begin = clock_seconds();

		if (!model_score(model, texts, (size_t)count, 0, results, NULL, error))
			return -1;
		seconds[i] = clock_seconds() - begin;
	}
	return shape_median(seconds, times);
}

static void bench_shape(const struct shape *shape, double rate)
{
	char words[2 * WORDS + 1] = "";
	struct error error = {0};
	struct model *model = on_gpu(shape, &error);
	struct training_speed speed;
	double one = -1, many = -1;

	for (int i = 0; i < WORDS; i++)
		memcpy(words + 2 * (size_t)i, "a ", 3);
	if (model)
		one = scoring_seconds(model, words + 2 * (WORDS - 14), 1, 31, &error);
	if (one >= 0)
		many = scoring_seconds(model, words, REVIEWS, 5, &error);
	if (many < 0 || !shape_time_training(shape, model, STEPS, &speed, &error))
		printf("%-11s %s\n", shape->name, error.text);
	else
		printf("%-11s %4d x %-4d %12.0f %10.2f %8.0f %% %11.3f %14.0f\n", shape->name, (int)shape->batch, (int)shape->longest,
		       speed.tokens, speed.gflops * 1e-3, 100 * speed.gflops / rate, 1e3 * one, REVIEWS * (WORDS + 2) / many);
	model_close(model);
}

static bool is_wanted(const char *name, int count, char **names)
{
	for (int i = 1; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return count == 1;
}

int main(int count, char **arguments)
{
	struct error error = {0};
	double rate;

	setvbuf(stdout, NULL, _IOLBF, 0);
	rate = ceiling(&error);
	if (rate <= 0) {
		fprintf(stderr, "bench_gpu: %s\n", error.text);
		return 1;
	}
	puts("shape       batch        training    TFLOP/s  share of     16 tokens  batches of 256");
	puts("                           tokens/s             product            ms        tokens/s");
	for (size_t i = 0; i < SHAPES; i++)
		if (is_wanted(shapes[i].name, count, arguments))
			bench_shape(&shapes[i], rate);
	return 0;
}
