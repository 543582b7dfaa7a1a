/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * revue --plain on a pseudo-terminal: what is typed and how it is shown, what never comes out, how it leaves. */
#include "tests/ui/pty_check.h"

#include <signal.h>
#include <sys/wait.h>

static void start(struct session *session, const char *term, const char *option)
{
	pty_prepare(session, pty_reviews, strlen(pty_reviews));
	session->option = option;
	pty_launch(session, term, false);
	pty_drain_until(session, "Data: ");
}

/* Types a line and waits for what it brings. */
static void type(struct session *session, const char *line, const char *brings)
{
	pty_press(session, line);
	pty_press(session, "\r");
	pty_drain_until(session, brings);
}

/* Colours, cursor movements and whatever else begins with ESC; a line is not gone back to. */
static void check_appends_only(const struct session *session)
{
	for (size_t i = 0; i < session->size; i++) {
		const unsigned char byte = (unsigned char)session->output[i];

		assert_true(byte >= ' ' || byte == '\n' || byte == '\r' || byte == '\b');
		if (byte == '\r')
			assert_true(i + 1 < session->size && session->output[i + 1] == '\n');
	}
}

static void leave(struct session *session, int expected)
{
	const int status = pty_ended(session);
	struct termios after;

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), expected);
	assert_int_equal(tcgetattr(session->slave, &after), 0);
	assert_int_equal(after.c_lflag, session->before.c_lflag);
	assert_int_equal(after.c_iflag, session->before.c_iflag);
	check_appends_only(session);
	pty_finish(session);
}

static void a_terminal_that_cannot_move_its_cursor_is_told_lines(void **state)
{
	struct session session;

	(void)state;
	start(&session, "dumb", NULL);
	assert_true(pty_shows(&session, "TERM=dumb) cannot move its cursor"));
	type(&session, "reviews", "1. label positive: A fine film");
	type(&session, "quit", "quit");
	leave(&session, 0);
}

static void a_locale_without_unicode_is_told_ascii(void **state)
{
	static const char text[] = "text,label\nUn caf\303\251 noir,bon\n";
	struct session session;

	(void)state;
	pty_prepare(&session, text, sizeof text - 1);
	session.variable = "LANG";
	session.value = "C";
	pty_launch(&session, "dumb", false);
	type(&session, "reviews", "Un caf");
	type(&session, "quit", "quit");
	for (size_t i = 0; i < session.size; i++)
		assert_true((unsigned char)session.output[i] < 0x80);
	leave(&session, 0);
}

static void a_good_terminal_is_told_lines_where_it_is_asked_for(void **state)
{
	struct session session;

	(void)state;
	start(&session, "xterm-256color", "--plain");
	type(&session, "reviews", "3. label positive: Good value");
	type(&session, "2", "Never again");
	type(&session, "/good", "3. label positive.");
	type(&session, "help", "next, or n");
	type(&session, "back", "Reviews: ");
	pty_press(&session, "\004");
	leave(&session, 0);
}

static void what_is_typed_is_shown_and_taken_back(void **state)
{
	struct session session;

	(void)state;
	start(&session, "xterm", "--plain");
	pty_press(&session, "revw");
	pty_drain_until(&session, "revw");
	pty_press(&session, "\177iews\r");
	pty_drain_until(&session, "\b \biews");
	pty_drain_until(&session, "Reviews.");
	/* In the middle: the line is written once more. */
	pty_press(&session, "ext");
	pty_drain_until(&session, "ext");
	pty_press(&session, "\001n\r");
	pty_drain_until(&session, "Reviews: next");
	pty_press(&session, "quit\r");
	leave(&session, 0);
}

static void tab_completes_and_lists(void **state)
{
	struct session session;

	(void)state;
	start(&session, "xterm", "--plain");
	pty_press(&session, "write-\t");
	pty_drain_until(&session, "write-settings");
	pty_press(&session, "\025");
	pty_press(&session, "te\t");
	pty_drain_until(&session, "text");
	pty_press(&session, "\025re\t");
	pty_drain_until(&session, "redraw, repeat, resume, reviews");
	pty_press(&session, "\025quit\r");
	leave(&session, 0);
}

static void the_palette_tells_what_fits(void **state)
{
	struct session session;

	(void)state;
	start(&session, "xterm", "--plain");
	pty_press(&session, "palette\r");
	pty_drain_until(&session, "action: ");
	pty_press(&session, "revi\t");
	pty_drain_until(&session, "reviews: the Reviews screen");
	pty_press(&session, "\r");
	pty_drain_until(&session, "Reviews.");
	pty_press(&session, "quit\r");
	leave(&session, 0);
}

static void keys_that_are_no_letters_work_at_once(void **state)
{
	struct session session;

	(void)state;
	start(&session, "xterm", "--plain");
	pty_press(&session, "\033OR"); /* F3 */
	pty_drain_until(&session, "Reviews.");
	pty_press(&session, "\033OS"); /* F4 */
	pty_drain_until(&session, "Train: a new training.");
	pty_press(&session, "\033OP"); /* F1 */
	pty_drain_until(&session, "Help.");
	pty_press(&session, "quit\r");
	leave(&session, 0);
}

static void ctrl_c_leaves_what_is_typed_then_the_program(void **state)
{
	struct session session;

	(void)state;
	start(&session, "xterm", "--plain");
	pty_press(&session, "nonsense");
	pty_drain_until(&session, "nonsense");
	pty_press(&session, "\003");
	pty_drain_until(&session, "\r\nData: ");
	pty_drain(&session, 600); /* what comes sooner belongs to the same wish */
	type(&session, "open", "open file: ");
	pty_press(&session, "\003");
	pty_drain(&session, 600);
	pty_press(&session, "\003");
	leave(&session, 130);
}

static void a_signal_ends_it_as_it_ends_the_screens(void **state)
{
	struct session session;

	(void)state;
	start(&session, "xterm", "--plain");
	kill(session.pid, SIGTERM);
	leave(&session, 130);
}

static void nothing_is_said_unasked(void **state)
{
	struct session session;

	(void)state;
	start(&session, "xterm", "--plain");
	pty_drain(&session, 300);
	assert_int_equal(pty_drain(&session, 1500), 0);
	pty_press(&session, "quit\r");
	leave(&session, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_that_cannot_move_its_cursor_is_told_lines),
		cmocka_unit_test(a_locale_without_unicode_is_told_ascii),
		cmocka_unit_test(a_good_terminal_is_told_lines_where_it_is_asked_for),
		cmocka_unit_test(what_is_typed_is_shown_and_taken_back),
		cmocka_unit_test(tab_completes_and_lists),
		cmocka_unit_test(the_palette_tells_what_fits),
		cmocka_unit_test(keys_that_are_no_letters_work_at_once),
		cmocka_unit_test(ctrl_c_leaves_what_is_typed_then_the_program),
		cmocka_unit_test(a_signal_ends_it_as_it_ends_the_screens),
		cmocka_unit_test(nothing_is_said_unasked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
