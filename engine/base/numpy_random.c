/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/numpy_random.h"

#include <stdbool.h>
#include <string.h>

void numpy_random_state(struct numpy_random *random, uint32_t seed)
{
	random->kind = NUMPY_RANDOM_STATE;
	mersenne_seed(&random->mersenne, seed);
}

void numpy_default_rng(struct numpy_random *random, uint32_t seed)
{
	random->kind = NUMPY_GENERATOR;
	pcg64_seed(&random->pcg, seed);
}

static uint32_t draw(struct numpy_random *random)
{
	return random->kind == NUMPY_RANDOM_STATE ? mersenne_draw(&random->mersenne) : pcg64_draw_half(&random->pcg);
}

/* 0 .. most, as random_interval draws it: what the bits of `most` can hold, until it is not more. */
static uint32_t draw_masked(struct numpy_random *random, uint32_t most)
{
	uint32_t mask = most, drawn;

	for (int shift = 1; shift < 32; shift *= 2)
		mask |= mask >> shift;
	do
		drawn = draw(random) & mask;
	while (drawn > most);
	return drawn;
}

/* 0 .. most, most < 2^32 - 1, as random_bounded_uint64 draws it (Lemire 2019). */
static uint32_t draw_lemire(struct numpy_random *random, uint32_t most)
{
	uint32_t range = most + 1, threshold = (UINT32_MAX - most) % range;
	uint64_t product;

	if (most == 0)
		return 0;
	do
		product = (uint64_t)draw(random) * range;
	while ((uint32_t)product < threshold);
	return (uint32_t)(product >> 32);
}

static void swap(uint32_t *values, uint32_t i, uint32_t j)
{
	uint32_t kept = values[i];

	values[i] = values[j];
	values[j] = kept;
}

void numpy_shuffle(struct numpy_random *random, uint32_t *values, uint32_t count)
{
	for (uint32_t i = count; i-- > 1;)
		swap(values, i, draw_masked(random, i));
}

void numpy_permutation(struct numpy_random *random, uint32_t *out, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		out[i] = i;
	numpy_shuffle(random, out, count);
}

/* Floyd's algorithm, then a shuffle with the other way to draw. */
static void choose_floyd(struct numpy_random *random, uint32_t *out, uint32_t population, uint32_t size)
{
	bool taken[NUMPY_CHOICE_MAX];
	uint32_t found = 0;

	memset(taken, 0, population);
	for (uint32_t j = population - size; j < population; j++) {
		uint32_t drawn = draw_lemire(random, j);

		drawn = taken[drawn] ? j : drawn;
		taken[drawn] = true;
		out[found++] = drawn;
	}
	for (uint32_t i = size; i-- > 1;)
		swap(out, i, draw_lemire(random, i));
}

void numpy_choice(struct numpy_random *random, uint32_t *out, uint32_t population, uint32_t size)
{
	if (random->kind == NUMPY_RANDOM_STATE)
		numpy_permutation(random, out, population);
	else
		choose_floyd(random, out, population, size);
}
