/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows/token_kinds.h"

#include "engine/base/size.h"

static uint8_t kind_of(const struct tokenizer *tokenizer, int32_t id)
{
	for (int which = 0; which < SPECIAL_TOKENS; which++)
		if (tokenizer_special(tokenizer, (enum special_token)which) == id)
			return TOKEN_SPECIAL;
	return tokenizer_inner_piece(tokenizer, id) ? TOKEN_PIECE : TOKEN_WORD;
}

uint8_t *token_kinds(const struct tokenizer *tokenizer)
{
	const int32_t vocab = tokenizer_vocab_size(tokenizer);
	uint8_t *kinds = size_calloc((size_t)vocab, sizeof *kinds);

	for (int32_t id = 0; kinds && id < vocab; id++)
		kinds[id] = kind_of(tokenizer, id);
	return kinds;
}
