/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/inks.h"

#include <stdlib.h>

static attr_t attributes_of(unsigned attributes)
{
	return (attributes & THEME_BOLD ? A_BOLD : A_NORMAL) | (attributes & THEME_REVERSE ? A_REVERSE : A_NORMAL) |
	       (attributes & THEME_UNDERLINE ? A_UNDERLINE : A_NORMAL);
}

/* How many colours are used; 0: none. */
static int colors_used(bool color, const struct settings *settings)
{
	static const int wanted[] = {[COLORS_AUTO] = 256, [COLORS_NONE] = 0, [COLORS_8] = 8, [COLORS_16] = 16, [COLORS_256] = 256};
	const int setting = settings->values[SETTING_COLORS];
	const char *no_color = getenv("NO_COLOR");

	if (!color || (setting == COLORS_AUTO && no_color && *no_color))
		return 0;
	return COLORS < wanted[setting] ? COLORS : wanted[setting];
}

void inks_make(struct inks *inks, bool color, const struct settings *settings)
{
	const struct theme_style *styles = themes[settings->values[SETTING_THEME]].styles;
	const int colors = colors_used(color, settings);

	for (short i = 0; i < STYLE_COUNT; i++) {
		const short ink = colors >= 256 ? styles[i].many : colors >= 16 ? styles[i].some : styles[i].few;

		inks->attributes[i] = attributes_of(colors > 0 ? styles[i].attributes : styles[i].mono);
		inks->pairs[i] = 0;
		if (colors > 0 && ink >= 0 && init_pair((short)(i + 1), ink, -1) == OK)
			inks->pairs[i] = (short)(i + 1);
	}
}

enum style inks_style(const struct inks *inks, attr_t attributes, short pair)
{
	for (int i = 0; i < STYLE_COUNT; i++) {
		if (inks->attributes[i] == attributes && inks->pairs[i] == pair)
			return (enum style)i;
	}
	return STYLE_NORMAL;
}
