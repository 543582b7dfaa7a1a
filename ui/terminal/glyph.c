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

/* Letters of one column, and what the screens draw themselves. A soft hyphen is seen by some terminals. */
static bool is_settled(wchar_t c)
{
	return wcwidth(c) == 1 && c != 0xAD &&
	       (c < 0x300 || (c >= 0x370 && c < 0x590) || (c >= 0x2010 && c < 0x2028) || (c >= 0x2190 && c < 0x2200) ||
	        (c >= 0x2500 && c < 0x2600) || (c >= 0x2800 && c < 0x2900) || c == 0xFFFD);
}

bool glyph_is_doubtful(const char *glyph, size_t size)
{
	mbstate_t state = {0};
	bool doubtful = false;

	for (size_t at = 0; at < size && !doubtful;) {
		wchar_t code = 0;
		const size_t length = mbrtowc(&code, glyph + at, size - at, &state);

		doubtful = length == 0 || length > size - at || !is_settled(code);
		at += doubtful ? 0 : length;
	}
	return doubtful;
}
