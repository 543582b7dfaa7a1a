/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/ui/emulated_text.h"

#include "engine/text/unicode.h"
#include "ui/terminal/glyph.h"

#include <stdlib.h>
#include <string.h>

/* The cells that a glyph takes on this terminal; false: not as many as the program counts. */
static bool lay_glyph(const char *bytes, size_t size, int width, struct emulated_cell *out)
{
	const unsigned char *at = (const unsigned char *)bytes, *end = at + size;
	int used = 0, marks = 0;

	while (at < end) {
		const uint32_t c = unicode_decode(&at, end);
		const int columns = emulator_width(c);

		if (columns < 0 || used + columns > width || (columns == 0 && used == 0) || (columns > 0 && emulator_joins(c)))
			return false;
		if (columns == 0) {
			out[used - 1].chars[++marks] = c;
			continue;
		}
		out[used].chars[0] = c;
		if (columns == 2)
			out[used + 1].chars[0] = UINT32_MAX;
		used += columns;
		marks = columns == 2 ? -1 : 0; /* marks of a wide character stand in its first cell */
		if (columns == 2 && at < end)
			return false;
	}
	return used == width;
}

bool emulated_lay(const struct scrubbed *text, const struct glyph *glyph, struct emulated_cell *out)
{
	const char *bytes = text->text + glyph->offset;
	const size_t drawable = glyph_drawable(bytes, glyph->size, glyph->width);
	bool known;

	memset(out, 0, sizeof *out * (size_t)glyph->width);
	known = drawable > 0 ? lay_glyph(bytes, drawable, glyph->width, out) : lay_glyph("??", glyph->width, glyph->width, out);
	for (int i = 0; i < glyph->width; i++) {
		out[i].known = known;
		out[i].substitute = glyph->substitute;
	}
	return known;
}

bool emulated_agrees(struct scrubbed *text, struct span bytes)
{
	struct emulated_cell cells[2];

	if (!scrub_text(text, bytes, (struct scrub_options){SCRUB_NEWLINE_SPACE, false}))
		abort();
	for (size_t i = 0; i < text->count; i++) {
		if (!emulated_lay(text, &text->glyphs[i], cells))
			return false;
	}
	return true;
}
