/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The characters that lines are drawn with: how many dots one of them has, and which one has just these. Pure. */
#ifndef REVUE_UI_DOTS_H
#define REVUE_UI_DOTS_H

#include <stdint.h>

enum chart_glyphs {
	CHART_BRAILLE,  /* 2 x 4 dots in a cell (Unicode 2800) */
	CHART_QUADRANT, /* 2 x 2 (Unicode 2596) */
	CHART_HALF,     /* 1 x 2: the blocks that most console fonts have */
	CHART_ASCII,    /* 1 x 3 */
	CHART_GLYPHS,
};

int dots_across(enum chart_glyphs glyphs);
int dots_down(enum chart_glyphs glyphs);

/* The character of these dots, bit row * across + column; ' ' where there are none. A shade, which lies behind a line, has
 * other characters in ASCII. */
uint32_t dots_glyph(enum chart_glyphs glyphs, uint32_t bits, int shade);

#endif
