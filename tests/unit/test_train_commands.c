/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train: what a training is told while it works: pause, save, go on, stop; and that there is one trainer a run. */
#include "tests/unit/train_check.h"

#include "engine/clock.h"

#include <sys/stat.h>

static void a_second_trainer_is_told_who_is_at_work(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct trainer *trainer;
	char pid[40];

	/* Long enough to be at work still when the second one has waited for the lock. */
	train_set(&folder->options, "num-train-epochs", "2000");
	train_set(&folder->options, "save-steps", "0");
	trainer = train_start(folder, folder->run, &error);
	assert_non_null(trainer);
	assert_null(train_start(folder, folder->run, &error));
	snprintf(pid, sizeof pid, "is in use by pid %d on ", (int)getpid());
	assert_non_null(strstr(error.text, pid));
	assert_null(train_resume(folder->run, &error));
	assert_non_null(strstr(error.text, pid));
	trainer_stop(trainer);
	assert_true(trainer_join(trainer, &error));
}

static void the_socket_pauses_saves_resumes_and_stops(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct trainer *trainer;
	struct run *run;
	char name[CHECKPOINT_NAME];
	size_t before, after;

	train_set(&folder->options, "num-train-epochs", "2000");
	train_set(&folder->options, "save-steps", "0");
	trainer = train_start(folder, folder->run, &error);
	run = run_open(folder->run, &error);
	train_wait_step(run, 3);
	assert_true(run_send(folder->run, "pause", &error));
	train_wait_state(run, RUN_PAUSED);
	run_points(run, &before);
	assert_true(run_send(folder->run, "save", &error));
	for (int i = 0; i < 1000 && !strstr(run_message(run), "written"); i++) {
		usleep(5000);
		run_update(run);
	}
	assert_int_equal(train_newest(folder->run, name), before);
	assert_int_equal(run_state(run), RUN_PAUSED);
	run_points(run, &after);
	assert_int_equal(before, after);
	assert_true(run_send(folder->run, "resume", &error));
	train_wait_state(run, RUN_LIVE);
	train_wait_step(run, before + 2);
	assert_true(run_send(folder->run, "stop", &error));
	assert_true(trainer_join(trainer, &error));
	assert_non_null(strstr(error.text, "revue train --resume"));
	run_update(run);
	run_points(run, &after);
	assert_int_equal(train_newest(folder->run, name), after);
	assert_int_equal(run_state(run), RUN_STOPPED);
	run_close(run);
}

static void a_pause_does_not_count_as_time(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct trainer *trainer = train_start(folder, folder->run, &error);
	struct run *run = run_open(folder->run, &error);
	const struct run_point *points;
	size_t count;
	double start;

	start = clock_seconds();
	train_wait_step(run, 2);
	trainer_pause(trainer);
	train_wait_state(run, RUN_PAUSED);
	usleep(700000);
	trainer_continue(trainer);
	assert_true(trainer_join(trainer, &error));
	start = clock_seconds() - start;
	run_update(run);
	points = run_points(run, &count);
	assert_true(points[count - 1].time < start - 0.6);
	run_close(run);
}

static void a_run_that_is_resumed_paused_makes_no_step_until_it_is_told_to_go_on(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct trainer *trainer;
	struct run *run;
	size_t before, after;

	train_whole(folder, folder->other);
	train_until(folder, folder->run, 6);
	run = run_open(folder->run, &error);
	run_points(run, &before);
	trainer = trainer_resume(&(struct trainer_request){.run = folder->run, .paused = true}, NULL, &error);
	assert_non_null(trainer);
	train_wait_state(run, RUN_PAUSED);
	usleep(50000);
	run_update(run);
	run_points(run, &after);
	assert_int_equal(after, before);
	trainer_continue(trainer);
	assert_true(trainer_join(trainer, &error));
	train_assert_same_weights(folder->run, folder->other);
	run_close(run);
}

/* A stop at moments all over the first part of a run: reading, tokenising, steps, evaluation, saving. */
static void a_stop_is_obeyed_at_once_in_every_phase(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};

	train_write_reviews(folder->data, 3000, "negative", "positive");
	train_set(&folder->options, "max-train-samples", "400");
	for (unsigned wait = 0; wait < 400000; wait += 23000) {
		struct trainer *trainer = wait == 0 ? train_start(folder, folder->run, &error)
		                                    : train_resume(folder->run, &error);
		double start;
		if (!trainer && strstr(error.text, "has finished"))
			return;
		assert_non_null(trainer);
		usleep(wait);
		start = clock_seconds();
		trainer_stop(trainer);
		assert_true(trainer_join(trainer, &error));
		assert_true(clock_seconds() - start < 1.5);
	}
}

#define TRAIN(test) cmocka_unit_test_setup_teardown(test, train_setup, train_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRAIN(a_second_trainer_is_told_who_is_at_work),
		TRAIN(the_socket_pauses_saves_resumes_and_stops),
		TRAIN(a_pause_does_not_count_as_time),
		TRAIN(a_run_that_is_resumed_paused_makes_no_step_until_it_is_told_to_go_on),
		TRAIN(a_stop_is_obeyed_at_once_in_every_phase),
	};

	return cmocka_run_group_tests_name("train_commands", tests, NULL, NULL);
}
