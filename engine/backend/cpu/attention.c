/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Attention on our own kernels: a task is one head of one sequence. Keys and values are packed once per task, queries
 * go by in blocks, so that the scores of a block stay in the second cache. */
#include "engine/backend/cpu/attention.h"

#include "engine/backend/cpu/conventions.h"
#include "engine/backend/cpu/memory.h"

#include <assert.h>

#define QUERIES 48 /* in a block; a multiple of TILE_ROWS */

/* A call, and one task of it. Pointers of a task begin at its sequence and head. */
struct attention_call {
	struct cpu *cpu;
	const struct attention *a;
	float *out, *lse, *dq, *dk, *dv;
	const float *q, *k, *v, *dout, *y; /* y: the output of the forward pass */
};

struct attention_task {
	const struct attention *a;
	const struct kernels *kernels;
	int32_t sequence, head;
	size_t queries, keys, size;         /* rows, rows, columns */
	size_t query0, q0, kv0, out0;       /* row of lse; elements of q, of k and v, of out */
	size_t width;                       /* of a row of scores */
	float *keys_across, *values_across; /* packed [size, keys]: k^T, v^T */
	float *keys_down;                   /* packed [keys, size]: k, or v in the forward pass */
	float *queries_down, *douts_down;   /* packed [QUERIES, size] */
	float *scores, *dscores;            /* [QUERIES, width] */
	uint32_t *mask;                     /* [width] */
	bool drops;
};

static size_t rounded(size_t x)
{
	return (x + 15) / 16 * 16;
}

/* Floats of scratch memory that a worker needs. */
static size_t scratch_size(size_t longest, size_t size)
{
	size_t width = rounded(longest), across = size * width, down = width * rounded(size);

	return 2 * across + down + 2 * QUERIES * rounded(size) + 2 * QUERIES * width + width;
}

bool cpu_reserve_attention(struct cpu *cpu, size_t longest, size_t head_size)
{
	size_t size = rounded(scratch_size(longest, head_size));

	if (!cpu_regrow(&cpu->worker, size, (size_t)pool_threads(cpu->base.pool)))
		return false;
	cpu->worker_size = size;
	return true;
}

static void task_scratch(struct attention_task *t, float *memory)
{
	size_t across = t->size * t->width, down = t->width * rounded(t->size), block = QUERIES * rounded(t->size);

	t->keys_across = memory;
	t->values_across = t->keys_across + across;
	t->keys_down = t->values_across + across;
	t->queries_down = t->keys_down + down;
	t->douts_down = t->queries_down + block;
	t->scores = t->douts_down + block;
	t->dscores = t->scores + QUERIES * t->width;
	t->mask = (uint32_t *)(void *)(t->dscores + QUERIES * t->width);
}

static struct attention_task task_begin(const struct attention_call *call, int index, int worker)
{
	const struct attention *a = call->a;
	int32_t s = index / a->heads, head = index % a->heads;
	const int32_t *q = a->queries.starts + s, *k = a->keys.starts + s;
	size_t column = (size_t)head * (size_t)a->head_size;
	struct attention_task t = {
		.a = a,
		.kernels = call->cpu->kernels,
		.sequence = s,
		.head = head,
		.queries = (size_t)(q[1] - q[0]),
		.keys = (size_t)(k[1] - k[0]),
		.size = (size_t)a->head_size,
		.query0 = (size_t)head * (size_t)packing_rows(&a->queries) + (size_t)q[0],
		.q0 = (size_t)q[0] * (size_t)a->q_stride + column,
		.kv0 = (size_t)k[0] * (size_t)a->kv_stride + column,
		.out0 = (size_t)q[0] * (size_t)a->out_stride + column,
		.drops = a->dropout.p > 0,
	};

	assert(t.keys <= (size_t)call->cpu->sizes.longest && a->head_size <= call->cpu->sizes.head_size);
	t.width = rounded(t.keys);
	task_scratch(&t, call->cpu->worker + (size_t)worker * call->cpu->worker_size);
	return t;
}

/* c[rows, keys] = x k^T or x v^T, x in place. */
static void multiply_across(const struct attention_task *t, float *c, const float *x, size_t stride, size_t rows,
                            const float *across)
{
	t->kernels->product(&(struct product){
		.a = x, .a_strip = TILE_ROWS * stride, .a_row = stride, .a_k = 1,
		.b = across, .c = c, .c_row = t->width, .m = rows, .n = t->keys, .k = t->size,
	});
}

/* c[rows, size] = x[rows, keys] times packed keys or values. */
static void multiply_down(const struct attention_task *t, float *c, size_t stride, const float *x, size_t rows,
                          const float *down)
{
	t->kernels->product(&(struct product){
		.a = x, .a_strip = TILE_ROWS * t->width, .a_row = t->width, .a_k = 1,
		.b = down, .c = c, .c_row = stride, .m = rows, .n = t->size, .k = t->keys,
	});
}

/* c[keys, size] = x^T [keys, rows] times a packed block of queries or of dout; adds after the first block. */
static void multiply_back(const struct attention_task *t, float *c, const float *x, size_t rows, const float *block,
                          bool add)
{
	t->kernels->product(&(struct product){
		.a = x, .a_strip = TILE_ROWS, .a_row = 1, .a_k = t->width,
		.b = block, .c = c, .c_row = (size_t)t->a->kv_stride, .m = t->keys, .n = t->size, .k = rows, .add = add,
	});
}

/* The dropout mask of a row of probabilities, or NULL. */
static const uint32_t *task_mask(const struct attention_task *t, size_t row)
{
	if (!t->drops)
		return NULL;
	t->kernels->dropout_mask(t->mask, attention_element(t->a, t->sequence, t->head, (int32_t)row), t->keys,
	                         &t->a->dropout);
	return t->mask;
}

/* Rows first .. first+rows-1 of the output. */
static void forward_block(const struct attention_call *call, const struct attention_task *t, size_t first, size_t rows)
{
	const struct attention *a = t->a;
	const size_t q_stride = (size_t)a->q_stride, out_stride = (size_t)a->out_stride;

	multiply_across(t, t->scores, call->q + t->q0 + first * q_stride, q_stride, rows, t->keys_across);
	for (size_t i = 0; i < rows; i++) {
		float *row = t->scores + i * t->width;
		float lse = t->kernels->softmax(row, t->keys, a->scale);
		const uint32_t *mask = task_mask(t, first + i);

		if (mask)
			t->kernels->dropout_apply(row, mask, t->keys, dropout_scale(&a->dropout));
		if (call->lse)
			call->lse[t->query0 + first + i] = lse;
	}
	multiply_down(t, call->out + t->out0 + first * out_stride, out_stride, t->scores, rows, t->keys_down);
}

static void forward_task(void *context, int index, int worker)
{
	const struct attention_call *call = context;
	struct attention_task t = task_begin(call, index, worker);
	const size_t stride = (size_t)t.a->kv_stride;

	t.kernels->pack_columns(t.keys_across, call->k + t.kv0, 1, stride, t.size, t.keys);
	t.kernels->pack_columns(t.keys_down, call->v + t.kv0, stride, 1, t.keys, t.size);
	for (size_t i = 0; i < t.queries; i += QUERIES)
		forward_block(call, &t, i, t.queries - i < QUERIES ? t.queries - i : QUERIES);
}

/* Scores and d/dprobabilities of a block become probabilities (dropped out) and d/dscores. */
static void backward_rows(const struct attention_call *call, const struct attention_task *t, size_t first, size_t rows)
{
	const struct attention *a = t->a;
	const float keep = dropout_scale(&a->dropout);

	for (size_t i = 0; i < rows; i++) {
		size_t o = t->out0 + (first + i) * (size_t)a->out_stride;
		float delta = t->kernels->dot(call->dout + o, call->y + o, t->size);

		t->kernels->softmax_backward(t->scores + i * t->width, t->dscores + i * t->width,
		                             task_mask(t, first + i), t->keys, a->scale, keep, call->lse[t->query0 + first + i], delta);
	}
}

static void backward_block(const struct attention_call *call, const struct attention_task *t, size_t first, size_t rows)
{
	const size_t q_stride = (size_t)t->a->q_stride, out_stride = (size_t)t->a->out_stride;
	const float *q = call->q + t->q0 + first * q_stride, *dout = call->dout + t->out0 + first * out_stride;

	multiply_across(t, t->scores, q, q_stride, rows, t->keys_across);
	multiply_across(t, t->dscores, dout, out_stride, rows, t->values_across);
	backward_rows(call, t, first, rows);
	multiply_down(t, call->dq + t->q0 + first * q_stride, q_stride, t->dscores, rows, t->keys_down);
	t->kernels->pack_columns(t->queries_down, q, q_stride, 1, rows, t->size);
	t->kernels->pack_columns(t->douts_down, dout, out_stride, 1, rows, t->size);
	multiply_back(t, call->dk + t->kv0, t->dscores, rows, t->queries_down, first > 0);
	multiply_back(t, call->dv + t->kv0, t->scores, rows, t->douts_down, first > 0);
}

static void zero_keys(const struct attention_call *call, const struct attention_task *t)
{
	for (size_t j = 0; j < t->keys; j++) {
		size_t row = t->kv0 + j * (size_t)t->a->kv_stride;

		cpu_zero(NULL, call->dk + row, t->size * sizeof(float));
		cpu_zero(NULL, call->dv + row, t->size * sizeof(float));
	}
}

static void backward_task(void *context, int index, int worker)
{
	const struct attention_call *call = context;
	struct attention_task t = task_begin(call, index, worker);
	const size_t stride = (size_t)t.a->kv_stride;

	if (t.queries == 0)
		zero_keys(call, &t);
	t.kernels->pack_columns(t.keys_across, call->k + t.kv0, 1, stride, t.size, t.keys);
	t.kernels->pack_columns(t.values_across, call->v + t.kv0, 1, stride, t.size, t.keys);
	t.kernels->pack_columns(t.keys_down, call->k + t.kv0, stride, 1, t.keys, t.size);
	for (size_t i = 0; i < t.queries; i += QUERIES)
		backward_block(call, &t, i, t.queries - i < QUERIES ? t.queries - i : QUERIES);
}

void cpu_attention_forward(struct backend *b, float *out, float *lse, const float *q, const float *k, const float *v,
                           const struct attention *a)
{
	struct attention_call call = {.cpu = cpu_of(b), .a = a, .out = out, .lse = lse, .q = q, .k = k, .v = v};

	pool_run(call.cpu->base.pool, a->queries.sequences * a->heads, forward_task, &call);
}

void cpu_attention_backward(struct backend *b, float *dq, float *dk, float *dv, const float *dout, const float *out,
                            const float *lse, const float *q, const float *k, const float *v,
                            const struct attention *a)
{
	struct attention_call call = {
		.cpu = cpu_of(b), .a = a, .dq = dq, .dk = dk, .dv = dv, .dout = dout, .y = out, .q = q, .k = k, .v = v,
		.lse = (float *)(uintptr_t)lse, /* read only in the backward pass */
	};

	pool_run(call.cpu->base.pool, a->queries.sequences * a->heads, backward_task, &call);
}
