/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The screens without a screen (`revue --plain`): what they show as lines that are only ever appended, for screen readers and for
 * terminals that cannot move their cursor. The same state, the same actions: what is typed becomes keys and actions of the
 * app (ui/app.h), and what the screens say of themselves (ui/plain/teller.h) is said where it has changed. */
#ifndef REVUE_UI_PLAIN_PLAIN_H
#define REVUE_UI_PLAIN_PLAIN_H

#include "ui/app.h"
#include "ui/plain/announce.h"
#include "ui/plain/teller.h"
#include "ui/plain/voice.h"

struct plain {
	struct app *app;
	view_teller *const *tells; /* [SCREEN_COUNT] */
	struct voice *voice;
	bool terminal;             /* keys are typed; else lines come from a pipe or a file */

	struct teller told;        /* what was told last, */
	enum screen screen;        /* of this screen */
	uint64_t said;             /* messages that were told, as they count them */
	const struct app_choice *asked; /* the question that was told */
	bool prompted;             /* the prompt of the app was told, where there is no terminal that shows it */

	bool owed;                 /* something was asked for: what has changed is to be told */
	double owed_since;
	bool later;                /* it was told while work went on: the rest when that is done */
	int step;                  /* of the tour that was told, from 1 */
	bool choose;               /* a line was chosen by its number: it is told */
	bool quiet;                /* nothing was said in answer yet */
	bool answered;             /* the prompt is to be seen again */
	bool scoring;              /* the review that is typed waits for its scores, and is kept then */
	bool waiting;              /* no line is taken until nothing trains (the action "wait") */

	struct announcer announcer;
	bool own;                  /* the run at own_path was started here */
	char own_path[PATH_MAX];
};

/* A line was ended, in whatever state the program is: an answer, a review, a command. */
void plain_line(struct plain *plain, const char *text);

/* Says what is to be said: messages, questions, what has changed, news of a training. Nothing while somebody types. */
void plain_speak(struct plain *plain, bool typing);

/* Nothing is owed, so that the next line of a pipe is taken. */
bool plain_is_ready(const struct plain *plain);

/* Milliseconds until plain_speak has something to do although nothing happens; -1: none. */
int plain_timeout(const struct plain *plain);

/* The command line, unless the app wants something else typed; what stands before it. */
void plain_listen(struct plain *plain);
const char *plain_prompt(const struct plain *plain);
bool plain_is_commanded(const struct plain *plain); /* what is typed is a command, or the answer to a question */

/* What the screen shows counts as told. */
void plain_take_in(struct plain *plain);

/* A line of our own. */
void plain_say(struct plain *plain, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
