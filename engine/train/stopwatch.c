/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/stopwatch.h"

#include "engine/clock.h"
#include "engine/thread.h"

#define TICK_NANOSECONDS 200000000L

static double counted_until(const struct stopwatch *stopwatch, double now)
{
	double gap = now - stopwatch->last;

	return stopwatch->counted + (stopwatch->ticking && gap > STOPWATCH_GAP ? STOPWATCH_GAP : gap);
}

static struct timespec next_tick(void)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += TICK_NANOSECONDS;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	return until;
}

static void *tick(void *context)
{
	struct stopwatch *stopwatch = context;

	pthread_mutex_lock(&stopwatch->mutex);
	while (!stopwatch->quit) {
		struct timespec until = next_tick();
		double now;

		pthread_cond_timedwait(&stopwatch->quit_came, &stopwatch->mutex, &until);
		now = clock_seconds();
		stopwatch->counted = counted_until(stopwatch, now);
		stopwatch->last = now;
	}
	pthread_mutex_unlock(&stopwatch->mutex);
	return NULL;
}

void stopwatch_start(struct stopwatch *stopwatch)
{
	pthread_condattr_t monotonic;

	*stopwatch = (struct stopwatch){.last = clock_seconds(), .ticking = true};
	pthread_mutex_init(&stopwatch->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&stopwatch->quit_came, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (!thread_start(&stopwatch->thread, tick, stopwatch, "measuring time", NULL))
		stopwatch->ticking = false;
}

void stopwatch_stop(struct stopwatch *stopwatch)
{
	if (!stopwatch->ticking)
		return;
	pthread_mutex_lock(&stopwatch->mutex);
	stopwatch->quit = true;
	pthread_cond_signal(&stopwatch->quit_came);
	pthread_mutex_unlock(&stopwatch->mutex);
	pthread_join(stopwatch->thread, NULL);
	stopwatch->ticking = false;
}

double stopwatch_seconds(struct stopwatch *stopwatch)
{
	double seconds;

	pthread_mutex_lock(&stopwatch->mutex);
	seconds = counted_until(stopwatch, clock_seconds());
	pthread_mutex_unlock(&stopwatch->mutex);
	return seconds;
}
