/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Speed of whole models: training (useful tokens a second, share of the measured f32 peak and of OpenBLAS's
 * sgemm) and scoring (one review of 16 tokens inside the process, and as a whole process from its start
 * to its first score). Every figure stands beside a ceiling measured in the same run, because machines
 * differ and are shared.
 *
 *   bench_model [--revue PROGRAM] [--pocket FOLDER] [SHAPE...] */
#include "tests/bench/ceiling.h"

#include "engine/base/random.h"
#include "engine/clock.h"
#include "engine/format/architecture.h"
#include "engine/train/optimizer.h"

#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define ONE_REVIEW "a a a a a a a a a a a a a a" /* 16 tokens with [CLS] and [SEP] */

struct shape {
	const char *name;
	int32_t layers, hidden, heads, intermediate, vocab, batch, longest;
};

static const struct shape shapes[] = {
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

static struct model *shape_model(const struct shape *shape)
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
	fprintf(stderr, "bench_model: %s: %s\n", shape->name, error.text);
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

/* Operations of a forward pass over one sequence. revue computes the last layer for [CLS] only, behind its keys and
 * values; the rates told here count what is computed, so that nothing saved looks like speed. */
static double forward_flops(const struct shape *shape, double length)
{
	return (shape->layers - 1) * layer_flops(shape, length, length) + layer_flops(shape, length, 1);
}

static double batch_flops(const struct shape *shape, const int32_t *starts)
{
	double flops = 0;

	for (int32_t s = 0; s < shape->batch; s++)
		flops += forward_flops(shape, starts[s + 1] - starts[s]);
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

static double median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof *values, by_value);
	return values[count / 2];
}

struct training_speed {
	double tokens, gflops;
};

static struct training_speed time_training(const struct shape *shape, struct model *model, struct examples *e,
                                           struct optimizer *optimizer)
{
	enum { STEPS = 5 };
	double tokens[STEPS], gflops[STEPS];

	for (int step = 0; step <= STEPS; step++) {
		draw_examples(shape, (uint32_t)step, e);
		const struct batch batch = {.ids = e->ids, .starts = e->starts, .labels = e->labels, .sequences = shape->batch};
		const struct train_pass pass = {.scale = 1.0f / (float)shape->batch, .seed = 1, .step = (uint64_t)step};
		double begin = clock_seconds();
		network_train(model, &batch, &pass);
		step_of(optimizer);
		double seconds = clock_seconds() - begin;
		if (step == 0)
			continue; /* the first touches the memory */
		tokens[step - 1] = e->starts[shape->batch] / seconds;
		gflops[step - 1] = 3 * batch_flops(shape, e->starts) / seconds * 1e-9;
	}
	return (struct training_speed){median(tokens, STEPS), median(gflops, STEPS)};
}

static void bench_training(const struct shape *shape, const char *what, struct model *model, struct ceiling ceiling)
{
	struct error error = {0};
	int32_t most = shape->batch * shape->longest;
	struct examples e = {calloc((size_t)most, sizeof(int32_t)), calloc((size_t)shape->batch + 1, sizeof(int32_t)),
	                     calloc((size_t)shape->batch, sizeof(int32_t))};
	struct optimizer optimizer = {0};
	struct rusage usage;

	if (!network_reserve(model, most, shape->batch, shape->longest, true,
	                     optimizer_memory(model_parameter(model, 0), model_parameter_rows(model), NULL), &error) ||
	    !optimizer_init(&optimizer, model, NULL, &error)) {
		printf("%-11s %s: %s\n", shape->name, what, error.text);
	} else {
		struct training_speed speed = time_training(shape, model, &e, &optimizer);
		getrusage(RUSAGE_SELF, &usage);
		printf("%-11s %s %2d x %d: %6.0f tokens/s, %5.1f GFLOP/s: %2.0f %% of peak, %2.0f %% of sgemm; "
		       "%.2f GB at most so far\n",
		       shape->name, what, (int)shape->batch, (int)shape->longest, speed.tokens, speed.gflops,
		       100 * speed.gflops / ceiling.peak, 100 * speed.gflops / ceiling.sgemm,
		       (double)usage.ru_maxrss * 1024e-9);
	}
	optimizer_free(&optimizer);
	free(e.labels);
	free(e.starts);
	free(e.ids);
}

/* Adapters of rank 8 on query and value. The rates count three passes all the same: those that are saved look like speed. */
static void bench_adapters(const struct shape *shape, struct ceiling ceiling)
{
	const struct lora_settings settings = {.rank = 8, .alpha = 16, .target_modules = "", .modules_to_save = ""};
	struct model *model = shape_model(shape);
	struct error error = {0};

	for (int row = 0; model && row < model_parameter_rows(model); row++)
		model_parameter(model, row)->fresh = false;
	if (model && model_add_lora(model, &settings, 1, &error))
		bench_training(shape, "LoRA training", model, ceiling);
	else
		printf("%-11s LoRA training: %s\n", shape->name, error.text);
	model_close(model);
}

static void bench_scoring(const struct shape *shape, struct model *model, struct ceiling ceiling)
{
	enum { TIMES = 31 };
	struct error error = {0};
	float logits[2], scores[2];
	struct score score = {.logits = logits, .scores = scores};
	const struct span text = span_of(ONE_REVIEW);
	double seconds[TIMES];

	for (int i = 0; i < TIMES; i++) {
		double begin = clock_seconds();
		if (!model_score(model, &text, 1, 0, &score, NULL, &error)) {
			printf("%-11s scoring: %s\n", shape->name, error.text);
			return;
		}
		seconds[i] = clock_seconds() - begin;
	}
	double middle = median(seconds, TIMES), gflops = forward_flops(shape, (double)score.tokens) / middle * 1e-9;
	printf("%-11s scoring one review of %d tokens: %.3f ms, %.0f %% of f32 peak\n", shape->name, (int)score.tokens,
	       1e3 * middle, 100 * gflops / ceiling.peak);
}

/* Seconds from starting `revue score` on a folder to its end; < 0 when it failed. */
static double process_seconds(const char *revue, const char *folder)
{
	char *const arguments[] = {(char *)revue, "score", "-m", (char *)folder, ONE_REVIEW, NULL};
	posix_spawn_file_actions_t quiet;
	pid_t pid;
	int status;
	double begin = clock_seconds();

	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
	bool started = posix_spawn(&pid, revue, &quiet, NULL, arguments, environ) == 0;
	posix_spawn_file_actions_destroy(&quiet);
	if (!started || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return -1;
	return clock_seconds() - begin;
}

static void bench_process(const char *name, const char *revue, const char *folder)
{
	enum { TIMES = 15 };
	double seconds[TIMES];

	for (int i = 0; i < TIMES; i++)
		seconds[i] = process_seconds(revue, folder);
	double middle = median(seconds, TIMES);
	if (seconds[0] < 0)
		printf("%-11s whole process: %s score failed\n", name, revue);
	else
		printf("%-11s whole process, start to first score: %.1f ms (fastest %.1f)\n", name, 1e3 * middle,
		       1e3 * seconds[0]);
}

static void bench_saved(const struct shape *shape, struct model *model, const char *revue)
{
	struct error error = {0};
	char folder[] = "/tmp/revue-bench-XXXXXX", command[64];

	if (!mkdtemp(folder))
		return;
	if (model_save(model, folder, &error))
		bench_process(shape->name, revue, folder);
	else
		printf("%-11s %s\n", shape->name, error.text);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	if (system(command) != 0)
		fprintf(stderr, "bench_model: could not remove %s\n", folder);
}

static bool is_wanted(const char *name, int count, char **names)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return count == 0;
}

int main(int count, char **arguments)
{
	const char *revue = NULL, *pocket = NULL;
	int first = 1;

	for (; first + 1 < count && strncmp(arguments[first], "--", 2) == 0; first += 2) {
		if (strcmp(arguments[first], "--revue") == 0)
			revue = arguments[first + 1];
		else if (strcmp(arguments[first], "--pocket") == 0)
			pocket = arguments[first + 1];
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	const struct ceiling ceiling = ceiling_measure();
	printf("ceiling: f32 peak %.1f GFLOP/s, OpenBLAS sgemm %.1f GFLOP/s (384 x 1536, 2048 rows), %d threads\n",
	       ceiling.peak, ceiling.sgemm, ceiling.threads);
	if (revue && pocket)
		bench_process("share/pocket", revue, pocket);
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		struct model *model = is_wanted(shapes[i].name, count - first, arguments + first)
		                              ? shape_model(&shapes[i]) : NULL;
		if (!model)
			continue;
		bench_scoring(&shapes[i], model, ceiling);
		bench_training(&shapes[i], "training", model, ceiling);
		bench_adapters(&shapes[i], ceiling);
		if (revue)
			bench_saved(&shapes[i], model, revue);
		model_close(model);
	}
	return 0;
}
