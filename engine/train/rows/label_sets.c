/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows/label_sets.h"

#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define FIRST_SLOTS 256u
#define CLASS_ROWS 20     /* fewer rows of a set give less than a row to a usual share */
#define CLASSES_MAX 1000

static int by_number(const void *a, const void *b)
{
	int32_t first = *(const int32_t *)a, second = *(const int32_t *)b;

	return (first > second) - (first < second);
}

/* Keyed at random, so that whoever wrote the file cannot make all sets collide; a multiply and fold, as in wyhash. */
static uint64_t hash_set(const struct label_sets *sets, const int32_t *labels, size_t count)
{
	__extension__ typedef unsigned __int128 wide;
	uint64_t hash = sets->key[0] ^ count;

	for (size_t i = 0; i <= count; i++) {
		wide product = (wide)(hash ^ (i < count ? (uint64_t)labels[i] + 1 : 0)) * sets->key[1];
		hash = (uint64_t)product ^ (uint64_t)(product >> 64);
	}
	return hash;
}

static bool is_set(const struct label_sets *sets, int32_t set, const int32_t *labels, size_t count)
{
	size_t start = sets->starts[set];

	return sets->starts[set + 1] - start == count &&
	       (count == 0 || memcmp(sets->members + start, labels, count * sizeof *labels) == 0);
}

/* The slot of a set, or the empty one where it belongs. */
static size_t find_slot(const struct label_sets *sets, const int32_t *labels, size_t count)
{
	size_t mask = sets->slot_count - 1, slot = (size_t)hash_set(sets, labels, count) & mask;

	while (sets->slots[slot] && !is_set(sets, (int32_t)sets->slots[slot] - 1, labels, count))
		slot = (slot + 1) & mask;
	return slot;
}

static void place_again(struct label_sets *sets)
{
	for (int32_t i = 0; i < sets->count; i++) {
		size_t start = sets->starts[i];

		sets->slots[find_slot(sets, sets->members + start, sets->starts[i + 1] - start)] = (uint32_t)i + 1;
	}
}

/* Half of the slots are free at least, so that a search ends soon. */
static bool reserve_slot(struct label_sets *sets)
{
	size_t count = sets->slot_count ? 2 * sets->slot_count : FIRST_SLOTS;
	uint32_t *slots;

	if (2 * ((size_t)sets->count + 1) <= sets->slot_count)
		return true;
	slots = size_calloc(count, sizeof *slots);
	if (!slots)
		return false;
	if (!sets->slots) {
		if (getrandom(sets->key, sizeof sets->key, 0) < 0)
			sets->key[0] = (uint64_t)(uintptr_t)slots;
		sets->key[1] |= 1;
	}
	free(sets->slots);
	sets->slots = slots;
	sets->slot_count = count;
	place_again(sets);
	return true;
}

static bool reserve_members(struct label_sets *sets, size_t needed)
{
	size_t capacity = sets->member_capacity ? sets->member_capacity : 64;
	int32_t *members;

	if (needed <= sets->member_capacity)
		return true;
	while (capacity < needed)
		if (!size_multiply(capacity, 2, &capacity))
			return false;
	members = size_realloc(sets->members, capacity, sizeof *members);
	if (!members)
		return false;
	sets->members = members;
	sets->member_capacity = capacity;
	return true;
}

static bool reserve_start(struct label_sets *sets)
{
	size_t capacity = sets->start_capacity ? 2 * sets->start_capacity : 64;
	size_t *starts;

	if ((size_t)sets->count + 2 <= sets->start_capacity)
		return true;
	starts = size_realloc(sets->starts, capacity, sizeof *starts);
	if (!starts)
		return false;
	if (!sets->starts)
		starts[0] = 0;
	sets->starts = starts;
	sets->start_capacity = capacity;
	return true;
}

int32_t label_sets_add(struct label_sets *sets, int32_t *labels, size_t count)
{
	size_t slot, start;

	if (count > 1)
		qsort(labels, count, sizeof *labels, by_number);
	if (sets->count == INT32_MAX - 1 || !reserve_slot(sets) || !reserve_start(sets))
		return -1;
	slot = find_slot(sets, labels, count);
	if (sets->slots[slot])
		return (int32_t)sets->slots[slot] - 1;
	start = sets->starts[sets->count];
	if (!reserve_members(sets, start + count))
		return -1;
	if (count > 0)
		memcpy(sets->members + start, labels, count * sizeof *labels);
	sets->starts[++sets->count] = start + count;
	sets->slots[slot] = (uint32_t)sets->count;
	return sets->count - 1;
}

void label_sets_rename(struct label_sets *sets, const int32_t *label_of)
{
	size_t used = 0, start = 0;

	for (int32_t set = 0; set < sets->count; set++) {
		size_t end = sets->starts[set + 1], first = used;

		for (size_t i = start; i < end; i++)
			sets->members[i] = label_of[sets->members[i]];
		if (end > start + 1)
			qsort(sets->members + start, end - start, sizeof *sets->members, by_number);
		for (size_t i = start; i < end; i++)
			if (used == first || sets->members[used - 1] != sets->members[i])
				sets->members[used++] = sets->members[i];
		start = end;
		sets->starts[set + 1] = used;
	}
	free(sets->slots);
	sets->slots = NULL;
	sets->slot_count = 0;
}

void label_sets_fill(const struct label_sets *sets, int32_t set, float *targets, int32_t num_labels)
{
	memset(targets, 0, (size_t)num_labels * sizeof *targets);
	for (size_t i = sets->starts[set]; i < sets->starts[set + 1]; i++)
		targets[sets->members[i]] = 1;
}

/* The fewest rows for which a set gets a class of its own. */
static uint32_t fewest_rows(const uint32_t *rows, int32_t sets)
{
	uint32_t fewest = CLASS_ROWS;

	for (int32_t classes = CLASSES_MAX + 1; classes > CLASSES_MAX; fewest += classes > CLASSES_MAX ? fewest / 4 : 0) {
		classes = 0;
		for (int32_t i = 0; i < sets; i++)
			classes += rows[i] >= fewest;
	}
	return fewest;
}

int32_t label_sets_classes(const struct label_sets *sets, const int32_t *set_of, size_t rows, int32_t *classes)
{
	uint32_t *counts = size_calloc((size_t)sets->count, sizeof *counts), fewest;
	int32_t *class_of = size_calloc((size_t)sets->count, sizeof *class_of), count = 0;

	if (!counts || !class_of) {
		free(counts);
		free(class_of);
		return -1;
	}
	for (size_t i = 0; i < rows; i++)
		counts[set_of[i]]++;
	fewest = fewest_rows(counts, sets->count);
	for (int32_t i = 0; i < sets->count; i++)
		class_of[i] = counts[i] >= fewest ? count++ : -1;
	for (size_t i = 0; i < rows; i++)
		classes[i] = class_of[set_of[i]] < 0 ? count : class_of[set_of[i]];
	free(counts);
	free(class_of);
	return count + 1;
}

void label_sets_free(struct label_sets *sets)
{
	free(sets->members);
	free(sets->starts);
	free(sets->slots);
	*sets = (struct label_sets){0};
}
