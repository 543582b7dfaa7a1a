/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train: runs that are stopped or killed, or that find no room, go on to the bit. The program starts itself as
 * another process where one has to die. */
#include "tests/unit/train_check.h"

#include "engine/base/json.h"
#include "engine/clock.h"
#include "engine/train/run/journal.h"
#include "engine/train/run/record.h"

#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

extern char **environ;

/* The other process: "resume RUN [LIMIT]", LIMIT: no file may grow beyond so many bytes. */
static int other_process(int count, char **arguments)
{
	struct trainer *trainer;
	struct error error = {0};

	if (count > 3) {
		struct rlimit limit = {(rlim_t)strtoul(arguments[3], NULL, 10), RLIM_INFINITY};
		setrlimit(RLIMIT_FSIZE, &limit);
	}
	trainer = train_resume(arguments[2], &error);
	return trainer && trainer_join(trainer, &error) ? 0 : 1;
}

static pid_t start_other(const char *run, const char *limit)
{
	char *const arguments[] = {(char *)"test_resume", (char *)"resume", (char *)run, (char *)limit, NULL};
	pid_t child;

	assert_int_equal(posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environ), 0);
	return child;
}

static void a_stopped_run_goes_on_to_the_bit(void **state)
{
	struct train_folder *folder = *state;

	train_whole(folder, folder->run);
	train_until(folder, folder->other, 6);
	train_resume_whole(folder->other);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

/* Lines of a resumed run count on from where it was left, from the first one, and that one is dated. */
static void steps_and_times_of_the_log_go_on_after_a_resume(void **state)
{
	struct train_folder *folder = *state;
	double time = 0;
	size_t dates = 0;
	uint64_t step;
	char path[400], name[CHECKPOINT_NAME], line[2000];
	bool resumed = false;
	FILE *file;

	train_until(folder, folder->run, 6);
	step = train_newest(folder->run, name);
	train_resume_whole(folder->run);
	snprintf(path, sizeof path, "%s/metrics.jsonl", folder->run);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		struct journal_line parsed;

		journal_parse((struct span){line, strlen(line) - 1}, &parsed);
		double now = parsed.kind == JOURNAL_POINT        ? parsed.point.time
		             : parsed.kind == JOURNAL_EVALUATION ? parsed.evaluation.time
		                                                 : parsed.event.time;
		resumed = resumed || strstr(line, "\"is resumed\"");
		dates += parsed.kind == JOURNAL_EVENT && parsed.event.date[0] != '\0';
		assert_true(!resumed || now >= time);
		assert_true(!resumed || parsed.kind != JOURNAL_EVENT || parsed.event.step >= step);
		time = resumed || parsed.kind == JOURNAL_POINT ? now : time;
	}
	fclose(file);
	assert_true(resumed);
	assert_int_equal(dates, 5); /* starts, stopped, is resumed, goes on, finished */
}

static void a_run_whose_labels_come_in_another_order_is_not_gone_on_with(void **state)
{
	struct train_folder *folder = *state;
	struct run_record record = {0};
	struct error error = {0};
	char *first;

	train_until(folder, folder->run, 2);
	assert_true(run_record_read(folder->run, &record, &error));
	first = record.labels[0];
	record.labels[0] = record.labels[1];
	record.labels[1] = first;
	assert_true(run_record_write(folder->run, &record, &error));
	run_record_free(&record);
	train_fails(train_resume(folder->run, &error), &error, ERROR_DATA, "the same in another order");
}

static void a_summary_knows_the_evaluations_of_before_and_after_a_resume(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct run_summary summary;
	const struct run_evaluation *evaluations;
	struct checkpoint_state reached;
	char name[CHECKPOINT_NAME];
	struct run *run;
	size_t count;

	train_until(folder, folder->run, 20); /* an epoch has 17 */
	train_resume_whole(folder->run);
	run = run_open(folder->run, &error);
	evaluations = run_evaluations(run, &count);
	assert_int_equal(count, 2);
	assert_true(checkpoint_newest(folder->run, name, &reached, NULL));
	assert_true(reached.last.step == 34 && reached.last.loss == evaluations[1].loss);
	assert_true(run_summary_read(folder->run, &summary, &error));
	assert_int_equal(summary.state, RUN_FINISHED);
	assert_int_equal(summary.step, 34);
	assert_true(summary.last.accuracy == evaluations[1].accuracy);
	assert_true(summary.best.accuracy == fmax(evaluations[0].accuracy, evaluations[1].accuracy));
	run_close(run);
}

static void accumulation_and_a_window_of_the_log_survive_a_stop(void **state)
{
	struct train_folder *folder = *state;

	train_set(&folder->options, "gradient-accumulation-steps", "3");
	train_set(&folder->options, "per-device-train-batch-size", "3");
	train_set(&folder->options, "logging-steps", "4");
	train_whole(folder, folder->run);
	train_until(folder, folder->other, 4);
	train_resume_whole(folder->other);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

static void a_run_killed_at_any_moment_goes_on_to_the_bit(void **state)
{
	struct train_folder *folder = *state;
	unsigned seed = (unsigned)getpid();
	struct error error = {0};
	struct trainer *trainer;
	int kills = 0;

	train_whole(folder, folder->run);
	trainer = train_start(folder, folder->other, &error);
	assert_non_null(trainer);
	trainer_stop(trainer);
	assert_true(trainer_join(trainer, &error));
	for (int attempt = 0; attempt < 20; attempt++) {
		pid_t child = start_other(folder->other, NULL);
		seed = seed * 1103515245u + 12345u;
		usleep(10000 + (seed >> 16) % 300000);
		kill(child, SIGKILL);
		if (train_end_of(child) == 0)
			break;
		kills++;
	}
	assert_true(kills > 0);
	if (!train_has_event(folder->other, "finished"))
		train_resume_whole(folder->other);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

/* Killed behind the last checkpoint: no step is left to do, but the model was not written. */
static void a_run_killed_before_its_model_was_written_writes_it(void **state)
{
	struct train_folder *folder = *state;
	char path[400], *text, *last;
	struct error error = {0};
	size_t size;

	train_whole(folder, folder->run);
	train_whole(folder, folder->other);
	snprintf(path, sizeof path, "%s/model", folder->other);
	check_folder_remove(path);
	snprintf(path, sizeof path, "%s/metrics.jsonl", folder->other);
	text = file_read(path, 1 << 20, &size, &error);
	last = strstr(text, "\"finished\"");
	assert_non_null(last);
	assert_int_equal(truncate(path, last - text), 0);
	free(text);
	train_resume_whole(folder->other);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

/* Lines of zeros, as a power cut leaves them, half a line, and one that lost a number. */
static void damaged_lines_of_the_log_are_left_out_and_counted(void **state)
{
	static const char junk[] = "\0\0\0\0\0\n{\"type\":\"step\",\"step\":1,\"epoch\":0.1\n"
	                           "{\"type\":\"step\",\"step\":2,\"epoch\":0.1,\"time\":1}\n";
	struct train_folder *folder = *state;
	struct error error = {0};
	char path[400];
	json_t *document;
	FILE *file;

	train_whole(folder, folder->other);
	train_until(folder, folder->run, 6);
	snprintf(path, sizeof path, "%s/metrics.jsonl", folder->run);
	file = fopen(path, "a");
	assert_non_null(file);
	assert_int_equal(fwrite(junk, 1, sizeof junk - 1, file), sizeof junk - 1);
	fclose(file);
	train_resume_whole(folder->run);
	train_assert_same_curves(folder->run, folder->other);
	assert_true(train_has_event(folder->run, "3 damaged lines are left out of trainer_state.json"));
	snprintf(path, sizeof path, "%s/trainer_state.json", folder->run);
	document = json_read(path, 1 << 20, &error);
	assert_int_equal(json_array_size(json_object_get(document, "log_history")), 34 + 2 + 1); /* steps, evaluations, summary */
	json_decref(document);
}

static void data_that_changed_is_told(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};

	train_until(folder, folder->run, 2);
	train_until(folder, folder->other, 2);
	train_write_reviews(folder->data, 151, "negative", "positive");
	train_fails(train_resume(folder->run, &error), &error, ERROR_DATA, "the data changed since the run began");
	train_write_reviews(folder->data, 150, "negative", "positive");
	train_resume_whole(folder->run);
}

/* Without a checkpoint the base is what the run begins with again. */
static void a_model_that_changed_before_the_first_checkpoint_is_told(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	char name[CHECKPOINT_NAME], path[400];

	train_until(folder, folder->run, 2);
	for (struct checkpoint_state found; checkpoint_newest(folder->run, name, &found, NULL);) {
		snprintf(path, sizeof path, "%s/%s", folder->run, name);
		check_folder_remove(path);
	}
	train_write_model(folder->model, folder->path, 0.2f);
	train_fails(train_resume(folder->run, &error), &error, ERROR_DATA, "the model changed since the run began");
	train_write_model(folder->model, folder->path, 0.1f);
	train_resume_whole(folder->run);
}

/* No room */

static void a_full_disk_pauses_the_run_and_it_goes_on_when_there_is_room(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct run *run;
	pid_t child;

	train_whole(folder, folder->run);
	train_until(folder, folder->other, 2);
	child = start_other(folder->other, "20000");
	run = run_open(folder->other, &error);
	train_wait_state(run, RUN_PAUSED);
	assert_non_null(strstr(run_message(run), "paused: "));
	assert_non_null(strstr(run_message(run), "File too large"));
	assert_int_equal(run_pid(run), child);
	assert_int_equal(prlimit(child, RLIMIT_FSIZE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}, NULL), 0);
	assert_true(run_send(folder->other, "resume", &error));
	assert_int_equal(train_end_of(child), 0);
	run_update(run);
	assert_int_equal(run_state(run), RUN_FINISHED);
	run_close(run);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

static void a_run_that_waits_for_room_can_be_stopped_and_loses_nothing(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	char name[CHECKPOINT_NAME];
	struct run *run;
	uint64_t step;
	double start;
	pid_t child;

	train_until(folder, folder->run, 2);
	step = train_newest(folder->run, name);
	child = start_other(folder->run, "20000");
	run = run_open(folder->run, &error);
	train_wait_state(run, RUN_PAUSED);
	start = clock_seconds();
	assert_true(run_send(folder->run, "stop", &error));
	assert_int_not_equal(train_end_of(child), 0);
	assert_true(clock_seconds() - start < 2);
	run_close(run);
	assert_int_equal(train_newest(folder->run, name), step);
	train_resume_whole(folder->run);
}

#define TRAIN(test) cmocka_unit_test_setup_teardown(test, train_setup, train_teardown)

int main(int count, char **arguments)
{
	const struct CMUnitTest tests[] = {
		TRAIN(a_stopped_run_goes_on_to_the_bit),
		TRAIN(steps_and_times_of_the_log_go_on_after_a_resume),
		TRAIN(a_run_whose_labels_come_in_another_order_is_not_gone_on_with),
		TRAIN(a_summary_knows_the_evaluations_of_before_and_after_a_resume),
		TRAIN(accumulation_and_a_window_of_the_log_survive_a_stop),
		TRAIN(a_run_killed_at_any_moment_goes_on_to_the_bit),
		TRAIN(a_run_killed_before_its_model_was_written_writes_it),
		TRAIN(damaged_lines_of_the_log_are_left_out_and_counted),
		TRAIN(data_that_changed_is_told),
		TRAIN(a_model_that_changed_before_the_first_checkpoint_is_told),
		TRAIN(a_full_disk_pauses_the_run_and_it_goes_on_when_there_is_room),
		TRAIN(a_run_that_waits_for_room_can_be_stopped_and_loses_nothing),
	};

	if (count > 2)
		return other_process(count, arguments);
	check_filter();
	return cmocka_run_group_tests_name("resume", tests, NULL, NULL);
}
