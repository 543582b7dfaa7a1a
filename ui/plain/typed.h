/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What comes in on standard input: lines of a pipe or a file; of a terminal its modes, for keys that arrive as they are
 * pressed. */
#ifndef REVUE_UI_PLAIN_TYPED_H
#define REVUE_UI_PLAIN_TYPED_H

#include "engine/error.h"

#include <stddef.h>
#include <termios.h>

#define TYPED_LINE_MAX ((size_t)1 << 20) /* bytes; a longer line is cut */

/* Start with {0}, end with typed_free. */
struct typed {
	char *bytes; /* [size] that have come and are not taken yet */
	size_t size, capacity;
	bool ended, skipping; /* skipping: the rest of a line that was cut */
};

void typed_free(struct typed *typed);

/* Reads what is there, once; it waits where nothing is. Without memory, or at an error, the input has ended. */
void typed_read(struct typed *typed);
bool typed_has_line(const struct typed *typed);

/* The next line without its line feed, for the caller to free; the last one may lack it. NULL: none yet, or, where `ended`, no
 * more. *cut: it was too long. */
char *typed_take(struct typed *typed, bool *cut);

/* Keys one by one and not shown, signals as before; and back. */
void typed_begin_keys(struct termios *before);
void typed_end_keys(const struct termios *before);
bool typed_is_ours(void); /* not in the background */

#endif
