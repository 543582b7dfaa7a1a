/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pairs of neighbouring pieces in all words: their counts, the words that they may stand in, and which of them
 * comes next. For vocabulary.c.
 *
 * The queue follows the Hugging Face BpeTrainer: an entry remembers the words in which its pair was new when it was
 * queued and the count of then. A pair that comes up anew in more words gets a second entry for these. An
 * entry whose count is no longer true goes back with the true one. */
#ifndef REVUE_TEXT_MERGES_H
#define REVUE_TEXT_MERGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct positions {
	uint32_t *items; /* indices of words */
	uint32_t count, capacity;
};

struct pair_count {
	uint32_t a, b;
	int64_t count;
	struct positions fresh; /* words since the last merges_queue_fresh */
};

struct merge {
	uint32_t pair;     /* index into pairs */
	uint32_t sequence; /* of two entries for one pair the older goes first */
	int64_t count;
	struct positions words;
};

struct merges {
	struct pair_count *pairs;
	size_t pair_count, pair_capacity;
	uint32_t *slots; /* index + 1 into pairs, 0: empty */
	size_t slot_count;
	uint32_t *changed; /* pairs with fresh words */
	size_t changed_count, changed_capacity;
	struct merge *heap;
	size_t heap_count, heap_capacity;
	uint32_t sequence;
};

/* Start with {0}. Functions that return bool return false when memory is short. */
void merges_free(struct merges *merges);

/* Adds `change` to the count of the pair (a, b); above 0, `word` is one of its words. */
bool merges_count(struct merges *merges, uint32_t a, uint32_t b, int64_t change, uint32_t word);

/* Queues every pair that got words since the last call and has a count above 0. */
bool merges_queue_fresh(struct merges *merges);

/* Takes the entry with the highest count, of equal ones that with the smaller pair. The caller frees
 * out->words.items. Returns false when there is none. */
bool merges_next(struct merges *merges, struct merge *out);

#endif
