/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How fast the GPU is, one table: a line a shape and a precision. Training: useful tokens a second, and the share of what one
 * large product of cuBLASLt reaches in the same run and precision; how many calls of the device a step takes, in its first
 * form and from its third time on, as a graph; and the share of a step's time that the host needs to ask for it, which is how
 * far it is bound by launches. Scoring: one review of 16 tokens, and batches. The module is the one that `--device cuda` would
 * take. --tiny: a small form of all of it, for tests; on the emulated device no figure means anything.
 *
 *   bench_gpu [--tiny] [SHAPE...]
 *
 * Exit status 77 and one line where there is no GPU. */
#include "tests/bench/shapes.h"

#include "engine/backend/cuda_open.h"
#include "engine/backend/open.h"
#include "engine/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REVIEWS_MAX 256
#define WORDS_MAX 254 /* of a review in a batch, and two more tokens */

/* How much is measured. Each of the ring's places must have seen each number of rows three times before a step counts. */
struct measure {
	int side;         /* of the matrices of the large product */
	double seconds;   /* of products */
	int first, steps; /* of training */
	int reviews, words, ones, batches;
	const char *shapes[3];
};

static const struct measure whole = {8192, 0.5, 40, 40, 256, 254, 31, 5, {"bert-tiny", "MiniLM", "DistilBERT"}};
static const struct measure tiny = {48, 0, 9, 3, 4, 14, 1, 1, {"speck", "", ""}};
static const struct shape speck = {"speck", 2, 32, 2, 64, 100, 2, 80};

static const struct {
	const char *name;
	enum precision precision;
} precisions[] = {{"f32", PRECISION_F32}, {"bf16", PRECISION_BF16}};
enum { PRECISIONS = sizeof precisions / sizeof *precisions };

/* Products as long as it was said, the fastest. GFLOP/s; 0 after an error. */
static double product_rate(struct backend *b, const struct measure *m, struct error *error)
{
	const size_t side = (size_t)m->side, bytes = side * side * sizeof(float);
	const struct backend_needs needs = {.rows = m->side, .features = m->side, .longest = 1, .head_size = 1,
	                                    .types = MATRIX_BIT(MATRIX_F32)};
	float *x = b->ops->alloc(b, bytes), *y = b->ops->alloc(b, bytes);
	struct matrix w = {b->ops->alloc(b, bytes), m->side, m->side, NULL, MATRIX_F32, 1};
	double best = 0, end = clock_seconds() + m->seconds;
	bool good = x && y && w.data && b->ops->reserve(b, &needs, error) && b->ops->pack(b, &w);

	for (int i = 0; good && (i < 3 || clock_seconds() < end); i++) {
		double begin = clock_seconds(), rate;

		b->ops->linear_forward(b, y, NULL, x, &w, NULL, m->side, ACTIVATION_NONE);
		b->ops->sync(b);
		rate = 2.0 * m->side * m->side * m->side / (clock_seconds() - begin) * 1e-9;
		best = rate > best ? rate : best;
	}
	b->ops->unpack(b, &w);
	b->ops->release(b, x);
	b->ops->release(b, y);
	b->ops->release(b, w.data);
	return b->ops->status(b, error) ? best : 0;
}

/* What a product reaches in each precision. */
static bool find_ceilings(const struct measure *m, double rates[PRECISIONS], struct error *error)
{
	for (int i = 0; i < PRECISIONS; i++) {
		struct backend *b = backend_open(DEVICE_CUDA, 0, error);

		if (!b)
			return false;
		b->precision = precisions[i].precision;
		rates[i] = product_rate(b, m, error);
		if (i == 0)
			printf("%s; one product of cuBLASLt, %d x %d x %d:", b->device, m->side, m->side, m->side);
		printf("  %s %.1f TFLOP/s", precisions[i].name, rates[i] * 1e-3);
		b->ops->close(b);
		if (rates[i] <= 0)
			return false;
	}
	putchar('\n');
	return true;
}

/* A folder of a model of that shape: made on the processor. */
static bool make_folder(const struct shape *shape, char *folder, struct error *error)
{
	struct model *made = shape_model(shape);
	bool done = made && mkdtemp(folder) && model_save(made, folder, error);

	model_close(made);
	return done;
}

static void remove_folder(const char *folder)
{
	char command[64];

	snprintf(command, sizeof command, "rm -rf %s", folder);
	if (system(command) != 0)
		fprintf(stderr, "bench_gpu: could not remove %s\n", folder);
}

/* Seconds of scoring `count` times the same text at once, the middle of several; < 0 after an error. */
static double scoring_seconds(struct model *model, const char *words, int count, int times, struct error *error)
{
	static float logits[REVIEWS_MAX * 2], scores[REVIEWS_MAX * 2];
	static struct score results[REVIEWS_MAX];
	static struct span texts[REVIEWS_MAX];
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

struct scoring {
	double one, tokens; /* seconds of a review of 16 tokens; tokens a second in batches */
};

static bool measure_scoring(struct model *model, const struct measure *m, struct scoring *scoring, struct error *error)
{
	char words[2 * WORDS_MAX + 1] = "";
	double many;

	for (int i = 0; i < m->words; i++)
		memcpy(words + 2 * (size_t)i, "a ", 3);
	scoring->one = scoring_seconds(model, words + 2 * (m->words - 14), 1, m->ones, error);
	many = scoring->one < 0 ? -1 : scoring_seconds(model, words, m->reviews, m->batches, error);
	scoring->tokens = m->reviews * (m->words + 2) / many;
	return many >= 0;
}

/* A line of the table; false after a line that says why not. */
static bool bench_line(const struct shape *shape, const char *folder, int i, const struct measure *m, double rate)
{
	struct error error = {0};
	const struct model_options options = {.device = DEVICE_CUDA, .precision = precisions[i].precision};
	struct model *model = model_open(folder, &options, NULL, &error);
	struct training_speed speed;
	struct scoring scoring;
	bool done = model && measure_scoring(model, m, &scoring, &error) &&
	            shape_time_training(shape, model, m->first, m->steps, &speed, &error);

	if (done)
		printf("%-11s %-5s %3d x %-4d %10.0f %9.2f %7.0f %% %6.0f %7.1f %7.0f %% %10.3f %12.0f\n", shape->name, precisions[i].name,
		       (int)shape->batch, (int)shape->longest, speed.tokens, speed.gflops * 1e-3, 100 * speed.gflops / rate, speed.plain,
		       speed.launches, 100 * speed.asking, 1e3 * scoring.one, scoring.tokens);
	else
		printf("%-11s %-5s %s\n", shape->name, precisions[i].name, error.text);
	model_close(model);
	return done;
}

static bool bench_shape(const struct shape *shape, const struct measure *m, const double rates[PRECISIONS])
{
	char folder[] = "/tmp/revue-bench-XXXXXX";
	struct error error = {0};
	bool done = make_folder(shape, folder, &error);

	if (!done)
		printf("%-11s %s\n", shape->name, error.text);
	for (int i = 0; i < PRECISIONS && done; i++)
		done = bench_line(shape, folder, i, m, rates[i]);
	remove_folder(folder);
	return done;
}

static bool is_wanted(const char *name, const struct measure *m, int count, char **names)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	for (size_t i = 0; count == 0 && i < sizeof m->shapes / sizeof *m->shapes; i++)
		if (strcmp(m->shapes[i], name) == 0)
			return true;
	return false;
}

static bool bench_all(const struct measure *m, int count, char **names, struct error *error)
{
	double rates[PRECISIONS];
	bool done = true;

	if (!find_ceilings(m, rates, error))
		return false;
	puts("shape       type  batch       training   TFLOP/s share of  calls a step   asking  16 tokens      batches");
	puts("                              tokens/s            product  first  graph     share         ms     tokens/s");
	for (size_t i = 0; i < SHAPES; i++)
		if (is_wanted(shapes[i].name, m, count, names))
			done = bench_shape(&shapes[i], m, rates) && done;
	if (is_wanted(speck.name, m, count, names))
		done = bench_shape(&speck, m, rates) && done;
	return done || error_set(error, ERROR_FAILED, "not all could be measured");
}

int main(int count, char **arguments)
{
	const bool small = count > 1 && strcmp(arguments[1], "--tiny") == 0;
	struct error error = {0};
	struct cuda_device device;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!backend_cuda_look(&device, &error)) {
		printf("bench_gpu: skipped: %s\n", error.text);
		return 77;
	}
	if (bench_all(small ? &tiny : &whole, count - 1 - small, arguments + 1 + small, &error))
		return 0;
	fprintf(stderr, "bench_gpu: %s\n", error.text);
	return 1;
}
