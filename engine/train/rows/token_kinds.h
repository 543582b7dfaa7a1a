/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the tokens of a vocabulary are to whoever hides some of them. */
#ifndef REVUE_TRAIN_TOKEN_KINDS_H
#define REVUE_TRAIN_TOKEN_KINDS_H

#include "engine/tokenizer.h"

enum { TOKEN_WORD, TOKEN_PIECE, TOKEN_SPECIAL }; /* a piece goes on with a word */

/* One for each token of the vocabulary; the caller frees them. NULL: no memory. */
uint8_t *token_kinds(const struct tokenizer *tokenizer);

#endif
