/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/text/tokenizer_core.h"

#include "engine/text/bert_normal.h"
#include "engine/text/bert_split.h"
#include "engine/text/wordpiece.h"

#include <stdlib.h>

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
	return tokenizer;
}

bool tokenizer_finish(struct tokenizer *tokenizer, struct error *error)
{
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
