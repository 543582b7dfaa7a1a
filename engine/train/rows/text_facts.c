/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows/text_facts.h"

#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)4096)
#define FEWEST_ENTRIES ((size_t)1024)

/* Hashing */

/* The finaliser of SplitMix64 (Steele, Lea & Flood 2014): every bit in changes half of the bits out. */
static uint64_t scramble(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static inline bool is_blank(unsigned char byte)
{
	return (byte == ' ') | ((unsigned char)(byte - '\t') <= '\r' - '\t');
}

/* Normalised bytes on their way into the hash, eight at a time. */
struct hashing {
	uint64_t hash, bytes;
	size_t held;            /* in `block` */
	unsigned char block[BLOCK_BYTES];
};

/* Takes whole words of 64 bits; what is left of the block moves to its front. The order of bytes is the machine's: a hash
 * leaves no process. */
static void hash_block(struct hashing *hashing)
{
	size_t at = 0;

	for (uint64_t word; hashing->held - at >= sizeof word; at += sizeof word) {
		memcpy(&word, hashing->block + at, sizeof word);
		hashing->hash = (hashing->hash ^ word) * 0x9fb21c651e98df25u;
		hashing->hash ^= hashing->hash >> 32;
	}
	memmove(hashing->block, hashing->block + at, hashing->held - at);
	hashing->bytes += at;
	hashing->held -= at;
}

/* Copies the text with one blank for each stretch of white space and none before the first word. There is no branch that
 * hangs on a byte: words are short, and each wrong guess of the processor costs more than the rest. */
static bool hash_some(struct hashing *hashing, const unsigned char *at, size_t size, bool space)
{
	unsigned char *out = hashing->block + hashing->held;

	for (size_t i = 0; i < size; i++) {
		const bool blank = is_blank(at[i]);

		*out = blank ? ' ' : at[i];
		out += !(blank & space);
		space = blank;
	}
	hashing->held = (size_t)(out - hashing->block);
	return space;
}

uint64_t text_hash(struct span text)
{
	const unsigned char *at = (const unsigned char *)text.data;
	struct hashing hashing;
	uint64_t last = 0, hash;
	bool space = true;

	hashing.hash = hashing.bytes = hashing.held = 0;
	while (text.size > 0 && is_blank(at[text.size - 1]))
		text.size--;
	for (size_t done = 0, some; done < text.size; done += some) {
		some = text.size - done < BLOCK_BYTES - 16 ? text.size - done : BLOCK_BYTES - 16;
		space = hash_some(&hashing, at + done, some, space);
		hash_block(&hashing);
	}
	memcpy(&last, hashing.block, hashing.held);
	if (hashing.bytes + hashing.held == 0)
		return TEXT_EMPTY;
	hash = scramble(scramble(hashing.hash ^ last) ^ (hashing.bytes + hashing.held));
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

bool text_set_find(const struct text_set *set, uint64_t hash, int32_t *label)
{
	const struct text_entry *entry = set->count > 0 ? find(set, hash) : NULL;

	if (!entry || is_free(entry))
		return false;
	*label = entry->label;
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
