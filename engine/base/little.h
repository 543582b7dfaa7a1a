/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Little-endian numbers in bytes of any alignment, as files hold them. */
#ifndef REVUE_BASE_LITTLE_H
#define REVUE_BASE_LITTLE_H

#include <stdint.h>
#include <string.h>

static inline uint16_t little_16(const unsigned char *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t little_32(const unsigned char *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t little_64(const unsigned char *at)
{
	return little_32(at) | (uint64_t)little_32(at + 4) << 32;
}

static inline void little_put_32(unsigned char *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(value >> (8 * i));
}

static inline void little_put_64(unsigned char *at, uint64_t value)
{
	little_put_32(at, (uint32_t)value);
	little_put_32(at + 4, (uint32_t)(value >> 32));
}

/* An f32, bit for bit. */
static inline float little_float(const unsigned char *at)
{
	const uint32_t bits = little_32(at);
	float value;

	memcpy(&value, &bits, sizeof value);
	return value;
}

static inline void little_put_float(unsigned char *at, float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof bits);
	little_put_32(at, bits);
}

#endif
