/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows/augment.h"

#include "engine/base/random.h"
#include "engine/train/rows/token_kinds.h"

#include <stdlib.h>

#define WORDS_STREAM 0x776f7264u  /* "word" and "part": the last number of their counters */
#define WINDOW_STREAM 0x70617274u

bool augmentation_init(struct augmentation *augmentation, const struct tokenizer *tokenizer, double word_dropout, bool excerpts,
                       uint64_t seed, struct error *error)
{
	*augmentation = (struct augmentation){.word_dropout = word_dropout, .excerpts = excerpts, .seed = seed,
	                                      .vocab = tokenizer_vocab_size(tokenizer)};
	if (!(word_dropout > 0))
		return true;
	augmentation->hidden = tokenizer_special(tokenizer, SPECIAL_MASK);
	if (augmentation->hidden < 0)
		augmentation->hidden = tokenizer_special(tokenizer, SPECIAL_UNKNOWN);
	augmentation->kinds = token_kinds(tokenizer);
	return augmentation->kinds || error_memory(error, "hiding words");
}

void augmentation_free(struct augmentation *augmentation)
{
	free(augmentation->kinds);
	*augmentation = (struct augmentation){0};
}

/* 32 random bits of the word that begins at a place. */
static uint32_t draw(const struct augmentation *augmentation, uint32_t example, uint32_t place, uint32_t stream)
{
	const uint32_t counter[4] = {place, example, (uint32_t)augmentation->epoch, stream};
	uint32_t out[4];

	philox(augmentation->seed, counter, out);
	return out[0];
}

void augment_words(const struct augmentation *augmentation, uint32_t example, int32_t *ids, int32_t count)
{
	const double below = augmentation->word_dropout * 4294967296.0;
	bool hides = false;

	for (int32_t i = 0; augmentation->kinds && i < count; i++) {
		const uint8_t kind = ids[i] >= 0 && ids[i] < augmentation->vocab ? augmentation->kinds[ids[i]] : TOKEN_SPECIAL;

		if (kind != TOKEN_PIECE)
			hides = kind == TOKEN_WORD && (double)draw(augmentation, example, (uint32_t)i, WORDS_STREAM) < below;
		if (hides)
			ids[i] = augmentation->hidden;
	}
}

uint64_t augment_window(const struct augmentation *augmentation, uint32_t example, uint64_t count)
{
	return (uint64_t)draw(augmentation, example, 0, WINDOW_STREAM) * count >> 32;
}
