/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What numpy.random.default_rng(seed) draws: PCG64, that is PCG XSL-RR 128/64 (O'Neill 2014), whose state numpy's
 * SeedSequence makes of the seed (randutils by O'Neill 2015). */
#ifndef REVUE_BASE_PCG64_H
#define REVUE_BASE_PCG64_H

#include <stdbool.h>
#include <stdint.h>

struct pcg64 {
	uint64_t high, low;                     /* of the state of 128 bits */
	uint64_t increment_high, increment_low;
	uint32_t kept;                          /* the upper half of the last 64 bits, where has_kept */
	bool has_kept;
};

/* SeedSequence(seed).generate_state(4, numpy.uint64). Shown for tests. */
void seed_sequence(uint32_t seed, uint64_t out[4]);

void pcg64_seed(struct pcg64 *pcg, uint32_t seed);

/* 64 bits. Shown for tests. */
uint64_t pcg64_draw(struct pcg64 *pcg);

/* As next_uint32 of numpy: of 64 bits first the lower half, the next time the upper one. */
uint32_t pcg64_draw_half(struct pcg64 *pcg);

#endif
