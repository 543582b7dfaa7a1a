/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which rows of a file somebody marked: a bit each. Pure: knows no curses. */
#ifndef REVUE_UI_MARKS_H
#define REVUE_UI_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Start with {0}; end with marks_clear. */
struct marks {
	uint64_t *bits; /* [words] */
	size_t words;
	uint64_t count; /* rows that are marked */
};

bool marks_has(const struct marks *marks, uint64_t row);
bool marks_set(struct marks *marks, uint64_t row, bool marked); /* false: out of memory */
void marks_clear(struct marks *marks);
bool marks_copy(struct marks *out, const struct marks *marks); /* `out` starts as {0}. False: out of memory */

#endif
