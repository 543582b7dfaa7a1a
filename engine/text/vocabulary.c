/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Learning a WordPiece vocabulary. Token for token what tokenizers.trainers.WordPieceTrainer learns with its
 * defaults (limit_alphabet None), but for three things that it leaves open or does not keep:
 * - its ids of the "##" characters follow a hash table and differ from run to run, and with them the winner of a
 *   tie; here they follow the code points;
 * - of two queued entries for one pair with one count it may take either first; here the older goes first;
 * - characters alone may exceed its vocab_size; here the rarest are left out (of equally rare ones the
 *   highest code points) until special tokens and characters fit. */
#include "engine/base/size.h"
#include "engine/text/bert_normal.h"
#include "engine/text/bert_split.h"
#include "engine/text/merges.h"
#include "engine/text/tokenizer_core.h"
#include "engine/text/unicode.h"
#include "engine/text/word_counts.h"

#include <stdlib.h>

#define CODE_POINTS 0x110000
#define REPORT_EVERY 16

static const char *const special_tokens[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
enum { ID_UNK = 1, ID_CLS = 2, ID_SEP = 3, SPECIAL_COUNT = sizeof special_tokens / sizeof *special_tokens };

struct vocabulary_trainer {
	int32_t vocab_size, min_frequency;
	struct normal_stream normal;
	struct word_counts words;
	struct buffer word; /* the one that is being read */
	bool failed;        /* memory was short */
};

/* A word while it is merged: its pieces from first on. */
struct symbols {
	size_t first;
	uint32_t count;
};

/* What the characters are: how often each was seen, and the ids of those that are kept. */
struct alphabet {
	int64_t *counts;    /* [CODE_POINTS] */
	bool *inside;       /* [CODE_POINTS] seen after the first place of a word */
	int32_t *first_ids; /* [CODE_POINTS] 0: not kept */
	int32_t *inner_ids; /* [CODE_POINTS] of "##" and the character */
};

struct learning {
	const struct vocabulary_trainer *trainer;
	struct tokenizer *tokenizer;
	struct alphabet alphabet;
	struct symbols *words; /* [trainer->words.count] */
	uint32_t *ids;         /* the pieces of all words */
	struct merges merges;
};

static void word_finish(struct vocabulary_trainer *trainer)
{
	if (trainer->word.size == 0)
		return;
	if (!word_counts_add(&trainer->words, (struct span){trainer->word.data, trainer->word.size}))
		trainer->failed = true;
	trainer->word.size = 0;
}

static void take_character(void *context, uint32_t c, uint32_t end)
{
	struct vocabulary_trainer *trainer = context;
	enum split_part part = bert_splitter.part(c);
	unsigned char bytes[4];

	(void)end;
	if (part != SPLIT_JOIN)
		word_finish(trainer);
	if (part != SPLIT_DROP && !buffer_add(&trainer->word, bytes, unicode_encode(c, bytes)))
		trainer->failed = true;
	if (part == SPLIT_ALONE)
		word_finish(trainer);
}

struct vocabulary_trainer *vocabulary_trainer_new(int32_t vocab_size, int32_t min_frequency, struct error *error)
{
	struct vocabulary_trainer *trainer;

	if (vocab_size <= SPECIAL_COUNT || vocab_size > PIECES_MAX) {
		error_set(error, ERROR_USAGE, "the vocabulary size should be from %d to %d", SPECIAL_COUNT + 1, PIECES_MAX);
		return NULL;
	}
	trainer = calloc(1, sizeof *trainer);
	if (!trainer) {
		error_memory(error, "learning a vocabulary");
		return NULL;
	}
	trainer->vocab_size = vocab_size;
	trainer->min_frequency = min_frequency;
	trainer->normal.normal = bert_normal_default();
	trainer->normal.take = take_character;
	trainer->normal.context = trainer;
	trainer->words.text.maximum = SIZE_MAX / 4;
	trainer->word.maximum = UINT32_MAX;
	return trainer;
}

void vocabulary_trainer_free(struct vocabulary_trainer *trainer)
{
	if (!trainer)
		return;
	word_counts_free(&trainer->words);
	buffer_free(&trainer->word);
	free(trainer);
}

bool vocabulary_trainer_add(struct vocabulary_trainer *trainer, struct span text, struct error *error)
{
	const unsigned char *at = (const unsigned char *)text.data, *end = at + text.size;

	while (at < end && !trainer->failed)
		normal_take(&trainer->normal, unicode_decode(&at, end), 0);
	normal_finish(&trainer->normal);
	word_finish(trainer);
	return trainer->failed ? error_memory(error, "learning a vocabulary") : true;
}

static struct span word_text(const struct vocabulary_trainer *trainer, size_t index)
{
	const struct word_count *word = trainer->words.items + index;

	return (struct span){trainer->words.text.data + word->offset, word->size};
}

static bool alphabet_make(struct alphabet *alphabet, const struct vocabulary_trainer *trainer)
{
	alphabet->counts = size_calloc(CODE_POINTS, sizeof *alphabet->counts);
	alphabet->inside = size_calloc(CODE_POINTS, sizeof *alphabet->inside);
	alphabet->first_ids = size_calloc(CODE_POINTS, sizeof *alphabet->first_ids);
	alphabet->inner_ids = size_calloc(CODE_POINTS, sizeof *alphabet->inner_ids);
	if (!alphabet->counts || !alphabet->inside || !alphabet->first_ids || !alphabet->inner_ids)
		return false;
	for (size_t i = 0; i < trainer->words.count; i++) {
		struct span word = word_text(trainer, i);
		const unsigned char *at = (const unsigned char *)word.data, *end = at + word.size;

		for (bool first = true; at < end; first = false) {
			uint32_t c = unicode_decode(&at, end);

			alphabet->counts[c] += trainer->words.items[i].count;
			alphabet->inside[c] = alphabet->inside[c] || !first;
		}
	}
	return true;
}

static void alphabet_free(struct alphabet *alphabet)
{
	free(alphabet->counts);
	free(alphabet->inside);
	free(alphabet->first_ids);
	free(alphabet->inner_ids);
}

struct seen {
	int64_t count;
	uint32_t code_point;
};

static int rarer_first(const void *a, const void *b)
{
	const struct seen *one = a, *two = b;

	if (one->count != two->count)
		return one->count < two->count ? -1 : 1;
	return one->code_point > two->code_point ? -1 : one->code_point < two->code_point;
}

/* Forgets the rarest characters until the others fit beside the special tokens. */
static bool alphabet_limit(struct alphabet *alphabet, int32_t vocab_size)
{
	size_t count = 0, wanted = SPECIAL_COUNT;
	struct seen *seen;

	for (uint32_t c = 0; c < CODE_POINTS; c++)
		if (alphabet->counts[c]) {
			wanted += alphabet->inside[c] ? 2 : 1;
			count++;
		}
	if (wanted <= (size_t)vocab_size)
		return true;
	seen = size_realloc(NULL, count, sizeof *seen);
	if (!seen)
		return false;
	count = 0;
	for (uint32_t c = 0; c < CODE_POINTS; c++)
		if (alphabet->counts[c])
			seen[count++] = (struct seen){alphabet->counts[c], c};
	qsort(seen, count, sizeof *seen, rarer_first);
	for (size_t i = 0; i < count && wanted > (size_t)vocab_size; i++) {
		wanted -= alphabet->inside[seen[i].code_point] ? 2 : 1;
		alphabet->counts[seen[i].code_point] = 0;
	}
	free(seen);
	return true;
}

static bool add_piece(struct learning *learning, struct span piece, int32_t *id, struct error *error)
{
	*id = learning->tokenizer->model.pieces.count;
	return pieces_add(&learning->tokenizer->model.pieces, piece, *id, error);
}

/* [PAD] [UNK] [CLS] [SEP] [MASK], the characters, the characters inside words. */
static bool add_characters(struct learning *learning, struct error *error)
{
	struct alphabet *alphabet = &learning->alphabet;
	unsigned char text[6] = "##";
	int32_t id;

	for (size_t i = 0; i < SPECIAL_COUNT; i++)
		if (!add_piece(learning, span_of(special_tokens[i]), &id, error))
			return false;
	for (uint32_t c = 0; c < CODE_POINTS; c++) {
		size_t size = unicode_encode(c, text + 2);

		if (alphabet->counts[c] &&
		    !add_piece(learning, (struct span){(char *)text + 2, size}, &alphabet->first_ids[c], error))
			return false;
	}
	for (uint32_t c = 0; c < CODE_POINTS; c++) {
		size_t size = unicode_encode(c, text + 2);

		if (alphabet->counts[c] && alphabet->inside[c] &&
		    !add_piece(learning, (struct span){(char *)text, size + 2}, &alphabet->inner_ids[c], error))
			return false;
	}
	return true;
}

/* Words as pieces of one character; characters that are not kept are passed over. */
static bool spell_words(struct learning *learning)
{
	const struct vocabulary_trainer *trainer = learning->trainer;
	size_t used = 0;

	learning->words = size_realloc(NULL, trainer->words.count, sizeof *learning->words);
	learning->ids = size_realloc(NULL, trainer->words.text.size, sizeof *learning->ids);
	if (!learning->words || !learning->ids)
		return false;
	for (size_t i = 0; i < trainer->words.count; i++) {
		struct span word = word_text(trainer, i);
		const unsigned char *at = (const unsigned char *)word.data, *end = at + word.size;
		const int32_t *ids = learning->alphabet.first_ids;

		learning->words[i].first = used;
		for (; at < end; ids = learning->alphabet.inner_ids) {
			uint32_t c = unicode_decode(&at, end);

			if (learning->alphabet.counts[c])
				learning->ids[used++] = (uint32_t)ids[c];
		}
		learning->words[i].count = (uint32_t)(used - learning->words[i].first);
	}
	return true;
}

static bool count_pairs(struct learning *learning)
{
	for (size_t i = 0; i < learning->trainer->words.count; i++) {
		const uint32_t *ids = learning->ids + learning->words[i].first;

		for (uint32_t j = 0; j + 1 < learning->words[i].count; j++)
			if (!merges_count(&learning->merges, ids[j], ids[j + 1], learning->trainer->words.items[i].count,
			                  (uint32_t)i))
				return false;
	}
	return merges_queue_fresh(&learning->merges);
}

/* Replaces each a b in a word by `merged`, left to right, and keeps the counts of the pairs around true. Those of
 * a b itself stay: its entry has left the queue. */
static bool merge_word(struct learning *learning, uint32_t index, uint32_t a, uint32_t b, uint32_t merged)
{
	struct symbols *word = learning->words + index;
	uint32_t *ids = learning->ids + word->first, kept = 0;
	int64_t count = learning->trainer->words.items[index].count;
	struct merges *merges = &learning->merges;

	for (uint32_t i = 0; i < word->count; i++) {
		bool found = ids[i] == a && i + 1 < word->count && ids[i + 1] == b;

		if (found && kept > 0 &&
		    (!merges_count(merges, ids[kept - 1], a, -count, index) ||
		     !merges_count(merges, ids[kept - 1], merged, count, index)))
			return false;
		if (found && i + 2 < word->count &&
		    (!merges_count(merges, b, ids[i + 2], -count, index) ||
		     !merges_count(merges, merged, ids[i + 2], count, index)))
			return false;
		ids[kept++] = found ? merged : ids[i];
		i += found;
	}
	word->count = kept;
	return true;
}

/* The piece that two make together; two pairs may make the same one. */
static bool join_pieces(struct learning *learning, uint32_t a, uint32_t b, uint32_t *merged, struct error *error)
{
	struct pieces *pieces = &learning->tokenizer->model.pieces;
	struct span left = pieces_text(pieces, (int32_t)a), right = pieces_text(pieces, (int32_t)b);
	struct buffer text = {.maximum = SIZE_MAX / 4};
	bool done;
	int32_t id;

	if (right.size >= 2 && memcmp(right.data, "##", 2) == 0)
		right = (struct span){right.data + 2, right.size - 2};
	if (!buffer_add(&text, left.data, left.size) || !buffer_add(&text, right.data, right.size)) {
		buffer_free(&text);
		return error_memory(error, "learning a vocabulary");
	}
	id = pieces_find(pieces, (struct span){text.data, text.size});
	done = id >= 0 || add_piece(learning, (struct span){text.data, text.size}, &id, error);
	*merged = (uint32_t)id;
	buffer_free(&text);
	return done;
}

static bool merge_pair(struct learning *learning, const struct merge *merge, struct error *error)
{
	struct pair_count pair = learning->merges.pairs[merge->pair];
	uint32_t merged = 0;

	if (!join_pieces(learning, pair.a, pair.b, &merged, error))
		return false;
	for (uint32_t i = 0; i < merge->words.count; i++)
		if (!merge_word(learning, merge->words.items[i], pair.a, pair.b, merged))
			return error_memory(error, "learning a vocabulary");
	return merges_queue_fresh(&learning->merges) || error_memory(error, "learning a vocabulary");
}

static bool merge_until_full(struct learning *learning, const struct progress *progress, struct error *error)
{
	const struct vocabulary_trainer *trainer = learning->trainer;
	const struct pieces *pieces = &learning->tokenizer->model.pieces;
	struct merge merge;

	for (uint32_t step = 0; pieces->count < trainer->vocab_size && merges_next(&learning->merges, &merge); step++) {
		bool last = merge.count < 1 || merge.count < trainer->min_frequency;
		bool done = last || merge_pair(learning, &merge, error);

		free(merge.words.items);
		if (last || !done)
			return done;
		RETURN_IF(step % REPORT_EVERY == 0 && !progress_report(progress, "learning the vocabulary",
		                                                       (uint64_t)pieces->count,
		                                                       (uint64_t)trainer->vocab_size),
		          error, ERROR_INTERRUPTED, "interrupted while learning the vocabulary");
	}
	return true;
}

static bool learn(struct learning *learning, const struct progress *progress, struct error *error)
{
	struct tokenizer *tokenizer = learning->tokenizer;

	if (!alphabet_make(&learning->alphabet, learning->trainer) ||
	    !alphabet_limit(&learning->alphabet, learning->trainer->vocab_size))
		return error_memory(error, "learning a vocabulary");
	if (!add_characters(learning, error))
		return false;
	if (!spell_words(learning) || !count_pairs(learning))
		return error_memory(error, "learning a vocabulary");
	if (!merge_until_full(learning, progress, error))
		return false;
	tokenizer->model.unknown = ID_UNK;
	tokenizer->template = template_of_two(ID_CLS, ID_SEP);
	for (int32_t id = 0; id < SPECIAL_COUNT; id++) {
		struct added_token token = {.name = (char *)(uintptr_t)special_tokens[id], .id = id, .special = true};

		if (!added_tokens_add(&tokenizer->added, token, error))
			return false;
	}
	return tokenizer_finish(tokenizer, error);
}

struct tokenizer *vocabulary_trainer_finish(struct vocabulary_trainer *trainer, const struct progress *progress,
                                            struct error *error)
{
	struct learning learning = {.trainer = trainer, .tokenizer = tokenizer_new(error)};
	bool done = learning.tokenizer && learn(&learning, progress, error);

	alphabet_free(&learning.alphabet);
	free(learning.words);
	free(learning.ids);
	merges_free(&learning.merges);
	if (!done) {
		tokenizer_free(learning.tokenizer);
		return NULL;
	}
	return learning.tokenizer;
}
