/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/score/words.h: weights that follow the text while it changes, words struck out and put back. */
#include "tests/unit/check.h"

#include "ui/score/words.h"

#include <string.h>

/* Weights for words of `text` that stand one blank apart; "-" has none. */
static void take(struct score_words *words, const char *text, const double *weights)
{
	struct contribution list[16];
	struct attribution attribution = {.method = ATTRIBUTION_OCCLUSION, .words = list};
	uint32_t at = 0;

	for (; text[at]; at += text[at] == ' ') {
		const uint32_t from = at;

		while (text[at] && text[at] != ' ')
			at++;
		if (at > from)
			list[attribution.word_count++] = (struct contribution){from, at, 1, *weights++};
	}
	score_words_take(words, &attribution);
}

static struct score_words three(void)
{
	struct score_words words = {0};

	assert_true(score_words_edit(&words, span_of("not so good")));
	take(&words, "not so good", (const double[]){-2, 0.1, 1});
	return words;
}

static void words_have_levels_by_the_greatest_weight(void **state)
{
	struct score_words words = three();
	size_t order[3];

	(void)state;
	assert_int_equal(words.count, 3);
	assert_int_equal(score_words_level(&words, 0), -2);
	assert_int_equal(score_words_level(&words, 1), 0);
	assert_int_equal(score_words_level(&words, 2), 2);
	score_words_rank(&words, order);
	assert_true(order[0] == 0 && order[1] == 2 && order[2] == 1);
	score_words_free(&words);
}

/* Until new weights come, what was not touched keeps its own. */
static void weights_follow_the_text_that_changes(void **state)
{
	struct score_words words = three();

	(void)state;
	assert_false(score_words_edit(&words, span_of("not so good")));
	assert_true(score_words_edit(&words, span_of("not very so good")));
	assert_int_equal(words.count, 3);
	assert_true(words.words[1].from == 9 && words.words[2].from == 12 && words.words[2].to == 16);
	assert_true(score_words_edit(&words, span_of("not very so goodish"))); /* added at its end: the word stays */
	assert_true(score_words_edit(&words, span_of("not very s goodish")));
	assert_int_equal(words.count, 2);
	assert_true(words.words[1].from == 11 && words.words[1].weight == 1);
	assert_true(score_words_edit(&words, span_of("")));
	assert_int_equal(words.count, 0);
	score_words_free(&words);
}

static void a_struck_word_is_left_out_and_shown_in_brackets(void **state)
{
	struct score_words words = three();
	char *left, *shown;

	(void)state;
	assert_false(score_words_strike(&words)); /* none is chosen */
	assert_true(score_words_move(&words, 1));
	assert_true(score_words_strike(&words));
	left = score_words_left(&words);
	shown = score_words_shown(&words);
	assert_string_equal(left, " so good");
	assert_string_equal(shown, "[not] so good");
	assert_int_equal(score_words_shown_at(&words, 0), 1);
	assert_int_equal(score_words_shown_at(&words, 4), 6);
	assert_int_equal(score_words_whole_at(&words, 1), 4);
	take(&words, left, (const double[]){0.5, 2});
	assert_true(words.count == 3 && words.words[2].weight == 2 && words.words[1].weight == 0.5);
	assert_true(words.words[0].weight == -2 && score_words_level(&words, 0) == 0);
	free(left);
	free(shown);
	assert_true(score_words_strike(&words));
	left = score_words_left(&words);
	assert_string_equal(left, "not so good");
	free(left);
	assert_true(score_words_move(&words, -1)); /* around the end */
	assert_int_equal(words.chosen, 2);
	assert_true(score_words_strike(&words));
	assert_true(score_words_edit(&words, span_of("not so bad"))); /* who types on has all words */
	assert_int_equal(words.struck_count, 0);
	score_words_free(&words);
}

static void without_words_there_is_nothing_to_choose(void **state)
{
	struct score_words words = {0};

	(void)state;
	assert_false(score_words_move(&words, 1));
	assert_false(score_words_strike(&words));
	score_words_free(&words);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_have_levels_by_the_greatest_weight),
		cmocka_unit_test(weights_follow_the_text_that_changes),
		cmocka_unit_test(a_struck_word_is_left_out_and_shown_in_brackets),
		cmocka_unit_test(without_words_there_is_nothing_to_choose),
	};

	check_filter();
	return cmocka_run_group_tests_name("score_words", tests, NULL, NULL);
}
