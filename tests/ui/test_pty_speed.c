/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How fast the screens answer. Each line tells what was measured beside its goal; the test fails at eight times that, which a
 * machine with other work does not reach. REVUE_SPEED_MB: the size of the large file, 64 where not set (the goal is of 1,000); where it is set
 * the tests that take long are run, too. */
#include "tests/ui/pty_check.h"

#include "engine/clock.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PATIENCE 8.0
#define KEYS 15
#define STALL_SECONDS 1.5

static void tell(const char *what, double seconds, double goal)
{
	printf("# %s: %.0f ms (goal %.0f ms)\n", what, 1000 * seconds, 1000 * goal);
	assert_true(seconds < PATIENCE * goal);
}

/* Seconds until `text` comes, of what is written from now on, after keys that are pressed at once. */
static double answer(struct session *session, const char *keys, const char *text)
{
	double start;

	session->size = 0;
	start = clock_seconds();
	assert_int_equal(write(session->master, keys, strlen(keys)), strlen(keys));
	pty_drain_until(session, text);
	return clock_seconds() - start;
}

/* Rows of about 60 bytes, whose first one is known again. */
static char *make_rows(size_t bytes, size_t *size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, size);

	assert_non_null(out);
	fprintf(out, "text,label\nthe first of all reviews,1\n");
	for (size_t i = 0; i < bytes / 64; i++)
		fprintf(out, "a review of some sixty bytes which nobody wrote no %7zu,%d\n", i % 9999999, (int)(i % 2));
	assert_int_equal(fclose(out), 0);
	return text;
}

static void a_large_file_shows_its_first_rows_at_once(void **state)
{
	const char *wanted = getenv("REVUE_SPEED_MB");
	const size_t megabytes = wanted ? strtoul(wanted, NULL, 10) : 64;
	struct session session;
	char *text, what[80];
	size_t size;
	double start, seconds;

	(void)state;
	text = make_rows(megabytes << 20, &size);
	pty_prepare(&session, text, size);
	free(text);
	start = clock_seconds();
	pty_launch(&session, "xterm-256color", false);
	pty_drain_until(&session, "the first of all");
	seconds = clock_seconds() - start;
	snprintf(what, sizeof what, "first rows of a file of %zu MB, from the start of the program", megabytes);
	pty_press(&session, "Q");
	pty_ended(&session);
	pty_finish(&session);
	tell(what, seconds, 0.05);
}

static int by_size(const void *a, const void *b)
{
	const double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* Trains pocket on so many bytes of rows, after keys in the form; the test is skipped where pocket is not there. */
static void start_training(struct session *session, size_t bytes, const char *keys)
{
	static char model[300];
	const char *share = getenv("REVUE_SHARE");
	char *text;
	size_t size;

	if (!share)
		skip();
	snprintf(model, sizeof model, "%s/models/pocket", share);
	text = make_rows(bytes, &size);
	pty_prepare(session, text, size);
	free(text);
	session->model = model;
	pty_launch(session, "xterm-256color", false);
	pty_drain_until(session, "Words: mean");
	pty_press(session, "3");
	pty_drain_until(session, "A new training");
	pty_press(session, keys);
	pty_press(session, "s");
}

static void a_key_is_answered_while_a_training_runs_on_all_cores(void **state)
{
	struct session session;
	double seconds[KEYS];

	(void)state;
	/* No figure comes of it before the end. */
	start_training(&session, 1 << 20, ":setting logging-strategy\r\x1b[C:setting eval-strategy\r\x1b[D");
	pty_drain_until(&session, "training");
	pty_drain(&session, 300);
	for (int i = 0; i < KEYS; i++) {
		seconds[i] = answer(&session, "M", "What was said");
		answer(&session, "q", "train");
		pty_drain_once(&session, 50);
	}
	qsort(seconds, KEYS, sizeof *seconds, by_size);
	kill(session.pid, SIGKILL);
	pty_ended(&session);
	pty_finish(&session);
	printf("# a key while a training runs: the median %.0f ms, the slowest %.0f ms\n", 1000 * seconds[KEYS / 2],
	       1000 * seconds[KEYS - 1]);
	tell("a key while a training runs, of the quickest quarter", seconds[KEYS / 4], 0.02);
}

/* Lines of the log of the training that runs in the folder. */
static int logged_lines(const struct session *session)
{
	char path[400];
	int lines = 0, c;
	FILE *file;

	snprintf(path, sizeof path, "%s/run-1/metrics.jsonl", session->folder);
	file = fopen(path, "r");
	while (file && (c = getc(file)) != EOF)
		lines += c == '\n';
	if (file)
		fclose(file);
	return lines;
}

/* Steps a second, while what is written is read, or while nothing can be written. */
static double step_rate(struct session *session, bool stalled)
{
	const double start = clock_seconds();
	const int before = logged_lines(session);

	assert_int_equal(tcflow(session->slave, stalled ? TCOOFF : TCOON), 0);
	while (clock_seconds() < start + STALL_SECONDS)
		pty_drain_once(session, 100);
	return (logged_lines(session) - before) / (clock_seconds() - start);
}

static void a_stalled_terminal_does_not_slow_a_training(void **state)
{
	double flowing = 0, stalled = 0;
	struct session session;

	(void)state;
	start_training(&session, 4 << 20, "");
	for (int i = 0; i < 600 && logged_lines(&session) < 5; i++)
		pty_drain_once(&session, 100);
	for (int i = 0; i < 3; i++) {
		const double one = step_rate(&session, false), other = step_rate(&session, true);

		flowing = one > flowing ? one : flowing;
		stalled = other > stalled ? other : stalled;
	}
	tcflow(session.slave, TCOON);
	kill(session.pid, SIGKILL);
	pty_ended(&session);
	pty_finish(&session);
	printf("# steps a second of a training, the best of three times: %.1f, with a stalled terminal %.1f\n", flowing, stalled);
	assert_true(flowing > 0 && stalled > flowing / 2);
}

/* A million rows of which one is the first by its text, the longest, and has the greatest number; the others tell their
 * labels by their words. */
static char *make_million(size_t *size)
{
	const size_t rows = 1000000;
	char *text = NULL;
	FILE *out = open_memstream(&text, size);

	assert_non_null(out);
	fprintf(out, "text,label,number\n");
	for (size_t i = 0; i < rows; i++)
		fprintf(out, "%s,%d,%zu\n", i * 7919 % rows == rows - 1 ? "alone in front of all that is here" : i % 3 ? "so so" : "so and so",
		        i % 3 != 0, i * 7919 % rows);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void a_million_rows_are_sorted_within_a_second(void **state)
{
	static const char *const orders[] = {"number reverse", "length reverse", "text"};
	struct session session;
	char keys[80];
	double seconds[sizeof orders / sizeof *orders];
	size_t size;
	char *text = make_million(&size);

	(void)state;
	pty_prepare(&session, text, size);
	free(text);
	pty_launch(&session, "xterm-256color", false);
	pty_drain_until(&session, "1,000,000 used");
	pty_press(&session, "2");
	pty_drain_until(&session, "so and so");
	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		pty_press(&session, ":sort\r");
		pty_drain(&session, 300);
		pty_press(&session, ":row 1\r");
		pty_drain(&session, 300);
		snprintf(keys, sizeof keys, ":sort %s\r", orders[i]);
		seconds[i] = answer(&session, keys, "alone in front");
	}
	pty_press(&session, "Q");
	pty_ended(&session);
	pty_finish(&session);
	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		snprintf(keys, sizeof keys, "a million rows sorted by %s", orders[i]);
		tell(keys, seconds[i], 1);
	}
}

/* Until all rows have a prediction, which takes longer than other things do. */
static void wait_for_predictions(struct session *session)
{
	const double until = clock_seconds() + 900;

	pty_press(session, "2");
	while (!pty_shows(session, "% of 1,000,000") && clock_seconds() < until) {
		session->size = 0;
		pty_press(session, "\f");
		pty_drain(session, 500);
	}
	assert_true(pty_shows(session, "% of 1,000,000"));
}

static void a_million_rows_are_sorted_by_their_confidence_within_a_second(void **state)
{
	static const char *const arguments[] = {"-m", "model", NULL};
	struct session session;
	char command[1000];
	double seconds;
	size_t size;
	char *text;

	(void)state;
	if (!getenv("REVUE_SPEED_MB"))
		skip(); /* it takes a minute */
	text = make_million(&size);
	pty_prepare(&session, text, size);
	free(text);
	snprintf(command, sizeof command, "cd '%s' && '%s' baseline reviews.csv -o model --validation 0 --max-train-samples 20000 >/dev/null 2>&1",
	         session.folder, getenv("REVUE"));
	assert_int_equal(system(command), 0);
	session.arguments = arguments;
	pty_launch(&session, "xterm-256color", false);
	pty_drain_until(&session, "1,000,000 used");
	wait_for_predictions(&session);
	seconds = answer(&session, ":sort confidence\r", "alone in front");
	pty_press(&session, "Q");
	pty_ended(&session);
	pty_finish(&session);
	tell("a million rows sorted by confidence", seconds, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_large_file_shows_its_first_rows_at_once),
		cmocka_unit_test(a_key_is_answered_while_a_training_runs_on_all_cores),
		cmocka_unit_test(a_stalled_terminal_does_not_slow_a_training),
		cmocka_unit_test(a_million_rows_are_sorted_within_a_second),
		cmocka_unit_test(a_million_rows_are_sorted_by_their_confidence_within_a_second),
	};

	return cmocka_run_group_tests_name("pty_speed", tests, NULL, NULL);
}
