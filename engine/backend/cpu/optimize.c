/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Operations over a list of segments. A segment is cut into tasks by its own length only, and as many segments as
 * there is room for are one run of the pool: most parameters of a model are far too short to share. */
#include "engine/backend/cpu/optimize.h"

#include "engine/backend/conventions.h"
#include "engine/backend/cpu/memory.h"

#include <math.h>

#define FLAT 16384   /* elements in a task; more where a segment would have more than TASKS */
#define TASKS 4096   /* of a segment, and of a wave */
#define SEGMENTS 256 /* of a wave */

/* Some segments of a list, and how their tasks are numbered. */
struct wave {
	struct cpu *cpu;
	const struct segment *segments;
	int count;
	int ends[SEGMENTS]; /* ends[s]: tasks of the segments 0 .. s */
	double *sums;       /* of each task */
	const void *how;    /* struct adamw, sgd or lion */
};

/* The part of a segment that a task works on. */
struct part {
	const struct segment *segment;
	size_t first, count;
};

bool cpu_reserve_optimizer(struct cpu *cpu)
{
	return cpu_regrow(&cpu->squares, TASKS, sizeof(double) / sizeof(float));
}

static size_t task_step(size_t count)
{
	return (count / TASKS / FLAT + 1) * FLAT;
}

static int task_count(size_t count)
{
	return (int)((count + task_step(count) - 1) / task_step(count));
}

static struct part wave_part(const struct wave *wave, int task)
{
	int low = 0, high = wave->count - 1;
	const struct segment *segment;
	size_t step, first;

	while (low < high) { /* the first segment that ends after the task */
		int middle = (low + high) / 2;

		if (wave->ends[middle] > task)
			high = middle;
		else
			low = middle + 1;
	}
	segment = &wave->segments[low];
	step = task_step(segment->count);
	first = (size_t)(task - (low > 0 ? wave->ends[low - 1] : 0)) * step;
	return (struct part){segment, first, segment->count - first < step ? segment->count - first : step};
}

/* Takes segments for a wave from a list of `count`; there is always room for one. */
static int wave_begin(struct wave *wave, const struct segment *segments, size_t count)
{
	int tasks = 0;

	wave->segments = segments;
	for (wave->count = 0; (size_t)wave->count < count && wave->count < SEGMENTS; wave->count++) {
		int more = task_count(segments[wave->count].count);

		if (tasks + more > TASKS)
			break;
		tasks += more;
		wave->ends[wave->count] = tasks;
	}
	return tasks;
}

static void squares_task(void *context, int index, int worker)
{
	const struct wave *wave = context;
	struct part part = wave_part(wave, index);

	(void)worker;
	wave->sums[index] = wave->cpu->kernels->squared_norm(part.segment->gradient + part.first, part.count);
}

/* Each segment's sum is finished before it is added, so that it is the same wherever a wave ends. */
static double wave_sum(const struct wave *wave, double sum)
{
	for (int s = 0, task = 0; s < wave->count; s++) {
		double own = 0;

		for (; task < wave->ends[s]; task++)
			own += wave->sums[task];
		sum += own;
	}
	return sum;
}

void cpu_clip(struct backend *b, struct clipping *clipping, const struct segment *segments, size_t count, double limit)
{
	struct wave wave = {.cpu = cpu_of(b), .sums = (double *)(void *)cpu_of(b)->squares};
	double sum = 0;

	for (size_t done = 0; done < count; done += (size_t)wave.count) {
		int tasks = wave_begin(&wave, segments + done, count - done);

		pool_run(b->pool, tasks, squares_task, &wave);
		sum = wave_sum(&wave, sum);
	}
	*clipping = clipping_of(sum, limit);
}

/* The tasks of all segments. */
static void waves_run(struct backend *b, const struct segment *segments, size_t count, const void *how,
                      void (*task)(void *context, int index, int worker))
{
	struct wave wave = {.cpu = cpu_of(b), .how = how};

	for (size_t done = 0; done < count; done += (size_t)wave.count) {
		int tasks = wave_begin(&wave, segments + done, count - done);

		pool_run(b->pool, tasks, task, &wave);
	}
}

static struct adamw_factors adamw_factors_of(const struct segment *s, const struct adamw *a)
{
	double rate = a->learning_rate * s->rate;

	return (struct adamw_factors){
		.decay = (float)(1 - rate * (s->decay ? a->weight_decay : 0)),
		.one_minus_beta1 = (float)(1 - a->beta1),
		.beta2 = (float)a->beta2,
		.one_minus_beta2 = (float)(1 - a->beta2),
		.step = (float)(rate / a->correction1),
		.root = (float)(1 / sqrt(a->correction2)),
		.epsilon = (float)a->epsilon,
		.gradient_scale = clipping_scale(a->clipping),
	};
}

static void adamw_task(void *context, int index, int worker)
{
	const struct wave *wave = context;
	struct part part = wave_part(wave, index);
	const struct segment *s = part.segment;
	const struct adamw_factors factors = adamw_factors_of(s, wave->how);
	size_t i = part.first;

	(void)worker;
	wave->cpu->kernels->adamw(s->value + i, s->average + i, s->square + i, s->gradient + i, part.count, &factors);
}

void cpu_adamw(struct backend *b, const struct segment *segments, size_t count, const struct adamw *a)
{
	if (!clipping_stops(a->clipping))
		waves_run(b, segments, count, a, adamw_task);
}

static struct sgd_factors sgd_factors_of(const struct segment *s, const struct sgd *how)
{
	return (struct sgd_factors){
		.decay = (float)(s->decay ? how->weight_decay : 0),
		.momentum = (float)how->momentum,
		.fresh = (float)(how->first ? 1 : 1 - how->dampening),
		.step = (float)(how->learning_rate * s->rate),
		.gradient_scale = clipping_scale(how->clipping),
		.nesterov = how->nesterov,
	};
}

/* In the first step the momentum is still 0. */
static void sgd_task(void *context, int index, int worker)
{
	const struct wave *wave = context;
	const struct sgd *how = wave->how;
	struct part part = wave_part(wave, index);
	const struct segment *s = part.segment;
	const struct sgd_factors factors = sgd_factors_of(s, how);
	size_t i = part.first;

	(void)worker;
	wave->cpu->kernels->sgd(s->value + i, how->momentum > 0 ? s->average + i : NULL, s->gradient + i, part.count, &factors);
}

void cpu_sgd(struct backend *b, const struct segment *segments, size_t count, const struct sgd *s)
{
	if (!clipping_stops(s->clipping))
		waves_run(b, segments, count, s, sgd_task);
}

static struct lion_factors lion_factors_of(const struct segment *s, const struct lion *l)
{
	double rate = l->learning_rate * s->rate;

	return (struct lion_factors){
		.decay = (float)(1 - rate * (s->decay ? l->weight_decay : 0)),
		.beta1 = (float)l->beta1,
		.one_minus_beta1 = (float)(1 - l->beta1),
		.beta2 = (float)l->beta2,
		.one_minus_beta2 = (float)(1 - l->beta2),
		.step = (float)rate,
		.gradient_scale = clipping_scale(l->clipping),
	};
}

static void lion_task(void *context, int index, int worker)
{
	const struct wave *wave = context;
	struct part part = wave_part(wave, index);
	const struct segment *s = part.segment;
	const struct lion_factors factors = lion_factors_of(s, wave->how);
	size_t i = part.first;

	(void)worker;
	wave->cpu->kernels->lion(s->value + i, s->average + i, s->gradient + i, part.count, &factors);
}

void cpu_lion(struct backend *b, const struct segment *segments, size_t count, const struct lion *l)
{
	if (!clipping_stops(l->clipping))
		waves_run(b, segments, count, l, lion_task);
}
