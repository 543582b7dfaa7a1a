/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/teach/word_match.h"

#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

enum {
	WORD_BYTES = 512, /* a longer word is unknown to both: WordPiece gives up after 100 characters */
	PARTS_MAX = 128,  /* tokens of a word, special ones with them */
};

/* Tokens of the same role stand for each other, whatever they are called. */
static void fill_tables(struct word_match *match)
{
	for (int32_t id = 0; id < tokenizer_vocab_size(match->student); id++) {
		const char *piece = tokenizer_piece(match->student, id);

		match->same[id] = *piece ? tokenizer_find(match->teacher, piece) : -1;
	}
	for (int which = 0; which < SPECIAL_TOKENS; which++) {
		const int32_t id = tokenizer_special(match->student, (enum special_token)which);

		if (id < 0)
			continue;
		match->special[id] = true;
		match->same[id] = tokenizer_special(match->teacher, (enum special_token)which);
	}
}

bool word_match_init(struct word_match *match, const struct tokenizer *student, const struct tokenizer *teacher, int32_t tokens,
                     int32_t sequences, int32_t longest, struct error *error)
{
	const size_t vocabulary = (size_t)tokenizer_vocab_size(student);

	word_match_free(match);
	match->student = student;
	match->teacher = teacher;
	match->longest = longest;
	match->room = tokens > INT32_MAX / 2 ? INT32_MAX : 2 * tokens;
	match->same = size_calloc(vocabulary, sizeof *match->same);
	match->special = size_calloc(vocabulary, sizeof *match->special);
	match->ids = size_calloc((size_t)match->room, sizeof *match->ids);
	match->starts = size_calloc((size_t)sequences + 1, sizeof *match->starts);
	match->matched = size_calloc((size_t)tokens, sizeof *match->matched);
	if (!match->same || !match->special || !match->ids || !match->starts || !match->matched)
		return error_memory(error, "matching words");
	fill_tables(match);
	return true;
}

void word_match_free(struct word_match *match)
{
	free(match->same);
	free(match->special);
	free(match->ids);
	free(match->starts);
	free(match->matched);
	tokenizer_cut_free(&match->word);
	*match = (struct word_match){0};
}

/* A word of the student. */
struct word {
	const int32_t *ids;        /* [count] */
	struct matched *matched;   /* [count] */
	int32_t count;
	char text[WORD_BYTES];
	size_t ends[WORD_BYTES];   /* [count] where each token ends in it */
	size_t size;
};

/* False: it is too long, or not made of letters. */
static bool spell(const struct word_match *match, struct word *word)
{
	word->size = 0;
	if (word->count > WORD_BYTES || match->special[word->ids[0]])
		return false;
	for (int32_t i = 0; i < word->count; i++) {
		const char *inner = tokenizer_inner_piece(match->student, word->ids[i]);
		const char *piece = inner ? inner : tokenizer_piece(match->student, word->ids[i]);
		const size_t length = strlen(piece);

		if (length > WORD_BYTES - word->size)
			return false;
		memcpy(word->text + word->size, piece, length);
		word->size += length;
		word->ends[i] = word->size;
	}
	return true;
}

/* Which of the teacher's parts cover characters of each of the student's. */
static void match_parts(struct word *word, int32_t at, const uint32_t *ends, int32_t count)
{
	int32_t first = 0;

	for (int32_t i = 0; i < word->count; i++) {
		const size_t start = i > 0 ? word->ends[i - 1] : 0;
		int32_t last;

		while (first < count - 1 && ends[first] <= start)
			first++;
		last = first;
		while (last < count - 1 && ends[last] < word->ends[i])
			last++;
		word->matched[i] = (struct matched){at + first, last - first + 1};
	}
}

static void match_all(struct word *word, int32_t first, int32_t count)
{
	for (int32_t i = 0; i < word->count; i++)
		word->matched[i] = (struct matched){first, count};
}

/* Into match->word. False: the teacher cannot cut it, or memory is short. */
static bool cut_word(struct word_match *match, struct word *word)
{
	const struct cut cut = {.max_length = PARTS_MAX, .truncation = TRUNCATION_HEAD};

	return spell(match, word) && tokenizer_cut(match->teacher, (struct span){word->text, word->size}, &cut, &match->word) &&
	       match->word.found > 0 && !match->word.truncated;
}

/* Writes a word to ids[*at], where up to `room` tokens fit. False: it does not fit. */
static bool add_word(struct word_match *match, struct word *word, int32_t *at, int32_t room)
{
	const bool alone = word->count == 1 && match->same[word->ids[0]] >= 0;
	const bool cut = !alone && cut_word(match, word);
	const int32_t count = cut ? (int32_t)match->word.found : 1;

	if (count > room)
		return false;
	if (cut) {
		memcpy(match->ids + *at, match->word.ids, (size_t)count * sizeof *match->ids);
		match_parts(word, *at, match->word.ends, count);
	} else {
		match->ids[*at] = alone ? match->same[word->ids[0]] : tokenizer_special(match->teacher, SPECIAL_UNKNOWN);
		match_all(word, *at, 1);
	}
	*at += count;
	return true;
}

static int32_t tokens_of_word(const struct word_match *match, const int32_t *ids, int32_t count)
{
	int32_t length = 1;

	while (!match->special[ids[0]] && length < count && tokenizer_inner_piece(match->student, ids[length]))
		length++;
	return length;
}

/* One sequence, whose first token is [CLS] and whose last one is [SEP]. Returns the end of it in the teacher's batch. */
static int32_t match_sequence(struct word_match *match, const int32_t *ids, struct matched *matched, int32_t count, int32_t at)
{
	const int32_t end = at + (2 * count < match->longest ? 2 * count : match->longest);
	int32_t done = 0;

	while (done < count - 1) {
		struct word word = {.ids = ids + done, .matched = matched + done};

		word.count = tokens_of_word(match, word.ids, count - 1 - done);
		if (!add_word(match, &word, &at, end - 1 - at))
			break;
		done += word.count;
	}
	match->ids[at] = match->same[ids[count - 1]] >= 0 ? match->same[ids[count - 1]]
	                                                  : tokenizer_special(match->teacher, SPECIAL_UNKNOWN);
	for (; done < count; done++)
		matched[done] = (struct matched){at, 1};
	return at + 1;
}

void word_match_batch(struct word_match *match, const struct batch *batch)
{
	match->starts[0] = 0;
	for (int32_t s = 0; s < batch->sequences; s++) {
		const int32_t start = batch->starts[s], count = batch->starts[s + 1] - start;

		match->starts[s + 1] = match_sequence(match, batch->ids + start, match->matched + start, count, match->starts[s]);
	}
}
