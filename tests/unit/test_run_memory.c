/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The log of a run when memory is short: it is written without any, and whoever reads it says that it lacks memory instead of
 * telling another story. */
#include "tests/unit/check.h"
#include "tests/unit/failing_allocations.h"

#include "engine/base/file.h"
#include "engine/run.h"
#include "engine/train/run/journal.h"
#include "engine/train/run/record.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct folder {
	char path[256];
};

static int make_run(void **state)
{
	struct folder *folder = calloc(1, sizeof *folder);
	struct run_record *record = calloc(1, sizeof *record);
	struct error error = {0};

	check_folder(folder->path, sizeof folder->path);
	train_options_init(&record->options);
	snprintf(record->data.path, sizeof record->data.path, "/data/reviews.csv");
	snprintf(record->model.path, sizeof record->model.path, "/models/base");
	assert_true(run_record_write(folder->path, record, &error));
	free(record);
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

static void write_lines(const char *folder, bool without_memory)
{
	const struct run_point point = {.step = 1, .epoch = 0.1, .time = 1, .loss = 0.7};
	const struct run_evaluation evaluation = {.step = 1, .epoch = 0.1, .time = 1, .loss = 0.6, .accuracy = 0.5, .f1 = 0.4};
	const struct journal_event event = {.step = 1, .state = JOURNAL_FINISHED, .text = "finished"};
	struct error error = {0};
	struct journal journal;
	bool point_added, evaluation_added, event_added;

	assert_true(journal_open(&journal, folder, &error));
	failed = false;
	allowed = without_memory ? 0 : -1;
	point_added = journal_add_point(&journal, &point, &error);
	evaluation_added = journal_add_evaluation(&journal, &evaluation, &error);
	event_added = journal_add_event(&journal, &event, &error);
	allowed = -1;
	assert_true(point_added && evaluation_added && event_added);
	assert_false(failed);
	journal_close(&journal);
}

static void a_line_is_added_without_memory(void **state)
{
	struct folder *folder = *state;
	struct error error = {0};
	struct run *run;

	write_lines(folder->path, true);
	run = run_open(folder->path, &error);
	assert_int_equal(run_state(run), RUN_FINISHED);
	run_close(run);
}

static void an_event_is_written_as_any_text_that_it_is(void **state)
{
	static const char text[] = "a \"quoted\" \\ line\n\x01 é 語 \U0001F600 \xff\x7f end";
	struct folder *folder = *state;
	struct journal_event event = {.step = 1, .state = JOURNAL_NOTE};
	struct error error = {0};
	struct journal journal;
	struct run *run;

	memcpy(event.text, text, sizeof text);
	assert_true(journal_open(&journal, folder->path, &error));
	assert_true(journal_add_event(&journal, &event, &error));
	memset(event.text, 1, sizeof event.text - 1);
	assert_true(journal_add_event(&journal, &event, &error));
	journal_close(&journal);
	run = run_open(folder->path, &error);
	assert_int_equal(run_damaged_lines(run), 0);
	assert_int_equal(strlen(run_message(run)), sizeof event.text - 1);
	assert_string_equal(run_events(run, &(size_t){0})[0].text, "a \"quoted\" \\ line\n\x01 é 語 \U0001F600 ?\x7f end");
	run_close(run);
}

/* Every allocation fails once: the run is refused for lack of memory, or it is what it is. */
static void a_run_that_there_is_no_memory_to_read_is_not_told_to_be_dead(void **state)
{
	struct folder *folder = *state;
	long refused = 0;

	write_lines(folder->path, false);
	for (long n = 0; n == 0 || failed; n++) {
		struct error error = {0};
		struct run_summary summary;
		struct run *run;

		failed = false;
		allowed = n;
		run = run_open(folder->path, &error);
		allowed = -1;
		refused += !run;
		if (run)
			assert_int_equal(run_state(run), RUN_FINISHED);
		else
			assert_non_null(strstr(error.text, "out of memory"));
		run_close(run);
		if (!failed)
			break;
		failed = false;
		allowed = n;
		if (run_summary_read(folder->path, &summary, &error))
			assert_int_equal(summary.state, RUN_FINISHED);
		allowed = -1;
		failed = true;
	}
	assert_true(refused > 3);
}

/* What an update had no memory for, the next one reads; until then the run says that something is missing. */
static void a_line_that_there_was_no_memory_for_is_read_later(void **state)
{
	struct folder *folder = *state;
	struct error error = {0};

	for (long n = 0;; n++) {
		struct run *run = run_open(folder->path, &error);
		char log[400];
		size_t points, evaluations, events;

		assert_non_null(run);
		write_lines(folder->path, false);
		failed = false;
		allowed = n;
		run_update(run);
		allowed = -1;
		if (run_state(run) != RUN_FINISHED) {
			assert_false(run_check_log(run, &error));
			assert_int_equal(error.kind, ERROR_FAILED);
		}
		run_update(run);
		run_points(run, &points);
		run_evaluations(run, &evaluations);
		run_events(run, &events);
		assert_true(run_check_log(run, NULL) && points == 1 && evaluations == 1 && events == 1);
		assert_int_equal(run_state(run), RUN_FINISHED);
		assert_int_equal(run_damaged_lines(run), 0);
		run_close(run);
		snprintf(log, sizeof log, "%s/" JOURNAL_FILE, folder->path);
		unlink(log);
		if (!failed) {
			assert_true(n > 3);
			return;
		}
	}
}

/* A step that a checkpoint takes back must go also where there is no memory to see that the line is one. */
static void a_log_is_not_cut_without_memory_to_read_it(void **state)
{
	struct folder *folder = *state;
	struct error error = {0};
	struct journal journal;
	char path[400], *text;
	size_t size;
	bool cut = false;

	write_lines(folder->path, false);
	for (long n = 0; !cut; n++) {
		assert_true(journal_open(&journal, folder->path, &error));
		failed = false;
		allowed = n;
		cut = journal_cut(&journal, 0, &error);
		allowed = -1;
		assert_true(cut || error.kind == ERROR_FAILED);
		journal_close(&journal);
	}
	snprintf(path, sizeof path, "%s/" JOURNAL_FILE, folder->path);
	text = file_read(path, 10000, &size, &error);
	assert_null(strstr(text, "\"loss\""));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_line_is_added_without_memory, make_run, remove_run),
		cmocka_unit_test_setup_teardown(an_event_is_written_as_any_text_that_it_is, make_run, remove_run),
		cmocka_unit_test_setup_teardown(a_run_that_there_is_no_memory_to_read_is_not_told_to_be_dead, make_run, remove_run),
		cmocka_unit_test_setup_teardown(a_line_that_there_was_no_memory_for_is_read_later, make_run, remove_run),
		cmocka_unit_test_setup_teardown(a_log_is_not_cut_without_memory_to_read_it, make_run, remove_run),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
