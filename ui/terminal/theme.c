/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/theme.h"

#define B THEME_BOLD
#define R THEME_REVERSE
#define U THEME_UNDERLINE

const struct theme themes[THEME_COUNT] = {
	/* Blue and orange differ for every kind of eye (Okabe and Ito, 2008). */
	{"default", "blue and orange, for every kind of eye, on dark and on light", {
		[STYLE_NORMAL] = {-1, -1, -1, 0, 0},
		[STYLE_TITLE] = {-1, -1, -1, B, B},
		[STYLE_SELECTED] = {-1, -1, -1, R, R},
		[STYLE_DIM] = {244, 8, -1, 0, 0},
		[STYLE_ERROR] = {160, 1, 1, B, B},
		[STYLE_GOOD] = {35, 2, 2, 0, 0},
		[STYLE_MATCH] = {214, 3, 3, B | U, B | U},
		[STYLE_FIRST] = {39, 6, 6, 0, 0},
		[STYLE_SECOND] = {208, 5, 5, B, B},
		[STYLE_FOR] = {75, 6, 6, 0, B},
		[STYLE_FOR_MUCH] = {39, 14, 6, B | U, B | U},
		[STYLE_AGAINST] = {215, 3, 3, 0, U},
		[STYLE_AGAINST_MUCH] = {208, 11, 3, B | R, R},
		[STYLE_RUN] = {36, 2, 2, 0, 0},
		[STYLE_RUN + 1] = {175, 5, 5, 0, 0},
		[STYLE_RUN + 2] = {220, 3, 3, 0, 0},
		[STYLE_RUN + 3] = {117, 4, 4, 0, 0},
		[STYLE_RUN + 4] = {166, 1, 1, 0, 0},
		[STYLE_RUN_LAST] = {252, 7, 7, 0, 0},
	}},
	{"light", "darker colours, for a white background", {
		[STYLE_NORMAL] = {-1, -1, -1, 0, 0},
		[STYLE_TITLE] = {-1, -1, -1, B, B},
		[STYLE_SELECTED] = {-1, -1, -1, R, R},
		[STYLE_DIM] = {240, 8, -1, 0, 0},
		[STYLE_ERROR] = {124, 1, 1, B, B},
		[STYLE_GOOD] = {22, 2, 2, 0, 0},
		[STYLE_MATCH] = {130, 1, 1, B | U, B | U},
		[STYLE_FIRST] = {25, 4, 4, 0, 0},
		[STYLE_SECOND] = {130, 5, 5, B, B},
		[STYLE_FOR] = {25, 4, 4, 0, B},
		[STYLE_FOR_MUCH] = {18, 4, 4, B | U, B | U},
		[STYLE_AGAINST] = {130, 1, 1, 0, U},
		[STYLE_AGAINST_MUCH] = {130, 1, 1, B | R, R},
		[STYLE_RUN] = {23, 2, 2, 0, 0},
		[STYLE_RUN + 1] = {90, 5, 5, 0, 0},
		[STYLE_RUN + 2] = {94, 3, 3, 0, 0},
		[STYLE_RUN + 3] = {18, 4, 4, 0, 0},
		[STYLE_RUN + 4] = {88, 1, 1, 0, 0},
		[STYLE_RUN_LAST] = {240, 8, -1, 0, 0},
	}},
	{"contrast", "nothing dim, all colours bright and bold", {
		[STYLE_NORMAL] = {-1, -1, -1, 0, 0},
		[STYLE_TITLE] = {-1, -1, -1, B | U, B | U},
		[STYLE_SELECTED] = {-1, -1, -1, R | B, R | B},
		[STYLE_DIM] = {-1, -1, -1, 0, 0},
		[STYLE_ERROR] = {196, 9, 1, B | U, B | U},
		[STYLE_GOOD] = {46, 10, 2, B, B},
		[STYLE_MATCH] = {226, 11, 3, B | R, B | R},
		[STYLE_FIRST] = {51, 14, 6, B, 0},
		[STYLE_SECOND] = {226, 11, 3, B, B},
		[STYLE_FOR] = {51, 14, 6, B, B},
		[STYLE_FOR_MUCH] = {51, 14, 6, B | U, B | U},
		[STYLE_AGAINST] = {226, 11, 3, B, U},
		[STYLE_AGAINST_MUCH] = {226, 11, 3, B | R, R},
		[STYLE_RUN] = {48, 2, 2, 0, 0},
		[STYLE_RUN + 1] = {213, 5, 5, 0, 0},
		[STYLE_RUN + 2] = {227, 3, 3, 0, 0},
		[STYLE_RUN + 3] = {123, 4, 4, 0, 0},
		[STYLE_RUN + 4] = {208, 1, 1, 0, 0},
		[STYLE_RUN_LAST] = {255, 15, 7, 0, 0},
	}},
};

/* xterm's: sixteen of their own, a cube of 6 x 6 x 6, 24 greys. */
void theme_rgb(int color, int rgb[3])
{
	static const unsigned own[16] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
	                                 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff};
	static const int levels[6] = {0, 95, 135, 175, 215, 255};
	const int cube = color - 16;

	for (int i = 0; i < 3; i++) {
		if (color < 16)
			rgb[i] = (int)(own[color & 15] >> (16 - 8 * i) & 0xFF);
		else if (color < 232)
			rgb[i] = levels[(i == 0 ? cube / 36 : i == 1 ? cube / 6 : cube) % 6];
		else
			rgb[i] = 8 + 10 * (color - 232);
	}
}
