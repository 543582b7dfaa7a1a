/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How much may be written to a terminal a second. What was written has to be paid by time before more is due, so over any while
 * no more goes out than that, and the last frame. Whoever answers a key or fills another window does not wait, but what that
 * wrote counts. Pure. */
#ifndef REVUE_UI_PACE_H
#define REVUE_UI_PACE_H

#include <stddef.h>

#define PACE_WAIT_MAX 60.0 /* seconds: whatever is bounded, there is a frame a minute */

/* Start with {0}: no bound. */
struct pace {
	double rate;    /* bytes a second; 0: no bound */
	double free_at; /* when what was written is paid */
};

/* Another rate: what was written before is paid. */
void pace_set(struct pace *pace, double rate);

/* `size` bytes were written; `now`: clock_seconds. */
void pace_charge(struct pace *pace, size_t size, double now);

/* The seconds until more is due; 0: it is. */
double pace_wait(const struct pace *pace, double now);

#endif
