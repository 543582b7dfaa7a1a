/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/messages.c: what was said is kept, and an error is shown before what came after it. */
#include "tests/unit/check.h"

#include "ui/messages.h"

static int begin(void **state)
{
	*state = calloc(1, sizeof(struct messages));
	return *state ? 0 : -1;
}

static int end(void **state)
{
	messages_free(*state);
	free(*state);
	return 0;
}

static void the_last_two_hundred_messages_are_kept_oldest_first(void **state)
{
	struct messages *messages = *state;
	char text[32];

	for (int i = 1; i <= 250; i++) {
		snprintf(text, sizeof text, "message %d", i);
		messages_add(messages, MESSAGE_SAID, text, false);
	}
	assert_int_equal(messages->count, 200);
	assert_string_equal(messages->kept[0].text, "message 51");
	assert_string_equal(messages->kept[199].text, "message 250");
	assert_true(messages->kept[199].time > 1e9);
	assert_int_equal(messages->said, 250);
}

static void a_message_that_comes_again_right_after_itself_counts_up(void **state)
{
	struct messages *messages = *state;

	messages_add(messages, MESSAGE_SAID, "Z does nothing here", false);
	messages_add(messages, MESSAGE_SAID, "Z does nothing here", false);
	messages_add(messages, MESSAGE_ERROR, "Z does nothing here", false);
	assert_int_equal(messages->count, 2);
	assert_int_equal(messages->kept[0].times, 2);
	assert_int_equal(messages->kept[1].times, 1);
}

static void the_oldest_error_is_shown_before_the_news_around_it(void **state)
{
	struct messages *messages = *state;

	messages_add(messages, MESSAGE_GOOD, "opened a.csv", true);
	messages_add(messages, MESSAGE_ERROR, "b.csv: is empty", true);
	messages_add(messages, MESSAGE_GOOD, "Score uses the model", true);
	messages_add(messages, MESSAGE_ERROR, "c.csv: is a folder", true);
	assert_string_equal(messages_next(messages)->text, "b.csv: is empty");
	assert_string_equal(messages_next(messages)->text, "c.csv: is a folder");
	assert_null(messages_next(messages));
}

static void of_news_that_wait_without_an_error_the_newest_is_shown(void **state)
{
	struct messages *messages = *state;

	assert_null(messages_next(messages));
	messages_add(messages, MESSAGE_GOOD, "opened a.csv", true);
	messages_add(messages, MESSAGE_GOOD, "opened b.csv", true);
	messages_add(messages, MESSAGE_SAID, "pausing", false);
	assert_string_equal(messages_next(messages)->text, "opened b.csv");
	assert_null(messages_next(messages));
	assert_int_equal(messages->count, 3);
}

static void a_note_stands_for_those_that_follow_it_and_is_shown_before_other_news(void **state)
{
	struct messages *messages = *state;
	const struct message *next;

	messages_add(messages, MESSAGE_NOTE, "a.csv: read as Windows-1252", true);
	messages_begin_group(messages, 1);
	messages_add(messages, MESSAGE_NOTE, "a.csv: 2 lines are skipped", false);
	messages_add(messages, MESSAGE_GOOD, "Score uses the model", true);
	assert_false(messages_has_error(messages));
	next = messages_next(messages);
	assert_string_equal(next->text, "a.csv: read as Windows-1252");
	assert_int_equal(next->more, 1);
	messages_add(messages, MESSAGE_NOTE, "model is taken", true);
	messages_add(messages, MESSAGE_ERROR, "b.csv: is empty", true);
	assert_true(messages_has_error(messages));
	assert_string_equal(messages_next(messages)->text, "b.csv: is empty");
	assert_null(messages_next(messages));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

static void a_message_names_settings_as_the_form_does(void **state)
{
	char text[] = "--learning-rate 5 and --eval_steps, a--text, --nonsense, --, ---quote: see --text-column";

	(void)state;
	messages_name_settings(text);
	assert_string_equal(text, "learning-rate 5 and --eval_steps, a--text, --nonsense, --, ---quote: see text-column");
}

static void a_command_that_is_there_to_be_copied_stays_whole(void **state)
{
	static const char *const pairs[][2] = {
		{"r has finished; more epochs: revue train --resume r --num-train-epochs N", NULL},
		{"with revue train --resume a,b --device cpu, without it with --device cpu",
		 "with revue train --resume a,b --device cpu, without it with device cpu"},
		{"as --task masked_lm (revue pretrain) does: --mlm-probability says it",
		 "as task masked_lm (revue pretrain) does: mlm-probability says it"},
		{"go on with --resume r, or --resume-it", "go on with :resume r, or --resume-it"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		assert_string_equal(messages_words(pairs[i][0]).text, pairs[i][1] ? pairs[i][1] : pairs[i][0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_names_settings_as_the_form_does),
		cmocka_unit_test(a_command_that_is_there_to_be_copied_stays_whole),
		TEST(the_last_two_hundred_messages_are_kept_oldest_first),
		TEST(a_message_that_comes_again_right_after_itself_counts_up),
		TEST(the_oldest_error_is_shown_before_the_news_around_it),
		TEST(of_news_that_wait_without_an_error_the_newest_is_shown),
		TEST(a_note_stands_for_those_that_follow_it_and_is_shown_before_other_news),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
