/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * src/output.h: the last word of a program that was asked to end, where the terminal is stopped between the look whether it takes
 * something and the writing. poll is ours here, so that it is stopped in just that moment. */
#include "tests/unit/check.h"

#include "src/output.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	const int ready = (int)syscall(SYS_poll, fds, count, timeout);

	if (ready > 0 && fds[0].fd == STDERR_FILENO && isatty(STDERR_FILENO))
		tcflow(STDERR_FILENO, TCOOFF);
	return ready;
}

static void a_terminal_that_stops_before_the_last_word_does_not_hold_it_up(void **state)
{
	int master, slave, status;
	pid_t pid;

	(void)state;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	pid = fork();
	if (pid == 0) {
		const struct error interrupted = {.kind = ERROR_INTERRUPTED, .text = "interrupted"};

		dup2(slave, STDERR_FILENO);
		alarm(10);
		message_error(&interrupted);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	tcflow(slave, TCOON);
	close(master);
	close(slave);
}

static void a_word_reaches_a_pipe(void **state)
{
	char text[64] = "";
	int ends[2], before = dup(STDERR_FILENO);

	(void)state;
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	standard_error_put("a %s", "word");
	dup2(before, STDERR_FILENO);
	close(before);
	assert_int_equal(read(ends[0], text, sizeof text - 1), 6);
	assert_string_equal(text, "a word");
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_that_stops_before_the_last_word_does_not_hold_it_up),
		cmocka_unit_test(a_word_reaches_a_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
