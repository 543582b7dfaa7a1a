/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/clipboard.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Types whose terminals take it, or pass over what they do not take. The Linux console prints it. */
static bool takes_it(const char *term)
{
	static const char *const types[] = {"xterm", "tmux", "screen", "foot", "alacritty", "rxvt", "kitty", "wezterm", "ghostty",
	                                    "contour", "konsole", "vte", "gnome", "iterm", "mintty", "putty", "st-"};

	for (size_t i = 0; term && i < sizeof types / sizeof *types; i++)
		if (strncmp(term, types[i], strlen(types[i])) == 0)
			return true;
	return false;
}

/* RFC 4648, section 4. Returns the end. */
static char *put_base64(char *out, struct span text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < text.size; i += 3) {
		uint32_t bits = 0;

		for (size_t j = 0; j < 3; j++)
			bits = bits << 8 | (i + j < text.size ? (unsigned char)text.data[i + j] : 0u);
		for (size_t j = 0; j < 4; j++)
			*out++ = i + j > text.size ? '=' : digits[bits >> (18 - 6 * j) & 63];
	}
	return out;
}

char *clipboard_sequence(const char *term, struct span text)
{
	static const char begin[] = "\033]52;c;";
	char *sequence, *end;

	if (!takes_it(term) || text.size > CLIPBOARD_MAX)
		return NULL;
	sequence = malloc(sizeof begin + (text.size + 2) / 3 * 4 + 1);
	if (!sequence)
		return NULL;
	memcpy(sequence, begin, sizeof begin - 1);
	end = put_base64(sequence + sizeof begin - 1, text);
	end[0] = '\a';
	end[1] = '\0';
	return sequence;
}
