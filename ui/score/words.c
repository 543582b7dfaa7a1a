/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/score/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL_SOME 0.15 /* of the greatest weight */
#define LEVEL_MUCH 0.5

void score_words_free(struct score_words *words)
{
	free(words->text);
	free(words->words);
	*words = (struct score_words){0};
}

static size_t common_start(struct span a, struct span b)
{
	size_t same = 0;

	while (same < a.size && same < b.size && a.data[same] == b.data[same])
		same++;
	return same;
}

static size_t common_end(struct span a, struct span b, size_t start)
{
	size_t same = 0;

	while (start + same < a.size && start + same < b.size && a.data[a.size - 1 - same] == b.data[b.size - 1 - same])
		same++;
	return same;
}

/* Words that were touched go, those after the change move with it. */
static void keep_words(struct score_words *words, struct span text)
{
	const struct span before = {words->text, words->size};
	const size_t start = common_start(before, text), end = before.size - common_end(before, text, start);
	size_t kept = 0;

	for (size_t i = 0; i < words->count; i++) {
		struct scored_word word = words->words[i];

		if (word.to > start && word.from < end)
			continue;
		if (word.from >= end && word.to > start) {
			word.from = (uint32_t)(word.from + text.size - before.size);
			word.to = (uint32_t)(word.to + text.size - before.size);
		}
		words->words[kept++] = word;
	}
	words->count = kept;
}

bool score_words_edit(struct score_words *words, struct span text)
{
	char *copy;

	if (words->text && words->size == text.size && memcmp(words->text, text.data, text.size) == 0)
		return false;
	score_words_restore(words);
	copy = malloc(text.size + 1);
	if (words->text && copy)
		keep_words(words, text);
	else
		words->count = 0;
	free(words->text);
	words->text = copy;
	words->size = copy ? text.size : 0;
	words->choosing = false;
	if (copy && text.size > 0)
		memcpy(copy, text.data, text.size);
	if (copy)
		copy[text.size] = '\0';
	return true;
}

/* Copies the text; a struck word goes, or is put in brackets. */
static char *copy_text(const struct score_words *words, bool brackets)
{
	char *out = malloc(words->size + 2 * words->struck_count + 1);
	size_t used = 0, at = 0;

	if (!out)
		return NULL;
	for (size_t i = 0; i < words->count; i++) {
		const struct scored_word *word = &words->words[i];

		if (!word->struck)
			continue;
		memcpy(out + used, words->text + at, word->from - at);
		used += word->from - at;
		at = word->to;
		if (!brackets)
			continue;
		out[used++] = '[';
		memcpy(out + used, words->text + word->from, word->to - word->from);
		used += word->to - word->from;
		out[used++] = ']';
	}
	if (words->size > at)
		memcpy(out + used, words->text + at, words->size - at);
	out[used + words->size - at] = '\0';
	return out;
}

char *score_words_left(const struct score_words *words)
{
	return copy_text(words, false);
}

char *score_words_shown(const struct score_words *words)
{
	return copy_text(words, true);
}

size_t score_words_shown_at(const struct score_words *words, size_t byte)
{
	size_t at = byte;

	for (size_t i = 0; i < words->count && words->struck_count > 0; i++)
		if (words->words[i].struck)
			at += (words->words[i].from <= byte ? 1u : 0u) + (words->words[i].to <= byte ? 1u : 0u);
	return at;
}

size_t score_words_whole_at(const struct score_words *words, size_t byte)
{
	size_t at = byte;

	for (size_t i = 0; i < words->count && words->struck_count > 0; i++)
		if (words->words[i].struck && words->words[i].from <= at)
			at += words->words[i].to - words->words[i].from;
	return at;
}

static struct scored_word *find_word(struct score_words *words, size_t from)
{
	for (size_t i = 0; i < words->count; i++)
		if (words->words[i].from == from)
			return &words->words[i];
	return NULL;
}

static void take_all(struct score_words *words, const struct attribution *attribution)
{
	struct scored_word *list = calloc(attribution->word_count + 1, sizeof *list);

	if (!list)
		return;
	free(words->words);
	words->words = list;
	words->count = 0;
	for (size_t i = 0; i < attribution->word_count && attribution->words[i].to <= words->size; i++)
		list[words->count++] = (struct scored_word){attribution->words[i].from, attribution->words[i].to,
		                                            attribution->words[i].weight, false};
	if (words->chosen >= words->count)
		words->chosen = 0;
}

void score_words_take(struct score_words *words, const struct attribution *attribution)
{
	words->there = true;
	words->method = attribution->method;
	words->label = attribution->label;
	words->logit = attribution->logit;
	words->bias = attribution->bias;
	words->error = attribution->error;
	words->greatest = attribution_greatest(attribution);
	if (words->struck_count == 0) {
		take_all(words, attribution);
		return;
	}
	for (size_t i = 0; i < attribution->word_count; i++) {
		struct scored_word *word = find_word(words, score_words_whole_at(words, attribution->words[i].from));

		if (word)
			word->weight = attribution->words[i].weight;
	}
}

bool score_words_move(struct score_words *words, int by)
{
	if (words->count == 0)
		return false;
	if (!words->choosing)
		words->chosen = by > 0 ? 0 : words->count - 1;
	else if (by < 0)
		words->chosen = words->chosen > 0 ? words->chosen - 1 : words->count - 1;
	else
		words->chosen = words->chosen + 1 < words->count ? words->chosen + 1 : 0;
	words->choosing = true;
	return true;
}

bool score_words_strike(struct score_words *words)
{
	struct scored_word *word;

	if (words->count == 0 || !words->choosing)
		return false;
	word = &words->words[words->chosen];
	word->struck = !word->struck;
	words->struck_count = word->struck ? words->struck_count + 1 : words->struck_count - 1;
	return true;
}

void score_words_restore(struct score_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		words->words[i].struck = false;
	words->struck_count = 0;
}

static bool is_before(const struct scored_word *a, const struct scored_word *b)
{
	if (a->struck != b->struck)
		return b->struck;
	return fabs(a->weight) > fabs(b->weight);
}

/* Heapsort with the last at the root. */
static void sift(const struct score_words *words, size_t *order, size_t root, size_t count)
{
	for (size_t child; (child = 2 * root + 1) < count; root = child) {
		const size_t kept = order[root];

		if (child + 1 < count && is_before(&words->words[order[child]], &words->words[order[child + 1]]))
			child++;
		if (!is_before(&words->words[kept], &words->words[order[child]]))
			return;
		order[root] = order[child];
		order[child] = kept;
	}
}

void score_words_rank(const struct score_words *words, size_t *order)
{
	for (size_t i = 0; i < words->count; i++)
		order[i] = i;
	for (size_t i = words->count / 2; i-- > 0;)
		sift(words, order, i, words->count);
	for (size_t end = words->count; end > 1; end--) {
		const size_t last = order[end - 1];

		order[end - 1] = order[0];
		order[0] = last;
		sift(words, order, 0, end - 1);
	}
}

int score_words_level(const struct score_words *words, size_t index)
{
	const double weight = words->words[index].weight, size = fabs(weight);
	const int level = size >= LEVEL_MUCH * words->greatest ? 2 : size >= LEVEL_SOME * words->greatest ? 1 : 0;

	if (words->words[index].struck || !(words->greatest > 0))
		return 0;
	return weight < 0 ? -level : level;
}
