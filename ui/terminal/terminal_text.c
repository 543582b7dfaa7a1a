/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a program or a test reads back of the screen. */
#include "ui/terminal/key.h"
#include "ui/terminal/terminal.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

bool terminal_save(const struct terminal *terminal, FILE *out)
{
	const int columns = terminal_columns(terminal) > 0 ? terminal_columns(terminal) : 1;
	const size_t capacity = (size_t)columns * CCHARW_MAX + 1;
	wchar_t *line = calloc(capacity, sizeof *line);

	if (!line)
		return false;
	for (int y = 0; y < terminal_rows(terminal); y++) {
		char bytes[4];
		size_t length;

		mvinnwstr(y, 0, line, (int)capacity - 1);
		for (length = wcslen(line); length > 0 && line[length - 1] == L' '; length--)
			;
		for (size_t i = 0; i < length; i++)
			fwrite(bytes, 1, key_encode((unsigned)line[i], bytes), out);
		fputc('\n', out);
	}
	free(line);
	return !ferror(out);
}

int terminal_cell_columns(const char *cell)
{
	mbstate_t decoder = {0};
	wchar_t code = 0;

	return mbrtowc(&code, cell, strlen(cell), &decoder) > 0 && wcwidth(code) == 2 ? 2 : 1;
}

bool terminal_shows(const struct terminal *terminal, const char *text)
{
	char *screen = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&screen, &size);
	bool found;

	if (!memory)
		return false;
	terminal_save(terminal, memory);
	fclose(memory);
	found = screen && strstr(screen, text);
	free(screen);
	return found;
}
