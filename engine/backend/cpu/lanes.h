/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words that the kernels are written in: a vector of LANES floats and what processors do with it. Included once
 * by each kernels_*.c, which has chosen the instruction set (LANES_AVX512, LANES_AVX2 or neither) and LANES.
 * Everything here is GCC's vector arithmetic, except the few words that it lacks. No guard against a
 * second inclusion: the vectors of two instruction sets must not meet in one file. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(LANES_AVX2) || defined(LANES_AVX512) || defined(__SSE2__)
#include <immintrin.h>
#endif

#define WORD static inline __attribute__((always_inline, unused))
#define UNROLLED _Pragma("GCC unroll 16")

typedef float vf __attribute__((vector_size(4 * LANES)));
typedef float vf_at __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int32_t vi __attribute__((vector_size(4 * LANES)));
typedef uint32_t vu __attribute__((vector_size(4 * LANES)));
typedef uint32_t vu_at __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef uint64_t vl __attribute__((vector_size(4 * LANES))); /* half as many lanes */

WORD vf v_set(float x)
{
	return x - (vf){0};
}

WORD vf v_load(const float *x)
{
	return *(const vf_at *)x;
}

WORD void v_store(float *x, vf v)
{
	*(vf_at *)x = v;
}

/* mask lanes are all ones or all zeros */
WORD vf v_select(vi mask, vf yes, vf no)
{
	return (vf)((mask & (vi)yes) | (~mask & (vi)no));
}

WORD vf v_absolute(vf x)
{
	return (vf)((vi)x & INT32_MAX);
}

/* x with the sign of `sign`; x is not negative */
WORD vf v_signed(vf x, vf sign)
{
	return (vf)((vi)x | ((vi)sign & INT32_MIN));
}

/* ---- the words that differ: multiply-add, square root, larger, the first `count` lanes, widening product */

#if defined(LANES_AVX512)

WORD vf v_fma(vf a, vf b, vf c)
{
	return (vf)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
}

WORD vf v_sqrt(vf x)
{
	return (vf)_mm512_sqrt_ps((__m512)x);
}

/* b where one of them is NaN */
WORD vf v_larger(vf a, vf b)
{
	return (vf)_mm512_max_ps((__m512)a, (__m512)b);
}

WORD vf v_load_first(const float *x, size_t count)
{
	return (vf)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), x);
}

WORD void v_store_first(float *x, vf v, size_t count)
{
	_mm512_mask_storeu_ps(x, (__mmask16)((1u << count) - 1), (__m512)v);
}

/* The lower 32 bits of each 64-bit lane, times a number. */
WORD vl v_multiply_wide(vl a, uint32_t b)
{
	return (vl)_mm512_mul_epu32((__m512i)a, _mm512_set1_epi64((long long)b));
}

#elif defined(LANES_AVX2)

/* For tests: LANES 16 on AVX2 runs what AVX-512 would, in two halves. */
union lanes_halves {
	vf whole;
	vl wide;
	__m256 half[LANES / 8];
	__m256i half_i[LANES / 8];
};

WORD vf v_fma(vf a, vf b, vf c)
{
	union lanes_halves x = {a}, y = {b}, z = {c};

	for (int i = 0; i < LANES / 8; i++)
		z.half[i] = _mm256_fmadd_ps(x.half[i], y.half[i], z.half[i]);
	return z.whole;
}

WORD vf v_sqrt(vf x)
{
	union lanes_halves y = {x};

	for (int i = 0; i < LANES / 8; i++)
		y.half[i] = _mm256_sqrt_ps(y.half[i]);
	return y.whole;
}

WORD vf v_larger(vf a, vf b)
{
	union lanes_halves x = {a}, y = {b};

	for (int i = 0; i < LANES / 8; i++)
		x.half[i] = _mm256_max_ps(x.half[i], y.half[i]);
	return x.whole;
}

WORD __m256i lanes_first(size_t count, int half)
{
	const __m256i index = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);

	return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count - 8 * half), index);
}

WORD vf v_load_first(const float *x, size_t count)
{
	union lanes_halves y;

	for (int i = 0; i < LANES / 8; i++)
		y.half[i] = _mm256_maskload_ps(x + 8 * i, lanes_first(count, i));
	return y.whole;
}

WORD void v_store_first(float *x, vf v, size_t count)
{
	union lanes_halves y = {v};

	for (int i = 0; i < LANES / 8; i++)
		_mm256_maskstore_ps(x + 8 * i, lanes_first(count, i), y.half[i]);
}

WORD vl v_multiply_wide(vl a, uint32_t b)
{
	union lanes_halves x = {.wide = a};

	for (int i = 0; i < LANES / 8; i++)
		x.half_i[i] = _mm256_mul_epu32(x.half_i[i], _mm256_set1_epi64x((long long)b));
	return x.wide;
}

#else

WORD vf v_fma(vf a, vf b, vf c)
{
	return a * b + c;
}

WORD vf v_sqrt(vf x)
{
	for (int i = 0; i < LANES; i++)
		x[i] = sqrtf(x[i]);
	return x;
}

WORD vf v_larger(vf a, vf b)
{
	return v_select(a > b, a, b);
}

WORD vf v_load_first(const float *x, size_t count)
{
	vf v = {0};

	for (size_t i = 0; i < count; i++)
		v[i] = x[i];
	return v;
}

WORD void v_store_first(float *x, vf v, size_t count)
{
	for (size_t i = 0; i < count; i++)
		x[i] = v[i];
}

WORD vl v_multiply_wide(vl a, uint32_t b)
{
	return (a & UINT32_MAX) * b;
}

#endif

/* ---- words made of these */

/* The vector that begins at x when `left` elements are left: missing lanes are 0, or not stored. */
WORD vf v_load_some(const float *x, size_t left)
{
	return left >= LANES ? v_load(x) : v_load_first(x, left);
}

WORD void v_store_some(float *x, vf v, size_t left)
{
	if (left >= LANES)
		v_store(x, v);
	else
		v_store_first(x, v, left);
}

/* Lanes that are beyond `left` become 0. */
WORD vf v_keep_first(vf v, size_t left)
{
	vi index;

	if (left >= LANES)
		return v;
	UNROLLED for (int i = 0; i < LANES; i++)
		index[i] = i;
	return (vf)((vi)v & (index < (int32_t)left));
}

/* The lanes of v in the order that exchanges lane i and lane i ^ step. */
WORD vf v_exchange(vf v, int step)
{
	vi order;

	UNROLLED for (int i = 0; i < LANES; i++)
		order[i] = i ^ step;
	return __builtin_shuffle(v, order);
}

/* Always in the same order: halves, quarters, ... */
WORD float v_sum(vf v)
{
	UNROLLED for (int step = LANES / 2; step > 0; step /= 2)
		v += v_exchange(v, step);
	return v[0];
}

WORD float v_largest(vf v)
{
	UNROLLED for (int step = LANES / 2; step > 0; step /= 2)
		v = v_larger(v, v_exchange(v, step));
	return v[0];
}
