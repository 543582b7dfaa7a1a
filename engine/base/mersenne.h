/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * MT19937 (Matsumoto & Nishimura 1998), 32 bits at a time: what torch's CPU generator and numpy's RandomState draw. */
#ifndef REVUE_BASE_MERSENNE_H
#define REVUE_BASE_MERSENNE_H

#include <stdint.h>

struct mersenne {
	uint32_t state[624];
	int next;
};

/* As init_genrand(seed), which torch.manual_seed and numpy.random.RandomState(seed) call. */
void mersenne_seed(struct mersenne *mersenne, uint32_t seed);
uint32_t mersenne_draw(struct mersenne *mersenne);

#endif
