/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every backward operation of every path against finite differences. The forward pass is written again here in double
 * precision, from the formulas of engine/backend/backend.h, so that the difference quotient is good to nine digits; then the loss
 * is sum(weight * out), and its gradient with respect to every input element must be what the operation says. */
#include "tests/unit/ops.h"

#include "engine/base/random.h"

#define STEP 1e-5
#define TOLERANCE 3e-6

/* A function of up to eight arrays; what stands in `inputs` may be varied. */
struct function {
	double (*loss)(const struct function *f);
	double *inputs[8];
	const float *weight; /* of the outputs: what the operation gets as dout */
	int32_t rows, out, in;
	enum activation activation;
	const struct attention *attention;
	const uint8_t *kept; /* dropout: which elements */
	double keep;
	const int32_t *ids;
};

static double *widen(const float *values, size_t count)
{
	double *wide = (double *)(void *)ops_zeros(2 * count + 2);

	for (size_t i = 0; i < count; i++)
		wide[i] = (double)values[i];
	return wide;
}

/* got must be d loss / d inputs[which]. */
static void check_gradient(const char *what, const struct function *f, int which, const float *got, size_t count)
{
	float *want = ops_zeros(count);
	double *x = f->inputs[which];

	for (size_t i = 0; i < count; i++) {
		double at = x[i], up, down;

		x[i] = at + STEP;
		up = f->loss(f);
		x[i] = at - STEP;
		down = f->loss(f);
		x[i] = at;
		want[i] = (float)((up - down) / (2 * STEP));
	}
	ops_close(what, got, want, count, TOLERANCE);
}

static double activate(double x, enum activation activation)
{
	switch (activation) {
	case ACTIVATION_GELU:
		return x / 2 * (1 + erf(x / sqrt(2)));
	case ACTIVATION_GELU_NEW:
		return x / 2 * (1 + tanh(sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * pow(x, 3))));
	case ACTIVATION_RELU:
		return fmax(x, 0);
	case ACTIVATION_TANH:
		return tanh(x);
	case ACTIVATION_NONE:
		break;
	}
	return x;
}

/* inputs: x [rows, in], w [out, in], bias [out] */
static double linear_loss(const struct function *f)
{
	double loss = 0;

	for (int32_t r = 0; r < f->rows; r++)
		for (int32_t o = 0; o < f->out; o++) {
			double sum = f->inputs[2][o];

			for (int32_t i = 0; i < f->in; i++)
				sum += f->inputs[0][r * f->in + i] * f->inputs[1][o * f->in + i];
			loss += (double)f->weight[r * f->out + o] * activate(sum, f->activation);
		}
	return loss;
}

static void linear(const char *path)
{
	static const int32_t shapes[][3] = {{1, 1, 1}, {3, 5, 7}, {10, 17, 9}, {5, 2, 26}};
	struct backend *b = ops_open(path, 2);

	for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
		for (int a = ACTIVATION_NONE; a <= ACTIVATION_TANH; a++) {
			const int32_t rows = shapes[s][0], out = shapes[s][1], in = shapes[s][2];
			const size_t xs = (size_t)(rows * in), ws = (size_t)(out * in), ys = (size_t)(rows * out);
			float *x = ops_random(xs, 1, 1), *bias = ops_random((size_t)out, 1, 3);
			struct matrix w = {ops_random(ws, 0.5f, 2), out, in, NULL, MATRIX_F32, 1};
			float *dy = ops_random(ys, 1, 4), *y = ops_zeros(ys), *pre = ops_zeros(ys);
			float *dx = ops_zeros(xs), *dw = ops_zeros(ws), *dbias = ops_zeros((size_t)out);
			struct function f = {
				linear_loss, {widen(x, xs), widen(w.data, ws), widen(bias, (size_t)out)}, ops_copy(dy, ys),
				.rows = rows, .out = out, .in = in, .activation = (enum activation)a,
			};

			b->ops->linear_forward(b, y, pre, x, &w, bias, rows, (enum activation)a);
			b->ops->activation_backward(b, dy, pre, ys, (enum activation)a);
			b->ops->linear_backward_input(b, dx, dy, &w, rows, false);
			b->ops->linear_backward_weight(b, dw, dbias, dy, x, rows, out, in);
			check_gradient("dx", &f, 0, dx, xs);
			check_gradient("dw", &f, 1, dw, ws);
			check_gradient("dbias", &f, 2, dbias, (size_t)out);
			ops_forget();
		}
	b->ops->close(b);
}

static double attention_row_loss(const struct function *f, int32_t s, int32_t h, int32_t i)
{
	const struct attention *a = f->attention;
	const int32_t *keys = a->keys.starts + s, count = keys[1] - keys[0], row = a->queries.starts[s] + i;
	const double *q = f->inputs[0] + row * a->q_stride + h * a->head_size;
	double p[64], sum = 0, loss = 0;

	for (int32_t j = 0; j < count; j++) {
		double score = 0;

		for (int32_t c = 0; c < a->head_size; c++)
			score += q[c] * f->inputs[1][(keys[0] + j) * a->kv_stride + h * a->head_size + c];
		sum += p[j] = exp(score * (double)a->scale);
	}
	for (int32_t j = 0; j < count; j++)
		for (int32_t c = 0; c < a->head_size; c++) {
			double v = f->inputs[2][(keys[0] + j) * a->kv_stride + h * a->head_size + c];
			double weight = (double)f->weight[row * a->out_stride + h * a->head_size + c];

			loss += weight * v * p[j] / sum * (f->kept[((s * a->heads + h) * 64 + i) * 64 + j] ? f->keep : 0);
		}
	return loss;
}

/* inputs: q, k, v */
static double attention_loss(const struct function *f)
{
	const struct attention *a = f->attention;
	double loss = 0;

	for (int32_t s = 0; s < a->queries.sequences; s++)
		for (int32_t h = 0; h < a->heads; h++)
			for (int32_t i = 0; i < a->queries.starts[s + 1] - a->queries.starts[s]; i++)
				loss += attention_row_loss(f, s, h, i);
	return loss;
}

/* Which probabilities are kept, from the definition: element ((s heads + h) 2^20 + i) 2^20 + j. */
static void attention_kept(uint8_t *kept, const struct attention *a)
{
	for (int32_t s = 0; s < a->keys.sequences; s++)
		for (int32_t h = 0; h < a->heads; h++)
			for (uint64_t i = 0; i < 64; i++)
				for (uint64_t j = 0; j < 64; j++) {
					uint64_t element = ((uint64_t)(s * a->heads + h) << 40) + (i << 20) + j;
					uint32_t counter[4] = {(uint32_t)(element / 8), (uint32_t)(element / 8 >> 32), a->dropout.site,
					                       (uint32_t)a->dropout.step};
					uint32_t bits[4];

					philox(a->dropout.seed, counter, bits);
					kept[(((uint64_t)(s * a->heads + h)) * 64 + i) * 64 + j] =
						(bits[j % 4] >> (j % 8 < 4 ? 0 : 16) & 0xFFFF) >= (uint32_t)(a->dropout.p * 65536 + 0.5f);
				}
}

static void check_attention(struct backend *b, int32_t heads, int32_t size, float p, bool first_only)
{
	static const int32_t starts[] = {0, 1, 10, 14}, firsts[] = {0, 1, 2, 3};
	const struct attention a = {
		.queries = {first_only ? firsts : starts, 3}, .keys = {starts, 3}, .heads = heads, .head_size = size,
		.q_stride = heads * size, .kv_stride = heads * size + 2, .out_stride = heads * size, .scale = 0.4f,
		.dropout = {.p = p, .seed = 5, .step = 6, .site = 7},
	};
	const size_t queries = (first_only ? 3 : 14) * (size_t)a.q_stride, keys = 14 * (size_t)a.kv_stride;
	float *q = ops_random(queries, 1, 1), *k = ops_random(keys, 1, 2), *v = ops_random(keys, 1, 3);
	float *dout = ops_random(queries, 1, 4), *out = ops_zeros(queries), *lse = ops_zeros(queries);
	float *dq = ops_zeros(queries), *dk = ops_zeros(keys), *dv = ops_zeros(keys);
	uint8_t *kept = (uint8_t *)ops_zeros((size_t)heads * 3 * 64 * 16);
	struct function f = {
		attention_loss, {widen(q, queries), widen(k, keys), widen(v, keys)}, dout, .attention = &a, .kept = kept,
		.keep = 65536 / (65536 - floor((double)p * 65536 + 0.5)),
	};

	attention_kept(kept, &a);
	b->ops->attention_forward(b, out, lse, q, k, v, &a);
	b->ops->attention_backward(b, dq, dk, dv, dout, out, lse, q, k, v, &a);
	check_gradient("dq", &f, 0, dq, queries);
	check_gradient("dk", &f, 1, dk, keys);
	check_gradient("dv", &f, 2, dv, keys);
}

static void attention(const char *path)
{
	struct backend *b = ops_open(path, 2);

	check_attention(b, 2, 5, 0, false);
	check_attention(b, 1, 26, 0, true);
	check_attention(b, 2, 4, 0.3f, false);
	check_attention(b, 3, 8, 0.5f, true);
	b->ops->close(b);
}

/* inputs: x, residual, gamma, beta */
static double norm_loss(const struct function *f)
{
	const int32_t n = f->in;
	double loss = 0;

	for (int32_t r = 0; r < f->rows; r++) {
		double sum[64], mean = 0, variance = 0;

		for (int32_t c = 0; c < n; c++) {
			double factor = f->kept[r * n + c] ? f->keep : 0;

			sum[c] = f->inputs[0][r * n + c] * factor + f->inputs[1][r * n + c];
			mean += sum[c] / n;
		}
		for (int32_t c = 0; c < n; c++)
			variance += pow(sum[c] - mean, 2) / n;
		for (int32_t c = 0; c < n; c++)
			loss += (double)f->weight[r * n + c] *
			        ((sum[c] - mean) / sqrt(variance + (double)1e-5f) * f->inputs[2][c] + f->inputs[3][c]);
	}
	return loss;
}

static void check_norm(struct backend *b, int32_t rows, int32_t n, float p)
{
	const size_t columns = (size_t)n, count = (size_t)(rows * n);
	const struct dropout dropout = {.p = p, .seed = 9, .step = 8, .site = 7};
	float *x = ops_random(count, 2, 1), *residual = ops_random(count, 1, 2), *gamma = ops_random(columns, 1, 3);
	float *beta = ops_random(columns, 1, 4), *dout = ops_random(count, 1, 5), *out = ops_zeros(count);
	float *sum = ops_zeros(count), *mean = ops_zeros(count), *rstd = ops_zeros(count), *ones = ops_zeros(count);
	float *dx = ops_zeros(count), *dr = ops_zeros(count), *dgamma = ops_zeros(columns), *dbeta = ops_zeros(columns);
	uint8_t *kept = (uint8_t *)ops_zeros(count);
	struct function f = {
		norm_loss, {widen(x, count), widen(residual, count), widen(gamma, columns), widen(beta, columns)}, dout,
		.rows = rows, .in = n, .kept = kept, .keep = 65536 / (65536 - floor((double)p * 65536 + 0.5)),
	};

	for (size_t i = 0; i < count; i++)
		ones[i] = 1;
	b->ops->dropout(b, ones, count, dropout);
	for (size_t i = 0; i < count; i++)
		kept[i] = ones[i] > 0;
	b->ops->norm_forward(b, out, sum, mean, rstd, x, residual, gamma, beta, rows, n, 1e-5f, dropout);
	b->ops->norm_backward(b, dx, dr, dgamma, dbeta, dout, sum, mean, rstd, gamma, rows, n, dropout);
	check_gradient("dx", &f, 0, dx, count);
	check_gradient("dresidual", &f, 1, dr, count);
	check_gradient("dgamma", &f, 2, dgamma, columns);
	check_gradient("dbeta", &f, 3, dbeta, columns);
}

static void norm(const char *path)
{
	struct backend *b = ops_open(path, 2);

	check_norm(b, 1, 3, 0);
	check_norm(b, 5, 26, 0);
	check_norm(b, 40, 19, 0.3f);
	b->ops->close(b);
}

/* inputs: word, position, type */
static double embedding_loss(const struct function *f)
{
	double loss = 0;

	for (int32_t r = 0; r < f->rows; r++)
		for (int32_t c = 0; c < f->in; c++)
			loss += (double)f->weight[r * f->in + c] * (f->inputs[0][f->ids[r] * f->in + c] +
			        f->inputs[1][f->ids[f->rows + r] * f->in + c] + f->inputs[2][c]);
	return loss;
}

static void embedding(const char *path)
{
	static const int32_t ids[] = {4, 0, 4, 4, 2, /* positions */ 0, 1, 2, 0, 1};
	enum { ROWS = 5, COLUMNS = 11, WORDS = 6 };
	struct backend *b = ops_open(path, 2);
	const size_t count = WORDS * COLUMNS;
	float *dout = ops_random(ROWS * COLUMNS, 1, 1), *zero = ops_zeros(count);
	float *dword = ops_zeros(count), *dposition = ops_zeros(count), *dtype = ops_zeros(COLUMNS);
	struct function f = {
		embedding_loss, {widen(zero, count), widen(zero, count), widen(zero, COLUMNS)}, dout, .rows = ROWS,
		.in = COLUMNS, .ids = ids,
	};

	b->ops->embedding_backward(b, dword, dposition, dtype, dout, ids, ids + ROWS, ROWS, COLUMNS);
	check_gradient("dword", &f, 0, dword, count);
	check_gradient("dposition", &f, 1, dposition, count);
	check_gradient("dtype", &f, 2, dtype, COLUMNS);
	b->ops->close(b);
}

/* inputs: logits */
static double cross_entropy_loss(const struct function *f)
{
	double loss = 0;

	for (int32_t r = 0; r < f->rows; r++) {
		const double *row = f->inputs[0] + r * f->in;
		double sum = 0;

		for (int32_t c = 0; c < f->in; c++)
			sum += exp(row[c]);
		loss += 0.25 * (log(sum) - row[f->ids[r]]);
	}
	return loss;
}

static void cross_entropy(const char *path)
{
	static const int32_t labels[] = {0, 3, 4, 1};
	struct backend *b = ops_open(path, 1);
	const float *logits = ops_random(20, 2, 1);
	struct function f = {cross_entropy_loss, {widen(logits, 20)}, NULL, .rows = 4, .in = 5, .ids = labels};
	float *loss = ops_zeros(4), *d = ops_zeros(20);

	b->ops->cross_entropy(b, loss, d, logits, labels, 4, 5, &(struct loss){.scale = 0.25f});
	check_gradient("dlogits", &f, 0, d, 20);
	assert_true(fabs(0.25 * ((double)loss[0] + (double)loss[1] + (double)loss[2] + (double)loss[3]) -
	                 cross_entropy_loss(&f)) < 1e-6);
	b->ops->close(b);
}

static const int32_t pooled_starts[] = {0, 3, 4, 9};

/* inputs: x [9][in], in three groups; activation RELU stands for the maximum. */
static double pooling_loss(const struct function *f)
{
	double loss = 0;

	for (int32_t g = 0; g < 3; g++)
		for (int32_t c = 0; c < f->in; c++) {
			double sum = 0, highest = -INFINITY;

			for (int32_t t = pooled_starts[g]; t < pooled_starts[g + 1]; t++) {
				sum += f->inputs[0][t * f->in + c];
				highest = fmax(highest, f->inputs[0][t * f->in + c]);
			}
			sum /= pooled_starts[g + 1] - pooled_starts[g];
			loss += (double)f->weight[g * f->in + c] * (f->activation == ACTIVATION_RELU ? highest : sum);
		}
	return loss;
}

static void pooling(const char *path)
{
	const struct packing groups = {pooled_starts, 3};
	struct backend *b = ops_open(path, 1);
	const float *x = ops_random(9 * 70, 2, 1), *dout = ops_random(3 * 70, 1, 2);
	struct function f = {pooling_loss, {widen(x, 9 * 70)}, dout, .in = 70};
	float *dx = ops_zeros(9 * 70);

	b->ops->pooling_backward(b, dx, dout, x, &groups, 70, POOLING_MEAN);
	check_gradient("dx of the mean", &f, 0, dx, 9 * 70);
	f.activation = ACTIVATION_RELU;
	b->ops->pooling_backward(b, dx, dout, x, &groups, 70, POOLING_MAX);
	check_gradient("dx of the maximum", &f, 0, dx, 9 * 70);
	b->ops->close(b);
}

int main(void)
{
	static const struct ops_test tests[] = {
		{"gradients of a linear layer with every activation", linear},
		{"gradients of attention", attention},
		{"gradients of normalisation", norm},
		{"gradients of embeddings", embedding},
		{"gradient of cross-entropy", cross_entropy},
		{"gradients of pooling", pooling},
	};

	return ops_run("ops_gradients", tests, sizeof tests / sizeof *tests);
}
