/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Floats rounded to the nearest number of a shorter format, ties to even; what is no number stays so. Beyond the range of
 * f16 they are infinite. Formats: IEEE 754 binary16; bf16, the upper half of a binary32. */
#ifndef REVUE_BASE_ROUNDING_H
#define REVUE_BASE_ROUNDING_H

#include <stdint.h>
#include <string.h>

#define F16_BEYOND 65520.0f /* from here on the nearest is infinity */

static inline uint32_t rounding_bits(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits;
}

static inline float rounding_float(uint32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

/* To a mantissa that is `dropped` bits shorter. */
static inline float round_mantissa(float x, int dropped)
{
	uint32_t bits = rounding_bits(x);
	uint32_t half = (1u << (dropped - 1)) - 1, odd = bits >> dropped & 1;

	return x == x ? rounding_float((bits + half + odd) >> dropped << dropped) : x;
}

static inline float round_bf16(float x)
{
	return round_mantissa(x, 16);
}

/* Below 2^-14 the numbers lie 2^-24 apart, as floats do between 1/2 and 1. */
static inline float round_f16(float x)
{
	uint32_t sign = rounding_bits(x) & 0x80000000u;
	float size = rounding_float(rounding_bits(x) ^ sign);
	float small = (size + 0.5f) - 0.5f;
	float rounded = size < 0x1p-14f ? small : size >= F16_BEYOND ? rounding_float(0x7F800000u) : round_mantissa(size, 13);

	return rounding_float(rounding_bits(rounded) | sign);
}

#endif
