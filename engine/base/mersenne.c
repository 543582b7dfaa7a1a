/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/mersenne.h"

void mersenne_seed(struct mersenne *m, uint32_t seed)
{
	m->state[0] = seed;
	for (uint32_t i = 1; i < 624; i++)
		m->state[i] = 1812433253u * (m->state[i - 1] ^ (m->state[i - 1] >> 30)) + i;
	m->next = 624;
}

static void mersenne_refill(struct mersenne *m)
{
	for (int i = 0; i < 624; i++) {
		uint32_t y = (m->state[i] & 0x80000000u) | (m->state[(i + 1) % 624] & 0x7fffffffu);
		m->state[i] = m->state[(i + 397) % 624] ^ (y >> 1) ^ (y & 1 ? 0x9908b0dfu : 0);
	}
	m->next = 0;
}

uint32_t mersenne_draw(struct mersenne *m)
{
	uint32_t y;

	if (m->next == 624)
		mersenne_refill(m);
	y = m->state[m->next++];
	y ^= y >> 11;
	y ^= (y << 7) & 0x9d2c5680u;
	y ^= (y << 15) & 0xefc60000u;
	return y ^ (y >> 18);
}
