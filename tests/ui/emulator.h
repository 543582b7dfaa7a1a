/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A terminal, for tests of what the program makes of one: libvterm, with an account of all that is more than cells and a
 * cursor. libvterm ignores in silence some of what it does not know, so the same bytes go through its parser once more,
 * and each sequence has to be one that curses needs to draw. */
#ifndef REVUE_TESTS_EMULATOR_H
#define REVUE_TESTS_EMULATOR_H

#ifdef REVUE_TEST_EMULATOR /* libvterm is there */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vterm.h>

struct emulator {
	VTerm *terminal, *parser;
	VTermScreen *screen;
	int rows, columns;
	VTermPos cursor;
	int properties[VTERM_N_PROPS]; /* those that are numbers */
	bool strict;          /* from now on nothing but drawing is in order: modes, titles and the like are faults */
	char fault[256];      /* the first of them; "": none */
	unsigned char cut[4]; /* a character whose end has not come yet */
	size_t cut_size;
	unsigned char glyph[64]; /* what was written last, with its marks; nothing where it was no text */
	size_t glyph_size;
	size_t ascii; /* bytes of ASCII_BEGINS that have come */
	bool stayed; /* it did not move the cursor, as in the last column */
};

/* In UTF-8, as xterm. Ends the process when memory is short. emulator_close frees it. */
struct emulator *emulator_open(int rows, int columns);
void emulator_close(struct emulator *emulator);

/* As if somebody had pulled at the window. */
void emulator_resize(struct emulator *emulator, int rows, int columns);

/* What the program has written. */
void emulator_feed(struct emulator *emulator, const char *bytes, size_t size);

void emulator_cell(const struct emulator *emulator, int row, int column, VTermScreenCell *out);

/* A row as UTF-8, without its colours; NUL-terminated. */
void emulator_row(const struct emulator *emulator, int row, char *out, size_t capacity);

/* Columns that this terminal gives a code point: 0, 1 or 2. One that it takes for a control: -1. */
int emulator_width(uint32_t code_point);

/* Whether it stands in the cell of the character before it. Some of those have columns all the same, which that cell then has
 * besides its own (U+302F). */
bool emulator_joins(uint32_t code_point);

/* Whether two cells have the same colours and attributes. */
bool emulator_same_look(const VTermScreenCell *a, const VTermScreenCell *b);

#endif
#endif
