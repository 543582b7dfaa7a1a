/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every operation of every path against engine/backend/cpu/reference.c. */
#include "tests/unit/ops.h"
#include "tests/unit/ops_cuda.h"

#define PRODUCT 2e-6 /* tolerances, as relative norms */
#define EXACT 2e-7
#define SMOOTH 1e-6

static struct backend *reference_open(void)
{
	return ops_open("reference", 1);
}

static void close_both(struct backend *a, struct backend *b)
{
	a->ops->close(a);
	b->ops->close(b);
}

static const int32_t shapes[][3] = { /* rows, out, in: odd ones, whole panels, more than one block and chunk of k */
	{1, 1, 1}, {1, 2, 7}, {2, 5, 3}, {5, 17, 31}, {7, 33, 64}, {1, 384, 384}, {16, 96, 384}, {13, 100, 26},
	{97, 130, 65}, {6, 64, 400}, {100, 312, 312}, {3, 20, 3100}, {11, 3100, 20}, {3100, 20, 30}, {193, 70, 1600},
};
#define SHAPES (sizeof shapes / sizeof *shapes)

static void check_linear_forward(struct backend *oracle, struct backend *b, const int32_t shape[3], int variant)
{
	const size_t rows = (size_t)shape[0], out = (size_t)shape[1], in = (size_t)shape[2];
	const enum activation activation = (enum activation)(variant % 5);
	const float *x = ops_random(rows * in, 1, 1), *bias = variant % 2 ? ops_random(out, 1, 3) : NULL;
	struct matrix w = {ops_random(out * in, 0.1f, 2), shape[1], shape[2], NULL, MATRIX_F32, 1};
	float *want = ops_zeros(rows * out), *want_pre = ops_zeros(rows * out);
	float *got = ops_random(rows * out, 1, 4), *got_pre = variant % 3 ? ops_random(rows * out, 1, 5) : NULL;

	oracle->ops->linear_forward(oracle, want, want_pre, x, &w, bias, shape[0], activation);
	if (variant & 4)
		assert_true(b->ops->pack(b, &w));
	b->ops->linear_forward(b, got, got_pre, x, &w, bias, shape[0], activation);
	ops_close("out", got, want, rows * out, PRODUCT);
	if (got_pre)
		ops_close("pre", got_pre, want_pre, rows * out, PRODUCT);
	b->ops->unpack(b, &w);
	assert_null(w.packed);
}

static void linear_forward(const char *path)
{
	struct backend *b = ops_open(path, 2), *oracle = reference_open();

	for (size_t i = 0; i < SHAPES; i++)
		for (int variant = 0; variant < 8; variant++)
			if (variant < 2 || shapes[i][0] < 100) {
				check_linear_forward(oracle, b, shapes[i], variant + (int)i);
				ops_forget();
			}
	close_both(b, oracle);
}

static void linear_backward_input(const char *path)
{
	struct backend *b = ops_open(path, 2), *oracle = reference_open();

	for (size_t i = 0; i < SHAPES; i++)
		for (int add = 0; add < 2; add++) {
			size_t rows = (size_t)shapes[i][0], out = (size_t)shapes[i][1], in = (size_t)shapes[i][2];
			struct matrix w = {ops_random(out * in, 0.1f, 2), shapes[i][1], shapes[i][2], NULL, MATRIX_F32, 1};
			const float *dy = ops_random(rows * out, 1, 1);
			float *got = ops_random(rows * in, 1, 3), *want = ops_copy(got, rows * in);

			oracle->ops->linear_backward_input(oracle, want, dy, &w, shapes[i][0], add);
			b->ops->linear_backward_input(b, got, dy, &w, shapes[i][0], add);
			ops_close("dx", got, want, rows * in, PRODUCT);
			ops_forget();
		}
	close_both(b, oracle);
}

static void linear_backward_weight(const char *path)
{
	struct backend *b = ops_open(path, 2), *oracle = reference_open();

	for (size_t i = 0; i < SHAPES; i++)
		for (int biased = 0; biased < 2; biased++) {
			size_t rows = (size_t)shapes[i][0], out = (size_t)shapes[i][1], in = (size_t)shapes[i][2];
			const float *dy = ops_random(rows * out, 1, 1), *x = ops_random(rows * in, 1, 2);
			float *got = ops_random(out * in, 1, 3), *want = ops_copy(got, out * in);
			float *got_bias = ops_random(out, 1, 4), *want_bias = ops_copy(got_bias, out);

			oracle->ops->linear_backward_weight(oracle, want, biased ? want_bias : NULL, dy, x, shapes[i][0],
			                                    shapes[i][1], shapes[i][2]);
			b->ops->linear_backward_weight(b, got, biased ? got_bias : NULL, dy, x, shapes[i][0],
			                               shapes[i][1], shapes[i][2]);
			ops_close("dw", got, want, out * in, PRODUCT);
			ops_close("dbias", got_bias, want_bias, out, PRODUCT);
			ops_forget();
		}
	close_both(b, oracle);
}

/* Without the weights the bias alone. */
static void linear_backward_to_the_bias_alone(const char *path)
{
	struct backend *b = ops_open(path, 2), *oracle = reference_open();

	for (size_t i = 0; i < SHAPES; i++) {
		size_t rows = (size_t)shapes[i][0], out = (size_t)shapes[i][1];
		const float *dy = ops_random(rows * out, 1, 1), *x = ops_random(rows * (size_t)shapes[i][2], 1, 2);
		float *got = ops_random(out, 1, 4), *want = ops_copy(got, out);

		oracle->ops->linear_backward_weight(oracle, NULL, want, dy, x, shapes[i][0], shapes[i][1], shapes[i][2]);
		b->ops->linear_backward_weight(b, NULL, got, dy, x, shapes[i][0], shapes[i][1], shapes[i][2]);
		b->ops->linear_backward_weight(b, NULL, NULL, dy, x, shapes[i][0], shapes[i][1], shapes[i][2]);
		ops_close("dbias", got, want, out, PRODUCT);
		ops_forget();
	}
	close_both(b, oracle);
}

static const int32_t adapters[][4] = { /* rows, columns, rank, stride */
	{1, 1, 1, 1}, {3, 5, 2, 9}, {7, 33, 8, 99}, {100, 26, 4, 78}, {193, 96, 16, 288}, {700, 64, 3, 64}, {5, 40, 70, 41},
};
#define ADAPTERS (sizeof adapters / sizeof *adapters)

/* On columns in the middle of a wider array, the others of which stay as they are. */
static void lora_forward(const char *path)
{
	struct backend *b = ops_open(path, 2), *oracle = reference_open();

	for (size_t i = 0; i < ADAPTERS; i++) {
		const int32_t rows = adapters[i][0], columns = adapters[i][1], rank = adapters[i][2], stride = adapters[i][3];
		const size_t whole = (size_t)rows * (size_t)stride, at = (size_t)(stride - columns) / 2;
		const size_t thin = (size_t)rows * (size_t)rank;
		const float *matrix = ops_random((size_t)columns * (size_t)rank, 0.1f, 2);
		float *t = ops_random(thin, 1, 1), *want_t = ops_copy(t, thin);
		float *got = ops_random(whole, 1, 3), *want = ops_copy(got, whole);

		oracle->ops->lora_forward(oracle, want + at, stride, want_t, matrix, 2.5f, rows, columns, rank);
		b->ops->lora_forward(b, got + at, stride, t, matrix, 2.5f, rows, columns, rank);
		ops_close("out", got, want, whole, PRODUCT);
		ops_close("t", t, want_t, thin, EXACT);
		for (size_t j = 0; j < whole; j++)
			if (j % (size_t)stride < at || j % (size_t)stride >= at + (size_t)columns)
				assert_true(got[j] == want[j]);
		ops_forget();
	}
	close_both(b, oracle);
}

static void lora_backward(const char *path)
{
	struct backend *b = ops_open(path, 2), *oracle = reference_open();

	for (size_t i = 0; i < ADAPTERS; i++) {
		const int32_t rows = adapters[i][0], columns = adapters[i][1], rank = adapters[i][2], stride = adapters[i][3];
		const size_t at = (size_t)(stride - columns) / 2, thin = (size_t)rows * (size_t)rank;
		const size_t weights = (size_t)columns * (size_t)rank;
		const float *matrix = ops_random(weights, 0.1f, 2), *t = ops_random(thin, 1, 1);
		const float *dy = ops_random((size_t)rows * (size_t)stride, 1, 4);
		float *got = ops_random(weights, 1, 3), *want = ops_copy(got, weights);
		float *dt = ops_random(thin, 1, 5), *want_dt = ops_zeros(thin);

		oracle->ops->lora_backward(oracle, want_dt, want, dy + at, stride, t, matrix, 0.5f, rows, columns, rank);
		b->ops->lora_backward(b, dt, got, dy + at, stride, t, matrix, 0.5f, rows, columns, rank);
		ops_close("dB", got, want, weights, PRODUCT);
		ops_close("dt", dt, want_dt, thin, PRODUCT);
		ops_forget();
	}
	close_both(b, oracle);
}

/* -14 to 14 in small steps, and the ends of what a float can be. */
static float *activation_arguments(size_t *count)
{
	const float ends[] = {0, -0.0f, 1e-30f, -1e-30f, 100, -100, 1e10f, -1e10f};
	const size_t steps = 40001, extra = sizeof ends / sizeof *ends;
	float *x = ops_zeros(steps + extra);

	for (size_t i = 0; i < steps; i++)
		x[i] = 28 * (float)i / (float)(steps - 1) - 14;
	memcpy(x + steps, ends, sizeof ends);
	*count = steps + extra;
	return x;
}

static void assert_within(const char *what, const float *x, const float *got, const float *want, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!(fabs((double)got[i] - (double)want[i]) <= 1e-6 * fmax(1, fabs((double)want[i]))))
			fail_msg("%s(%.9g) = %.9g, not %.9g", what, (double)x[i], (double)got[i], (double)want[i]);
}

static void activations_within_a_millionth(const char *path)
{
	struct backend *b = ops_open(path, 2), *oracle = reference_open();
	size_t count;
	const float *x = activation_arguments(&count);

	for (int a = ACTIVATION_NONE; a <= ACTIVATION_TANH; a++) {
		float *got = ops_copy(x, count), *want = ops_zeros(count);

		oracle->ops->activation_forward(oracle, want, x, count, (enum activation)a);
		b->ops->activation_forward(b, got, got, count, (enum activation)a); /* out may be pre */
		assert_within("activation", x, got, want, count);
		for (size_t i = 0; i < count; i++)
			got[i] = want[i] = 1;
		oracle->ops->activation_backward(oracle, want, x, count - 9, (enum activation)a);
		b->ops->activation_backward(b, got, x, count - 9, (enum activation)a);
		assert_within("slope", x, got, want, count);
	}
	close_both(b, oracle);
}

static void not_a_number_stays_so(const char *path)
{
	struct backend *b = ops_open(path, 1);

	for (int a = ACTIVATION_NONE; a <= ACTIVATION_TANH; a++) {
		float *x = ops_zeros(19);

		for (size_t i = 0; i < 19; i++)
			x[i] = NAN;
		b->ops->activation_forward(b, x, x, 19, (enum activation)a);
		for (size_t i = 0; i < 19; i++)
			assert_true(isnan(x[i]));
	}
	b->ops->close(b);
}

/* Sequences of many lengths; with `first` a query is the first row only. */
struct attention_case {
	int32_t heads, head_size, extra; /* extra: unused columns between rows */
	float p;
	bool first;
};

static void check_attention(struct backend *oracle, struct backend *b, const struct attention_case *at)
{
	static const int32_t key_starts[] = {0, 1, 3, 20, 86, 183, 192}, query_starts[] = {0, 1, 2, 3, 4, 5, 6};
	const struct packing keys = {key_starts, 6}, queries = {at->first ? query_starts : key_starts, 6};
	const size_t rows = 192, query_rows = at->first ? 6 : 192, heads = (size_t)at->heads;
	const size_t width = heads * (size_t)at->head_size, wide = width + (size_t)at->extra;
	const struct attention a = {
		.queries = queries, .keys = keys, .heads = at->heads, .head_size = at->head_size,
		.q_stride = (int32_t)wide, .kv_stride = (int32_t)wide, .out_stride = (int32_t)width,
		.scale = 1 / sqrtf((float)at->head_size),
		.dropout = {.p = at->p, .seed = 11, .step = 5, .site = 9},
	};
	const float *q = ops_random(query_rows * wide, 2, 1), *k = ops_random(rows * wide, 2, 2);
	const float *v = ops_random(rows * wide, 1, 3), *dout = ops_random(query_rows * width, 1, 4);
	float *want = ops_zeros(query_rows * width), *want_lse = ops_zeros(heads * query_rows);
	float *got = ops_zeros(query_rows * width), *got_lse = ops_zeros(heads * query_rows);
	float *want_d[3], *got_d[3];

	oracle->ops->attention_forward(oracle, want, want_lse, q, k, v, &a);
	b->ops->attention_forward(b, got, NULL, q, k, v, &a);
	ops_close("out without lse", got, want, query_rows * width, PRODUCT);
	b->ops->attention_forward(b, got, got_lse, q, k, v, &a);
	ops_close("out", got, want, query_rows * width, PRODUCT);
	ops_close("lse", got_lse, want_lse, heads * query_rows, SMOOTH);
	for (int i = 0; i < 3; i++) { /* columns between rows must stay as they were */
		want_d[i] = ops_random((i ? rows : query_rows) * wide, 1, 5);
		got_d[i] = ops_copy(want_d[i], (i ? rows : query_rows) * wide);
	}
	oracle->ops->attention_backward(oracle, want_d[0], want_d[1], want_d[2], dout, want, want_lse, q, k, v, &a);
	b->ops->attention_backward(b, got_d[0], got_d[1], got_d[2], dout, got, got_lse, q, k, v, &a);
	ops_close("dq", got_d[0], want_d[0], query_rows * wide, PRODUCT);
	ops_close("dk", got_d[1], want_d[1], rows * wide, PRODUCT);
	ops_close("dv", got_d[2], want_d[2], rows * wide, PRODUCT);
}

static void attention(const char *path)
{
	static const struct attention_case cases[] = {
		{2, 26, 0, 0, false}, {1, 32, 5, 0.3f, false}, {3, 64, 0, 0.1f, true}, {2, 7, 3, 0, true}, {12, 1, 0, 0.5f, false},
		{1, 50, 0, 0.2f, false}, {2, 65, 1, 0.3f, false}, {1, 160, 0, 0.1f, false},
	};
	struct backend *b = ops_open(path, 2), *oracle = reference_open();

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		check_attention(oracle, b, &cases[i]);
		ops_forget();
	}
	close_both(b, oracle);
}

static void attention_of_a_sequence_without_queries(const char *path)
{
	const int32_t keys[] = {0, 3, 5}, queries[] = {0, 0, 1};
	const struct attention a = {
		.queries = {queries, 2}, .keys = {keys, 2}, .heads = 1, .head_size = 4, .q_stride = 4, .kv_stride = 4,
		.out_stride = 4, .scale = 0.5f,
	};
	struct backend *b = ops_open(path, 1);
	const float *x = ops_random(20, 1, 1);
	float *out = ops_zeros(4), *lse = ops_zeros(1), *dq = ops_zeros(4);
	float *dk = ops_random(20, 1, 2), *dv = ops_random(20, 1, 3);

	b->ops->attention_forward(b, out, lse, x, x, x, &a);
	b->ops->attention_backward(b, dq, dk, dv, out, out, lse, x, x, x, &a);
	for (int i = 0; i < 12; i++)
		assert_true(dk[i] == 0 && dv[i] == 0);
	assert_true(dv[12] != 0);
	b->ops->close(b);
}

static const int32_t norm_shapes[][2] = {
	{1, 1}, {3, 5}, {17, 30}, {200, 312}, {65, 384}, {2, 768}, {5, 1030}, {3, 2048}, {700, 8},
};

static void check_norm(struct backend *oracle, struct backend *b, int32_t rows, int32_t columns, float p, bool residual)
{
	const size_t n = (size_t)columns, m = (size_t)rows, count = m * n;
	const struct dropout dropout = {.p = p, .seed = 3, .step = 2, .site = 1};
	const float *r = residual ? ops_random(count, 1, 2) : NULL, *gamma = ops_random(n, 1, 3);
	const float *beta = ops_random(n, 1, 4), *dout = ops_random(count, 1, 5);
	float *x = ops_random(count, 3, 1), *want[8], *got[8];

	for (int i = 0; i < 8; i++) {
		want[i] = ops_random(count, 1, 6);
		got[i] = ops_copy(want[i], count);
	}
	oracle->ops->norm_forward(oracle, want[0], want[1], want[2], want[3], x, r, gamma, beta, rows, columns, 1e-12f,
	                          dropout);
	b->ops->norm_forward(b, got[4], NULL, NULL, NULL, x, r, gamma, beta, rows, columns, 1e-12f, dropout);
	ops_close("out alone", got[4], want[0], count, columns > 1 ? PRODUCT : 1);
	b->ops->norm_forward(b, got[0], x /* sum is x */, got[2], got[3], x, r, gamma, beta, rows, columns, 1e-12f,
	                     dropout);
	ops_close("out", got[0], want[0], count, columns > 1 ? PRODUCT : 1);
	ops_close("sum", x, want[1], count, EXACT);
	if (columns == 1)
		return;
	ops_close("mean", got[2], want[2], m, PRODUCT);
	ops_close("rstd", got[3], want[3], m, PRODUCT);
	oracle->ops->norm_backward(oracle, want[4], want[5], want[6], want[7], dout, want[1], want[2], want[3],
	                           gamma, rows, columns, dropout);
	memcpy(got[4], dout, count * sizeof *dout); /* dx may be dout */
	memcpy(got[6], ops_random(count, 1, 6), count * sizeof *dout);
	b->ops->norm_backward(b, got[4], residual ? got[5] : NULL, got[6], got[7], got[4], want[1], want[2], want[3],
	                      gamma, rows, columns, dropout);
	ops_close("dx", got[4], want[4], count, 2 * PRODUCT);
	if (residual)
		ops_close("dresidual", got[5], want[5], count, 2 * PRODUCT);
	ops_close("dgamma", got[6], want[6], n, PRODUCT);
	ops_close("dbeta", got[7], want[7], n, PRODUCT);
}

static void norm(const char *path)
{
	struct backend *b = ops_open(path, 2), *oracle = reference_open();

	for (size_t i = 0; i < sizeof norm_shapes / sizeof *norm_shapes; i++)
		for (int variant = 0; variant < 4; variant++) {
			check_norm(oracle, b, norm_shapes[i][0], norm_shapes[i][1], variant & 1 ? 0.2f : 0, variant & 2);
			ops_forget();
		}
	close_both(b, oracle);
}

static void dropout(const char *path)
{
	const struct dropout settings[] = {
		{0.1f, 1, 0, 0}, {0.5f, UINT64_MAX, UINT32_MAX, UINT32_MAX}, {0, 1, 2, 3}, {1e-9f, 4, 5, 6}, {0.999999f, 7, 8, 9},
	};
	struct backend *b = ops_open(path, 2), *oracle = reference_open();

	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		for (size_t count = 0; count < 40000; count = count * 3 + 1) {
			float *got = ops_random(count, 1, 1), *want = ops_copy(got, count);

			oracle->ops->dropout(oracle, want, count, settings[i]);
			b->ops->dropout(b, got, count, settings[i]);
			ops_close("x", got, want, count, EXACT);
		}
	close_both(b, oracle);
}

static void embeddings_with_rows_that_repeat(const char *path)
{
	enum { ROWS = 70, COLUMNS = 101, WORDS = 20 };
	struct backend *b = ops_open(path, 3), *oracle = reference_open();
	float *tables[3], *want[3], *got[3], *out = ops_zeros(ROWS * COLUMNS), *wanted = ops_zeros(ROWS * COLUMNS);
	const float *dout = ops_random(ROWS * COLUMNS, 1, 9);
	int32_t ids[ROWS], positions[ROWS];

	for (int i = 0; i < ROWS; i++) {
		ids[i] = i * i % 17; /* 17 to 19 never */
		positions[i] = i % WORDS;
	}
	for (uint32_t i = 0; i < 3; i++) {
		tables[i] = ops_random(WORDS * COLUMNS, 1, i);
		want[i] = ops_random(WORDS * COLUMNS, 1, i + 3);
		got[i] = ops_copy(want[i], WORDS * COLUMNS);
	}
	for (int typed = 0; typed < 2; typed++) {
		oracle->ops->embedding_forward(oracle, wanted, tables[0], tables[1], typed ? tables[2] : NULL, ids,
		                               positions, ROWS, COLUMNS);
		b->ops->embedding_forward(b, out, tables[0], tables[1], typed ? tables[2] : NULL, ids, positions,
		                          ROWS, COLUMNS);
		ops_close("out", out, wanted, ROWS * COLUMNS, EXACT);
		oracle->ops->embedding_backward(oracle, want[0], want[1], typed ? want[2] : NULL, dout, ids,
		                                positions, ROWS, COLUMNS);
		b->ops->embedding_backward(b, got[0], got[1], typed ? got[2] : NULL, dout, ids, positions, ROWS, COLUMNS);
		for (int i = 0; i < 3; i++)
			ops_close("table", got[i], want[i], WORDS * COLUMNS, SMOOTH);
	}
	ops_same("rows without an id", got[0] + 17 * COLUMNS, ops_random(WORDS * COLUMNS, 1, 3) + 17 * COLUMNS,
	         3 * COLUMNS);
	close_both(b, oracle);
}

static void rows_are_gathered_and_scattered(const char *path)
{
	enum { ROWS = 33, COLUMNS = 45 };
	struct backend *b = ops_open(path, 2);
	const float *x = ops_random(100 * COLUMNS, 1, 1);
	float *picked = ops_zeros(ROWS * COLUMNS), *sum = ops_copy(x, 100 * COLUMNS);
	int32_t index[ROWS];

	for (int i = 0; i < ROWS; i++)
		index[i] = 99 - 3 * i;
	b->ops->gather_rows(b, picked, x, index, ROWS, COLUMNS);
	b->ops->scatter_rows_add(b, sum, picked, index, ROWS, COLUMNS);
	for (int r = 0; r < 100; r++)
		for (int c = 0; c < COLUMNS; c++)
			assert_true(sum[r * COLUMNS + c] == x[r * COLUMNS + c] * (r % 3 == 0 && r > 2 ? 2 : 1));
	b->ops->add(b, sum, x, 100 * COLUMNS);
	assert_true(sum[0] == x[0] * 2 && sum[100 * COLUMNS - 1] == x[100 * COLUMNS - 1] * 3);
	close_both(b, reference_open());
}

static double norm_of(struct backend *b, const float *x, size_t count)
{
	return ops_clip(b, &(struct segment){.gradient = x, .count = count}, 1, 0).squares;
}

static void squared_norm_in_double_precision(const char *path)
{
	struct backend *b = ops_open(path, 2);
	const size_t count = 100003;
	float *x = ops_random(count, 1e-12f, 1);
	double want = 0;

	x[50000] = 1e15f; /* its square swallows the others in single precision, and 1e-24 would underflow there */
	for (size_t i = 0; i < count; i++)
		want += (double)x[i] * (double)x[i];
	assert_true(fabs(norm_of(b, x, count) / want - 1) < 1e-14);
	x[50000] = 0;
	want = 0;
	for (size_t i = 0; i < count; i++)
		want += (double)x[i] * (double)x[i];
	assert_true(fabs(norm_of(b, x, count) / want - 1) < 1e-13);
	assert_true(norm_of(b, x, 0) == 0);
	assert_true(ops_clip(b, NULL, 0, 0).squares == 0);
	b->ops->close(b);
}

/* More segments than the kernels take at a time, empty ones, one of many tasks. */
enum { SEGMENTS = 600, SEGMENTED = 180000 };

static void cut_segments(struct segment *segments, float *const arrays[3], const float *gradient)
{
	static const size_t counts[] = {1, 0, 7, 384, 64, 13};
	size_t used = 0;

	for (size_t s = 0; s < SEGMENTS; s++) {
		size_t count = s == 300 ? 100000 : counts[s % 6];

		segments[s] = (struct segment){arrays[0] + used, arrays[1] + used, arrays[2] + used, gradient + used, count,
		                               s % 5 != 0, 1, 0, 0};
		used += count;
	}
	assert_true(used <= SEGMENTED);
}

static void the_norm_of_a_list_is_the_sum_of_its_norms_to_the_bit(const char *path)
{
	struct backend *b = ops_open(path, 2);
	float *gradient = ops_random(SEGMENTED, 0.01f, 9);
	struct segment segments[SEGMENTS];
	double sum = 0;

	cut_segments(segments, (float *[]){gradient, gradient, gradient}, gradient);
	for (size_t s = 0; s < SEGMENTS; s++)
		sum += norm_of(b, segments[s].gradient, segments[s].count);
	/* The oracle adds element after element. */
	if (strcmp(path, "reference") == 0)
		assert_true(fabs(ops_clip(b, segments, SEGMENTS, 0).squares / sum - 1) < 1e-13);
	else
		assert_true(ops_clip(b, segments, SEGMENTS, 0).squares == sum);
	b->ops->close(b);
}

static void adamw(const char *path)
{
	const struct adamw steps[] = {
		{5e-5, 0.9, 0.999, 1e-8, 0.01, 0.1, 0.001, NULL}, {1e-3, 0.9, 0.98, 1e-6, 0, 0.19, 0.0396, ops_clipping(0.25f)},
	};
	struct backend *b = ops_open(path, 2), *oracle = reference_open();
	float *want[3], *got[3], *gradient = ops_random(SEGMENTED, 0.01f, 9);
	struct segment wanted[SEGMENTS], segments[SEGMENTS];

	memset(gradient + 300, 0, 500 * sizeof *gradient);
	for (uint32_t i = 0; i < 3; i++)
		want[i] = i ? ops_zeros(SEGMENTED) : ops_random(SEGMENTED, 0.02f, 1), got[i] = ops_copy(want[i], SEGMENTED);
	cut_segments(wanted, want, gradient);
	cut_segments(segments, got, gradient);
	for (int step = 0; step < 6; step++) {
		oracle->ops->adamw(oracle, wanted, SEGMENTS, &steps[step % 2]);
		b->ops->adamw(b, segments, SEGMENTS, &steps[step % 2]);
	}
	ops_close("p", got[0], want[0], SEGMENTED, SMOOTH);
	ops_close("m", got[1], want[1], SEGMENTED, SMOOTH);
	ops_close("v", got[2], want[2], SEGMENTED, SMOOTH);
	for (int i = 300; i < 800; i++)
		assert_true(got[1][i] == 0 && got[2][i] == 0);
	close_both(b, oracle);
}

/* Segments are only names for elements: cut anywhere, the result is the same. */
static void adamw_of_a_list_is_that_of_its_elements_to_the_bit(const char *path)
{
	const struct adamw step = {1e-3, 0.9, 0.999, 1e-8, 0.1, 0.1, 0.001, ops_clipping(0.5f)};
	struct backend *b = ops_open(path, 2);
	float *whole[3], *cut[3], *gradient = ops_random(SEGMENTED, 0.01f, 9);
	struct segment segments[SEGMENTS], *last = &segments[SEGMENTS - 1], one;

	for (uint32_t i = 0; i < 3; i++)
		whole[i] = ops_random(SEGMENTED, 0.02f, i + 1), cut[i] = ops_copy(whole[i], SEGMENTED);
	for (size_t i = 0; i < SEGMENTED; i++)
		whole[2][i] = cut[2][i] = fabsf(cut[2][i]);
	cut_segments(segments, cut, gradient);
	for (size_t s = 0; s < SEGMENTS; s++)
		segments[s].decay = true;
	one = (struct segment){whole[0], whole[1], whole[2], gradient, (size_t)(last->value - cut[0]) + last->count, true, 1, 0, 0};
	b->ops->adamw(b, segments, SEGMENTS, &step);
	b->ops->adamw(b, &one, 1, &step);
	for (int i = 0; i < 3; i++)
		ops_same("values and moments", cut[i], whole[i], SEGMENTED);
	b->ops->close(b);
}

static void cross_entropy(const char *path)
{
	const int32_t labels[] = {1, 0, 2};
	const float values[] = {1, 2, 3, 0, 0, 0, 1000, -1000, 998}, *logits = ops_copy(values, 9);
	const double want[] = {1.40760596, 1.09861229, 2.12692801};
	struct backend *b = ops_open(path, 1);
	float *loss = ops_zeros(3), *d = ops_zeros(9);

	b->ops->cross_entropy(b, loss, d, logits, labels, 3, 3, &(struct loss){.scale = 0.5f});
	for (int i = 0; i < 3; i++)
		assert_true(fabs((double)loss[i] - want[i]) < 1e-6);
	assert_true(fabs((double)d[0] - 0.5 * 0.09003057) < 1e-7 && fabs((double)d[1] - 0.5 * (0.24472847 - 1)) < 1e-7);
	b->ops->cross_entropy(b, loss, NULL, logits, labels, 3, 3, &(struct loss){.scale = 1});
	b->ops->close(b);
}

/* Windows of a review one after the other, and what no number is among them. */
static void rows_are_pooled(const char *path)
{
	enum { GROUPS = 4, COLUMNS = 131, ROWS = 13 };
	const int32_t starts[GROUPS + 1] = {0, 1, 3, 12, 13};
	const struct packing groups = {starts, GROUPS};
	struct backend *b = ops_open(path, 2), *reference = reference_open();
	float *x = ops_random(ROWS * COLUMNS, 1, 1), *dout = ops_random(GROUPS * COLUMNS, 1, 2);
	float *out = ops_zeros(GROUPS * COLUMNS), *dx = ops_zeros(ROWS * COLUMNS), *want = ops_zeros(ROWS * COLUMNS);

	x[1 * COLUMNS + 5] = x[2 * COLUMNS + 5] = 7;
	x[4 * COLUMNS + 6] = NAN;
	for (int pooling = POOLING_MEAN; pooling <= POOLING_MAX; pooling++) {
		b->ops->pooling_forward(b, out, x, &groups, COLUMNS, (enum pooling)pooling);
		b->ops->pooling_backward(b, dx, dout, x, &groups, COLUMNS, (enum pooling)pooling);
		assert_true(isnan(out[2 * COLUMNS + 6]));
		out[2 * COLUMNS + 6] = 0;
		reference->ops->pooling_forward(reference, want, x, &groups, COLUMNS, (enum pooling)pooling);
		want[2 * COLUMNS + 6] = 0;
		ops_same("pooled", out, want, GROUPS * COLUMNS);
		ops_same("a group of one row", out, x, COLUMNS);
		reference->ops->pooling_backward(reference, want, dout, x, &groups, COLUMNS, (enum pooling)pooling);
		ops_same("its gradient", dx, want, ROWS * COLUMNS);
	}
	assert_true(out[1 * COLUMNS + 5] == 7 && dx[1 * COLUMNS + 5] == dout[1 * COLUMNS + 5] && dx[2 * COLUMNS + 5] == 0);
	close_both(b, reference);
}

static void memory_is_aligned_and_zeroed(const char *path)
{
	struct backend *b = ops_open(path, 1);
	const size_t sizes[] = {0, 1, 1000, 5 << 20};

	for (int i = 0; i < 4; i++) {
		unsigned char *memory = b->ops->alloc(b, sizes[i]), *copy = malloc(sizes[i] + 1);

		assert_non_null(memory);
		assert_non_null(copy);
		assert_int_equal((uintptr_t)memory % 64, 0);
		memset(copy, 1, sizes[i] + 1);
		b->ops->download(b, copy, memory, sizes[i]);
		for (size_t j = 0; j < sizes[i]; j++)
			assert_int_equal(copy[j], 0);
		assert_int_equal(copy[sizes[i]], 1);
		free(copy);
		b->ops->release(b, memory);
	}
	assert_null(b->ops->alloc(b, SIZE_MAX));
	assert_null(b->ops->alloc(b, SIZE_MAX - 32));
	b->ops->close(b);
}

/* Set when the module has them all. */
#define CUDA_IS_WHOLE true

static void no_operation_is_missing(const char *path)
{
	struct backend *b = ops_open(path, 1);
	const char *missing = strcmp(path, "cuda") == 0 ? ops_cuda_missing() : "";

	b->ops->close(b);
	if (!*missing)
		return;
	printf("# the CUDA backend lacks %s\n", missing);
	if (CUDA_IS_WHOLE)
		fail_msg("the CUDA backend lacks %s", missing);
	skip();
}

int main(void)
{
	static const struct ops_test tests[] = {
		{"linear forward", linear_forward},
		{"linear backward to the input", linear_backward_input},
		{"linear backward to the weight", linear_backward_weight},
		{"linear backward to the bias alone", linear_backward_to_the_bias_alone},
		{"LoRA forward on some of the columns", lora_forward},
		{"LoRA backward from some of the columns", lora_backward},
		{"activations within a millionth", activations_within_a_millionth},
		{"not a number stays so", not_a_number_stays_so},
		{"attention", attention},
		{"attention of a sequence without queries", attention_of_a_sequence_without_queries},
		{"normalisation", norm},
		{"dropout", dropout},
		{"embeddings with rows that repeat", embeddings_with_rows_that_repeat},
		{"rows are gathered and scattered", rows_are_gathered_and_scattered},
		{"rows are pooled", rows_are_pooled},
		{"squared norm in double precision", squared_norm_in_double_precision},
		{"the norm of a list is the sum of its norms to the bit",
		 the_norm_of_a_list_is_the_sum_of_its_norms_to_the_bit},
		{"AdamW", adamw},
		{"AdamW of a list is that of its elements to the bit", adamw_of_a_list_is_that_of_its_elements_to_the_bit},
		{"cross-entropy", cross_entropy},
		{"memory is aligned and zeroed", memory_is_aligned_and_zeroed},
		{"no operation is missing", no_operation_is_missing},
	};

	return ops_run("ops", tests, sizeof tests / sizeof *tests);
}
