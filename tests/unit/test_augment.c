/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train/rows/augment.h: what a step sees of a review whose words are hidden or of which an excerpt counts, in which
 * epoch. */
#include "tests/unit/check.h"

#include "engine/train/rows/augment.h"
#include "engine/train/rows/examples.h"
#include "engine/train/rows/token_kinds.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS = 20000, WINDOWS = 4, WINDOW_TOKENS = 6, TEXT_TOKENS = WINDOWS * WINDOW_TOKENS };

static struct tokenizer *pocket(void)
{
	const char *share = getenv("REVUE_SHARE");
	struct tokenizer *tokenizer;
	struct error error = {0};
	char path[4096];

	assert_non_null(share);
	snprintf(path, sizeof path, "%s/models/pocket", share);
	tokenizer = tokenizer_open(path, &error);
	assert_non_null(tokenizer);
	return tokenizer;
}

/* A token of a kind, the first from `from` on. */
static int32_t token_of(const struct augmentation *augmentation, uint8_t kind, int32_t from)
{
	while (augmentation->kinds[from] != kind)
		assert_true(++from < augmentation->vocab);
	return from;
}

/* [CLS], then words of two tokens each, then [SEP]. */
static int32_t *two_token_words(const struct augmentation *augmentation, const struct tokenizer *tokenizer)
{
	int32_t *ids = calloc(2 * WORDS + 2, sizeof *ids);

	assert_non_null(ids);
	for (int i = 0; i < WORDS; i++) {
		ids[1 + 2 * i] = token_of(augmentation, TOKEN_WORD, 200);
		ids[2 + 2 * i] = token_of(augmentation, TOKEN_PIECE, 200);
	}
	ids[0] = tokenizer_special(tokenizer, SPECIAL_CLS);
	ids[2 * WORDS + 1] = tokenizer_special(tokenizer, SPECIAL_SEP);
	return ids;
}

static int hidden_words(const struct augmentation *augmentation, const int32_t *before, const int32_t *after)
{
	int hidden = 0;

	assert_int_equal(after[0], before[0]);
	assert_int_equal(after[2 * WORDS + 1], before[2 * WORDS + 1]);
	for (int i = 1; i <= 2 * WORDS; i += 2) {
		/* Whole words, or none of their pieces. */
		assert_int_equal(after[i] == augmentation->hidden, after[i + 1] == augmentation->hidden);
		if (after[i] != augmentation->hidden)
			assert_true(after[i] == before[i] && after[i + 1] == before[i + 1]);
		hidden += after[i] == augmentation->hidden;
	}
	return hidden;
}

static void the_share_of_hidden_words_is_that_of_the_option_and_others_in_each_epoch(void **state)
{
	struct tokenizer *tokenizer = pocket();
	struct augmentation augmentation;
	struct error error = {0};
	int32_t *text, *seen[3];
	int same = 0, again = 0;

	(void)state;
	assert_true(augmentation_init(&augmentation, tokenizer, 0.3, false, 42, &error));
	assert_int_equal(augmentation.hidden, tokenizer_special(tokenizer, SPECIAL_MASK));
	text = two_token_words(&augmentation, tokenizer);
	for (int i = 0; i < 3; i++) {
		seen[i] = malloc((2 * WORDS + 2) * sizeof **seen);
		assert_non_null(seen[i]);
		memcpy(seen[i], text, (2 * WORDS + 2) * sizeof **seen);
		augmentation.epoch = i == 1; /* the third is the first epoch once more, as a resume sees it */
		augment_words(&augmentation, 7, seen[i], 2 * WORDS + 2);
		/* Five deviations of a binomial of 20,000. */
		assert_in_range(hidden_words(&augmentation, text, seen[i]), 0.3 * WORDS - 325, 0.3 * WORDS + 325);
	}
	for (int i = 1; i <= 2 * WORDS; i += 2) {
		same += seen[0][i] == augmentation.hidden && seen[1][i] == augmentation.hidden;
		again += (seen[0][i] == augmentation.hidden) != (seen[2][i] == augmentation.hidden);
	}
	/* Independent of each other: both times with the square of the share. */
	assert_in_range(same, 0.09 * WORDS - 205, 0.09 * WORDS + 205);
	assert_int_equal(again, 0);
	for (int i = 0; i < 3; i++)
		free(seen[i]);
	free(text);
	augmentation_free(&augmentation);
	tokenizer_free(tokenizer);
}

/* Two examples of four windows each, whose tokens tell where they stand. */
struct long_reviews {
	int32_t ids[2 * TEXT_TOKENS], labels[2], lengths[2 * WINDOWS];
	uint64_t starts[3], firsts[3];
	bool truncated[2];
	struct augmentation augmentation;
	struct examples examples;
};

static void make_long_reviews(struct long_reviews *of)
{
	*of = (struct long_reviews){.starts = {0, TEXT_TOKENS, 2 * TEXT_TOKENS}, .firsts = {0, WINDOWS, 2 * WINDOWS},
	                            .augmentation = {.excerpts = true, .seed = 42}};
	for (int32_t i = 0; i < 2 * TEXT_TOKENS; i++)
		of->ids[i] = i;
	for (int i = 0; i < 2 * WINDOWS; i++)
		of->lengths[i] = WINDOW_TOKENS;
	of->examples = (struct examples){.ids = of->ids, .starts = of->starts, .labels = of->labels, .truncated = of->truncated,
	                                 .firsts = of->firsts, .lengths = of->lengths, .count = 2, .augmentation = &of->augmentation};
}

static void a_step_sees_one_excerpt_of_a_long_review_and_another_one_in_other_epochs(void **state)
{
	static const uint32_t index[] = {1};
	struct batch_store store = {0};
	struct long_reviews of;
	struct error error = {0};
	int counts[WINDOWS] = {0}, changes = 0, before = -1;

	(void)state;
	make_long_reviews(&of);
	assert_true(batch_store_init(&store, &(struct batch_size){.tokens = TEXT_TOKENS, .sequences = WINDOWS, .longest = WINDOW_TOKENS}, 1,
	                             0, 0, &error));
	for (uint64_t epoch = 0; epoch < 400; epoch++) {
		struct batch batch;
		int window;

		of.augmentation.epoch = epoch;
		batch = batch_store_fill(&store, &of.examples, index, 1);
		assert_int_equal(batch.sequences, 1);
		assert_int_equal(batch.starts[1] - batch.starts[0], WINDOW_TOKENS);
		window = (batch.ids[0] - TEXT_TOKENS) / WINDOW_TOKENS;
		assert_in_range(window, 0, WINDOWS - 1);
		for (int i = 0; i < WINDOW_TOKENS; i++)
			assert_int_equal(batch.ids[i], TEXT_TOKENS + window * WINDOW_TOKENS + i);
		counts[window]++;
		changes += window != before;
		before = window;
	}
	for (int i = 0; i < WINDOWS; i++)
		assert_in_range(counts[i], 60, 140);
	assert_true(changes > 250);
	batch_store_free(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_share_of_hidden_words_is_that_of_the_option_and_others_in_each_epoch),
		cmocka_unit_test(a_step_sees_one_excerpt_of_a_long_review_and_another_one_in_other_epochs),
	};

	return cmocka_run_group_tests_name("augment", tests, NULL, NULL);
}
