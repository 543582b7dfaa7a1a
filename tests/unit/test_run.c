/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train: the run directory. Its reader, its log, its lock, its control socket. */
#include "tests/unit/train_check.h"

#include "engine/base/file.h"
#include "engine/clock.h"
#include "engine/options.h"
#include "engine/run.h"
#include "engine/train/control.h"
#include "engine/train/run/directory.h"
#include "engine/train/run/journal.h"
#include "engine/train/run/lock.h"
#include "engine/train/run/record.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct folder {
	char path[256];
};

static int make_run(void **state)
{
	struct folder *folder = calloc(1, sizeof *folder);

	check_folder(folder->path, sizeof folder->path);
	train_write_record(folder->path, 1e-4, 0);
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

static void add_points(struct journal *journal, uint64_t first, uint64_t last)
{
	struct error error = {0};

	for (uint64_t step = first; step <= last; step++) {
		struct run_point point = {.step = step, .epoch = (double)step / 50, .time = (double)step / 4,
		                          .loss = 1.0 / (double)step, .learning_rate = 1e-4 / 3, .grad_norm = 0.1,
		                          .tokens_per_second = 1234.5, .memory = 2e9};
		assert_true(journal_add_point(journal, &point, &error));
	}
}

static void add_event(struct journal *journal, enum journal_state state, const char *text)
{
	struct journal_event event = {.step = 3, .state = state};
	struct error error = {0};

	snprintf(event.text, sizeof event.text, "%s", text);
	assert_true(journal_add_event(journal, &event, &error));
}

static void a_run_says_what_was_asked_for(void **state)
{
	struct folder *folder = *state;
	struct error error = {0};
	struct run *run = run_open(folder->path, &error);

	assert_non_null(run);
	assert_string_equal(run_data(run), "/data/reviews.csv");
	assert_string_equal(run_model(run), "/models/base");
	assert_true(run_options(run)->learning_rate == 1e-4);
	assert_int_equal(run_total_steps(run), 100);
	assert_int_equal(run_steps_per_epoch(run), 50);
	assert_int_equal(run_state(run), RUN_DEAD);
	assert_string_equal(run_message(run), "");
	run_close(run);
}

static void a_folder_that_is_no_run_is_refused(void **state)
{
	struct folder *folder = *state;
	struct error error = {0};
	char path[300];

	snprintf(path, sizeof path, "%s/run.json", folder->path);
	unlink(path);
	assert_null(run_open(folder->path, &error));
	assert_non_null(strstr(error.text, "run.json"));
	assert_null(run_open("/nowhere/at/all", &error));
	assert_non_null(strstr(error.text, "no such run"));
	assert_int_equal(error.kind, ERROR_IO);
	assert_null(run_open("/dev/null", &error));
	assert_string_equal(error.text, "/dev/null: is not a run directory");
	assert_int_equal(error.kind, ERROR_DATA);
	assert_true(file_replace(path, "{\"data\":7}", 10, &error));
	assert_null(run_open(folder->path, &error));
	assert_int_equal(error.kind, ERROR_DATA);
}

static void numbers_in_the_journal_read_back_exactly(void **state)
{
	struct folder *folder = *state;
	struct journal journal;
	struct error error = {0};
	const struct run_evaluation written = {.step = 3, .epoch = 0.1, .time = 1.0 / 3, .loss = NAN,
	                                       .accuracy = 2.0 / 3, .f1 = 0.7, .metric = NAN, .precision = 1.0 / 7,
	                                       .recall = 1.0 / 9, .f1_macro = NAN, .mean_absolute_error = 1.0 / 11,
	                                       .runtime = 1.0 / 13, .samples_per_second = 3e3 / 7, .steps_per_second = NAN};
	const struct run_evaluation *read;
	const struct run_point *points;
	struct run *run;
	size_t count;

	assert_true(journal_open(&journal, folder->path, &error));
	add_points(&journal, 1, 3);
	assert_true(journal_add_evaluation(&journal, &written, &error));
	run = run_open(folder->path, &error);
	points = run_points(run, &count);
	assert_int_equal(count, 3);
	assert_true(points[2].loss == 1.0 / 3 && points[2].learning_rate == 1e-4 / 3 && points[2].epoch == 3.0 / 50);
	assert_true(points[2].memory == 2e9);
	read = run_evaluations(run, &count);
	assert_int_equal(count, 1);
	assert_true(read->accuracy == 2.0 / 3 && read->time == 1.0 / 3 && isnan(read->loss) && isnan(read->metric));
	assert_true(read->precision == 1.0 / 7 && read->recall == 1.0 / 9 && read->mean_absolute_error == 1.0 / 11);
	assert_true(read->runtime == 1.0 / 13 && read->samples_per_second == 3e3 / 7);
	assert_true(isnan(read->f1_macro) && isnan(read->steps_per_second));
	run_close(run);
	journal_close(&journal);
}

/* Its times began at 0 again after each resume, and it has no date and no memory. */
static void the_times_of_an_old_log_go_on_after_a_resume(void **state)
{
	static const char log[] =
		"{\"type\":\"event\",\"step\":0,\"time\":0,\"state\":\"running\",\"text\":\"starts\"}\n"
		"{\"type\":\"step\",\"step\":1,\"epoch\":0.1,\"time\":10,\"loss\":1}\n"
		"{\"type\":\"step\",\"step\":2,\"epoch\":0.2,\"time\":20,\"loss\":1}\n"
		"{\"type\":\"event\",\"step\":0,\"time\":0,\"state\":\"running\",\"text\":\"goes on from checkpoint-000002\"}\n"
		"{\"type\":\"step\",\"step\":3,\"epoch\":0.3,\"time\":9,\"loss\":1}\n"
		"{\"type\":\"evaluation\",\"step\":3,\"epoch\":0.3,\"time\":10,\"loss\":1,\"accuracy\":0.5,\"f1\":0.5}\n"
		"{\"type\":\"step\",\"step\":4,\"epoch\":0.4,\"time\":18,\"loss\":1}\n";
	struct folder *folder = *state;
	struct error error = {0};
	const struct run_point *points;
	const struct run_event *events;
	char path[300];
	struct run *run;
	size_t count;

	snprintf(path, sizeof path, "%s/metrics.jsonl", folder->path);
	assert_true(file_replace(path, log, strlen(log), &error));
	run = run_open(folder->path, &error);
	points = run_points(run, &count);
	assert_int_equal(count, 4);
	assert_true(points[1].time == 20 && points[2].time == 29 && points[3].time == 38);
	assert_true(isnan(points[3].memory));
	assert_true(run_evaluations(run, &count)->time == 30);
	events = run_events(run, &count);
	assert_int_equal(count, 2);
	assert_int_equal(events[0].kind, RUN_EVENT_STATE);
	assert_int_equal(events[0].when, 0);
	assert_int_equal(events[1].kind, RUN_EVENT_RESUME);
	assert_int_equal(events[1].checkpoint, 2);
	assert_int_equal(run_state(run), RUN_DEAD);
	assert_true(llabs((long long)run_changed(run) - (long long)time(NULL)) < 100);
	run_close(run);
}

static void a_run_knows_when_it_ended_and_its_checkpoints(void **state)
{
	struct folder *folder = *state;
	struct journal journal;
	struct journal_event event = {.step = 9, .state = JOURNAL_FAILED, .date = "2026-11-29T08:15:00Z", .text = "no space"};
	struct error error = {0};
	const struct run_event *events;
	struct run *run;
	size_t count;

	assert_true(journal_open(&journal, folder->path, &error));
	add_event(&journal, JOURNAL_NOTE, "checkpoint-000250 written");
	add_event(&journal, JOURNAL_NOTE, "checkpoint-000250 is not used: cut");
	assert_true(journal_add_event(&journal, &event, &error));
	run = run_open(folder->path, &error);
	events = run_events(run, &count);
	assert_int_equal(count, 3);
	assert_int_equal(events[0].kind, RUN_EVENT_CHECKPOINT);
	assert_int_equal(events[0].checkpoint, 250);
	assert_int_equal(events[0].step, 3);
	assert_int_equal(events[1].kind, RUN_EVENT_NOTE);
	assert_int_equal(run_state(run), RUN_FAILED);
	assert_int_equal(run_changed(run), 1795940100);
	run_close(run);
	journal_close(&journal);
}

static bool can_resume(const char *path)
{
	struct run *run = run_open(path, NULL);
	bool can = run_can_resume(run);

	run_close(run);
	return can;
}

static void a_run_that_failed_before_its_first_step_is_not_gone_on_with(void **state)
{
	struct folder *folder = *state;
	struct journal_event failed = {.step = 0, .state = JOURNAL_FAILED, .text = "the data changed"};
	struct journal journal;
	struct error error = {0};

	assert_true(can_resume(folder->path)); /* it died */
	assert_true(journal_open(&journal, folder->path, &error));
	assert_true(journal_add_event(&journal, &failed, &error));
	assert_false(can_resume(folder->path));
	failed.step = 2; /* of which no line was logged */
	assert_true(journal_add_event(&journal, &failed, &error));
	assert_true(can_resume(folder->path));
	add_points(&journal, 1, 3);
	failed.step = 0;
	assert_true(journal_add_event(&journal, &failed, &error));
	assert_true(can_resume(folder->path));
	add_event(&journal, JOURNAL_STOPPED, "stopped");
	assert_true(can_resume(folder->path));
	add_event(&journal, JOURNAL_FINISHED, "finished");
	assert_false(can_resume(folder->path));
	journal_close(&journal);
}

static void a_reader_sees_what_another_writes(void **state)
{
	struct folder *folder = *state;
	struct journal journal;
	struct error error = {0};
	struct run *run;
	struct pollfd poller;
	size_t count;

	assert_true(journal_open(&journal, folder->path, &error));
	run = run_open(folder->path, &error);
	assert_false(run_update(run));
	poller = (struct pollfd){.fd = run_fd(run), .events = POLLIN};
	assert_int_equal(poll(&poller, 1, 0), 0);
	add_points(&journal, 1, 2);
	assert_int_equal(poll(&poller, 1, 1000), 1);
	assert_true(run_update(run));
	run_points(run, &count);
	assert_int_equal(count, 2);
	assert_int_equal(poll(&poller, 1, 0), 0);
	assert_false(run_update(run));
	run_close(run);
	journal_close(&journal);
}

static void a_torn_last_line_waits_and_is_cut_by_the_next_writer(void **state)
{
	struct folder *folder = *state;
	struct journal journal;
	struct error error = {0};
	struct run *run;
	size_t count;

	assert_true(journal_open(&journal, folder->path, &error));
	add_points(&journal, 1, 2);
	assert_int_equal(write(journal.fd, "{\"type\":\"step\",\"st", 18), 18);
	run = run_open(folder->path, &error);
	run_points(run, &count);
	assert_int_equal(count, 2);
	journal_close(&journal);
	assert_true(journal_open(&journal, folder->path, &error));
	add_points(&journal, 3, 3);
	assert_true(run_update(run));
	run_points(run, &count);
	assert_int_equal(count, 3);
	run_close(run);
	journal_close(&journal);
}

static void a_cut_takes_back_steps_and_keeps_events(void **state)
{
	struct folder *folder = *state;
	struct journal journal;
	struct error error = {0};
	struct run *run;
	size_t count;

	assert_true(journal_open(&journal, folder->path, &error));
	add_points(&journal, 1, 9);
	add_event(&journal, JOURNAL_STOPPED, "stopped");
	run = run_open(folder->path, &error);
	run_points(run, &count);
	assert_int_equal(count, 9);
	assert_true(journal_cut(&journal, 4, &error));
	assert_true(run_update(run));
	assert_int_equal(run_points(run, &count)[3].step, 4);
	assert_int_equal(count, 4);
	assert_string_equal(run_message(run), "stopped");
	add_points(&journal, 5, 5);
	assert_true(run_update(run));
	run_points(run, &count);
	assert_int_equal(count, 5);
	run_close(run);
	journal_close(&journal);
}

static void lines_that_are_none_of_ours_are_passed_over(void **state)
{
	static const char junk[] = "\n[1,2]\nnonsense\n{\"type\":\"later\"}\n{\"type\":\"event\",\"text\":7,\"state\":1}\n";
	struct folder *folder = *state;
	struct journal journal;
	struct error error = {0};
	struct run *run;
	char *long_line = malloc(600000);
	size_t count;

	memset(long_line, 'x', 600000);
	long_line[599999] = '\n';
	assert_true(journal_open(&journal, folder->path, &error));
	add_points(&journal, 1, 1);
	assert_int_equal(write(journal.fd, junk, sizeof junk - 1), sizeof junk - 1);
	assert_int_equal(write(journal.fd, long_line, 600000), 600000);
	add_points(&journal, 2, 2);
	run = run_open(folder->path, &error);
	run_points(run, &count);
	assert_int_equal(count, 2);
	assert_int_equal(run_damaged_lines(run), 4); /* all but the empty line and the one of a later version */
	run_close(run);
	journal_close(&journal);
	free(long_line);
}

static void bytes_that_are_not_utf8_do_not_lose_an_event(void **state)
{
	struct folder *folder = *state;
	struct journal journal;
	struct error error = {0};
	struct run *run;

	assert_true(journal_open(&journal, folder->path, &error));
	add_event(&journal, JOURNAL_FAILED, "bad \xFF \"quote\"\n");
	run = run_open(folder->path, &error);
	assert_string_equal(run_message(run), "bad ? \"quote\"\n");
	assert_int_equal(run_state(run), RUN_FAILED);
	run_close(run);
	journal_close(&journal);
}

static void a_line_that_finds_no_room_is_taken_back(void **state)
{
	struct folder *folder = *state;
	struct journal journal;
	struct error error = {0};
	struct stat before, after;
	pid_t child;
	int status;

	assert_true(journal_open(&journal, folder->path, &error));
	add_points(&journal, 1, 3);
	assert_int_equal(fstat(journal.fd, &before), 0);
	child = fork();
	if (child == 0) {
		struct rlimit limit = {(rlim_t)before.st_size + 20, (rlim_t)before.st_size + 20};
		struct run_point point = {.step = 4};
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		_exit(journal_add_point(&journal, &point, &error) || error.kind != ERROR_IO);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(fstat(journal.fd, &after), 0);
	assert_int_equal(after.st_size, before.st_size);
	journal_close(&journal);
}

static void the_lock_and_the_last_event_tell_the_state(void **state)
{
	struct folder *folder = *state;
	struct journal journal;
	struct run_lock lock;
	struct error error = {0};
	struct run *run = run_open(folder->path, &error);

	assert_true(run_lock_take(&lock, folder->path, &error));
	assert_true(journal_open(&journal, folder->path, &error));
	assert_true(run_update(run));
	assert_int_equal(run_state(run), RUN_LIVE);
	assert_int_equal(run_pid(run), getpid());
	add_event(&journal, JOURNAL_PAUSED, "paused");
	assert_true(run_update(run));
	assert_int_equal(run_state(run), RUN_PAUSED);
	run_lock_release(&lock);
	assert_true(run_update(run));
	assert_int_equal(run_state(run), RUN_DEAD);
	assert_int_equal(run_pid(run), 0);
	add_event(&journal, JOURNAL_FINISHED, "finished");
	assert_true(run_update(run));
	assert_int_equal(run_state(run), RUN_FINISHED);
	run_close(run);
	journal_close(&journal);
}

static void a_second_holder_is_told_who_has_the_lock(void **state)
{
	struct folder *folder = *state;
	struct run_lock first, second;
	struct error error = {0};
	char pid[32];
	double start;

	assert_true(run_lock_take(&first, folder->path, &error));
	start = clock_seconds();
	assert_false(run_lock_take(&second, folder->path, &error));
	assert_true(clock_seconds() - start < 1);
	snprintf(pid, sizeof pid, "by pid %d on ", (int)getpid());
	assert_non_null(strstr(error.text, pid));
	run_lock_release(&first);
	assert_true(run_lock_take(&second, folder->path, &error));
	run_lock_release(&second);
}

static void a_killed_holder_leaves_no_lock(void **state)
{
	struct folder *folder = *state;
	struct run_lock lock;
	struct error error = {0};
	int32_t holder;
	pid_t child = fork();

	if (child == 0) {
		if (run_lock_take(&lock, folder->path, &error))
			pause();
		_exit(1);
	}
	for (int i = 0; i < 200 && !run_lock_held(folder->path, &holder); i++)
		usleep(10000);
	usleep(50000); /* it writes its name after it has the lock */
	assert_true(run_lock_held(folder->path, &holder));
	assert_int_equal(holder, child);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_false(run_lock_held(folder->path, NULL));
	assert_true(run_lock_take(&lock, folder->path, &error));
	run_lock_release(&lock);
}

static void time_left_is_told_from_the_last_steps(void **state)
{
	struct folder *folder = *state;
	struct journal journal;
	struct run_lock lock;
	struct error error = {0};
	struct run *run;

	assert_true(run_lock_take(&lock, folder->path, &error));
	assert_true(journal_open(&journal, folder->path, &error));
	add_points(&journal, 1, 20); /* four steps a second, 100 in all */
	run = run_open(folder->path, &error);
	assert_true(fabs(run_seconds_left(run) - 20) < 1e-9);
	run_lock_release(&lock);
	run_update(run);
	assert_true(run_seconds_left(run) < 0);
	run_close(run);
	journal_close(&journal);
}

static void what_a_killed_trainer_left_is_removed_and_nothing_else(void **state)
{
	static const char *const go[] = {"run.json.revue-a1b2c3", "metrics.jsonl.revue-zzzzzz",
	                                 "model/model.safetensors.revue-abcdef", "model/README.md.revue-q1w2e3",
	                                 ".checkpoint-77/model.safetensors"};
	static const char *const stay[] = {"run.json", "notes.txt.backup", "run.json.before", "model/config.json",
	                                   "checkpoint-000005/state.json"};
	static const char *const folders[] = {"model", ".checkpoint-77", "checkpoint-000005"};
	struct folder *folder = *state;
	struct error error = {0};
	char path[400];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s/%s", folder->path, folders[i]);
		assert_true(folder_make(path, &error));
	}
	for (size_t i = 0; i < 10; i++) {
		snprintf(path, sizeof path, "%s/%s", folder->path, i < 5 ? go[i] : stay[i - 5]);
		assert_true(file_replace(path, "x", 1, &error));
	}
	directory_clean(folder->path);
	for (size_t i = 0; i < 10; i++) {
		snprintf(path, sizeof path, "%s/%s", folder->path, i < 5 ? go[i] : stay[i - 5]);
		assert_int_equal(file_exists(path), i >= 5);
	}
	snprintf(path, sizeof path, "%s/.checkpoint-77", folder->path);
	assert_false(file_exists(path));
}

/* The control socket */

struct heard {
	char words[256];
	pthread_mutex_t mutex;
};

static bool note_word(void *context, const char *word, struct error *error)
{
	struct heard *heard = context;
	size_t used;

	pthread_mutex_lock(&heard->mutex);
	used = strlen(heard->words);
	snprintf(heard->words + used, sizeof heard->words - used, "%s;", word);
	pthread_mutex_unlock(&heard->mutex);
	RETURN_IF(strcmp(word, "pause") != 0 && strcmp(word, "stop") != 0, error, ERROR_USAGE, "unknown command");
	return true;
}

static void words_reach_whoever_trains(void **state)
{
	struct folder *folder = *state;
	struct heard heard = {.mutex = PTHREAD_MUTEX_INITIALIZER};
	struct error error = {0};
	struct control *control = control_open(folder->path, note_word, &heard, &error);

	assert_non_null(control);
	assert_true(run_send(folder->path, "pause", &error));
	assert_true(run_send(folder->path, "stop", &error));
	assert_false(run_send(folder->path, "jump", &error));
	assert_non_null(strstr(error.text, "unknown command"));
	control_close(control);
	assert_string_equal(heard.words, "pause;stop;jump;");
	assert_false(run_send(folder->path, "pause", &error));
	assert_non_null(strstr(error.text, "nobody is training"));
}

/* A connection to the socket as any program would make it. */
static int connect_to(const char *folder)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%.80s/control", folder);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static void a_client_that_says_nothing_or_too_much_holds_nobody_up(void **state)
{
	struct folder *folder = *state;
	struct heard heard = {.mutex = PTHREAD_MUTEX_INITIALIZER};
	struct error error = {0};
	struct control *control = control_open(folder->path, note_word, &heard, &error);
	char flood[1000], answer[128] = "";
	int silent[7], loud;

	for (int i = 0; i < 6; i++)
		silent[i] = connect_to(folder->path);
	loud = connect_to(folder->path);
	memset(flood, 'x', sizeof flood);
	assert_int_equal(send(loud, flood, sizeof flood, 0), sizeof flood);
	assert_int_equal(send(loud, "\n", 1, 0), 1);
	assert_true(recv(loud, answer, sizeof answer - 1, 0) > 0);
	assert_non_null(strstr(answer, "unknown"));
	assert_true(run_send(folder->path, "pause", &error));
	control_close(control);
	close(loud);
	for (int i = 0; i < 6; i++)
		close(silent[i]);
	assert_string_equal(heard.words, "pause;");
}

/* Ten of them: more than there are places. */
static void clients_that_say_nothing_lock_nobody_out(void **state)
{
	struct folder *folder = *state;
	struct heard heard = {.mutex = PTHREAD_MUTEX_INITIALIZER};
	struct error error = {0};
	struct control *control = control_open(folder->path, note_word, &heard, &error);
	int silent[10];

	for (int i = 0; i < 10; i++)
		silent[i] = connect_to(folder->path);
	assert_true(run_send(folder->path, "pause", &error));
	assert_true(run_send(folder->path, "stop", &error));
	control_close(control);
	assert_string_equal(heard.words, "pause;stop;");
	for (int i = 0; i < 10; i++)
		close(silent[i]);
}

static void a_stale_socket_is_replaced_and_only_its_owner_may_use_it(void **state)
{
	struct folder *folder = *state;
	struct heard heard = {.mutex = PTHREAD_MUTEX_INITIALIZER};
	struct error error = {0};
	struct control *control;
	struct stat status;
	char path[300];

	snprintf(path, sizeof path, "%s/control", folder->path);
	assert_true(file_replace(path, "stale", 5, &error));
	assert_false(run_send(folder->path, "pause", &error));
	control = control_open(folder->path, note_word, &heard, &error);
	assert_non_null(control);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_true(run_send(folder->path, "pause", &error));
	control_close(control);
	assert_false(file_exists(path));
}

static void a_long_path_is_no_trouble_for_the_socket(void **state)
{
	struct folder *folder = *state;
	struct heard heard = {.mutex = PTHREAD_MUTEX_INITIALIZER};
	struct error error = {0};
	struct control *control;
	char path[1200];
	size_t size = (size_t)snprintf(path, sizeof path, "%s", folder->path);

	for (int i = 0; i < 8; i++)
		size += (size_t)snprintf(path + size, sizeof path - size, "/%0100d", i);
	assert_true(folder_make(path, &error));
	control = control_open(path, note_word, &heard, &error);
	assert_non_null(control);
	assert_true(run_send(path, "stop", &error));
	control_close(control);
	assert_string_equal(heard.words, "stop;");
}

#define WITH_RUN(test) cmocka_unit_test_setup_teardown(test, make_run, remove_run)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_RUN(a_run_says_what_was_asked_for),
		WITH_RUN(a_folder_that_is_no_run_is_refused),
		WITH_RUN(numbers_in_the_journal_read_back_exactly),
		WITH_RUN(the_times_of_an_old_log_go_on_after_a_resume),
		WITH_RUN(a_run_knows_when_it_ended_and_its_checkpoints),
		WITH_RUN(a_run_that_failed_before_its_first_step_is_not_gone_on_with),
		WITH_RUN(a_reader_sees_what_another_writes),
		WITH_RUN(a_torn_last_line_waits_and_is_cut_by_the_next_writer),
		WITH_RUN(a_cut_takes_back_steps_and_keeps_events),
		WITH_RUN(lines_that_are_none_of_ours_are_passed_over),
		WITH_RUN(bytes_that_are_not_utf8_do_not_lose_an_event),
		WITH_RUN(a_line_that_finds_no_room_is_taken_back),
		WITH_RUN(the_lock_and_the_last_event_tell_the_state),
		WITH_RUN(a_second_holder_is_told_who_has_the_lock),
		WITH_RUN(a_killed_holder_leaves_no_lock),
		WITH_RUN(time_left_is_told_from_the_last_steps),
		WITH_RUN(what_a_killed_trainer_left_is_removed_and_nothing_else),
		WITH_RUN(words_reach_whoever_trains),
		WITH_RUN(a_client_that_says_nothing_or_too_much_holds_nobody_up),
		WITH_RUN(clients_that_say_nothing_lock_nobody_out),
		WITH_RUN(a_stale_socket_is_replaced_and_only_its_owner_may_use_it),
		WITH_RUN(a_long_path_is_no_trouble_for_the_socket),
	};

	return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
