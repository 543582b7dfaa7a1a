/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two clocks, in seconds: one for intervals, which never jumps, and one for dates. Part of the engine's face. */
#ifndef REVUE_ENGINE_CLOCK_H
#define REVUE_ENGINE_CLOCK_H

#include <time.h>

/* From an arbitrary start; the difference of two is an interval. */
static inline double clock_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Since 1970, as the machine believes: may jump. */
static inline double clock_wall_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

#endif
