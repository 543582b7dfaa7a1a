/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The portable matrix products: cblas_sgemm at one thread, called from the tasks of our own pool (OpenBLAS's threads
 * spin for a tenth of a second when idle and cannot be shared by callers). Rows, or for dW the rows of
 * dW, are split by shape only: 1 = n threads to the bit. OpenBLAS chooses its kernel by the sizes of a call,
 * so that here, and on this path alone, a row may differ in its last bits from the same row in another batch. */
#include "engine/backend/cpu/cpu.h"

#include <cblas.h>

#define CHUNK 128 /* rows of the result that one task computes */

/* c[m, n] = a b + beta c, rows split into tasks. */
struct sgemm {
	CBLAS_TRANSPOSE transpose_a, transpose_b;
	int m, n, k;
	const float *a, *b;
	float *c;
	int lda, ldb;
	float beta;
};

static void sgemm_task(void *context, int index, int worker)
{
	const struct sgemm *g = context;
	int first = index * CHUNK, rows = g->m - first < CHUNK ? g->m - first : CHUNK;
	size_t step = g->transpose_a == CblasTrans ? 1 : (size_t)g->lda;

	(void)worker;
	cblas_sgemm(CblasRowMajor, g->transpose_a, g->transpose_b, rows, g->n, g->k, 1, g->a + (size_t)first * step,
	            g->lda, g->b, g->ldb, g->beta, g->c + (size_t)first * (size_t)g->n, g->n);
}

/* The serial flavour of OpenBLAS must not be entered by two threads at once: Debian builds it without locks. */
static void sgemm_run(struct cpu *cpu, struct sgemm *g)
{
	int tasks = (g->m + CHUNK - 1) / CHUNK;

	if (g->n == 0)
		return;
	if (openblas_get_parallel() != OPENBLAS_SEQUENTIAL) {
		pool_run(cpu->pool, tasks, sgemm_task, g);
		return;
	}
	for (int i = 0; i < tasks; i++)
		sgemm_task(g, i, 0);
}

static void add_bias(float *out, const float *bias, int32_t rows, int32_t columns)
{
	for (size_t r = 0; r < (size_t)rows; r++)
		for (size_t c = 0; c < (size_t)columns; c++)
			out[r * (size_t)columns + c] += bias[c];
}

void openblas_linear_forward(struct backend *b, float *out, float *pre, const float *x, const struct matrix *w,
                             const float *bias, int32_t rows, enum activation activation)
{
	float *y = pre ? pre : out;
	struct sgemm g = {
		.transpose_a = CblasNoTrans, .transpose_b = CblasTrans,
		.m = rows, .n = w->rows, .k = w->columns,
		.a = x, .b = w->data, .c = y, .lda = w->columns, .ldb = w->columns,
	};

	sgemm_run(cpu_of(b), &g);
	if (bias)
		add_bias(y, bias, rows, w->rows);
	if (y != out || activation != ACTIVATION_NONE)
		b->ops->activation_forward(b, out, y, (size_t)rows * (size_t)w->rows, activation);
}

void openblas_linear_backward_input(struct backend *b, float *dx, const float *dy, const struct matrix *w,
                                    int32_t rows, bool add)
{
	struct sgemm g = {
		.transpose_a = CblasNoTrans, .transpose_b = CblasNoTrans,
		.m = rows, .n = w->columns, .k = w->rows,
		.a = dy, .b = w->data, .c = dx, .lda = w->rows, .ldb = w->columns,
		.beta = add ? 1 : 0,
	};

	sgemm_run(cpu_of(b), &g);
}

void openblas_linear_backward_weight(struct backend *b, float *dw, float *dbias, const float *dy, const float *x,
                                     int32_t rows, int32_t out, int32_t in)
{
	struct sgemm g = {
		.transpose_a = CblasTrans, .transpose_b = CblasNoTrans,
		.m = out, .n = in, .k = rows,
		.a = dy, .b = x, .c = dw, .lda = out, .ldb = in,
		.beta = 1,
	};

	sgemm_run(cpu_of(b), &g);
	for (size_t r = 0; dbias && r < (size_t)rows; r++)
		for (size_t o = 0; o < (size_t)out; o++)
			dbias[o] += dy[r * (size_t)out + o];
}

void openblas_prepare(void)
{
	openblas_set_num_threads(1);
}
