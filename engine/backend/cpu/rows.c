/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Operations on rows and on flat arrays: each splits its shape into tasks and calls the kernels. */
#include "engine/backend/cpu/rows.h"

#include "engine/backend/cpu/conventions.h"
#include "engine/backend/cpu/memory.h"

#include <assert.h>

#define FLAT 16384           /* elements of a flat array in a task */
#define ROWS 16              /* rows in a task */
#define COLUMNS 64           /* columns in a task that owns columns */
#define PARTIALS 64          /* partial sums of the gradients of a normalisation */

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int tasks_of(size_t count, size_t step)
{
	return (int)((count + step - 1) / step);
}

bool cpu_reserve_rows(struct cpu *cpu, size_t features)
{
	size_t threads = (size_t)pool_threads(cpu->base.pool), mask_size = (features + 31) / 16 * 16;

	if (!cpu_regrow(&cpu->partials, PARTIALS * 2, features) || !cpu_regrow(&cpu->masks, mask_size, threads))
		return false;
	cpu->mask_size = mask_size;
	return true;
}

/* ---- flat arrays */

struct flat {
	const struct kernels *kernels;
	float *out;
	const float *x;
	size_t count;
	enum activation activation;
	const struct dropout *dropout;
	const struct noise *noise;
};

static void flat_run(struct backend *b, struct flat *f, void (*task)(void *, int, int))
{
	f->kernels = cpu_of(b)->kernels;
	pool_run(b->pool, tasks_of(f->count, FLAT), task, f);
}

static void activation_forward_task(void *context, int index, int worker)
{
	const struct flat *f = context;
	size_t i = (size_t)index * FLAT;

	(void)worker;
	f->kernels->activation_forward(f->out + i, f->x + i, smaller(FLAT, f->count - i), f->activation);
}

void cpu_activation_forward(struct backend *b, float *out, const float *pre, size_t count, enum activation activation)
{
	flat_run(b, &(struct flat){.out = out, .x = pre, .count = count, .activation = activation},
	         activation_forward_task);
}

static void activation_backward_task(void *context, int index, int worker)
{
	const struct flat *f = context;
	size_t i = (size_t)index * FLAT;

	(void)worker;
	f->kernels->activation_backward(f->out + i, f->x + i, smaller(FLAT, f->count - i), f->activation);
}

void cpu_activation_backward(struct backend *b, float *dy, const float *pre, size_t count, enum activation activation)
{
	flat_run(b, &(struct flat){.out = dy, .x = pre, .count = count, .activation = activation},
	         activation_backward_task);
}

static void add_task(void *context, int index, int worker)
{
	const struct flat *f = context;
	size_t i = (size_t)index * FLAT;

	(void)worker;
	f->kernels->add(f->out + i, f->x + i, smaller(FLAT, f->count - i));
}

void cpu_add(struct backend *b, float *out, const float *x, size_t count)
{
	flat_run(b, &(struct flat){.out = out, .x = x, .count = count}, add_task);
}

static void dropout_task(void *context, int index, int worker)
{
	const struct flat *f = context;
	size_t end = smaller((size_t)(index + 1) * FLAT, f->count);
	uint32_t mask[256];

	(void)worker;
	for (size_t i = (size_t)index * FLAT; i < end; i += 256) {
		size_t count = smaller(256, end - i);

		f->kernels->dropout_mask(mask, i, count, f->dropout);
		f->kernels->dropout_apply(f->out + i, mask, count, dropout_scale(f->dropout));
	}
}

void cpu_dropout(struct backend *b, float *x, size_t count, struct dropout dropout)
{
	if (dropout.p > 0)
		flat_run(b, &(struct flat){.out = x, .count = count, .dropout = &dropout}, dropout_task);
}

static void noise_task(void *context, int index, int worker)
{
	const struct flat *f = context;
	size_t i = (size_t)index * FLAT;

	(void)worker;
	f->kernels->noise(f->out + i, i, smaller(FLAT, f->count - i), f->noise);
}

void cpu_noise(struct backend *b, float *x, size_t count, struct noise noise)
{
	flat_run(b, &(struct flat){.out = x, .count = count, .noise = &noise}, noise_task);
}

/* ---- normalisation */

struct norm {
	const struct cpu *cpu;
	float *out, *sum, *mean, *rstd;
	const float *x, *residual, *gamma, *beta;
	float *dx, *dresidual, *dgamma, *dbeta;
	const float *dout;
	size_t rows, columns;
	float epsilon;
	struct dropout dropout;
	size_t step; /* rows in a task of the backward pass */
	int tasks;
};

/* The dropout mask of a row, or NULL. */
static const uint32_t *norm_mask(const struct norm *n, size_t row, int worker)
{
	uint32_t *mask = (uint32_t *)(void *)(n->cpu->masks + (size_t)worker * n->cpu->mask_size);

	if (n->dropout.p <= 0)
		return NULL;
	n->cpu->kernels->dropout_mask(mask, row * n->columns, n->columns, &n->dropout);
	return mask;
}

static void norm_forward_task(void *context, int index, int worker)
{
	const struct norm *n = context;
	size_t end = smaller((size_t)(index + 1) * ROWS, n->rows);

	for (size_t r = (size_t)index * ROWS; r < end; r++) {
		size_t at = r * n->columns;
		float mean, rstd;

		n->cpu->kernels->norm_forward(n->out + at, (n->sum ? n->sum : n->out) + at, &mean, &rstd, n->x + at,
		                              n->residual ? n->residual + at : NULL, norm_mask(n, r, worker),
		                              dropout_scale(&n->dropout), n->gamma, n->beta, n->columns, n->epsilon);
		if (n->mean)
			n->mean[r] = mean;
		if (n->rstd)
			n->rstd[r] = rstd;
	}
}

void cpu_norm_forward(struct backend *b, float *out, float *sum, float *mean, float *rstd, const float *x,
                      const float *residual, const float *gamma, const float *beta, int32_t rows, int32_t columns,
                      float epsilon, struct dropout dropout)
{
	struct norm n = {
		.cpu = cpu_of(b), .out = out, .sum = sum, .mean = mean, .rstd = rstd, .x = x, .residual = residual,
		.gamma = gamma, .beta = beta, .rows = (size_t)rows, .columns = (size_t)columns, .epsilon = epsilon,
		.dropout = dropout,
	};

	assert(columns <= n.cpu->sizes.features);
	pool_run(n.cpu->base.pool, tasks_of(n.rows, ROWS), norm_forward_task, &n);
}

/* Sums of dgamma and dbeta of this task's rows go to a place of their own. */
static void norm_backward_task(void *context, int index, int worker)
{
	const struct norm *n = context;
	float *partial = n->cpu->partials + (size_t)index * 2 * n->columns;
	size_t end = smaller((size_t)(index + 1) * n->step, n->rows);

	cpu_zero(NULL, partial, 2 * n->columns * sizeof *partial);
	for (size_t r = (size_t)index * n->step; r < end; r++) {
		size_t at = r * n->columns;

		n->cpu->kernels->norm_backward(n->dx + at, n->dresidual ? n->dresidual + at : NULL, partial,
		                               partial + n->columns, n->dout + at, n->x + at, n->mean[r], n->rstd[r],
		                               n->gamma, norm_mask(n, r, worker), dropout_scale(&n->dropout),
		                               n->columns);
	}
}

/* Adds the partial sums of some columns, always in the same order. */
static void norm_gather_task(void *context, int index, int worker)
{
	const struct norm *n = context;
	size_t first = (size_t)index * COLUMNS, count = smaller(COLUMNS, n->columns - first);

	(void)worker;
	for (int i = 0; i < n->tasks; i++) {
		const float *partial = n->cpu->partials + (size_t)i * 2 * n->columns + first;

		n->cpu->kernels->add(n->dgamma + first, partial, count);
		n->cpu->kernels->add(n->dbeta + first, partial + n->columns, count);
	}
}

void cpu_norm_backward(struct backend *b, float *dx, float *dresidual, float *dgamma, float *dbeta, const float *dout,
                       const float *sum, const float *mean, const float *rstd, const float *gamma, int32_t rows,
                       int32_t columns, struct dropout dropout)
{
	struct norm n = {
		.cpu = cpu_of(b), .dx = dx, .dresidual = dresidual, .dgamma = dgamma, .dbeta = dbeta, .dout = dout,
		.x = sum, .mean = (float *)(uintptr_t)mean, .rstd = (float *)(uintptr_t)rstd, /* only read here */
		.gamma = gamma, .rows = (size_t)rows, .columns = (size_t)columns, .dropout = dropout,
	};

	assert(columns <= n.cpu->sizes.features);
	n.step = (n.rows + PARTIALS - 1) / PARTIALS;
	if (n.step < ROWS)
		n.step = ROWS;
	n.tasks = tasks_of(n.rows, n.step);
	pool_run(n.cpu->base.pool, n.tasks, norm_backward_task, &n);
	pool_run(n.cpu->base.pool, tasks_of(n.columns, COLUMNS), norm_gather_task, &n);
}

/* ---- tables of rows */

struct table {
	const struct kernels *kernels;
	float *out, *dword, *dposition, *dtype;
	const float *x, *word, *position, *type;
	const int32_t *ids, *positions;
	size_t rows, columns;
};

static void embedding_forward_task(void *context, int index, int worker)
{
	const struct table *t = context;
	const size_t n = t->columns, end = smaller((size_t)(index + 1) * ROWS, t->rows);

	(void)worker;
	for (size_t r = (size_t)index * ROWS; r < end; r++) {
		float *out = t->out + r * n;

		cpu_copy(NULL, out, t->word + (size_t)t->ids[r] * n, n * sizeof *out);
		if (t->type)
			t->kernels->add(out, t->type, n);
		t->kernels->add(out, t->position + (size_t)t->positions[r] * n, n);
	}
}

void cpu_embedding_forward(struct backend *b, float *out, const float *word, const float *position, const float *type,
                           const int32_t *ids, const int32_t *positions, int32_t rows, int32_t columns)
{
	struct table t = {
		.kernels = cpu_of(b)->kernels, .out = out, .word = word, .position = position, .type = type, .ids = ids,
		.positions = positions, .rows = (size_t)rows, .columns = (size_t)columns,
	};

	pool_run(b->pool, tasks_of(t.rows, ROWS), embedding_forward_task, &t);
}

/* A task owns columns of all tables, so that rows which occur twice are added in their order. */
static void embedding_backward_task(void *context, int index, int worker)
{
	const struct table *t = context;
	size_t first = (size_t)index * COLUMNS, count = smaller(COLUMNS, t->columns - first);

	(void)worker;
	for (size_t r = 0; r < t->rows; r++) {
		const float *x = t->x + r * t->columns + first;

		t->kernels->add(t->dword + (size_t)t->ids[r] * t->columns + first, x, count);
		t->kernels->add(t->dposition + (size_t)t->positions[r] * t->columns + first, x, count);
		if (t->dtype)
			t->kernels->add(t->dtype + first, x, count);
	}
}

void cpu_embedding_backward(struct backend *b, float *dword, float *dposition, float *dtype, const float *dout,
                            const int32_t *ids, const int32_t *positions, int32_t rows, int32_t columns)
{
	struct table t = {
		.kernels = cpu_of(b)->kernels, .dword = dword, .dposition = dposition, .dtype = dtype, .x = dout,
		.ids = ids, .positions = positions, .rows = (size_t)rows, .columns = (size_t)columns,
	};

	pool_run(b->pool, tasks_of(t.columns, COLUMNS), embedding_backward_task, &t);
}

static void gather_task(void *context, int index, int worker)
{
	const struct table *t = context;
	const size_t n = t->columns, end = smaller((size_t)(index + 1) * ROWS, t->rows);

	(void)worker;
	for (size_t r = (size_t)index * ROWS; r < end; r++)
		cpu_copy(NULL, t->out + r * n, t->x + (size_t)t->ids[r] * n, n * sizeof *t->x);
}

void cpu_gather_rows(struct backend *b, float *out, const float *x, const int32_t *index, int32_t count,
                     int32_t columns)
{
	struct table t = {.out = out, .x = x, .ids = index, .rows = (size_t)count, .columns = (size_t)columns};

	pool_run(b->pool, tasks_of(t.rows, ROWS), gather_task, &t);
}

static void scatter_add_task(void *context, int index, int worker)
{
	const struct table *t = context;
	const size_t n = t->columns, end = smaller((size_t)(index + 1) * ROWS, t->rows);

	(void)worker;
	for (size_t r = (size_t)index * ROWS; r < end; r++)
		t->kernels->add(t->out + (size_t)t->ids[r] * n, t->x + r * n, n);
}

void cpu_scatter_rows_add(struct backend *b, float *out, const float *x, const int32_t *index, int32_t count,
                          int32_t columns)
{
	struct table t = {
		.kernels = cpu_of(b)->kernels, .out = out, .x = x, .ids = index, .rows = (size_t)count,
		.columns = (size_t)columns,
	};

	pool_run(b->pool, tasks_of(t.rows, ROWS), scatter_add_task, &t);
}
