/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What --teacher says, a line each: MODEL, MODEL:WEIGHT, MODEL:WORDS or MODEL:WEIGHT:WORDS, where WORDS is a range of lengths:
 * 5-80, 81- or -80. */
#ifndef REVUE_TEACH_TEACHER_WISH_H
#define REVUE_TEACH_TEACHER_WISH_H

#include "engine/error.h"

#include <stddef.h>
#include <stdint.h>

#define TEACHERS_MAX 8

/* Of texts, in words with white space between. */
struct text_lengths {
	uint32_t least, most; /* most UINT32_MAX: any number */
};

struct teacher_wish {
	char path[4096];
	double weight; /* above 0; shares of all of them come later */
	bool weighted; /* it was said */
	struct text_lengths lengths; /* of those that it is asked about */
};

/* Returns how many there are, at most TEACHERS_MAX; 0 with one line: a weight that is none, or there is no model. What stands
 * after a colon is a weight where it is a number, unless a folder has all of it as its name. "": none, without a line. */
int teacher_wishes(const char *lines, struct teacher_wish *wishes, struct error *error);

/* The line of a wish whose path is another one now. False: it does not fit. */
bool teacher_wish_add(char *lines, size_t capacity, const struct teacher_wish *wish);

#endif
