/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the terminal database says, asked before curses starts. A file of its own because <term.h> defines
 * `columns`, `lines` and hundreds of other words as macros. */
#ifndef REVUE_UI_TERMINFO_H
#define REVUE_UI_TERMINFO_H

#include "engine/error.h"

/* False with one line when a terminal of this type (NULL: TERM is not set) cannot show the screens. */
bool terminfo_check(const char *name, int fd, struct error *error);

/* Whether the type that was checked last says how large its terminals are; "linux" does not. */
/* False: a terminal of this type cannot move its cursor. True also of a type that is not known here, which terminfo_check
 * refuses. */
bool terminfo_can_move(const char *name);

bool terminfo_has_size(void);

/* Whether it has a second screen for programs, so that what stood there before comes back when they leave. */
bool terminfo_has_second_screen(void);

#endif
