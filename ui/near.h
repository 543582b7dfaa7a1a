/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which of several names is spelled nearly as a word: for "did you mean". Pure. */
#ifndef REVUE_UI_NEAR_H
#define REVUE_UI_NEAR_H

#include <stddef.h>

struct near {
	const char *word;
	const char *name; /* the nearest of those that were offered; NULL: none is near. Borrowed */
	size_t distance;  /* of it */
};

struct near near_to(const char *word);
void near_offer(struct near *near, const char *name);

#endif
