/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Examples that are another way in each epoch: some of their words hidden, another stretch of a long review. What becomes of
 * an example is a function of (seed, epoch, example) alone, so that a resumed run sees the same. */
#ifndef REVUE_TRAIN_AUGMENT_H
#define REVUE_TRAIN_AUGMENT_H

#include "engine/error.h"
#include "engine/tokenizer.h"

/* Start with {0}, end with augmentation_free. */
struct augmentation {
	double word_dropout;  /* share of the words that are hidden */
	bool excerpts;        /* of the windows of an example one counts */
	uint64_t seed, epoch; /* whoever goes on to another epoch says so here */
	int32_t hidden;       /* the token that stands for a hidden one: [MASK], where there is none [UNK] */
	uint8_t *kinds;       /* [vocab] of a token, see token_kinds.h; NULL: no words are hidden */
	int32_t vocab;
};

bool augmentation_init(struct augmentation *augmentation, const struct tokenizer *tokenizer, double word_dropout, bool excerpts,
                       uint64_t seed, struct error *error);
void augmentation_free(struct augmentation *augmentation);

/* Hides words of the `count` tokens of a sequence, in place, whole words at a time, never a special token. */
void augment_words(const struct augmentation *augmentation, uint32_t example, int32_t *ids, int32_t count);

/* Which of an example's `count` windows counts in this epoch, 0 .. count - 1. */
uint64_t augment_window(const struct augmentation *augmentation, uint32_t example, uint64_t count);

#endif
