/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One job at a time. `ticket` holds the job's number above and its next task below: a thread takes a task by
 * advancing it, and can only do so while that very job is unfinished. So a worker that was late for one job
 * cannot touch the next, and nobody waits for workers that took nothing. */
#include "engine/base/pool.h"

#include "engine/thread.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Some tens of microseconds: longer than the gap between two operations on a quiet machine. On a busy one who spins
 * takes the processor from the thread that is waited for, so who spun in vain spins half as long the next time. */
#define SPINS_MOST 2000
#define SPINS_LEAST 250

typedef void pool_task(void *context, int index, int worker);

struct worker {
	struct pool *pool;
	pthread_t thread;
	int number;
};

struct pool {
	int threads;
	int started; /* workers that run; only the owner looks */
	int spins;   /* of the owner's next wait */
	struct worker *workers;

	_Atomic(pool_task *) task; /* the job; written only while no task is untaken or running */
	_Atomic(void *) context;
	_Atomic(uint32_t) tasks;

	_Alignas(64) _Atomic(uint64_t) ticket;   /* job number << 32 | next task */
	_Alignas(64) _Atomic(uint32_t) pending;  /* tasks of the job that are not done; the owner sleeps on it */
	_Atomic(uint32_t) owner_sleeps;
	_Alignas(64) _Atomic(uint32_t) job;      /* job number; workers sleep on it */
	_Atomic(uint32_t) sleepers;
	_Atomic(bool) closing;
};

static void futex_wait(_Atomic(uint32_t) *word, uint32_t value)
{
	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void futex_wake(_Atomic(uint32_t) *word, int count)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

static void spin_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#else
	atomic_signal_fence(memory_order_seq_cst);
#endif
}

static int spins_after(int spins, bool in_vain)
{
	if (in_vain)
		return spins / 2 > SPINS_LEAST ? spins / 2 : SPINS_LEAST;
	return spins * 2 < SPINS_MOST ? spins * 2 : SPINS_MOST;
}

/* Takes tasks of job `job` until none is left. What is read of a job that ended meanwhile is never used: the
 * owner closes the ticket before it writes the next job, and then the exchange fails. */
static void work_on(struct pool *pool, uint32_t job, int worker)
{
	uint64_t ticket = atomic_load(&pool->ticket);
	pool_task *task = atomic_load(&pool->task);
	void *context = atomic_load(&pool->context);
	uint32_t tasks = atomic_load(&pool->tasks);

	while ((uint32_t)(ticket >> 32) == job && (uint32_t)ticket < tasks) {
		if (!atomic_compare_exchange_weak(&pool->ticket, &ticket, ticket + 1))
			continue;
		task(context, (int)(uint32_t)ticket, worker);
		if (atomic_fetch_sub(&pool->pending, 1) == 1 && atomic_load(&pool->owner_sleeps))
			futex_wake(&pool->pending, 1);
		ticket = atomic_load(&pool->ticket);
	}
}

/* Returns the number of a job other than `last`: after a spin, or after a sleep. */
static uint32_t wait_for_job(struct pool *pool, uint32_t last, int *spins)
{
	uint32_t job;

	for (int spin = 0; spin < *spins; spin++) {
		job = atomic_load_explicit(&pool->job, memory_order_acquire);
		if (job != last) {
			*spins = spins_after(*spins, false);
			return job;
		}
		spin_pause();
	}
	*spins = spins_after(*spins, true);
	atomic_fetch_add(&pool->sleepers, 1);
	while ((job = atomic_load(&pool->job)) == last)
		futex_wait(&pool->job, last);
	atomic_fetch_sub(&pool->sleepers, 1);
	return job;
}

static void *worker_main(void *argument)
{
	struct worker *worker = argument;
	struct pool *pool = worker->pool;
	uint32_t job = 0;
	int spins = SPINS_MOST;

	for (;;) {
		job = wait_for_job(pool, job, &spins);
		if (atomic_load(&pool->closing))
			return NULL;
		work_on(pool, job, worker->number);
	}
}

struct pool *pool_new(int threads, struct error *error)
{
	struct pool *pool = NULL;

	if (threads < 1 || threads > 1024) {
		error_set(error, ERROR_USAGE, "cannot work with %d threads: 1 to 1024", threads);
		return NULL;
	}
	if (posix_memalign((void **)&pool, 64, sizeof *pool) != 0) {
		error_memory(error, "making the thread pool");
		return NULL;
	}
	memset(pool, 0, sizeof *pool);
	pool->threads = threads;
	pool->spins = SPINS_MOST;
	pool->workers = calloc((size_t)threads, sizeof *pool->workers);
	if (!pool->workers) {
		error_memory(error, "making the thread pool");
		pool_free(pool);
		return NULL;
	}
	for (int i = 1; i < threads; i++, pool->started++) {
		struct worker *worker = &pool->workers[i];
		*worker = (struct worker){.pool = pool, .number = i};
		if (!thread_start(&worker->thread, worker_main, worker, "numeric work", error)) {
			pool_free(pool);
			return NULL;
		}
	}
	return pool;
}

/* Wakes up to `helpers` of the workers that sleep; nobody waits for the others. */
static void announce(struct pool *pool, int helpers)
{
	atomic_fetch_add(&pool->job, 1);
	if (atomic_load(&pool->sleepers) > 0)
		futex_wake(&pool->job, helpers);
}

void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	atomic_store(&pool->closing, true);
	announce(pool, INT_MAX);
	for (int i = 1; i <= pool->started; i++)
		pthread_join(pool->workers[i].thread, NULL);
	free(pool->workers);
	free(pool);
}

int pool_threads(const struct pool *pool)
{
	return pool->threads;
}

static void wait_until_done(struct pool *pool)
{
	uint32_t pending;

	for (int spin = 0; spin < pool->spins; spin++) {
		if (atomic_load_explicit(&pool->pending, memory_order_acquire) == 0) {
			pool->spins = spins_after(pool->spins, false);
			return;
		}
		spin_pause();
	}
	pool->spins = spins_after(pool->spins, true);
	atomic_store(&pool->owner_sleeps, 1);
	while ((pending = atomic_load(&pool->pending)) != 0)
		futex_wait(&pool->pending, pending);
	atomic_store(&pool->owner_sleeps, 0);
}

void pool_run(struct pool *pool, int tasks, void (*task)(void *context, int index, int worker), void *context)
{
	uint64_t job;

	if (pool->threads == 1 || tasks <= 1) {
		for (int i = 0; i < tasks; i++)
			task(context, i, 0);
		return;
	}
	job = (uint32_t)(atomic_load(&pool->job) + 1);
	atomic_store(&pool->ticket, job << 32 | UINT32_MAX);
	atomic_store(&pool->task, task);
	atomic_store(&pool->context, context);
	atomic_store(&pool->tasks, (uint32_t)tasks);
	atomic_store(&pool->pending, (uint32_t)tasks);
	atomic_store(&pool->ticket, job << 32);
	announce(pool, tasks - 1);
	work_on(pool, (uint32_t)job, 0);
	wait_until_done(pool);
}
