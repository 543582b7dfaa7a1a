/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Products and attention in bf16, f16 and TF32 on every path: against the reference that rounds as the table says, and against
 * f32 within what the format allows. The unit roundoff of a format with m bits of mantissa is 2^-(m + 1); a product has two
 * rounded factors, attention rounds what it made of products once more. */
#include "tests/unit/ops.h"

#include "engine/base/four_bits.h"

#define PRODUCT 2e-6 /* as relative norms: of sums in another order */

static const struct format_row {
	enum precision precision;
	double roundoff;
} formats[] = {
	{PRECISION_BF16, 0x1p-9},
	{PRECISION_F16, 0x1p-12},
};
#define FORMATS (sizeof formats / sizeof *formats)

/* A path in a precision, the reference in the same, and the reference in f32. */
struct trio {
	struct backend *b, *same, *exact;
	double roundoff;
};

static struct trio open_trio(const char *path, const struct format_row *format)
{
	return (struct trio){
		ops_open_in(format->precision, path, 2), ops_open_in(format->precision, "reference", 1),
		ops_open_in(PRECISION_F32, "reference", 1), format->roundoff,
	};
}

static void close_trio(struct trio *t)
{
	t->b->ops->close(t->b);
	t->same->ops->close(t->same);
	t->exact->ops->close(t->exact);
}

static void each_format(const char *path, void (*check)(struct trio *t))
{
	for (size_t f = 0; f < FORMATS; f++) {
		struct trio t = open_trio(path, &formats[f]);

		check(&t);
		close_trio(&t);
	}
}

static double distance(const float *a, const float *b, size_t count)
{
	double squares = 0, difference = 0;

	for (size_t i = 0; i < count; i++) {
		squares += (double)b[i] * (double)b[i];
		difference += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
	}
	return sqrt(difference / squares);
}

/* As f32 but for the format, and not f32. */
static void check_rounded(const char *what, const float *got, const float *exact, size_t count, double roundoff)
{
	ops_close(what, got, exact, count, 2 * roundoff);
	if (count > 100 && distance(got, exact, count) < roundoff / 16)
		fail_msg("%s: is as exact as f32", what);
}

static const int32_t shapes[][3] = { /* rows, out, in */
	{1, 1, 1}, {2, 5, 3}, {7, 33, 64}, {1, 384, 384}, {13, 100, 26}, {97, 130, 65}, {6, 64, 400}, {130, 96, 312}, {512, 24, 8},
};
#define SHAPES (sizeof shapes / sizeof *shapes)

static void check_forward(struct trio *t, const int32_t shape[3], bool packed)
{
	const size_t rows = (size_t)shape[0], out = (size_t)shape[1], in = (size_t)shape[2], count = rows * out;
	const float *x = ops_random(rows * in, 1, 1), *bias = ops_random(out, 1, 3);
	struct matrix w = {ops_random(out * in, 0.1f, 2), shape[1], shape[2], NULL, MATRIX_F32, 1};
	float *got = ops_random(count, 1, 4), *pre = ops_random(count, 1, 5), *want = ops_zeros(count), *exact = ops_zeros(count);

	t->same->ops->linear_forward(t->same, want, NULL, x, &w, bias, shape[0], ACTIVATION_NONE);
	t->exact->ops->linear_forward(t->exact, exact, NULL, x, &w, bias, shape[0], ACTIVATION_NONE);
	if (packed)
		assert_true(t->b->ops->pack(t->b, &w));
	t->b->ops->linear_forward(t->b, got, pre, x, &w, bias, shape[0], ACTIVATION_GELU);
	ops_close("pre", pre, want, count, PRODUCT);
	check_rounded("pre", pre, exact, count, t->roundoff);
	t->same->ops->activation_forward(t->same, want, want, count, ACTIVATION_GELU);
	ops_close("out", got, want, count, 2 * PRODUCT);
	t->b->ops->unpack(t->b, &w);
}

static void check_linear_forward(struct trio *t)
{
	for (size_t i = 0; i < SHAPES; i++)
		for (int packed = 0; packed < 2; packed++) {
			check_forward(t, shapes[i], packed);
			ops_forget();
		}
}

static void linear_forward(const char *path)
{
	each_format(path, check_linear_forward);
}

static void check_linear_backward(struct trio *t)
{
	for (size_t i = 0; i < SHAPES; i++) {
		const size_t rows = (size_t)shapes[i][0], out = (size_t)shapes[i][1], in = (size_t)shapes[i][2];
		const float *x = ops_random(rows * in, 1, 1), *dy = ops_random(rows * out, 1, 2);
		struct matrix w = {ops_random(out * in, 0.1f, 3), shapes[i][1], shapes[i][2], NULL, MATRIX_F32, 1};
		struct backend *all[] = {t->b, t->same, t->exact};
		float *dx[3], *dw[3], *dbias[3];

		assert_true(t->b->ops->pack(t->b, &w));
		for (int k = 0; k < 3; k++) {
			struct matrix as_it_is = {w.data, w.rows, w.columns, k == 0 ? w.packed : NULL, MATRIX_F32, 1};

			dx[k] = ops_random(rows * in, 1, 4);
			dw[k] = ops_random(out * in, 1, 5);
			dbias[k] = ops_random(out, 1, 6);
			all[k]->ops->linear_backward_input(all[k], dx[k], dy, &as_it_is, shapes[i][0], true);
			all[k]->ops->linear_backward_weight(all[k], dw[k], dbias[k], dy, x, shapes[i][0], shapes[i][1], shapes[i][2]);
		}
		ops_close("dx", dx[0], dx[1], rows * in, PRODUCT);
		ops_close("dw", dw[0], dw[1], out * in, PRODUCT);
		ops_close("dx, of f32", dx[0], dx[2], rows * in, 2 * t->roundoff);
		ops_close("dw, of f32", dw[0], dw[2], out * in, 2 * t->roundoff);
		ops_close("dbias, which is no product", dbias[0], dbias[2], out, PRODUCT);
		t->b->ops->unpack(t->b, &w);
		ops_forget();
	}
}

static void linear_backward(const char *path)
{
	each_format(path, check_linear_backward);
}

/* On columns in the middle of a wider array. */
static void check_lora(struct trio *t)
{
	enum { ROWS = 60, COLUMNS = 34, RANK = 5, STRIDE = 70, AT = 9 };
	const float *matrix = ops_random(COLUMNS * RANK, 0.1f, 1), *dy = ops_random(ROWS * STRIDE, 1, 2);
	struct backend *all[] = {t->b, t->same, t->exact};
	float *out[3], *dt[3], *dmatrix[3];

	for (int k = 0; k < 3; k++) {
		float *middle = ops_random(ROWS * RANK, 1, 3);

		out[k] = ops_random(ROWS * STRIDE, 1, 4);
		dt[k] = ops_zeros(ROWS * RANK);
		dmatrix[k] = ops_random(COLUMNS * RANK, 1, 5);
		all[k]->ops->lora_forward(all[k], out[k] + AT, STRIDE, middle, matrix, 2.5f, ROWS, COLUMNS, RANK);
		all[k]->ops->lora_backward(all[k], dt[k], dmatrix[k], dy + AT, STRIDE, middle, matrix, 0.5f, ROWS, COLUMNS, RANK);
	}
	for (int k = 1; k < 3; k++) {
		double tolerance = k == 1 ? PRODUCT : 2 * t->roundoff;

		ops_close("out", out[0], out[k], ROWS * STRIDE, tolerance);
		ops_close("dt", dt[0], dt[k], ROWS * RANK, tolerance);
		ops_close("dB", dmatrix[0], dmatrix[k], COLUMNS * RANK, tolerance);
	}
	ops_forget();
}

static void lora(const char *path)
{
	each_format(path, check_lora);
}

/* A matrix in four bits becomes floats, which are rounded. */
static void check_four_bits(struct trio *t)
{
	enum { ROWS = 70, OUT = 51, IN = 31, PARTS = 3, COUNT = OUT / PARTS * IN };
	const size_t bytes = four_bits_size(COUNT);
	struct matrix w = {ops_zeros(bytes / sizeof(float) * PARTS), OUT, IN, NULL, MATRIX_NF4, PARTS};
	const float *x = ops_random(ROWS * IN, 1, 1), *values = ops_random(OUT * IN, 0.1f, 2), *dy = ops_random(ROWS * OUT, 1, 3);
	struct backend *all[] = {t->b, t->same};
	float *out[2], *dx[2];

	for (size_t part = 0; part < PARTS; part++) {
		uint8_t *codes = (uint8_t *)w.data + part * bytes;

		four_bits_quantise(FOUR_BITS_NF4, values + part * COUNT, COUNT, codes,
		                   (float *)(void *)(codes + four_bits_scales_at(COUNT)));
	}
	assert_int_equal(t->b->ops->packed_bytes(t->b, &w), 0);
	assert_true(t->b->ops->pack(t->b, &w));
	for (int k = 0; k < 2; k++) {
		out[k] = ops_zeros(ROWS * OUT);
		dx[k] = ops_zeros(ROWS * IN);
		all[k]->ops->linear_forward(all[k], out[k], NULL, x, &w, NULL, ROWS, ACTIVATION_NONE);
		all[k]->ops->linear_backward_input(all[k], dx[k], dy, &w, ROWS, false);
	}
	ops_close("out", out[0], out[1], ROWS * OUT, PRODUCT);
	ops_close("dx", dx[0], dx[1], ROWS * IN, PRODUCT);
	ops_forget();
}

static void four_bits(const char *path)
{
	each_format(path, check_four_bits);
}

struct attention_case {
	int32_t heads, head_size, extra; /* extra: columns between rows */
	float p;
	bool first; /* a query a sequence */
};

/* Gradients of attention have more roundings than a product: their sum is bounded by some of them. */
static void check_attention_case(struct trio *t, const struct attention_case *at)
{
	static const int32_t key_starts[] = {0, 1, 3, 20, 86, 183, 192}, query_starts[] = {0, 1, 2, 3, 4, 5, 6};
	const size_t rows = 192, query_rows = at->first ? 6 : 192, width = (size_t)at->heads * (size_t)at->head_size;
	const size_t wide = width + (size_t)at->extra, lses = (size_t)at->heads * query_rows;
	const struct attention a = {
		.queries = {at->first ? query_starts : key_starts, 6}, .keys = {key_starts, 6}, .heads = at->heads,
		.head_size = at->head_size, .q_stride = (int32_t)wide, .kv_stride = (int32_t)wide, .out_stride = (int32_t)width,
		.scale = 1 / sqrtf((float)at->head_size), .dropout = {.p = at->p, .seed = 11, .step = 5, .site = 9},
	};
	const float *q = ops_random(query_rows * wide, 1, 1), *k = ops_random(rows * wide, 1, 2);
	const float *v = ops_random(rows * wide, 1, 3), *dout = ops_random(query_rows * width, 1, 4);
	struct backend *all[] = {t->b, t->same, t->exact};
	float *out[3], *lse[3], *d[3][3];

	for (int i = 0; i < 3; i++) {
		out[i] = ops_zeros(query_rows * width);
		lse[i] = ops_zeros(lses);
		for (int j = 0; j < 3; j++)
			d[i][j] = ops_random((j ? rows : query_rows) * wide, 1, 5);
		all[i]->ops->attention_forward(all[i], out[i], lse[i], q, k, v, &a);
		all[i]->ops->attention_backward(all[i], d[i][0], d[i][1], d[i][2], dout, out[i], lse[i], q, k, v, &a);
	}
	ops_close("lse", lse[0], lse[2], lses, 2 * t->roundoff);
	check_rounded("out", out[0], out[2], query_rows * width, t->roundoff);
	for (int i = 1; i < 3; i++) {
		ops_close("out", out[0], out[i], query_rows * width, 2 * t->roundoff);
		ops_close("dq", d[0][0], d[i][0], query_rows * wide, 4 * t->roundoff);
		ops_close("dk", d[0][1], d[i][1], rows * wide, 4 * t->roundoff);
		ops_close("dv", d[0][2], d[i][2], rows * wide, 4 * t->roundoff);
	}
}

static void check_attention(struct trio *t)
{
	static const struct attention_case cases[] = {
		{2, 26, 3, 0, false}, {3, 32, 0, 0.3f, false}, {1, 7, 2, 0.3f, false}, {2, 64, 4, 0.1f, false}, {1, 50, 0, 0, false},
		{2, 32, 8, 0.2f, true}, {2, 64, 0, 0, true},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		check_attention_case(t, &cases[i]);
		ops_forget();
	}
}

static void attention(const char *path)
{
	each_format(path, check_attention);
}

/* Heads wider than any model's of our days may be computed in f32. */
static void check_wide_heads(struct trio *t)
{
	enum { ROWS = 20, WIDTH = 80 };
	static const int32_t starts[] = {0, 3, ROWS};
	const struct attention a = {.queries = {starts, 2}, .keys = {starts, 2}, .heads = 1, .head_size = WIDTH, .q_stride = WIDTH,
	                            .kv_stride = WIDTH, .out_stride = WIDTH, .scale = 0.1f};
	const float *q = ops_random(ROWS * WIDTH, 1, 1), *k = ops_random(ROWS * WIDTH, 1, 2), *v = ops_random(ROWS * WIDTH, 1, 3);
	float *got = ops_zeros(ROWS * WIDTH), *want = ops_zeros(ROWS * WIDTH);

	t->b->ops->attention_forward(t->b, got, NULL, q, k, v, &a);
	t->exact->ops->attention_forward(t->exact, want, NULL, q, k, v, &a);
	ops_close("out", got, want, ROWS * WIDTH, 2 * t->roundoff);
	ops_forget();
}

static void wide_heads(const char *path)
{
	each_format(path, check_wide_heads);
}

/* Which is what the scale of a loss is lowered by: nothing is clamped. */
static void beyond_f16_is_infinite(const char *path)
{
	struct backend *b = ops_open_in(PRECISION_F16, path, 2);
	float *x = ops_zeros(16), *dw = ops_zeros(16), *dy = ops_zeros(16), *out = ops_zeros(16);
	const float one = 1;
	struct matrix w = {ops_copy(&one, 1), 1, 1, NULL, MATRIX_F32, 1};

	for (int i = 0; i < 16; i++)
		x[i] = i == 3 ? 70000 : i == 4 ? -65530 : 65500, dy[i] = 1;
	b->ops->linear_forward(b, out, NULL, x, &w, NULL, 16, ACTIVATION_NONE);
	b->ops->linear_backward_weight(b, dw, NULL, x, dy, 16, 1, 1);
	ops_close("out", out, out, 3, 0); /* waits; these are finite */
	assert_true(out[0] == 65504 && isinf(out[3]) && out[3] > 0 && isinf(out[4]) && out[4] < 0 && !isfinite(dw[0]));
	b->ops->close(b);
}

/* Weights change once a step: their copy, too, in the memory that it has. */
static void a_copy_is_made_anew_in_its_place(const char *path)
{
	struct backend *b = ops_open_in(PRECISION_BF16, path, 2);
	float *values = ops_random(40 * 24, 1, 1), *x = ops_random(30 * 24, 1, 2), *got = ops_zeros(30 * 40), *want = ops_zeros(30 * 40);
	struct matrix w = {values, 40, 24, NULL, MATRIX_F32, 1}, fresh = w;
	const void *place;

	assert_true(b->ops->pack(b, &w));
	place = w.packed;
	assert_int_equal(place != NULL, b->ops->packed_bytes(b, &w) > 0);
	b->ops->linear_forward(b, got, NULL, x, &w, NULL, 30, ACTIVATION_NONE);
	ops_close("out", got, got, 0, 0); /* waits */
	for (int i = 0; i < 40 * 24; i++)
		values[i] = -values[i] / 3;
	assert_true(b->ops->pack(b, &w) && w.packed == place);
	b->ops->linear_forward(b, got, NULL, x, &w, NULL, 30, ACTIVATION_NONE);
	b->ops->linear_forward(b, want, NULL, x, &fresh, NULL, 30, ACTIVATION_NONE);
	ops_same("out", got, want, 30 * 40);
	b->ops->unpack(b, &w);
	assert_null(w.packed);
	b->ops->close(b);
}

/* Only a GPU has it; elsewhere it is f32 to the bit. */
static void tf32_has_ten_bits(const char *path)
{
	enum { ROWS = 40, OUT = 33, IN = 64 };
	struct backend *b = ops_open_in(PRECISION_TF32, path, 2), *exact = ops_open_in(PRECISION_F32, path, 2);
	const float *x = ops_random(ROWS * IN, 1, 1);
	const struct matrix w = {ops_random(OUT * IN, 1, 2), OUT, IN, NULL, MATRIX_F32, 1};
	float *got = ops_zeros(ROWS * OUT), *want = ops_zeros(ROWS * OUT);

	b->ops->linear_forward(b, got, NULL, x, &w, NULL, ROWS, ACTIVATION_NONE);
	exact->ops->linear_forward(exact, want, NULL, x, &w, NULL, ROWS, ACTIVATION_NONE);
	if (strcmp(path, "cuda") == 0)
		check_rounded("out", got, want, ROWS * OUT, 0x1p-11);
	else
		ops_same("out", got, want, ROWS * OUT);
	b->ops->close(b);
	exact->ops->close(exact);
}

int main(void)
{
	static const struct ops_test tests[] = {
		{"linear forward", linear_forward},
		{"linear backward", linear_backward},
		{"LoRA", lora},
		{"weights in four bits", four_bits},
		{"attention", attention},
		{"wide heads", wide_heads},
		{"beyond f16 is infinite", beyond_f16_is_infinite},
		{"a copy is made anew in its place", a_copy_is_made_anew_in_its_place},
		{"TF32 has ten bits", tf32_has_ten_bits},
	};

	return ops_run("ops_precision", tests, sizeof tests / sizeof *tests);
}
