/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The ways out of the screens, as a table: in which state the program is on its way out, what can happen, what follows.
 * Pure: it does nothing itself (ui/departure.c does).
 *
 * Without a training there is one way out. With one the person chooses whether it is left running in a process of its
 * own, or stopped after a checkpoint; a terminal that goes leaves it running in this process; a signal stops it after a
 * checkpoint, and a second one does not wait for that. */
#ifndef REVUE_UI_LEAVE_H
#define REVUE_UI_LEAVE_H

#include <stdbool.h>

enum leave_state {
	/* The screens are on. */
	LEAVE_NOT,
	LEAVE_ASKED,    /* what should become of the training? */
	LEAVE_STOPPING, /* it stops after a checkpoint, then we leave */
	LEAVE_HANDING,  /* it stops after a checkpoint, then another process is started */
	LEAVE_TAKING,   /* the other process has been started and has not said that it goes on */
	/* The screens are gone. */
	LEAVE_DARK,          /* the terminal went; until the training ends */
	LEAVE_DARK_STOPPING, /* the four ways as above */
	LEAVE_DARK_HANDING,
	LEAVE_DARK_TAKING,
	LEAVE_INTERRUPTED,   /* after a signal: until the training has stopped */
	/* Over. */
	LEAVE_DONE,
	LEAVE_DONE_INTERRUPTED,
	LEAVE_AT_ONCE,  /* without waiting for the training */
	LEAVE_STATES,
};

enum leave_event {
	LEAVE_QUIT,          /* q on the first screen; nothing is training */
	LEAVE_QUIT_TRAINING, /* the same while something is */
	LEAVE_SCRIPT_ENDED,
	LEAVE_CHOSE_RUNNING, /* answers to the question */
	LEAVE_CHOSE_STOP,
	LEAVE_CHOSE_BACK,
	LEAVE_IDLE,          /* nothing is training, nor was */
	LEAVE_FINISHED,      /* how the training ended */
	LEAVE_STOPPED,
	LEAVE_FAILED,
	LEAVE_TAKEN,         /* the other process says that it goes on */
	LEAVE_REFUSED,       /* it could not be started, or ended, or does nothing */
	LEAVE_SIGNAL,        /* INT, QUIT, TERM */
	LEAVE_HANGUP,        /* the terminal went */
	LEAVE_EVENTS,
};

/* What to do when the state changes. */
enum leave_deed {
	LEAVE_NOTHING,
	LEAVE_ASK,           /* put the question */
	LEAVE_STOP,          /* ask the training to stop after a checkpoint */
	LEAVE_STOP_TO_HAND,  /* the same, and say that it will be handed over */
	LEAVE_SAY_WAITING,   /* say that it takes a checkpoint first */
	LEAVE_START_OTHER,   /* start the other process */
	LEAVE_CALL_OFF,      /* ask the other process to stop */
	LEAVE_KEEP,          /* go on with the training here, and say why */
	LEAVE_COMPLAIN,      /* say why the training failed */
	LEAVE_TELL_FINISHED, /* a last line: what became of the training */
	LEAVE_TELL_STOPPED,
	LEAVE_TELL_RUNNING,
	LEAVE_DEEDS,
};

struct leave_step {
	enum leave_state next;
	enum leave_deed deed;
};

/* What follows. An event that means nothing in a state changes nothing. */
struct leave_step leave_next(enum leave_state state, enum leave_event event);

bool leave_has_screens(enum leave_state state);
bool leave_is_over(enum leave_state state);

#endif
