/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A screen is data plus a small table of functions. The app owns the data (state_size bytes, zeroed) and
 * decides when to draw; a screen never draws outside of `draw`. */
#ifndef REVUE_UI_VIEW_H
#define REVUE_UI_VIEW_H

#include "ui/action.h"
#include "ui/terminal/key.h"
#include "ui/terminal/layout.h"

#include <stddef.h>

struct app;
struct teller;

struct view {
	const char *title;
	size_t state_size;

	/* The screen comes to the front. May be NULL, as all but context and draw may. */
	void (*show)(struct app *app, void *state);
	/* After `show`, when the screen was asked for and not come back to. */
	void (*open)(struct app *app, void *state);

	/* What the screen is busy with: one bit of enum action_context. */
	unsigned (*context)(const struct app *app, const void *state);

	/* Draws, and does nothing else: no work is asked for here. */
	void (*draw)(struct app *app, void *state, struct rect body);

	/* Something was done, or has changed, or the size is another, and the screen is in front: it fits itself into `body`
	 * and asks for the work that belongs to what can be seen. Called before every frame. */
	void (*settle)(struct app *app, void *state, struct rect body);

	/* Does an action of the table; `argument` is "" when there is none. False: not for this screen. */
	bool (*action)(struct app *app, void *state, enum action action, const char *argument);

	/* Whether an action of its own can be done now; the footer leaves out the others. May be NULL: all of them can. */
	bool (*offers)(const struct app *app, const void *state, enum action action);

	/* What such an action is called in the footer now; NULL: by its name. May be NULL. */
	const char *(*word)(const struct app *app, const void *state, enum action action);

	/* The match of number `index` for a word of an expression of rows that is being typed, allocated; NULL: there are no more.
	 * May be NULL. */
	char *(*complete)(const struct app *app, const void *state, const char *word, int index);

	/* Sees every key first, while text is being typed. True: taken. */
	bool (*key)(struct app *app, void *state, int key);

	/* Something was done with the mouse at a cell of the screen. False: not for this screen, whose list it moves in then. May be
	 * NULL. */
	bool (*mouse)(struct app *app, void *state, enum mouse_deed deed, int y, int x);

	/* Something in the session may have changed. */
	void (*wake)(struct app *app, void *state);

	/* Work of its own that `wait idle` in a script waits for. */
	bool (*busy)(const struct app *app, const void *state);

	/* In how many milliseconds it wants to be woken, because what it shows changes without a word; -1: never. Asked of the screen
	 * in front. May be NULL. */
	int (*timeout)(const struct app *app, const void *state);

	/* What would be lost if the screens were closed now, as "a review that is not kept"; NULL: nothing. */
	const char *(*loses)(const struct app *app, const void *state);
	/* The screens will be closed: what can be kept is. True: something was, which `loses` would have named otherwise. */
	bool (*keep)(struct app *app, void *state);

	void (*close)(void *state);
};

/* X(id, name): the table of each is screen_NAME, and NAME_tell says in lines what it shows, for `revue --plain`
 * (ui/plain/teller.h). A screen that lacks the latter does not link. */
#define SCREENS(X) \
	X(DATA, data) \
	X(REVIEWS, reviews) \
	X(TRAIN, train) \
	X(SCORE, score) \
	X(RUNS, runs) \
	X(HELP, help) \
	X(MESSAGES, messages)

enum screen {
#define X(id, name) SCREEN_##id,
	SCREENS(X)
#undef X
	SCREEN_COUNT,
};

#define X(id, name) \
	extern const struct view screen_##name; \
	void name##_tell(struct app *app, void *state, struct teller *teller);
SCREENS(X)
#undef X

typedef void view_teller(struct app *app, void *state, struct teller *teller);

#endif
