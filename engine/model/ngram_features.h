/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A text as the set of its n-grams of words, each known by the bucket that its hash falls into. No vocabulary is needed.
 *
 * Words. A word is a run of characters that are neither white space, control characters, punctuation nor ideographs (as
 * engine/text/unicode.h has them; its bytes that are no UTF-8 are control characters), in lower case. An apostrophe (' or
 * U+2019) between two such characters belongs to the word, as '. Each punctuation mark and each ideograph is a word by
 * itself; white space and control characters part words and are dropped.
 *
 * Buckets. A word's hash is FNV-1a of 64 bits over its bytes. That of an n-gram is G(n), where G(0) = 0 and
 * G(k) = mix(G(k - 1) ^ hash of word k), mix being the finaliser of SplitMix64; its bucket is the highest `bits` bits. All of
 * this is version 1 (NGRAM_VERSION): whoever changes any of it changes the scores of models that were saved. */
#ifndef REVUE_MODEL_NGRAM_FEATURES_H
#define REVUE_MODEL_NGRAM_FEATURES_H

#include "engine/format/ngram_config.h"
#include "engine/span.h"

#include <stdbool.h>

/* An n-gram: bytes from .. to - 1 of its text, `words` words. */
struct ngram_found {
	uint32_t bucket;
	uint32_t from, to;
	int32_t words;
};

/* Calls `take` for each n-gram of a text in the order of their last words, shorter ones first. It returns false to end.
 * Returns the number of words that were read. Of a text of more than 4 GB its first 4 GB count. */
int64_t ngram_each(const struct ngram_shape *shape, struct span text, bool (*take)(void *context, const struct ngram_found *found),
                   void *context);

/* The words of a stretch that begins and ends with a word, in lower case with a blank between, cut to what fits after a
 * whole character; always NUL-terminated. */
void ngram_spell(struct span text, char *out, size_t capacity);

/* The different buckets of a text, in the order in which they first occur. Start with {0}, end with ngram_reader_free. One
 * thread at a time. */
struct ngram_reader {
	struct ngram_found *found; /* [count] the first n-gram of each bucket */
	size_t count, capacity;
	int64_t words;             /* of the text */
	struct ngram_slot *slots;  /* the rest is the reader's own: an open hash table of the buckets of this text */
	size_t slot_count;
	uint32_t generation;
	bool failed;
};

/* False: out of memory. */
bool ngram_read(struct ngram_reader *reader, const struct ngram_shape *shape, struct span text);
void ngram_reader_free(struct ngram_reader *reader);

#endif
