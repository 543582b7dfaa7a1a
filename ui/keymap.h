/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The keys that the person has chosen: they stand over those of the action table. There is one set of them in a process, as
 * there is one keyboard; the UI thread alone uses it. ui/action.h asks it, all others ask ui/action.h. Pure: knows no
 * terminal. */
#ifndef REVUE_UI_KEYMAP_H
#define REVUE_UI_KEYMAP_H

#include <stdbool.h>

#define KEYMAP_MAX 256
#define KEYMAP_ARGUMENT_MAX 200

struct binding {
	unsigned contexts; /* of enum action_context; never 0 */
	int key;
	int action;        /* ACTION_NONE: the key means nothing there */
	char argument[KEYMAP_ARGUMENT_MAX]; /* what the action is told; "" */
};

/* From now on the key means this there, whatever it meant before. False: there are too many, or `argument` is too long. */
bool keymap_bind(unsigned contexts, int key, int action, const char *argument);

/* What the person says of a key in `context` (one bit); NULL: nothing. */
const struct binding *keymap_find(unsigned context, int key);

/* In the order in which they were made. */
int keymap_count(void);
const struct binding *keymap_at(int index);

void keymap_clear(void); /* the keys of the table again; for tests */

#endif
