/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every operation in plain C, each sum in double precision, one thread. It is the oracle for the other paths and
 * takes no short cut; engine/backend/backend.h has the formulas. */
#include "engine/backend/cpu/reference.h"

#include "engine/backend/cpu/conventions.h"
#include "engine/backend/cpu/losses.h"
#include "engine/backend/cpu/memory.h"
#include "engine/backend/cpu/precision.h"
#include "engine/backend/cpu/reference_optimize.h"
#include "engine/backend/cpu/reference_pooling.h"
#include "engine/backend/cpu/relations.h"
#include "engine/base/random.h"

#include <math.h>
#include <string.h>

#define SQRT_2 1.41421356237309504880
#define SQRT_2_PI 2.50662827463100050242        /* sqrt(2 pi) */
#define GELU_NEW_SCALE 0.79788456080286535588   /* sqrt(2 / pi) */
#define GELU_NEW_CUBE 0.044715

/* Dropout as the header of the table says it, one element at a time. */
static bool dropout_keeps(const struct dropout *dropout, uint64_t element)
{
	uint32_t counter[4] = {(uint32_t)(element / 8), (uint32_t)(element / 8 >> 32), dropout->site,
	                       (uint32_t)dropout->step};
	uint32_t bits[4];

	philox(dropout->seed, counter, bits);
	return (element % 8 < 4 ? bits[element % 4] & 0xFFFF : bits[element % 4] >> 16) >= dropout_threshold(dropout);
}

static double activate(double x, enum activation activation)
{
	switch (activation) {
	case ACTIVATION_GELU:
		return 0.5 * x * (1 + erf(x / SQRT_2));
	case ACTIVATION_GELU_NEW:
		return 0.5 * x * (1 + tanh(GELU_NEW_SCALE * (x + GELU_NEW_CUBE * x * x * x)));
	case ACTIVATION_RELU:
		return x < 0 ? 0 : x;
	case ACTIVATION_TANH:
		return tanh(x);
	case ACTIVATION_NONE:
		break;
	}
	return x;
}

/* d activate(x) / dx */
static double activation_slope(double x, enum activation activation)
{
	double t, inner;

	switch (activation) {
	case ACTIVATION_GELU:
		return 0.5 * (1 + erf(x / SQRT_2)) + x * exp(-0.5 * x * x) / SQRT_2_PI;
	case ACTIVATION_GELU_NEW:
		t = tanh(GELU_NEW_SCALE * (x + GELU_NEW_CUBE * x * x * x));
		inner = GELU_NEW_SCALE * (1 + 3 * GELU_NEW_CUBE * x * x);
		return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * inner;
	case ACTIVATION_RELU:
		return x > 0 ? 1 : 0;
	case ACTIVATION_TANH:
		t = tanh(x);
		return 1 - t * t;
	case ACTIVATION_NONE:
		break;
	}
	return 1;
}

/* Two rows of scores. */
static bool reference_reserve(struct backend *b, const struct backend_needs *needs, struct error *error)
{
	struct cpu *cpu = cpu_of(b);
	struct cpu_sizes sizes = cpu_larger_sizes(cpu, needs);

	if (!backend_check_types(b, needs, error))
		return false;
	if (!cpu_regrow(&cpu->worker, (size_t)sizes.longest, 2 * sizeof(double) / sizeof(float)) ||
	    !cpu_reserve_precision(cpu, &sizes))
		return error_memory(error, "taking memory for the backend");
	cpu->sizes = sizes;
	return true;
}

static double *reference_row(struct cpu *cpu)
{
	return (double *)(void *)cpu->worker;
}

/* Element (row, column) of the weights, whatever they are stored as. */
static float weight_at(const struct matrix *w, size_t row, size_t column)
{
	const float *floats = w->data;
	struct four_bits f;
	float value;

	if (!matrix_is_four_bits(w))
		return floats[row * (size_t)w->columns + column];
	f = four_bits_of(w);
	f.data += row / f.part_rows * f.part_bytes;
	four_bits_dequantise(w->type == MATRIX_FP4 ? FOUR_BITS_FP4 : FOUR_BITS_NF4, f.data,
	                     (const float *)(const void *)(f.data + f.scales_at), row % f.part_rows * f.columns + column, 1,
	                     &value);
	return value;
}

static void reference_linear_forward(struct backend *b, float *out, float *pre, const float *x,
                                     const struct matrix *w, const float *bias, int32_t rows,
                                     enum activation activation)
{
	const size_t in = (size_t)w->columns, outs = (size_t)w->rows;

	(void)b;
	for (size_t r = 0; r < (size_t)rows; r++)
		for (size_t o = 0; o < outs; o++) {
			double sum = bias ? (double)bias[o] : 0;

			for (size_t i = 0; i < in; i++)
				sum += (double)x[r * in + i] * (double)weight_at(w, o, i);
			/* Of the rounded value, as activation_forward would have it. */
			if (pre)
				pre[r * outs + o] = (float)sum;
			out[r * outs + o] = (float)activate((double)(float)sum, activation);
		}
}

static void reference_linear_backward_input(struct backend *b, float *dx, const float *dy, const struct matrix *w,
                                            int32_t rows, bool add)
{
	const size_t in = (size_t)w->columns, outs = (size_t)w->rows;

	(void)b;
	for (size_t r = 0; r < (size_t)rows; r++)
		for (size_t i = 0; i < in; i++) {
			double sum = add ? (double)dx[r * in + i] : 0;

			for (size_t o = 0; o < outs; o++)
				sum += (double)dy[r * outs + o] * (double)weight_at(w, o, i);
			dx[r * in + i] = (float)sum;
		}
}

static void reference_linear_backward_weight(struct backend *b, float *dw, float *dbias, const float *dy,
                                             const float *x, int32_t rows, int32_t out, int32_t in)
{
	const size_t ins = (size_t)in, outs = (size_t)out;

	(void)b;
	for (size_t o = 0; o < outs; o++) {
		double sum_bias = 0;

		for (size_t i = 0; dw && i < ins; i++) {
			double sum = 0;

			for (size_t r = 0; r < (size_t)rows; r++)
				sum += (double)dy[r * outs + o] * (double)x[r * ins + i];
			dw[o * ins + i] += (float)sum;
		}
		for (size_t r = 0; r < (size_t)rows; r++)
			sum_bias += (double)dy[r * outs + o];
		if (dbias)
			dbias[o] += (float)sum_bias;
	}
}

static void reference_lora_forward(struct backend *b, float *out, int32_t stride, float *t, const float *matrix,
                                   float scale, int32_t rows, int32_t columns, int32_t rank)
{
	const size_t width = (size_t)stride, k = (size_t)rank;

	(void)b;
	for (size_t i = 0; i < (size_t)rows * k; i++)
		t[i] *= scale;
	for (size_t r = 0; r < (size_t)rows; r++)
		for (size_t c = 0; c < (size_t)columns; c++) {
			double sum = (double)out[r * width + c];

			for (size_t i = 0; i < k; i++)
				sum += (double)t[r * k + i] * (double)matrix[c * k + i];
			out[r * width + c] = (float)sum;
		}
}

static void reference_lora_backward(struct backend *b, float *dt, float *dmatrix, const float *dy, int32_t stride,
                                    const float *t, const float *matrix, float scale, int32_t rows, int32_t columns,
                                    int32_t rank)
{
	const size_t width = (size_t)stride, k = (size_t)rank;

	(void)b;
	for (size_t i = 0; i < k; i++) {
		for (size_t c = 0; dmatrix && c < (size_t)columns; c++) {
			double sum = 0;

			for (size_t r = 0; r < (size_t)rows; r++)
				sum += (double)dy[r * width + c] * (double)t[r * k + i];
			dmatrix[c * k + i] += (float)sum;
		}
		for (size_t r = 0; r < (size_t)rows; r++) {
			double sum = 0;

			for (size_t c = 0; c < (size_t)columns; c++)
				sum += (double)dy[r * width + c] * (double)matrix[c * k + i];
			dt[r * k + i] = (float)(sum * (double)scale);
		}
	}
}

static void reference_activation_forward(struct backend *b, float *out, const float *pre, size_t count,
                                         enum activation activation)
{
	(void)b;
	for (size_t i = 0; i < count; i++)
		out[i] = (float)activate((double)pre[i], activation);
}

static void reference_activation_backward(struct backend *b, float *dy, const float *pre, size_t count,
                                          enum activation activation)
{
	(void)b;
	for (size_t i = 0; i < count; i++)
		dy[i] = (float)((double)dy[i] * activation_slope((double)pre[i], activation));
}

/* One sequence and head: where its first rows are and how many. */
struct attention_block {
	int32_t sequence, head, queries, keys;
	size_t query0, key0;  /* first rows in the batch */
	size_t q, kv, out;    /* first elements */
};

static struct attention_block attention_block(const struct attention *a, int32_t sequence, int32_t head)
{
	const int32_t *q = a->queries.starts + sequence, *k = a->keys.starts + sequence;
	size_t column = (size_t)head * (size_t)a->head_size;

	return (struct attention_block){
		.sequence = sequence,
		.head = head,
		.queries = q[1] - q[0],
		.keys = k[1] - k[0],
		.query0 = (size_t)q[0],
		.key0 = (size_t)k[0],
		.q = (size_t)q[0] * (size_t)a->q_stride + column,
		.kv = (size_t)k[0] * (size_t)a->kv_stride + column,
		.out = (size_t)q[0] * (size_t)a->out_stride + column,
	};
}

static double dot(const float *x, const float *y, int32_t count)
{
	double sum = 0;

	for (int32_t i = 0; i < count; i++)
		sum += (double)x[i] * (double)y[i];
	return sum;
}

/* scores[j] = q_i . k_j * scale */
static void attention_scores(double *scores, const float *q, const float *k, const struct attention *a, int32_t keys)
{
	for (int32_t j = 0; j < keys; j++)
		scores[j] = dot(q, k + (size_t)j * (size_t)a->kv_stride, a->head_size) * (double)a->scale;
}

static double log_sum_exp(const double *values, int32_t count)
{
	double largest = -INFINITY, sum = 0;

	for (int32_t j = 0; j < count; j++)
		largest = fmax(largest, values[j]);
	for (int32_t j = 0; j < count; j++)
		sum += exp(values[j] - largest);
	return largest + log(sum);
}

static double keep_factor(const struct dropout *dropout, uint64_t element)
{
	if (dropout->p <= 0)
		return 1;
	return dropout_keeps(dropout, element) ? (double)dropout_scale(dropout) : 0;
}

static void attention_row_forward(struct cpu *cpu, float *out, float *lse, const float *q, const float *k,
                                  const float *v, const struct attention *a, const struct attention_block *at,
                                  int32_t i)
{
	double *p = reference_row(cpu), total;
	uint64_t first = attention_element(a, at->sequence, at->head, i);

	attention_scores(p, q, k, a, at->keys);
	total = log_sum_exp(p, at->keys);
	if (lse)
		*lse = (float)total;
	for (int32_t j = 0; j < at->keys; j++)
		p[j] = cpu_rounded(cpu, exp(p[j] - total) * keep_factor(&a->dropout, first + (uint64_t)j));
	for (int32_t c = 0; c < a->head_size; c++) {
		double sum = 0;

		for (int32_t j = 0; j < at->keys; j++)
			sum += p[j] * (double)v[(size_t)j * (size_t)a->kv_stride + (size_t)c];
		out[c] = (float)sum;
	}
}

static void reference_attention_forward(struct backend *b, float *out, float *lse, const float *q, const float *k,
                                        const float *v, const struct attention *a)
{
	size_t rows = (size_t)packing_rows(&a->queries);

	for (int32_t s = 0; s < a->queries.sequences; s++)
		for (int32_t h = 0; h < a->heads; h++) {
			struct attention_block at = attention_block(a, s, h);

			for (int32_t i = 0; i < at.queries; i++)
				attention_row_forward(cpu_of(b), out + at.out + (size_t)i * (size_t)a->out_stride,
				                      lse ? lse + (size_t)h * rows + at.query0 + (size_t)i : NULL,
				                      q + at.q + (size_t)i * (size_t)a->q_stride, k + at.kv, v + at.kv,
				                      a, &at, i);
		}
}

/* What one query row adds to the gradients. p, ds: the row of probabilities and of d/dscores. */
static void attention_row_backward(struct cpu *cpu, float *dq, float *dk, float *dv, const float *dout,
                                   const float *out, float lse, const float *q, const float *k, const float *v,
                                   const struct attention *a, const struct attention_block *at, int32_t i)
{
	const size_t stride = (size_t)a->kv_stride;
	double *p = reference_row(cpu), *ds = p + cpu->sizes.longest;
	double delta = dot(dout, out, a->head_size);
	uint64_t first = attention_element(a, at->sequence, at->head, i);

	attention_scores(p, q, k, a, at->keys);
	for (int32_t j = 0; j < at->keys; j++) {
		double keep = keep_factor(&a->dropout, first + (uint64_t)j);

		p[j] = exp(p[j] - (double)lse);
		ds[j] = cpu_rounded(cpu, p[j] * (keep * dot(dout, v + (size_t)j * stride, a->head_size) - delta) * (double)a->scale);
		p[j] = cpu_rounded(cpu, p[j] * keep);
	}
	for (int32_t c = 0; c < a->head_size; c++) {
		double sum = 0;

		for (int32_t j = 0; j < at->keys; j++) {
			size_t kc = (size_t)j * stride + (size_t)c;

			sum += ds[j] * (double)k[kc];
			dk[kc] += (float)(ds[j] * (double)q[c]);
			dv[kc] += (float)(p[j] * (double)dout[c]);
		}
		dq[c] = (float)sum;
	}
}

static void reference_attention_backward(struct backend *b, float *dq, float *dk, float *dv, const float *dout,
                                         const float *out, const float *lse, const float *q, const float *k,
                                         const float *v, const struct attention *a)
{
	size_t rows = (size_t)packing_rows(&a->queries), width = sizeof *dk * (size_t)a->head_size;

	for (int32_t s = 0; s < a->queries.sequences; s++)
		for (int32_t h = 0; h < a->heads; h++) {
			struct attention_block at = attention_block(a, s, h);

			for (int32_t j = 0; j < at.keys; j++) {
				memset(dk + at.kv + (size_t)j * (size_t)a->kv_stride, 0, width);
				memset(dv + at.kv + (size_t)j * (size_t)a->kv_stride, 0, width);
			}
			for (int32_t i = 0; i < at.queries; i++) {
				size_t qi = at.q + (size_t)i * (size_t)a->q_stride;
				size_t oi = at.out + (size_t)i * (size_t)a->out_stride;

				attention_row_backward(cpu_of(b), dq + qi, dk + at.kv, dv + at.kv, dout + oi, out + oi,
				                       lse[(size_t)h * rows + at.query0 + (size_t)i], q + qi,
				                       k + at.kv, v + at.kv, a, &at, i);
			}
		}
}

static void reference_norm_forward(struct backend *b, float *out, float *sum, float *mean, float *rstd,
                                   const float *x, const float *residual, const float *gamma, const float *beta,
                                   int32_t rows, int32_t columns, float epsilon, struct dropout dropout)
{
	const size_t n = (size_t)columns;

	(void)b;
	for (size_t r = 0; r < (size_t)rows; r++) {
		float *row = (sum ? sum : out) + r * n;
		double average = 0, variance = 0, scale;

		for (size_t c = 0; c < n; c++) {
			double value = (double)x[r * n + c] * keep_factor(&dropout, r * n + c);

			row[c] = (float)(value + (residual ? (double)residual[r * n + c] : 0));
			average += (double)row[c] / (double)n;
		}
		for (size_t c = 0; c < n; c++)
			variance += ((double)row[c] - average) * ((double)row[c] - average) / (double)n;
		scale = 1 / sqrt(variance + (double)epsilon);
		for (size_t c = 0; c < n; c++)
			out[r * n + c] = (float)(((double)row[c] - average) * scale * (double)gamma[c] + (double)beta[c]);
		if (mean)
			mean[r] = (float)average;
		if (rstd)
			rstd[r] = (float)scale;
	}
}

static void reference_norm_backward(struct backend *b, float *dx, float *dresidual, float *dgamma, float *dbeta,
                                    const float *dout, const float *sum, const float *mean, const float *rstd,
                                    const float *gamma, int32_t rows, int32_t columns, struct dropout dropout)
{
	const size_t n = (size_t)columns;

	(void)b;
	for (size_t c = 0; c < n; c++) {
		double sum_gamma = 0, sum_beta = 0;

		for (size_t r = 0; r < (size_t)rows; r++) {
			sum_gamma += (double)dout[r * n + c] * ((double)sum[r * n + c] - (double)mean[r]) * (double)rstd[r];
			sum_beta += (double)dout[r * n + c];
		}
		dgamma[c] += (float)sum_gamma;
		dbeta[c] += (float)sum_beta;
	}
	for (size_t r = 0; r < (size_t)rows; r++) {
		double average = 0, projection = 0;

		for (size_t c = 0; c < n; c++) {
			double g = (double)dout[r * n + c] * (double)gamma[c];

			average += g / (double)n;
			projection += g * ((double)sum[r * n + c] - (double)mean[r]) * (double)rstd[r] / (double)n;
		}
		for (size_t c = 0; c < n; c++) {
			double normal = ((double)sum[r * n + c] - (double)mean[r]) * (double)rstd[r];
			double g = (double)dout[r * n + c] * (double)gamma[c];
			double d = (double)rstd[r] * (g - average - normal * projection);

			if (dresidual)
				dresidual[r * n + c] = (float)d;
			dx[r * n + c] = (float)(d * keep_factor(&dropout, r * n + c));
		}
	}
}

static void reference_dropout(struct backend *b, float *x, size_t count, struct dropout dropout)
{
	(void)b;
	for (size_t i = 0; i < count; i++)
		x[i] = (float)((double)x[i] * keep_factor(&dropout, i));
}

static void reference_embedding_forward(struct backend *b, float *out, const float *word, const float *position,
                                        const float *type, const int32_t *ids, const int32_t *positions,
                                        int32_t rows, int32_t columns)
{
	const size_t n = (size_t)columns;

	(void)b;
	for (size_t r = 0; r < (size_t)rows; r++)
		for (size_t c = 0; c < n; c++) {
			float value = word[(size_t)ids[r] * n + c] + (type ? type[c] : 0);

			out[r * n + c] = value + position[(size_t)positions[r] * n + c];
		}
}

static void reference_embedding_backward(struct backend *b, float *dword, float *dposition, float *dtype,
                                         const float *dout, const int32_t *ids, const int32_t *positions,
                                         int32_t rows, int32_t columns)
{
	const size_t n = (size_t)columns;

	(void)b;
	for (size_t r = 0; r < (size_t)rows; r++)
		for (size_t c = 0; c < n; c++) {
			dword[(size_t)ids[r] * n + c] += dout[r * n + c];
			dposition[(size_t)positions[r] * n + c] += dout[r * n + c];
			if (dtype)
				dtype[c] += dout[r * n + c];
		}
}

static void reference_gather_rows(struct backend *b, float *out, const float *x, const int32_t *index, int32_t count,
                                  int32_t columns)
{
	const size_t n = (size_t)columns;

	(void)b;
	for (size_t i = 0; i < (size_t)count; i++)
		for (size_t c = 0; c < n; c++)
			out[i * n + c] = x[(size_t)index[i] * n + c];
}

static void reference_scatter_rows_add(struct backend *b, float *out, const float *x, const int32_t *index,
                                       int32_t count, int32_t columns)
{
	const size_t n = (size_t)columns;

	(void)b;
	for (size_t i = 0; i < (size_t)count; i++)
		for (size_t c = 0; c < n; c++)
			out[(size_t)index[i] * n + c] += x[i * n + c];
}

static void reference_add(struct backend *b, float *out, const float *x, size_t count)
{
	(void)b;
	for (size_t i = 0; i < count; i++)
		out[i] += x[i];
}

static void reference_noise(struct backend *b, float *x, size_t count, struct noise noise)
{
	(void)b;
	for (size_t i = 0; i < count; i++) {
		uint32_t counter[4] = {(uint32_t)(i / 4), (uint32_t)((uint64_t)i / 4 >> 32), noise.site, (uint32_t)noise.step};
		uint32_t bits[4];

		philox(noise.seed, counter, bits);
		x[i] = (float)((double)x[i] + (double)noise.amplitude * ((double)(bits[i % 4] >> 8) / 0x1p23 - 1));
	}
}

const struct backend_operations cpu_reference_operations = {
	.version = BACKEND_VERSION,
	.name = "reference",
	.rows_alone = true,
	.forward_types = CPU_TYPES,
	.backward_types = CPU_TYPES,
	.precisions = CPU_PRECISIONS,
	.close = cpu_close,
	.host_memory = true,
	.alloc = cpu_alloc,
	.release = cpu_release,
	.upload = cpu_copy,
	.download = cpu_copy,
	.zero = cpu_zero,
	.sync = cpu_sync,
	.step_begin = cpu_step_begin,
	.step_end = cpu_step_end,
	.fetch = cpu_copy,
	.settle = cpu_settle,
	.row_step = cpu_row_step,
	.memory_available = cpu_memory_available,
	.status = cpu_status,
	.reserve = reference_reserve,
	.reserve_bytes = cpu_reserve_bytes,
	.packed_bytes = cpu_packed_nothing,
	.pack = cpu_pack_nothing,
	.unpack = cpu_unpack_nothing,
	.linear_forward = reference_linear_forward,
	.linear_backward_input = reference_linear_backward_input,
	.linear_backward_weight = reference_linear_backward_weight,
	.lora_forward = reference_lora_forward,
	.lora_backward = reference_lora_backward,
	.activation_forward = reference_activation_forward,
	.activation_backward = reference_activation_backward,
	.attention_forward = reference_attention_forward,
	.attention_backward = reference_attention_backward,
	.norm_forward = reference_norm_forward,
	.norm_backward = reference_norm_backward,
	.dropout = reference_dropout,
	.embedding_forward = reference_embedding_forward,
	.embedding_backward = reference_embedding_backward,
	.gather_rows = reference_gather_rows,
	.scatter_rows_add = reference_scatter_rows_add,
	.add = reference_add,
	.pooling_forward = reference_pooling_forward,
	.pooling_backward = reference_pooling_backward,
	.noise = reference_noise,
	.cross_entropy = cpu_cross_entropy,
	.binary_cross_entropy = cpu_binary_cross_entropy,
	.soften = cpu_soften,
	.relate = cpu_relate,
	.imitate = cpu_imitate,
	.clip = reference_clip,
	.adamw = reference_adamw,
	.sgd = reference_sgd,
	.lion = reference_lion,
	.adafactor = reference_adafactor,
};
