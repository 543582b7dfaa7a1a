/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The portable matrix products: cblas_sgemm at one thread, called from the tasks of our own pool (OpenBLAS's threads
 * spin for a tenth of a second when idle and cannot be shared by callers). The result is split by its
 * shape only: 1 = n threads to the bit. OpenBLAS chooses its kernel by the sizes of a call, so that here, and
 * on this path alone, a row may differ in its last bits from the same row in another batch.
 *
 * The library is opened when this path is, not when the program starts: it starts its threads as it is loaded, which
 * costs more than scoring a review with a small model, and processors with paths of their own never call it. */
#include "engine/backend/cpu/openblas.h"

#include "engine/backend/cpu/conventions.h"
#include "engine/backend/cpu/memory.h"
#include "engine/backend/cpu/product.h"

#include <cblas.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define TASK_ROWS 128    /* of the result */
#define TASK_COLUMNS 192 /* where there are few rows */

/* What is called of the library. */
struct openblas {
	__typeof__(cblas_sgemm) *sgemm;
	__typeof__(openblas_set_num_threads) *set_num_threads;
	__typeof__(openblas_get_parallel) *get_parallel;
	__typeof__(openblas_get_config) *get_config;
	__typeof__(openblas_get_corename) *get_corename;
};

#define FUNCTION(field, symbol) {offsetof(struct openblas, field), symbol}
static const struct {
	size_t offset;
	const char *name;
} functions[] = {
	FUNCTION(sgemm, "cblas_sgemm"),
	FUNCTION(set_num_threads, "openblas_set_num_threads"),
	FUNCTION(get_parallel, "openblas_get_parallel"),
	FUNCTION(get_config, "openblas_get_config"),
	FUNCTION(get_corename, "openblas_get_corename"),
};

/* The library stays loaded, since its threads may not outlive it. */
static bool library_open(struct openblas *library, struct error *error)
{
	void *handle = dlopen(REVUE_OPENBLAS, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	RETURN_IF(!handle, error, ERROR_FAILED,
	          "OpenBLAS could not be opened (%s): install it, or set REVUE_CPU=reference to go without", dlerror());
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
		void *symbol = dlsym(handle, functions[i].name);

		RETURN_IF(!symbol, error, ERROR_FAILED, "%s is no OpenBLAS: it lacks %s", REVUE_OPENBLAS, functions[i].name);
		memcpy((char *)library + functions[i].offset, &symbol, sizeof symbol);
	}
	return true;
}

bool openblas_open(struct cpu *cpu, struct error *error)
{
	cpu->openblas = cpu_alloc(NULL, sizeof *cpu->openblas);
	if (!cpu->openblas) {
		error_memory(error, "opening OpenBLAS");
		return false;
	}
	if (!library_open(cpu->openblas, error))
		return false;
	cpu->openblas->set_num_threads(1);
	return true;
}

/* openblas_get_config names version, options and core: "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ... Zen ...". */
void backend_cpu_blas(char *out, size_t capacity)
{
	static const char *const flavours[] = {"one thread", "pthread", "OpenMP"};
	struct error error = {0};
	struct openblas library;
	const char *config, *end;
	int flavour;

	if (!library_open(&library, &error)) {
		snprintf(out, capacity, "%s", error.text);
		return;
	}
	config = library.get_config();
	flavour = library.get_parallel();
	end = strchr(config, ' ');
	end = end ? strchr(end + 1, ' ') : NULL;
	snprintf(out, capacity, "%.*s, core %s, %s", end ? (int)(end - config) : (int)strlen(config), config,
	         library.get_corename(), flavour >= 0 && flavour <= 2 ? flavours[flavour] : "unknown flavour");
}

/* c[m, n] = start + a b, then the activation; dbias of the weight gradient on the way. */
struct sgemm {
	const struct openblas *library;
	const struct kernels *kernels;
	CBLAS_TRANSPOSE transpose_a, transpose_b;
	int m, n, k;
	const float *a, *b, *bias;
	float *c, *out, *sums;
	int lda, ldb, ldc;
	float beta;
	enum activation activation;
	int column_step, column_tasks;
};

static int smaller(int a, int b)
{
	return a < b ? a : b;
}

/* Bias and activation of a block of c. */
static void sgemm_finish(const struct sgemm *g, size_t row, size_t rows, size_t column, size_t columns)
{
	for (size_t r = row; r < row + rows; r++) {
		size_t at = r * (size_t)g->ldc + column;

		if (g->bias)
			g->kernels->add(g->c + at, g->bias + column, columns);
		if (g->out)
			g->kernels->activation_forward(g->out + at, g->c + at, columns, g->activation);
	}
}

static void sgemm_task(void *context, int index, int worker)
{
	const struct sgemm *g = context;
	int row = index / g->column_tasks * TASK_ROWS, column = index % g->column_tasks * g->column_step;
	int rows = smaller(TASK_ROWS, g->m - row), columns = smaller(g->column_step, g->n - column);
	const float *a = g->a + (size_t)row * (g->transpose_a == CblasTrans ? 1 : (size_t)g->lda);
	const float *b = g->b + (size_t)column * (g->transpose_b == CblasTrans ? (size_t)g->ldb : 1);

	(void)worker;
	g->library->sgemm(CblasRowMajor, g->transpose_a, g->transpose_b, rows, columns, g->k, 1, a, g->lda, b, g->ldb,
	                  g->beta, g->c + (size_t)row * (size_t)g->ldc + column, g->ldc);
	sgemm_finish(g, (size_t)row, (size_t)rows, (size_t)column, (size_t)columns);
	for (int j = 0; g->sums && column == 0 && j < g->k; j++)
		g->kernels->add(g->sums + row, a + (size_t)j * (size_t)g->lda, (size_t)rows);
}

/* The serial flavour of OpenBLAS must not be entered by two threads at once: Debian builds it without locks. */
static void sgemm_run(struct cpu *cpu, struct sgemm *g)
{
	int row_tasks = (g->m + TASK_ROWS - 1) / TASK_ROWS;

	if (g->m == 0 || g->n == 0 || g->k == 0)
		return;
	g->library = cpu->openblas;
	g->kernels = cpu->kernels;
	g->column_step = row_tasks > 1 ? g->n : smaller(TASK_COLUMNS, g->n);
	g->column_tasks = (g->n + g->column_step - 1) / g->column_step;
	if (g->library->get_parallel() != OPENBLAS_SEQUENTIAL) {
		pool_run(cpu->base.pool, row_tasks * g->column_tasks, sgemm_task, g);
		return;
	}
	for (int i = 0; i < row_tasks * g->column_tasks; i++)
		sgemm_task(g, i, 0);
}

/* ---- weights in four bits: some columns of the result at a time, for which they become floats */

struct expansion {
	const struct kernels *kernels;
	const struct four_bits *weights;
	float *out;
	size_t row, rows, column, columns; /* of the weights */
};

#define EXPANSION_ROWS 32

static void expand_task(void *context, int index, int worker)
{
	const struct expansion *e = context;
	size_t from = (size_t)index * EXPANSION_ROWS;
	size_t rows = e->rows - from < EXPANSION_ROWS ? e->rows - from : EXPANSION_ROWS;

	(void)worker;
	e->kernels->dequantise(e->out + from * e->columns, e->columns, e->weights, e->row + from, rows, e->column, e->columns);
}

/* The columns of the result from `first` on, of a product with the weights w. */
static void four_bits_part(struct cpu *cpu, const struct sgemm *g, const struct four_bits *w, int first, int columns)
{
	bool forward = g->transpose_b == CblasTrans;
	struct expansion e = {
		.kernels = cpu->kernels, .weights = w, .out = cpu->columns,
		.row = forward ? (size_t)first : 0, .rows = forward ? (size_t)columns : (size_t)g->k,
		.column = forward ? 0 : (size_t)first, .columns = forward ? (size_t)g->k : (size_t)columns,
	};
	struct sgemm part = *g;

	pool_run(cpu->base.pool, (int)((e.rows + EXPANSION_ROWS - 1) / EXPANSION_ROWS), expand_task, &e);
	part.n = columns;
	part.b = cpu->columns;
	part.ldb = (int)e.columns;
	part.bias = g->bias ? g->bias + first : NULL;
	part.c = g->c + first;
	part.out = g->out ? g->out + first : NULL;
	sgemm_run(cpu, &part);
}

static void sgemm_run_weights(struct cpu *cpu, struct sgemm *g, const struct matrix *w)
{
	struct four_bits weights;

	if (!matrix_is_four_bits(w)) {
		sgemm_run(cpu, g);
		return;
	}
	weights = four_bits_of(w);
	for (int first = 0; first < g->n; first += TASK_COLUMNS)
		four_bits_part(cpu, g, &weights, first, smaller(TASK_COLUMNS, g->n - first));
}

void openblas_linear_forward(struct backend *b, float *out, float *pre, const float *x, const struct matrix *w,
                             const float *bias, int32_t rows, enum activation activation)
{
	struct sgemm g = {
		.transpose_a = CblasNoTrans, .transpose_b = CblasTrans,
		.m = rows, .n = w->rows, .k = w->columns,
		.a = x, .b = w->data, .bias = bias, .c = pre ? pre : out, .lda = w->columns, .ldb = w->columns,
		.ldc = w->rows,
		.out = pre || activation != ACTIVATION_NONE ? out : NULL, .activation = activation,
	};

	sgemm_run_weights(cpu_of(b), &g, w);
}

void openblas_linear_backward_input(struct backend *b, float *dx, const float *dy, const struct matrix *w,
                                    int32_t rows, bool add)
{
	struct sgemm g = {
		.transpose_a = CblasNoTrans, .transpose_b = CblasNoTrans,
		.m = rows, .n = w->columns, .k = w->rows,
		.a = dy, .b = w->data, .c = dx, .lda = w->rows, .ldb = w->columns, .ldc = w->columns,
		.beta = add ? 1 : 0,
	};

	sgemm_run_weights(cpu_of(b), &g, w);
}

void openblas_linear_backward_weight(struct backend *b, float *dw, float *dbias, const float *dy, const float *x,
                                     int32_t rows, int32_t out, int32_t in)
{
	struct sgemm g = {
		.transpose_a = CblasTrans, .transpose_b = CblasNoTrans,
		.m = out, .n = in, .k = rows,
		.a = dy, .b = x, .c = dw, .sums = dbias, .lda = out, .ldb = in, .ldc = in,
		.beta = 1,
	};

	if (dw)
		sgemm_run(cpu_of(b), &g);
	else if (dbias)
		cpu_sum_rows(cpu_of(b), dbias, dy, (size_t)rows, (size_t)out);
}
