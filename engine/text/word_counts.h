/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Different words and how often each was seen, in the order in which they were seen first. */
#ifndef REVUE_TEXT_WORD_COUNTS_H
#define REVUE_TEXT_WORD_COUNTS_H

#include "engine/base/buffer.h"
#include "engine/span.h"

#include <stdint.h>

struct word_count {
	size_t offset; /* in text */
	uint32_t size;
	uint32_t tag; /* of the hash */
	int64_t count;
};

/* Start with {.text.maximum = N}. */
struct word_counts {
	struct buffer text;
	struct word_count *items;
	size_t count, capacity;
	uint32_t *slots; /* index + 1 into items, 0: empty */
	size_t slot_count;
	uint64_t seed; /* drawn, so that nobody can write words that all collide; the order of items does not show it */
};

bool word_counts_add(struct word_counts *words, struct span word); /* false: memory is short */
void word_counts_free(struct word_counts *words);

#endif
