/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/indexing.h"

#include "engine/clock.h"
#include "engine/thread.h"

#include <time.h>

#define REPORT_SECONDS 0.05 /* between two reports of progress: twenty a second look smooth */
#define SIGNAL_SECONDS 0.1  /* between two signals to the wake */
#define REST_STEPS 10       /* after a look at a file that grows, of 20 ms */

void indexing_init(struct indexing *indexing, const struct reader *reader, void *reader_state)
{
	indexing->reader = reader;
	indexing->reader_state = reader_state;
	pthread_mutex_init(&indexing->mutex, NULL);
	atomic_store(&indexing->state, reader->index_step ? INDEX_GROWING : INDEX_COMPLETE);
}

bool indexing_step(struct indexing *indexing)
{
	enum index_state state;

	pthread_mutex_lock(&indexing->mutex);
	state = (enum index_state)indexing->state;
	if (state == INDEX_GROWING) {
		state = indexing->reader->index_step(indexing->reader_state, &indexing->done,
		                                     &indexing->errors[indexing->growths > 0]);
		atomic_store_explicit(&indexing->state, state, memory_order_release);
	}
	pthread_mutex_unlock(&indexing->mutex);
	return state == INDEX_GROWING;
}

const struct error *indexing_error(const struct indexing *indexing)
{
	int state = atomic_load_explicit(&indexing->state, memory_order_acquire);

	return state == INDEX_FAILED ? &indexing->errors[indexing->growths > 0] : NULL;
}

bool indexing_more(struct indexing *indexing)
{
	bool goes_on;

	pthread_mutex_lock(&indexing->mutex);
	goes_on = indexing->state != INDEX_GROWING && indexing->reader->index_more(indexing->reader_state);
	if (goes_on)
		atomic_store_explicit(&indexing->state, INDEX_GROWING, memory_order_release);
	indexing->growths += goes_on;
	pthread_mutex_unlock(&indexing->mutex);
	return goes_on;
}

uint64_t indexing_rows(const struct indexing *indexing, bool *complete)
{
	/* The state first: once it says that all is there, the rows are all. */
	int state = atomic_load_explicit(&indexing->state, memory_order_acquire);

	if (complete)
		*complete = state != INDEX_GROWING;
	return indexing->reader->rows(indexing->reader_state);
}

static uint64_t bytes_done(struct indexing *indexing)
{
	uint64_t done;

	pthread_mutex_lock(&indexing->mutex);
	done = indexing->done;
	pthread_mutex_unlock(&indexing->mutex);
	return done;
}

bool indexing_run(struct indexing *indexing, const char *path, uint64_t size, const struct progress *progress,
                  struct error *error)
{
	double reported = 0;

	while (indexing_step(indexing)) {
		double now = clock_seconds();
		if (now - reported < REPORT_SECONDS)
			continue;
		reported = now;
		RETURN_IF(!progress_report(progress, "indexing", bytes_done(indexing), size), error, ERROR_INTERRUPTED,
		          "%s: indexing was interrupted", path);
	}
	if (!indexing_error(indexing))
		return true;
	if (error)
		*error = *indexing_error(indexing);
	return false;
}

static void rest(const struct indexing *indexing)
{
	const struct timespec pause = {.tv_nsec = 20000000};

	for (int i = 0; i < REST_STEPS && !atomic_load(&indexing->stop); i++)
		nanosleep(&pause, NULL);
}

static void *index_thread(void *context)
{
	struct indexing *indexing = context;
	double signalled = clock_seconds();
	bool grew = indexing->look && indexing->look(indexing->look_of) == FILE_GREW;

	while (!atomic_load(&indexing->stop) && indexing_step(indexing)) {
		double now = clock_seconds();
		if (now - signalled < SIGNAL_SECONDS)
			continue;
		signalled = now;
		wake_signal(indexing->wake);
	}
	if (grew) {
		wake_signal(indexing->wake);
		rest(indexing);
	}
	atomic_store(&indexing->thread_ended, true);
	wake_signal(indexing->wake);
	return NULL;
}

static bool start_thread(struct indexing *indexing, struct wake *wake, struct error *error)
{
	indexing->wake = wake;
	atomic_store(&indexing->thread_ended, false);
	indexing->thread_runs = thread_start(&indexing->thread, index_thread, indexing, "indexing", error);
	return indexing->thread_runs;
}

bool indexing_start(struct indexing *indexing, struct wake *wake, struct error *error)
{
	return indexing->thread_runs || start_thread(indexing, wake, error);
}

bool indexing_is_at_work(const struct indexing *indexing)
{
	return indexing->thread_runs && !atomic_load(&indexing->thread_ended);
}

bool indexing_look(struct indexing *indexing, enum dataset_fate (*look)(void *of), void *of, struct wake *wake,
                   struct error *error)
{
	if (indexing_is_at_work(indexing))
		return true;
	if (indexing->thread_runs)
		pthread_join(indexing->thread, NULL);
	indexing->thread_runs = false;
	indexing->look = look;
	indexing->look_of = of;
	return start_thread(indexing, wake, error);
}

void indexing_end(struct indexing *indexing)
{
	atomic_store(&indexing->stop, true);
	if (indexing->thread_runs)
		pthread_join(indexing->thread, NULL);
	indexing->thread_runs = false;
	pthread_mutex_destroy(&indexing->mutex);
}
