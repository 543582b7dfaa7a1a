/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/shell_word.h"

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%"

void shell_word_put(FILE *out, struct span text)
{
	if (text.size > 0 && strspn(text.data, PLAIN) >= text.size) {
		fwrite(text.data, 1, text.size, out);
		return;
	}
	fputc('\'', out);
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] == '\'')
			fputs("'\\''", out);
		else
			fputc(text.data[i], out);
	fputc('\'', out);
}

void shell_word_put_path(FILE *out, const char *before, const char *path)
{
	fputs(before, out);
	if (*path == '-' && path[1])
		fputs("./", out);
	shell_word_put(out, span_of(path));
}
