/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Linear layers and LoRA's second matrices: products by cuBLASLt, the rest by kernels of ours. Of cuBLASLt's epilogues only
 * the bias is used: its GELU is the one with tanh. In a precision of 16 bits a product reads copies of both sides in scratch
 * memory, or of weights the one that was packed. */
#include "engine/backend/cuda/cublas.h"
#include "engine/backend/cuda/halves.h"
#include "engine/backend/cuda/operations.h"

#define THREADS 256

static __global__ void scale_kernel(float *x, size_t count, float factor)
{
	const size_t i = static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x;

	if (i < count)
		x[i] *= factor;
}

/* b is a matrix of weights, [w->rows, w->columns] as it lies. */
static void take_weights(struct cuda *c, struct product *p, const struct matrix *w, unsigned char **room)
{
	const bool halves = precision_is_half(c->backend.precision);

	p->b = w->data;
	p->b_stride = w->columns;
	if (halves && w->packed) {
		p->b = w->packed;
	} else if (matrix_is_four_bits(w)) {
		p->b = *room;
		cuda_dequantise(c, *room, w);
	} else if (halves) {
		p->b = *room;
		cuda_narrow(c, *room, static_cast<const float *>(w->data), w->rows, w->columns, w->columns);
	}
	if (!halves)
		return;
	p->b_stride = halves_stride(w->columns);
	if (p->b == *room)
		*room += halves_bytes(w->rows, w->columns);
}

/* A copy in 16 bits of an array as it lies. */
static const void *narrowed(struct cuda *c, const void *x, int32_t rows, int32_t columns, int32_t *stride,
                            unsigned char **room)
{
	unsigned char *copy = *room;

	cuda_narrow(c, copy, static_cast<const float *>(x), rows, columns, *stride);
	*stride = halves_stride(columns);
	*room += halves_bytes(rows, columns);
	return copy;
}

static size_t copies_of(const struct cuda *c, const struct product *p, const struct matrix *w)
{
	const size_t a = p->transposed_a ? halves_bytes(p->inner, p->rows) : halves_bytes(p->rows, p->inner);
	const size_t b = p->transposed_b ? halves_bytes(p->columns, p->inner) : halves_bytes(p->inner, p->columns);

	if (!precision_is_half(c->backend.precision))
		return w && matrix_is_four_bits(w) ? static_cast<size_t>(w->rows) * static_cast<size_t>(w->columns) * sizeof(float) : 0;
	return a + b;
}

/* A product of f32 arrays in the backend's precision; w, or NULL, is what b is. */
static void multiply(struct cuda *c, struct product p, const struct matrix *w)
{
	const size_t bytes = copies_of(c, &p, w);
	unsigned char *room = bytes > 0 ? static_cast<unsigned char *>(cuda_scratch(c, bytes)) : nullptr;

	if (c->failed)
		return;
	if (w)
		take_weights(c, &p, w, &room);
	if (precision_is_half(c->backend.precision)) {
		p.halves = true;
		p.a = narrowed(c, p.a, p.transposed_a ? p.inner : p.rows, p.transposed_a ? p.rows : p.inner, &p.a_stride, &room);
		if (!w)
			p.b = narrowed(c, p.b, p.transposed_b ? p.columns : p.inner, p.transposed_b ? p.inner : p.columns,
			               &p.b_stride, &room);
	}
	cublas_multiply(c, &p);
}

void cuda_linear_forward(struct backend *b, float *out, float *pre, const float *x, const struct matrix *w, const float *bias,
                         int32_t rows, enum activation activation)
{
	struct cuda *c = cuda_of(b);
	const size_t count = static_cast<size_t>(rows) * static_cast<size_t>(w->rows);
	float *before = pre ? pre : out;
	struct product p = {};

	p.rows = rows;
	p.columns = w->rows;
	p.inner = w->columns;
	p.a = x;
	p.bias = bias;
	p.c = before;
	p.transposed_b = true;
	p.a_stride = w->columns;
	p.c_stride = w->rows;
	p.alpha = 1;
	multiply(c, p, w);
	if (activation != ACTIVATION_NONE)
		cuda_activation_forward(b, out, before, count, activation);
	else if (pre)
		cuda_copy(c, out, pre, count * sizeof *pre);
}

void cuda_linear_backward_input(struct backend *b, float *dx, const float *dy, const struct matrix *w, int32_t rows, bool add)
{
	struct cuda *c = cuda_of(b);
	struct product p = {};

	p.rows = rows;
	p.columns = w->columns;
	p.inner = w->rows;
	p.a = dy;
	p.c = dx;
	p.add = add;
	p.a_stride = w->rows;
	p.c_stride = w->columns;
	p.alpha = 1;
	multiply(c, p, w);
}

void cuda_linear_backward_weight(struct backend *b, float *dw, float *dbias, const float *dy, const float *x, int32_t rows,
                                 int32_t out, int32_t in)
{
	struct cuda *c = cuda_of(b);
	struct product p = {};

	p.rows = out;
	p.columns = in;
	p.inner = rows;
	p.a = dy;
	p.b = x;
	p.c = dw;
	p.transposed_a = p.add = true;
	p.a_stride = out;
	p.b_stride = p.c_stride = in;
	p.alpha = 1;
	if (dw && rows > 0)
		multiply(c, p, nullptr);
	if (dbias && rows > 0)
		cuda_sum_columns(c, dbias, dy, rows, out);
}

/* out += t B^T */
void cuda_lora_forward(struct backend *b, float *out, int32_t stride, float *t, const float *matrix, float scale, int32_t rows,
                       int32_t columns, int32_t rank)
{
	struct cuda *c = cuda_of(b);
	const size_t count = static_cast<size_t>(rows) * static_cast<size_t>(rank);
	struct product p = {};

	p.rows = rows;
	p.columns = columns;
	p.inner = rank;
	p.a = t;
	p.b = matrix;
	p.c = out;
	p.transposed_b = p.add = true;
	p.a_stride = p.b_stride = rank;
	p.c_stride = stride;
	p.alpha = 1;
	launch(c, scale_kernel, blocks_for(count, THREADS), THREADS, 0, t, count, scale);
	multiply(c, p, nullptr);
}

/* dB += dy^T t */
static struct product lora_weight(float *dmatrix, const float *dy, int32_t stride, const float *t, int32_t rows, int32_t columns,
                                  int32_t rank)
{
	struct product p = {};

	p.rows = columns;
	p.columns = rank;
	p.inner = rows;
	p.a = dy;
	p.b = t;
	p.c = dmatrix;
	p.transposed_a = p.add = true;
	p.a_stride = stride;
	p.b_stride = p.c_stride = rank;
	p.alpha = 1;
	return p;
}

/* dt = scale dy B */
static struct product lora_input(float *dt, const float *dy, int32_t stride, const float *matrix, float scale, int32_t rows,
                                 int32_t columns, int32_t rank)
{
	struct product p = {};

	p.rows = rows;
	p.columns = rank;
	p.inner = columns;
	p.a = dy;
	p.b = matrix;
	p.c = dt;
	p.a_stride = stride;
	p.b_stride = p.c_stride = rank;
	p.alpha = scale;
	return p;
}

void cuda_lora_backward(struct backend *b, float *dt, float *dmatrix, const float *dy, int32_t stride, const float *t,
                        const float *matrix, float scale, int32_t rows, int32_t columns, int32_t rank)
{
	const struct product weight = lora_weight(dmatrix, dy, stride, t, rows, columns, rank);
	const struct product input = lora_input(dt, dy, stride, matrix, scale, rows, columns, rank);

	if (dmatrix && rows > 0)
		multiply(cuda_of(b), weight, nullptr);
	multiply(cuda_of(b), input, nullptr);
}
