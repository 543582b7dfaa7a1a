/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The ways out of the screens. Without a training there is one; with one the person chooses whether it is left running
 * in a process of its own, or stopped after a checkpoint. */
#ifndef REVUE_UI_LEAVE_H
#define REVUE_UI_LEAVE_H

#include "ui/takeover.h"
#include "ui/ui.h"

struct app;

enum leave_wish {
	LEAVE_NOT,
	LEAVE_STOPPED, /* when the training has stopped */
	LEAVE_RUNNING, /* when another process has taken it over */
};

struct leave {
	enum leave_wish wish;
	struct takeover takeover;
	char farewell[UI_FAREWELL_MAX]; /* a line for the person who has left; "": nothing to say */
};

/* Leaves, or asks how while something is training. */
void leave_begin(struct app *app);

/* Goes on with it after the session was updated. */
void leave_update(struct app *app);

/* True: no descriptor tells when leave_update has something to do; ask it a few times a second. */
bool leave_is_waiting(const struct app *app);

/* After the screens have gone and the training has ended: what is left to do of it. A training that cannot be handed
 * over goes on here: true then, wait for it again. */
bool leave_finish(struct app *app);

#endif
