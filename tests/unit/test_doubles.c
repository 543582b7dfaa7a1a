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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stands_between_words_and_their_case_does_not_count),
		cmocka_unit_test(words_in_another_order_are_another_text),
		cmocka_unit_test(texts_without_words_are_like_none),
		cmocka_unit_test(the_estimate_is_near_the_jaccard_similarity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
