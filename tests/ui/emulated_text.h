/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the cells of a terminal emulator are to show of a text, by engine/scrub.h and ui/terminal/glyph.h. */
#ifndef REVUE_TESTS_EMULATED_TEXT_H
#define REVUE_TESTS_EMULATED_TEXT_H

#include "engine/scrub.h"
#include "tests/ui/emulator.h"

struct emulated_cell {
	uint32_t chars[VTERM_MAX_CHARS_PER_CELL];
	bool known, substitute;
};

/* The cells of one glyph, glyph->width of them. False: this terminal gives it other columns than the program does. */
bool emulated_lay(const struct scrubbed *text, const struct glyph *glyph, struct emulated_cell *out);

/* Whether the emulator counts the columns of all of it, in one line, as the program does; `text` holds it scrubbed then. Ends
 * the process when memory is short. */
bool emulated_agrees(struct scrubbed *text, struct span bytes);

#endif
