/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Functions of a vector: exponential, hyperbolic tangent, normal distribution, activations, dropout's bits. Part of
 * a kernels_*.c, after lanes.h. NaN goes through all of them, so that a lost run says so.
 *
 * The polynomials are minimax fits made for this file (Lawson's iteration in double precision), with the
 * relative error in brackets. */

/* e^x to 1 ulp or so; 0 below e^-87.3, and e^88.7 above that. */
WORD vf v_exp(vf x)
{
	const vf magic = v_set(12582912); /* 1.5 * 2^23: adding it rounds to an integer, kept in the low bits */
	vf shifted, n, r, q;
	vi low = x < -87.33654f;

	x = v_select(x > 88.72283f, v_set(88.72283f), x);
	x = v_select(low, v_set(-87.33654f), x); /* the sum below would overflow, though nobody would read it */
	shifted = v_fma(x, v_set(1.44269504f), magic);
	n = shifted - magic;
	r = v_fma(n, v_set(-0.693145752f), x);
	r = v_fma(n, v_set(-1.42860677e-6f), r);
	/* e^r = 1 + r + r^2 q(r), |r| <= ln(2)/2  [3.1e-9] */
	q = v_fma(v_set(0.0013814222f), r, v_set(0.008368899f));
	q = v_fma(q, r, v_set(0.041668404f));
	q = v_fma(q, r, v_set(0.1666652f));
	q = v_fma(q, r, v_set(0.49999994f));
	q = v_fma(q * r, r, r) + 1;
	return (vf)(((vu)q + ((vu)shifted << 23)) & ~(vu)low);
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
	vf t = 1 / v_fma(v_set(0.3f), v_absolute(x), v_set(1)), p;

	p = v_fma(v_set(0.035931736f), t, v_set(-0.158276f));
	p = v_fma(p, t, v_set(0.20820662f));
	p = v_fma(p, t, v_set(-0.055393856f));
	p = v_fma(p, t, v_set(0.1294692f));
	p = v_fma(p, t, v_set(0.09963749f));
	p = v_fma(p, t, v_set(0.12079836f));
	p = v_fma(p, t, v_set(0.11962639f));
	p = p * t * e;
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

/* Philox 4x32-10 (engine/base/random.h) for the LANES / 2 counters first, first + 1, ...: 2 * LANES elements in
 * their order in *low and *high. A counter's words stand in the lower halves of 64-bit lanes; upper halves are waste. */
WORD void v_philox(uint64_t key, uint64_t first, uint32_t site, uint32_t step, vu *low, vu *high)
{
	uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
	vl c0, c1, c2 = (vl){0} + site, c3 = (vl){0} + step, pairs01, pairs23;
	vl to_low, to_high;

	/* Each 128-bit part of the result takes one counter; the lanes are laid out so that two unpackings sort them. */
	for (int i = 0; i < LANES / 2; i++) {
		c0[i] = first + (uint64_t)(i / 2 + (i % 2) * (LANES / 4));
		to_low[i] = (uint64_t)(i / 2 * 2 + (i % 2) * (LANES / 2));
		to_high[i] = to_low[i] + 1;
	}
	c1 = c0 >> 32;
	for (int round = 0; round < 10; round++) {
		vl p0 = v_multiply_wide(c0, 0xD2511F53u), p1 = v_multiply_wide(c2, 0xCD9E8D57u);

		c0 = (p1 >> 32) ^ c1 ^ (uint64_t)k0;
		c1 = p1;
		c2 = (p0 >> 32) ^ c3 ^ (uint64_t)k1;
		c3 = p0;
		k0 += 0x9E3779B9u;
		k1 += 0xBB67AE85u;
	}
	pairs01 = (c0 & UINT32_MAX) | c1 << 32;
	pairs23 = (c2 & UINT32_MAX) | c3 << 32;
	*low = (vu)__builtin_shuffle(pairs01, pairs23, to_low);
	*high = (vu)__builtin_shuffle(pairs01, pairs23, to_high);
}
