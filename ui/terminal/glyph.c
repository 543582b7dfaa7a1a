/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/glyph.h"

#include <string.h>
#include <wchar.h>

size_t glyph_drawable(const char *glyph, size_t size, int width)
{
	mbstate_t state = {0};
	size_t at = 0, first = 0;
	int columns = 0, alone = -1;
	bool known = true;

	while (at < size && known) {
		wchar_t code;
		const size_t length = mbrtowc(&code, glyph + at, size - at, &state);
		const int own = length > 0 && length <= size - at ? wcwidth(code) : -1;

		known = own >= 0;
		columns += own;
		at += known ? length : 0;
		if (first == 0) {
			first = at;
			alone = own;
		}
	}
	if (known && columns == width)
		return size;
	return alone == width ? first : 0;
}

bool glyph_is_flag(const char *glyph, size_t size)
{
	return size == 8 && memcmp(glyph, "\xF0\x9F\x87", 3) == 0 && memcmp(glyph + 4, "\xF0\x9F\x87", 3) == 0;
}
