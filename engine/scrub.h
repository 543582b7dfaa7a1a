/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Makes text from strangers fit for a terminal: reviews, labels, column names, paths, error messages.
 *
 * Everything that could move a cursor, start an escape sequence, reorder a line or hide itself is
 * replaced by something visible: C0, DEL and C1 controls, bidirectional controls (U+061C, U+200E,
 * U+200F, U+202A-202E, U+2066-2069), zero-width characters outside emoji sequences (U+200B-200D,
 * U+2060, U+FEFF), U+2028 and U+2029, private use, non-characters, tags, and bytes that are not UTF-8.
 * Combining marks on one base are capped. Variation selectors, skin tones and the joiners inside emoji
 * sequences are left out: terminals disagree about their columns, but not about those of the parts.
 * This is the one place where it is done; drawing code trusts its result. Implemented in engine/text; knows no curses and no locale. */
#ifndef REVUE_ENGINE_SCRUB_H
#define REVUE_ENGINE_SCRUB_H

#include "engine/span.h"

#include <stdint.h>

enum scrub_newline {
	SCRUB_NEWLINE_SPACE,  /* one line: a line break or TAB becomes one space */
	SCRUB_NEWLINE_SYMBOL, /* one line: a line break becomes U+21B5 (ASCII: '/'), TAB one space */
	SCRUB_NEWLINE_KEEP,   /* '\n' stays, CR LF and CR become '\n'; TAB one space */
};

struct scrub_options {
	enum scrub_newline newline;
	bool ascii; /* only bytes 0x20..0x7E (and '\n' where kept) come out; others become '?' or '.' */
};

/* One thing that takes room on a screen: a base character with its marks. */
struct glyph {
	uint32_t offset;  /* first byte in the scrubbed text */
	uint16_t size;    /* bytes */
	uint8_t width;    /* columns: 0 for '\n' that was kept, else 1 or 2 */
	bool substitute;  /* stands for something that was replaced: draw it dim */
	uint32_t source;  /* first byte in the text that was scrubbed */
};

/* Scrubbed text with its glyphs in order. Owned by the caller, reusable: start with {0}, hand it to
 * scrub_text any number of times, end with scrubbed_free. `text` is NUL-terminated UTF-8. */
struct scrubbed {
	char *text;
	size_t size;
	struct glyph *glyphs;
	size_t count;
	size_t text_capacity, glyph_capacity;
};

/* Returns false only when memory is short; `out` then holds an empty text. Linear in the input. */
bool scrub_text(struct scrubbed *out, struct span text, struct scrub_options options);
void scrubbed_free(struct scrubbed *scrubbed);

/* The same into a fixed buffer of `capacity` bytes, always NUL-terminated, cut at a glyph boundary and
 * after `columns` columns at most (0: no limit). Returns the columns used. */
int scrub_line(char *out, size_t capacity, int columns, struct span text, struct scrub_options options);

/* Columns that it takes in one line, `most` at most: also where a wide character at the cut leaves the last one free. */
int scrub_columns(struct span text, int most);

/* Columns that one code point takes, by this program's own tables: 0, 1 or 2. Shown for tests. */
int scrub_width(uint32_t code_point);

#endif
