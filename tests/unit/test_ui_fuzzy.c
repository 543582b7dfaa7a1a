/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/fuzzy.c: how well a few letters fit a name. */
#include "tests/unit/check.h"

#include "ui/fuzzy.h"

static void letters_must_come_in_their_order(void **state)
{
	(void)state;
	assert_true(fuzzy_score("svs", "save-screen") > 0);
	assert_int_equal(fuzzy_score("svx", "save-screen"), -1);
	assert_int_equal(fuzzy_score("nc", "cn"), -1);
	assert_int_equal(fuzzy_score("longer than", "long"), -1);
	assert_int_equal(fuzzy_score("", "anything"), 0);
	assert_int_equal(fuzzy_score("x", ""), -1);
}

static void the_better_fit_has_the_higher_score(void **state)
{
	(void)state;
	assert_true(fuzzy_score("set", "set") > fuzzy_score("set", "setting"));
	assert_true(fuzzy_score("set", "setting") > fuzzy_score("set", "reset"));
	assert_true(fuzzy_score("set", "reset") > fuzzy_score("set", "stet ext"));
	assert_int_equal(fuzzy_score("SAVE", "save"), fuzzy_score("save", "save"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_must_come_in_their_order),
		cmocka_unit_test(the_better_fit_has_the_higher_score),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
