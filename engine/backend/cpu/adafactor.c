/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A matrix takes four runs of the pool, cut by its shape only: means of columns, means of rows, the norm of the update,
 * the step. A vector is short and one task. Scratch: `squares` for sums of the tasks (optimize.c), `partials` for a factor
 * of each column (rows.c). */
#include "engine/backend/cpu/adafactor.h"

#include "engine/backend/conventions.h"

#include <math.h>

#define COLUMNS 64     /* in a task that owns columns */
#define FLAT 16384     /* elements in a task of rows, about */
#define TASKS 4096     /* of rows: what `squares` has room for */

struct work {
	const struct kernels *kernels;
	const struct segment *segment;
	const struct adafactor *how;
	size_t rows, columns, step; /* rows in a task */
	double *sums;               /* [tasks of rows] */
	float *factors;             /* [columns] 1 / sqrt(square) */
	double row_mean;
	float decay, rate;
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void blend(float *state, double mean, const struct adafactor *a)
{
	*state = (float)(a->beta2 * (double)*state + (1 - a->beta2) * mean);
}

/* The mean of squares of `count` scaled gradients. */
static double mean_of(double squares, size_t count, const struct adafactor *a)
{
	const double scale = (double)clipping_scale(a->clipping);

	return squares * scale * scale / (double)count + ADAFACTOR_EPSILON;
}

static void columns_task(void *context, int index, int worker)
{
	const struct work *w = context;
	size_t first = (size_t)index * COLUMNS, count = smaller(COLUMNS, w->columns - first);
	double sums[COLUMNS] = {0};

	(void)worker;
	for (size_t r = 0; r < w->rows; r++)
		w->kernels->add_squares(sums, w->segment->gradient + r * w->columns + first, count);
	for (size_t c = 0; c < count; c++) {
		float *square = &w->segment->square[first + c];

		blend(square, mean_of(sums[c], w->rows, w->how), w->how);
		w->factors[first + c] = 1 / sqrtf(*square);
	}
}

static void rows_task(void *context, int index, int worker)
{
	const struct work *w = context;
	size_t first = (size_t)index * w->step, end = smaller(first + w->step, w->rows);

	(void)worker;
	for (size_t r = first; r < end; r++)
		blend(&w->segment->average[r],
		      mean_of(w->kernels->squared_norm(w->segment->gradient + r * w->columns, w->columns), w->columns, w->how),
		      w->how);
}

/* What row r multiplies its update with. */
static float row_factor(const struct work *w, size_t r)
{
	return (float)(1 / sqrt((double)w->segment->average[r] / w->row_mean));
}

static void norm_task(void *context, int index, int worker)
{
	const struct work *w = context;
	size_t first = (size_t)index * w->step, end = smaller(first + w->step, w->rows);
	double sum = 0;

	(void)worker;
	for (size_t r = first; r < end; r++)
		sum += w->kernels->factored_norm(w->segment->gradient + r * w->columns, w->factors, row_factor(w, r), w->columns);
	w->sums[index] = sum;
}

static void step_task(void *context, int index, int worker)
{
	const struct work *w = context;
	size_t first = (size_t)index * w->step, end = smaller(first + w->step, w->rows);

	(void)worker;
	for (size_t r = first; r < end; r++)
		w->kernels->factored_step(w->segment->value + r * w->columns, w->segment->gradient + r * w->columns, w->factors,
		                          row_factor(w, r), w->columns, w->decay, w->rate);
}

/* How much smaller an update is made whose squares have this sum. */
static double shrink(double squares, size_t count, const struct adafactor *a)
{
	double root = (double)clipping_scale(a->clipping) * sqrt(squares / (double)count) / ADAFACTOR_THRESHOLD;

	return root > 1 ? root : 1;
}

static void matrix_run(struct backend *b, struct work *w)
{
	const struct segment *s = w->segment;
	int tasks;
	double sum = 0;

	w->rows = (size_t)s->rows;
	w->columns = (size_t)s->columns;
	w->step = w->rows / TASKS + FLAT / w->columns + 1;
	tasks = (int)((w->rows + w->step - 1) / w->step);
	pool_run(b->pool, (int)((w->columns + COLUMNS - 1) / COLUMNS), columns_task, w);
	pool_run(b->pool, tasks, rows_task, w);
	for (size_t r = 0; r < w->rows; r++)
		sum += (double)s->average[r];
	w->row_mean = sum / (double)w->rows;
	pool_run(b->pool, tasks, norm_task, w);
	sum = 0;
	for (int i = 0; i < tasks; i++)
		sum += w->sums[i];
	w->rate = (float)(w->how->learning_rate * s->rate / shrink(sum, s->count, w->how) * (double)clipping_scale(w->how->clipping));
	pool_run(b->pool, tasks, step_task, w);
}

static void vector_run(struct work *w)
{
	const struct segment *s = w->segment;
	const struct adafactor *a = w->how;
	double sum = 0;

	for (size_t i = 0; i < s->count; i++) {
		double g = (double)s->gradient[i];

		blend(&s->square[i], mean_of(g * g, 1, a), a);
		sum += g * g / (double)s->square[i];
	}
	w->rate = (float)(a->learning_rate * s->rate / shrink(sum, s->count, a) * (double)clipping_scale(a->clipping));
	for (size_t i = 0; i < s->count; i++)
		s->value[i] = s->value[i] * w->decay - w->rate * (s->gradient[i] / sqrtf(s->square[i]));
}

void cpu_adafactor(struct backend *b, const struct segment *segments, size_t count, const struct adafactor *a)
{
	struct cpu *cpu = cpu_of(b);

	for (size_t i = 0; !clipping_stops(a->clipping) && i < count; i++) {
		const struct segment *s = &segments[i];
		struct work w = {
			.kernels = cpu->kernels, .segment = s, .how = a, .sums = (double *)(void *)cpu->squares,
			.factors = cpu->partials,
			.decay = (float)(1 - a->learning_rate * s->rate * (s->decay ? a->weight_decay : 0)),
		};

		if (s->count > 0 && s->columns > 0)
			matrix_run(b, &w);
		else if (s->count > 0)
			vector_run(&w);
	}
}
