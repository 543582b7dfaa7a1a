/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/text_facts.h"

#include "engine/base/size.h"

#include <stdlib.h>

#define FEWEST_ENTRIES ((size_t)1024)

/* Hashing */

/* The finaliser of SplitMix64 (Steele, Lea & Flood 2014): every bit in changes half of the bits out. */
static uint64_t scramble(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static bool is_space(unsigned char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* Eight bytes of the normalised text at a time; `word` holds those that are not enough yet. */
struct hashing {
	uint64_t hash, word, bytes;
};

static inline void hash_byte(struct hashing *hashing, unsigned char byte)
{
	hashing->word = hashing->word << 8 | byte;
	if (++hashing->bytes % 8 == 0)
		hashing->hash = scramble(hashing->hash ^ hashing->word);
}

uint64_t text_hash(struct span text)
{
	const unsigned char *at = (const unsigned char *)text.data, *end = at + text.size;
	struct hashing hashing = {0};
	uint64_t hash;

	while (at < end) {
		if (is_space(*at)) {
			at++;
			continue;
		}
		if (hashing.bytes > 0)
			hash_byte(&hashing, ' ');
		for (; at < end && !is_space(*at); at++)
			hash_byte(&hashing, *at);
	}
	if (hashing.bytes == 0)
		return TEXT_EMPTY;
	hash = scramble(scramble(hashing.hash ^ hashing.word) ^ hashing.bytes);
	return hash == TEXT_EMPTY ? 1 : hash;
}

/* Counting */

/* A place in the table; a text of no row is a free one. All empty texts have one entry, whose hash is TEXT_EMPTY. */
struct text_entry {
	uint64_t hash;
	uint32_t training, held_out; /* rows */
	int32_t label;
	bool two_labels;
};

static bool is_free(const struct text_entry *entry)
{
	return entry->training == 0 && entry->held_out == 0;
}

/* The text's entry, or the free one that it gets. The capacity is a power of 2 and never full. */
static struct text_entry *find(const struct text_set *set, uint64_t hash)
{
	size_t at = (size_t)hash & (set->capacity - 1);

	while (!is_free(&set->entries[at]) && set->entries[at].hash != hash)
		at = (at + 1) & (set->capacity - 1);
	return &set->entries[at];
}

static bool grow(struct text_set *set, struct error *error)
{
	struct text_set larger = {.capacity = set->capacity ? 2 * set->capacity : FEWEST_ENTRIES, .count = set->count};

	if (set->count * 2 < set->capacity)
		return true;
	larger.entries = size_calloc(larger.capacity, sizeof *larger.entries);
	if (!larger.entries)
		return error_memory(error, "comparing the texts");
	for (size_t i = 0; i < set->capacity; i++)
		if (!is_free(&set->entries[i]))
			*find(&larger, set->entries[i].hash) = set->entries[i];
	free(set->entries);
	*set = larger;
	return true;
}

bool text_set_add(struct text_set *set, uint64_t hash, int32_t label, bool held_out, struct error *error)
{
	struct text_entry *entry;

	if (!grow(set, error))
		return false;
	entry = find(set, hash);
	if (is_free(entry)) {
		*entry = (struct text_entry){.hash = hash, .label = label};
		set->count++;
	}
	entry->two_labels = entry->two_labels || entry->label != label;
	if (held_out)
		entry->held_out++;
	else
		entry->training++;
	return true;
}

void text_set_free(struct text_set *set)
{
	free(set->entries);
	*set = (struct text_set){0};
}

struct text_counts text_set_count(const struct text_set *set)
{
	struct text_counts counts = {0};

	for (size_t i = 0; i < set->capacity; i++) {
		const struct text_entry *entry = &set->entries[i];

		if (is_free(entry))
			continue;
		if (entry->hash == TEXT_EMPTY) {
			counts.empty = entry->training;
			counts.empty_held_out = entry->held_out;
			continue;
		}
		counts.doubled += entry->training > 1 ? entry->training - 1 : 0;
		counts.doubled_held_out += entry->held_out > 1 ? entry->held_out - 1 : 0;
		counts.in_both += entry->training ? entry->held_out : 0;
		counts.two_labels += entry->two_labels;
	}
	return counts;
}
