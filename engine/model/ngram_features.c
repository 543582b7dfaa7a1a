/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/model/ngram_features.h"

#include "engine/base/size.h"
#include "engine/text/unicode.h"

#include <stdlib.h>
#include <string.h>

#define APOSTROPHE 0x2019u
#define FNV_START UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

/* Words */

enum sort { SORT_SPACE, SORT_WORD, SORT_ALONE };

/* What a character is to words. For ASCII without the search in the table. */
static enum sort sort_of(uint32_t c)
{
	if (c < 128)
		return c <= ' ' || c == 127                                      ? SORT_SPACE
		       : (c | 32) - 'a' < 26u || c - '0' < 10u ? SORT_WORD
		                                               : SORT_ALONE;
	switch (unicode_classify(c).kind) {
	case KIND_SPACE:
	case KIND_CONTROL:
	case KIND_CONTROL_SPACE:
		return SORT_SPACE;
	case KIND_PUNCTUATION:
	case KIND_IDEOGRAPH:
		return SORT_ALONE;
	default:
		return SORT_WORD;
	}
}

/* A word that is being read. Its characters are hashed, and put into `out` where somebody wants to see them. */
struct word {
	uint64_t hash;
	const unsigned char *from, *to;
	char *out;
	size_t size, capacity; /* of out */
};

static void word_put(struct word *word, uint32_t c)
{
	unsigned char bytes[4];
	size_t size = 1;

	if (c < 128)
		bytes[0] = (unsigned char)c;
	else
		size = unicode_encode(c, bytes);
	for (size_t i = 0; i < size; i++)
		word->hash = (word->hash ^ bytes[i]) * FNV_PRIME;
	if (word->out && size < word->capacity - word->size) {
		memcpy(word->out + word->size, bytes, size);
		word->size += size;
	} else {
		word->capacity = word->size; /* nothing after what did not fit */
	}
}

static void word_add(struct word *word, uint32_t c)
{
	uint32_t mark = 0;

	if (c < 128)
		word_put(word, c - 'A' < 26u ? c | 32 : c);
	else
		word_put(word, unicode_lower(c, &mark));
	if (mark)
		word_put(word, mark);
}

/* Whether the apostrophe before `at` stands between two characters of a word. */
static bool goes_on(const unsigned char *at, const unsigned char *end)
{
	return at < end && sort_of(unicode_decode(&at, end)) == SORT_WORD;
}

/* Reads the next word from *at on. False: there is none. */
static bool next_word(const unsigned char **at, const unsigned char *end, struct word *word)
{
	const unsigned char *past = *at;

	word->hash = FNV_START;
	word->from = NULL;
	while (past < end) {
		const unsigned char *character = past;
		uint32_t c = unicode_decode(&past, end);
		enum sort sort = sort_of(c);

		if (word->from && (c == '\'' || c == APOSTROPHE) && goes_on(past, end)) {
			word_put(word, '\'');
			continue;
		}
		if (word->from && sort != SORT_WORD) {
			past = character;
			break;
		}
		if (sort == SORT_SPACE)
			continue;
		word->from = word->from ? word->from : character;
		word_add(word, c);
		if (sort == SORT_ALONE)
			break;
	}
	word->to = *at = past;
	return word->from != NULL;
}

void ngram_spell(struct span text, char *out, size_t capacity)
{
	const unsigned char *at = (const unsigned char *)text.data, *end = at + text.size;
	struct word word = {.out = out, .capacity = capacity};

	while (next_word(&at, end, &word))
		if (at < end)
			word_put(&word, ' ');
	out[word.size] = '\0';
}

/* N-grams */

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
	return x ^ (x >> 31);
}

/* The n-grams that end with the last word: grams[k] has k + 1 words, and began at starts[k]. */
struct window {
	uint64_t grams[NGRAM_WORDS_MAX];
	uint32_t starts[NGRAM_WORDS_MAX];
	int32_t count;
};

static void window_add(struct window *window, const struct ngram_shape *shape, uint64_t hash, uint32_t from)
{
	window->count += window->count < shape->words;
	for (int32_t k = window->count - 1; k > 0; k--) {
		window->grams[k] = mix(window->grams[k - 1] ^ hash);
		window->starts[k] = window->starts[k - 1];
	}
	window->grams[0] = mix(hash);
	window->starts[0] = from;
}

int64_t ngram_each(const struct ngram_shape *shape, struct span text, bool (*take)(void *context, const struct ngram_found *found),
                   void *context)
{
	const unsigned char *start = (const unsigned char *)text.data, *at = start;
	const unsigned char *end = start + (text.size < UINT32_MAX ? text.size : UINT32_MAX);
	struct window window = {.count = 0};
	struct word word = {0};
	int64_t words = 0;

	while (at < end && next_word(&at, end, &word)) {
		window_add(&window, shape, word.hash, (uint32_t)(word.from - start));
		words++;
		for (int32_t k = 0; k < window.count; k++) {
			const struct ngram_found found = {(uint32_t)(window.grams[k] >> (64 - shape->bits)), window.starts[k],
			                                  (uint32_t)(word.to - start), k + 1};

			if (!take(context, &found))
				return words;
		}
	}
	return words;
}

/* Different buckets */

/* Of this text where its generation is the reader's. */
struct ngram_slot {
	uint32_t generation, bucket;
};

/* True: the bucket is new, and has its slot now. */
static bool put(struct ngram_reader *reader, uint32_t bucket)
{
	size_t mask = reader->slot_count - 1, at = (bucket * UINT32_C(2654435769)) & mask;

	for (; reader->slots[at].generation == reader->generation; at = (at + 1) & mask)
		if (reader->slots[at].bucket == bucket)
			return false;
	reader->slots[at] = (struct ngram_slot){reader->generation, bucket};
	return true;
}

static bool grow_slots(struct ngram_reader *reader)
{
	size_t count = reader->slot_count ? reader->slot_count * 2 : 4096;
	struct ngram_slot *slots = size_calloc(count, sizeof *slots);

	if (!slots)
		return false;
	free(reader->slots);
	reader->slots = slots;
	reader->slot_count = count;
	for (size_t i = 0; i < reader->count; i++)
		put(reader, reader->found[i].bucket);
	return true;
}

/* Room for one more; slots are at most half full. */
static bool reserve(struct ngram_reader *reader)
{
	struct ngram_found *found;

	if (reader->count == reader->capacity) {
		size_t capacity = reader->capacity ? reader->capacity * 2 : 1024;

		found = size_realloc(reader->found, capacity, sizeof *found);
		if (!found)
			return false;
		reader->found = found;
		reader->capacity = capacity;
	}
	return reader->count * 2 < reader->slot_count || grow_slots(reader);
}

static bool take(void *context, const struct ngram_found *found)
{
	struct ngram_reader *reader = context;

	reader->failed = !reserve(reader);
	if (!reader->failed && put(reader, found->bucket))
		reader->found[reader->count++] = *found;
	return !reader->failed;
}

bool ngram_read(struct ngram_reader *reader, const struct ngram_shape *shape, struct span text)
{
	reader->count = 0;
	reader->failed = false;
	if (++reader->generation == 0) { /* slots of 2^32 texts ago would count again */
		if (reader->slots)
			memset(reader->slots, 0, reader->slot_count * sizeof *reader->slots);
		reader->generation = 1;
	}
	reader->words = ngram_each(shape, text, take, reader);
	return !reader->failed;
}

void ngram_reader_free(struct ngram_reader *reader)
{
	free(reader->found);
	free(reader->slots);
	*reader = (struct ngram_reader){0};
}
