/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/halves.h"

#include "engine/base/little.h"

#include <string.h>

static float from_bits(uint32_t bits)
{
	float value;

	memcpy(&value, &bits, sizeof value);
	return value;
}

float f16_to_f32(uint16_t half)
{
	uint32_t sign = (uint32_t)(half & 0x8000u) << 16, exponent = half >> 10 & 0x1f, fraction = half & 0x3ffu;

	if (exponent == 0x1f)
		return from_bits(sign | 0x7f800000u | fraction << 13);
	if (exponent == 0) {
		/* Zero or subnormal: fraction * 2^-24, which f32 holds exactly. */
		float value = (float)fraction * 0x1p-24f;
		return sign ? -value : value;
	}
	return from_bits(sign | (exponent + 112) << 23 | fraction << 13);
}

float bf16_to_f32(uint16_t bits)
{
	return from_bits((uint32_t)bits << 16);
}

static float load_f64(const unsigned char *bytes)
{
	uint64_t bits = little_64(bytes);
	double value;

	memcpy(&value, &bits, sizeof value);
	return (float)value;
}

void floats_convert(float *out, const unsigned char *bytes, size_t count, enum dtype dtype)
{
	switch (dtype) {
	case DTYPE_F32:
		for (size_t i = 0; i < count; i++)
			out[i] = from_bits(little_32(bytes + 4 * i));
		break;
	case DTYPE_F16:
		for (size_t i = 0; i < count; i++)
			out[i] = f16_to_f32(little_16(bytes + 2 * i));
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
