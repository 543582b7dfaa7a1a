/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/halves.h"

#include "engine/base/little.h"
#include "engine/base/rounding.h"

#include <string.h>

static float from_bits(uint32_t bits)
{
	float value;

	memcpy(&value, &bits, sizeof value);
	return value;
}

static uint32_t to_bits(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof bits);
	return bits;
}

/* Without branches, so that the compiler can do it for a whole vector: normal numbers and subnormal ones are both
 * computed, and a mask chooses. Unlike the processor's own conversion it leaves signalling NaNs as they are. */
static inline __attribute__((always_inline)) float f16_value(uint16_t half)
{
	uint32_t sign = (uint32_t)(half & 0x8000u) << 16, bits = (uint32_t)(half & 0x7fffu) << 13;
	uint32_t exponent = bits & 0x0f800000u;
	uint32_t small = 0u - (uint32_t)(exponent == 0), special = 0u - (uint32_t)(exponent == 0x0f800000u);
	uint32_t normal = bits + (112u << 23) + (special & 112u << 23);
	/* (2^-14 + fraction * 2^-24) - 2^-14, which f32 holds exactly. */
	uint32_t subnormal = to_bits(from_bits(bits + (113u << 23)) - 0x1p-14f);

	return from_bits(sign | (small & subnormal) | (~small & normal));
}

float f16_to_f32(uint16_t half)
{
	return f16_value(half);
}

float bf16_to_f32(uint16_t bits)
{
	return from_bits((uint32_t)bits << 16);
}

uint16_t f32_to_f16(float value)
{
	const uint32_t bits = to_bits(round_f16(value)), sign = bits >> 16 & 0x8000u, size = bits & 0x7fffffffu;

	if (size > 0x7f800000u) /* no number: a quiet one */
		return (uint16_t)(sign | 0x7e00u | (size >> 13 & 0x3ffu));
	if (size == 0x7f800000u)
		return (uint16_t)(sign | 0x7c00u);
	if (size < to_bits(0x1p-14f)) /* whole multiples of 2^-24 */
		return (uint16_t)(sign | (uint32_t)(from_bits(size) * 0x1p24f));
	return (uint16_t)(sign | (size - (112u << 23)) >> 13);
}

uint16_t f32_to_bf16(float value)
{
	const uint32_t bits = to_bits(round_bf16(value));

	return (uint16_t)(value == value ? bits >> 16 : bits >> 16 | 0x40u);
}

static float load_f64(const unsigned char *bytes)
{
	uint64_t bits = little_64(bytes);
	double value;

	memcpy(&value, &bits, sizeof value);
	return (float)value;
}

enum { LANES = 8 };

static inline __attribute__((always_inline)) void f16_convert(float *out, const unsigned char *bytes, size_t count)
{
	size_t i = 0;

	for (; i + LANES <= count; i += LANES) {
		uint16_t halves[LANES];
		for (int lane = 0; lane < LANES; lane++)
			halves[lane] = little_16(bytes + 2 * i + 2 * (size_t)lane);
		for (int lane = 0; lane < LANES; lane++)
			out[i + (size_t)lane] = f16_value(halves[lane]);
	}
	for (; i < count; i++)
		out[i] = f16_value(little_16(bytes + 2 * i));
}

static void f16_convert_generic(float *out, const unsigned char *bytes, size_t count)
{
	f16_convert(out, bytes, count);
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static void f16_convert_avx2(float *out, const unsigned char *bytes, size_t count)
{
	f16_convert(out, bytes, count);
}

static void f16_convert_best(float *out, const unsigned char *bytes, size_t count)
{
	(__builtin_cpu_supports("avx2") ? f16_convert_avx2 : f16_convert_generic)(out, bytes, count);
}
#else
#define f16_convert_best f16_convert_generic
#endif

void floats_convert(float *out, const unsigned char *bytes, size_t count, enum dtype dtype)
{
	switch (dtype) {
	case DTYPE_F32:
		for (size_t i = 0; i < count; i++)
			out[i] = from_bits(little_32(bytes + 4 * i));
		break;
	case DTYPE_F16:
		f16_convert_best(out, bytes, count);
		break;
	case DTYPE_BF16:
		for (size_t i = 0; i < count; i++)
			out[i] = bf16_to_f32(little_16(bytes + 2 * i));
		break;
	case DTYPE_F64:
		for (size_t i = 0; i < count; i++)
			out[i] = load_f64(bytes + 8 * i);
		break;
	default:
		break;
	}
}
