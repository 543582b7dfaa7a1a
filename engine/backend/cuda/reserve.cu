/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Scratch and staging memory, as large as the operation that wants most of it. Both only grow. */
#include "engine/backend/cuda/operations.h"
#include "engine/backend/cuda/steps.h"

#include <cstdio>

#define STAGING_LEAST (size_t{4} << 20)
#define STEP_STAGING (size_t{4} << 20) /* what a step gathers beside the arrays of its largest operation; more is waited for */

typedef size_t (*bytes_function)(const struct backend_needs *needs);

static const bytes_function scratch_users[] = {
	cuda_norm_scratch, cuda_attention_scratch, cuda_optimizer_scratch, cuda_adafactor_scratch,
	cuda_four_bits_scratch,
};

static const bytes_function staging_users[] = {
	cuda_embedding_staging, cuda_loss_staging, cuda_attention_staging,
};

template <size_t COUNT> static size_t most(const bytes_function (&users)[COUNT], const struct backend_needs *needs)
{
	size_t bytes = 0;

	for (size_t i = 0; i < COUNT; i++)
		if (users[i](needs) > bytes)
			bytes = users[i](needs);
	return bytes;
}

static int32_t larger(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

/* The sizes of all calls of `reserve` so far; of heads the smallest, of which there are most. */
static struct backend_needs together(const struct backend_needs *a, const struct backend_needs *b)
{
	struct backend_needs needs = *b;

	needs.rows = larger(a->rows, b->rows);
	needs.features = larger(a->features, b->features);
	needs.longest = larger(a->longest, b->longest);
	if (a->head_size > 0 && (b->head_size <= 0 || a->head_size < b->head_size))
		needs.head_size = a->head_size;
	needs.types = a->types | b->types;
	needs.training = a->training || b->training;
	needs.numbers = backend_needs_numbers(a) > backend_needs_numbers(b) ? backend_needs_numbers(a) : backend_needs_numbers(b);
	return needs;
}

static bool regrow_scratch(struct cuda *c, size_t bytes)
{
	void *memory = nullptr;

	if (bytes <= c->scratch_bytes)
		return true;
	if (cudaMalloc(&memory, bytes) != cudaSuccess) {
		cudaGetLastError(); /* no memory is no failure of the device */
		return false;
	}
	cuda_sync(&c->backend);
	cudaFree(c->scratch);
	c->scratch = static_cast<float *>(memory);
	c->scratch_bytes = bytes;
	return true;
}

static bool take_areas(struct area areas[], size_t count, size_t bytes)
{
	for (size_t i = 0; i < count; i++)
		if (area_take(&areas[i], bytes) != cudaSuccess) {
			while (i > 0)
				area_free(&areas[--i]);
			return false;
		}
	return true;
}

/* All areas are of one size, and none of them is in use. */
static bool regrow_staging(struct cuda *c, size_t bytes)
{
	struct area areas[STEPS + 1];

	if (bytes <= c->staging_bytes)
		return true;
	if (!take_areas(areas, STEPS + 1, bytes))
		return false;
	cuda_settle(&c->backend, c->steps->number);
	cuda_sync(&c->backend);
	area_free(&c->usual);
	c->usual = areas[STEPS];
	for (size_t i = 0; i < STEPS; i++) {
		area_free(&c->steps->ring[i].area);
		c->steps->ring[i].area = areas[i];
	}
	c->staging_bytes = bytes;
	return true;
}

static size_t scratch_for(const struct cuda *c, const struct backend_needs *needs)
{
	const size_t scratch = most(scratch_users, needs), products = cuda_product_scratch(c, needs);

	return scratch > products ? scratch : products;
}

static size_t staging_for(const struct backend_needs *needs)
{
	const size_t staging = most(staging_users, needs) + (needs->training ? STEP_STAGING : 0);

	return staging > STAGING_LEAST ? staging : STAGING_LEAST;
}

uint64_t cuda_reserve_bytes(struct backend *b, const struct backend_needs *needs)
{
	const size_t scratch = scratch_for(cuda_of(b), needs), staging = staging_for(needs);

	return scratch > SIZE_MAX / 2 || staging > SIZE_MAX / 2 / (STEPS + 1) ? SIZE_MAX : scratch + (STEPS + 1) * staging;
}

bool cuda_reserve_memory(struct cuda *c, const struct backend_needs *needs, struct error *error)
{
	const struct backend_needs all = together(&c->needs, needs);

	if (!regrow_scratch(c, scratch_for(c, &all)) || !regrow_staging(c, staging_for(&all))) {
		char text[80];

		snprintf(text, sizeof text, "the GPU has no memory for steps of %d tokens", static_cast<int>(needs->rows));
		return cuda_memory_error(error, text);
	}
	c->needs = all;
	return true;
}
