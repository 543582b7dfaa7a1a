/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be told of many texts at once: how long they are, which stand there twice, with two labels, or on both sides of
 * a split. Texts count as the same where they have the same words between ASCII white space; they are known by a hash of
 * 64 bits, of which a million texts have two alike by chance once in 40 million files. */
#ifndef REVUE_TRAIN_TEXT_FACTS_H
#define REVUE_TRAIN_TEXT_FACTS_H

#include "engine/error.h"
#include "engine/span.h"

#include <stddef.h>
#include <stdint.h>

#define TEXT_EMPTY 0u /* the hash of a text without a word */

/* Of one text. */
struct text_facts {
	uint64_t hash;
	int64_t tokens; /* of all of it, special tokens included */
	int64_t read;   /* of these those that count; the others are cut off */
};

uint64_t text_hash(struct span text);

/* Texts that were seen, on two sides. Start with {0}, end with text_set_free. */
struct text_set {
	struct text_entry *entries;
	size_t capacity, count;
};

/* Counts a text. It takes memory now and then; false: there was none. */
bool text_set_add(struct text_set *set, uint64_t hash, int32_t label, bool held_out, struct error *error);
void text_set_free(struct text_set *set);

/* Whether the text was counted; *label: the first label that it came with. */
bool text_set_find(const struct text_set *set, uint64_t hash, int32_t *label);

struct text_counts {
	uint64_t empty, empty_held_out;     /* rows without a word; of the rest: */
	uint64_t doubled, doubled_held_out; /* rows whose text a row before on their side has too */
	uint64_t in_both;                   /* rows held out whose text is trained on */
	uint64_t two_labels;                /* different texts that stand there with more than one label */
};
struct text_counts text_set_count(const struct text_set *set);

#endif
