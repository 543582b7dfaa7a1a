/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What of the run that is shown is worth a sentence unasked, and when: an evaluation, its end, what goes wrong; and now and
 * then how far it is. Knows no terminal. */
#ifndef REVUE_UI_PLAIN_ANNOUNCE_H
#define REVUE_UI_PLAIN_ANNOUNCE_H

#include "engine/run.h"

/* Start with {0}. */
struct announcer {
	uint64_t generation;     /* of the run that the rest is of */
	enum run_state state;
	size_t evaluations, warnings;
	bool warned;             /* that its loss is no number */
	double last;             /* when something was said, in clock_seconds */
};

#define ANNOUNCE_MAX 1024

/* The next sentence, not scrubbed; false: nothing is worth one now. `own`: it was started here, so that all of it is news.
 * `every`: seconds between two of them that only tell how far
 * it is, evaluations at a quarter of that; 0: only its end and what goes wrong. */
bool announce_next(struct announcer *announcer, const struct run *run, uint64_t generation, bool own, double now, int every,
                   char out[ANNOUNCE_MAX]);

/* Milliseconds until it is worth asking again although nothing comes; -1: none. */
int announce_timeout(const struct announcer *announcer, const struct run *run, double now, int every);

#endif
