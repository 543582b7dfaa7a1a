/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program on a pseudo-terminal: what it shows on which terminal, and what keys and pastes do. */
#include "tests/ui/pty_check.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void every_size_of_the_window_is_survived(void **state)
{
	static const unsigned short sizes[][2] = {{0, 0}, {1, 1}, {1, 500}, {500, 1}, {10, 40}, {500, 500}, {9, 39},
	                                          {10000, 10000}, {65535, 65535}, {2, 2}, {24, 80}};
	struct session session;

	(void)state;
	pty_start(&session);
	pty_drain(&session, 400);
	for (int screen = 0; screen < 5; screen++) {
		pty_press(&session, (const char *const[]){"1", "2", "3", "4", "\033"}[screen]);
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			struct winsize window = {sizes[i][0], sizes[i][1], 0, 0};

			ioctl(session.master, TIOCSWINSZ, &window);
			pty_drain(&session, 30);
		}
	}
	pty_press(&session, "?");
	session.size = 0;
	pty_press(&session, "\f");
	pty_drain_until(&session, "Reviews");
	assert_int_equal(waitpid(session.pid, NULL, WNOHANG), 0);
	pty_finish(&session);
}

static void no_byte_of_a_hostile_file_reaches_the_terminal_as_it_is(void **state)
{
	static const char hostile[] =
		"te\033[2Jxt,la\xC2\x9B" "bel\n"
		"\"a\033]52;c;AAAA\a b\xE2\x80\xAE c\xC2\x9B" "31m d\x9B e\r\bf\",x\033]0;t\a\n"
		"\"\xE2\x80\x8B\xEF\xBB\xBF\x0E\x0F\x7F\",\xE2\x81\xA6y\n";
	static const char *const bad[] = {"\xE2\x80\xAE", "\xC2\x9B", "\xE2\x80\x8B", "\xEF\xBB\xBF",
	                                  "\xE2\x81\xA6", "\x0E"};
	struct session session;

	(void)state;
	pty_start_with(&session, "xterm-256color", false, hostile, sizeof hostile - 1);
	pty_drain(&session, 400);
	pty_press(&session, "2");
	pty_press(&session, "\r");
	pty_press(&session, "q/52\r");
	pty_press(&session, "j");
	assert_true(pty_shows(&session, "52;c;AAAA"));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(pty_shows(&session, bad[i]));
	assert_false(pty_shows(&session, "\033]52"));
	assert_false(pty_shows(&session, "\033]0"));
	assert_false(pty_shows(&session, "\x9B" "31m"));
	pty_finish(&session);
}

/* Some terminals hold a flag for one thing: half of one would not change the other half. */
static void a_flag_is_shown_and_one_that_takes_its_place_is_written_whole(void **state)
{
	static const char flags[] = "text,label\n\U0001F1E9\U0001F1EA,a\n\U0001F1E9\U0001F1F0,b\n";
	struct session session;

	(void)state;
	pty_start_with(&session, "xterm-256color", false, flags, sizeof flags - 1);
	pty_drain_until(&session, "Words: mean");
	pty_press(&session, "2");
	pty_drain_until(&session, "\U0001F1E9\U0001F1EA");
	session.size = 0;
	pty_press(&session, "j");
	pty_drain_until(&session, "\U0001F1E9\U0001F1F0");
	pty_drain(&session, 200);
	session.size = 0;
	pty_press(&session, "j");
	assert_false(pty_shows(&session, "\U0001F1F0"));
	pty_finish(&session);
}

static void check_refused(const char *term)
{
	struct session session;
	int status;

	pty_start_with(&session, term, false, pty_reviews, strlen(pty_reviews));
	status = pty_ended(&session);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 2);
	pty_drain(&session, 100);
	assert_true(pty_shows(&session, "revue score"));
	assert_false(pty_shows(&session, "\033"));
	pty_finish(&session);
}

static void a_terminal_of_an_unknown_type_is_refused_in_one_line(void **state)
{
	(void)state;
	check_refused("no-such-terminal");
}

#define PASTE(text) "\033[200~" text "\033[201~"

static bool shows_unicode(const struct session *session)
{
	for (size_t i = 0; i < session->size; i++) {
		if ((unsigned char)session->output[i] >= 0x80)
			return true;
	}
	return false;
}

static void the_locale_decides_between_unicode_and_ascii(void **state)
{
	static const struct {
		const char *variable, *value;
		bool unicode;
	} cases[] = {
		{"LC_ALL", "C.UTF-8", true},       {"LC_CTYPE", "C.UTF-8", true},        {"LANG", "C.UTF-8", true},
		{"LC_ALL", "C", false},            {"LANG", "POSIX", false},             {"LANG", "", false},
		{"LANG", "xx_YY.UTF-8", true},     {"LC_ALL", "xx_YY.utf8", true},       {"LANG", "xx_YY.ISO-8859-1", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct session session;

		pty_prepare(&session, pty_reviews, strlen(pty_reviews));
		session.variable = cases[i].variable;
		session.value = cases[i].value;
		pty_launch(&session, "xterm-256color", false);
		pty_drain_until(&session, "3 used");
		pty_drain(&session, 100);
		if (shows_unicode(&session) != cases[i].unicode)
			fail_msg("%s=%s", cases[i].variable, cases[i].value);
		pty_finish(&session);
	}
}

static void no_color_means_no_color(void **state)
{
	static const struct {
		const char *value;
		bool color;
	} cases[] = {{"1", false}, {"", true}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct session session;

		pty_prepare(&session, pty_reviews, strlen(pty_reviews));
		session.variable = "NO_COLOR";
		session.value = cases[i].value;
		pty_launch(&session, "xterm-256color", false);
		pty_drain_until(&session, "3 used");
		pty_drain(&session, 100);
		assert_int_equal(pty_shows(&session, "\033[38;5;"), cases[i].color);
		pty_finish(&session);
	}
}

/* What looks like the end mark is text, and keys that come in one block with a paste follow it in their order. */
static void a_paste_ends_at_its_mark_and_the_keys_behind_it_are_keys(void **state)
{
	struct session session;

	(void)state;
	pty_start(&session);
	pty_drain_until(&session, "Reviews");
	pty_press(&session, "4");
	pty_press(&session, PASTE("one [\033[20x") "!" "\033OD" "?" PASTE("more") "\033OC" ".");
	session.size = 0;
	pty_press(&session, "\f");
	pty_drain_until(&session, "one [[20x?more!.");
	pty_finish(&session);
}

static void a_paste_in_pieces_is_one_paste(void **state)
{
	static const char bytes[] = PASTE("in pieces") "!";
	struct session session;

	(void)state;
	pty_start(&session);
	pty_drain_until(&session, "Reviews");
	pty_press(&session, "4");
	for (const char *byte = bytes; *byte; byte++) {
		assert_int_equal(write(session.master, byte, 1), 1);
		pty_drain(&session, 1);
	}
	session.size = 0;
	pty_press(&session, "\f");
	pty_drain_until(&session, "in pieces!");
	pty_finish(&session);
}

/* Reads while it writes, as a terminal does. */
static void send_all(struct session *session, const char *bytes, size_t size)
{
	fcntl(session->master, F_SETFL, fcntl(session->master, F_GETFL) | O_NONBLOCK);
	while (size > 0) {
		struct pollfd fd = {session->master, POLLOUT, 0};
		ssize_t sent;

		assert_true(poll(&fd, 1, 30000) > 0);
		sent = write(session->master, bytes, size);
		bytes += sent > 0 ? sent : 0;
		size -= sent > 0 ? (size_t)sent : 0;
		pty_drain(session, 0);
	}
}

static void a_paste_of_ten_megabytes_is_cut_with_a_message_and_sigterm_is_obeyed_within_one(void **state)
{
	const size_t size = (size_t)10 << 20;
	char *text = malloc(size);
	struct session session;
	int status;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', size);
	pty_start(&session);
	pty_drain_until(&session, "Reviews");
	pty_press(&session, "4");
	send_all(&session, "\033[200~", 6);
	send_all(&session, text, size);
	send_all(&session, "\033[201~", 6);
	pty_drain_until(&session, "the paste was cut");
	send_all(&session, "\033[200~", 6);
	send_all(&session, text, 100000);
	kill(session.pid, SIGTERM);
	status = pty_ended(&session);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 130);
	pty_finish(&session);
	free(text);
}

/* The Linux console is such a type. */
static void a_terminal_type_without_a_size_of_its_own_shows_the_screens(void **state)
{
	struct session session;

	(void)state;
	pty_start_with(&session, "linux", false, pty_reviews, strlen(pty_reviews));
	pty_drain(&session, 400);
	assert_true(pty_shows(&session, "Reviews"));
	pty_finish(&session);
}

/* Outside of the lines that scroll some terminals neither delete characters nor let a line feed move the cursor. */
static void all_lines_of_a_tall_terminal_scroll_and_none_runs_over_until_it_is_left(void **state)
{
	struct session session;

	(void)state;
	pty_prepare(&session, pty_reviews, strlen(pty_reviews));
	session.rows = 50;
	session.columns = 80;
	pty_launch(&session, "xterm-256color", false);
	pty_drain_until(&session, "Words: mean");
	assert_true(pty_shows(&session, "\033[1;50r"));
	assert_true(pty_shows(&session, "\033[?7l"));
	session.size = 0;
	pty_press(&session, "q");
	assert_true(WIFEXITED(pty_ended(&session)));
	pty_drain(&session, 100);
	assert_true(pty_shows(&session, "\033[?7h"));
	pty_finish(&session);
}

static void the_mouse_is_listened_to_until_it_is_switched_off(void **state)
{
	struct session session;

	(void)state;
	pty_start(&session);
	pty_drain_until(&session, "1000h");
	pty_press(&session, ":set mouse off\r");
	pty_drain_until(&session, "1000l");
	pty_finish(&session);
}

/* As a tap on a touchpad sends them: both ends at once, as xterm writes them now and as it did. */
static void a_button_that_is_let_go_at_once_is_a_click(void **state)
{
	static const struct {
		const char *terminal, *tap;
	} ways[] = {
		{"xterm-256color", "\033[<0;3;1M\033[<0;3;1m"},
		{"tmux-256color", "\033[M #!\033[M##!"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct session session;

		pty_prepare(&session, pty_reviews, strlen(pty_reviews));
		pty_launch(&session, ways[i].terminal, false);
		pty_drain_until(&session, "Words: mean");
		pty_press(&session, "2");
		pty_drain_until(&session, "Row 1 of");
		session.size = 0;
		assert_int_equal(write(session.master, ways[i].tap, strlen(ways[i].tap)), strlen(ways[i].tap));
		pty_drain_until(&session, "Words: mean");
		pty_finish(&session);
	}
}

/* Random keys on every screen, without those that leave: it is still there and still answers. */
static void random_keys_do_no_harm(void **state)
{
	struct session session;
	unsigned random = 7;

	(void)state;
	pty_start(&session);
	pty_drain(&session, 400);
	for (int i = 0; i < 300; i++) {
		char keys[32];

		for (size_t j = 0; j < sizeof keys - 1; j++) {
			random = random * 1103515245u + 12345u;
			keys[j] = (char)(random >> 16 & 0x7F);
			if (strchr("qQ\003\032\034\023\021", keys[j]) || keys[j] == 0)
				keys[j] = '2';
		}
		keys[sizeof keys - 1] = '\0';
		assert_int_equal(write(session.master, keys, sizeof keys - 1), sizeof keys - 1);
		pty_drain(&session, 2);
	}
	pty_drain(&session, 300);
	assert_int_equal(waitpid(session.pid, NULL, WNOHANG), 0);
	session.size = 0;
	pty_press(&session, "\f");
	for (int i = 0; i < 100 && session.size == 0; i++) /* it may be at work on what the keys asked for */
		pty_drain(&session, 100);
	assert_true(session.size > 0);
	pty_finish(&session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_size_of_the_window_is_survived),
		cmocka_unit_test(no_byte_of_a_hostile_file_reaches_the_terminal_as_it_is),
		cmocka_unit_test(a_flag_is_shown_and_one_that_takes_its_place_is_written_whole),
		cmocka_unit_test(a_terminal_of_an_unknown_type_is_refused_in_one_line),
		cmocka_unit_test(the_locale_decides_between_unicode_and_ascii),
		cmocka_unit_test(no_color_means_no_color),
		cmocka_unit_test(a_paste_ends_at_its_mark_and_the_keys_behind_it_are_keys),
		cmocka_unit_test(a_paste_in_pieces_is_one_paste),
		cmocka_unit_test(a_paste_of_ten_megabytes_is_cut_with_a_message_and_sigterm_is_obeyed_within_one),
		cmocka_unit_test(a_terminal_type_without_a_size_of_its_own_shows_the_screens),
		cmocka_unit_test(all_lines_of_a_tall_terminal_scroll_and_none_runs_over_until_it_is_left),
		cmocka_unit_test(the_mouse_is_listened_to_until_it_is_switched_off),
		cmocka_unit_test(a_button_that_is_let_go_at_once_is_a_click),
		cmocka_unit_test(random_keys_do_no_harm),
	};

	if (!getenv("REVUE")) {
		printf("1..0 # SKIP REVUE does not name the program\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
