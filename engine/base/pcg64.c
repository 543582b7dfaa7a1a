/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/pcg64.h"

#define POOL 4 /* words of 32 bits */
#define MULTIPLIER_HIGH 0x2360ED051FC65DA4u
#define MULTIPLIER_LOW 0x4385DF649FCCF645u

/* SeedSequence */

static uint32_t hash_mix(uint32_t value, uint32_t *constant)
{
	value ^= *constant;
	*constant *= 0x931e8875u;
	value *= *constant;
	return value ^ value >> 16;
}

static uint32_t mix(uint32_t a, uint32_t b)
{
	uint32_t mixed = 0xca01f9ddu * a - 0x4973f715u * b;

	return mixed ^ mixed >> 16;
}

static void mix_entropy(uint32_t pool[POOL], uint32_t seed)
{
	uint32_t constant = 0x43b0d7e5u;

	for (int i = 0; i < POOL; i++)
		pool[i] = hash_mix(i == 0 ? seed : 0, &constant);
	for (int from = 0; from < POOL; from++)
		for (int to = 0; to < POOL; to++)
			if (from != to)
				pool[to] = mix(pool[to], hash_mix(pool[from], &constant));
}

void seed_sequence(uint32_t seed, uint64_t out[4])
{
	uint32_t pool[POOL], constant = 0x8b51f9ddu;

	mix_entropy(pool, seed);
	for (int i = 0; i < 8; i++) {
		uint32_t word = pool[i % POOL] ^ constant;

		constant *= 0x58f38dedu;
		word *= constant;
		word ^= word >> 16;
		out[i / 2] = i % 2 ? out[i / 2] | (uint64_t)word << 32 : word;
	}
}

/* PCG64 */

/* The 128 bits of a * b, by the halves of the factors. */
static uint64_t multiply_wide(uint64_t a, uint64_t b, uint64_t *high)
{
	uint64_t a0 = a & 0xffffffffu, a1 = a >> 32, b0 = b & 0xffffffffu, b1 = b >> 32;
	uint64_t middle = a1 * b0 + (a0 * b0 >> 32), other = a0 * b1 + (middle & 0xffffffffu);

	*high = a1 * b1 + (middle >> 32) + (other >> 32);
	return a * b;
}

static void add_wide(struct pcg64 *pcg, uint64_t high, uint64_t low)
{
	pcg->low += low;
	pcg->high += high + (pcg->low < low);
}

/* state = state * multiplier + increment, modulo 2^128. */
static void advance(struct pcg64 *pcg)
{
	uint64_t high, low = multiply_wide(pcg->low, MULTIPLIER_LOW, &high);

	pcg->high = high + pcg->high * MULTIPLIER_LOW + pcg->low * MULTIPLIER_HIGH;
	pcg->low = low;
	add_wide(pcg, pcg->increment_high, pcg->increment_low);
}

void pcg64_seed(struct pcg64 *pcg, uint32_t seed)
{
	uint64_t word[4];

	seed_sequence(seed, word);
	*pcg = (struct pcg64){.increment_high = word[2] << 1 | word[3] >> 63, .increment_low = word[3] << 1 | 1};
	advance(pcg);
	add_wide(pcg, word[0], word[1]);
	advance(pcg);
}

uint64_t pcg64_draw(struct pcg64 *pcg)
{
	uint64_t folded;
	unsigned turn;

	advance(pcg);
	folded = pcg->high ^ pcg->low;
	turn = (unsigned)(pcg->high >> 58);
	return folded >> turn | folded << (-turn & 63);
}

uint32_t pcg64_draw_half(struct pcg64 *pcg)
{
	uint64_t drawn;

	if (pcg->has_kept) {
		pcg->has_kept = false;
		return pcg->kept;
	}
	drawn = pcg64_draw(pcg);
	pcg->has_kept = true;
	pcg->kept = (uint32_t)(drawn >> 32);
	return (uint32_t)drawn;
}
