/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train: where a run may be put, and what its directory may suffer while a trainer is at work. */
#include "tests/unit/train_check.h"

#include "engine/base/json.h"
#include "engine/clock.h"
#include "engine/train/control.h"
#include "engine/train/run/journal.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

/* Long enough to be at work as long as the test wants. */
static struct trainer *start_long(struct train_folder *folder, struct run **run)
{
	struct error error = {0};
	struct trainer *trainer;

	train_set(&folder->options, "num-train-epochs", "20000");
	train_set(&folder->options, "save-steps", "0");
	trainer = train_start(folder, folder->run, &error);
	assert_non_null(trainer);
	*run = run_open(folder->run, &error);
	assert_non_null(*run);
	train_wait_step(*run, 2);
	return trainer;
}

/* The run directory */

static void a_run_directory_that_is_removed_ends_the_training_and_that_is_said(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct run *run;
	struct trainer *trainer = start_long(folder, &run);
	double start = clock_seconds();

	/* Removed at one stroke; the trainer's open files still take what is written. */
	assert_int_equal(rename(folder->run, folder->other), 0);
	train_fails(trainer, &error, ERROR_IO, "is gone");
	assert_true(clock_seconds() - start < 5);
	assert_non_null(strstr(error.text, folder->run));
	assert_false(file_exists(folder->run));
	run_close(run);
}

/* Checkpoint upon checkpoint: the rename most likely falls into one, and is no reason to wait for the disk. */
static void a_run_directory_that_goes_in_the_midst_of_a_checkpoint_ends_the_training_at_once(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	double start;
	struct run *run;
	struct trainer *trainer;

	train_set(&folder->options, "num-train-epochs", "20000");
	train_set(&folder->options, "save-steps", "1");
	trainer = train_start(folder, folder->run, &error);
	assert_non_null(trainer);
	run = run_open(folder->run, &error);
	assert_non_null(run);
	train_wait_step(run, 3);
	start = clock_seconds();
	assert_int_equal(rename(folder->run, folder->other), 0);
	train_fails(trainer, &error, ERROR_IO, "is gone");
	assert_true(clock_seconds() - start < 5);
	run_close(run);
}

static void a_run_directory_that_was_replaced_is_not_written_into(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	char path[400];
	struct run *run;
	struct trainer *trainer = start_long(folder, &run);

	trainer_pause(trainer);
	train_wait_state(run, RUN_PAUSED);
	assert_int_equal(mkdir(folder->other, 0777), 0);
	snprintf(path, sizeof path, "%s/lock", folder->other);
	assert_true(file_replace(path, "another's\n", 10, &error));
	assert_int_equal(renameat2(AT_FDCWD, folder->run, AT_FDCWD, folder->other, RENAME_EXCHANGE), 0);
	trainer_continue(trainer);
	train_fails(trainer, &error, ERROR_IO, "another one has taken its name");
	snprintf(path, sizeof path, "%s/lock", folder->run);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder->run), 0); /* nothing else was put there */
	run_close(run);
}

static void a_lock_file_that_was_removed_does_not_end_the_training(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	char path[400];
	struct run *run;
	struct trainer *trainer = start_long(folder, &run);
	size_t steps;

	snprintf(path, sizeof path, "%s/lock", folder->run);
	assert_int_equal(unlink(path), 0);
	run_points(run, &steps);
	train_wait_step(run, steps + 3);
	trainer_stop(trainer);
	assert_true(trainer_join(trainer, &error));
	assert_int_equal(error.kind, ERROR_INTERRUPTED);
	run_close(run);
}

static void a_finished_run_is_neither_started_nor_resumed(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};

	train_set(&folder->options, "num-train-epochs", "0.1");
	train_whole(folder, folder->run);
	assert_null(train_start(folder, folder->run, &error));
	assert_non_null(strstr(error.text, "holds a run already"));
	assert_null(train_resume(folder->run, &error));
	assert_non_null(strstr(error.text, "has finished"));
}

static void a_run_that_failed_before_its_first_step_may_be_started_anew(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};

	train_set(&folder->options, "text-column", "nonsense");
	train_fails(train_start(folder, folder->run, &error), &error, ERROR_DATA, "nonsense");
	train_set(&folder->options, "text-column", "text");
	train_set(&folder->options, "num-train-epochs", "0.1");
	train_whole(folder, folder->run);
}

/* `revue train DATA -m model -o .` would put its result over what it started from. */
static void a_folder_that_the_result_would_replace_is_left_alone(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	char model[PATH_MAX];

	assert_int_equal(mkdir(folder->run, 0777), 0);
	snprintf(model, sizeof model, "%s/model", folder->run);
	assert_int_equal(mkdir(model, 0777), 0);
	assert_null(train_start(folder, folder->run, &error));
	assert_int_equal(error.kind, ERROR_USAGE);
	assert_non_null(strstr(error.text, "holds other things (model)"));
	assert_int_equal(rmdir(model), 0);
	train_set(&folder->options, "text-column", "nonsense");
	train_fails(train_start(folder, folder->run, &error), &error, ERROR_DATA, "nonsense");
	assert_int_equal(mkdir(model, 0777), 0);
	assert_null(train_start(folder, folder->run, &error));
	assert_non_null(strstr(error.text, "would replace it"));
}

/* It may have a file called lock, or metrics.jsonl. */
static void a_folder_with_other_things_in_it_is_not_touched(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	size_t size;
	char *text, path[400];

	assert_int_equal(mkdir(folder->run, 0777), 0);
	snprintf(path, sizeof path, "%s/lock", folder->run);
	assert_true(file_replace(path, "mine", 4, &error));
	snprintf(path, sizeof path, "%s/metrics.jsonl", folder->run);
	assert_true(file_replace(path, "mine too", 8, &error));
	assert_null(train_start(folder, folder->run, &error));
	assert_int_equal(error.kind, ERROR_USAGE);
	assert_non_null(strstr(error.text, "holds other things (metrics.jsonl)"));
	snprintf(path, sizeof path, "%s/lock", folder->run);
	text = file_read(path, 100, &size, &error);
	assert_string_equal(text, "mine");
	free(text);
	snprintf(path, sizeof path, "%s/run.json", folder->run);
	assert_false(file_exists(path));
}

/* The first write of run.json, cut short by a kill, leaves its temporary and the lock. */
static void a_run_killed_before_it_was_recorded_may_be_started_again(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	char path[400];

	assert_int_equal(mkdir(folder->run, 0777), 0);
	snprintf(path, sizeof path, "%s/lock", folder->run);
	assert_true(file_replace(path, "77 here\n", 8, &error));
	snprintf(path, sizeof path, "%s/notes.txt.revue-a1b2c3", folder->run);
	assert_true(file_replace(path, "mine", 4, &error));
	assert_null(train_start(folder, folder->run, &error));
	assert_non_null(strstr(error.text, "holds other things (notes.txt.revue-a1b2c3)"));
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof path, "%s/run.json.revue-a1b2c3", folder->run);
	assert_true(file_replace(path, "{", 1, &error));
	train_set(&folder->options, "num-train-epochs", "0.1");
	train_whole(folder, folder->run);
	assert_false(file_exists(path));
}

static void what_cannot_be_recorded_is_refused_before_a_folder_is_made(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	char path[sizeof folder->data];

	snprintf(path, sizeof path, "%s/bad\xFF.csv", folder->path);
	assert_int_equal(rename(folder->data, path), 0);
	memcpy(folder->data, path, sizeof path);
	assert_null(train_start(folder, folder->run, &error));
	assert_non_null(strstr(error.text, "not UTF-8"));
	assert_false(file_exists(folder->run));
}

/* The log */

/* trainer_state.json without a history, or with a part of it, would be a wrong answer with status 0. */
static void a_log_that_cannot_be_read_at_the_end_is_waited_for(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct trainer_status status = {0};
	struct trainer *trainer = train_start(folder, folder->run, &error);
	char log[400], aside[400], path[400];
	struct run *run = run_open(folder->run, &error);
	json_t *document;

	assert_non_null(trainer);
	train_wait_step(run, 1);
	trainer_pause(trainer);
	train_wait_state(run, RUN_PAUSED);
	snprintf(log, sizeof log, "%s/metrics.jsonl", folder->run);
	snprintf(aside, sizeof aside, "%s/aside", folder->run);
	assert_int_equal(rename(log, aside), 0);
	trainer_continue(trainer);
	for (int i = 0; i < 2000 && !strstr(status.what, "waiting"); i++) {
		usleep(5000);
		trainer_status(trainer, &status);
	}
	assert_int_equal(status.phase, TRAINER_PAUSED);
	assert_non_null(strstr(status.error.text, "metrics.jsonl"));
	assert_int_equal(rename(aside, log), 0);
	trainer_continue(trainer);
	assert_true(trainer_join(trainer, &error));
	assert_int_equal(error.kind, ERROR_NONE);
	snprintf(path, sizeof path, "%s/trainer_state.json", folder->run);
	document = json_read(path, 1 << 20, &error);
	assert_int_equal(json_array_size(json_object_get(document, "log_history")), 2 * 17 + 2 + 1);
	json_decref(document);
	run_close(run);
}

static void half_a_line_that_cannot_be_taken_back_spoils_no_other(void **state)
{
	static const char whole[] = "{\"type\":\"event\",\"step\":3,\"time\":0,\"state\":\"note\",\"text\":\"short\"}\n";
	struct journal_event event = {.step = 3, .state = JOURNAL_NOTE, .text = "short"};
	struct journal journal = {.fd = memfd_create("metrics.jsonl", MFD_ALLOW_SEALING), .path = "metrics.jsonl"};
	struct rlimit before, small;
	struct error error = {0};
	char text[400] = "", expected[400];

	(void)state;
	/* A file that can only grow, as one with the attribute a. */
	assert_int_equal(fcntl(journal.fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	assert_true(journal_add_event(&journal, &event, &error));
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small = (struct rlimit){sizeof whole - 1 + 20, before.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	assert_false(journal_add_event(&journal, &event, &error));
	assert_int_equal(error.kind, ERROR_IO);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_true(journal_add_event(&journal, &event, &error));
	assert_true(pread(journal.fd, text, sizeof text - 1, 0) > 0);
	snprintf(expected, sizeof expected, "%s%.20s\n%s", whole, whole, whole);
	assert_string_equal(text, expected);
	journal_close(&journal);
}

/* Commands */

static void without_a_socket_a_run_trains_on_and_says_so(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	char path[400];
	struct run *run;
	struct trainer *trainer;

	/* A folder in its place is what a file system without sockets comes to: it cannot be made. */
	mkdir(folder->run, 0777);
	snprintf(path, sizeof path, "%s/control", folder->run);
	assert_int_equal(mkdir(path, 0777), 0);
	trainer = start_long(folder, &run);
	assert_true(train_has_event(folder->run, "takes no commands from other processes: "));
	assert_false(run_send(folder->run, "stop", &error));
	assert_non_null(strstr(error.text, "takes no commands; the signal TERM stops it"));
	trainer_stop(trainer);
	assert_true(trainer_join(trainer, &error));
	assert_false(run_send(folder->run, "stop", &error));
	assert_non_null(strstr(error.text, "nobody is training there"));
	run_close(run);
}

static void a_run_with_a_long_path_takes_commands_too(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	size_t used = strlen(folder->run);
	struct run *run;
	struct trainer *trainer;

	memset(folder->run + used, 'x', 200 - used); /* a socket's own path ends at 108 */
	folder->run[200] = '\0';
	trainer = start_long(folder, &run);
	assert_true(run_send(folder->run, "stop", &error));
	assert_true(trainer_join(trainer, &error));
	assert_int_equal(error.kind, ERROR_INTERRUPTED);
	run_close(run);
}

static bool hear(void *context, const char *word, struct error *error)
{
	(void)context;
	(void)error;
	return strcmp(word, "pause") == 0;
}

static double processor_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void a_client_for_whom_there_is_no_descriptor_costs_no_time_and_is_heard_later(void **state)
{
	struct train_folder *folder = *state;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct error error = {0};
	struct control *control = control_open(folder->path, hear, NULL, &error);
	struct rlimit before, none;
	char answer[8] = "";
	double start;
	int fd, first, last;

	assert_non_null(control);
	first = last = dup(1);
	while (last < 32) /* poll's own limit is that of the descriptors */
		last = dup(1);
	snprintf(address.sun_path, sizeof address.sun_path, "%.90s/control", folder->path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	getrlimit(RLIMIT_NOFILE, &before);
	none = (struct rlimit){(rlim_t)fd, before.rlim_max};
	setrlimit(RLIMIT_NOFILE, &none);
	start = processor_seconds();
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	usleep(300000);
	assert_true(processor_seconds() - start < 0.1);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_int_equal(send(fd, "pause\n", 6, 0), 6);
	assert_int_equal(recv(fd, answer, sizeof answer - 1, 0), 3);
	assert_string_equal(answer, "ok\n");
	close(fd);
	control_close(control);
	while (last >= first)
		close(last--);
}

/* No more than `free` descriptors from here on. */
static struct rlimit leave_descriptors(int free)
{
	struct rlimit before, few;
	int next = dup(1);

	getrlimit(RLIMIT_NOFILE, &before);
	few = (struct rlimit){(rlim_t)(next + free), before.rlim_max};
	close(next);
	setrlimit(RLIMIT_NOFILE, &few);
	return before;
}

static void too_few_descriptors_are_told_before_a_folder_is_made(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct rlimit before = leave_descriptors(9);
	struct trainer *trainer = train_start(folder, folder->run, &error);

	setrlimit(RLIMIT_NOFILE, &before);
	assert_null(trainer);
	assert_non_null(strstr(error.text, "(ulimit -n)"));
	assert_false(file_exists(folder->run));
}

/* A full disk gets room again; a process with too many open files waits for nothing. */
static void a_training_that_has_no_descriptor_left_ends_and_does_not_wait(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct run *run;
	struct trainer *trainer;
	struct rlimit before;

	/* Paused at a step that has its checkpoint already it would have nothing to save. */
	train_set(&folder->options, "save-strategy", "no");
	trainer = start_long(folder, &run);
	/* While it is paused it has no file open for a moment only, whose descriptor it would get back. */
	trainer_pause(trainer);
	train_wait_state(run, RUN_PAUSED);
	run_close(run);
	before = leave_descriptors(0);
	trainer_save(trainer);
	assert_false(trainer_join(trainer, &error));
	setrlimit(RLIMIT_NOFILE, &before);
	assert_non_null(strstr(error.text, "Too many open files"));
}

#define TRAIN(test) cmocka_unit_test_setup_teardown(test, train_setup, train_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRAIN(a_run_directory_that_is_removed_ends_the_training_and_that_is_said),
		TRAIN(a_run_directory_that_goes_in_the_midst_of_a_checkpoint_ends_the_training_at_once),
		TRAIN(a_run_directory_that_was_replaced_is_not_written_into),
		TRAIN(a_lock_file_that_was_removed_does_not_end_the_training),
		TRAIN(a_finished_run_is_neither_started_nor_resumed),
		TRAIN(a_run_that_failed_before_its_first_step_may_be_started_anew),
		TRAIN(a_folder_that_the_result_would_replace_is_left_alone),
		TRAIN(a_folder_with_other_things_in_it_is_not_touched),
		TRAIN(a_run_killed_before_it_was_recorded_may_be_started_again),
		TRAIN(what_cannot_be_recorded_is_refused_before_a_folder_is_made),
		TRAIN(a_log_that_cannot_be_read_at_the_end_is_waited_for),
		cmocka_unit_test(half_a_line_that_cannot_be_taken_back_spoils_no_other),
		TRAIN(without_a_socket_a_run_trains_on_and_says_so),
		TRAIN(a_run_with_a_long_path_takes_commands_too),
		TRAIN(too_few_descriptors_are_told_before_a_folder_is_made),
		TRAIN(a_training_that_has_no_descriptor_left_ends_and_does_not_wait),
		TRAIN(a_client_for_whom_there_is_no_descriptor_costs_no_time_and_is_heard_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
