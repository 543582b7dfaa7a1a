/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/plain: numbers as they are read out, how a series goes, and what a screen says of itself. */
#include "tests/unit/check.h"

#include "ui/plain/spoken.h"
#include "ui/plain/teller.h"

static void numbers_have_few_digits_and_no_exponent(void **state)
{
	static const struct {
		double value;
		const char *spoken;
	} cases[] = {
		{0, "0"},          {0.8123456, "0.812"}, {0.5, "0.5"},      {0.0512, "0.0512"},  {12.345, "12.3"},
		{1, "1"},          {250.4, "250"},       {1408, "1,408"},   {-1408.2, "minus 1,408"}, {2e-5, "2 times 10 to the minus 5"},
		{-0.25, "minus 0.25"},  {NAN, "no number"},   {INFINITY, "no number"}, {9.999, "10"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(spoken_number(cases[i].value).text, cases[i].spoken);
	assert_string_equal(spoken_percent(0.8123).text, "81.2 percent");
	assert_string_equal(spoken_percent(1).text, "100 percent");
}

static void keys_that_would_sound_alike_or_not_at_all_have_names(void **state)
{
	char out[SPOKEN_KEYS_MAX];

	(void)state;
	spoken_keys("n N / Ctrl-P", out);
	assert_string_equal(out, "n, capital N, slash, Ctrl-P");
	spoken_expression("label=negative confidence<0.6 stars>=4 loss>2", out);
	assert_string_equal(out, "label=negative confidence below 0.6 stars>=4 loss above 2");
	spoken_expression("text~\"<br\" and confidence < 0.6", out);
	assert_string_equal(out, "text~\"<br\" and confidence below 0.6");
	for (size_t first = 0; first < 3; first++) { /* one that is too long ends with a whole character */
		char expression[3 * SPOKEN_KEYS_MAX] = "ab";
		size_t size = first;

		for (; size + 3 < sizeof expression; size += 3)
			memcpy(expression + size, "\xE2\x82\xAC", 4);
		spoken_expression(expression, out);
		assert_true(strlen(out) > SPOKEN_KEYS_MAX - 14 && (strlen(out) - first) % 3 == 0);
	}
	spoken_keys("", out);
	assert_string_equal(out, "");
}

static void durations_are_told_in_two_units_at_most(void **state)
{
	(void)state;
	assert_string_equal(spoken_duration(0.3).text, "less than a second");
	assert_string_equal(spoken_duration(1).text, "1 second");
	assert_string_equal(spoken_duration(65).text, "1 minute 5 seconds");
	assert_string_equal(spoken_duration(120).text, "2 minutes");
	assert_string_equal(spoken_duration(7505).text, "2 hours 5 minutes");
	assert_string_equal(spoken_duration(-1).text, "an unknown time");
}

static void a_series_falls_only_where_chance_would_not_make_it_fall(void **state)
{
	double falling[50], noise[50], valley[50];

	(void)state;
	for (int i = 0; i < 50; i++) {
		const double swing = i % 2 ? 0.1 : -0.1;

		falling[i] = 1 - 0.01 * i + swing;
		noise[i] = 0.5 + swing;
		valley[i] = i < 40 ? 2 - 0.04 * i : 0.4 + 0.2 * (i - 40);
	}
	assert_string_equal(spoken_trend(noise, 3).text, "");
	assert_string_equal(spoken_trend(falling, 50).text, "falling");
	assert_string_equal(spoken_trend(noise, 50).text, "level");
	assert_string_equal(spoken_trend(valley, 50).text, "falling, rising lately");
	noise[10] = NAN;
	assert_string_equal(spoken_trend(noise, 50).text, "level");
}

static void what_a_screen_tells_is_scrubbed_and_numbered(void **state)
{
	struct teller teller = {.part = TELL_ALL, .opens = ACTION_NONE};
	uint64_t cursor = 0;

	(void)state;
	tell_title(&teller, "A %s", "\033[2Jpage\n");
	tell_list(&teller, &cursor, 7, 2, ACTION_EDIT_FIELD);
	tell(&teller, "one\ntwo \033]0;x\007");
	tell_line(&teller, 2, "loss", "%s", "third");
	assert_int_equal(teller.count, 2);
	assert_null(strchr(teller.title, '\033'));
	assert_null(strchr(teller.lines[0].text, '\033'));
	assert_null(strchr(teller.lines[0].text, '\n'));
	assert_int_equal(teller.lines[0].number, 0);
	assert_int_equal(teller.lines[1].number, 3);
	assert_string_equal(teller.lines[1].argument, "loss");
	teller_free(&teller);
}

static void of_a_list_a_page_is_told_or_the_chosen_line(void **state)
{
	const struct teller all = {.part = TELL_ALL}, chosen = {.part = TELL_CHOSEN};

	(void)state;
	assert_int_equal(tell_range(&all, 5, 4, 10, 100).first, 4);
	assert_int_equal(tell_range(&all, 5, 4, 10, 100).end, 14);
	assert_int_equal(tell_range(&all, 5, 98, 10, 100).end, 100);
	assert_int_equal(tell_range(&all, 0, 0, 10, 0).end, 0);
	assert_int_equal(tell_range(&chosen, 5, 4, 10, 100).first, 5);
	assert_int_equal(tell_range(&chosen, 5, 4, 10, 100).end, 6);
	assert_int_equal(tell_range(&chosen, 5, 4, 10, 3).first, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_have_few_digits_and_no_exponent),
		cmocka_unit_test(keys_that_would_sound_alike_or_not_at_all_have_names),
		cmocka_unit_test(durations_are_told_in_two_units_at_most),
		cmocka_unit_test(a_series_falls_only_where_chance_would_not_make_it_fall),
		cmocka_unit_test(what_a_screen_tells_is_scrubbed_and_numbered),
		cmocka_unit_test(of_a_list_a_page_is_told_or_the_chosen_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
