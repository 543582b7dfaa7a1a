/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Leaving, carried out: what ui/leave.h decides is done to the training and the other process. Knows no curses; the UI
 * thread alone calls it. */
#ifndef REVUE_UI_DEPARTURE_H
#define REVUE_UI_DEPARTURE_H

#include "ui/leave.h"
#include "ui/session.h"
#include "ui/takeover.h"

#define DEPARTURE_FAREWELL_MAX 4096

/* Start with {0}. */
struct departure {
	enum leave_state state;
	struct takeover takeover;
	bool paused;          /* the training was paused when it was left, and stays so whoever has it */
	struct error refusal; /* why the other process does not go on with it */
	char farewell[DEPARTURE_FAREWELL_MAX]; /* a line for the person who has left; "": nothing to say */

	/* For the screens, which take it and set it back. */
	bool asks;          /* the question is to be put */
	char message[2200]; /* "": none */
	bool is_error;
};

/* Something happened. */
void departure_event(struct departure *departure, struct session *session, enum leave_event event);

/* The same for what happened to the training and the other process: after the session was updated. */
void departure_update(struct departure *departure, struct session *session);

/* True: no descriptor tells when departure_update has something to do; call it a few times a second. */
bool departure_is_waiting(const struct departure *departure);

#endif
