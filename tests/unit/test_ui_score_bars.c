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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_come_in_the_order_of_their_scores),
		cmocka_unit_test(equal_scores_come_in_the_order_of_the_model),
		cmocka_unit_test(every_label_comes_once_also_where_scores_are_no_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
