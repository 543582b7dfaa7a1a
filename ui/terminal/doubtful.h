/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows with glyphs whose columns a terminal may count otherwise than curses (glyph_is_doubtful): how they are written, so that
 * nothing but themselves is at another place. */
#ifndef REVUE_UI_DOUBTFUL_H
#define REVUE_UI_DOUBTFUL_H

#include "ui/terminal/layout.h"

#include <stdbool.h>

struct doubtful_rows {
	bool now[LAYOUT_SIZE_MAX], before[LAYOUT_SIZE_MAX]; /* rows with such a glyph in this frame, and in the one before */
};

void doubtful_note(struct doubtful_rows *rows, int y);

/* Whether a row of the frame is another one than that on the screen. */
bool doubtful_has_changed(int y);

/* When the frame is drawn, before curses writes it: writes those rows that have or had such a glyph, if they changed. `write`
 * gets what goes to the terminal beside what curses writes, after it; wrap_off: "", or what it gets after the last row. */
void doubtful_write(struct doubtful_rows *rows, const char *wrap_off, void (*write)(void *context, const char *bytes), void *context);

#endif
