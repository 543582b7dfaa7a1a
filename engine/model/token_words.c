/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/model/token_words.h"

#include "engine/base/size.h"
#include "engine/text/unicode.h"

#include <stdlib.h>

void token_words_free(struct token_words *words)
{
	tokenizer_cut_free(&words->text);
	free(words->words);
	*words = (struct token_words){0};
}

static bool parts_words(uint32_t c)
{
	switch (unicode_classify(c).kind) {
	case KIND_SPACE:
	case KIND_CONTROL:
	case KIND_CONTROL_SPACE:
		return true;
	default:
		return false;
	}
}

uint32_t token_words_start(const struct token_words *words, struct span text, int64_t token)
{
	uint32_t start = token > 0 ? words->text.ends[token - 1] : 0, end = words->text.ends[token];
	const unsigned char *at = (const unsigned char *)text.data + start, *stop = (const unsigned char *)text.data + end;

	while (at < stop) {
		const unsigned char *next = at;

		if (!parts_words(unicode_decode(&next, stop)))
			break;
		at = next;
	}
	return (uint32_t)(at - (const unsigned char *)text.data);
}

/* Sets read[t] for each token of the text that stands in some sequence. */
static void mark_read(const struct sequences *text, bool *read)
{
	for (int32_t s = 0; s < text->count; s++)
		for (int32_t place = 0; place < text->cut.max_length; place++) {
			int64_t token = tokenizer_cut_token(text, s, place);

			if (token >= 0)
				read[token] = true;
		}
}

static bool goes_on(const struct sequences *text, int64_t token)
{
	return tokenizer_inner_piece(text->tokenizer, text->ids[token]) != NULL;
}

static void find_words(struct token_words *words, struct span text, const bool *read)
{
	struct token_word *word = NULL;

	for (int64_t t = 0; t < words->text.found; t++) {
		if (!read[t]) {
			word = NULL;
		} else if (word && goes_on(&words->text, t)) {
			word->to = words->text.ends[t];
			word->count++;
		} else {
			word = &words->words[words->count++];
			*word = (struct token_word){token_words_start(words, text, t), words->text.ends[t], t, 1};
		}
	}
}

bool token_words_cut(struct token_words *words, const struct model *model, struct span text, int32_t max_length, struct error *error)
{
	struct cut cut = model_cut(model, max_length);
	bool *read = NULL;

	if (!tokenizer_cut(model_tokenizer(model), text, &cut, &words->text))
		return error_memory(error, "telling what counts");
	words->count = 0;
	free(words->words);
	words->words = size_calloc((size_t)words->text.found + 1, sizeof *words->words);
	read = size_calloc((size_t)words->text.found + 1, sizeof *read);
	if (words->words && read) {
		mark_read(&words->text, read);
		find_words(words, text, read);
	}
	free(read);
	return words->words && read ? true : error_memory(error, "telling what counts");
}
