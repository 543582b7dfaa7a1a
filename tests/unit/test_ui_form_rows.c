/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/train/form_rows.c: which rows the form of a training shows. */
#include "tests/unit/check.h"

#include "ui/train/form_rows.h"

enum { OWN = 4 };

static const char *own_name(int field)
{
	static const char *const names[OWN] = {"data", "model", "run", "recipe"};

	return names[field];
}

/* Every way to fold: a bit a theme. */
static struct form_rows folded(unsigned open)
{
	struct form_rows rows = {.own = OWN};

	for (int theme = 0; theme < OPTION_THEME_COUNT; theme++)
		rows.open[theme] = open >> theme & 1;
	return rows;
}

static void a_row_has_its_field_and_the_field_its_row_however_themes_are_folded(void **state)
{
	(void)state;
	for (unsigned open = 0; open < 1u << OPTION_THEME_COUNT; open++) {
		const struct form_rows rows = folded(open);
		const int count = form_rows_count(&rows);

		for (int row = 0; row < count; row++) {
			const int field = form_rows_field(&rows, row);

			assert_in_range(field, 0, OWN + train_option_count + OPTION_THEME_COUNT - 1);
			assert_int_equal(form_rows_row(&rows, field), row);
		}
		assert_int_equal(form_rows_field(&rows, count), -1);
	}
}

static void plain_options_are_always_there_and_the_others_where_their_theme_is_open(void **state)
{
	(void)state;
	for (unsigned open = 0; open < 1u << OPTION_THEME_COUNT; open++) {
		const struct form_rows rows = folded(open);

		for (int option = 0; option < train_option_count; option++) {
			const enum option_theme theme = train_option_rows[option].theme;
			const bool shown = theme == THEME_BASIC || rows.open[theme];

			assert_int_equal(form_rows_row(&rows, OWN + option) >= 0, shown);
			assert_ptr_equal(form_rows_option(&rows, OWN + option), &train_option_rows[option]);
		}
	}
}

static void a_setting_is_found_by_a_part_of_its_name_and_its_theme_is_opened(void **state)
{
	struct form_rows rows = folded(0);
	const struct option_row *wanted = train_option_find("gradient_accumulation_steps");
	int field = form_rows_find(&rows, 0, "Accumulation_st", own_name);

	(void)state;
	assert_ptr_equal(form_rows_option(&rows, field), wanted);
	assert_true(rows.open[wanted->theme]);
	assert_true(form_rows_row(&rows, field) > 0);
	assert_int_equal(form_rows_find(&rows, field, "recip", own_name), 3);
	assert_int_equal(form_rows_find(&rows, field, "no such thing", own_name), -1);
	assert_int_equal(form_rows_find(&rows, field, "accumulation-steps", own_name), field);
	/* By what it does, where no name is so. */
	field = form_rows_find(&rows, 0, "scaled down to this l2 norm", own_name);
	assert_ptr_equal(form_rows_option(&rows, field), train_option_find("max-grad-norm"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_has_its_field_and_the_field_its_row_however_themes_are_folded),
		cmocka_unit_test(plain_options_are_always_there_and_the_others_where_their_theme_is_open),
		cmocka_unit_test(a_setting_is_found_by_a_part_of_its_name_and_its_theme_is_opened),
	};

	return cmocka_run_group_tests_name("form_rows", tests, NULL, NULL);
}
