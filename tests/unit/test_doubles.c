/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/text/doubles.c: which texts repeat another one, and how like two texts are. */
#include "tests/unit/check.h"

#include "engine/doubles.h"

static float similarity(const char *a, const char *b, bool *exact)
{
	struct double_sketch left, right;

	double_sketch_make(&left, span_of(a));
	double_sketch_make(&right, span_of(b));
	*exact = double_is_exact(&left, &right);
	assert_true(double_similarity(&left, &right) == double_similarity(&right, &left));
	return double_similarity(&left, &right);
}

static void what_stands_between_words_and_their_case_does_not_count(void **state)
{
	bool exact;

	(void)state;
	assert_true(similarity("The waitress was rude!", "the  WAITRESS, was\n(rude)", &exact) == 1);
	assert_true(exact);
	similarity("The waitress was rude", "The waitress was nice", &exact);
	assert_false(exact);
	similarity("caf\303\251", "cafe", &exact);
	assert_false(exact);
}

static void words_in_another_order_are_another_text(void **state)
{
	bool exact;

	(void)state;
	similarity("the film was not good it was bad", "the film was not bad it was good", &exact);
	assert_false(exact);
	assert_true(similarity("good", "good", &exact) == 1);
	assert_true(exact);
	assert_true(similarity("good film", "film good", &exact) < 0.1f);
}

static void texts_without_words_are_like_none(void **state)
{
	bool exact;

	(void)state;
	assert_true(similarity("", "", &exact) == 0);
	assert_false(exact);
	assert_true(similarity("!!! ...", "!!! ...", &exact) == 0);
}

/* Two texts of `count` words that have the first `common` in common: the Jaccard similarity of their shingles of three is
 * (common - 2) / (2 (count - 2) - (common - 2)). */
static void the_estimate_is_near_the_jaccard_similarity(void **state)
{
	static const int commons[] = {2, 30, 60, 90, 110, 120};
	const int count = 120;

	(void)state;
	for (size_t c = 0; c < sizeof commons / sizeof *commons; c++) {
		const double shared = commons[c] - 2, jaccard = shared / (2 * (count - 2) - shared);
		double sum = 0;

		for (int round = 0; round < 20; round++) {
			char a[4000] = "", b[4000] = "";
			size_t at = 0, bt = 0;
			bool exact;

			for (int i = 0; i < count; i++) {
				at += (size_t)snprintf(a + at, sizeof a - at, "w%dr%d ", i, round);
				bt += (size_t)snprintf(b + bt, sizeof b - bt, "%c%dr%d ", i < commons[c] ? 'w' : 'x', i, round);
			}
			sum += (double)similarity(a, b, &exact);
		}
		if (fabs(sum / 20 - jaccard) > 0.03)
			fail_msg("%d words in common: %.3f instead of %.3f", commons[c], sum / 20, jaccard);
	}
}

static void check_index(bool near, const char *const *texts, uint64_t count, const char *expected)
{
	struct double_index *index = double_index_new(near);
	struct error error = {0};
	bool has[16];

	for (uint64_t i = 0; i < count; i++)
		assert_true(double_index_add(index, span_of(texts[i])));
	assert_int_equal(double_index_count(index), count);
	assert_true(double_index_find(index, has, NULL, &error));
	for (uint64_t i = 0; i < count; i++)
		assert_int_equal(has[i], expected[i] == 'x');
	double_index_free(index);
}

#define SOUP "the waitress was rude and the soup was cold when it came to our "

static void an_index_knows_which_texts_are_there_again(void **state)
{
	static const char *const texts[] = {SOUP "table", "a fine evening", "THE " SOUP, SOUP "place", "!!!", "A fine evening!", "", "!!!",
	                                    "a fine", "evening"};

	(void)state;
	check_index(false, texts, 10, " x   x    ");
	check_index(true, texts, 10, "xxxx x    ");
	check_index(false, texts, 5, "     ");
	check_index(true, texts, 0, "");
}

static void texts_of_an_index_can_be_taken_back(void **state)
{
	struct double_index *index = double_index_new(false);
	struct error error = {0};
	bool has[3];

	(void)state;
	assert_true(double_index_add(index, span_of("one")) && double_index_add(index, span_of("one")));
	double_index_cut(index, 1);
	assert_true(double_index_add(index, span_of("two")) && double_index_add(index, span_of("One.")));
	assert_true(double_index_find(index, has, NULL, &error));
	assert_true(has[0] && !has[1] && has[2]);
	double_index_free(index);
}

/* 2,000 pairs, a few words apart, among each other as unlike as words by chance are; and as many texts that are alone. */
static void hardly_a_near_double_is_missed_and_none_made_up(void **state)
{
	enum { PAIRS = 2000, WORDS = 40, TEXTS = 3 * PAIRS };
	struct double_index *index = double_index_new(true);
	bool *has = calloc(TEXTS, sizeof *has);
	struct error error = {0};
	int found = 0, made_up = 0;

	(void)state;
	for (int i = 0; i < TEXTS; i++) {
		const bool second = i % 3 == 1;
		char text[WORDS * 12] = "";
		size_t size = 0;
		uint32_t random = (uint32_t)(second ? i - 1 : i) * 77777 + 5;

		for (int word = 0; word < WORDS; word++) {
			random = random * 1664525 + 1013904223;
			if (second && word == WORDS - 8)
				random ^= 0x5eed;

			size += (size_t)snprintf(text + size, sizeof text - size, "w%u ", random >> 16);
		}
		assert_true(double_index_add(index, (struct span){text, size}));
	}
	assert_true(double_index_find(index, has, NULL, &error));
	for (int i = 0; i < TEXTS; i++) {
		found += i % 3 != 2 && has[i];
		made_up += i % 3 == 2 && has[i];
	}
	assert_in_range(found, 2 * PAIRS - 20, 2 * PAIRS);
	assert_int_equal(made_up, 0);
	free(has);
	double_index_free(index);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stands_between_words_and_their_case_does_not_count),
		cmocka_unit_test(words_in_another_order_are_another_text),
		cmocka_unit_test(texts_without_words_are_like_none),
		cmocka_unit_test(the_estimate_is_near_the_jaccard_similarity),
		cmocka_unit_test(an_index_knows_which_texts_are_there_again),
		cmocka_unit_test(texts_of_an_index_can_be_taken_back),
		cmocka_unit_test(hardly_a_near_double_is_missed_and_none_made_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
