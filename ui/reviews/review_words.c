/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/review_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define TOKENS_BYTES ((size_t)64 << 10) /* of a text that are cut into tokens: no more are shown */

void review_words_free(struct review_words *words)
{
	free(words->text);
	*words = (struct review_words){0};
}

static bool finish(FILE *file)
{
	const bool good = !ferror(file);

	return fclose(file) == 0 && good;
}

bool review_words_whole(struct review_words *words, const struct dataset *dataset, const struct row *row)
{
	const int text = dataset_text_column(dataset);
	const char *before = "\n\n";
	FILE *file;

	review_words_free(words);
	file = open_memstream(&words->text, &words->size);
	if (!file)
		return false;
	fwrite(row->text.data, 1, row->text.size, file);
	for (int i = 0; i < row->count && i < dataset_columns(dataset); i++) {
		if (i == text)
			continue;
		fprintf(file, "%s%s: %.*s", before, dataset_column_name(dataset, i), (int)row->fields[i].size, row->fields[i].data);
		before = "\n";
	}
	return finish(file);
}

static void write_token(struct review_words *words, FILE *file, const char *piece, int32_t id, bool unread, bool *was_unread)
{
	if (unread != *was_unread) {
		fputs("|  ", file);
		*(unread ? &words->unread_from : &words->unread_to) = (size_t)ftell(file);
	}
	*was_unread = unread;
	fprintf(file, "%s:%" PRId32 "  ", piece, id);
}

bool review_words_tokens(struct review_words *words, const struct tokenizer *tokenizer, struct span text, size_t unread_from,
                         size_t unread_to)
{
	static const size_t most = REVIEW_TOKENS_MAX;
	int32_t *ids = calloc(most, sizeof *ids), count;
	uint32_t *ends = calloc(most, sizeof *ends);
	const struct span head = span_prefix(text, TOKENS_BYTES);
	bool was_unread = false, good;
	FILE *file;

	review_words_free(words);
	file = ids && ends ? open_memstream(&words->text, &words->size) : NULL;
	count = file ? tokenizer_encode(tokenizer, head, (int32_t)most, ids, ends, NULL) : 0;
	for (int32_t i = 0; i < count; i++) {
		const bool special = i == 0 || i + 1 == count;
		const bool unread = !special && ends[i] > unread_from && ends[i] <= unread_to;

		write_token(words, file, tokenizer_piece(tokenizer, ids[i]), ids[i], unread, &was_unread);
	}
	if (file && head.size < text.size)
		fputs("...", file);
	good = file && finish(file);
	if (was_unread)
		words->unread_to = words->size;
	free(ids);
	free(ends);
	return good;
}
