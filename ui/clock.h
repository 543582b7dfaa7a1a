/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The time that the screens measure with. */
#ifndef REVUE_UI_CLOCK_H
#define REVUE_UI_CLOCK_H

#include <time.h>

/* Seconds of a clock that never goes back. */
static inline double ui_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

#endif
