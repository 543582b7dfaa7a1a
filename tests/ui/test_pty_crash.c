/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program on a pseudo-terminal when it crashes: the terminal is as it was, what was kept of stderr is told, and the end
 * is the signal's. */
#include "tests/ui/pty_check.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
	int number;
	const char *told;
} faults[] = {
	{SIGSEGV, "revue: stopped by SIGSEGV; a training goes on from its last checkpoint: revue train --resume RUN\r\n"},
	{SIGABRT, "revue: stopped by SIGABRT; "},
	{SIGBUS, "revue: stopped by SIGBUS; "},
	{SIGFPE, "revue: stopped by SIGFPE; "},
	{SIGILL, "revue: stopped by SIGILL; "},
};

/* What undoes each of the modes that were set: mouse, keypad, wrapping, pastes, the second screen, the hidden cursor. */
static const char *const undone[] = {
	"\033[?1006;1000l", "\033[?1l\033>", "\033[?7h", "\033[?2004l", "\033[?1049l", "\033[?25h", "\033[39;49m", "\033[1;24r",
};

static void start(struct session *session)
{
	pty_start(session);
	pty_drain_until(session, "Words: mean");
	pty_drain(session, 300);
	session->size = 0;
}

static void check_modes(const struct session *session)
{
	struct termios after;

	assert_int_equal(tcgetattr(session->slave, &after), 0);
	assert_int_equal(after.c_lflag, session->before.c_lflag);
	assert_int_equal(after.c_iflag, session->before.c_iflag);
	assert_int_equal(after.c_oflag, session->before.c_oflag);
}

/* A sanitizer reports a fault and ends the process by itself. */
static void check_ended_by(int status, int number)
{
#ifndef __SANITIZE_ADDRESS__
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), number);
#else
	(void)number;
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
#endif
}

static void check_crash(struct session *session, int number, const char *told)
{
	check_ended_by(pty_ended(session), number);
	pty_drain(session, 100);
	for (size_t i = 0; i < sizeof undone / sizeof undone[0]; i++)
		assert_true(pty_shows(session, undone[i]));
	assert_true(pty_shows(session, told));
	check_modes(session);
	pty_finish(session);
}

static void a_fault_gives_the_terminal_back_says_so_and_ends_it_by_its_signal(void **state)
{
	struct session session;

	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		start(&session);
		assert_int_equal(kill(session.pid, faults[i].number), 0);
		check_crash(&session, faults[i].number, faults[i].told);
	}
}

/* Whether a thread of the program blocks SIGTERM: it was started by thread_start then. */
static bool is_a_worker(pid_t pid, pid_t thread)
{
	unsigned long long blocked = 0;
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/task/%d/status", (int)pid, (int)thread);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof line, file))
		sscanf(line, "SigBlk: %llx", &blocked);
	if (file)
		fclose(file);
	return blocked >> (SIGTERM - 1) & 1;
}

static pid_t find_worker(pid_t pid)
{
	pid_t found = 0;
	char path[64];
	DIR *folder;
	struct dirent *entry;

	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	folder = opendir(path);
	assert_non_null(folder);
	while ((entry = readdir(folder)) && !found) {
		const pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);

		if (thread > 0 && thread != pid && is_a_worker(pid, thread))
			found = thread;
	}
	closedir(folder);
	return found;
}

static void a_fault_on_a_thread_of_the_engine_gives_the_terminal_back_too(void **state)
{
	char model[4096];
	struct session session;
	pid_t thread;

	(void)state;
	assert_non_null(realpath(check_source("share/models/pocket"), model));
	pty_prepare(&session, pty_reviews, strlen(pty_reviews));
	session.model = model;
	pty_launch(&session, "xterm-256color", false);
	pty_drain_until(&session, "Score and Reviews use");
	pty_drain(&session, 300);
	thread = find_worker(session.pid);
	assert_true(thread > 0);
	assert_int_equal(syscall(SYS_tgkill, session.pid, thread, SIGSEGV), 0);
	check_crash(&session, SIGSEGV, faults[0].told);
}

/* The stack of the main thread is taken from under it, as a recursion without end would; false where a debugger may not. */
static bool lose_the_stack(pid_t pid)
{
#ifdef __x86_64__
	struct user_regs_struct registers;
	int status;

	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) != 0)
		return false;
	assert_int_equal(ptrace(PTRACE_INTERRUPT, pid, NULL, NULL), 0);
	assert_int_equal(waitpid(pid, &status, __WALL), pid);
	assert_int_equal(ptrace(PTRACE_GETREGS, pid, NULL, &registers), 0);
	registers.rsp = 64;
	assert_int_equal(ptrace(PTRACE_SETREGS, pid, NULL, &registers), 0);
	assert_int_equal(ptrace(PTRACE_DETACH, pid, NULL, NULL), 0);
	return true;
#else
	(void)pid;
	return false;
#endif
}

static void a_stack_that_is_full_gives_the_terminal_back_too(void **state)
{
	struct session session;

	(void)state;
	start(&session);
	if (!lose_the_stack(session.pid)) {
		pty_finish(&session);
		skip();
	}
	assert_int_equal(write(session.master, "j", 1), 1);
	check_crash(&session, SIGSEGV, faults[0].told);
}

/* As a library would that writes to stderr: the file that stands there is the program's own. */
static void say_on_stderr(const struct session *session, const char *text)
{
	char path[64];
	int fd;

	snprintf(path, sizeof path, "/proc/%d/fd/2", (int)session->pid);
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* Where in the output `text` stands. */
static size_t place_of(const struct session *session, const char *text)
{
	const char *found = memmem(session->output, session->size, text, strlen(text));

	assert_non_null(found);
	return (size_t)(found - session->output);
}

static void what_was_said_on_stderr_is_told_scrubbed_after_the_screens_also_after_a_crash(void **state)
{
	const int ends[] = {SIGTERM, SIGABRT};
	struct session session;

	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		start(&session);
		say_on_stderr(&session, "assertion of a library\033[31m failed\n");
		pty_drain(&session, 200);
		assert_false(pty_shows(&session, "assertion of a library"));
		kill(session.pid, ends[i]);
		pty_ended(&session);
		pty_drain(&session, 100);
		assert_true(place_of(&session, "assertion of a library") > place_of(&session, "\033[?1049l"));
		assert_false(pty_shows(&session, "\033[31m"));
		assert_true(pty_shows(&session, "failed\r\n"));
		pty_finish(&session);
	}
}

/* Ctrl-S: nothing that the handler writes is taken. */
static void a_terminal_that_takes_nothing_does_not_hold_up_a_crash(void **state)
{
	struct session session;

	(void)state;
	start(&session);
	assert_int_equal(write(session.master, "\023", 1), 1);
	pty_drain(&session, 100);
	kill(session.pid, SIGSEGV);
	check_ended_by(pty_ended_unread(&session), SIGSEGV);
	check_modes(&session);
	pty_finish(&session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fault_gives_the_terminal_back_says_so_and_ends_it_by_its_signal),
		cmocka_unit_test(a_fault_on_a_thread_of_the_engine_gives_the_terminal_back_too),
		cmocka_unit_test(a_stack_that_is_full_gives_the_terminal_back_too),
		cmocka_unit_test(what_was_said_on_stderr_is_told_scrubbed_after_the_screens_also_after_a_crash),
		cmocka_unit_test(a_terminal_that_takes_nothing_does_not_hold_up_a_crash),
	};

	return pty_main(tests, sizeof tests / sizeof tests[0]);
}
