/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/text/tokenizer_core.h"

#include "engine/text/bert_normal.h"
#include "engine/text/bert_split.h"
#include "engine/text/wordpiece.h"

#include <stdlib.h>
#include <string.h>

struct tokenizer *tokenizer_new(struct error *error)
{
	struct tokenizer *tokenizer = calloc(1, sizeof *tokenizer);

	if (!tokenizer) {
		error_memory(error, "opening a tokenizer");
		return NULL;
	}
	tokenizer->normal = bert_normal_default();
	tokenizer->splitter = &bert_splitter;
	tokenizer->model = wordpiece_default();
	tokenizer->pad = tokenizer->mask = -1;
	return tokenizer;
}

bool tokenizer_finish(struct tokenizer *tokenizer, struct error *error)
{
	if (tokenizer->pad < 0)
		tokenizer->pad = tokenizer_find(tokenizer, "[PAD]");
	if (tokenizer->mask < 0)
		tokenizer->mask = tokenizer_find(tokenizer, "[MASK]");
	ascii_plan_make(&tokenizer->ascii, &tokenizer->normal, tokenizer->splitter);
	return added_tokens_finish(&tokenizer->added, &tokenizer->normal, error);
}

void tokenizer_free(struct tokenizer *tokenizer)
{
	if (!tokenizer)
		return;
	pieces_free(&tokenizer->model.pieces);
	added_tokens_free(&tokenizer->added);
	free(tokenizer);
}

int32_t tokenizer_vocab_size(const struct tokenizer *tokenizer)
{
	int32_t size = tokenizer->model.pieces.count;

	for (size_t i = 0; i < tokenizer->added.count; i++)
		if (tokenizer->added.items[i].id >= size)
			size = tokenizer->added.items[i].id + 1;
	return size;
}

int32_t tokenizer_special(const struct tokenizer *tokenizer, enum special_token which)
{
	const struct template *template = &tokenizer->template;

	switch (which) {
	case SPECIAL_UNKNOWN:
		return tokenizer->model.unknown;
	case SPECIAL_CLS:
		return template->before_count > 0 ? template->before[0] : -1;
	case SPECIAL_SEP:
		return template->after_count > 0 ? template->after[template->after_count - 1] : -1;
	case SPECIAL_PAD:
		return tokenizer->pad;
	case SPECIAL_MASK:
		return tokenizer->mask;
	case SPECIAL_TOKENS:
		break;
	}
	return -1;
}

const char *tokenizer_inner_piece(const struct tokenizer *tokenizer, int32_t id)
{
	const struct wordpiece *inside = &tokenizer->model.wordpiece;
	const char *piece = tokenizer_piece(tokenizer, id);

	for (int which = 0; which < SPECIAL_TOKENS; which++)
		if (tokenizer_special(tokenizer, (enum special_token)which) == id)
			return NULL;
	if (inside->prefix_size == 0 || strncmp(piece, inside->prefix, inside->prefix_size) != 0 || !piece[inside->prefix_size])
		return NULL;
	return piece + inside->prefix_size;
}

int32_t tokenizer_model_max_length(const struct tokenizer *tokenizer)
{
	return tokenizer->model_max_length;
}

void tokenizer_set_model_max_length(struct tokenizer *tokenizer, int32_t length)
{
	tokenizer->model_max_length = length;
}

bool tokenizer_lowercase(const struct tokenizer *tokenizer)
{
	return tokenizer->normal.bert.lowercase;
}

const char *tokenizer_piece(const struct tokenizer *tokenizer, int32_t id)
{
	struct span text = pieces_text(&tokenizer->model.pieces, id);

	if (text.size)
		return text.data;
	for (size_t i = 0; i < tokenizer->added.count; i++)
		if (tokenizer->added.items[i].id == id)
			return tokenizer->added.items[i].name;
	return "";
}

int32_t tokenizer_find(const struct tokenizer *tokenizer, const char *piece)
{
	int32_t id = pieces_find(&tokenizer->model.pieces, span_of(piece));

	for (size_t i = 0; id < 0 && i < tokenizer->added.count; i++)
		if (strcmp(tokenizer->added.items[i].name, piece) == 0)
			id = tokenizer->added.items[i].id;
	return id;
}
