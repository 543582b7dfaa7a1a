/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A run as lines on standard error: `revue train` shows its own so, `revue watch` that of another process. */
#ifndef REVUE_SRC_FOLLOW_H
#define REVUE_SRC_FOLLOW_H

#include "engine/run.h"
#include "src/progress.h"

/* What has already been shown of the run. Start with {0} and the line. */
struct follower {
	struct progress_line *line;
	size_t events, before; /* how many are shown or passed over; those of before, of a run that is gone on with */
	uint64_t evaluated_step, shown_step;
	bool evaluated;
};

/* Passes over all that the log of `run` says until now, and over the line that will say that it is resumed: who resumes a
 * run has seen the one and asked for the other. Call it before the trainer is started. */
void follow_from_here(struct follower *follower, const struct run *run);

/* Shows what is new: each event and evaluation as a line; the last step as the progress line. The event that says why
 * a run failed or stopped is left to the caller, who ends with it. */
void follow_run(struct follower *follower, const struct run *run);

/* "finished after 375 steps in 12 min 03 s: validation loss 0.412, accuracy 0.871, F1 0.870"; where the best model is
 * the result "; best at step 250" stands before its figures. */
void follow_summary(const struct run *run, char *out, size_t capacity);

#endif
