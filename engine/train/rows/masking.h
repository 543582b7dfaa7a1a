/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which tokens of a sequence a model for masked words has to tell, and what stands there instead. A function of (seed, epoch,
 * example) alone, so that a resumed run sees the same, whatever the threads are; each epoch masks others, of rows that are
 * held out always the same.
 *
 * source  Devlin et al. 2018: of the tokens that are chosen 8 of 10 become [MASK], one another token, one stays. Words are
 *         chosen as a whole until the share of a sequence is full, as BERT's create_pretraining_data.py does; a fraction of a
 *         token is drawn, so that the share is right on average. Special tokens are never chosen; [UNK] is one. */
#ifndef REVUE_TRAIN_MASKING_H
#define REVUE_TRAIN_MASKING_H

#include "engine/error.h"
#include "engine/tokenizer.h"

#define MASKING_HELD_OUT UINT32_MAX /* the epoch of rows that do not train */

struct masked_word;

/* Start with {0}, end with masking_free. One thread at a time. */
struct masking {
	double probability;   /* share of the tokens that are chosen, and one at least */
	bool whole_words;     /* a piece with its word, else each for itself */
	uint64_t seed, epoch; /* whoever goes on to another epoch says so here */
	int32_t mask, vocab;
	uint8_t *kinds;       /* [vocab] of a token, see token_kinds.h */
	int32_t *others;      /* [other_count] tokens that may stand for another */
	int32_t other_count;
	struct masked_word *words; /* [longest] room for those of a sequence */
	uint8_t *chosen;           /* [longest] */
	int32_t longest;
};

/* For sequences of up to `longest` tokens. False with one line: the vocabulary has no [MASK], or no memory. */
bool masking_init(struct masking *masking, const struct tokenizer *tokenizer, double probability, bool whole_words,
                  uint64_t seed, int32_t longest, struct error *error);
void masking_free(struct masking *masking);

/* Masks the `count` tokens of a sequence, in place. `first`: the place of the first of them among those of its example.
 *
 * rows, wanted  [count] out: the chosen places, ascending, and what stood there
 * returns       how many they are; 0 where no token is but special ones */
int32_t masking_apply(struct masking *masking, uint32_t example, uint32_t first, int32_t *ids, int32_t count, int32_t *rows,
                      int32_t *wanted);

/* How many these would be. */
int32_t masking_count(struct masking *masking, uint32_t example, uint32_t first, const int32_t *ids, int32_t count);

/* What no batch of these sizes exceeds. */
uint64_t masking_most(const struct masking *masking, uint64_t tokens, uint64_t sequences);

#endif
