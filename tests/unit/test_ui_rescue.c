/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The terminal given back by a process that fails, without the program: here each fails in a process of its own. */
#include "engine/thread.h"
#include "tests/unit/check.h"
#include "ui/terminal/rescue.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNDO "<undone>"

struct screen {
	int master, slave;
	struct termios before;
};

static struct screen screen_open(void)
{
	struct screen screen;

	assert_int_equal(openpty(&screen.master, &screen.slave, NULL, NULL, NULL), 0);
	assert_int_equal(tcgetattr(screen.slave, &screen.before), 0);
	return screen;
}

/* In a child: the terminal becomes its own, raw and armed, and says what a library said. */
static void take_screen(const struct screen *screen)
{
	struct kept_stderr kept = KEPT_STDERR_NONE;
	struct termios raw = screen->before;

	setsid();
	ioctl(screen->slave, TIOCSCTTY, 0);
	dup2(screen->slave, STDERR_FILENO);
	cfmakeraw(&raw);
	raw.c_oflag = screen->before.c_oflag;
	tcsetattr(screen->slave, TCSANOW, &raw);
	kept_stderr_begin(&kept);
	rescue_arm(screen->slave, &screen->before, &kept);
	rescue_prepare(UNDO, strlen(UNDO));
	if (write(STDERR_FILENO, "last words\n", 11) != 11)
		_exit(99);
}

/* What came, up to `capacity` - 1 bytes, until nothing comes for a while. */
static void read_screen(const struct screen *screen, char *out, size_t capacity)
{
	struct pollfd fd = {screen->master, POLLIN, 0};
	size_t size = 0;

	while (size + 1 < capacity && poll(&fd, 1, 200) > 0) {
		const ssize_t got = read(screen->master, out + size, capacity - 1 - size);

		if (got < 1)
			break;
		size += (size_t)got;
	}
	out[size] = '\0';
}

static bool screen_is_raw(const struct screen *screen)
{
	struct termios now;

	assert_int_equal(tcgetattr(screen->slave, &now), 0);
	return now.c_lflag != screen->before.c_lflag;
}

static void screen_close(const struct screen *screen)
{
	close(screen->master);
	close(screen->slave);
}

static int ended(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void a_library_that_ends_the_process_gives_the_terminal_back_with_its_words(void **state)
{
	const struct screen screen = screen_open();
	char text[256];
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0) {
		take_screen(&screen);
		exit(3);
	}
	assert_int_equal(WEXITSTATUS(ended(pid)), 3);
	read_screen(&screen, text, sizeof text);
	assert_string_equal(text, UNDO "last words\r\n");
	assert_false(screen_is_raw(&screen));
	screen_close(&screen);
}

/* A job that the shell has sent into the background. */
static void fail_in_the_background(const struct screen *screen)
{
	int status = 0;
	pid_t job;

	take_screen(screen);
	rescue_disarm();
	job = fork();
	if (job == 0) {
		struct kept_stderr kept = KEPT_STDERR_NONE;

		setpgid(0, 0);
		signal(SIGSEGV, SIG_DFL); /* cmocka has a handler */
		rescue_arm(screen->slave, &screen->before, &kept);
		rescue_prepare(UNDO, strlen(UNDO));
		raise(SIGSEGV);
		_exit(0);
	}
	waitpid(job, &status, 0);
	_exit(WIFSIGNALED(status) ? 10 : 11);
}

static void a_terminal_that_is_not_ours_is_left_alone(void **state)
{
	const struct screen screen = screen_open();
	char text[256];
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0)
		fail_in_the_background(&screen);
#ifndef __SANITIZE_ADDRESS__ /* which handles the signal, and ends the process */
	assert_int_equal(WEXITSTATUS(ended(pid)), 10);
#else
	ended(pid);
#endif
	read_screen(&screen, text, sizeof text);
	assert_null(strstr(text, UNDO));
	assert_true(screen_is_raw(&screen));
	screen_close(&screen);
}

static void after_disarming_nothing_is_undone(void **state)
{
	const struct screen screen = screen_open();
	char text[256];
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0) {
		take_screen(&screen);
		rescue_disarm();
		exit(0);
	}
	assert_int_equal(ended(pid), 0);
	read_screen(&screen, text, sizeof text);
	assert_string_equal(text, "");
	assert_true(screen_is_raw(&screen));
	screen_close(&screen);
}

static void *look_at_signals(void *context)
{
	stack_t *spare = context;
	sigset_t blocked;

	sigaltstack(NULL, spare);
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	return sigismember(&blocked, SIGTERM) && !sigismember(&blocked, SIGSEGV) && !sigismember(&blocked, SIGABRT) ? context : NULL;
}

static void a_thread_lets_faults_through_and_has_a_spare_stack_for_them(void **state)
{
	struct error error = {0};
	stack_t spare = {.ss_flags = SS_DISABLE};
	pthread_t thread;
	void *result;

	(void)state;
	assert_true(thread_start(&thread, look_at_signals, &spare, "a test", &error));
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_ptr_equal(result, &spare);
	assert_false(spare.ss_flags & SS_DISABLE);
	assert_true(spare.ss_size >= 16384);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_library_that_ends_the_process_gives_the_terminal_back_with_its_words),
		cmocka_unit_test(a_terminal_that_is_not_ours_is_left_alone),
		cmocka_unit_test(after_disarming_nothing_is_undone),
		cmocka_unit_test(a_thread_lets_faults_through_and_has_a_spare_stack_for_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
