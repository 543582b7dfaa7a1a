/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tokens of a text that a model reads, with the bytes that each stands for, and the words that they make up. */
#ifndef REVUE_MODEL_TOKEN_WORDS_H
#define REVUE_MODEL_TOKEN_WORDS_H

#include "engine/model.h"

/* Bytes from .. to - 1 of the text are `count` tokens from `first` on, counted as in text.ids. */
struct token_word {
	uint32_t from, to;
	int64_t first;
	int32_t count;
};

/* Start with {0}, end with token_words_free. */
struct token_words {
	struct sequences text;    /* as the model cuts it */
	struct token_word *words; /* [count] those that are read, in the order of the text */
	size_t count;
};

/* max_length 0: as long as the model allows. False: no memory. */
bool token_words_cut(struct token_words *words, const struct model *model, struct span text, int32_t max_length, struct error *error);
void token_words_free(struct token_words *words);

/* Where the bytes of a token begin: after the token before it, and after white space. */
uint32_t token_words_start(const struct token_words *words, struct span text, int64_t token);

#endif
