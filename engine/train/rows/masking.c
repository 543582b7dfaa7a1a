/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows/masking.h"

#include "engine/base/random.h"
#include "engine/base/size.h"
#include "engine/train/rows/token_kinds.h"

#include <stdlib.h>
#include <string.h>

#define SHARE_STREAM 0x6d616e79u /* "many", "mask" and "fate": the last number of their counters */
#define ORDER_STREAM 0x6d61736bu
#define FATE_STREAM 0x66617465u
#define WHOLE 4294967296.0 /* 2^32 */

/* A word of a sequence, or a piece where these are chosen each for itself. */
struct masked_word {
	uint32_t order; /* drawn; the lowest are chosen first */
	int32_t first, count;
};

bool masking_init(struct masking *masking, const struct tokenizer *tokenizer, double probability, bool whole_words,
                  uint64_t seed, int32_t longest, struct error *error)
{
	*masking = (struct masking){.probability = probability, .whole_words = whole_words, .seed = seed, .longest = longest,
	                            .mask = tokenizer_special(tokenizer, SPECIAL_MASK), .vocab = tokenizer_vocab_size(tokenizer)};
	RETURN_IF(masking->mask < 0, error, ERROR_DATA, "the model's vocabulary has no [MASK], which masked words need: take "
	          "another model");
	masking->kinds = token_kinds(tokenizer);
	masking->others = size_calloc((size_t)masking->vocab, sizeof *masking->others);
	masking->words = size_calloc((size_t)longest, sizeof *masking->words);
	masking->chosen = size_calloc((size_t)longest, sizeof *masking->chosen);
	if (!masking->kinds || !masking->others || !masking->words || !masking->chosen)
		return error_memory(error, "masking words");
	for (int32_t id = 0; id < masking->vocab; id++)
		if (masking->kinds[id] != TOKEN_SPECIAL)
			masking->others[masking->other_count++] = id;
	RETURN_IF(masking->other_count == 0, error, ERROR_DATA, "the model's vocabulary has no words, only special tokens");
	return true;
}

void masking_free(struct masking *masking)
{
	free(masking->kinds);
	free(masking->others);
	free(masking->words);
	free(masking->chosen);
	*masking = (struct masking){0};
}

static void draw(const struct masking *masking, uint32_t example, uint32_t place, uint32_t stream, uint32_t out[4])
{
	const uint32_t counter[4] = {place, example, (uint32_t)masking->epoch, stream};

	philox(masking->seed, counter, out);
}

static uint8_t kind_at(const struct masking *masking, int32_t id)
{
	return id >= 0 && id < masking->vocab ? masking->kinds[id] : TOKEN_SPECIAL;
}

/* The words of a sequence with their order; *tokens: those of all words. */
static int32_t find_words(const struct masking *masking, uint32_t example, uint32_t first, const int32_t *ids, int32_t count,
                          int32_t *tokens)
{
	bool in_word = false;
	int32_t words = 0;
	uint32_t drawn[4];

	*tokens = 0;
	for (int32_t i = 0; i < count; i++) {
		const uint8_t kind = kind_at(masking, ids[i]);

		if (kind == TOKEN_SPECIAL) {
			in_word = false;
			continue;
		}
		++*tokens;
		if (kind == TOKEN_PIECE && in_word && masking->whole_words) {
			masking->words[words - 1].count++;
			continue;
		}
		in_word = true;
		draw(masking, example, first + (uint32_t)i, ORDER_STREAM, drawn);
		masking->words[words++] = (struct masked_word){drawn[0], i, 1};
	}
	return words;
}

static int compare_words(const void *a, const void *b)
{
	const struct masked_word *x = a, *y = b;

	return x->order != y->order ? (x->order > y->order) - (x->order < y->order) : x->first - y->first;
}

/* So many tokens are chosen at most: the share of them, whose fraction is one more as often as it says. */
static int32_t share_of(const struct masking *masking, uint32_t example, uint32_t first, int32_t tokens)
{
	uint32_t drawn[4];
	int32_t share;

	draw(masking, example, first, SHARE_STREAM, drawn);
	share = (int32_t)(masking->probability * (double)tokens + (double)drawn[0] / WHOLE);
	share = share < 1 ? 1 : share;
	return share < tokens ? share : tokens;
}

static int32_t choose_word(struct masking *masking, const struct masked_word *word, int32_t count)
{
	memset(masking->chosen + word->first, 1, (size_t)count);
	return count;
}

/* Marks what is chosen; a word that is too long for what is left of the share is passed over. Where all are, the first one
 * gives as many of its pieces. */
static int32_t choose(struct masking *masking, uint32_t example, uint32_t first, const int32_t *ids, int32_t count)
{
	int32_t tokens, chosen = 0;
	const int32_t words = find_words(masking, example, first, ids, count, &tokens);
	const int32_t share = words > 0 ? share_of(masking, example, first, tokens) : 0;

	memset(masking->chosen, 0, (size_t)count);
	if (words == 0)
		return 0;
	qsort(masking->words, (size_t)words, sizeof *masking->words, compare_words);
	for (int32_t i = 0; i < words && chosen < share; i++)
		if (masking->words[i].count <= share - chosen)
			chosen += choose_word(masking, &masking->words[i], masking->words[i].count);
	return chosen > 0 ? chosen : choose_word(masking, &masking->words[0], share);
}

/* What stands in the place of a token that was chosen. */
static int32_t instead_of(const struct masking *masking, uint32_t example, uint32_t place, int32_t id)
{
	uint32_t drawn[4];

	draw(masking, example, place, FATE_STREAM, drawn);
	if ((double)drawn[0] < 0.8 * WHOLE)
		return masking->mask;
	if ((double)drawn[0] < 0.9 * WHOLE)
		return masking->others[(uint64_t)drawn[1] * (uint64_t)masking->other_count >> 32];
	return id;
}

int32_t masking_apply(struct masking *masking, uint32_t example, uint32_t first, int32_t *ids, int32_t count, int32_t *rows,
                      int32_t *wanted)
{
	int32_t found = 0;

	choose(masking, example, first, ids, count);
	for (int32_t i = 0; i < count; i++) {
		if (!masking->chosen[i])
			continue;
		rows[found] = i;
		wanted[found++] = ids[i];
		ids[i] = instead_of(masking, example, first + (uint32_t)i, ids[i]);
	}
	return found;
}

int32_t masking_count(struct masking *masking, uint32_t example, uint32_t first, const int32_t *ids, int32_t count)
{
	return choose(masking, example, first, ids, count);
}

uint64_t masking_most(const struct masking *masking, uint64_t tokens, uint64_t sequences)
{
	const uint64_t most = (uint64_t)(masking->probability * (double)tokens) + sequences;

	return most < tokens ? most : tokens;
}
