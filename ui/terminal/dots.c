/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/dots.h"

/* Braille dots are numbered down the left side, then the right, and the lowest row came later (Unicode 2800). */
static uint32_t braille(uint32_t bits)
{
	static const uint32_t dots[8] = {0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80};
	uint32_t glyph = 0x2800;

	for (int i = 0; i < 8; i++)
		glyph += bits >> i & 1 ? dots[i] : 0;
	return glyph;
}

/* Upper left, upper right, lower left, lower right are the bits 1, 2, 4, 8. */
static const uint32_t quadrants[16] = {' ', 0x2598, 0x259D, 0x2580, 0x2596, 0x258C, 0x259E, 0x259B,
                                       0x2597, 0x259A, 0x2590, 0x259C, 0x2584, 0x2599, 0x259F, 0x2588};
static const uint32_t halves[4] = {' ', 0x2580, 0x2584, 0x2588};
static const char lines[8] = {' ', '\'', '-', '|', '.', '|', '|', '|'};
static const char shades[8] = {' ', ':', ':', ':', ':', ':', ':', ':'};

static const struct {
	int across, down;
} kinds[CHART_GLYPHS] = {
	[CHART_BRAILLE] = {2, 4},
	[CHART_QUADRANT] = {2, 2},
	[CHART_HALF] = {1, 2},
	[CHART_ASCII] = {1, 3},
};

int dots_across(enum chart_glyphs glyphs)
{
	return kinds[glyphs].across;
}

int dots_down(enum chart_glyphs glyphs)
{
	return kinds[glyphs].down;
}

uint32_t dots_glyph(enum chart_glyphs glyphs, uint32_t bits, int shade)
{
	if (bits == 0)
		return ' ';
	switch (glyphs) {
	case CHART_BRAILLE:
		return braille(bits);
	case CHART_QUADRANT:
		return quadrants[bits & 15];
	case CHART_HALF:
		return shade ? 0x2591 : halves[bits & 3];
	default:
		return (uint32_t)(shade ? shades : lines)[bits & 7];
	}
}
