/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bfloat16 on the host: a float whose lower half is rounded away, to the nearest, ties to even. */
#ifndef REVUE_TESTS_CUDA_BF16_H
#define REVUE_TESTS_CUDA_BF16_H

#include <cuda_kernel.h>

static inline uint16_t cuda_bf16_bits(float value)
{
	const unsigned bits = __float_as_uint(value);

	if (value != value)
		return 0x7FFF;
	return static_cast<uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

static inline float cuda_bf16_value(uint16_t bits)
{
	return __uint_as_float(static_cast<unsigned>(bits) << 16);
}

struct alignas(2) __nv_bfloat16 {
	uint16_t bits;

	__nv_bfloat16() = default;
	__nv_bfloat16(float value) : bits(cuda_bf16_bits(value)) {}
	operator float() const { return cuda_bf16_value(bits); }
};

struct alignas(4) __nv_bfloat162 {
	__nv_bfloat16 x, y;
};

static inline __nv_bfloat16 __float2bfloat16(float value) { return __nv_bfloat16(value); }
static inline __nv_bfloat16 __float2bfloat16_rn(float value) { return __nv_bfloat16(value); }
static inline float __bfloat162float(__nv_bfloat16 value) { return value; }
static inline __nv_bfloat162 __floats2bfloat162_rn(float x, float y) { return {__nv_bfloat16(x), __nv_bfloat16(y)}; }
static inline float2 __bfloat1622float2(__nv_bfloat162 value) { return {value.x, value.y}; }
static inline uint16_t __bfloat16_as_ushort(__nv_bfloat16 value) { return value.bits; }

static inline __nv_bfloat16 __ushort_as_bfloat16(uint16_t bits)
{
	__nv_bfloat16 value;

	value.bits = bits;
	return value;
}

#endif
