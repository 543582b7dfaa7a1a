/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the styles of the theme are on this terminal: attributes and pairs of colours of curses, which must have been started. */
#ifndef REVUE_UI_INKS_H
#define REVUE_UI_INKS_H

#include "ui/settings.h"

#include <curses.h>

struct inks {
	attr_t attributes[STYLE_COUNT];
	short pairs[STYLE_COUNT]; /* 0: the terminal's own colours */
};

/* As the settings say; without colours where `color` is false, or NO_COLOR is set and the settings say nothing. */
void inks_make(struct inks *inks, bool color, const struct settings *settings);

/* The style that looks so. */
enum style inks_style(const struct inks *inks, attr_t attributes, short pair);

#endif
