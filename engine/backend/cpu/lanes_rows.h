/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Everything that is not a matrix product: flat arrays and rows. Part of a kernels_*.c, after lanes_math.h and
 * lanes_product.h; ends with the table. */

/* ---- flat arrays */

WORD void activation_forward_as(float *out, const float *pre, size_t count, enum activation activation)
{
	for (size_t i = 0; i < count; i += LANES)
		v_store_some(out + i, v_activate(v_load_some(pre + i, count - i), activation), count - i);
}

WORD void activation_backward_as(float *dy, const float *pre, size_t count, enum activation activation)
{
	for (size_t i = 0; i < count; i += LANES) {
		vf slope = v_activation_slope(v_load_some(pre + i, count - i), activation);

		v_store_some(dy + i, v_load_some(dy + i, count - i) * slope, count - i);
	}
}

/* The switch stands outside of the loops: each case is a loop of its own. */
static void activation_forward(float *out, const float *pre, size_t count, enum activation activation)
{
	switch (activation) {
	case ACTIVATION_GELU:
		activation_forward_as(out, pre, count, ACTIVATION_GELU);
		break;
	case ACTIVATION_GELU_NEW:
		activation_forward_as(out, pre, count, ACTIVATION_GELU_NEW);
		break;
	case ACTIVATION_RELU:
		activation_forward_as(out, pre, count, ACTIVATION_RELU);
		break;
	case ACTIVATION_TANH:
		activation_forward_as(out, pre, count, ACTIVATION_TANH);
		break;
	case ACTIVATION_NONE:
		if (out != pre)
			memcpy(out, pre, count * sizeof *out);
		break;
	}
}

static void activation_backward(float *dy, const float *pre, size_t count, enum activation activation)
{
	switch (activation) {
	case ACTIVATION_GELU:
		activation_backward_as(dy, pre, count, ACTIVATION_GELU);
		break;
	case ACTIVATION_GELU_NEW:
		activation_backward_as(dy, pre, count, ACTIVATION_GELU_NEW);
		break;
	case ACTIVATION_RELU:
		activation_backward_as(dy, pre, count, ACTIVATION_RELU);
		break;
	case ACTIVATION_TANH:
		activation_backward_as(dy, pre, count, ACTIVATION_TANH);
		break;
	case ACTIVATION_NONE:
		break;
	}
}

static void add(float *out, const float *x, size_t count)
{
	for (size_t i = 0; i < count; i += LANES)
		v_store_some(out + i, v_load_some(out + i, count - i) + v_load_some(x + i, count - i), count - i);
}

static float dot(const float *x, const float *y, size_t count)
{
	vf sum = {0};

	for (size_t i = 0; i < count; i += LANES)
		sum = v_fma(v_load_some(x + i, count - i), v_load_some(y + i, count - i), sum);
	return v_sum(sum);
}

typedef float half_at __attribute__((vector_size(2 * LANES), aligned(4), may_alias));
typedef double vd __attribute__((vector_size(4 * LANES)));

static double squared_norm(const float *x, size_t count)
{
	vd sums = {0};
	double sum = 0;
	size_t i;

	for (i = 0; i + LANES / 2 <= count; i += LANES / 2) {
		vd wide = __builtin_convertvector(*(const half_at *)(x + i), vd);

		sums += wide * wide;
	}
	for (; i < count; i++)
		sum += (double)x[i] * (double)x[i];
	for (int lane = 0; lane < LANES / 2; lane++)
		sum += sums[lane];
	return sum;
}

/* True when every bit of the three is 0 (or the sign of a zero), in the whole of a vector. */
WORD bool all_zero(vf a, vf b, vf c)
{
	vl bits = (vl)((vu)((vi)a | (vi)b | (vi)c) << 1);
	uint64_t any = 0;

	for (int i = 0; i < LANES / 2; i++)
		any |= bits[i];
	return any == 0;
}

/* Moments of an element that never had a gradient stay as they are, which leaves their memory untouched. */
static void adamw(float *p, float *m, float *v, const float *gradient, size_t count, const struct adamw_factors *f)
{
	for (size_t i = 0; i < count; i += LANES) {
		const size_t left = count - i;
		vf g = v_load_some(gradient + i, left), m1 = v_load_some(m + i, left), v1 = v_load_some(v + i, left);
		vf value = v_load_some(p + i, left) * f->decay;

		if (all_zero(g, m1, v1)) {
			if (f->decay < 1)
				v_store_some(p + i, value, left);
			continue;
		}
		g *= f->gradient_scale;
		m1 = v_fma(v_set(f->one_minus_beta1), g - m1, m1);
		v1 = v_fma(g * g, v_set(f->one_minus_beta2), v1 * f->beta2);
		value -= f->step * m1 / v_fma(v_sqrt(v1), v_set(f->root), v_set(f->epsilon));
		v_store_some(m + i, m1, left);
		v_store_some(v + i, v1, left);
		v_store_some(p + i, value, left);
	}
}

static void sgd(float *p, float *m, const float *gradient, size_t count, const struct sgd_factors *f)
{
	for (size_t i = 0; i < count; i += LANES) {
		const size_t left = count - i;
		vf value = v_load_some(p + i, left);
		vf d = v_fma(value, v_set(f->decay), v_load_some(gradient + i, left) * f->gradient_scale);

		if (m) {
			vf m1 = v_fma(d, v_set(f->fresh), v_load_some(m + i, left) * f->momentum);

			v_store_some(m + i, m1, left);
			d = f->nesterov ? v_fma(m1, v_set(f->momentum), d) : m1;
		}
		v_store_some(p + i, value - f->step * d, left);
	}
}

static void lion(float *p, float *m, const float *gradient, size_t count, const struct lion_factors *f)
{
	const vf zero = {0};

	for (size_t i = 0; i < count; i += LANES) {
		const size_t left = count - i;
		vf g = v_load_some(gradient + i, left) * f->gradient_scale, m1 = v_load_some(m + i, left);
		vf direction = v_fma(g, v_set(f->one_minus_beta1), m1 * f->beta1);
		vf step = v_select(direction != zero, v_signed(v_set(f->step), direction), zero);

		v_store_some(p + i, v_load_some(p + i, left) * f->decay - step, left);
		v_store_some(m + i, v_fma(g, v_set(f->one_minus_beta2), m1 * f->beta2), left);
	}
}

typedef double vd_at __attribute__((vector_size(4 * LANES), aligned(8), may_alias));

static void add_squares(double *sums, const float *x, size_t count)
{
	size_t i;

	for (i = 0; i + LANES / 2 <= count; i += LANES / 2) {
		vd wide = __builtin_convertvector(*(const half_at *)(x + i), vd);

		*(vd_at *)(sums + i) += wide * wide;
	}
	for (; i < count; i++)
		sums[i] += (double)x[i] * (double)x[i];
}

static double factored_norm(const float *x, const float *column, float row, size_t count)
{
	float values[8 * LANES];
	double sum = 0;

	for (size_t i = 0; i < count; i += 8 * LANES) {
		const size_t some = count - i < 8 * LANES ? count - i : 8 * LANES;

		for (size_t k = 0; k < some; k += LANES)
			v_store(values + k, v_load_some(x + i + k, some - k) * (v_load_some(column + i + k, some - k) * row));
		sum += squared_norm(values, some);
	}
	return sum;
}

static void factored_step(float *p, const float *x, const float *column, float row, size_t count, float decay, float step)
{
	for (size_t i = 0; i < count; i += LANES) {
		const size_t left = count - i;
		vf u = v_load_some(x + i, left) * (v_load_some(column + i, left) * row);

		v_store_some(p + i, v_load_some(p + i, left) * decay - step * u, left);
	}
}

/* ---- noise */

/* The 2 * LANES elements that begin at `first`, a multiple of 4. */
WORD void noise_step(float *x, uint64_t first, const struct noise *noise, const struct philox_keys *keys)
{
	struct philox_words a = philox_begin(first / 4, noise->site, (uint32_t)noise->step);
	vu bits[2];

	for (int round = 0; round < 10; round++)
		a = philox_round(a, keys->k0[round], keys->k1[round]);
	philox_finish(a, &bits[0], &bits[1]);
	UNROLLED for (int i = 0; i < 2; i++) {
		vf u = __builtin_convertvector((vi)(bits[i] >> 8), vf) * 0x1p-23f - 1.0f;

		v_store(x + i * LANES, v_fma(u, v_set(noise->amplitude), v_load(x + i * LANES)));
	}
}

static void noise(float *x, uint64_t first, size_t count, const struct noise *how)
{
	struct philox_keys keys;
	float block[2 * LANES] = {0};
	size_t i;

	philox_prepare(&keys, how->seed);
	for (i = 0; i + 2 * LANES <= count; i += 2 * LANES)
		noise_step(x + i, first + i, how, &keys);
	memcpy(block, x + i, (count - i) * sizeof *x);
	if (i < count)
		noise_step(block, first + i, how, &keys);
	memcpy(x + i, block, (count - i) * sizeof *x);
}

/* ---- dropout */

#define MASK_STEP (8 * LANES)

/* Two vectors of masks from one of random words, in order: the lower halves of four words, then their upper halves. */
WORD void mask_vectors(uint32_t *mask, vu bits, uint32_t threshold)
{
	vu low = (vu)((bits & 0xFFFF) >= threshold), high = (vu)((bits >> 16) >= threshold), first, second;

	UNROLLED for (int i = 0; i < LANES; i++) {
		first[i] = (uint32_t)(i / 8 * 4 + i % 4 + (i % 8 < 4 ? 0 : LANES));
		second[i] = first[i] + LANES / 2;
	}
	if (LANES == 4) {
		*(vu_at *)mask = low;
		*(vu_at *)(mask + LANES) = high;
	} else {
		*(vu_at *)mask = __builtin_shuffle(low, high, first);
		*(vu_at *)(mask + LANES) = __builtin_shuffle(low, high, second);
	}
}

/* The masks of the MASK_STEP elements that begin at `first`, a multiple of 8. Two groups of counters side by side keep
 * the multipliers busy. */
WORD void mask_step(uint32_t *mask, uint64_t first, const struct dropout *dropout, const struct philox_keys *keys,
                    uint32_t threshold)
{
	struct philox_words a = philox_begin(first / 8, dropout->site, (uint32_t)dropout->step);
	struct philox_words b = philox_begin(first / 8 + LANES / 2, dropout->site, (uint32_t)dropout->step);
	vu bits[4];

	for (int round = 0; round < 10; round++) {
		a = philox_round(a, keys->k0[round], keys->k1[round]);
		b = philox_round(b, keys->k0[round], keys->k1[round]);
	}
	philox_finish(a, &bits[0], &bits[1]);
	philox_finish(b, &bits[2], &bits[3]);
	UNROLLED for (int i = 0; i < 4; i++)
		mask_vectors(mask + 2 * i * LANES, bits[i], threshold);
}

static void dropout_mask(uint32_t *mask, uint64_t first, size_t count, const struct dropout *dropout)
{
	const uint32_t threshold = dropout_threshold(dropout);
	const size_t skip = first % 8;
	struct philox_keys keys;
	uint32_t block[MASK_STEP];
	size_t done = 0;

	philox_prepare(&keys, dropout->seed);
	if (skip > 0) {
		mask_step(block, first - skip, dropout, &keys, threshold);
		done = MASK_STEP - skip < count ? MASK_STEP - skip : count;
		memcpy(mask, block + skip, done * sizeof *mask);
	}
	for (; done + MASK_STEP <= count; done += MASK_STEP)
		mask_step(mask + done, first + done, dropout, &keys, threshold);
	if (done < count) {
		mask_step(block, first + done, dropout, &keys, threshold);
		memcpy(mask + done, block, (count - done) * sizeof *mask);
	}
}

/* The lanes of x that mask (or NULL: all) keeps, times keep. */
WORD vf v_dropout(vf x, const uint32_t *mask, size_t i, size_t left, float keep)
{
	if (!mask)
		return x;
	return (vf)((vu)(x * keep) & (vu)v_load_some((const float *)(const void *)(mask + i), left));
}

static void dropout_apply(float *x, const uint32_t *mask, size_t count, float scale)
{
	for (size_t i = 0; i < count; i += LANES)
		v_store_some(x + i, v_dropout(v_load_some(x + i, count - i), mask, i, count - i, scale), count - i);
}

/* ---- softmax */

static float softmax(float *row, size_t count, float scale)
{
	vf largest = v_set(-INFINITY), sums = {0};
	float most, sum;

	for (size_t i = 0; i < count; i += LANES) {
		vf x = v_load_some(row + i, count - i) * scale;

		v_store_some(row + i, x, count - i);
		if (count - i < LANES)
			x = v_load_some(row + i, count - i) +
			    v_select((vi)v_keep_first((vf)~(vi){0}, count - i), v_set(0), v_set(-INFINITY));
		largest = v_larger(x, largest);
	}
	most = v_largest(largest);
	for (size_t i = 0; i < count; i += LANES) {
		vf e = v_keep_first(v_exp(v_load_some(row + i, count - i) - most), count - i);

		sums += e;
		v_store_some(row + i, e, count - i);
	}
	sum = v_sum(sums);
	for (size_t i = 0; i < count; i += LANES)
		v_store_some(row + i, v_load_some(row + i, count - i) * (1 / sum), count - i);
	return most + logf(sum);
}

static void softmax_backward(float *p, float *dp, const uint32_t *mask, size_t count, float scale, float keep,
                             float lse, float delta)
{
	for (size_t i = 0; i < count; i += LANES) {
		const size_t left = count - i;
		vf probability = v_exp(v_load_some(p + i, left) * scale - lse);
		vf d = v_dropout(v_load_some(dp + i, left), mask, i, left, keep);

		v_store_some(dp + i, probability * (d - delta) * scale, left);
		v_store_some(p + i, v_dropout(probability, mask, i, left, keep), left);
	}
}

/* ---- normalisation */

static void norm_forward(float *out, float *sum, float *mean, float *rstd, const float *x, const float *residual,
                         const uint32_t *mask, float keep, const float *gamma, const float *beta, size_t count,
                         float epsilon)
{
	vf total = {0}, squares = {0};
	float average, scale;

	for (size_t i = 0; i < count; i += LANES) {
		vf value = v_dropout(v_load_some(x + i, count - i), mask, i, count - i, keep);

		if (residual)
			value += v_load_some(residual + i, count - i);
		v_store_some(sum + i, value, count - i);
		total += value;
	}
	average = v_sum(total) / (float)count;
	for (size_t i = 0; i < count; i += LANES) {
		vf d = v_keep_first(v_load_some(sum + i, count - i) - average, count - i);

		squares = v_fma(d, d, squares);
	}
	scale = 1 / sqrtf(v_sum(squares) / (float)count + epsilon);
	for (size_t i = 0; i < count; i += LANES) {
		vf normal = (v_load_some(sum + i, count - i) - average) * scale;
		vf result = v_fma(normal, v_load_some(gamma + i, count - i), v_load_some(beta + i, count - i));

		v_store_some(out + i, result, count - i);
	}
	*mean = average;
	*rstd = scale;
}

static void norm_backward(float *dx, float *dresidual, float *dgamma, float *dbeta, const float *dout,
                          const float *sum, float mean, float rstd, const float *gamma, const uint32_t *mask,
                          float keep, size_t count)
{
	vf totals = {0}, projections = {0};
	float average, projection;

	for (size_t i = 0; i < count; i += LANES) {
		const size_t left = count - i;
		vf d = v_load_some(dout + i, left), normal = (v_load_some(sum + i, left) - mean) * rstd;
		vf g = d * v_load_some(gamma + i, left);

		totals += g;
		projections = v_fma(g, normal, projections);
		v_store_some(dgamma + i, v_fma(d, normal, v_load_some(dgamma + i, left)), left);
		v_store_some(dbeta + i, v_load_some(dbeta + i, left) + d, left);
	}
	average = v_sum(totals) / (float)count;
	projection = v_sum(projections) / (float)count;
	for (size_t i = 0; i < count; i += LANES) {
		const size_t left = count - i;
		vf normal = (v_load_some(sum + i, left) - mean) * rstd;
		vf g = v_load_some(dout + i, left) * v_load_some(gamma + i, left) - average;
		vf d = (g - normal * projection) * rstd;

		if (dresidual)
			v_store_some(dresidual + i, d, left);
		v_store_some(dx + i, v_dropout(d, mask, i, left, keep), left);
	}
}

const struct kernels KERNELS = {
	.name = KERNELS_NAME,
	.lanes = LANES,
	.panel = PANEL,
	.pack_columns = pack_columns,
	.dequantise = dequantise,
	.pack_rows = pack_rows,
	.product = product,
	.pack_unit = pack_unit,
	.product_codes = product_codes,
	.activation_forward = activation_forward,
	.activation_backward = activation_backward,
	.add = add,
	.dot = dot,
	.squared_norm = squared_norm,
	.adamw = adamw,
	.sgd = sgd,
	.lion = lion,
	.add_squares = add_squares,
	.factored_norm = factored_norm,
	.factored_step = factored_step,
	.noise = noise,
	.dropout_mask = dropout_mask,
	.dropout_apply = dropout_apply,
	.softmax = softmax,
	.softmax_backward = softmax_backward,
	.norm_forward = norm_forward,
	.norm_backward = norm_backward,
};
