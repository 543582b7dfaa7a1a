/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Randomness without hidden state. Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3")
 * for dropout and initialisation: a pure function of key and counter. MT19937
 * (mersenne.h) only to draw the row order that torch.randperm draws. */
#ifndef REVUE_BASE_RANDOM_H
#define REVUE_BASE_RANDOM_H

#include <stdint.h>

#ifdef __CUDACC__
#define RANDOM_ANYWHERE __host__ __device__ /* kernels of engine/backend/cuda draw the same numbers */
#else
#define RANDOM_ANYWHERE
#endif

RANDOM_ANYWHERE static inline void philox(uint64_t key, const uint32_t counter[4], uint32_t out[4])
{
	uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
	uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];

	for (int round = 0; round < 10; round++) {
		uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
		c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
		c1 = (uint32_t)p1;
		c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
		c3 = (uint32_t)p0;
		k0 += 0x9E3779B9u;
		k1 += 0xBB67AE85u;
	}
	out[0] = c0;
	out[1] = c1;
	out[2] = c2;
	out[3] = c3;
}

/* count values of N(0, deviation^2), a function of (seed, stream) only (Box-Muller on Philox). */
void random_normal(float *out, uint64_t count, float deviation, uint64_t seed, uint64_t stream);

/* count values of U(-bound, bound), a function of (seed, stream) only. */
void random_uniform(float *out, uint64_t count, float bound, uint64_t seed, uint64_t stream);

/* 0..count-1 in the order of torch.manual_seed(seed); torch.randperm(count) on the CPU.
 * count < 2^32 / 20. The caller owns `out`, [count]. */
void random_permutation(uint32_t *out, uint32_t count, uint32_t seed);

/* The same where the generator has given `drawn` numbers of 32 bits before. */
void random_permutation_after(uint32_t *out, uint32_t count, uint32_t seed, uint64_t drawn);

#endif
