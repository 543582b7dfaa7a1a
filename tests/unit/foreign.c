/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/foreign.h"

#include "engine/backend/cpu/reference.h"
#include "engine/backend/open.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BLOCKS_MAX 64
#define FETCHED_MAX 16

struct block {
	char *start;
	size_t size; /* whole pages */
	bool open;   /* the operation at work may touch it */
};

/* On its way to the host. */
struct fetched {
	void *host;
	size_t count;
	uint64_t step;
	unsigned char bytes[1024];
};

struct foreign {
	struct backend base;
	bool in_step;
	uint64_t step; /* the last that began */
	struct fetched fetched[FETCHED_MAX];
	int fetched_count;
	struct backend *inner; /* its memory is the host's: only its operations are used */
	struct block blocks[BLOCKS_MAX];
};

static int fail_at;
static uint64_t memory_limit;
static int overflow_first, overflow_count;

static struct foreign *foreign_of(struct backend *b)
{
	return (struct foreign *)b;
}

/* ---- memory */

static _Noreturn void end(const char *what)
{
	fprintf(stderr, "foreign backend: %s\n", what);
	abort();
}

static struct block *find(struct foreign *f, const void *pointer)
{
	for (int i = 0; i < BLOCKS_MAX; i++) {
		struct block *block = &f->blocks[i];

		if (block->start && (const char *)pointer >= block->start && (const char *)pointer < block->start + block->size)
			return block;
	}
	return NULL;
}

/* Opens the blocks of these pointers for the operation that is to come. Those that are NULL name none. */
static void begin(struct foreign *f, const void *const *pointers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct block *block = pointers[i] ? find(f, pointers[i]) : NULL;

		if (pointers[i] && !block)
			end("an operation got memory of the host where that of the device belongs");
		if (block && !block->open && mprotect(block->start, block->size, PROT_READ | PROT_WRITE) != 0)
			end("mprotect failed");
		if (block)
			block->open = true;
	}
}

static void finish(struct foreign *f)
{
	for (int i = 0; i < BLOCKS_MAX; i++) {
		struct block *block = &f->blocks[i];

		if (block->open && mprotect(block->start, block->size, PROT_NONE) != 0)
			end("mprotect failed");
		block->open = false;
	}
}

static void check_host(struct foreign *f, const void *pointer)
{
	if (pointer && find(f, pointer))
		end("an operation got memory of the device where that of the host belongs");
}

static void *foreign_alloc(struct backend *b, size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (bytes / page + 1) * page;

	for (int i = 0; i < BLOCKS_MAX; i++) {
		struct block *block = &foreign_of(b)->blocks[i];
		void *start;

		if (block->start)
			continue;
		start = bytes < SIZE_MAX / 2 ? mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : MAP_FAILED;
		if (start == MAP_FAILED)
			return NULL;
		*block = (struct block){.start = start, .size = size};
		return start;
	}
	end("more blocks of memory than a network has");
}

static void foreign_release(struct backend *b, void *memory)
{
	struct block *block = memory ? find(foreign_of(b), memory) : NULL;

	if (!memory)
		return;
	if (!block || block->start != memory)
		end("memory is released that is not the device's");
	munmap(block->start, block->size);
	*block = (struct block){0};
}

/* ---- operations: the memory that they name is opened, the reference works, it is closed again */

#define BEGIN(...)                                                                       \
	struct foreign *f = foreign_of(b);                                               \
	const void *const device[] = {__VA_ARGS__};                                      \
	begin(f, device, sizeof device / sizeof *device)
#define INNER(operation, ...) f->inner->ops->operation(f->inner, __VA_ARGS__)

static void foreign_upload(struct backend *b, void *device_memory, const void *host, size_t bytes)
{
	BEGIN(device_memory);
	check_host(f, host);
	if (bytes)
		memcpy(device_memory, host, bytes);
	finish(f);
}

static void foreign_download(struct backend *b, void *host, const void *device_memory, size_t bytes)
{
	BEGIN(device_memory);
	check_host(f, host);
	if (bytes)
		memcpy(host, device_memory, bytes);
	finish(f);
}

static void foreign_zero(struct backend *b, void *device_memory, size_t bytes)
{
	BEGIN(device_memory);
	if (bytes)
		memset(device_memory, 0, bytes);
	finish(f);
}

static void foreign_sync(struct backend *b)
{
	(void)b;
}

/* What is fetched comes as late as it may. */

static void foreign_step_begin(struct backend *b, uint64_t counter)
{
	struct foreign *f = foreign_of(b);

	(void)counter;
	if (f->in_step)
		end("a step begins within a step");
	f->in_step = true;
	f->step++;
}

static uint64_t foreign_step_end(struct backend *b)
{
	struct foreign *f = foreign_of(b);

	if (!f->in_step)
		end("a step ends that did not begin");
	f->in_step = false;
	return f->step;
}

static void foreign_fetch(struct backend *b, void *host, const void *device_memory, size_t bytes)
{
	struct foreign *f = foreign_of(b);
	struct fetched *fetched = &f->fetched[f->fetched_count];

	if (!f->in_step) {
		foreign_download(b, host, device_memory, bytes);
		return;
	}
	if (f->fetched_count == FETCHED_MAX || bytes > sizeof fetched->bytes)
		end("more is fetched than steps of tests have");
	*fetched = (struct fetched){.host = host, .count = bytes, .step = f->step};
	foreign_download(b, fetched->bytes, device_memory, bytes);
	memset(host, 0xFF, bytes);
	f->fetched_count++;
}

static bool foreign_settle(struct backend *b, uint64_t step)
{
	struct foreign *f = foreign_of(b);
	int kept = 0;

	if (step > f->step || (step == f->step && f->in_step))
		end("a step is settled that did not end");
	for (int i = 0; i < f->fetched_count; i++)
		if (f->fetched[i].step <= step)
			memcpy(f->fetched[i].host, f->fetched[i].bytes, f->fetched[i].count);
		else
			f->fetched[kept++] = f->fetched[i];
	f->fetched_count = kept;
	return true;
}

static int32_t foreign_row_step(struct backend *b, int32_t rows)
{
	(void)b;
	return rows < 64 ? 8 : 16;
}

static uint64_t foreign_memory_available(struct backend *b)
{
	return foreign_of(b)->inner->ops->memory_available(foreign_of(b)->inner);
}

static bool foreign_status(struct backend *b, struct error *error)
{
	return foreign_of(b)->inner->ops->status(foreign_of(b)->inner, error);
}

static bool foreign_reserve(struct backend *b, const struct backend_needs *needs, struct error *error)
{
	foreign_of(b)->inner->precision = b->precision;
	return foreign_of(b)->inner->ops->reserve(foreign_of(b)->inner, needs, error);
}

static uint64_t foreign_reserve_bytes(struct backend *b, const struct backend_needs *needs)
{
	foreign_of(b)->inner->precision = b->precision;
	return foreign_of(b)->inner->ops->reserve_bytes(foreign_of(b)->inner, needs);
}

/* The copy is not read: that it is made, told of and given up is what a test can see. */
static uint64_t foreign_packed_bytes(struct backend *b, const struct matrix *w)
{
	(void)b;
	return matrix_is_four_bits(w) ? 0 : (uint64_t)w->rows * (uint64_t)w->columns * sizeof(float);
}

static bool foreign_pack(struct backend *b, struct matrix *w)
{
	if (!find(foreign_of(b), w->data))
		end("a matrix without memory of the device is packed");
	if (!w->packed && !matrix_is_four_bits(w))
		w->packed = w->data;
	return true;
}

static void foreign_unpack(struct backend *b, struct matrix *w)
{
	(void)b;
	w->packed = NULL;
}

static void foreign_linear_forward(struct backend *b, float *out, float *pre, const float *x, const struct matrix *w,
                                   const float *bias, int32_t rows, enum activation activation)
{
	struct matrix own = *w;

	own.packed = NULL; /* which is no copy of the reference's */
	BEGIN(out, pre, x, w->data, bias);
	INNER(linear_forward, out, pre, x, &own, bias, rows, activation);
	finish(f);
}

static void foreign_linear_backward_input(struct backend *b, float *dx, const float *dy, const struct matrix *w,
                                          int32_t rows, bool add)
{
	BEGIN(dx, dy, w->data);
	INNER(linear_backward_input, dx, dy, w, rows, add);
	finish(f);
}

static void foreign_linear_backward_weight(struct backend *b, float *dw, float *dbias, const float *dy, const float *x,
                                           int32_t rows, int32_t out, int32_t in)
{
	BEGIN(dw, dbias, dy, x);
	INNER(linear_backward_weight, dw, dbias, dy, x, rows, out, in);
	finish(f);
}

static void foreign_lora_forward(struct backend *b, float *out, int32_t stride, float *t, const float *matrix,
                                 float scale, int32_t rows, int32_t columns, int32_t rank)
{
	BEGIN(out, t, matrix);
	INNER(lora_forward, out, stride, t, matrix, scale, rows, columns, rank);
	finish(f);
}

static void foreign_lora_backward(struct backend *b, float *dt, float *dmatrix, const float *dy, int32_t stride,
                                  const float *t, const float *matrix, float scale, int32_t rows, int32_t columns,
                                  int32_t rank)
{
	BEGIN(dt, dmatrix, dy, t, matrix);
	INNER(lora_backward, dt, dmatrix, dy, stride, t, matrix, scale, rows, columns, rank);
	finish(f);
}

static void foreign_activation_forward(struct backend *b, float *out, const float *pre, size_t count,
                                       enum activation activation)
{
	BEGIN(out, pre);
	INNER(activation_forward, out, pre, count, activation);
	finish(f);
}

static void foreign_activation_backward(struct backend *b, float *dy, const float *pre, size_t count,
                                        enum activation activation)
{
	BEGIN(dy, pre);
	INNER(activation_backward, dy, pre, count, activation);
	finish(f);
}

static void foreign_attention_forward(struct backend *b, float *out, float *lse, const float *q, const float *k,
                                      const float *v, const struct attention *a)
{
	BEGIN(out, lse, q, k, v);
	check_host(f, a->queries.starts);
	check_host(f, a->keys.starts);
	INNER(attention_forward, out, lse, q, k, v, a);
	finish(f);
}

static void foreign_attention_backward(struct backend *b, float *dq, float *dk, float *dv, const float *dout,
                                       const float *out, const float *lse, const float *q, const float *k,
                                       const float *v, const struct attention *a)
{
	BEGIN(dq, dk, dv, dout, out, lse, q, k, v);
	check_host(f, a->queries.starts);
	check_host(f, a->keys.starts);
	INNER(attention_backward, dq, dk, dv, dout, out, lse, q, k, v, a);
	finish(f);
}

static void foreign_norm_forward(struct backend *b, float *out, float *sum, float *mean, float *rstd, const float *x,
                                 const float *residual, const float *gamma, const float *beta, int32_t rows,
                                 int32_t columns, float epsilon, struct dropout dropout)
{
	BEGIN(out, sum, mean, rstd, x, residual, gamma, beta);
	INNER(norm_forward, out, sum, mean, rstd, x, residual, gamma, beta, rows, columns, epsilon, dropout);
	finish(f);
}

static void foreign_norm_backward(struct backend *b, float *dx, float *dresidual, float *dgamma, float *dbeta,
                                  const float *dout, const float *sum, const float *mean, const float *rstd,
                                  const float *gamma, int32_t rows, int32_t columns, struct dropout dropout)
{
	BEGIN(dx, dresidual, dgamma, dbeta, dout, sum, mean, rstd, gamma);
	INNER(norm_backward, dx, dresidual, dgamma, dbeta, dout, sum, mean, rstd, gamma, rows, columns, dropout);
	finish(f);
}

static void foreign_dropout(struct backend *b, float *x, size_t count, struct dropout dropout)
{
	BEGIN(x);
	INNER(dropout, x, count, dropout);
	finish(f);
}

static void foreign_embedding_forward(struct backend *b, float *out, const float *word, const float *position,
                                      const float *type, const int32_t *ids, const int32_t *positions, int32_t rows,
                                      int32_t columns)
{
	BEGIN(out, word, position, type);
	check_host(f, ids);
	check_host(f, positions);
	INNER(embedding_forward, out, word, position, type, ids, positions, rows, columns);
	finish(f);
}

static void foreign_embedding_backward(struct backend *b, float *dword, float *dposition, float *dtype,
                                       const float *dout, const int32_t *ids, const int32_t *positions, int32_t rows,
                                       int32_t columns)
{
	BEGIN(dword, dposition, dtype, dout);
	check_host(f, ids);
	check_host(f, positions);
	INNER(embedding_backward, dword, dposition, dtype, dout, ids, positions, rows, columns);
	finish(f);
}

static void foreign_gather_rows(struct backend *b, float *out, const float *x, const int32_t *index, int32_t count,
                                int32_t columns)
{
	BEGIN(out, x);
	check_host(f, index);
	INNER(gather_rows, out, x, index, count, columns);
	finish(f);
}

static void foreign_scatter_rows_add(struct backend *b, float *out, const float *x, const int32_t *index, int32_t count,
                                     int32_t columns)
{
	BEGIN(out, x);
	check_host(f, index);
	INNER(scatter_rows_add, out, x, index, count, columns);
	finish(f);
}

static void foreign_add(struct backend *b, float *out, const float *x, size_t count)
{
	BEGIN(out, x);
	INNER(add, out, x, count);
	finish(f);
}

static void foreign_pooling_forward(struct backend *b, float *out, const float *x, const struct packing *groups,
                                    int32_t columns, enum pooling pooling)
{
	BEGIN(out, x);
	check_host(f, groups->starts);
	INNER(pooling_forward, out, x, groups, columns, pooling);
	finish(f);
}

static void foreign_pooling_backward(struct backend *b, float *dx, const float *dout, const float *x,
                                     const struct packing *groups, int32_t columns, enum pooling pooling)
{
	BEGIN(dx, dout, x);
	check_host(f, groups->starts);
	INNER(pooling_backward, dx, dout, x, groups, columns, pooling);
	finish(f);
}

static void foreign_noise(struct backend *b, float *x, size_t count, struct noise noise)
{
	BEGIN(x);
	INNER(noise, x, count, noise);
	finish(f);
}

static void foreign_cross_entropy(struct backend *b, float *loss, float *dlogits, const float *logits,
                                  const int32_t *labels, int32_t rows, int32_t columns, const struct loss *how)
{
	BEGIN(loss, dlogits, logits);
	check_host(f, labels);
	check_host(f, how->weights);
	INNER(cross_entropy, loss, dlogits, logits, labels, rows, columns, how);
	finish(f);
}

static void foreign_binary_cross_entropy(struct backend *b, float *loss, float *dlogits, const float *logits,
                                         const float *targets, int32_t rows, int32_t columns, const struct loss *how)
{
	BEGIN(loss, dlogits, logits);
	check_host(f, targets);
	check_host(f, how->weights);
	INNER(binary_cross_entropy, loss, dlogits, logits, targets, rows, columns, how);
	finish(f);
}

static void foreign_soften(struct backend *b, float *loss, float *dlogits, const float *logits, const float *targets,
                           const float *shares, int32_t rows, int32_t columns, const struct soft_loss *how)
{
	BEGIN(loss, dlogits, logits);
	check_host(f, targets);
	check_host(f, shares);
	INNER(soften, loss, dlogits, logits, targets, shares, rows, columns, how);
	finish(f);
}

static void foreign_relate(struct backend *b, float *loss, float *da, float *db, float *work, const float *a, const float *other,
                           const float *teacher_a, const float *teacher_b, const struct relation *how)
{
	BEGIN(loss, da, db, work, a, other, teacher_a, teacher_b);
	check_host(f, how->tokens.starts);
	INNER(relate, loss, da, db, work, a, other, teacher_a, teacher_b, how);
	finish(f);
}

static void foreign_imitate(struct backend *b, float *loss, float *dx, const float *x, const float *teacher,
                            const struct packing *tokens, int32_t columns, const struct imitation_loss *how)
{
	BEGIN(loss, dx, x, teacher);
	check_host(f, tokens->starts);
	INNER(imitate, loss, dx, x, teacher, tokens, columns, how);
	finish(f);
}

static void foreign_clip(struct backend *b, struct clipping *clipping, const struct segment *segments, size_t count,
                         double limit, double loss_scale)
{
	BEGIN(clipping);
	for (size_t s = 0; s < count; s++)
		begin(f, (const void *[]){segments[s].gradient}, 1);
	INNER(clip, clipping, segments, count, limit, loss_scale);
	finish(f);
}

static struct foreign *begin_segments(struct backend *b, const struct segment *segments, size_t count)
{
	struct foreign *f = foreign_of(b);

	for (size_t s = 0; s < count; s++)
		begin(f, (const void *[]){segments[s].value, segments[s].average, segments[s].square, segments[s].gradient}, 4);
	return f;
}

#define FOREIGN_OPTIMIZER(name) \
	static void foreign_##name(struct backend *b, const struct segment *segments, size_t count, const struct name *how) \
	{ \
		struct foreign *f = begin_segments(b, segments, count); \
\
		begin(f, (const void *[]){how->clipping}, 1); \
		INNER(name, segments, count, how); \
		finish(f); \
	}
FOREIGN_OPTIMIZER(adamw)
FOREIGN_OPTIMIZER(sgd)
FOREIGN_OPTIMIZER(lion)
FOREIGN_OPTIMIZER(adafactor)

static void foreign_close(struct backend *b)
{
	struct foreign *f = foreign_of(b);

	for (int i = 0; i < BLOCKS_MAX; i++)
		if (f->blocks[i].start)
			end("closed with memory that was not released");
	f->inner->ops->close(f->inner);
	free(f);
}

static const struct backend_operations foreign_operations = {
	.version = BACKEND_VERSION,
	.name = "foreign",
	.rows_alone = true,
	.forward_types = CPU_TYPES,
	.backward_types = CPU_TYPES,
	.precisions = PRECISION_BIT(PRECISION_F32) | PRECISION_BIT(PRECISION_BF16) | PRECISION_BIT(PRECISION_F16),
	.host_memory = false,
	.close = foreign_close,
	.alloc = foreign_alloc,
	.release = foreign_release,
	.upload = foreign_upload,
	.download = foreign_download,
	.zero = foreign_zero,
	.sync = foreign_sync,
	.step_begin = foreign_step_begin,
	.step_end = foreign_step_end,
	.fetch = foreign_fetch,
	.settle = foreign_settle,
	.row_step = foreign_row_step,
	.memory_available = foreign_memory_available,
	.status = foreign_status,
	.reserve = foreign_reserve,
	.reserve_bytes = foreign_reserve_bytes,
	.packed_bytes = foreign_packed_bytes,
	.pack = foreign_pack,
	.unpack = foreign_unpack,
	.linear_forward = foreign_linear_forward,
	.linear_backward_input = foreign_linear_backward_input,
	.linear_backward_weight = foreign_linear_backward_weight,
	.lora_forward = foreign_lora_forward,
	.lora_backward = foreign_lora_backward,
	.activation_forward = foreign_activation_forward,
	.activation_backward = foreign_activation_backward,
	.attention_forward = foreign_attention_forward,
	.attention_backward = foreign_attention_backward,
	.norm_forward = foreign_norm_forward,
	.norm_backward = foreign_norm_backward,
	.dropout = foreign_dropout,
	.embedding_forward = foreign_embedding_forward,
	.embedding_backward = foreign_embedding_backward,
	.gather_rows = foreign_gather_rows,
	.scatter_rows_add = foreign_scatter_rows_add,
	.add = foreign_add,
	.pooling_forward = foreign_pooling_forward,
	.pooling_backward = foreign_pooling_backward,
	.noise = foreign_noise,
	.cross_entropy = foreign_cross_entropy,
	.binary_cross_entropy = foreign_binary_cross_entropy,
	.soften = foreign_soften,
	.relate = foreign_relate,
	.imitate = foreign_imitate,
	.clip = foreign_clip,
	.adamw = foreign_adamw,
	.sgd = foreign_sgd,
	.lion = foreign_lion,
	.adafactor = foreign_adafactor,
};

/* ---- opening */

struct backend *foreign_open(int threads, struct error *error)
{
	struct foreign *f = calloc(1, sizeof *f);

	if (!f)
		end("no memory");
	f->inner = cpu_open_with(&cpu_reference_operations, &kernels_generic, threads, error);
	if (!f->inner)
		end("the reference could not be opened");
	f->base.ops = &foreign_operations;
	f->base.pool = f->inner->pool;
	return &f->base;
}

bool foreign_wanted(void)
{
	const char *backend = getenv("REVUE_TEST_BACKEND");

	return backend && strcmp(backend, "foreign") == 0;
}

/* ---- a backend that fails, or has little memory: its own table with rows changed */

static int asked;
static bool (*own_settle)(struct backend *b, uint64_t step);

static bool failing_status(struct backend *b, struct error *error)
{
	(void)b;
	return ++asked < fail_at || error_set(error, ERROR_FAILED, "the device fell off the bus: start again");
}

static bool failing_settle(struct backend *b, uint64_t step)
{
	return own_settle(b, step) && ++asked < fail_at;
}

static uint64_t limited_memory(struct backend *b)
{
	(void)b;
	return memory_limit;
}

static void (*own_clip)(struct backend *b, struct clipping *clipping, const struct segment *segments, size_t count, double limit,
                        double loss_scale);
static int norms;

/* A gradient becomes infinite before anybody looks at them. */
static void overflowing_clip(struct backend *b, struct clipping *clipping, const struct segment *segments, size_t count,
                             double limit, double loss_scale)
{
	const float infinite = HUGE_VALF;
	float *gradient;

	if (++norms >= overflow_first && norms < overflow_first + overflow_count) {
		memcpy(&gradient, &segments[count - 1].gradient, sizeof gradient); /* which is const for the optimizer alone */
		b->ops->upload(b, gradient, &infinite, sizeof infinite);
	}
	own_clip(b, clipping, segments, count, limit, loss_scale);
}

void foreign_overflow(int first, int count)
{
	overflow_first = first;
	overflow_count = count;
	norms = 0;
}

void foreign_fail_at(int n)
{
	fail_at = n;
	asked = 0;
}

void foreign_limit_memory(uint64_t bytes)
{
	memory_limit = bytes;
}

struct backend *__real_backend_open(enum device device, int threads, struct error *error);
struct backend *__wrap_backend_open(enum device device, int threads, struct error *error);

static struct backend *open_wanted(enum device device, int threads, struct error *error)
{
	const char *backend = getenv("REVUE_TEST_BACKEND");

	if (foreign_wanted() && device != DEVICE_CUDA)
		return foreign_open(threads, error);
	return __real_backend_open(backend && strcmp(backend, "cuda") == 0 ? DEVICE_CUDA : device, threads, error);
}

struct backend *__wrap_backend_open(enum device device, int threads, struct error *error)
{
	static struct backend_operations changed;
	struct backend *b = open_wanted(device, threads, error);

	if (!b || (fail_at == 0 && memory_limit == 0 && overflow_first == 0))
		return b;
	changed = *b->ops;
	own_settle = b->ops->settle;
	if (fail_at > 0) {
		changed.status = failing_status;
		changed.settle = failing_settle;
	}
	if (memory_limit > 0)
		changed.memory_available = limited_memory;
	if (overflow_first > 0) {
		own_clip = changed.clip;
		changed.clip = overflowing_clip;
	}
	b->ops = &changed;
	return b;
}
