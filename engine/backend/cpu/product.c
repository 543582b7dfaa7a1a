/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The three products of a linear layer, and those of an adapter, on our own kernels. All are c[m, n] = start + a b:
 *
 *   forward    a = x in place     b = W^T     k = columns of W
 *   dX         a = dy in place    b = W       k = rows of W
 *   dW         a = dy^T packed    b = x       k = tokens
 *
 * b is packed into panels: once by `pack`, else by each call, all threads together. Then tasks compute blocks of c.
 * Weights in four bits become floats as a call packs them, or where their codes were put in the order of the panels before
 * (codes.h), as it computes: the panels and the sums are those of f32 weights.
 * k goes in blocks whose size depends on k alone, so an element of c is always the same chain of multiply-adds: a
 * row comes out the same, to the bit, alone or in a batch, packed before or not, on one thread or many. */
#include "engine/backend/cpu/product.h"

#include "engine/backend/cpu/codes.h"
#include "engine/backend/cpu/conventions.h"
#include "engine/backend/cpu/memory.h"

#include <assert.h>
#include <string.h>

#define BLOCK_K 384  /* a block of a panel stays in the first cache, of the rows in the second */
#define CHUNK_BLOCKS 4 /* blocks of k that are packed at a time */
#define CHUNK_K (CHUNK_BLOCKS * BLOCK_K)
#define TASK_ROWS 96
#define TASKS 32     /* enough for the threads of a large machine; more only for tall results */
#define TASK_WORK ((size_t)1 << 18) /* multiply-adds under which a task is not worth its hand-over */
#define PACK_COLUMNS 64

struct gemm {
	const struct kernels *kernels;
	const float *a, *b, *packed, *bias;
	const struct four_bits *four_bits; /* or NULL; else b is these weights, b_k and b_n say which way */
	const uint8_t *codes;              /* or NULL; else their codes as `pack` left them */
	float *panels;                     /* of each thread, for them */
	float *c;
	size_t a_row, a_k, b_k, b_n;
	size_t c_row; /* 0: n */
	size_t m, n, k;
	bool add;
	bool pack_a; /* a_row is 1 */
	float *sums; /* or NULL: sums[i] += a[i, 0] + a[i, 1] + ...; with pack_a */
	float *out;  /* activation of c, when the last block is done; may be c */
	enum activation activation;

	size_t block;                      /* of k */
	size_t first, depth;               /* the chunk of k that is being computed */
	float *columns, *rows;             /* packed chunk of b, of a */
	const float *chunk;                /* the chunk of b: columns, or inside packed */
	size_t row_step, column_step, column_tasks;
	int pack_column_tasks;
};

static size_t round_up(size_t x, size_t unit)
{
	return (x + unit - 1) / unit * unit;
}

static size_t divide_up(size_t x, size_t y)
{
	return (x + y - 1) / y;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* A function of k only. */
static size_t block_size(size_t k)
{
	return k == 0 ? 4 : round_up(divide_up(k, divide_up(k, BLOCK_K)), 4);
}

/* ---- packing */

static size_t panel_floats(const struct kernels *kernels)
{
	return kernels->panel * BLOCK_K;
}

/* W^T, a panel of a block of k: rows i .. i+count-1 of W become floats, then a panel. */
static void pack_panel_across(const struct gemm *g, float *out, size_t first, size_t block, size_t i, size_t count,
                              float *panel)
{
	g->kernels->dequantise(panel, block, g->four_bits, i, count, first, block);
	g->kernels->pack_columns(out, panel, 1, block, block, count);
}

/* W, likewise: a row of a panel is a piece of a row of W. */
static void pack_panel_along(const struct gemm *g, float *out, size_t first, size_t block, size_t i, size_t count)
{
	size_t width = round_up(count, g->kernels->lanes);

	g->kernels->dequantise(out, width, g->four_bits, first, block, i, count);
	for (size_t j = 0; count < width && j < block; j++)
		memset(out + j * width + count, 0, (width - count) * sizeof *out);
}

/* As pack_column_group, of weights in four bits. `i` is the start of a panel. */
static void pack_four_bits(const struct gemm *g, float *out, size_t first, size_t depth, size_t i, size_t count, int worker)
{
	const size_t width = round_up(g->n, g->kernels->lanes), panel = g->kernels->panel;
	float *memory = g->panels + (size_t)worker * panel_floats(g->kernels);

	for (size_t j = 0; j < depth; j += g->block)
		for (size_t p = i; p < i + count; p += panel) {
			size_t block = smaller(g->block, depth - j), columns = smaller(panel, i + count - p);

			if (g->b_k == 1)
				pack_panel_across(g, out + j * width + p * block, first + j, block, p, columns, memory);
			else
				pack_panel_along(g, out + j * width + p * block, first + j, block, p, columns);
		}
}

/* Columns i .. i+count-1 of the rows first .. first+depth-1 of b, to their place in a chunk of n columns. */
static void pack_column_group(const struct gemm *g, float *out, size_t first, size_t depth, size_t i, size_t count)
{
	const size_t width = round_up(g->n, g->kernels->lanes);

	for (size_t j = 0; j < depth; j += g->block) {
		size_t block = smaller(g->block, depth - j);

		g->kernels->pack_columns(out + j * width + i * block, g->b + (first + j) * g->b_k + i * g->b_n, g->b_k,
		                         g->b_n, block, count);
	}
}

/* The strips of rows i .. i+count-1 of a, and the sums of these rows. */
static void pack_row_group(const struct gemm *g, size_t i, size_t count)
{
	for (size_t j = 0; j < g->depth; j += g->block) {
		const float *a = g->a + i + (g->first + j) * g->a_k;
		size_t block = smaller(g->block, g->depth - j);
		float sums[TASK_ROWS] = {0};

		g->kernels->pack_rows(g->rows + j * round_up(g->m, TILE_ROWS) + i * block, a, g->a_k, count, block);
		if (!g->sums)
			continue;
		for (size_t r = 0; r < block; r++)
			g->kernels->add(sums, a + r * g->a_k, count);
		g->kernels->add(g->sums + i, sums, count);
	}
}

static void pack_task(void *context, int index, int worker)
{
	const struct gemm *g = context;
	size_t i;

	if (index < g->pack_column_tasks && g->four_bits) {
		i = (size_t)index * PACK_COLUMNS;
		pack_four_bits(g, g->columns, g->first, g->depth, i, smaller(PACK_COLUMNS, g->n - i), worker);
	} else if (index < g->pack_column_tasks) {
		i = (size_t)index * PACK_COLUMNS;
		pack_column_group(g, g->columns, g->first, g->depth, i, smaller(PACK_COLUMNS, g->n - i));
	} else {
		i = (size_t)(index - g->pack_column_tasks) * TASK_ROWS;
		pack_row_group(g, i, smaller(TASK_ROWS, g->m - i));
	}
}

static void pack_chunk(struct cpu *cpu, struct gemm *g)
{
	size_t columns = g->packed || g->codes ? 0 : divide_up(g->n, PACK_COLUMNS);
	size_t rows = g->pack_a ? divide_up(g->m, TASK_ROWS) : 0;

	g->pack_column_tasks = (int)columns;
	g->chunk = g->codes ? NULL : g->packed ? g->packed + g->first * round_up(g->n, g->kernels->lanes) : g->columns;
	pool_run(cpu->base.pool, (int)(columns + rows), pack_task, g);
}

/* ---- computing */

/* Columns l .. of a block of weights in four bits. */
static void multiply_codes(const struct gemm *g, const struct product *p, size_t j, size_t l, int worker)
{
	size_t first = g->first + j, group = codes_group(g->k);
	const uint8_t *block = g->codes + round_up(g->n, g->kernels->lanes) * codes_bytes_before(first, g->block, group);
	struct code_panels w = codes_panels(block, g->four_bits, first, p->k);

	w.bytes += l * w.column_bytes;
	w.panel = g->panels + (size_t)worker * panel_floats(g->kernels);
	g->kernels->product_codes(p, &w);
}

/* One block of k, for rows i .. i+m-1 and columns l .. l+n-1 of c. `j` counts from the start of the chunk. */
static void compute_block(const struct gemm *g, size_t j, size_t i, size_t m, size_t l, size_t n, int worker)
{
	size_t block = smaller(g->block, g->depth - j);
	bool begun = g->first + j > 0;
	struct product p = {
		.b = g->chunk ? g->chunk + j * round_up(g->n, g->kernels->lanes) + l * block : NULL,
		.bias = g->bias ? g->bias + l : NULL,
		.c = g->c + i * g->c_row + l,
		.c_row = g->c_row,
		.m = m,
		.n = n,
		.k = block,
		.add = g->add || begun,
	};

	if (g->pack_a) {
		p.a = g->rows + j * round_up(g->m, TILE_ROWS) + i * block;
		p.a_strip = TILE_ROWS * block;
		p.a_row = 1;
		p.a_k = TILE_ROWS;
	} else {
		p.a = g->a + i * g->a_row + (g->first + j) * g->a_k;
		p.a_strip = TILE_ROWS * g->a_row;
		p.a_row = g->a_row;
		p.a_k = g->a_k;
	}
	if (g->codes)
		multiply_codes(g, &p, j, l, worker);
	else
		g->kernels->product(&p);
}

static void compute_task(void *context, int index, int worker)
{
	const struct gemm *g = context;
	size_t i = (size_t)index / g->column_tasks * g->row_step, l = (size_t)index % g->column_tasks * g->column_step;
	size_t m = smaller(g->row_step, g->m - i), n = smaller(g->column_step, g->n - l);

	for (size_t j = 0; j < g->depth; j += g->block)
		compute_block(g, j, i, m, l, n, worker);
	if (g->first + g->depth < g->k || !g->out)
		return;
	for (size_t r = i; r < i + m; r++)
		g->kernels->activation_forward(g->out + r * g->n + l, g->c + r * g->c_row + l, n, g->activation);
}

/* Tasks of about TASK_ROWS rows; a result of few rows is also split by columns. */
static size_t choose_tasks(struct gemm *g)
{
	const size_t panel = g->kernels->panel;
	size_t row_tasks = divide_up(g->m, TASK_ROWS), column_tasks = divide_up(TASKS, row_tasks), least;

	g->row_step = round_up(divide_up(g->m, row_tasks), TILE_ROWS);
	g->column_step = round_up(divide_up(g->n, column_tasks), panel);
	least = round_up(divide_up(TASK_WORK, smaller(g->row_step, g->m) * g->k), panel);
	if (g->column_step < least)
		g->column_step = least;
	g->column_tasks = divide_up(g->n, g->column_step);
	return divide_up(g->m, g->row_step) * g->column_tasks;
}

static void gemm_run(struct cpu *cpu, struct gemm *g)
{
	size_t tasks;

	if (g->m == 0 || g->n == 0 || g->k == 0)
		return;
	assert(g->n <= (size_t)cpu->sizes.features && (!g->pack_a || g->m <= (size_t)cpu->sizes.features));
	g->kernels = cpu->kernels;
	g->c_row = g->c_row > 0 ? g->c_row : g->n;
	g->block = block_size(g->k);
	g->columns = cpu->columns;
	g->rows = cpu->rows;
	g->panels = cpu->panels;
	tasks = choose_tasks(g);
	for (g->first = 0; g->first < g->k; g->first += g->depth) {
		g->depth = smaller(CHUNK_BLOCKS * g->block, g->k - g->first);
		pack_chunk(cpu, g);
		pool_run(cpu->base.pool, (int)tasks, compute_task, g);
	}
}

/* ---- operations */

/* Blocks of rows are summed first: a long chain of small terms would lose them. */
void cpu_sum_rows(struct cpu *cpu, float *sums, const float *x, size_t rows, size_t columns)
{
	float *block = cpu->columns;

	for (size_t first = 0; first < rows; first += BLOCK_K) {
		size_t end = first + smaller(BLOCK_K, rows - first);

		memset(block, 0, columns * sizeof *block);
		for (size_t r = first; r < end; r++)
			cpu->kernels->add(block, x + r * columns, columns);
		cpu->kernels->add(sums, block, columns);
	}
}

void cpu_linear_forward(struct backend *b, float *out, float *pre, const float *x, const struct matrix *w,
                        const float *bias, int32_t rows, enum activation activation)
{
	const struct four_bits four_bits = four_bits_of(w);
	const bool coded = matrix_is_four_bits(w);
	struct gemm g = {
		.a = x, .a_row = (size_t)w->columns, .a_k = 1,
		.b = w->data, .b_k = 1, .b_n = (size_t)w->columns, .packed = coded ? NULL : w->packed,
		.four_bits = coded ? &four_bits : NULL, .codes = coded ? w->packed : NULL,
		.c = pre ? pre : out, .bias = bias,
		.m = (size_t)rows, .n = (size_t)w->rows, .k = (size_t)w->columns,
		.out = pre || activation != ACTIVATION_NONE ? out : NULL, .activation = activation,
	};

	gemm_run(cpu_of(b), &g);
}

void cpu_linear_backward_input(struct backend *b, float *dx, const float *dy, const struct matrix *w, int32_t rows,
                               bool add)
{
	const struct four_bits four_bits = four_bits_of(w);
	struct gemm g = {
		.a = dy, .a_row = (size_t)w->rows, .a_k = 1,
		.b = w->data, .b_k = (size_t)w->columns, .b_n = 1,
		.four_bits = matrix_is_four_bits(w) ? &four_bits : NULL,
		.c = dx, .add = add,
		.m = (size_t)rows, .n = (size_t)w->columns, .k = (size_t)w->rows,
	};

	gemm_run(cpu_of(b), &g);
}

void cpu_linear_backward_weight(struct backend *b, float *dw, float *dbias, const float *dy, const float *x,
                                int32_t rows, int32_t out, int32_t in)
{
	struct gemm g = {
		.a = dy, .a_row = 1, .a_k = (size_t)out, .pack_a = true, .sums = dbias,
		.b = x, .b_k = (size_t)in, .b_n = 1,
		.c = dw, .add = true,
		.m = (size_t)out, .n = (size_t)in, .k = (size_t)rows,
	};

	if (dw)
		gemm_run(cpu_of(b), &g);
	else if (dbias)
		cpu_sum_rows(cpu_of(b), dbias, dy, (size_t)rows, (size_t)out);
}

/* ---- adapters */

static void scale_in_place(float *x, size_t count, float scale)
{
	for (size_t i = 0; i < count; i++)
		x[i] *= scale;
}

void cpu_lora_forward(struct backend *b, float *out, int32_t stride, float *t, const float *matrix, float scale,
                      int32_t rows, int32_t columns, int32_t rank)
{
	struct gemm g = {
		.a = t, .a_row = (size_t)rank, .a_k = 1,
		.b = matrix, .b_k = 1, .b_n = (size_t)rank,
		.c = out, .c_row = (size_t)stride, .add = true,
		.m = (size_t)rows, .n = (size_t)columns, .k = (size_t)rank,
	};

	scale_in_place(t, (size_t)rows * (size_t)rank, scale);
	gemm_run(cpu_of(b), &g);
}

void cpu_lora_backward(struct backend *b, float *dt, float *dmatrix, const float *dy, int32_t stride, const float *t,
                       const float *matrix, float scale, int32_t rows, int32_t columns, int32_t rank)
{
	struct gemm weight = {
		.a = dy, .a_row = 1, .a_k = (size_t)stride, .pack_a = true,
		.b = t, .b_k = (size_t)rank, .b_n = 1,
		.c = dmatrix, .add = true,
		.m = (size_t)columns, .n = (size_t)rank, .k = (size_t)rows,
	};
	struct gemm input = {
		.a = dy, .a_row = (size_t)stride, .a_k = 1,
		.b = matrix, .b_k = (size_t)rank, .b_n = 1,
		.c = dt,
		.m = (size_t)rows, .n = (size_t)rank, .k = (size_t)columns,
	};

	if (dmatrix)
		gemm_run(cpu_of(b), &weight);
	gemm_run(cpu_of(b), &input);
	scale_in_place(dt, (size_t)rows * (size_t)rank, scale);
}

/* ---- weights packed ahead */

struct pack_job {
	struct gemm gemm;
	void *out;
};

/* Panels of every block, in the order of codes.h. */
static void pack_codes(const struct gemm *g, uint8_t *out, size_t i, size_t count)
{
	const size_t lanes = g->kernels->lanes, panel = g->kernels->panel, group = codes_group(g->k);

	for (size_t first = 0; first < g->k; first += g->block) {
		size_t block = smaller(g->block, g->k - first), bytes = codes_column_bytes(first, block, group);

		for (size_t p = i; p < i + count; p += panel) {
			size_t columns = smaller(panel, i + count - p);

			codes_pack_panel(out + p * bytes, g->kernels, g->four_bits, first, block, p, columns, round_up(columns, lanes));
		}
		out += round_up(g->n, lanes) * bytes;
	}
}

static void pack_whole_task(void *context, int index, int worker)
{
	const struct pack_job *job = context;
	size_t i = (size_t)index * PACK_COLUMNS, count = smaller(PACK_COLUMNS, job->gemm.n - i);

	(void)worker;
	if (job->gemm.four_bits)
		pack_codes(&job->gemm, job->out, i, count);
	else
		pack_column_group(&job->gemm, job->out, 0, job->gemm.k, i, count);
}

/* Of weights in four bits whose scales would take more than the codes there is no copy. */
uint64_t cpu_packed_bytes(struct backend *b, const struct matrix *w)
{
	size_t width = round_up((size_t)w->rows, cpu_of(b)->kernels->lanes), columns = (size_t)w->columns;
	size_t group = codes_group(columns);

	if (!matrix_is_four_bits(w))
		return (uint64_t)width * columns * sizeof(float);
	return group > 0 ? (uint64_t)width * codes_bytes_before(columns, block_size(columns), group) : 0;
}

bool cpu_pack(struct backend *b, struct matrix *w)
{
	const struct four_bits four_bits = four_bits_of(w);
	struct cpu *cpu = cpu_of(b);
	struct pack_job job = {
		.gemm = {
			.kernels = cpu->kernels,
			.b = w->data, .b_k = 1, .b_n = (size_t)w->columns, .four_bits = matrix_is_four_bits(w) ? &four_bits : NULL,
			.n = (size_t)w->rows, .k = (size_t)w->columns, .block = block_size((size_t)w->columns),
		},
	};
	uint64_t bytes = cpu_packed_bytes(b, w);

	if (bytes == 0)
		return cpu_pack_nothing(b, w);
	if (!w->packed)
		w->packed = cpu_alloc(b, (size_t)bytes);
	job.out = w->packed;
	if (job.out)
		pool_run(cpu->base.pool, (int)divide_up(job.gemm.n, PACK_COLUMNS), pack_whole_task, &job);
	return job.out != NULL;
}

void cpu_unpack(struct backend *b, struct matrix *w)
{
	cpu_release(b, w->packed);
	w->packed = NULL;
}

bool cpu_reserve_products(struct cpu *cpu, size_t features)
{
	return cpu_regrow(&cpu->columns, CHUNK_K, round_up(features, cpu->kernels->lanes)) &&
	       cpu_regrow(&cpu->panels, panel_floats(cpu->kernels), (size_t)pool_threads(cpu->base.pool)) &&
	       cpu_regrow(&cpu->rows, CHUNK_K, round_up(features, TILE_ROWS));
}
