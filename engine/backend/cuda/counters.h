/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Dropout on the device: the numbers of engine/base/random.h as engine/backend/backend.h deals them out to elements. */
#ifndef REVUE_BACKEND_CUDA_COUNTERS_H
#define REVUE_BACKEND_CUDA_COUNTERS_H

#include "engine/backend/conventions.h"
#include "engine/backend/cuda/device.h"

/* A struct dropout as kernels take it: of 16 bits those below the threshold are dropped, none where it is 0. */
struct keeping {
	uint64_t seed;
	const uint32_t *counter; /* where the step stands in memory, so that a graph can be used in all steps; NULL: in `step` */
	uint32_t site, step, threshold;
	float scale;
};

static inline struct keeping keeping_of(const struct cuda *c, const struct dropout *dropout)
{
	const uint32_t *counter = cuda_counter(c, dropout->step);

	return {dropout->seed, counter, dropout->site, counter ? 0 : static_cast<uint32_t>(dropout->step), dropout_threshold(dropout),
	        dropout_scale(dropout)};
}

/* The four words of Philox for elements 8 * block .. 8 * block + 7. */
static __device__ __forceinline__ void keeping_bits(const struct keeping &k, uint64_t block, uint32_t bits[4])
{
	const uint32_t counter[4] = {static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32), k.site,
	                             k.counter ? *k.counter : k.step};

	philox(k.seed, counter, bits);
}

/* Which of the elements 8 * block .. 8 * block + 7 are kept: one bit each. */
static __device__ __forceinline__ unsigned kept8(const struct keeping &k, uint64_t block)
{
	uint32_t bits[4];
	unsigned kept = 0;

	keeping_bits(k, block, bits);
	for (int i = 0; i < 4; i++)
		kept |= ((bits[i] & 0xFFFF) >= k.threshold ? 1u : 0u) << i | ((bits[i] >> 16) >= k.threshold ? 1u : 0u) << (i + 4);
	return kept;
}

static __device__ __forceinline__ float drop(const struct keeping &k, unsigned kept, float x)
{
	return kept ? x * k.scale : 0;
}

/* The elements e .. e+3 after dropout. MULTIPLE: e is a multiple of 4. */
template <bool MULTIPLE> static __device__ __forceinline__ float4 drop4(const struct keeping &k, uint64_t e, float4 x)
{
	unsigned kept;

	if (k.threshold == 0)
		return x;
	kept = kept8(k, e / 8) >> e % 8;
	if (!MULTIPLE && e % 8 > 4)
		kept |= kept8(k, e / 8 + 1) << (8 - e % 8);
	return make_float4(drop(k, kept & 1, x.x), drop(k, kept & 2, x.y), drop(k, kept & 4, x.z), drop(k, kept & 8, x.w));
}

#endif
