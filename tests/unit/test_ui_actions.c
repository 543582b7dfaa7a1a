/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/action.c and ui/terminal/key.c: the table that keys, commands, footer and help are made from. */
#include "tests/unit/check.h"

#include "ui/action.h"
#include "ui/terminal/key.h"

static void every_action_has_a_name_of_its_own_and_a_sentence(void **state)
{
	(void)state;
	for (int i = 0; i < ACTION_COUNT; i++) {
		const struct action_row *row = &action_rows[i];

		assert_true(row->name[0] && !strchr(row->name, ' '));
		assert_true(strlen(row->help) >= 5);
		assert_false(row->help[strlen(row->help) - 1] == '.');
		for (int j = 0; j < i; j++)
			assert_string_not_equal(row->name, action_rows[j].name);
	}
}

static void an_action_tells_the_screens_where_it_can_be_done(void **state)
{
	static const struct {
		enum action action;
		const char *places;
	} cases[] = {
		{ACTION_SORT, "Reviews and Runs"},
		{ACTION_SMOOTH, "Train's charts"},
		{ACTION_OPEN_FILE, "Data and Data's list of files"},
		{ACTION_MOVE_DOWN, "every list"},
		{ACTION_HELP, "every screen"},
		{ACTION_LOOK, "screens told in lines"},
	};
	char places[ACTION_PLACES_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		action_places(cases[i].action, places);
		assert_string_equal(places, cases[i].places);
	}
	for (int i = 0; i < ACTION_COUNT; i++) {
		action_places((enum action)i, places);
		assert_in_range(strlen(places), 4, 60);
	}
}

static void every_key_in_the_table_is_a_key(void **state)
{
	(void)state;
	for (int i = 0; i < ACTION_COUNT; i++) {
		const char *list = action_rows[i].keys, *name;
		size_t size;

		while ((name = key_list_next(&list, &size)))
			assert_int_not_equal(key_parse(name, size), UI_KEY_NONE);
	}
}

/* How many actions valid in `context` have this key. */
static int count_key(unsigned context, int key)
{
	int count = 0;

	for (int i = 0; i < ACTION_COUNT; i++) {
		const char *list = action_rows[i].keys, *name;
		size_t size;

		while (action_rows[i].contexts & context && (name = key_list_next(&list, &size)))
			count += key_parse(name, size) == key;
	}
	return count;
}

static void no_key_means_two_things_on_a_screen(void **state)
{
	(void)state;
	for (unsigned context = 1; context & ANYWHERE; context <<= 1) {
		for (int i = 0; i < ACTION_COUNT; i++) {
			const char *list = action_rows[i].keys, *name;
			size_t size;

			if (!(action_rows[i].contexts & context))
				continue;
			while ((name = key_list_next(&list, &size)))
				assert_int_equal(count_key(context, key_parse(name, size)), 1);
		}
	}
}

static void an_action_in_the_footer_has_a_key(void **state)
{
	(void)state;
	for (int i = 0; i < ACTION_COUNT; i++)
		assert_true(!action_rows[i].footer || action_rows[i].keys[0]);
}

static void digits_choose_the_screens_everywhere(void **state)
{
	(void)state;
	for (unsigned context = 1; context & ANYWHERE; context <<= 1) {
		for (int i = 0; i < 4; i++)
			assert_int_equal(action_for_key(context, '1' + i), ACTION_SCREEN_DATA + i);
		assert_int_equal(action_for_key(context, '?'), ACTION_HELP);
		assert_int_equal(action_for_key(context, 'q'), ACTION_BACK);
		assert_int_equal(action_for_key(context, ':'), ACTION_COMMAND);
	}
}

static void a_key_that_means_nothing_is_no_action(void **state)
{
	(void)state;
	assert_int_equal(action_for_key(IN_DATA, '/'), ACTION_NONE);
	assert_int_equal(action_for_key(IN_REVIEWS, '/'), ACTION_SEARCH);
}

static void a_command_is_found_by_its_name_or_an_unambiguous_beginning(void **state)
{
	(void)state;
	assert_int_equal(action_for_name(IN_REVIEWS, "search", 6), ACTION_SEARCH);
	assert_int_equal(action_for_name(IN_REVIEWS, "fil", 3), ACTION_FILTER);
	assert_int_equal(action_for_name(IN_REVIEWS, "pa", 2), ACTION_NONE);
	assert_int_equal(action_for_name(IN_RUN, "pau", 3), ACTION_PAUSE);
	assert_int_equal(action_for_name(IN_RUN, "pa", 2), ACTION_NONE);
	assert_int_equal(action_for_name(IN_DATA, "pal", 3), ACTION_PALETTE);
	assert_int_equal(action_for_name(IN_DATA, "", 0), ACTION_NONE);
	assert_int_equal(action_for_name(IN_DATA, "nonsense", 8), ACTION_NONE);
}

static void open_and_resume_are_found_by_their_names_on_every_screen(void **state)
{
	(void)state;
	for (unsigned context = 1; context & ANYWHERE; context <<= 1) {
		assert_int_equal(action_for_name(context, "ope", 3), ACTION_OPEN_FILE);
		assert_int_equal(action_for_name(context, "resu", 4), ACTION_RESUME);
		assert_true(action_is_valid(ACTION_RESUME, context));
		assert_int_equal(action_is_valid(ACTION_FILTER, context), context == IN_REVIEWS || context == IN_RUNS);
	}
	assert_int_equal(action_for_key(IN_SCORE, 'o'), ACTION_NONE);
	assert_int_equal(action_for_key(IN_SCORE, 'r'), ACTION_NONE);
}

static void what_writes_is_marked_where_it_does(void **state)
{
	(void)state;
	for (unsigned context = 1; context & ANYWHERE; context <<= 1) {
		assert_true(action_writes(ACTION_EXPORT, context)); /* also where it cannot be done */
		assert_false(action_writes(ACTION_SEARCH, context));
		assert_int_equal(action_writes(ACTION_NOTE, context), context == IN_RUNS);
		assert_int_equal(action_writes(ACTION_PROBE, context), context == IN_RUN);
		assert_int_equal(action_is_valid(ACTION_EXPORT, context), context == IN_REVIEWS);
	}
}

static void keys_are_read_back_from_their_names(void **state)
{
	static const int keys[] = {'q', ' ', UI_CTRL('L'), UI_KEY_PAGE_DOWN, UI_KEY_ENTER | UI_ALT, 'x' | UI_ALT,
	                           UI_KEY_F1, UI_KEY_F12, UI_KEY_F1 | UI_ALT, '4' | UI_ALT, 0xE9, 0x1F600, '/'};
	char name[32];

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		key_format(keys[i], name, sizeof name);
		assert_int_equal(key_parse(name, strlen(name)), keys[i]);
	}
	assert_int_equal(key_parse("F13", 3), UI_KEY_NONE);
	assert_int_equal(key_parse("F0", 2), UI_KEY_NONE);
	assert_int_equal(key_parse("F", 1), 'F');
	assert_int_equal(key_parse("Nonsense", 8), UI_KEY_NONE);
	assert_int_equal(key_parse("\xC3", 1), UI_KEY_NONE);
	assert_int_equal(key_parse("", 0), UI_KEY_NONE);
}

static void each_screen_has_a_key_that_works_while_text_is_typed(void **state)
{
	static const char *const keys[] = {"F2", "F3", "F4", "F5"};
	char key[24];

	(void)state;
	for (int i = 0; i < 4; i++) {
		action_key_in_text((enum action)(ACTION_SCREEN_DATA + i), key, sizeof key);
		assert_string_equal(key, keys[i]);
		assert_int_equal(action_for_key(IN_SCORE, ('1' + i) | UI_ALT), ACTION_SCREEN_DATA + i);
	}
	action_key_in_text(ACTION_BACK, key, sizeof key);
	assert_string_equal(key, "");
	assert_true(key_works_in_text('1' | UI_ALT) && key_works_in_text(UI_KEY_F12));
	assert_false(key_works_in_text('1') || key_works_in_text('q' | UI_ALT) || key_works_in_text(UI_KEY_ESCAPE));
}

static const struct action_offer all = {NULL, NULL, NULL};

static void the_footer_never_grows_beyond_its_columns(void **state)
{
	char footer[256];

	(void)state;
	for (int columns = 0; columns < 300; columns++) {
		for (unsigned context = 1; context & ANYWHERE; context <<= 1) {
			action_footer(context, all, false, columns, footer, sizeof footer);
			assert_true(strlen(footer) <= (size_t)columns);
		}
	}
}

static void the_footer_shows_the_keys_of_the_screen_then_help(void **state)
{
	char footer[256];

	(void)state;
	action_footer(IN_DATA, all, false, 80, footer, sizeof footer);
	assert_string_equal(footer, "o open  f browse  t text  l label  d dialect  r outlook  ? help  q back");
	action_footer(IN_DATA, all, true, 24, footer, sizeof footer);
	assert_string_equal(footer, "o open  ? help  q quit");
}

static const char *word_of(const void *of, enum action action)
{
	return action == *(const enum action *)of ? "go on" : NULL;
}

static void the_footer_calls_an_action_what_it_is_now(void **state)
{
	const enum action paused = ACTION_PAUSE;
	char footer[256];

	(void)state;
	action_footer(IN_RUN, (struct action_offer){NULL, word_of, &paused}, false, 40, footer, sizeof footer);
	assert_string_equal(footer, "p go on  s stop  c save  ? help  q back");
}

static bool is_offered(const void *of, enum action action)
{
	return action == *(const enum action *)of;
}

static void the_footer_leaves_out_what_cannot_be_done_now(void **state)
{
	const enum action only = ACTION_NEW_RUN;
	char footer[256];

	(void)state;
	action_footer(IN_RUN, (struct action_offer){is_offered, NULL, &only}, false, 80, footer, sizeof footer);
	assert_string_equal(footer, "n new  ? help  q back");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_action_has_a_name_of_its_own_and_a_sentence),
		cmocka_unit_test(an_action_tells_the_screens_where_it_can_be_done),
		cmocka_unit_test(every_key_in_the_table_is_a_key),
		cmocka_unit_test(no_key_means_two_things_on_a_screen),
		cmocka_unit_test(an_action_in_the_footer_has_a_key),
		cmocka_unit_test(digits_choose_the_screens_everywhere),
		cmocka_unit_test(a_key_that_means_nothing_is_no_action),
		cmocka_unit_test(a_command_is_found_by_its_name_or_an_unambiguous_beginning),
		cmocka_unit_test(open_and_resume_are_found_by_their_names_on_every_screen),
		cmocka_unit_test(what_writes_is_marked_where_it_does),
		cmocka_unit_test(keys_are_read_back_from_their_names),
		cmocka_unit_test(the_footer_never_grows_beyond_its_columns),
		cmocka_unit_test(the_footer_shows_the_keys_of_the_screen_then_help),
		cmocka_unit_test(each_screen_has_a_key_that_works_while_text_is_typed),
		cmocka_unit_test(the_footer_calls_an_action_what_it_is_now),
		cmocka_unit_test(the_footer_leaves_out_what_cannot_be_done_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
