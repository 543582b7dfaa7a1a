/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/text/word_counts.h"

#include "engine/base/size.h"

#include <stdlib.h>
#include <sys/random.h>

/* A product a byte, from a seed, with a final mix. */
static uint64_t hash_word(const struct word_counts *words, struct span word)
{
	uint64_t hash = words->seed;

	for (size_t i = 0; i < word.size; i++)
		hash = (hash ^ (unsigned char)word.data[i]) * 0x9E3779B97F4A7C15u;
	return (hash ^ hash >> 29) * 0xBF58476D1CE4E5B9u;
}

static bool slots_grow(struct word_counts *words)
{
	size_t count = words->slot_count ? 2 * words->slot_count : 65536;
	uint32_t *slots = calloc(count, sizeof *slots);

	if (!slots)
		return false;
	if (!words->slot_count && getrandom(&words->seed, sizeof words->seed, GRND_NONBLOCK) < 0)
		words->seed = (uintptr_t)slots;
	free(words->slots);
	words->slots = slots;
	words->slot_count = count;
	for (size_t i = 0; i < words->count; i++) {
		const struct word_count *item = words->items + i;
		size_t at = hash_word(words, (struct span){words->text.data + item->offset, item->size}) & (count - 1);

		while (slots[at])
			at = (at + 1) & (count - 1);
		slots[at] = (uint32_t)i + 1;
	}
	return true;
}

static bool add_new(struct word_counts *words, struct span word, uint32_t tag)
{
	struct word_count *items;

	if (words->count == words->capacity) {
		size_t capacity = words->capacity ? 2 * words->capacity : 16384;

		items = size_realloc(words->items, capacity, sizeof *items);
		if (!items)
			return false;
		words->items = items;
		words->capacity = capacity;
	}
	if (words->count == UINT32_MAX - 1 || !buffer_add(&words->text, word.data, word.size))
		return false;
	words->items[words->count++] = (struct word_count){
		.offset = words->text.size - word.size, .size = (uint32_t)word.size, .tag = tag, .count = 1};
	return true;
}

bool word_counts_add(struct word_counts *words, struct span word)
{
	uint64_t hash;
	uint32_t tag;
	size_t at;

	if (words->count * 2 >= words->slot_count && !slots_grow(words))
		return false;
	hash = hash_word(words, word);
	tag = (uint32_t)(hash >> 32);
	for (at = hash & (words->slot_count - 1); words->slots[at]; at = (at + 1) & (words->slot_count - 1)) {
		struct word_count *item = words->items + (words->slots[at] - 1);

		if (item->tag == tag && item->size == word.size &&
		    memcmp(words->text.data + item->offset, word.data, word.size) == 0) {
			item->count++;
			return true;
		}
	}
	if (!add_new(words, word, tag))
		return false;
	words->slots[at] = (uint32_t)words->count;
	return true;
}

void word_counts_free(struct word_counts *words)
{
	buffer_free(&words->text);
	free(words->items);
	free(words->slots);
	words->items = NULL;
	words->slots = NULL;
	words->count = words->capacity = words->slot_count = 0;
}
