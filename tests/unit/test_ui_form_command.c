/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/train/form_command.c: the command line of a training; ui/terminal/clipboard.c: text for the clipboard. */
#include "tests/unit/check.h"

#include "ui/terminal/clipboard.h"
#include "ui/train/form_command.h"

#include <stdlib.h>

static void assert_command(const struct trainer_request *request, const char *expected)
{
	char *text = form_command(request);

	assert_string_equal(text, expected);
	free(text);
}

static void what_is_at_its_default_is_left_out(void **state)
{
	struct train_options *options = malloc(sizeof *options);
	struct trainer_request request = {.data = "a/b.csv", .model = "pocket", .run = "run-1", .options = options};
	struct error error = {0};

	(void)state;
	train_options_init(options);
	assert_command(&request, "revue train a/b.csv -m pocket -o run-1");
	assert_true(train_option_set(options, train_option_find("learning-rate"), "2e-5", &error));
	assert_true(train_option_set(options, train_option_find("fp16"), "true", &error));
	assert_true(train_option_set(options, train_option_find("baseline"), "false", &error));
	assert_command(&request, "revue train a/b.csv -m pocket -o run-1 --learning-rate 2e-05 --fp16 --baseline false");
	free(options);
}

static void what_means_something_to_a_shell_is_quoted(void **state)
{
	struct train_options *options = malloc(sizeof *options);
	struct trainer_request request = {.data = "it's; rm -rf $HOME.csv", .model = "-m", .run = "", .options = options};
	struct error error = {0};

	(void)state;
	train_options_init(options);
	assert_command(&request, "revue train 'it'\\''s; rm -rf $HOME.csv' -m ./-m -o ''");
	assert_true(train_option_add(options, train_option_find("probe"), "so so", &error));
	assert_true(train_option_add(options, train_option_find("probe"), "fine!", &error));
	assert_command(&request, "revue train 'it'\\''s; rm -rf $HOME.csv' -m ./-m -o '' --probe 'so so' --probe 'fine!'");
	free(options);
}

static void assert_sequence(const char *term, const char *text, const char *expected)
{
	char *sequence = clipboard_sequence(term, span_of(text));

	assert_string_equal(sequence, expected);
	free(sequence);
}

static void the_clipboard_gets_base64_where_the_terminal_takes_it(void **state)
{
	(void)state;
	assert_sequence("xterm-256color", "", "\033]52;c;\a");
	assert_sequence("xterm-256color", "f", "\033]52;c;Zg==\a");
	assert_sequence("tmux", "fo", "\033]52;c;Zm8=\a");
	assert_sequence("screen.xterm", "foobar", "\033]52;c;Zm9vYmFy\a");
	assert_sequence("foot", "\033\xff\n", "\033]52;c;G/8K\a");
	assert_null(clipboard_sequence("linux", span_of("f")));
	assert_null(clipboard_sequence(NULL, span_of("f")));
	assert_null(clipboard_sequence("xterm", (struct span){"", CLIPBOARD_MAX + 1}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_at_its_default_is_left_out),
		cmocka_unit_test(what_means_something_to_a_shell_is_quoted),
		cmocka_unit_test(the_clipboard_gets_base64_where_the_terminal_takes_it),
	};

	return cmocka_run_group_tests_name("form_command", tests, NULL, NULL);
}
