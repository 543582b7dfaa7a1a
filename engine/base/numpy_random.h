/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two random generators of numpy, draw for draw: numpy.random.RandomState(seed), which scikit-learn and pandas use,
 * and numpy.random.default_rng(seed), which datasets uses.
 *
 * Source: numpy 2.4, numpy/random: mtrand.pyx, _generator.pyx and the distributions. */
#ifndef REVUE_BASE_NUMPY_RANDOM_H
#define REVUE_BASE_NUMPY_RANDOM_H

#include "engine/base/mersenne.h"
#include "engine/base/pcg64.h"

struct numpy_random {
	enum { NUMPY_RANDOM_STATE, NUMPY_GENERATOR } kind;
	union {
		struct mersenne mersenne; /* of a RandomState */
		struct pcg64 pcg;         /* of a Generator */
	};
};

void numpy_random_state(struct numpy_random *random, uint32_t seed); /* numpy.random.RandomState(seed) */
void numpy_default_rng(struct numpy_random *random, uint32_t seed);  /* numpy.random.default_rng(seed) */

/* random.shuffle(values) of a one-dimensional array; random.permutation(values) is the same on a copy. */
void numpy_shuffle(struct numpy_random *random, uint32_t *values, uint32_t count);

/* random.permutation(count). The caller owns `out`, [count]. */
void numpy_permutation(struct numpy_random *random, uint32_t *out, uint32_t count);

/* random.choice(population, size, replace=False): indices below `population`, which is at most NUMPY_CHOICE_MAX: for more,
 * numpy takes another way. `size` is at most the population.
 *
 * out  [population], of which the first `size` entries are the answer; the rest is scratch */
#define NUMPY_CHOICE_MAX 10000u
void numpy_choice(struct numpy_random *random, uint32_t *out, uint32_t population, uint32_t size);

#endif
