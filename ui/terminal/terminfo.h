/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the terminal database says, asked before curses starts. A file of its own because <term.h> defines
 * `columns`, `lines` and hundreds of other words as macros. */
#ifndef REVUE_UI_TERMINFO_H
#define REVUE_UI_TERMINFO_H

#include "engine/error.h"

#include <stddef.h>

/* False with one line when a terminal of this type (NULL: TERM is not set) cannot show the screens. */
bool terminfo_check(const char *name, int fd, struct error *error);

/* False: a terminal of this type cannot move its cursor. True also of a type that is not known here, which terminfo_check
 * refuses. */
bool terminfo_can_move(const char *name);

/* Whether the type that was checked last says how large its terminals are; "linux" does not. */
bool terminfo_has_size(void);

/* Whether it has a second screen for programs, so that what stood there before comes back when they leave. */
bool terminfo_has_second_screen(void);

/* What lets a line that is too long end in the last column, and what lets it go on in the next line again; borrowed, until
 * curses ends. False: such a terminal has no words for it, or stands elsewhere than curses believes then. */
bool terminfo_wrap_mode(const char **off, const char **on);

/* What moves the cursor; borrowed, until the next call. "": it has no such words. */
const char *terminfo_move(int y, int x);

/* What makes all lines of a terminal with so many rows those that scroll, and moves the cursor; borrowed, until the next
 * call. "": it has no such words. */
const char *terminfo_scroll_all(int rows);

/* What undoes all that curses and we have told a terminal with so many rows, `first` before anything else: pieces of words
 * are cut off, attributes, mouse and the second screen left, lines wrapped and the cursor shown. Returns its size. */
size_t terminfo_undo(const char *first, int rows, char *out, size_t capacity);

#endif
