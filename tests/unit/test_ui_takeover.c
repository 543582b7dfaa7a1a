/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/takeover.c: who else goes on with a run. The other program is this test again: as "train --resume RUN" it writes
 * down in what state it was started, takes the run's lock and says what the file "say" in the run tells it to say. */
#include "tests/unit/train_check.h"

#include "engine/options.h"
#include "engine/train/run/journal.h"
#include "engine/train/run/lock.h"
#include "engine/train/run/record.h"
#include "ui/takeover.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct folder {
	char path[256], stub[300];
};

static int make_run(void **state)
{
	struct folder *folder = calloc(1, sizeof *folder);

	check_folder(folder->path, sizeof folder->path);
	snprintf(folder->stub, sizeof folder->stub, "%s/stub", folder->path);
	train_write_record(folder->path, 0, 0);
	*state = folder;
	return 0;
}

static int remove_run(void **state)
{
	struct folder *folder = *state;

	check_folder_remove(folder->path);
	free(folder);
	return 0;
}

static void write_stub(const struct folder *folder, const char *text)
{
	FILE *file = fopen(folder->stub, "w");

	assert_non_null(file);
	fprintf(file, "#!/bin/sh\n%s\n", text);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(folder->stub, 0755), 0);
}

static void write_words(const struct folder *folder, const char *words)
{
	char path[300];
	FILE *file;

	snprintf(path, sizeof path, "%s/say", folder->path);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(words, file);
	assert_int_equal(fclose(file), 0);
}

/* Looks until it is decided, or `looks` times; 0: no limit. */
static enum takeover_state wait_for(struct takeover *takeover, const struct folder *folder, int looks,
                                    struct error *error)
{
	const struct timespec pause = {.tv_nsec = 5000000};
	struct run *run = run_open(folder->path, error);

	assert_non_null(run);
	for (int i = 1; takeover_look(takeover, run, error) == TAKEOVER_WAITING && i != looks; i++) {
		nanosleep(&pause, NULL);
		run_update(run);
	}
	run_close(run);
	return takeover->state;
}

static enum takeover_state wait_for_it(struct takeover *takeover, const struct folder *folder, struct error *error)
{
	return wait_for(takeover, folder, 0, error);
}

/* The other program */

static int count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	if (!folder)
		return -1;
	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
		count += entry->d_name[0] != '.';
	closedir(folder);
	return count - 1; /* without the folder's own */
}

static bool is_nothing(int fd)
{
	struct stat nothing, status;

	return stat("/dev/null", &nothing) == 0 && fstat(fd, &status) == 0 && status.st_rdev == nothing.st_rdev;
}

static void say_event(struct journal *journal, enum journal_state state, const char *text)
{
	struct journal_event event = {.state = state};

	snprintf(event.text, sizeof event.text, "%s", text);
	journal_add_event(journal, &event, NULL);
}

/* "goes on from ..." and stays; or "fails: ..." and ends; or nothing more than "is resumed", and stays. */
static int say(const char *run)
{
	char path[300], words[200] = "";
	struct journal journal;
	FILE *file;

	snprintf(path, sizeof path, "%s/say", run);
	file = fopen(path, "r");
	if (file && !fgets(words, sizeof words, file))
		words[0] = '\0';
	if (file)
		fclose(file);
	if (!journal_open(&journal, run, NULL))
		return 8;
	say_event(&journal, JOURNAL_RUNNING, "is resumed");
	if (strncmp(words, "fails: ", 7) == 0) {
		say_event(&journal, JOURNAL_FAILED, words + 7);
		return 1;
	}
	if (words[0])
		say_event(&journal, JOURNAL_RUNNING, words);
	pause();
	return 0;
}

static int be_the_other(const char *run)
{
	const int descriptors = count_descriptors();
	struct run_lock lock;
	struct sigaction hangup;
	sigset_t blocked;
	char path[300], made[300];
	FILE *file;

	snprintf(made, sizeof made, "%s/facts.new", run);
	snprintf(path, sizeof path, "%s/facts", run);
	sigaction(SIGHUP, NULL, &hangup);
	sigprocmask(SIG_BLOCK, NULL, &blocked);
	file = fopen(made, "w");
	fprintf(file, "leads %d descriptors %d null %d ignores %d blocks %d", getsid(0) == getpid(), descriptors,
	        is_nothing(0) && is_nothing(1) && is_nothing(2), hangup.sa_handler == SIG_IGN,
	        sigismember(&blocked, SIGTERM));
	fclose(file);
	rename(made, path);
	if (!run_lock_take(&lock, run, NULL))
		return 9;
	return say(run);
}

/* Tests */

static void the_other_process_has_its_own_session_and_nothing_of_this_one(void **state)
{
	const struct folder *folder = *state;
	struct takeover takeover = {0};
	struct error error = {0};
	sigset_t term, before;
	char path[300], facts[200] = "";
	int fd;

	write_words(folder, "goes on from checkpoint-000010");
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, &before);
	assert_true(takeover_start(&takeover, TAKEOVER_PROGRAM, folder->path, false, 20, &error));
	sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGHUP, SIG_DFL);
	assert_int_equal(wait_for_it(&takeover, folder, &error), TAKEOVER_DONE);
	snprintf(path, sizeof path, "%s/facts", folder->path);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_true(read(fd, facts, sizeof facts - 1) > 0);
	close(fd);
	kill(takeover.pid, SIGKILL);
	waitpid(takeover.pid, NULL, 0);
	assert_string_equal(facts, "leads 1 descriptors 3 null 1 ignores 0 blocks 0");
}

static void one_that_ends_without_the_lock_is_a_failure_that_tells_its_status(void **state)
{
	const struct folder *folder = *state;
	struct takeover takeover = {0};
	struct error error = {0};

	write_stub(folder, "exit 3");
	assert_true(takeover_start(&takeover, folder->stub, folder->path, false, 20, &error));
	assert_int_equal(wait_for_it(&takeover, folder, &error), TAKEOVER_FAILED);
	assert_string_equal(error.text, "the other process ended with status 3");
}

static void one_that_only_holds_the_lock_is_waited_for_also_beyond_the_patience(void **state)
{
	const struct folder *folder = *state;
	struct takeover takeover = {0};
	struct error error = {0};

	write_words(folder, "");
	assert_true(takeover_start(&takeover, TAKEOVER_PROGRAM, folder->path, false, 1, &error));
	assert_int_equal(wait_for(&takeover, folder, 300, &error), TAKEOVER_WAITING);
	kill(takeover.pid, SIGKILL);
	assert_int_equal(wait_for_it(&takeover, folder, &error), TAKEOVER_FAILED);
	assert_string_equal(error.text, "the other process was ended by signal 9");
}

static void one_that_fails_before_it_goes_on_is_a_failure_in_its_own_words(void **state)
{
	const struct folder *folder = *state;
	struct takeover takeover = {0};
	struct error error = {0};

	write_words(folder, "fails: the data has changed since the run began");
	assert_true(takeover_start(&takeover, TAKEOVER_PROGRAM, folder->path, false, 20, &error));
	assert_int_equal(wait_for_it(&takeover, folder, &error), TAKEOVER_FAILED);
	assert_string_equal(error.text, "the data has changed since the run began");
}

static void words_of_an_earlier_resume_are_not_those_of_the_other_process(void **state)
{
	const struct folder *folder = *state;
	struct takeover takeover = {0};
	struct error error = {0};
	struct journal journal;

	assert_true(journal_open(&journal, folder->path, &error));
	say_event(&journal, JOURNAL_RUNNING, "is resumed");
	say_event(&journal, JOURNAL_RUNNING, "goes on from checkpoint-000005");
	say_event(&journal, JOURNAL_STOPPED, "stopped after step 7");
	journal_close(&journal);
	write_words(folder, "");
	assert_true(takeover_start(&takeover, TAKEOVER_PROGRAM, folder->path, false, 20, &error));
	assert_int_equal(wait_for(&takeover, folder, 60, &error), TAKEOVER_WAITING);
	kill(takeover.pid, SIGKILL);
	waitpid(takeover.pid, NULL, 0);
}

static void one_that_never_takes_the_lock_is_ended(void **state)
{
	const struct folder *folder = *state;
	struct takeover takeover = {0};
	struct error error = {0};

	write_stub(folder, "exec sleep 1000");
	assert_true(takeover_start(&takeover, folder->stub, folder->path, false, 0.1, &error));
	assert_int_equal(wait_for_it(&takeover, folder, &error), TAKEOVER_FAILED);
	assert_string_equal(error.text, "the other process did not begin");
	assert_int_equal(kill(takeover.pid, 0), -1);
}

static void one_that_is_not_wanted_any_more_is_asked_to_stop(void **state)
{
	const struct folder *folder = *state;
	struct takeover takeover = {0};
	struct error error = {0};
	int status;

	write_stub(folder, "exec sleep 1000");
	assert_true(takeover_start(&takeover, folder->stub, folder->path, false, 20, &error));
	assert_int_equal(takeover_look(&takeover, NULL, &error), TAKEOVER_WAITING);
	takeover_stop(&takeover);
	assert_int_equal(takeover.state, TAKEOVER_NONE);
	assert_int_equal(waitpid(takeover.pid, &status, 0), takeover.pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	takeover_stop(&takeover); /* nothing to do */
}

static void one_that_takes_over_a_paused_training_is_told_that_it_is(void **state)
{
	const struct folder *folder = *state;
	struct takeover takeover = {0};
	struct error error = {0};
	char path[300], given[400] = "", expected[400];
	FILE *file;

	write_stub(folder, "echo \"$*\" >\"$3/given\"");
	assert_true(takeover_start(&takeover, folder->stub, folder->path, true, 20, &error));
	waitpid(takeover.pid, NULL, 0);
	snprintf(path, sizeof path, "%s/given", folder->path);
	snprintf(expected, sizeof expected, "train --resume %s --paused\n", folder->path);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(given, sizeof given, file));
	fclose(file);
	assert_string_equal(given, expected);
}

static void a_program_that_is_not_there_is_refused_at_once(void **state)
{
	const struct folder *folder = *state;
	struct takeover takeover = {0};
	struct error error = {0};

	assert_false(takeover_start(&takeover, "/nonexistent/revue", folder->path, false, 1, &error));
	assert_int_equal(takeover.state, TAKEOVER_NONE);
	assert_non_null(strstr(error.text, "No such file"));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_other_process_has_its_own_session_and_nothing_of_this_one, make_run,
		                                remove_run),
		cmocka_unit_test_setup_teardown(one_that_ends_without_the_lock_is_a_failure_that_tells_its_status, make_run,
		                                remove_run),
		cmocka_unit_test_setup_teardown(one_that_only_holds_the_lock_is_waited_for_also_beyond_the_patience, make_run,
		                                remove_run),
		cmocka_unit_test_setup_teardown(one_that_fails_before_it_goes_on_is_a_failure_in_its_own_words, make_run,
		                                remove_run),
		cmocka_unit_test_setup_teardown(words_of_an_earlier_resume_are_not_those_of_the_other_process, make_run,
		                                remove_run),
		cmocka_unit_test_setup_teardown(one_that_never_takes_the_lock_is_ended, make_run, remove_run),
		cmocka_unit_test_setup_teardown(one_that_is_not_wanted_any_more_is_asked_to_stop, make_run, remove_run),
		cmocka_unit_test_setup_teardown(one_that_takes_over_a_paused_training_is_told_that_it_is, make_run, remove_run),
		cmocka_unit_test_setup_teardown(a_program_that_is_not_there_is_refused_at_once, make_run, remove_run),
	};

	if (argc == 4 && strcmp(argv[1], "train") == 0 && strcmp(argv[2], "--resume") == 0)
		return be_the_other(argv[3]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
