/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/optimize/sampling.h"

#include "engine/base/random.h"

#include <string.h>

/* What a data loader draws before its sampler does, a number of 64 bits: _BaseDataLoaderIter's _base_seed. */
#define DRAWN_BY_LOADER 2

#define MEGABATCHES_MIN 4
#define MEGABATCH_STEPS 50 /* a megabatch has the rows of so many steps, at most */

static uint64_t length_of(const struct sampling_rows *rows, uint32_t row)
{
	return rows->starts[row + 1] - rows->starts[row];
}

/* Two neighbouring stretches of from[first..], sorted already, into `to`; of equal lengths the earlier comes first. */
static void merge(const struct sampling_rows *rows, const uint32_t *from, uint32_t *to, uint64_t first, uint64_t middle,
                  uint64_t end)
{
	uint64_t left = first, right = middle;

	for (uint64_t at = first; at < end; at++) {
		bool take_right = left == middle || (right < end && length_of(rows, from[right]) > length_of(rows, from[left]));
		to[at] = from[take_right ? right++ : left++];
	}
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The longest first, as Python's sorted(reverse=True), which keeps the order of equal ones. */
static void sort_by_length(const struct sampling_rows *rows, uint32_t *order, uint32_t *scratch, uint64_t count)
{
	uint32_t *from = order, *to = scratch, *kept;

	for (uint64_t width = 1; width < count; width *= 2) {
		for (uint64_t first = 0; first < count; first += 2 * width)
			merge(rows, from, to, first, least(first + width, count), least(first + 2 * width, count));
		kept = from;
		from = to;
		to = kept;
	}
	if (from != order)
		memcpy(order, from, count * sizeof *order);
}

/* The longest row of all becomes the very first, so that a batch that is too large shows at once. */
static void put_longest_first(const struct sampling_rows *rows, uint32_t *order, uint64_t megabatch)
{
	uint64_t at = 0;
	uint32_t kept = order[0];

	for (uint64_t first = 0; first < rows->count; first += megabatch)
		if (length_of(rows, order[first]) > length_of(rows, order[at]))
			at = first;
	order[0] = order[at];
	order[at] = kept;
}

/* Numbers that the generator has given when the sampler asks: every loader's own, and the permutations of earlier epochs. */
static uint64_t drawn_before(const struct sampling_rows *rows, const struct sampling_epoch *at)
{
	uint64_t loaders = at->epoch + 1 + at->evaluations, permutation = rows->count > 0 ? rows->count - 1 : 0;

	return loaders * DRAWN_BY_LOADER + at->epoch * permutation;
}

static void group_by_length(const struct sampling_rows *rows, const struct sampling_epoch *at, uint32_t *order,
                            uint32_t *scratch)
{
	uint64_t steps = least(rows->count / (rows->per_step * MEGABATCHES_MIN), MEGABATCH_STEPS), megabatch;

	megabatch = rows->per_step * (steps > 0 ? steps : 1);
	random_permutation_after(order, rows->count, (uint32_t)at->seed, drawn_before(rows, at));
	for (uint64_t first = 0; first < rows->count; first += megabatch)
		sort_by_length(rows, order + first, scratch, least(megabatch, rows->count - first));
	put_longest_first(rows, order, megabatch);
}

void sampling_order(enum sampling sampling, const struct sampling_rows *rows, const struct sampling_epoch *at,
                    uint32_t *order, uint32_t *scratch)
{
	switch (sampling) {
	case SAMPLING_RANDOM:
		random_permutation(order, rows->count, (uint32_t)(at->seed + at->epoch));
		return;
	case SAMPLING_SEQUENTIAL:
		for (uint32_t i = 0; i < rows->count; i++)
			order[i] = i;
		return;
	case SAMPLING_GROUP_BY_LENGTH:
		group_by_length(rows, at, order, scratch);
		return;
	}
}

enum sampling sampling_find(const char *word)
{
	if (strcmp(word, "sequential") == 0)
		return SAMPLING_SEQUENTIAL;
	return strcmp(word, "group_by_length") == 0 ? SAMPLING_GROUP_BY_LENGTH : SAMPLING_RANDOM;
}
