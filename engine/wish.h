/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signals that ask a program to end, and how many wishes they are. timeout(1) signals the process and then its whole
 * group, service managers do the like: what comes within half a second is the same wish. A person's second Ctrl-C comes
 * later. Part of the engine's face. */
#ifndef REVUE_ENGINE_WISH_H
#define REVUE_ENGINE_WISH_H

#include <stdbool.h>

#define SAME_WISH_SECONDS 0.5

/* Start with {0}. */
struct wishes {
	int count;
	double last; /* when the last one came */
};

/* For each signal; `now` is clock_seconds(). False: it belongs to the wish before. May be called in a handler. */
static inline bool wishes_add(struct wishes *wishes, double now)
{
	if (wishes->count > 0 && now - wishes->last < SAME_WISH_SECONDS)
		return false;
	wishes->count++;
	wishes->last = now;
	return true;
}

#endif
