/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train: what a list of runs shows of each, however long its log; dates in the log; time that counts. */
#include "tests/unit/train_check.h"

#include "engine/clock.h"
#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/train/run/checkpoint_state.h"
#include "engine/train/run/checkpoint_tensors.h"
#include "engine/train/run/journal.h"
#include "engine/train/run/lock.h"
#include "engine/train/run/record.h"
#include "engine/train/stopwatch.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct folder {
	char path[256], log[300];
};

static int make_run(void **state)
{
	struct folder *folder = calloc(1, sizeof *folder);

	check_folder(folder->path, sizeof folder->path);
	snprintf(folder->log, sizeof folder->log, "%s/metrics.jsonl", folder->path);
	train_write_record(folder->path, 0, 1764403200);
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

static long jansson_left = -1; /* allocations until one fails; -1: none does */

static void *jansson_malloc(size_t size)
{
	return jansson_left >= 0 && jansson_left-- == 0 ? NULL : malloc(size);
}

static void a_record_that_is_written_with_short_memory_lacks_nothing(void **state)
{
	struct folder *folder = *state;
	char *labels[] = {"bad", "good"};
	struct run_record record = {.data.path = "d", .model.path = "m", .labels = labels, .label_count = 2};
	bool done = false;

	train_options_init(&record.options);
	json_set_alloc_funcs(jansson_malloc, free);
	for (long number = 0; !done; number++) {
		struct error error = {0};

		jansson_left = number;
		done = run_record_write(folder->path, &record, &error);
		assert_true(done == (jansson_left >= 0));
		assert_true(done || strstr(error.text, "out of memory"));
	}
	jansson_left = -1;
	json_set_alloc_funcs(malloc, free);
	record.labels[1] = "g\xFF";
	assert_false(run_record_check(&record, &(struct error){0}));
}

static struct run_summary summary_of(const struct folder *folder)
{
	struct run_summary summary;
	struct error error = {0};

	if (!run_summary_read(folder->path, &summary, &error))
		fail_msg("%s", error.text);
	return summary;
}

static void write_log(const struct folder *folder, const char *text)
{
	struct error error = {0};

	assert_true(file_replace(folder->log, text, strlen(text), &error));
}

/* A checkpoint that looks whole: its two files are not tensors, which nobody reads here. */
static void write_checkpoint(const struct folder *folder, const struct checkpoint_state *state)
{
	char path[300], file[400];
	struct checkpoint_hashes hashes;
	struct error error = {0};

	snprintf(path, sizeof path, "%s/checkpoint-%06d", folder->path, (int)state->step);
	assert_true(folder_make(path, &error));
	snprintf(file, sizeof file, "%s/" CHECKPOINT_WEIGHTS, path);
	assert_true(file_replace(file, "weights", 7, &error) && file_sha256(file, hashes.weights, &error));
	snprintf(file, sizeof file, "%s/" CHECKPOINT_MOMENTS, path);
	assert_true(file_replace(file, "moments", 7, &error) && file_sha256(file, hashes.moments, &error));
	assert_true(checkpoint_write_state(path, state, &hashes, &error));
}

static void a_run_without_a_log_has_a_name_a_date_and_its_steps(void **state)
{
	struct folder *folder = *state;
	struct run_summary summary = summary_of(folder);

	assert_string_equal(summary.name, strrchr(folder->path, '/') + 1);
	assert_int_equal(summary.state, RUN_DEAD);
	assert_int_equal(summary.started, 1764403200);
	assert_int_equal(summary.changed, 1764403200);
	assert_int_equal(summary.step, 0);
	assert_int_equal(summary.steps, 100);
	assert_int_equal(summary.last.step, 0);
	assert_true(isnan(summary.loss));
	assert_string_equal(summary.message, "");
}

static void the_last_lines_tell_how_a_run_stands(void **state)
{
	struct folder *folder = *state;
	struct run_summary summary;

	write_log(folder, "{\"type\":\"event\",\"step\":0,\"time\":0,\"state\":\"running\",\"text\":\"starts\"}\n"
	                  "{\"type\":\"step\",\"step\":1,\"epoch\":0.5,\"loss\":0.75}\n"
	                  "{\"type\":\"evaluation\",\"step\":1,\"loss\":0.5,\"accuracy\":0.9,\"f1\":0.8}\n"
	                  "{\"type\":\"step\",\"step\":2,\"epoch\":1,\"loss\":0.25}\n"
	                  "{\"type\":\"evaluation\",\"step\":2,\"loss\":0.6,\"accuracy\":0.8,\"f1\":0.7}\n"
	                  "{\"type\":\"event\",\"step\":2,\"time\":9,\"state\":\"stopped\",\"text\":\"stopped after step 2\"}\n");
	summary = summary_of(folder);
	assert_int_equal(summary.state, RUN_STOPPED);
	assert_int_equal(summary.step, 2);
	assert_true(summary.loss == 0.25 && summary.epoch == 1);
	assert_int_equal(summary.last.step, 2);
	assert_int_equal(summary.best.step, 1);
	assert_true(summary.best.accuracy == 0.9);
	assert_string_equal(summary.message, "stopped after step 2");
	assert_true(summary.changed > summary.started);
}

static void a_torn_last_line_does_not_count(void **state)
{
	struct folder *folder = *state;
	struct run_summary summary;

	write_log(folder, "{\"type\":\"step\",\"step\":7,\"loss\":0.5}\n{\"type\":\"step\",\"step\":8,\"loss\":0.4}");
	summary = summary_of(folder);
	assert_int_equal(summary.step, 7);
	assert_true(summary.loss == 0.5);
}

static void whoever_holds_the_lock_makes_it_live(void **state)
{
	struct folder *folder = *state;
	struct run_lock lock;
	struct error error = {0};

	assert_true(run_lock_take(&lock, folder->path, &error));
	assert_int_equal(summary_of(folder).state, RUN_LIVE);
	write_log(folder, "{\"type\":\"event\",\"state\":\"paused\",\"text\":\"paused\"}\n");
	assert_int_equal(summary_of(folder).state, RUN_PAUSED);
	run_lock_release(&lock);
	assert_int_equal(summary_of(folder).state, RUN_DEAD);
}

/* Evaluations far back in the log are known from the checkpoint. */
static void a_log_of_fifty_megabytes_takes_no_longer_than_a_short_one(void **state)
{
	struct folder *folder = *state;
	const struct checkpoint_state reached = {
		.step = 40, .seconds = 10, .last = {.step = 40, .accuracy = 0.7, .loss = (double)NAN},
		.best = {.step = 20, .accuracy = 0.95, .loss = 0.2},
	};
	struct run_summary summary;
	FILE *file = fopen(folder->log, "w");
	double start;

	assert_non_null(file);
	fputs("{\"type\":\"evaluation\",\"step\":20,\"loss\":0.2,\"accuracy\":0.95,\"f1\":0.9}\n", file);
	for (int i = 1; i <= 600000; i++)
		fprintf(file, "{\"type\":\"step\",\"step\":%d,\"epoch\":0.5,\"time\":12.5,\"loss\":0.5,\"learning_rate\":5e-05}\n", i);
	assert_true(ftell(file) > 50000000);
	fclose(file);
	write_checkpoint(folder, &reached);
	start = clock_seconds();
	for (int i = 0; i < 10; i++)
		summary = summary_of(folder);
	assert_true(clock_seconds() - start < 1); /* reading all of it takes about as long, once */
	assert_int_equal(summary.step, 600000);
	assert_int_equal(summary.best.step, 20);
	assert_true(summary.best.accuracy == 0.95);
	assert_int_equal(summary.last.step, 40);
	assert_true(isnan(summary.last.loss));
}

static void a_folder_that_is_no_run_has_no_summary(void **state)
{
	struct folder *folder = *state;
	struct run_summary summary;
	struct error error = {0};
	char path[300];

	snprintf(path, sizeof path, "%s/run.json", folder->path);
	assert_int_equal(unlink(path), 0);
	assert_false(run_summary_read(folder->path, &summary, &error));
	assert_int_equal(error.kind, ERROR_DATA);
	assert_non_null(strstr(error.text, "it has no run.json"));
}

static void the_better_evaluation_is_the_more_accurate_one_then_that_of_lower_loss(void **state)
{
	const struct best_rule accuracy = {0};
	const struct run_evaluation none = {0}, low = {.step = 1, .accuracy = 0.5, .loss = 0.1},
	                            high = {.step = 2, .accuracy = 0.6, .loss = 0.9},
	                            calm = {.step = 3, .accuracy = 0.6, .loss = 0.2};

	(void)state;
	assert_true(best_is_better(&accuracy, &low, &none));
	assert_true(best_is_better(&accuracy, &high, &low));
	assert_false(best_is_better(&accuracy, &low, &high));
	assert_true(best_is_better(&accuracy, &calm, &high));
	assert_false(best_is_better(&accuracy, &high, &high));
}

static void events_carry_the_date_that_they_are_given(void **state)
{
	struct folder *folder = *state;
	struct journal_event event = {.step = 3, .state = JOURNAL_RUNNING, .text = "starts"};
	struct journal_line line;
	struct journal journal;
	struct error error = {0};
	size_t size;
	char *text;

	journal_date(event.date, 1764403200);
	assert_string_equal(event.date, "2025-11-29T08:00:00Z");
	assert_true(journal_open(&journal, folder->path, &error));
	assert_true(journal_add_event(&journal, &event, &error));
	journal_close(&journal);
	text = file_read(folder->log, 1000, &size, &error);
	assert_non_null(strstr(text, "\"state\":\"running\",\"date\":\"2025-11-29T08:00:00Z\",\"text\":\"starts\"}\n"));
	journal_parse((struct span){text, size - 1}, &line);
	assert_string_equal(line.event.date, "2025-11-29T08:00:00Z");
	free(text);
}

/* The child measures while it is stopped for three seconds of its four. */
static void a_stretch_in_which_the_process_was_stopped_does_not_count(void **state)
{
	int status = -1;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		struct stopwatch stopwatch;
		double start = clock_seconds(), counted;

		stopwatch_start(&stopwatch);
		while (clock_seconds() - start < 4)
			usleep(50000);
		counted = stopwatch_seconds(&stopwatch);
		stopwatch_stop(&stopwatch);
		_exit(counted > 0.5 && counted < 3 ? 0 : 1);
	}
	usleep(400000);
	assert_int_equal(kill(child, SIGSTOP), 0);
	usleep(3000000);
	assert_int_equal(kill(child, SIGCONT), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

#define WITH_RUN(test) cmocka_unit_test_setup_teardown(test, make_run, remove_run)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_RUN(a_run_without_a_log_has_a_name_a_date_and_its_steps),
		WITH_RUN(the_last_lines_tell_how_a_run_stands),
		WITH_RUN(a_torn_last_line_does_not_count),
		WITH_RUN(whoever_holds_the_lock_makes_it_live),
		WITH_RUN(a_log_of_fifty_megabytes_takes_no_longer_than_a_short_one),
		WITH_RUN(a_folder_that_is_no_run_has_no_summary),
		cmocka_unit_test(the_better_evaluation_is_the_more_accurate_one_then_that_of_lower_loss),
		WITH_RUN(a_record_that_is_written_with_short_memory_lacks_nothing),
		WITH_RUN(events_carry_the_date_that_they_are_given),
		cmocka_unit_test(a_stretch_in_which_the_process_was_stopped_does_not_count),
	};

	return cmocka_run_group_tests_name("run_summary", tests, NULL, NULL);
}
