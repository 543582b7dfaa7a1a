/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/backend/cpu/precision.h"

#include "engine/backend/cpu/conventions.h"
#include "engine/backend/cpu/memory.h"
#include "engine/base/rounding.h"
#include "engine/base/size.h"

#define TASK_FLOATS ((size_t)1 << 15) /* about so many of them are rounded by a task */

double cpu_rounded(const struct cpu *cpu, double x)
{
	switch (cpu->base.precision) {
	case PRECISION_BF16:
		return (double)round_bf16((float)x);
	case PRECISION_F16:
		return (double)round_f16((float)x);
	case PRECISION_TF32:
	case PRECISION_F32:
		break;
	}
	return x;
}

/* Rows of an array to be rounded, in their places of another. */
struct rounding_job {
	float *out;
	const float *x;
	size_t rows, columns, stride, rows_of_task;
	enum precision precision;
};

static void round_row(float *out, const float *x, size_t count, enum precision precision)
{
	if (precision == PRECISION_BF16)
		for (size_t i = 0; i < count; i++)
			out[i] = round_bf16(x[i]);
	else
		for (size_t i = 0; i < count; i++)
			out[i] = round_f16(x[i]);
}

static void round_task(void *context, int index, int worker)
{
	const struct rounding_job *job = context;
	size_t first = (size_t)index * job->rows_of_task, end = first + job->rows_of_task;

	(void)worker;
	for (size_t r = first; r < end && r < job->rows; r++)
		round_row(job->out + r * job->stride, job->x + r * job->stride, job->columns, job->precision);
}

static const float *round_into(struct cpu *cpu, float *out, const float *x, size_t rows, size_t columns, size_t stride)
{
	size_t each = TASK_FLOATS / (columns > 0 ? columns : 1) + 1;
	struct rounding_job job = {out, x, rows, columns, stride, each, cpu->base.precision};

	pool_run(cpu->base.pool, (int)((rows + each - 1) / each), round_task, &job);
	return out;
}

static const float *rounded(struct cpu *cpu, int place, const float *x, int32_t rows, int32_t columns, int32_t stride)
{
	return round_into(cpu, cpu->rounded[place], x, (size_t)rows, (size_t)columns, (size_t)stride);
}

/* Weights in four bits as floats, in the place where they are rounded. */
static const float *weights_as_floats(struct cpu *cpu, const struct matrix *w)
{
	struct four_bits f;
	size_t part;

	if (!matrix_is_four_bits(w))
		return w->data;
	f = four_bits_of(w);
	part = f.part_rows * f.columns;
	for (size_t at = 0; at < (size_t)w->rows * f.columns; at += part, f.data += f.part_bytes)
		four_bits_dequantise(w->type == MATRIX_FP4 ? FOUR_BITS_FP4 : FOUR_BITS_NF4, f.data,
		                     (const float *)(const void *)(f.data + f.scales_at), 0, part, cpu->rounded_weights + at);
	return cpu->rounded_weights;
}

/* The weights rounded, in f32; those that were packed are already. */
static struct matrix rounded_matrix(struct cpu *cpu, const struct matrix *w)
{
	struct matrix out = {.data = w->data, .rows = w->rows, .columns = w->columns, .packed = w->packed};

	if (!w->packed)
		out.data = (void *)round_into(cpu, cpu->rounded_weights, weights_as_floats(cpu, w), (size_t)w->rows,
		                              (size_t)w->columns, (size_t)w->columns);
	return out;
}

/* There is no copy of weights in four bits: in f32 it would be eight times as large. */
static uint64_t packed_bytes(struct backend *b, const struct matrix *w)
{
	return matrix_is_four_bits(w) ? 0 : cpu_of(b)->exact->packed_bytes(b, w);
}

static bool pack(struct backend *b, struct matrix *w)
{
	struct cpu *cpu = cpu_of(b);
	struct matrix narrow = *w;
	bool packed;

	if (packed_bytes(b, w) == 0)
		return cpu_pack_nothing(b, w);
	narrow.packed = NULL;
	narrow = rounded_matrix(cpu, &narrow);
	narrow.packed = w->packed;
	packed = cpu->exact->pack(b, &narrow);
	w->packed = narrow.packed;
	return packed;
}

static void linear_forward(struct backend *b, float *out, float *pre, const float *x, const struct matrix *w,
                           const float *bias, int32_t rows, enum activation activation)
{
	struct cpu *cpu = cpu_of(b);
	const struct matrix narrow = rounded_matrix(cpu, w);

	cpu->exact->linear_forward(b, out, pre, rounded(cpu, 0, x, rows, w->columns, w->columns), &narrow, bias, rows, activation);
}

static void linear_backward_input(struct backend *b, float *dx, const float *dy, const struct matrix *w, int32_t rows,
                                  bool add)
{
	struct cpu *cpu = cpu_of(b);
	struct matrix narrow = *w;

	narrow.packed = NULL; /* which is for the way forward alone */
	narrow = rounded_matrix(cpu, &narrow);
	cpu->exact->linear_backward_input(b, dx, rounded(cpu, 0, dy, rows, w->rows, w->rows), &narrow, rows, add);
}

/* The sum of the bias's gradient is none of products: dy as it is. */
static void linear_backward_weight(struct backend *b, float *dw, float *dbias, const float *dy, const float *x,
                                   int32_t rows, int32_t out, int32_t in)
{
	struct cpu *cpu = cpu_of(b);

	if (dbias)
		cpu->exact->linear_backward_weight(b, NULL, dbias, dy, x, rows, out, in);
	if (dw)
		cpu->exact->linear_backward_weight(b, dw, NULL, rounded(cpu, 0, dy, rows, out, out),
		                                   rounded(cpu, 1, x, rows, in, in), rows, out, in);
}

/* t is scaled before it is rounded, and stays in f32. */
static void lora_forward(struct backend *b, float *out, int32_t stride, float *t, const float *matrix, float scale,
                         int32_t rows, int32_t columns, int32_t rank)
{
	struct cpu *cpu = cpu_of(b);
	float *narrow = cpu->rounded[0];

	for (size_t i = 0; i < (size_t)rows * (size_t)rank; i++)
		t[i] *= scale;
	rounded(cpu, 0, t, rows, rank, rank);
	cpu->exact->lora_forward(b, out, stride, narrow, rounded(cpu, 1, matrix, columns, rank, rank), 1, rows, columns, rank);
}

static void lora_backward(struct backend *b, float *dt, float *dmatrix, const float *dy, int32_t stride, const float *t,
                          const float *matrix, float scale, int32_t rows, int32_t columns, int32_t rank)
{
	struct cpu *cpu = cpu_of(b);

	cpu->exact->lora_backward(b, dt, dmatrix, rounded(cpu, 0, dy, rows, columns, stride), stride,
	                          rounded(cpu, 1, t, rows, rank, rank), rounded(cpu, 2, matrix, columns, rank, rank), scale,
	                          rows, columns, rank);
}

/* q, k and v, rounded. */
struct attention_inputs {
	const float *q, *k, *v;
};

static struct attention_inputs rounded_inputs(struct cpu *cpu, const float *q, const float *k, const float *v,
                                              const struct attention *a)
{
	const int32_t queries = packing_rows(&a->queries), keys = packing_rows(&a->keys), width = a->heads * a->head_size;

	return (struct attention_inputs){
		.q = rounded(cpu, 0, q, queries, width, a->q_stride),
		.k = rounded(cpu, 1, k, keys, width, a->kv_stride),
		.v = rounded(cpu, 2, v, keys, width, a->kv_stride),
	};
}

static void attention_forward(struct backend *b, float *out, float *lse, const float *q, const float *k, const float *v,
                              const struct attention *a)
{
	const struct attention_inputs in = rounded_inputs(cpu_of(b), q, k, v, a);

	cpu_of(b)->exact->attention_forward(b, out, lse, in.q, in.k, in.v, a);
}

static void attention_backward(struct backend *b, float *dq, float *dk, float *dv, const float *dout, const float *out,
                               const float *lse, const float *q, const float *k, const float *v, const struct attention *a)
{
	struct cpu *cpu = cpu_of(b);
	const struct attention_inputs in = rounded_inputs(cpu, q, k, v, a);
	const float *narrow = rounded(cpu, 3, dout, packing_rows(&a->queries), a->heads * a->head_size, a->out_stride);

	cpu->exact->attention_backward(b, dq, dk, dv, narrow, out, lse, in.q, in.k, in.v, a);
}

static void set_table(struct cpu *cpu)
{
	struct backend_operations *o = &cpu->rounding;

	cpu->exact = cpu->base.ops;
	*o = *cpu->exact;
	o->packed_bytes = packed_bytes;
	o->pack = pack;
	o->linear_forward = linear_forward;
	o->linear_backward_input = linear_backward_input;
	o->linear_backward_weight = linear_backward_weight;
	o->lora_forward = lora_forward;
	o->lora_backward = lora_backward;
	o->attention_forward = attention_forward;
	o->attention_backward = attention_backward;
	cpu->base.ops = o;
}

/* What is rounded; what else operations need is a few megabytes. */
uint64_t cpu_reserve_bytes(struct backend *b, const struct backend_needs *needs)
{
	uint64_t bytes;

	if (!precision_is_half(b->precision))
		return 0;
	return u64_multiply(backend_needs_numbers(needs), (CPU_ROUNDED + 1) * sizeof(float), &bytes) ? bytes : UINT64_MAX;
}

bool cpu_reserve_precision(struct cpu *cpu, const struct cpu_sizes *sizes)
{
	const size_t numbers = (size_t)sizes->numbers;

	if (!precision_is_half(cpu->base.precision))
		return true;
	for (int i = 0; i < CPU_ROUNDED; i++)
		if (!cpu_regrow(&cpu->rounded[i], numbers, 1))
			return false;
	if (!cpu_regrow(&cpu->rounded_weights, numbers, 1))
		return false;
	if (cpu->base.ops != &cpu->rounding)
		set_table(cpu);
	return true;
}
