/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Word wrap of scrubbed text by the widths of its glyphs, and the styles of its parts, which survive the wrapping at any
 * width. Pure: knows no curses. */
#ifndef REVUE_UI_TEXT_H
#define REVUE_UI_TEXT_H

#include "engine/scrub.h"

/* Glyphs [offset, offset + length) of the text in one style: what the number means is the caller's affair; 0: as other
 * text. */
struct text_span {
	size_t offset, length;
	int style;
};

/* One line on the screen: glyphs [first, first + count), `width` columns. Spaces where the line was broken
 * and a kept '\n' belong to no line's count, but text_locate knows where they are. */
struct text_line {
	size_t first, count;
	int width;
	size_t span, span_count; /* spans [span, span + span_count) of text_lines, in order, together the whole line */
};

/* Start with {0}; reusable; end with text_lines_free. */
struct text_lines {
	struct text_line *lines;
	size_t count, capacity;
	struct text_span *spans;
	size_t spans_count, spans_capacity;
};

/* Breaks `text` into lines of at most `columns` (>= 1; a glyph of two columns in one counts as one) at
 * spaces and, where a word is longer than a line, anywhere. There is always one line, and each is one span of style 0.
 * False: out of memory. */
bool text_wrap(struct text_lines *out, const struct scrubbed *text, int columns);

/* Gives parts of the text that was wrapped a style, instead of those that were given before. `spans` may lie anywhere and
 * overlap: a later one lies on top. False: out of memory; there may be lines without spans then. */
bool text_style(struct text_lines *lines, const struct scrubbed *text, const struct text_span *spans, size_t count);
void text_lines_free(struct text_lines *lines);

/* Where glyph `index` (up to text->count: after the last) stands. */
void text_locate(const struct text_lines *lines, const struct scrubbed *text, size_t index, int columns,
                 size_t *row, int *column);

/* The first glyph that stems from byte `source` or later of the text that was scrubbed. */
size_t text_glyph_at(const struct scrubbed *text, size_t source);

#endif
