/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program on a pseudo-terminal: when it is silent, how it leaves, and what a terminal that takes nothing does to it. */
#include "tests/ui/pty_check.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void an_idle_program_writes_nothing_and_never_wakes_up(void **state)
{
	struct session session;
	long before;

	(void)state;
	pty_start(&session);
	assert_true(pty_drain(&session, 700) > 0);
	before = pty_wake_ups(session.pid);
	assert_int_equal(pty_drain(&session, 1500), 0);
	assert_int_equal(pty_wake_ups(session.pid), before);
	pty_finish(&session);
}

static void the_terminal_is_as_it_was_after_q(void **state)
{
	struct session session;
	struct termios after;
	int status;

	(void)state;
	pty_start(&session);
	pty_drain(&session, 400);
	assert_true(pty_shows(&session, "\033[?2004h"));
	pty_press(&session, "q");
	status = pty_ended(&session);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	pty_drain(&session, 100);
	assert_true(pty_shows(&session, "\033[?2004l"));
	assert_int_equal(tcgetattr(session.slave, &after), 0);
	assert_int_equal(after.c_lflag, session.before.c_lflag);
	assert_int_equal(after.c_iflag, session.before.c_iflag);
	assert_int_equal(after.c_oflag, session.before.c_oflag);
	pty_finish(&session);
}

/* Ctrl-Z, and two keys that come before the program has heard of it. The program is held for that moment as a debugger
 * holds it; false where this may not be. */
static bool press_ctrl_z_and_type_ahead(const struct session *session)
{
	const struct timespec pause = {0, 20000000};
	const pid_t job = tcgetpgrp(session->master);
	int status;

	if (ptrace(PTRACE_SEIZE, job, NULL, NULL) != 0)
		return false;
	assert_int_equal(write(session->master, "\032", 1), 1);
	assert_int_equal(waitpid(job, &status, __WALL), job);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(WSTOPSIG(status), SIGTSTP);
	assert_int_equal(write(session->master, "jj", 2), 2);
	nanosleep(&pause, NULL);
	assert_int_equal(ptrace(PTRACE_DETACH, job, NULL, (void *)(intptr_t)SIGTSTP), 0);
	return true;
}

/* What was typed ahead is the shell's; who takes the terminal that is empty then for one that went ends at fg. */
static void ctrl_z_with_keys_typed_ahead_comes_back_at_fg(void **state)
{
	struct session session;
	bool held;

	(void)state;
	pty_prepare(&session, pty_reviews, strlen(pty_reviews));
	session.shell = true;
	pty_launch(&session, "xterm-256color", false);
	pty_drain_until(&session, "Words: mean");
	pty_drain(&session, 300);
	session.size = 0;
	held = press_ctrl_z_and_type_ahead(&session);
	if (held) {
		pty_drain_until(&session, "\033[?2004h");
		pty_drain(&session, 300);
		pty_press(&session, "?");
		pty_drain_until(&session, "take the chosen column");
		pty_press(&session, ":quit\r");
		assert_true(WIFEXITED(pty_ended(&session)));
	}
	pty_finish(&session);
	if (!held)
		skip();
}

static void check_dead_terminal(bool nohup)
{
	struct session session;

	pty_start_with(&session, "xterm-256color", nohup, pty_reviews, strlen(pty_reviews));
	pty_drain(&session, 400);
	close(session.slave);
	close(session.master);
	session.slave = session.master = -1;
	assert_true(WIFEXITED(pty_ended(&session)));
	pty_finish(&session);
}

static void a_terminal_that_goes_ends_the_program(void **state)
{
	(void)state;
	check_dead_terminal(false);
}

static void a_terminal_that_goes_ends_it_also_where_hangup_is_ignored(void **state)
{
	(void)state;
	check_dead_terminal(true);
}

static void sigterm_ends_it_with_status_130_and_restores_the_terminal(void **state)
{
	struct session session;
	struct termios after;
	int status;

	(void)state;
	pty_start(&session);
	pty_drain(&session, 400);
	kill(session.pid, SIGTERM);
	status = pty_ended(&session);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 130);
	assert_int_equal(tcgetattr(session.slave, &after), 0);
	assert_int_equal(after.c_lflag, session.before.c_lflag);
	pty_finish(&session);
}

static void check_ctrl_c_leaves(struct session *session, int exit_status)
{
	int status;

	pty_press(session, "\003");
	status = pty_ended(session);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), exit_status);
	pty_finish(session);
}

static void ctrl_c_leaves_a_prompt_then_the_program(void **state)
{
	struct session session;

	(void)state;
	pty_start(&session);
	pty_drain(&session, 400);
	pty_press(&session, ":nonsense");
	pty_drain_until(&session, "nonsense");
	pty_press(&session, "\003");
	pty_drain_until(&session, "l label");
	pty_drain(&session, 600); /* what comes within half a second belongs to the same wish */
	check_ctrl_c_leaves(&session, 130);
}

static void ctrl_c_leaves_the_text_on_score_and_asks_before_it_would_be_lost(void **state)
{
	struct session session;

	(void)state;
	pty_prepare(&session, pty_reviews, strlen(pty_reviews));
	session.variable = "REVUE_HISTORY";
	session.value = "off";
	pty_launch(&session, "xterm", false);
	pty_drain(&session, 400);
	pty_press(&session, "4bad food");
	pty_drain_until(&session, "food");
	pty_press(&session, "\003");
	pty_drain_until(&session, "i type");
	pty_drain(&session, 600);
	pty_press(&session, "\003");
	pty_drain_until(&session, "Leaving loses the review that is typed");
	pty_drain(&session, 600);
	check_ctrl_c_leaves(&session, 130);
}

/* Ctrl-\, also as a byte of a paste that the terminal did not take out. */
static void ctrl_backslash_restores_the_terminal_too(void **state)
{
	struct session session;
	struct termios after;
	int status;

	(void)state;
	pty_start(&session);
	pty_drain(&session, 400);
	pty_press(&session, "\034");
	status = pty_ended(&session);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 130);
	assert_int_equal(tcgetattr(session.slave, &after), 0);
	assert_int_equal(after.c_lflag, session.before.c_lflag);
	pty_finish(&session);
}

static void check_stalled(struct session *session, int number, int exit_status)
{
	struct termios after;
	int status;

	kill(session->pid, number);
	status = pty_ended_unread(session);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), exit_status);
	assert_int_equal(tcgetattr(session->slave, &after), 0);
	assert_int_equal(after.c_lflag, session->before.c_lflag);
	assert_int_equal(after.c_iflag, session->before.c_iflag);
}

static void a_terminal_stopped_by_ctrl_s_does_not_hold_up_the_end(void **state)
{
	static const struct {
		int number, exit_status;
	} ends[] = {{SIGTERM, 130}, {SIGHUP, 0}};
	struct session session;

	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		pty_start(&session);
		pty_drain_until(&session, "Reviews");
		assert_int_equal(write(session.master, "\023" "2?12", 5), 5);
		check_stalled(&session, ends[i].number, ends[i].exit_status);
		pty_finish(&session);
	}
}

static void a_terminal_that_nobody_reads_does_not_hold_up_the_end(void **state)
{
	struct session session;

	(void)state;
	pty_start(&session);
	pty_drain_until(&session, "Reviews");
	for (unsigned short i = 0; i < 100; i++) {
		const struct winsize window = {(unsigned short)(24 + i % 2 * 30), (unsigned short)(80 + i % 2 * 120), 0, 0};
		const struct timespec pause = {0, 5000000};

		ioctl(session.master, TIOCSWINSZ, &window);
		nanosleep(&pause, NULL);
	}
	check_stalled(&session, SIGTERM, 130);
	pty_finish(&session);
}

/* Lines of the log of run-1 that hold `text`. */
static int logged(const struct session *session, const char *text)
{
	char path[300], line[4096];
	FILE *file;
	int count = 0;

	snprintf(path, sizeof path, "%s/run-1/metrics.jsonl", session->folder);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof line, file))
		count += strstr(line, text) != NULL;
	if (file)
		fclose(file);
	return count;
}

static void make_untrained_model(struct session *session)
{
	char command[1200];

	snprintf(command, sizeof command, "cd '%s' && '%s' new reviews.csv -o base --vocab-size 60 --hidden-size 16"
	         " --num-hidden-layers 1 --num-attention-heads 1 --intermediate-size 32 > new.log 2>&1",
	         session->folder, getenv("REVUE"));
	assert_int_equal(system(command), 0);
	session->model = "base";
}

/* One of 10,000 epochs, whose charts are shown. */
static void start_training(struct session *session)
{
	char text[8192];
	size_t size = (size_t)snprintf(text, sizeof text, "text,label\n");

	for (int i = 0; i < 100; i++)
		size += (size_t)snprintf(text + size, sizeof text - size, i % 2 ? "good film %d,positive\n" : "bad film %d,negative\n",
		                         i);
	pty_prepare(session, text, size);
	make_untrained_model(session);
	pty_launch(session, "xterm-256color", false);
	pty_drain_until(session, "Words: mean");
	assert_int_equal(write(session->master, "3jjjj\r\02510000\rs", 14), 14);
	pty_drain_until(session, "tokens/s");
}

/* The process that holds the lock of run-1 is asked to stop, and waited for. */
static void stop_run(const struct session *session)
{
	const struct timespec pause = {0, 20000000};
	char path[300], text[300] = "";
	FILE *file;

	snprintf(path, sizeof path, "%s/run-1/lock", session->folder);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof text, file));
	fclose(file);
	assert_int_equal(kill((pid_t)strtol(text, NULL, 10), SIGTERM), 0);
	for (int i = 0; i < 1000 && logged(session, "\"stopped\"") < 2; i++)
		nanosleep(&pause, NULL);
}

static void a_training_that_fails_under_the_question_of_q_is_told_before_it_is_left(void **state)
{
	const struct timespec pause = {1, 0};
	struct session session;
	char run[300], elsewhere[300];
	int status;

	(void)state;
	start_training(&session);
	assert_int_equal(write(session.master, "qq", 2), 2);
	pty_drain_until(&session, "leave it running");
	snprintf(run, sizeof run, "%s/run-1", session.folder);
	snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", session.folder);
	assert_int_equal(rename(run, elsewhere), 0);
	nanosleep(&pause, NULL);
	session.size = 0;
	assert_int_equal(write(session.master, "s", 1), 1);
	pty_drain_until(&session, "gone: nothing can be saved");
	assert_int_equal(waitpid(session.pid, NULL, WNOHANG), 0);
	assert_int_equal(write(session.master, "q", 1), 1);
	status = pty_ended(&session);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	pty_finish(&session);
}

/* The other process finds another file than the one that the run began with, and does not go on. */
static void a_training_that_nobody_can_take_over_is_not_told_to_go_on(void **state)
{
	struct session session;
	FILE *file;

	(void)state;
	start_training(&session);
	file = fopen(session.file, "a");
	assert_non_null(file);
	fputs("edited by somebody meanwhile,positive\n", file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(write(session.master, "qq", 2), 2);
	pty_drain_until(&session, "leave it running");
	session.size = 0;
	assert_int_equal(write(session.master, "l", 1), 1);
	pty_drain_until(&session, "it could not be left running");
	assert_int_equal(waitpid(session.pid, NULL, WNOHANG), 0);
	kill(session.pid, SIGTERM);
	assert_true(WIFEXITED(pty_ended(&session)));
	pty_finish(&session);
}

static void a_training_that_is_left_running_is_told_when_the_other_process_goes_on(void **state)
{
	struct session session;
	int status;

	(void)state;
	start_training(&session);
	assert_int_equal(write(session.master, "qq", 2), 2);
	pty_drain_until(&session, "leave it running");
	assert_int_equal(write(session.master, "l", 1), 1);
	status = pty_ended(&session);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	pty_drain(&session, 100);
	assert_true(pty_shows(&session, "training goes on in"));
	assert_true(logged(&session, "goes on from") >= 1);
	stop_run(&session);
	pty_finish(&session);
}

static void q_offers_to_leave_a_paused_training_paused(void **state)
{
	struct session session;

	(void)state;
	start_training(&session);
	assert_int_equal(write(session.master, "p", 1), 1);
	pty_drain_until(&session, "paused");
	assert_int_equal(write(session.master, "qq", 2), 2);
	pty_drain_until(&session, "A training is paused.");
	pty_drain_until(&session, "leave it paused");
	pty_press(&session, "b");
	kill(session.pid, SIGTERM);
	assert_true(WIFEXITED(pty_ended(&session)));
	pty_finish(&session);
}

static void a_training_goes_on_while_the_terminal_takes_nothing_and_sigterm_saves_it(void **state)
{
	struct session session;
	int before;

	(void)state;
	start_training(&session);
	assert_int_equal(write(session.master, "\023", 1), 1);
	before = logged(&session, "\"step\"");
	for (int i = 0; i < 3000 && logged(&session, "\"step\"") < before + 50; i++) {
		const struct timespec pause = {0, 10000000};

		nanosleep(&pause, NULL);
	}
	assert_true(logged(&session, "\"step\"") >= before + 50);
	check_stalled(&session, SIGTERM, 130);
	assert_int_equal(logged(&session, "\"stopped\""), 1);
	pty_finish(&session);
}

/* Nothing wakes the screens up between the key that shows Score and the scores: they must be asked for then. */
static void score_shows_the_scores_of_a_model_that_was_trained_while_other_screens_were_shown(void **state)
{
	char model[4096], text[8192];
	size_t size = (size_t)snprintf(text, sizeof text, "text,label\n");
	struct session session;

	(void)state;
	assert_non_null(realpath(check_source("share/models/pocket"), model));
	for (int i = 0; i < 40; i++)
		size += (size_t)snprintf(text + size, sizeof text - size, "a wonderful film %d,%s\n", i, i % 2 ? "negative" : "positive");
	pty_prepare(&session, text, size);
	session.model = model;
	pty_launch(&session, "xterm-256color", false);
	pty_drain_until(&session, "Score and Reviews use");
	pty_press(&session, "4");
	pty_press(&session, "a terrible film");
	pty_press(&session, "\033");
	pty_press(&session, "3jjjj\r\0251\rs2");
	pty_drain_until(&session, "trained: Score");
	pty_press(&session, "q");
	session.size = 0;
	pty_press(&session, "q");
	pty_drain(&session, 300);
	assert_true(pty_shows(&session, "terrible"));
	assert_true(pty_shows(&session, " tokens, "));
	pty_finish(&session);
}

/* Ticks of the processor that the program has used. */
static long ticks_used(pid_t pid)
{
	char path[64], text[1024] = "";
	long user = 0, kernel = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_true(fread(text, 1, sizeof text - 1, file) > 0);
	fclose(file);
	assert_int_equal(sscanf(strrchr(text, ')'), ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &kernel), 2);
	return user + kernel;
}

/* poll takes no more entries than there may be descriptors. */
static void a_limit_of_descriptors_that_is_lowered_neither_makes_it_spin_nor_deaf(void **state)
{
	const struct rlimit low = {3, 3};
	struct session session;
	long before;
	int status;

	(void)state;
	pty_start(&session);
	pty_drain_until(&session, "Words: mean");
	pty_drain(&session, 400);
	assert_int_equal(prlimit(session.pid, RLIMIT_NOFILE, &low, NULL), 0);
	pty_press(&session, "2");
	pty_drain(&session, 1000); /* drawing is work */
	before = ticks_used(session.pid);
	pty_drain(&session, 1000);
	assert_true(ticks_used(session.pid) - before < sysconf(_SC_CLK_TCK) / 4);
	session.size = 0;
	pty_press(&session, "?");
	pty_drain_until(&session, "a regular expression");
	kill(session.pid, SIGTERM);
	status = pty_ended(&session);
	assert_true(WIFEXITED(status));
#ifndef __SANITIZE_ADDRESS__ /* whose search for leaks at the end wants descriptors of its own */
	assert_int_equal(WEXITSTATUS(status), 130);
#endif
	pty_finish(&session);
}

static void standard_input_is_not_opened_and_keys_are_heard_afterwards(void **state)
{
	struct session session;

	(void)state;
	pty_start(&session);
	pty_drain_until(&session, "Reviews");
	assert_int_equal(write(session.master, ":open -\r", 8), 8);
	pty_drain_until(&session, "do not read standard input");
	pty_press(&session, "?");
	pty_drain_until(&session, "take the chosen column");
	pty_press(&session, "q");
	pty_finish(&session);
}

static void what_was_pressed_while_output_was_stopped_is_shown_afterwards(void **state)
{
	struct session session;

	(void)state;
	pty_start(&session);
	pty_drain_until(&session, "Reviews");
	assert_int_equal(write(session.master, "\023" "?", 2), 2);
	pty_drain(&session, 100);
	assert_false(pty_shows(&session, "take the chosen column"));
	assert_int_equal(write(session.master, "\021", 1), 1);
	pty_drain_until(&session, "take the chosen column");
	pty_finish(&session);
}

/* What stood there stays on such a terminal: only the last line, where the prompt will be, is emptied. */
static void a_terminal_without_a_second_screen_has_an_empty_last_line_after_q(void **state)
{
	struct session session;

	(void)state;
	pty_start_with(&session, "linux", false, pty_reviews, strlen(pty_reviews));
	pty_drain_until(&session, "q quit");
	session.size = 0;
	pty_press(&session, "q");
	assert_true(WIFEXITED(pty_ended(&session)));
	assert_true(pty_shows(&session, "\033[24d\033[J") || pty_shows(&session, "\033[24d\033[K"));
	pty_finish(&session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_program_writes_nothing_and_never_wakes_up),
		cmocka_unit_test(the_terminal_is_as_it_was_after_q),
		cmocka_unit_test(ctrl_z_with_keys_typed_ahead_comes_back_at_fg),
		cmocka_unit_test(a_terminal_that_goes_ends_the_program),
		cmocka_unit_test(a_terminal_that_goes_ends_it_also_where_hangup_is_ignored),
		cmocka_unit_test(sigterm_ends_it_with_status_130_and_restores_the_terminal),
		cmocka_unit_test(ctrl_c_leaves_a_prompt_then_the_program),
		cmocka_unit_test(ctrl_c_leaves_the_text_on_score_and_asks_before_it_would_be_lost),
		cmocka_unit_test(ctrl_backslash_restores_the_terminal_too),
		cmocka_unit_test(a_terminal_stopped_by_ctrl_s_does_not_hold_up_the_end),
		cmocka_unit_test(a_terminal_that_nobody_reads_does_not_hold_up_the_end),
		cmocka_unit_test(a_training_that_fails_under_the_question_of_q_is_told_before_it_is_left),
		cmocka_unit_test(a_training_that_nobody_can_take_over_is_not_told_to_go_on),
		cmocka_unit_test(a_training_that_is_left_running_is_told_when_the_other_process_goes_on),
		cmocka_unit_test(score_shows_the_scores_of_a_model_that_was_trained_while_other_screens_were_shown),
		cmocka_unit_test(a_limit_of_descriptors_that_is_lowered_neither_makes_it_spin_nor_deaf),
		cmocka_unit_test(standard_input_is_not_opened_and_keys_are_heard_afterwards),
		cmocka_unit_test(q_offers_to_leave_a_paused_training_paused),
		cmocka_unit_test(a_training_goes_on_while_the_terminal_takes_nothing_and_sigterm_saves_it),
		cmocka_unit_test(what_was_pressed_while_output_was_stopped_is_shown_afterwards),
		cmocka_unit_test(a_terminal_without_a_second_screen_has_an_empty_last_line_after_q),
	};

	if (!getenv("REVUE")) {
		printf("1..0 # SKIP REVUE does not name the program\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
