/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A training that this process has stopped is taken over by another one of the same program, which has no terminal:
 * `revue train --resume RUN`. Since a resumed run equals an uninterrupted one, nothing of it is lost. Knows no
 * curses; the UI thread alone calls it. */
#ifndef REVUE_UI_TAKEOVER_H
#define REVUE_UI_TAKEOVER_H

#include "engine/run.h"

#include <sys/types.h>

#define TAKEOVER_PROGRAM "/proc/self/exe" /* this very program, even if its file has been replaced */
#define TAKEOVER_PATIENCE 20.0            /* seconds until the other process has the run's lock; it may prepare longer */

enum takeover_state {
	TAKEOVER_NONE,
	TAKEOVER_WAITING, /* the other process has been started */
	TAKEOVER_DONE,    /* it said in the run's log that it goes on, or has even finished the training */
	TAKEOVER_FAILED,  /* it ended or did nothing; it is not there any more */
};

/* Start with {0}. */
struct takeover {
	enum takeover_state state;
	pid_t pid;
	bool ended;   /* it was waited for */
	int status;
	double until; /* when it must hold the lock */
};

/* Starts `program` in a session of its own, with /dev/null for its streams and no other descriptor of this one. The
 * run must have been let go. False: it could not be started. */
bool takeover_start(struct takeover *takeover, const char *program, const char *run, bool paused, double patience,
                    struct error *error);

/* How it stands. `run` is the run, up to date; NULL: its log could not be read so far. TAKEOVER_FAILED comes with one
 * line. To be asked every few hundredths of a second. */
enum takeover_state takeover_look(struct takeover *takeover, const struct run *run, struct error *error);

/* While it waits: the other process is asked to stop, which it does after a checkpoint, and not waited for. */
void takeover_stop(struct takeover *takeover);

#endif
