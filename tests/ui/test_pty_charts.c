/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What charts cost a terminal: the bytes of a frame when a step was logged, those of a second of a fast training, with a bound of
 * --max-rate too, which neither a key nor another window waits for, and that a run that is over costs neither a byte nor a wake-up;
 * that a run and a file are followed where inotify is refused. */
#include "tests/ui/pty_check.h"

#include "engine/clock.h"
#include "engine/train/run/lock.h"

#include <math.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define STEPS 2000     /* of the training that is played */
#define FRAMES 60      /* that are measured, over its whole length */
#define FRAME_MOST 600 /* bytes of one, the last, which may still have to be paid */
#define TOGETHER 12    /* one after the other */

struct player {
	struct session session;
	struct run_lock lock;
	FILE *log;
	uint64_t step;
};

/* A run that another process seems to train: this one holds its lock. `arguments` of the program, NULL: none; `blind`: nothing tells
 * it of changes. */
static void begin_with(struct player *player, const char *const *arguments, bool blind)
{
	struct session *session = &player->session;
	struct error error = {0};
	char path[300], command[300];
	FILE *file;

	pty_prepare(session, pty_reviews, strlen(pty_reviews));
	snprintf(path, sizeof path, "%s/run", session->folder);
	assert_int_equal(mkdir(path, 0777), 0);
	assert_true(run_lock_take(&player->lock, path, &error));
	snprintf(path, sizeof path, "%s/run/metrics.jsonl", session->folder);
	player->log = fopen(path, "w");
	assert_non_null(player->log);
	snprintf(path, sizeof path, "%s/run/run.json", session->folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "{\"format\": 1, \"data\": {\"path\": \"/data/reviews.csv\"}, \"model\": {\"path\": \"/models/base\"},"
	        " \"validation\": {\"path\": \"\"}, \"options\": {}, \"labels\": [\"a\", \"b\"], \"steps\": %d,"
	        " \"steps_per_epoch\": 500, \"rows\": {\"training\": 8000, \"validation\": 100}}", STEPS);
	assert_int_equal(fclose(file), 0);
	session->arguments = arguments;
	session->blind = blind;
	pty_launch(session, "xterm-256color", false);
	pty_drain_until(session, "Words: mean");
	snprintf(command, sizeof command, ":watch %s/run\r", session->folder);
	pty_press(session, command);
}

static void begin(struct player *player)
{
	begin_with(player, NULL, false);
}

/* A number from 0 to 1 that looks like chance. */
static double noise(uint64_t step)
{
	const uint64_t mixed = (step + 1) * 0x9E3779B97F4A7C15u;

	return (double)((mixed ^ mixed >> 29) * 0xBF58476D1CE4E5B9u >> 11) / 9007199254740992.0;
}

static void log_step(struct player *player)
{
	const uint64_t step = ++player->step;
	const double part = (double)step / STEPS;

	fprintf(player->log, "{\"type\":\"step\",\"step\":%d,\"epoch\":%g,\"time\":%g,\"loss\":%g,\"learning_rate\":%g,"
	        "\"grad_norm\":%g,\"tokens_per_second\":%g,\"memory\":1.1e9}\n", (int)step, (double)step / 500,
	        (double)step / 4, 0.2 + 0.5 * exp(-5 * part) + 0.1 * noise(step), 5e-5 * (1 - part), 1 + noise(3 * step),
	        900 + 50 * noise(7 * step));
	if (step % 500 == 0)
		fprintf(player->log, "{\"type\":\"evaluation\",\"step\":%d,\"epoch\":%d,\"time\":%g,\"loss\":%g,\"accuracy\":%g,"
		        "\"f1\":%g}\n", (int)step, (int)step / 500, (double)step / 4, 0.3 + 0.4 * exp(-5 * part),
		        0.9 - 0.4 * exp(-5 * part), 0.9 - 0.4 * exp(-5 * part));
	assert_int_equal(fflush(player->log), 0);
}

static void end(struct player *player)
{
	fclose(player->log);
	run_lock_release(&player->lock);
	pty_press(&player->session, ":quit\r");
	assert_true(WIFEXITED(pty_ended(&player->session)));
	pty_finish(&player->session);
}

static int by_size(const void *a, const void *b)
{
	const size_t first = *(const size_t *)a, second = *(const size_t *)b;

	return (first > second) - (first < second);
}

/* What comes within so many seconds. */
static size_t bytes_within(struct session *session, double seconds)
{
	const double end = clock_seconds() + seconds;
	size_t bytes = 0;
	double left;

	while ((left = end - clock_seconds()) > 0)
		bytes += pty_drain_once(session, (int)(left * 1000) + 1);
	return bytes;
}

/* A training of four steps a second, looked at in its beginning, its middle and its end. */
static void a_step_costs_sixty_bytes_where_its_charts_are_drawn(void **state)
{
	struct player player = {0};
	size_t sizes[FRAMES], all = 0;

	(void)state;
	begin(&player);
	log_step(&player);
	pty_drain_until(&player.session, "tokens/s");
	pty_drain_until(&player.session, "first evaluation: after step 500");
	for (int i = 0; i < FRAMES; i++) {
		if (i % TOGETHER == 0) {
			while (player.step < 10 + (uint64_t)i * STEPS / FRAMES)
				log_step(&player);
			bytes_within(&player.session, 1.2);
		}
		log_step(&player);
		sizes[i] = bytes_within(&player.session, 0.26);
		all += sizes[i];
	}
	qsort(sizes, FRAMES, sizeof *sizes, by_size);
	printf("# bytes of a frame: median %zu, mean %zu, most %zu\n", sizes[FRAMES / 2], all / FRAMES, sizes[FRAMES - 1]);
	assert_true(sizes[FRAMES / 2] > 0 && sizes[FRAMES / 2] <= 60);
	end(&player);
}

/* Twenty steps a second for so many seconds; returns what came meanwhile. */
static size_t bytes_of_steps(struct player *player, double seconds)
{
	const struct timespec pause = {0, 50000000};
	const double start = clock_seconds();
	size_t bytes = 0;

	while (clock_seconds() - start < seconds) {
		log_step(player);
		nanosleep(&pause, NULL);
		bytes += pty_drain_once(&player->session, 0);
	}
	return bytes;
}

static void a_training_costs_less_than_a_kilobyte_a_second(void **state)
{
	struct player player = {0};
	size_t bytes;

	(void)state;
	begin(&player);
	while (player.step < 300)
		log_step(&player);
	pty_drain_until(&player.session, "tokens/s");
	pty_drain(&player.session, 300);
	bytes = bytes_of_steps(&player, 10);
	printf("# %zu bytes in ten seconds of %d steps\n", bytes, (int)player.step - 300);
	assert_true(bytes < 10 * 1000);
	end(&player);
}

/* The same training, which wants twice as much: frames are left out, and the one that comes is of the last step. What was written
 * before has been paid when the first of them comes. A key does not wait, though more than a second is owed then. */
static void a_bound_of_bytes_a_second_is_kept_and_keys_are_answered(void **state)
{
	static const char *const arguments[] = {"--max-rate", "200", NULL};
	struct player player = {0};
	size_t bytes;
	double start;

	(void)state;
	begin_with(&player, arguments, false);
	while (player.step < 300)
		log_step(&player);
	pty_drain_until(&player.session, "tokens/s");
	pty_drain(&player.session, 300);
	for (start = clock_seconds(); bytes_of_steps(&player, 0.1) == 0 && clock_seconds() < start + 30;)
		;
	bytes = bytes_of_steps(&player, 8);
	printf("# %zu bytes in eight seconds with a bound of 200 a second\n", bytes);
	assert_true(bytes > 500 && bytes < 8 * 200 + FRAME_MOST);
	for (int i = 0; i < 3; i++) {
		player.session.size = 0;
		start = clock_seconds();
		pty_press(&player.session, i % 2 ? "q" : "?");
		pty_drain_until(&player.session, i % 2 ? "tokens" : "next");
		printf("# a key, %d: %.0f ms\n", i + 1, 1000 * (clock_seconds() - start));
		assert_true(clock_seconds() - start < 0.5);
	}
	end(&player);
}

/* A whole screen is owed when the window becomes another, and when the program comes back from the background. */
static void with_a_bound_another_window_is_filled_at_once(void **state)
{
	static const char *const arguments[] = {"--max-rate", "200", NULL};
	const struct winsize size = {.ws_row = 30, .ws_col = 100};
	struct player player = {0};
	double start;

	(void)state;
	begin_with(&player, arguments, false);
	log_step(&player);
	pty_drain_until(&player.session, "tokens/s");
	pty_press(&player.session, "\014");
	pty_drain_until(&player.session, "tokens/s");
	pty_drain(&player.session, 1000);
	player.session.size = 0;
	start = clock_seconds();
	assert_int_equal(ioctl(player.session.master, TIOCSWINSZ, &size), 0);
	pty_drain_until(&player.session, "tokens");
	printf("# another window: %.0f ms\n", 1000 * (clock_seconds() - start));
	assert_true(clock_seconds() - start < 2);
	pty_drain(&player.session, 1000);
	player.session.size = 0;
	start = clock_seconds();
	assert_int_equal(kill(player.session.pid, SIGCONT), 0);
	pty_drain_until(&player.session, "tokens");
	printf("# back: %.0f ms\n", 1000 * (clock_seconds() - start));
	assert_true(clock_seconds() - start < 2);
	end(&player);
}

static void the_charts_of_a_run_that_is_over_cost_nothing(void **state)
{
	struct player player = {0};
	long before;

	(void)state;
	begin(&player);
	while (player.step < 100)
		log_step(&player);
	fprintf(player.log, "{\"type\":\"event\",\"step\":100,\"time\":25,\"state\":\"finished\",\"text\":\"that is all\"}\n");
	fflush(player.log);
	run_lock_release(&player.lock);
	pty_drain_until(&player.session, "that is all");
	pty_drain(&player.session, 1000);
	before = pty_wake_ups(player.session.pid);
	assert_int_equal(pty_drain_once(&player.session, 3000), 0);
	assert_int_equal(pty_wake_ups(player.session.pid), before);
	end(&player);
}

/* Looked at by time, every second or every other one. */
static void a_run_is_followed_without_inotify(void **state)
{
	struct player player = {0};
	double start;

	(void)state;
	begin_with(&player, NULL, true);
	log_step(&player);
	pty_drain_until(&player.session, "step 1 of");
	pty_drain(&player.session, 1500);
	player.session.size = 0;
	start = clock_seconds();
	while (player.step < 777)
		log_step(&player);
	pty_drain_until(&player.session, "777");
	printf("# a step is seen after %.1f s\n", clock_seconds() - start);
	assert_true(clock_seconds() - start < 6);
	end(&player);
}

static void a_growing_file_is_followed_without_inotify(void **state)
{
	struct session session;
	double start;
	FILE *file;

	(void)state;
	pty_prepare(&session, pty_reviews, strlen(pty_reviews));
	session.blind = true;
	pty_launch(&session, "xterm-256color", false);
	pty_drain_until(&session, "Words: mean");
	pty_press(&session, "2");
	pty_drain_until(&session, "Good value");
	file = fopen(session.file, "a");
	assert_non_null(file);
	start = clock_seconds();
	fputs("something came later,positive\n", file);
	assert_int_equal(fclose(file), 0);
	pty_drain_until(&session, "came later");
	printf("# a row is seen after %.1f s\n", clock_seconds() - start);
	assert_true(clock_seconds() - start < 6);
	pty_press(&session, "Q");
	assert_true(WIFEXITED(pty_ended(&session)));
	pty_finish(&session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_step_costs_sixty_bytes_where_its_charts_are_drawn),
		cmocka_unit_test(a_training_costs_less_than_a_kilobyte_a_second),
		cmocka_unit_test(a_bound_of_bytes_a_second_is_kept_and_keys_are_answered),
		cmocka_unit_test(with_a_bound_another_window_is_filled_at_once),
		cmocka_unit_test(the_charts_of_a_run_that_is_over_cost_nothing),
		cmocka_unit_test(a_run_is_followed_without_inotify),
		cmocka_unit_test(a_growing_file_is_followed_without_inotify),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
