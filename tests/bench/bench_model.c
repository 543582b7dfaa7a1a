/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Speed of whole models: training (useful tokens a second, share of the measured f32 peak and of OpenBLAS's
 * sgemm) and scoring (one review of 16 tokens inside the process, and as a whole process from its start
 * to its first score). Every figure stands beside a ceiling measured in the same run, because machines
 * differ and are shared.
 *
 *   bench_model [--revue PROGRAM] [--pocket FOLDER] [SHAPE...] */
#include "tests/bench/ceiling.h"
#include "tests/bench/shapes.h"

#include "engine/clock.h"

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

static void bench_training(const struct shape *shape, const char *what, struct model *model, struct ceiling ceiling)
{
	struct error error = {0};
	struct training_speed speed;
	struct rusage usage;

	if (!shape_time_training(shape, model, 1, 5, &speed, &error)) {
		printf("%-11s %s: %s\n", shape->name, what, error.text);
	} else {
		getrusage(RUSAGE_SELF, &usage);
		printf("%-11s %s %2d x %d: %6.0f tokens/s, %5.1f GFLOP/s: %2.0f %% of peak, %2.0f %% of sgemm; "
		       "%.2f GB at most so far\n",
		       shape->name, what, (int)shape->batch, (int)shape->longest, speed.tokens, speed.gflops,
		       100 * speed.gflops / ceiling.peak, 100 * speed.gflops / ceiling.sgemm,
		       (double)usage.ru_maxrss * 1024e-9);
	}
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
	double middle = shape_median(seconds, TIMES), gflops = shape_forward_flops(shape, (double)score.tokens) / middle * 1e-9;
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
	double middle = shape_median(seconds, TIMES);
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
	for (size_t i = 0; i < SHAPES; i++) {
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
