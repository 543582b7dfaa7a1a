/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Seconds for intervals (never jumps) and for display. */
#ifndef REVUE_BASE_CLOCK_H
#define REVUE_BASE_CLOCK_H

#include <time.h>

static inline double clock_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static inline double clock_wall_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

#endif
