/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Linear layers and LoRA's second matrices: products by cuBLASLt, the rest by kernels of ours. Of cuBLASLt's epilogues only
 * the bias is used: its GELU is the one with tanh. In a precision of 16 bits a product reads copies of both sides in scratch
 * memory, or of weights the one that was packed. */
#include "engine/backend/cuda/cublas.h"
#include "engine/backend/cuda/halves.h"
#include "engine/backend/cuda/operations.h"

#define THREADS 256

/* Of a product, as struct product has them. */
struct shape {
	int32_t rows, columns, inner;
};

/* A side of a product as it lies, with the elements from one of its rows to the next; of weights neither is looked at. */
struct side {
	const void *at;
	int32_t stride;
	bool transposed = false;
};

static struct product product_of(struct shape shape, struct side a, struct side b, float *c, int32_t c_stride)
{
	struct product p = {};

	p.rows = shape.rows;
	p.columns = shape.columns;
	p.inner = shape.inner;
	p.alpha = 1;
	p.a = a.at;
	p.a_stride = a.stride;
	p.transposed_a = a.transposed;
	p.b = b.at;
	p.b_stride = b.stride;
	p.transposed_b = b.transposed;
	p.c = c;
	p.c_stride = c_stride;
	return p;
}

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

/* The left side of a product in 16 bits. Of a layer the gradient dy is read twice in a row, for dw and for dx: the second
 * product finds the copy of the first. */
static void narrow_left(struct cuda *c, struct product *p, const float *last, unsigned char **room)
{
	const int32_t rows = p->transposed_a ? p->inner : p->rows, columns = p->transposed_a ? p->rows : p->inner;

	if (p->a != last) {
		p->a = narrowed(c, p->a, rows, columns, &p->a_stride, room);
		return;
	}
	p->a = *room;
	p->a_stride = halves_stride(columns);
	*room += halves_bytes(rows, columns);
}

/* A product of f32 arrays in the backend's precision; w, or NULL, is what b is. `last`: what of p.a has its copy already. */
static void multiply_from(struct cuda *c, struct product p, const struct matrix *w, const float *last)
{
	const size_t bytes = copies_of(c, &p, w);
	unsigned char *room = bytes > 0 ? static_cast<unsigned char *>(cuda_scratch(c, bytes)) : nullptr;

	c->narrowed.x = nullptr;
	if (c->failed)
		return;
	p.halves = precision_is_half(c->backend.precision);
	if (p.halves)
		narrow_left(c, &p, last, &room);
	if (w)
		take_weights(c, &p, w, &room);
	else if (p.halves)
		p.b = narrowed(c, p.b, p.transposed_b ? p.columns : p.inner, p.transposed_b ? p.inner : p.columns, &p.b_stride,
		               &room);
	cublas_multiply(c, &p);
}

static void multiply(struct cuda *c, const struct product &p, const struct matrix *w)
{
	multiply_from(c, p, w, nullptr);
}

void cuda_linear_forward(struct backend *b, float *out, float *pre, const float *x, const struct matrix *w, const float *bias,
                         int32_t rows, enum activation activation)
{
	struct cuda *c = cuda_of(b);
	const size_t count = static_cast<size_t>(rows) * static_cast<size_t>(w->rows);
	float *before = pre ? pre : out;
	struct product p = product_of({rows, w->rows, w->columns}, {x, w->columns}, {nullptr, 0, true}, before, w->rows);

	p.bias = bias;
	multiply(c, p, w);
	if (activation != ACTIVATION_NONE)
		cuda_activation_forward(b, out, before, count, activation);
	else if (pre)
		cuda_copy(c, out, pre, count * sizeof *pre);
}

void cuda_linear_backward_input(struct backend *b, float *dx, const float *dy, const struct matrix *w, int32_t rows, bool add)
{
	struct cuda *c = cuda_of(b);
	const bool known = c->narrowed.x == dy && c->narrowed.rows == rows && c->narrowed.columns == w->rows;
	struct product p = product_of({rows, w->columns, w->rows}, {dy, w->rows}, {}, dx, w->columns);

	p.add = add;
	multiply_from(c, p, w, known ? dy : nullptr);
}

void cuda_linear_backward_weight(struct backend *b, float *dw, float *dbias, const float *dy, const float *x, int32_t rows,
                                 int32_t out, int32_t in)
{
	struct cuda *c = cuda_of(b);
	struct product p = product_of({out, in, rows}, {dy, out, true}, {x, in}, dw, in);

	p.add = true;
	if (dbias && rows > 0)
		cuda_sum_columns(c, dbias, dy, rows, out);
	if (!dw || rows == 0)
		return;
	multiply(c, p, nullptr);
	if (precision_is_half(b->precision))
		c->narrowed = {dy, rows, out};
}

/* out += t B^T */
void cuda_lora_forward(struct backend *b, float *out, int32_t stride, float *t, const float *matrix, float scale, int32_t rows,
                       int32_t columns, int32_t rank)
{
	struct cuda *c = cuda_of(b);
	const size_t count = static_cast<size_t>(rows) * static_cast<size_t>(rank);
	struct product p = product_of({rows, columns, rank}, {t, rank}, {matrix, rank, true}, out, stride);

	p.add = true;
	launch(c, scale_kernel, blocks_for(count, THREADS), THREADS, 0, t, count, scale);
	multiply(c, p, nullptr);
}

/* dB += dy^T t, dt = scale dy B */
void cuda_lora_backward(struct backend *b, float *dt, float *dmatrix, const float *dy, int32_t stride, const float *t,
                        const float *matrix, float scale, int32_t rows, int32_t columns, int32_t rank)
{
	struct product weight = product_of({columns, rank, rows}, {dy, stride, true}, {t, rank}, dmatrix, rank);
	struct product input = product_of({rows, rank, columns}, {dy, stride}, {matrix, rank}, dt, rank);

	weight.add = true;
	input.alpha = scale;
	if (dmatrix && rows > 0)
		multiply(cuda_of(b), weight, nullptr);
	multiply(cuda_of(b), input, nullptr);
}
