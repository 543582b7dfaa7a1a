/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A guided tour over the screens (`revue tour`): one step at a time stands in a strip below the screen, and the next one comes
 * when the step is done, by whatever way. What the steps are stands in ui/tour/tour_steps.c. */
#ifndef REVUE_UI_TOUR_TOUR_H
#define REVUE_UI_TOUR_TOUR_H

#include "ui/app.h"

struct tour_step {
	/* ASCII. {reviews} stands for what does the action of that name now: "press 2", or in lines "type reviews". */
	const char *text;
	/* How far the person is with it, by the state of the program; NULL: it ends when it is skipped. */
	uint64_t (*measure)(const struct app *app);
	uint64_t least; /* it is done at so much, */
	bool more;      /* or at more by so much than when the step began */
};

/* Start with {.steps, .count}. */
struct tour {
	const struct tour_step *steps;
	int count, at;
	bool began;     /* the step's `before` is known */
	bool held;      /* somebody went back to it: it is not passed over because it is done */
	uint64_t before;
};

/* Goes on where the step is done: after whatever may have changed the state. */
void tour_update(struct app *app);

/* Skips the step (1), or goes back to the one before (-1); says that there is no tour where there is none. */
void tour_move(struct app *app, int by);

/* "Tour, step 3 of 15", and what is to be done. */
#define TOUR_TEXT_MAX 1024
void tour_title(const struct app *app, char *out, size_t capacity);
void tour_text(const struct app *app, char out[TOUR_TEXT_MAX]);

/* Rows that the strip wants on a screen of so many columns; 0: there is no tour. */
int tour_rows(const struct app *app, int columns);
void tour_draw(const struct app *app, struct rect rect);

#endif
