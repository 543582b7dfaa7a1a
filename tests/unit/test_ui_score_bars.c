/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/score_bars.c: which labels are shown where there is no room for all. */
#include "tests/unit/check.h"

#include "ui/score_bars.h"

static void check_order(const float *scores, int32_t count, const int32_t *order)
{
	int32_t label = -1;

	for (int32_t i = 0; i < count; i++) {
		label = score_bars_next(scores, count, label);
		assert_int_equal(label, order[i]);
	}
	assert_int_equal(score_bars_next(scores, count, label), -1);
}

static void labels_come_in_the_order_of_their_scores(void **state)
{
	(void)state;
	check_order((const float[]){0.1f, 0.5f, 0.25f, 0.15f}, 4, (const int32_t[]){1, 2, 3, 0});
}

static void equal_scores_come_in_the_order_of_the_model(void **state)
{
	(void)state;
	check_order((const float[]){0.2f, 0.4f, 0.2f, 0.2f}, 4, (const int32_t[]){1, 0, 2, 3});
}

static void every_label_comes_once_also_where_scores_are_no_numbers(void **state)
{
	(void)state;
	check_order((const float[]){NAN, 0, NAN, 1}, 4, (const int32_t[]){3, 1, 0, 2});
}

/* What is not read is between two bytes: of a text whose tail counts, whose middle does not, and of one that goes on. */
static void what_a_score_does_not_count_is_dim(void **state)
{
	static const struct {
		uint32_t from, to;
		size_t offset, length;
	} cases[] = {{0, 4, 0, 4}, {2, 6, 2, 4}, {5, 9, 5, 4}};
	struct scrubbed text = {0};

	(void)state;
	assert_true(scrub_text(&text, span_of("one two b"), (struct scrub_options){SCRUB_NEWLINE_KEEP, true}));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct score score = {.truncated = true, .unread_from = cases[i].from, .unread_to = cases[i].to};
		const struct text_span span = score_bars_unread(&text, &score);

		assert_int_equal(span.offset, cases[i].offset);
		assert_int_equal(span.length, cases[i].length);
		assert_int_equal(span.style, STYLE_DIM);
	}
	scrubbed_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_come_in_the_order_of_their_scores),
		cmocka_unit_test(equal_scores_come_in_the_order_of_the_model),
		cmocka_unit_test(every_label_comes_once_also_where_scores_are_no_numbers),
		cmocka_unit_test(what_a_score_does_not_count_is_dim),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
