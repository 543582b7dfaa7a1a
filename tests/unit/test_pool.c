/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/base/pool. */
#include "tests/unit/check.h"

#include "engine/base/pool.h"
#include "engine/clock.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#define TASKS_MAX 1000
#define THREADS 4

struct tally {
	_Atomic int runs[TASKS_MAX];
	_Atomic int workers[THREADS];
	_Atomic int strangers;  /* worker numbers out of range */
	_Atomic int unblocked;  /* workers that a signal could hit */
	pthread_t caller;
};

static void count_task(void *context, int index, int worker)
{
	struct tally *tally = context;
	sigset_t mask;

	atomic_fetch_add(&tally->runs[index], 1);
	if (worker < 0 || worker >= THREADS) {
		atomic_fetch_add(&tally->strangers, 1);
		return;
	}
	atomic_fetch_add(&tally->workers[worker], 1);
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	if (worker > 0 && (!sigismember(&mask, SIGTERM) || !sigismember(&mask, SIGWINCH)))
		atomic_fetch_add(&tally->unblocked, 1);
	if ((worker == 0) != (pthread_equal(pthread_self(), tally->caller) != 0))
		atomic_fetch_add(&tally->strangers, 1);
}

static struct pool *pool_of(int threads)
{
	struct error error = {0};
	struct pool *pool = pool_new(threads, &error);

	assert_non_null(pool);
	assert_int_equal(pool_threads(pool), threads);
	return pool;
}

static void every_task_runs_once(void **state)
{
	static const int counts[] = {0, 1, 2, 3, 7, 64, TASKS_MAX};

	(void)state;
	for (int threads = 1; threads <= THREADS; threads++) {
		struct pool *pool = pool_of(threads);

		for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
			struct tally tally = {.caller = pthread_self()};

			pool_run(pool, counts[i], count_task, &tally);
			for (int t = 0; t < TASKS_MAX; t++)
				assert_int_equal(tally.runs[t], t < counts[i] ? 1 : 0);
			assert_int_equal(tally.strangers, 0);
			assert_int_equal(tally.unblocked, 0);
			for (int w = threads; w < THREADS; w++)
				assert_int_equal(tally.workers[w], 0);
		}
		pool_free(pool);
	}
}

static void slow_task(void *context, int index, int worker)
{
	struct tally *tally = context;

	count_task(tally, index, worker);
	usleep(20000);
}

static void all_threads_take_part(void **state)
{
	struct pool *pool = pool_of(THREADS);
	struct tally tally = {.caller = pthread_self()};

	(void)state;
	usleep(5000); /* workers sleep by now */
	pool_run(pool, 40, slow_task, &tally);
	for (int w = 0; w < THREADS; w++)
		assert_in_range(tally.workers[w], 1, 40);
	pool_free(pool);
}

/* A small run wakes no more of them than it has tasks for; the others sleep on until there is work for them. */
static void workers_that_slept_through_small_runs_take_part_in_a_large_one(void **state)
{
	struct pool *pool = pool_of(THREADS);
	struct tally small = {.caller = pthread_self()}, large = {.caller = pthread_self()};

	(void)state;
	for (int run = 0; run < 20; run++) {
		usleep(2000);
		pool_run(pool, 2, count_task, &small);
	}
	assert_int_equal(small.runs[0], 20);
	assert_int_equal(small.runs[1], 20);
	pool_run(pool, 40, slow_task, &large);
	for (int w = 0; w < THREADS; w++)
		assert_in_range(large.workers[w], 1, 40);
	pool_run(pool, 2, count_task, &small);
	pool_free(pool);
}

struct sum {
	_Atomic int total;
	int job;
};

static void sum_task(void *context, int index, int worker)
{
	struct sum *sum = context;

	(void)worker;
	atomic_fetch_add(&sum->total, sum->job + index);
}

/* Where a late worker would touch the next job, if it could. */
static void a_hundred_thousand_tiny_runs(void **state)
{
	struct pool *pool = pool_of(3);

	(void)state;
	for (int job = 0; job < 100000; job++) {
		struct sum sum = {.job = job};
		int tasks = job % 7;

		pool_run(pool, tasks, sum_task, &sum);
		if (sum.total != tasks * job + tasks * (tasks - 1) / 2)
			fail_msg("run %d: %d", job, sum.total);
		memset(&sum, 0x55, sizeof sum);
	}
	pool_free(pool);
}

static double processor_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void an_idle_pool_costs_nothing(void **state)
{
	struct pool *pool = pool_of(THREADS);
	struct tally tally = {.caller = pthread_self()};
	double before;

	(void)state;
	pool_run(pool, 100, count_task, &tally);
	usleep(100000);
	before = processor_seconds();
	usleep(300000);
	assert_true(processor_seconds() - before < 0.01);
	pool_free(pool);
}

static void a_pool_of_no_threads_is_refused(void **state)
{
	struct error error = {0};

	(void)state;
	assert_null(pool_new(0, &error));
	assert_int_equal(error.kind, ERROR_USAGE);
	assert_null(pool_new(1000000, &error));
	pool_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_task_runs_once),
		cmocka_unit_test(all_threads_take_part),
		cmocka_unit_test(workers_that_slept_through_small_runs_take_part_in_a_large_one),
		cmocka_unit_test(a_hundred_thousand_tiny_runs),
		cmocka_unit_test(an_idle_pool_costs_nothing),
		cmocka_unit_test(a_pool_of_no_threads_is_refused),
	};

	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
