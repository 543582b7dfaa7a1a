/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/terminfo.h"

#include <curses.h>
#include <term.h>
#include <unistd.h>

bool terminfo_check(const char *name, int fd, struct error *error)
{
	static const char advice[] = "the commands work without screens: revue score, train, eval, watch (revue --help)";
	int status;

	RETURN_IF(!name || !*name, error, ERROR_USAGE, "TERM is not set, so the screens cannot be drawn; %s", advice);
	use_env(FALSE); /* or setupterm() writes the size of this terminal over that of its type */
	if (setupterm(name, fd, &status) != OK)
		return error_set(error, ERROR_USAGE, "terminal type %s is not known here; %s", name, advice);
	RETURN_IF(!tigetstr("cup") || tigetstr("cup") == (char *)-1, error, ERROR_USAGE,
	          "a terminal of type %s cannot place its cursor; %s", name, advice);
	return true;
}

bool terminfo_can_move(const char *name)
{
	const char *move;
	int status;

	if (!*name)
		return false;
	use_env(FALSE);
	if (setupterm(name, STDOUT_FILENO, &status) != OK)
		return true;
	move = tigetstr("cup");
	status = move && move != (const char *)-1;
	del_curterm(cur_term); /* curses opens its own */
	return status;
}

bool terminfo_has_size(void)
{
	return tigetnum("lines") > 0 && tigetnum("cols") > 0;
}

bool terminfo_has_second_screen(void)
{
	const char *leave = tigetstr("rmcup");

	return leave && leave != (const char *)-1;
}

/* Where the glitch is, curses does not count on where the cursor stands after the last column. */
bool terminfo_wrap_mode(const char **off, const char **on)
{
	if (!auto_right_margin || !eat_newline_glitch || !exit_am_mode || !enter_am_mode)
		return false;
	*off = exit_am_mode;
	*on = enter_am_mode;
	return true;
}

const char *terminfo_move(int y, int x)
{
	const char *words = cursor_address ? tiparm(cursor_address, y, x) : NULL;

	return words ? words : "";
}

const char *terminfo_scroll_all(int rows)
{
	const char *words = change_scroll_region ? tiparm(change_scroll_region, 0, rows - 1) : NULL;

	return words ? words : "";
}
