/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/doubtful.h"

#include "ui/terminal/terminfo.h"

#include <curses.h>
#include <string.h>

void doubtful_note(struct doubtful_rows *rows, int y)
{
	if (y >= 0 && y < LAYOUT_SIZE_MAX)
		rows->now[y] = true;
}

bool doubtful_has_changed(int y)
{
	const int columns = getmaxx(stdscr);
	cchar_t before, now;

	for (int x = 0; x < columns; x++) {
		mvwin_wch(curscr, y, x, &before);
		mvin_wch(y, x, &now);
		if (memcmp(&before, &now, sizeof now) != 0)
			return true;
	}
	return false;
}

/* Where the terminal counts columns otherwise than curses, what stands after them, and is left of it when the row changes, is
 * elsewhere than curses takes it to be; half a flag is nothing. So the row is written as a whole. Behind it the cursor is
 * elsewhere, too, and curses may go on from there by steps: it is put where curses takes it to be. */
static void write_row(int y, void (*write)(void *context, const char *bytes), void *context)
{
	untouchwin(stdscr);
	wredrawln(stdscr, y, 1);
	leaveok(stdscr, FALSE);
	move(y, 0);
	wnoutrefresh(stdscr);
	doupdate();
	write(context, terminfo_move(y, 0));
}

void doubtful_write(struct doubtful_rows *rows, const char *wrap_off, void (*write)(void *context, const char *bytes), void *context)
{
	const int count = getmaxy(stdscr) < LAYOUT_SIZE_MAX ? getmaxy(stdscr) : LAYOUT_SIZE_MAX;
	bool wrote = false;

	for (int y = 0; y < count; y++) {
		if ((rows->now[y] || rows->before[y]) && doubtful_has_changed(y)) {
			write_row(y, write, context);
			wrote = true;
			if (y == count - 1)
				write(context, wrap_off);
		}
		rows->before[y] = rows->now[y];
		rows->now[y] = false;
	}
	if (wrote)
		touchwin(stdscr);
}
