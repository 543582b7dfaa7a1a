/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/text/words.h"

#include "engine/base/size.h"

#include <stdlib.h>

/* FNV-1a with a final mix. Words of a text that somebody made to collide only cost their own user time. */
static uint64_t hash_word(struct span word)
{
	uint64_t hash = 0xCBF29CE484222325u;

	for (size_t i = 0; i < word.size; i++)
		hash = (hash ^ (unsigned char)word.data[i]) * 0x100000001B3u;
	return (hash ^ hash >> 29) * 0xBF58476D1CE4E5B9u;
}

static bool slots_grow(struct word_counts *words)
{
	size_t count = words->slot_count ? 2 * words->slot_count : 65536;
	uint32_t *slots = calloc(count, sizeof *slots);

	if (!slots)
		return false;
	free(words->slots);
	words->slots = slots;
	words->slot_count = count;
	for (size_t i = 0; i < words->count; i++) {
		const struct word_count *item = words->items + i;
		size_t at = hash_word((struct span){words->text.data + item->offset, item->size}) & (count - 1);

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
	uint64_t hash = hash_word(word);
	uint32_t tag = (uint32_t)(hash >> 32);
	size_t at;

	if (words->count * 2 >= words->slot_count && !slots_grow(words))
		return false;
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
