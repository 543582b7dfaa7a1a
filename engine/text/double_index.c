/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/doubles.h"

#include <stdlib.h>

#define BAND_MINIMA 3 /* that must agree for two texts to be compared */
#define BANDS (DOUBLES_HASHES / BAND_MINIMA)
#define COMPARISONS 256 /* of a text in one band at most: texts that share a phrase are no reason for the square of their number */
#define FIRST_TEXTS 1024

/* The low halves of the minima: two that differ agree by chance once in 65,536. */
struct short_sketch {
	uint16_t minima[DOUBLES_HASHES];
};

struct double_index {
	uint64_t *keys;                /* [capacity] double_key */
	struct short_sketch *sketches; /* [capacity]; NULL: only exact doubles are looked for */
	uint64_t count, capacity;
	bool near;
};

/* A text by what it is sorted by. */
struct entry {
	uint64_t key, number;
};

struct double_index *double_index_new(bool near)
{
	struct double_index *index = calloc(1, sizeof *index);

	if (index)
		index->near = near;
	return index;
}

void double_index_free(struct double_index *index)
{
	if (!index)
		return;
	free(index->keys);
	free(index->sketches);
	free(index);
}

static bool grow(struct double_index *index)
{
	const uint64_t capacity = index->capacity > 0 ? index->capacity + index->capacity / 2 : FIRST_TEXTS;
	uint64_t *keys;
	struct short_sketch *sketches;

	if (index->count < index->capacity)
		return true;
	keys = reallocarray(index->keys, capacity, sizeof *keys);
	if (!keys)
		return false;
	index->keys = keys;
	sketches = index->near ? reallocarray(index->sketches, capacity, sizeof *sketches) : NULL;
	if (index->near && !sketches)
		return false;
	index->sketches = sketches;
	index->capacity = capacity;
	return true;
}

bool double_index_add(struct double_index *index, struct span text)
{
	struct double_sketch sketch;

	if (!grow(index))
		return false;
	index->keys[index->count] = double_key(text);
	if (index->near) {
		double_sketch_make(&sketch, text);
		for (int i = 0; i < DOUBLES_HASHES; i++)
			index->sketches[index->count].minima[i] = (uint16_t)sketch.minima[i];
	}
	index->count++;
	return true;
}

uint64_t double_index_count(const struct double_index *index)
{
	return index->count;
}

void double_index_cut(struct double_index *index, uint64_t count)
{
	index->count = count < index->count ? count : index->count;
}

static int compare_entries(const void *of_a, const void *of_b)
{
	const struct entry *a = of_a, *b = of_b;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

/* The texts with words, those that repeat each other side by side. Returns how many. */
static uint64_t sort_by_key(const struct double_index *index, struct entry *entries)
{
	uint64_t count = 0;

	for (uint64_t i = 0; i < index->count; i++)
		if (index->keys[i] != 0)
			entries[count++] = (struct entry){index->keys[i], i};
	qsort(entries, count, sizeof *entries, compare_entries);
	return count;
}

static void find_exact(const struct entry *entries, uint64_t count, bool *has)
{
	for (uint64_t i = 1; i < count; i++) {
		if (entries[i].key == entries[i - 1].key)
			has[entries[i].number] = has[entries[i - 1].number] = true;
	}
}

/* Of texts that are the same the first stands for all: each of them has a double already. Returns how many are left. */
static uint64_t keep_first(struct entry *entries, uint64_t count)
{
	uint64_t kept = 0, last = 0;

	for (uint64_t i = 0; i < count; i++) {
		const uint64_t key = entries[i].key;

		if (key != last)
			entries[kept++] = entries[i];
		last = key;
	}
	return kept;
}

static bool is_near(const struct double_index *index, uint64_t a, uint64_t b)
{
	const uint16_t *left = index->sketches[a].minima, *right = index->sketches[b].minima;
	int same = 0;

	for (int i = 0; i < DOUBLES_HASHES; i++)
		same += left[i] == right[i];
	return (float)same >= DOUBLES_NEAR * DOUBLES_HASHES;
}

/* entries[count] agree in a band. */
static void compare_band(const struct double_index *index, const struct entry *entries, uint64_t count, bool *has)
{
	for (uint64_t i = 0; i < count; i++) {
		const uint64_t end = count - i > COMPARISONS ? i + COMPARISONS : count;

		for (uint64_t j = i + 1; j < end; j++) {
			const uint64_t a = entries[i].number, b = entries[j].number;

			if (!(has[a] && has[b]) && is_near(index, a, b))
				has[a] = has[b] = true;
		}
	}
}

static void find_in_band(const struct double_index *index, int band, struct entry *entries, uint64_t count, bool *has)
{
	uint64_t first = 0;

	for (uint64_t i = 0; i < count; i++) {
		const uint16_t *minima = index->sketches[entries[i].number].minima + band * BAND_MINIMA;

		entries[i].key = (uint64_t)minima[0] << 32 | (uint64_t)minima[1] << 16 | minima[2];
	}
	qsort(entries, count, sizeof *entries, compare_entries);
	for (uint64_t i = 1; i <= count; i++) {
		if (i < count && entries[i].key == entries[first].key)
			continue;
		compare_band(index, entries + first, i - first, has);
		first = i;
	}
}

bool double_index_find(const struct double_index *index, bool *has, const struct progress *progress, struct error *error)
{
	struct entry *entries = calloc(index->count + 1, sizeof *entries);
	uint64_t count;
	bool good = true;

	if (!entries)
		return error_memory(error, "looking for doubles");
	memset(has, 0, index->count * sizeof *has);
	count = sort_by_key(index, entries);
	find_exact(entries, count, has);
	count = index->near ? keep_first(entries, count) : 0;
	for (int band = 0; good && count > 1 && band < BANDS; band++) {
		good = progress_report(progress, "looking for doubles", (uint64_t)band, BANDS) ||
		       error_set(error, ERROR_INTERRUPTED, "stopped");
		if (good)
			find_in_band(index, band, entries, count, has);
	}
	free(entries);
	return good;
}
