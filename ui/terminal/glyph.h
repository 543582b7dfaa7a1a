/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether the C library, by whose widths curses moves, agrees with engine/scrub.h on the columns of a glyph. Pure: knows
 * no curses; the locale's characters (LC_CTYPE) count. */
#ifndef REVUE_UI_GLYPH_H
#define REVUE_UI_GLYPH_H

#include <stdbool.h>
#include <stddef.h>

/* How many of the `size` bytes of a glyph can be drawn in `width` columns: all of them where the columns of its code
 * points add up to that (a flag is two letters of one column each, a mark takes none); those of its first code point
 * where the marks on it are what the C library does not know; 0 where nothing of it fits. */
size_t glyph_drawable(const char *glyph, size_t size, int width);

/* Whether a terminal may count its columns otherwise: marks, flags, emoji, scripts with characters of no column or of two. UTF-8. */
bool glyph_is_doubtful(const char *glyph, size_t size);

#endif
