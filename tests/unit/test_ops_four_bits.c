/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Products with weights in four bits, on every path: against the reference, against the same weights as floats, and what
 * holds to the bit. */
#include "tests/unit/ops.h"

#include "engine/base/four_bits.h"

#define PRODUCT 2e-6

struct shape {
	int32_t rows, out, in, parts;
};

/* Blocks within rows, across them, and across parts that begin in the middle of one; odd counts; whole panels; more than
 * one block and chunk of k; blocks of k that begin in the middle of a group of elements with one scale. */
static const struct shape shapes[] = {
	{1, 1, 1, 1}, {1, 2, 7, 2}, {2, 5, 3, 1}, {5, 51, 31, 3}, {7, 33, 64, 1}, {1, 384, 384, 1}, {3, 1152, 384, 3},
	{13, 78, 26, 3}, {13, 52, 26, 2}, {97, 130, 65, 2}, {6, 64, 400, 1}, {100, 312, 312, 1}, {3, 20, 3100, 1},
	{11, 3100, 20, 1}, {300, 200, 96, 2}, {140, 70, 1600, 1}, {1, 312, 1200, 1}, {32, 60, 1208, 3}, {200, 24, 8, 2},
};
#define SHAPES (sizeof shapes / sizeof *shapes)

static const enum matrix_type types[] = {MATRIX_NF4, MATRIX_FP4};

/* A matrix in four bits from random numbers, and the same as floats. Both live until ops_forget. */
static struct matrix four_bits_matrix(const struct shape *s, enum matrix_type type, struct matrix *floats)
{
	enum four_bits_type kind = type == MATRIX_NF4 ? FOUR_BITS_NF4 : FOUR_BITS_FP4;
	size_t count = (size_t)(s->out / s->parts) * (size_t)s->in, bytes = four_bits_size(count);
	float *values = ops_random(count * (size_t)s->parts, 0.1f, 2);
	struct matrix w = {ops_zeros(bytes / sizeof(float) * (size_t)s->parts), s->out, s->in, NULL, type, s->parts};

	for (size_t part = 0; part < (size_t)s->parts; part++) {
		uint8_t *codes = (uint8_t *)w.data + part * bytes;
		float *scales = (float *)(void *)(codes + four_bits_scales_at(count)), *at = values + part * count;

		four_bits_quantise(kind, at, count, codes, scales);
		four_bits_dequantise(kind, codes, scales, 0, count, at);
	}
	*floats = (struct matrix){values, s->out, s->in, NULL, MATRIX_F32, 1};
	return w;
}

static void check_forward(struct backend *oracle, struct backend *b, const struct shape *s, enum matrix_type type)
{
	const size_t rows = (size_t)s->rows, out = (size_t)s->out, in = (size_t)s->in;
	const float *x = ops_random(rows * in, 1, 1), *bias = type == MATRIX_NF4 ? ops_random(out, 1, 3) : NULL;
	struct matrix floats, w = four_bits_matrix(s, type, &floats);
	float *want = ops_zeros(rows * out), *pre = ops_zeros(rows * out), *got = ops_random(rows * out, 1, 4);

	oracle->ops->linear_forward(oracle, want, NULL, x, &floats, bias, s->rows, ACTIVATION_GELU);
	assert_true(b->ops->pack(b, &w));
	b->ops->linear_forward(b, got, pre, x, &w, bias, s->rows, ACTIVATION_GELU);
	ops_close("out", got, want, rows * out, PRODUCT);
	oracle->ops->linear_forward(oracle, want, NULL, x, &w, bias, s->rows, ACTIVATION_NONE);
	ops_close("pre", pre, want, rows * out, PRODUCT);
	b->ops->unpack(b, &w);
	if (strcmp(b->ops->name, "openblas") == 0)
		return;
	b->ops->linear_forward(b, want, NULL, x, &floats, bias, s->rows, ACTIVATION_GELU);
	ops_same("out, of floats", got, want, rows * out);
	b->ops->linear_forward(b, got, NULL, x, &w, bias, s->rows, ACTIVATION_GELU);
	ops_same("out, not packed", got, want, rows * out);
}

static void forward(const char *path)
{
	struct backend *b = ops_open(path, 2), *oracle = ops_open("reference", 1);

	for (size_t i = 0; i < SHAPES; i++)
		for (size_t t = 0; t < 2; t++) {
			check_forward(oracle, b, &shapes[i], types[t]);
			ops_forget();
		}
	b->ops->close(b);
	oracle->ops->close(oracle);
}

static void check_backward(struct backend *oracle, struct backend *b, const struct shape *s, enum matrix_type type)
{
	const size_t rows = (size_t)s->rows, out = (size_t)s->out, in = (size_t)s->in;
	const bool add = type == MATRIX_FP4;
	struct matrix floats, w = four_bits_matrix(s, type, &floats);
	const float *dy = ops_random(rows * out, 1, 1);
	float *got = ops_random(rows * in, 1, 3), *want = ops_copy(got, rows * in), *same = ops_copy(got, rows * in);

	oracle->ops->linear_backward_input(oracle, want, dy, &w, s->rows, add);
	b->ops->linear_backward_input(b, got, dy, &w, s->rows, add);
	ops_close("dx", got, want, rows * in, PRODUCT);
	if (strcmp(b->ops->name, "openblas") == 0)
		return;
	b->ops->linear_backward_input(b, same, dy, &floats, s->rows, add);
	ops_same("dx, of floats", got, same, rows * in);
}

static void backward(const char *path)
{
	struct backend *b = ops_open(path, 2), *oracle = ops_open("reference", 1);

	for (size_t i = 0; i < SHAPES; i++)
		for (size_t t = 0; t < 2; t++) {
			check_backward(oracle, b, &shapes[i], types[t]);
			ops_forget();
		}
	b->ops->close(b);
	oracle->ops->close(oracle);
}

/* out and dx of a batch, on so many threads. */
static void compute(const char *path, int threads, const struct shape *s, float *out, float *dx)
{
	struct backend *b = ops_open(path, threads);
	struct matrix floats, w = four_bits_matrix(s, MATRIX_NF4, &floats);

	b->ops->linear_forward(b, out, NULL, ops_random((size_t)(s->rows * s->in), 1, 5), &w, NULL, s->rows, ACTIVATION_TANH);
	b->ops->linear_backward_input(b, dx, ops_random((size_t)(s->rows * s->out), 1, 6), &w, s->rows, false);
	b->ops->close(b);
}

static void threads_change_nothing(const char *path)
{
	const struct shape s = {211, 330, 104, 3};
	const size_t outs = 211 * 330, ins = 211 * 104;
	float *out = ops_zeros(outs), *dx = ops_zeros(ins), *out_more = ops_zeros(outs), *dx_more = ops_zeros(ins);

	compute(path, 1, &s, out, dx);
	for (int threads = 2; threads <= 3; threads++) {
		compute(path, threads, &s, out_more, dx_more);
		ops_same("out", out_more, out, outs);
		ops_same("dx", dx_more, dx, ins);
	}
}

static void a_row_alone(const char *path)
{
	const struct shape s = {150, 78, 26, 3};
	struct backend *b = ops_open(path, 2);
	struct matrix floats, w = four_bits_matrix(&s, MATRIX_FP4, &floats);
	const float *x = ops_random(150 * 26, 1, 5), *dy = ops_random(150 * 78, 1, 6);
	float *out = ops_zeros(150 * 78), *dx = ops_zeros(150 * 26), *row = ops_zeros(78);

	b->ops->linear_forward(b, out, NULL, x, &w, NULL, 150, ACTIVATION_NONE);
	b->ops->linear_backward_input(b, dx, dy, &w, 150, false);
	for (size_t r = 0; b->ops->rows_alone && r < 150; r += 7) {
		b->ops->linear_forward(b, row, NULL, x + r * 26, &w, NULL, 1, ACTIVATION_NONE);
		ops_same("out", row, out + r * 78, 78);
		b->ops->linear_backward_input(b, row, dy + r * 78, &w, 1, false);
		ops_same("dx", row, dx + r * 26, 26);
	}
	b->ops->close(b);
}

/* How many bytes `pack` takes for `rows` rows of `columns`, each of which is there to be read. */
static uint64_t packed_bytes(struct backend *b, int32_t rows, int32_t columns)
{
	const struct shape s = {1, rows, columns, 1};
	struct matrix floats, w = four_bits_matrix(&s, MATRIX_NF4, &floats);
	uint64_t bytes = b->ops->packed_bytes(b, &w);
	unsigned sum = 0;

	assert_true(b->ops->pack(b, &w));
	assert_int_equal(w.packed != NULL, bytes > 0);
	for (uint64_t i = 0; i < bytes; i++) /* the sanitizers see one too many */
		sum += ((const uint8_t *)w.packed)[i];
	assert_int_equal(sum > 0, bytes > 0);
	b->ops->unpack(b, &w);
	assert_null(w.packed);
	return bytes;
}

static void a_packed_copy_has_four_bits_an_element(const char *path)
{
	struct backend *b = ops_open(path, 1);
	bool packs = strcmp(path, "reference") != 0 && strcmp(path, "openblas") != 0 && strcmp(path, "cuda") != 0;

	assert_int_equal(packed_bytes(b, 64, 384), packs ? 64 * 384 / 2 + 64 * 384 / 64 * 4 : 0);
	assert_int_equal(packed_bytes(b, 64, 312), packs ? 64 * 312 / 2 + 64 * 312 / 8 * 4 : 0);
	assert_int_equal(packed_bytes(b, 64, 100), 0); /* a scale for every four elements: no copy */
	b->ops->close(b);
}

int main(void)
{
	const struct ops_test tests[] = {
		{"forward as the reference, and as with floats to the bit", forward},
		{"backward as the reference, and as with floats to the bit", backward},
		{"threads change nothing", threads_change_nothing},
		{"a row alone is the row in a batch", a_row_alone},
		{"a packed copy has four bits an element, and scales", a_packed_copy_has_four_bits_an_element},
	};

	return ops_run("four bits", tests, sizeof tests / sizeof *tests);
}
