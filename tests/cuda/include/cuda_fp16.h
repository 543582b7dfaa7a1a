/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * IEEE binary16 on the host, rounded to the nearest, ties to even. */
#ifndef REVUE_TESTS_CUDA_FP16_H
#define REVUE_TESTS_CUDA_FP16_H

#include <cuda_kernel.h>

static inline uint16_t cuda_half_bits(float value)
{
	const unsigned bits = __float_as_uint(value), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7FFFFFFF;
	unsigned rounded;

	if (magnitude > 0x7F800000)
		return 0x7FFF;
	if (magnitude >= 0x477FF000) /* 65520 and more: infinity */
		return static_cast<uint16_t>(sign | 0x7C00);
	if (magnitude < 0x38800000) { /* below 2^-14: the float's own addition rounds to multiples of 2^-24 */
		rounded = __float_as_uint(__uint_as_float(magnitude) + 0.5f) - 0x3F000000;
		return static_cast<uint16_t>(sign | rounded);
	}
	rounded = magnitude + 0xFFF + (magnitude >> 13 & 1);
	return static_cast<uint16_t>(sign | ((rounded - 0x38000000) >> 13));
}

static inline float cuda_half_value(uint16_t bits)
{
	const unsigned sign = static_cast<unsigned>(bits & 0x8000) << 16, exponent = bits >> 10 & 31, rest = bits & 0x3FF;
	const float small = static_cast<float>(rest) * 5.9604644775390625e-8f; /* 2^-24 */

	if (exponent == 31)
		return __uint_as_float(sign | 0x7F800000 | rest << 13);
	if (exponent == 0)
		return sign ? -small : small;
	return __uint_as_float(sign | (exponent + 112) << 23 | rest << 13);
}

struct alignas(2) __half {
	uint16_t bits;

	__half() = default;
	__half(float value) : bits(cuda_half_bits(value)) {}
	operator float() const { return cuda_half_value(bits); }
};

struct alignas(4) __half2 {
	__half x, y;
};

typedef __half half;
typedef __half2 half2;

static inline __half __float2half(float value) { return __half(value); }
static inline __half __float2half_rn(float value) { return __half(value); }
static inline float __half2float(__half value) { return value; }
static inline __half2 __floats2half2_rn(float x, float y) { return {__half(x), __half(y)}; }
static inline float2 __half22float2(__half2 value) { return {value.x, value.y}; }
static inline uint16_t __half_as_ushort(__half value) { return value.bits; }

static inline __half __ushort_as_half(uint16_t bits)
{
	__half value;

	value.bits = bits;
	return value;
}

#endif
