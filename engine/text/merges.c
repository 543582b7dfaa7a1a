/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/text/merges.h"

#include "engine/base/size.h"

#include <stdlib.h>

void merges_free(struct merges *merges)
{
	for (size_t i = 0; i < merges->pair_count; i++)
		free(merges->pairs[i].fresh.items);
	for (size_t i = 0; i < merges->heap_count; i++)
		free(merges->heap[i].words.items);
	free(merges->pairs);
	free(merges->slots);
	free(merges->changed);
	free(merges->heap);
	*merges = (struct merges){0};
}

/* Room for one element more in an array of `size` bytes an element; NULL when memory is short. */
static void *room_for_one(void *array, size_t count, size_t *capacity, size_t size)
{
	size_t wanted = *capacity ? 2 * *capacity : 1024;

	if (count < *capacity)
		return array;
	array = size_realloc(array, wanted, size);
	if (array)
		*capacity = wanted;
	return array;
}

static size_t slot_of(const struct merges *merges, uint32_t a, uint32_t b)
{
	uint64_t hash = ((uint64_t)a << 32 | b) * 0x9E3779B97F4A7C15u;

	return (size_t)((hash ^ hash >> 32) & (merges->slot_count - 1));
}

static bool slots_grow(struct merges *merges)
{
	size_t count = merges->slot_count ? 2 * merges->slot_count : 16384;
	uint32_t *slots = calloc(count, sizeof *slots);

	if (!slots)
		return false;
	free(merges->slots);
	merges->slots = slots;
	merges->slot_count = count;
	for (size_t i = 0; i < merges->pair_count; i++) {
		size_t at = slot_of(merges, merges->pairs[i].a, merges->pairs[i].b);

		while (slots[at])
			at = (at + 1) & (count - 1);
		slots[at] = (uint32_t)i + 1;
	}
	return true;
}

/* The pair's place in pairs, made when it is new; UINT32_MAX when memory is short. */
static uint32_t find_pair(struct merges *merges, uint32_t a, uint32_t b)
{
	struct pair_count *pairs;
	size_t at;

	if (2 * merges->pair_count >= merges->slot_count && !slots_grow(merges))
		return UINT32_MAX;
	for (at = slot_of(merges, a, b); merges->slots[at]; at = (at + 1) & (merges->slot_count - 1)) {
		const struct pair_count *pair = merges->pairs + (merges->slots[at] - 1);

		if (pair->a == a && pair->b == b)
			return merges->slots[at] - 1;
	}
	pairs = room_for_one(merges->pairs, merges->pair_count, &merges->pair_capacity, sizeof *pairs);
	if (!pairs || merges->pair_count >= UINT32_MAX / 4)
		return UINT32_MAX;
	merges->pairs = pairs;
	pairs[merges->pair_count++] = (struct pair_count){.a = a, .b = b};
	merges->slots[at] = (uint32_t)merges->pair_count;
	return (uint32_t)merges->pair_count - 1;
}

static bool mark_changed(struct merges *merges, uint32_t index)
{
	uint32_t *changed = room_for_one(merges->changed, merges->changed_count, &merges->changed_capacity,
	                                 sizeof *changed);

	if (!changed)
		return false;
	merges->changed = changed;
	changed[merges->changed_count++] = index;
	return true;
}

/* A word counts once for a pair; all its changes come one after another. */
static bool add_word(struct merges *merges, uint32_t index, uint32_t word)
{
	struct positions *fresh = &merges->pairs[index].fresh;
	uint32_t *items;

	if (fresh->count && fresh->items[fresh->count - 1] == word)
		return true;
	if (!fresh->count && !mark_changed(merges, index))
		return false;
	if (fresh->count == fresh->capacity) {
		uint32_t capacity = fresh->capacity ? 2 * fresh->capacity : 4;

		items = size_realloc(fresh->items, capacity, sizeof *items);
		if (!items)
			return false;
		fresh->items = items;
		fresh->capacity = capacity;
	}
	fresh->items[fresh->count++] = word;
	return true;
}

bool merges_count(struct merges *merges, uint32_t a, uint32_t b, int64_t change, uint32_t word)
{
	uint32_t index = find_pair(merges, a, b);

	if (index == UINT32_MAX)
		return false;
	merges->pairs[index].count += change;
	return change < 0 || add_word(merges, index, word);
}

/* Whether entry x leaves the queue before entry y. */
static bool before(const struct merges *merges, const struct merge *x, const struct merge *y)
{
	const struct pair_count *p = merges->pairs + x->pair, *q = merges->pairs + y->pair;

	if (x->count != y->count)
		return x->count > y->count;
	if (p->a != q->a)
		return p->a < q->a;
	return p->b != q->b ? p->b < q->b : x->sequence < y->sequence;
}

static bool push(struct merges *merges, struct merge entry)
{
	struct merge *heap = room_for_one(merges->heap, merges->heap_count, &merges->heap_capacity, sizeof *heap);
	size_t at = merges->heap_count;

	if (!heap)
		return false;
	merges->heap = heap;
	merges->heap_count++;
	for (; at > 0 && before(merges, &entry, &heap[(at - 1) / 2]); at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = entry;
	return true;
}

/* Puts `entry` into the place of the first one and lets it sink. */
static void replace_first(struct merges *merges, struct merge entry)
{
	struct merge *heap = merges->heap;
	size_t at = 0, child;

	while ((child = 2 * at + 1) < merges->heap_count) {
		if (child + 1 < merges->heap_count && before(merges, &heap[child + 1], &heap[child]))
			child++;
		if (!before(merges, &heap[child], &entry))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = entry;
}

bool merges_queue_fresh(struct merges *merges)
{
	for (size_t i = 0; i < merges->changed_count; i++) {
		uint32_t index = merges->changed[i];
		struct pair_count *pair = merges->pairs + index;
		struct merge entry = {index, merges->sequence, pair->count, pair->fresh};

		if (pair->count <= 0)
			free(pair->fresh.items);
		else if (!push(merges, entry))
			return false;
		else
			merges->sequence++;
		pair->fresh = (struct positions){0};
	}
	merges->changed_count = 0;
	return true;
}

bool merges_next(struct merges *merges, struct merge *out)
{
	while (merges->heap_count > 0) {
		struct merge first = merges->heap[0];
		int64_t count = merges->pairs[first.pair].count;

		if (first.count == count) {
			merges->heap_count--;
			if (merges->heap_count)
				replace_first(merges, merges->heap[merges->heap_count]);
			*out = first;
			return true;
		}
		first.count = count;
		replace_first(merges, first);
	}
	return false;
}
