/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long work reports where it stands and learns that it should stop.
 *
 * Every function that may run longer than a moment takes a `struct progress *` (NULL: silent, cannot
 * be stopped). It calls `progress_report` at least ten times a second where it can, and gives up with
 * ERROR_INTERRUPTED as soon as the answer is false. */
#ifndef REVUE_ENGINE_PROGRESS_H
#define REVUE_ENGINE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	/* Called on the working thread. `what` is a short verb phrase ("reading", "scoring"); `total` is 0
	 * while it is not known. Returns false to stop. */
	bool (*report)(void *context, const char *what, uint64_t done, uint64_t total);
	void *context;
};

static inline bool progress_report(const struct progress *progress, const char *what, uint64_t done,
                                   uint64_t total)
{
	return !progress || !progress->report || progress->report(progress->context, what, done, total);
}

#endif
