/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/random.h"

#include "engine/base/mersenne.h"

#include <math.h>

/* (0, 1]: never 0, so that its logarithm is finite. */
static double unit(uint32_t bits)
{
	return ((double)bits + 1.0) * 0x1p-32;
}

void random_normal(float *out, uint64_t count, float deviation, uint64_t seed, uint64_t stream)
{
	for (uint64_t i = 0; i < count; i += 4) {
		uint64_t block = i / 4;
		uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)stream, (uint32_t)(stream >> 32)};
		uint32_t bits[4];
		double value[4];

		philox(seed, counter, bits);
		for (int pair = 0; pair < 4; pair += 2) {
			double radius = sqrt(-2.0 * log(unit(bits[pair])));
			double angle = 6.283185307179586476925 * unit(bits[pair + 1]);
			value[pair] = radius * cos(angle);
			value[pair + 1] = radius * sin(angle);
		}
		for (uint64_t j = 0; j < 4 && i + j < count; j++)
			out[i + j] = (float)(value[j] * deviation);
	}
}

void random_uniform(float *out, uint64_t count, float bound, uint64_t seed, uint64_t stream)
{
	for (uint64_t i = 0; i < count; i += 4) {
		uint64_t block = i / 4;
		uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)stream, (uint32_t)(stream >> 32)};
		uint32_t bits[4];

		philox(seed, counter, bits);
		for (uint64_t j = 0; j < 4 && i + j < count; j++)
			out[i + j] = bound * ((float)(bits[j] >> 8) * 0x1p-23f - 1);
	}
}

void random_permutation(uint32_t *out, uint32_t count, uint32_t seed)
{
	random_permutation_after(out, count, seed, 0);
}

void random_permutation_after(uint32_t *out, uint32_t count, uint32_t seed, uint64_t drawn)
{
	struct mersenne m;

	mersenne_seed(&m, seed);
	while (drawn-- > 0)
		mersenne_draw(&m);
	for (uint32_t i = 0; i < count; i++)
		out[i] = i;
	for (uint32_t i = 0; i + 1 < count; i++) {
		uint32_t j = i + mersenne_draw(&m) % (count - i);
		uint32_t kept = out[i];
		out[i] = out[j];
		out[j] = kept;
	}
}
