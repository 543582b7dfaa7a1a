/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Functions of a vector: exponential, hyperbolic tangent, normal distribution, activations, dropout's bits. Part of
 * a kernels_*.c, after lanes.h. NaN goes through all of them, so that a lost run says so.
 *
 * The polynomials are minimax fits made for this file (Lawson's iteration in double precision), with the
 * relative error in brackets. */

/* e^x to 1 ulp or so, for x up to 88; e^-87.3 below that. */
WORD vf v_exp(vf x)
{
	const vf magic = v_set(12582912); /* 1.5 * 2^23: adding it rounds to an integer, kept in the low bits */
	vf shifted, n, r, r2, low, high;

	x = v_larger(v_set(-87.3365f), x);
	shifted = v_fma(x, v_set(1.44269504f), magic);
	n = shifted - magic;
	r = v_fma(n, v_set(-0.693145752f), x);
	r = v_fma(n, v_set(-1.42860677e-6f), r);
	/* e^r = 1 + r + r^2 q(r), |r| <= ln(2)/2  [3.1e-9]; in parts that can be computed side by side */
	r2 = r * r;
	low = v_fma(v_set(0.1666652f), r, v_set(0.49999994f));
	high = v_fma(v_set(0.008368899f), r, v_set(0.041668404f));
	high = v_fma(v_set(0.0013814222f), r2, high);
	low = v_fma(high, r2, low);
	return (vf)((vu)(v_fma(low, r2, r) + 1) + ((vu)shifted << 23));
}

WORD vf v_tanh(vf x)
{
	vf a = v_absolute(x), s = x * x, small, large;

	/* x + x^3 p(x^2), |x| < 0.65  [6.8e-9] */
	small = v_fma(v_set(-0.005515164f), s, v_set(0.02046942f));
	small = v_fma(small, s, v_set(-0.053688023f));
	small = v_fma(small, s, v_set(0.1333083f));
	small = v_fma(small, s, v_set(-0.3333326f));
	small = v_fma(small * s, x, x);
	large = 1 - 2 / (v_exp(2 * v_select(a > 20, v_set(20), a)) + 1);
	return v_select(a < 0.65f, small, v_signed(large, x));
}

/* The normal distribution at x from e = e^(-x^2/2): P(-|x|) = e t(...), t = 1 / (1 + 0.3 |x|), up to 13.5 [1.3e-7]. */
WORD vf v_normal(vf x, vf e)
{
	vf t = 1 / v_fma(v_set(0.3f), v_absolute(x), v_set(1)), t2 = t * t, p01, p23, p45, p67, p;

	p01 = v_fma(v_set(0.12079836f), t, v_set(0.11962639f));
	p23 = v_fma(v_set(0.1294692f), t, v_set(0.09963749f));
	p45 = v_fma(v_set(0.20820662f), t, v_set(-0.055393856f));
	p67 = v_fma(v_set(0.035931736f), t, v_set(-0.158276f));
	p = v_fma(v_fma(p67, t2, p45), t2 * t2, v_fma(p23, t2, p01));
	p = p * (t * e);
	return v_select(x > 0, 1 - p, p);
}

/* tanh's argument in gelu_new: sqrt(2/pi) (x + 0.044715 x^3) */
WORD vf v_gelu_new_inner(vf x)
{
	return 0.797884561f * v_fma(0.044715f * x * x, x, x);
}

WORD vf v_activate(vf x, enum activation activation)
{
	switch (activation) {
	case ACTIVATION_GELU:
		return x * v_normal(x, v_exp(-0.5f * x * x));
	case ACTIVATION_GELU_NEW:
		return 0.5f * x * (1 + v_tanh(v_gelu_new_inner(x)));
	case ACTIVATION_RELU:
		return v_select(x < 0, v_set(0), x);
	case ACTIVATION_TANH:
		return v_tanh(x);
	case ACTIVATION_NONE:
		break;
	}
	return x;
}

/* d activate(x) / dx */
WORD vf v_activation_slope(vf x, enum activation activation)
{
	vf e, t, inner;

	switch (activation) {
	case ACTIVATION_GELU:
		e = v_exp(-0.5f * x * x);
		return v_fma(0.398942280f * x, e, v_normal(x, e));
	case ACTIVATION_GELU_NEW:
		t = v_tanh(v_gelu_new_inner(x));
		inner = v_fma(x * x, v_set(3 * 0.044715f * 0.797884561f), v_set(0.797884561f));
		return 0.5f * v_fma(x * inner, 1 - t * t, 1 + t);
	case ACTIVATION_RELU:
		return v_select(x > 0, v_set(1), v_set(0));
	case ACTIVATION_TANH:
		t = v_tanh(x);
		return 1 - t * t;
	case ACTIVATION_NONE:
		break;
	}
	return v_set(1);
}

/* Philox 4x32-10 (engine/base/random.h) for LANES / 2 counters at a time. A word of a counter stands in the lower half
 * of a 64-bit lane; what the upper half holds does not matter. */
struct philox_keys {
	vl k0[10], k1[10];
};

struct philox_words {
	vl c0, c1, c2, c3;
};

WORD void philox_prepare(struct philox_keys *keys, uint64_t key)
{
	uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);

	for (int round = 0; round < 10; round++) {
		keys->k0[round] = (vl){0} + k0;
		keys->k1[round] = (vl){0} + k1;
		k0 += 0x9E3779B9u;
		k1 += 0xBB67AE85u;
	}
}

/* The counters first, first + 1, ..., in the order that philox_finish undoes: neighbours are LANES / 4 apart. */
WORD struct philox_words philox_begin(uint64_t first, uint32_t site, uint32_t step)
{
	struct philox_words w = {.c2 = (vl){0} + site, .c3 = (vl){0} + step};

	UNROLLED for (int i = 0; i < LANES / 2; i++)
		w.c0[i] = (uint64_t)(i / 2 + i % 2 * (LANES / 4));
	w.c0 += first;
	w.c1 = w.c0 >> 32;
	return w;
}

WORD struct philox_words philox_round(struct philox_words w, vl k0, vl k1)
{
	vl p0 = v_multiply_wide(w.c0, 0xD2511F53u), p1 = v_multiply_wide(w.c2, 0xCD9E8D57u);

	return (struct philox_words){(p1 >> 32) ^ w.c1 ^ k0, p1, (p0 >> 32) ^ w.c3 ^ k1, p0};
}

/* The 2 * LANES random words in the order of their counters. */
WORD void philox_finish(struct philox_words w, vu *first, vu *second)
{
	vl pairs01 = (w.c0 & UINT32_MAX) | w.c1 << 32, pairs23 = (w.c2 & UINT32_MAX) | w.c3 << 32, low, high;

	UNROLLED for (int i = 0; i < LANES / 2; i++) {
		low[i] = (uint64_t)(i / 2 * 2 + i % 2 * (LANES / 2));
		high[i] = low[i] + 1;
	}
	*first = (vu)__builtin_shuffle(pairs01, pairs23, low);
	*second = (vu)__builtin_shuffle(pairs01, pairs23, high);
}
