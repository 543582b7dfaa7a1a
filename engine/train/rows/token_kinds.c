/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/rows/token_kinds.h"

#include "engine/base/size.h"

#include <string.h>

static uint8_t kind_of(const struct tokenizer *tokenizer, int32_t id)
{
	static const char *const special[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
	const char *piece = tokenizer_piece(tokenizer, id);

	for (size_t i = 0; i < sizeof special / sizeof *special; i++)
		if (strcmp(piece, special[i]) == 0)
			return TOKEN_SPECIAL;
	return piece[0] == '#' && piece[1] == '#' && piece[2] ? TOKEN_PIECE : TOKEN_WORD;
}

uint8_t *token_kinds(const struct tokenizer *tokenizer)
{
	const int32_t vocab = tokenizer_vocab_size(tokenizer);
	uint8_t *kinds = size_calloc((size_t)vocab, sizeof *kinds);

	for (int32_t id = 0; kinds && id < vocab; id++)
		kinds[id] = kind_of(tokenizer, id);
	return kinds;
}
