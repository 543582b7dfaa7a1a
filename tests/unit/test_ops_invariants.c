/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What holds to the bit: the number of threads changes nothing, a row alone is the row in a batch, packed weights
 * are the weights, dropout is the same forward and backward. */
#include "tests/unit/ops.h"

#include "engine/backend/cpu/paths.h"

#include <unistd.h>

/* ---- 1 = 2 = 3 threads: a bit of every operation, its results one after the other */

#define ROWS 211
#define HIDDEN 104 /* four heads of 26 */
#define WIDE 330
#define RANK 12
#define RESULTS 48

struct results {
	float *values[RESULTS];
	size_t counts[RESULTS];
	int used;
};

/* Memory for a result, not zero to begin with. */
static float *result(struct results *results, size_t count)
{
	assert_true(results->used < RESULTS);
	results->values[results->used] = ops_random(count, 1, 77);
	results->counts[results->used] = count;
	return results->values[results->used++];
}

static void linear_results(struct backend *b, struct results *results)
{
	const float *x = ops_random(ROWS * HIDDEN, 1, 1), *dy = ops_random(ROWS * WIDE, 1, 4), *bias = ops_random(WIDE, 1, 3);
	struct matrix w = {ops_random(WIDE * HIDDEN, 0.2f, 2), WIDE, HIDDEN, NULL, MATRIX_F32, 1};
	float *pre;

	b->ops->linear_forward(b, result(results, ROWS * WIDE), NULL, x, &w, bias, ROWS, ACTIVATION_GELU);
	assert_true(b->ops->pack(b, &w));
	pre = result(results, ROWS * WIDE);
	b->ops->linear_forward(b, result(results, ROWS * WIDE), pre, x, &w, bias, ROWS, ACTIVATION_TANH);
	b->ops->linear_forward(b, result(results, 3 * WIDE), NULL, x, &w, NULL, 3, ACTIVATION_NONE);
	b->ops->unpack(b, &w);
	b->ops->linear_backward_input(b, result(results, ROWS * HIDDEN), dy, &w, ROWS, true);
	b->ops->linear_backward_input(b, result(results, HIDDEN), dy, &w, 1, false);
	b->ops->linear_backward_weight(b, result(results, WIDE * HIDDEN), result(results, WIDE), dy, x, ROWS, WIDE, HIDDEN);
}

static void lora_results(struct backend *b, struct results *results)
{
	const float *dy = ops_random(ROWS * WIDE, 1, 4), *matrix = ops_random(HIDDEN * RANK, 1, 5);
	float *out = result(results, ROWS * WIDE), *t = result(results, ROWS * RANK);

	memcpy(t, ops_random(ROWS * RANK, 1, 6), ROWS * RANK * sizeof *t);
	b->ops->lora_forward(b, out + 3, WIDE, t, matrix, 2, ROWS, HIDDEN, RANK);
	b->ops->lora_backward(b, result(results, ROWS * RANK), result(results, HIDDEN * RANK), dy + 3, WIDE, t, matrix, 2, ROWS,
	                      HIDDEN, RANK);
	b->ops->linear_backward_weight(b, NULL, result(results, WIDE), dy, t, ROWS, WIDE, RANK);
}

static void attention_results(struct backend *b, struct results *results)
{
	static const int32_t starts[] = {0, 100, 101, 150, ROWS};
	const struct attention a = {
		.queries = {starts, 4}, .keys = {starts, 4}, .heads = 4, .head_size = 26, .q_stride = HIDDEN,
		.kv_stride = HIDDEN, .out_stride = HIDDEN, .scale = 0.2f, .dropout = {.p = 0.1f, .seed = 1, .step = 2, .site = 3},
	};
	const size_t count = ROWS * HIDDEN;
	const float *q = ops_random(count, 1, 1), *k = ops_random(count, 1, 2), *v = ops_random(count, 1, 3);
	float *out = result(results, count), *lse = result(results, 4 * ROWS), *dq = result(results, count);

	b->ops->attention_forward(b, out, lse, q, k, v, &a);
	b->ops->attention_backward(b, dq, result(results, count), result(results, count), ops_random(count, 1, 4), out, lse,
	                           q, k, v, &a);
}

static void norm_results(struct backend *b, struct results *results)
{
	const size_t count = ROWS * HIDDEN;
	const struct dropout dropout = {.p = 0.1f, .seed = 1, .step = 2, .site = 3};
	const float *gamma = ops_random(HIDDEN, 1, 3), *dout = ops_random(count, 1, 4);
	float *out = result(results, count), *sum = result(results, count), *mean = result(results, ROWS);
	float *rstd = result(results, ROWS), *dx = result(results, count), *dr = result(results, count);

	b->ops->norm_forward(b, out, sum, mean, rstd, ops_random(count, 1, 1), ops_random(count, 1, 2), gamma, gamma, ROWS,
	                     HIDDEN, 1e-12f, dropout);
	b->ops->norm_backward(b, dx, dr, result(results, HIDDEN), result(results, HIDDEN), dout, sum, mean, rstd, gamma,
	                      ROWS, HIDDEN, dropout);
}

static void table_results(struct backend *b, struct results *results)
{
	int32_t ids[ROWS], positions[ROWS], reversed[ROWS];
	const float *x = ops_random(ROWS * HIDDEN, 1, 1);

	for (int32_t i = 0; i < ROWS; i++) {
		ids[i] = i % 13;
		positions[i] = i % 50;
		reversed[i] = ROWS - 1 - i;
	}
	b->ops->embedding_forward(b, result(results, ROWS * HIDDEN), x, x, x, ids, positions, ROWS, HIDDEN);
	b->ops->embedding_backward(b, result(results, 13 * HIDDEN), result(results, 50 * HIDDEN), result(results, HIDDEN), x,
	                           ids, positions, ROWS, HIDDEN);
	b->ops->gather_rows(b, result(results, ROWS * HIDDEN), x, reversed, ROWS, HIDDEN);
	b->ops->scatter_rows_add(b, result(results, ROWS * HIDDEN), x, reversed, ROWS, HIDDEN);
	for (int pooling = POOLING_MEAN; pooling <= POOLING_MAX; pooling++) {
		const struct packing groups = {(const int32_t[]){0, 5, 6, ROWS}, 3};
		float *out = result(results, 3 * HIDDEN);

		b->ops->pooling_forward(b, out, x, &groups, HIDDEN, (enum pooling)pooling);
		b->ops->pooling_backward(b, result(results, ROWS * HIDDEN), out, x, &groups, HIDDEN, (enum pooling)pooling);
	}
}

static void flat_results(struct backend *b, struct results *results)
{
	enum { COUNT = 70001 };
	const struct adamw step = {1e-3, 0.9, 0.999, 1e-8, 0.01, 0.1, 0.001, ops_clipping(0.5f)};
	const float *x = ops_random(COUNT, 1, 1);
	double *norm = (double *)(void *)result(results, 2);
	float *p = result(results, COUNT), *m = result(results, COUNT), *v = result(results, COUNT);
	struct segment segments[2];

	for (size_t i = 0; i < COUNT; i++)
		v[i] = v[i] * v[i];
	segments[0] = (struct segment){p, m, v, x, 60000, true, 1, 0, 0};
	segments[1] = (struct segment){p + 60000, m + 60000, v + 60000, x + 60000, COUNT - 60000, false, 1, 0, 0};
	*norm = ops_clip(b, segments, 2, 0).squares;
	b->ops->adamw(b, segments, 2, &step);
	b->ops->activation_forward(b, result(results, COUNT), x, COUNT, ACTIVATION_GELU_NEW);
	b->ops->activation_backward(b, result(results, COUNT), x, COUNT, ACTIVATION_GELU);
	b->ops->dropout(b, result(results, COUNT), COUNT, (struct dropout){.p = 0.4f, .seed = 2, .step = 3, .site = 4});
	b->ops->add(b, result(results, COUNT), x, COUNT);
}

static struct results all_results(const char *path, int threads)
{
	struct backend *b = ops_open(path, threads);
	struct results results = {.used = 0};

	linear_results(b, &results);
	lora_results(b, &results);
	attention_results(b, &results);
	norm_results(b, &results);
	table_results(b, &results);
	flat_results(b, &results);
	b->ops->close(b);
	return results;
}

static void threads_change_nothing(const char *path)
{
	struct results one = all_results(path, 1);

	for (int threads = 2; threads <= 3; threads++) {
		struct results more = all_results(path, threads);

		assert_int_equal(more.used, one.used);
		for (int i = 0; i < one.used; i++)
			ops_same("a result", more.values[i], one.values[i], one.counts[i]);
	}
}

/* ---- alone = in a batch */

static void a_row_of_a_product_alone(const char *path)
{
	static const int32_t shapes[][2] = {{384, 384}, {26, 1600}, {100, 51}, {2, 128}};
	struct backend *b = ops_open(path, 2);

	for (size_t s = 0; b->ops->rows_alone && s < sizeof shapes / sizeof *shapes; s++) {
		const size_t rows = 150, out = (size_t)shapes[s][0], in = (size_t)shapes[s][1];
		const float *x = ops_random(rows * in, 1, 1), *dy = ops_random(rows * out, 1, 2);
		struct matrix w = {ops_random(out * in, 1, 3), shapes[s][0], shapes[s][1], NULL, MATRIX_F32, 1};
		float *y = ops_zeros(rows * out), *dx = ops_zeros(rows * in), *row = ops_zeros(8 * (in > out ? in : out));

		b->ops->linear_forward(b, y, NULL, x, &w, NULL, (int32_t)rows, ACTIVATION_GELU);
		b->ops->linear_backward_input(b, dx, dy, &w, (int32_t)rows, false);
		for (int packed = 0; packed < 2; packed++) {
			if (packed)
				assert_true(b->ops->pack(b, &w));
			for (size_t r = 0; r + 8 <= rows; r += 47) {
				int32_t count = 1 + (int32_t)(r % 8);

				b->ops->linear_forward(b, row, NULL, x + r * in, &w, NULL, count, ACTIVATION_GELU);
				ops_same("out", row, y + r * out, out * (size_t)count);
				b->ops->linear_backward_input(b, row, dy + r * out, &w, count, false);
				ops_same("dx", row, dx + r * in, in * (size_t)count);
			}
		}
		b->ops->unpack(b, &w);
		ops_forget();
	}
	b->ops->close(b);
}

/* Sequence s of the batch, with all its queries or only the first one. */
static void check_sequence_alone(struct backend *b, struct attention a, int32_t s, bool first_only, const float *q,
                                 const float *k, const float *v, const float *out)
{
	const int32_t at = a.keys.starts[s], rows = a.keys.starts[s + 1] - at, queries = first_only ? 1 : rows;
	const int32_t key_starts[] = {0, rows}, query_starts[] = {0, queries};
	const size_t offset = (size_t)(at * a.q_stride);
	float *alone = ops_zeros((size_t)(rows * a.out_stride));

	a.keys = (struct packing){key_starts, 1};
	a.queries = (struct packing){query_starts, 1};
	b->ops->attention_forward(b, alone, NULL, q + offset, k + offset, v + offset, &a);
	ops_same("out", alone, out + offset, (size_t)(queries * a.out_stride));
}

static void a_sequence_of_attention_alone(const char *path)
{
	static const int32_t starts[] = {0, 60, 61, 75, 130};
	const struct attention a = {
		.queries = {starts, 4}, .keys = {starts, 4}, .heads = 2, .head_size = 26, .q_stride = 52, .kv_stride = 52,
		.out_stride = 52, .scale = 0.2f,
	};
	struct backend *b = ops_open(path, 2);
	const float *q = ops_random(130 * 52, 1, 1), *k = ops_random(130 * 52, 1, 2), *v = ops_random(130 * 52, 1, 3);
	float *out = ops_zeros(130 * 52);

	b->ops->attention_forward(b, out, NULL, q, k, v, &a);
	for (int32_t s = 0; s < 4; s++)
		for (int first_only = 0; first_only < 2; first_only++)
			check_sequence_alone(b, a, s, first_only, q, k, v, out);
	b->ops->close(b);
}

static void a_row_of_a_normalisation_alone(const char *path)
{
	enum { COLUMNS = 77 };
	struct backend *b = ops_open(path, 2);
	const float *x = ops_random(50 * COLUMNS, 1, 1), *gamma = ops_random(COLUMNS, 1, 2);
	float *out = ops_zeros(50 * COLUMNS), *row = ops_zeros(COLUMNS);

	b->ops->norm_forward(b, out, NULL, NULL, NULL, x, x, gamma, gamma, 50, COLUMNS, 1e-12f, (struct dropout){0});
	for (int32_t r = 0; r < 50; r++) {
		b->ops->norm_forward(b, row, NULL, NULL, NULL, x + r * COLUMNS, x + r * COLUMNS, gamma, gamma, 1, COLUMNS, 1e-12f,
		                     (struct dropout){0});
		ops_same("out", row, out + r * COLUMNS, COLUMNS);
	}
	b->ops->close(b);
}

/* ---- dropout */

static void dropout_keeps_its_share(const char *path)
{
	const size_t count = 400000;
	struct backend *b = ops_open(path, 2);
	const float shares[] = {0.1f, 0.5f, 0.9f};

	for (int i = 0; i < 3; i++) {
		float *x = ops_zeros(count);
		double kept = 0, share = 1 - (double)shares[i];

		for (size_t j = 0; j < count; j++)
			x[j] = 1;
		b->ops->dropout(b, x, count, (struct dropout){.p = shares[i], .seed = 1, .step = 1, .site = (uint32_t)i});
		for (size_t j = 0; j < count; j++) {
			kept += x[j] != 0;
			assert_true(x[j] == 0 || fabs((double)x[j] * share - 1) < 1e-4);
		}
		/* five standard deviations */
		assert_true(fabs(kept / (double)count - share) < 5 * sqrt(share * (1 - share) / (double)count));
	}
	b->ops->close(b);
}

/* norm_forward drops x, norm_backward the gradient, `dropout` an array: the same elements. */
static void dropout_is_the_same_forward_and_backward(const char *path)
{
	enum { R = 9, C = 37 };
	struct backend *b = ops_open(path, 2);
	const struct dropout dropout = {.p = 0.5f, .seed = 12, .step = 34, .site = 56};
	float *x = ops_zeros(R * C), *ones = ops_zeros(C), *zeros = ops_zeros(C), *sum = ops_zeros(R * C);
	float *out = ops_zeros(R * C), *mean = ops_zeros(R), *rstd = ops_zeros(R), *dx = ops_zeros(R * C);
	float *dgamma = ops_zeros(C), *dbeta = ops_zeros(C), *mask = ops_zeros(R * C), *dout = ops_random(R * C, 1, 1);

	for (int i = 0; i < R * C; i++)
		x[i] = mask[i] = 1;
	for (int i = 0; i < C; i++)
		ones[i] = 1;
	b->ops->dropout(b, mask, R * C, dropout);
	b->ops->norm_forward(b, out, sum, mean, rstd, x, NULL, ones, zeros, R, C, 1e-5f, dropout);
	b->ops->norm_backward(b, dx, NULL, dgamma, dbeta, dout, sum, mean, rstd, ones, R, C, dropout);
	for (int i = 0; i < R * C; i++) {
		assert_true(sum[i] == mask[i]);
		assert_true((dx[i] != 0) == (mask[i] != 0));
	}
	for (int i = 0; i < R * C; i++)
		x[i] = 1;
	b->ops->dropout(b, x, R * C, (struct dropout){.p = 0.5f, .seed = 12, .step = 35, .site = 56});
	assert_true(memcmp(x, mask, R * C * sizeof *x) != 0);
	b->ops->close(b);
}

/* ---- memory */

/* Sizes whose product no machine has: then the backend goes on with what it had. */
static void a_reserve_that_fails_changes_nothing(const char *path)
{
	static const int32_t starts[] = {0, 60, 61, 75, 130};
	const struct attention a = {
		.queries = {starts, 4}, .keys = {starts, 4}, .heads = 4, .head_size = 26, .q_stride = 104, .kv_stride = 104,
		.out_stride = 104, .scale = 0.2f, .dropout = {.p = 0.5f, .seed = 1},
	};
	const struct backend_needs needs = {
		.rows = INT32_MAX, .features = INT32_MAX, .longest = INT32_MAX, .head_size = INT32_MAX,
	};
	const size_t count = 130 * 104;
	struct backend *b = ops_open(path, 3);
	struct error error = {0};
	const float *q = ops_random(count, 1, 1), *k = ops_random(count, 1, 2), *v = ops_random(count, 1, 3);
	float *before = ops_zeros(count), *after = ops_zeros(count);

	if (strcmp(path, "reference") == 0) { /* a few bytes a token are enough for it */
		b->ops->close(b);
		skip();
	}
	b->ops->attention_forward(b, before, NULL, q, k, v, &a);
	assert_false(b->ops->reserve(b, &needs, &error));
	assert_int_equal(error.kind, ERROR_FAILED);
	for (int i = 0; i < 20; i++) /* until each thread had a task */
		b->ops->attention_forward(b, after, NULL, q, k, v, &a);
	ops_same("out", after, before, count);
	b->ops->close(b);
}

/* ---- what is refused */

static void weights_of_a_type_that_it_does_not_know_are_refused_by_name(const char *path)
{
	struct backend_needs needs = {.rows = 1, .features = 1, .longest = 1, .head_size = 1};
	struct backend *b = ops_open(path, 1);
	struct backend_operations half = *b->ops;
	struct error error = {0};

	for (int type = MATRIX_BF16; type <= MATRIX_INT8; type++) {
		needs.types = MATRIX_BIT(MATRIX_F32) | MATRIX_BIT(type);
		assert_false(b->ops->reserve(b, &needs, &error));
		assert_non_null(strstr(error.text, "linear_forward of the backend"));
		assert_non_null(strstr(error.text, matrix_type_name((enum matrix_type)type)));
	}
	/* Known forward, but not backward: good for scoring alone. */
	half.forward_types |= MATRIX_BIT(MATRIX_INT8);
	b->ops = &half;
	needs.types = MATRIX_BIT(MATRIX_INT8);
	assert_true(b->ops->reserve(b, &needs, &error));
	needs.training = true;
	assert_false(b->ops->reserve(b, &needs, &error));
	assert_non_null(strstr(error.text, "linear_backward_input"));
	assert_non_null(strstr(error.text, "int8"));
	b->ops->close(b);
}

static void packed_bytes_are_those_that_a_copy_takes(const char *path)
{
	struct backend *b = ops_open(path, 1);
	struct matrix w = {.data = ops_random(70 * 33, 1, 1), .rows = 70, .columns = 33};
	uint64_t bytes = b->ops->packed_bytes(b, &w);

	assert_true(b->ops->pack(b, &w));
	assert_int_equal(w.packed != NULL, bytes > 0);
	if (bytes > 0) /* each float of it may be read; the sanitizers see one too many */
		assert_true(bytes >= 70 * 33 * sizeof(float) && isfinite(((float *)w.packed)[bytes / sizeof(float) - 1]));
	b->ops->unpack(b, &w);
	assert_null(w.packed);
	b->ops->close(b);
}

/* ---- the path */

static void the_path_is_the_one_asked_for(const char *path)
{
	struct error error = {0};
	struct backend *b = ops_open(path, 1);
	const char *name = strcmp(path, "wide") == 0 ? "avx2" : path;

	assert_string_equal(b->ops->name, name);
	b->ops->close(b);
	if (strcmp(path, "cuda") == 0)
		return;
	assert_string_equal(backend_cpu_path(&error), name);
	setenv("REVUE_CPU", "sse9", 1);
	assert_null(backend_cpu_path(&error));
	assert_int_equal(error.kind, ERROR_USAGE);
	assert_non_null(strstr(error.text, "REVUE_CPU=sse9"));
	assert_null(backend_cpu_open(1, &error));
}

int main(void)
{
	static const struct ops_test tests[] = {
		{"threads change nothing", threads_change_nothing},
		{"a row of a product alone is that row in a batch", a_row_of_a_product_alone},
		{"a sequence of attention alone is that sequence in a batch", a_sequence_of_attention_alone},
		{"a row of a normalisation alone is that row in a batch", a_row_of_a_normalisation_alone},
		{"dropout keeps its share", dropout_keeps_its_share},
		{"dropout is the same forward and backward", dropout_is_the_same_forward_and_backward},
		{"a reserve that fails changes nothing", a_reserve_that_fails_changes_nothing},
		{"weights of a type that it does not know are refused by name",
		 weights_of_a_type_that_it_does_not_know_are_refused_by_name},
		{"packed bytes are those that a copy takes", packed_bytes_are_those_that_a_copy_takes},
		{"the path is the one asked for", the_path_is_the_one_asked_for},
	};

	return ops_run("ops_invariants", tests, sizeof tests / sizeof *tests);
}
