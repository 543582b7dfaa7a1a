/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/teach/word_match.h"

#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

enum {
	WORD_BYTES = 512, /* a longer word is [UNK] to both: WordPiece gives up after 100 characters */
	PARTS_MAX = 128,  /* tokens of a word, special tokens included */
};

static bool goes_on(const struct word_match *match, int32_t id)
{
	return strncmp(tokenizer_piece(match->student, id), "##", 2) == 0 && tokenizer_piece(match->student, id)[2];
}

/* [CLS] and such. Where the teacher has none of that name, it is something that he does not know. */
static void fill_tables(struct word_match *match)
{
	static const char *const names[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
	const int32_t unknown = tokenizer_find(match->teacher, "[UNK]");

	for (int32_t id = 0; id < tokenizer_vocab_size(match->student); id++) {
		const char *piece = tokenizer_piece(match->student, id);

		match->same[id] = *piece ? tokenizer_find(match->teacher, piece) : -1;
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const int32_t id = tokenizer_find(match->student, names[i]);

		if (id < 0)
			continue;
		match->special[id] = true;
		match->same[id] = match->same[id] >= 0 ? match->same[id] : unknown;
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
		const char *piece = tokenizer_piece(match->student, word->ids[i]) + (goes_on(match, word->ids[i]) ? 2 : 0);
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

/* Writes a word to ids[*at], where up to `room` tokens fit. False: it does not fit. */
static bool add_word(struct word_match *match, struct word *word, int32_t *at, int32_t room)
{
	const int32_t same = match->same[word->ids[0]];
	int32_t ids[PARTS_MAX], count;
	uint32_t ends[PARTS_MAX];

	if (room < 1)
		return false;
	if (word->count == 1 && same >= 0) {
		match->ids[*at] = same;
		match_all(word, (*at)++, 1);
		return true;
	}
	if (spell(match, word)) {
		count = tokenizer_encode(match->teacher, (struct span){word->text, word->size}, PARTS_MAX, ids, ends, NULL) - 2;
		if (count > room)
			return false;
		if (count > 0) {
			memcpy(match->ids + *at, ids + 1, (size_t)count * sizeof *ids);
			match_parts(word, *at, ends + 1, count);
			*at += count;
			return true;
		}
	}
	match->ids[*at] = tokenizer_find(match->teacher, "[UNK]");
	match_all(word, (*at)++, 1);
	return true;
}

static int32_t tokens_of_word(const struct word_match *match, const int32_t *ids, int32_t count)
{
	int32_t length = 1;

	while (!match->special[ids[0]] && length < count && goes_on(match, ids[length]))
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
	match->ids[at] = match->same[ids[count - 1]];
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

void word_match_rows(const struct word_match *match, int32_t tokens, int32_t width, const float *rows, float *out)
{
	for (int32_t t = 0; t < tokens; t++) {
		const struct matched *from = &match->matched[t];
		const float *row = rows + (size_t)from->first * (size_t)width;
		float *to = out + (size_t)t * (size_t)width;

		memcpy(to, row, (size_t)width * sizeof *to);
		for (int32_t i = 1; i < from->count; i++)
			for (int32_t k = 0; k < width; k++)
				to[k] += row[(size_t)i * (size_t)width + (size_t)k];
		for (int32_t k = 0; from->count > 1 && k < width; k++)
			to[k] /= (float)from->count;
	}
}
