/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/base/job.c: work beside its owner, who never waits for it. */
#include "tests/unit/check.h"

#include "engine/clock.h"
#include "engine/job.h"

#include <poll.h>
#include <stdatomic.h>
#include <time.h>

#define FRAME 0.016 /* seconds */

struct work {
	int patience; /* milliseconds that it takes, deaf to its owner; < 0: until it is asked to stop */
	bool fails;
	atomic_bool *freed, *ended;
};

static void sleep_ms(long ms)
{
	const struct timespec pause = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&pause, NULL);
}

static bool do_work(void *context, const struct progress *progress, struct error *error)
{
	struct work *work = context;

	while (work->patience < 0 && progress_report(progress, "working", 3, 7))
		sleep_ms(1);
	if (work->patience > 0)
		sleep_ms(work->patience);
	atomic_store(work->ended, true);
	return !work->fails || error_set(error, ERROR_DATA, "it went wrong");
}

static void free_work(void *context)
{
	struct work *work = context;

	assert_true(atomic_load(work->ended));
	atomic_store(work->freed, true);
	free(work);
}

static const struct job_kind kind = {"working", do_work, free_work};

struct setting {
	struct wake *wake;
	struct jobs *jobs;
	atomic_bool freed, ended;
};

static void begin(struct setting *setting)
{
	struct error error = {0};

	*setting = (struct setting){.wake = wake_new(&error)};
	setting->jobs = jobs_new(setting->wake, &error);
	assert_non_null(setting->jobs);
}

static void end(struct setting *setting)
{
	jobs_free(setting->jobs);
	wake_free(setting->wake);
}

static struct job *start(struct setting *setting, int patience, bool fails)
{
	struct work *work = malloc(sizeof *work);
	struct error error = {0};
	struct job *job;

	*work = (struct work){patience, fails, &setting->freed, &setting->ended};
	job = job_start(setting->jobs, &kind, work, &error);
	assert_non_null(job);
	return job;
}

/* Waits for the wake, as the loop of the screens does. */
static void wait_for_end(struct setting *setting, struct job *job)
{
	while (!job_finished(job)) {
		struct pollfd fd = {wake_fd(setting->wake), POLLIN, 0};

		assert_int_equal(poll(&fd, 1, 10000), 1);
		wake_clear(setting->wake);
	}
}

static void a_job_that_ends_signals_and_keeps_its_context_for_the_owner(void **state)
{
	struct setting setting;
	struct job *job;

	(void)state;
	begin(&setting);
	job = start(&setting, 1, false);
	assert_true(job_is_working(job));
	wait_for_end(&setting, job);
	assert_false(job_is_working(job));
	assert_false(job_finished(job)); /* told once */
	assert_null(job_error(job));
	assert_false(setting.freed);
	job_let_go(&job);
	assert_null(job);
	assert_true(setting.freed);
	end(&setting);
}

static void a_job_that_fails_says_why(void **state)
{
	struct setting setting;
	struct job *job;

	(void)state;
	begin(&setting);
	job = start(&setting, 1, true);
	wait_for_end(&setting, job);
	assert_string_equal(job_error(job)->text, "it went wrong");
	job_let_go(&job);
	end(&setting);
}

static void letting_go_never_waits_also_where_the_work_is_deaf(void **state)
{
	struct setting setting;
	struct job *job;
	double before, took;

	(void)state;
	begin(&setting);
	job = start(&setting, 500, false);
	before = clock_seconds();
	job_let_go(&job);
	jobs_collect(setting.jobs);
	took = clock_seconds() - before;
	assert_false(setting.ended);
	assert_false(setting.freed); /* what it uses is still there */
	assert_true(took < FRAME);
	for (int i = 0; i < 1000 && !setting.freed; i++) {
		sleep_ms(10);
		jobs_collect(setting.jobs);
	}
	assert_true(setting.freed);
	end(&setting);
}

static void a_job_that_is_let_go_is_asked_to_stop(void **state)
{
	struct setting setting;
	struct job *job;
	uint64_t done, total;

	(void)state;
	begin(&setting);
	job = start(&setting, -1, false);
	do
		job_progress(job, &done, &total);
	while (total == 0);
	assert_int_equal(done, 3);
	assert_int_equal(total, 7);
	job_let_go(&job);
	for (int i = 0; i < 1000 && !setting.freed; i++) {
		sleep_ms(10);
		jobs_collect(setting.jobs);
	}
	assert_true(setting.freed);
	end(&setting);
}

static void the_end_waits_for_every_job_with_its_stop_flag_set(void **state)
{
	struct setting setting;
	struct job *job;

	(void)state;
	begin(&setting);
	job = start(&setting, -1, false);
	job_let_go(&job);
	job = start(&setting, -1, false);
	end(&setting);
	assert_true(setting.freed);
}

static void free_slowly(void *thing)
{
	sleep_ms(300);
	atomic_store((atomic_bool *)thing, true);
}

static void what_is_slow_to_free_is_freed_beside_the_owner(void **state)
{
	struct setting setting;
	atomic_bool gone = false;
	double before;

	(void)state;
	begin(&setting);
	before = clock_seconds();
	jobs_dispose(setting.jobs, free_slowly, &gone);
	jobs_dispose(setting.jobs, free_slowly, NULL);
	assert_true(clock_seconds() - before < FRAME);
	assert_false(gone);
	end(&setting);
	assert_true(gone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_that_ends_signals_and_keeps_its_context_for_the_owner),
		cmocka_unit_test(a_job_that_fails_says_why),
		cmocka_unit_test(letting_go_never_waits_also_where_the_work_is_deaf),
		cmocka_unit_test(a_job_that_is_let_go_is_asked_to_stop),
		cmocka_unit_test(the_end_waits_for_every_job_with_its_stop_flag_set),
		cmocka_unit_test(what_is_slow_to_free_is_freed_beside_the_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
