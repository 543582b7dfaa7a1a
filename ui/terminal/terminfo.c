/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/terminfo.h"

#include <curses.h>
#include <string.h>
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

/* Appends words without what they say of the time that a terminal needs: "$<2>". */
static size_t terminfo_add(char *out, size_t capacity, size_t used, const char *words)
{
	if (!words || words == (const char *)-1)
		return used;
	while (*words && used < capacity) {
		const char *end = words[0] == '$' && words[1] == '<' ? strchr(words, '>') : NULL;

		if (end)
			words = end + 1;
		else
			out[used++] = *words++;
	}
	return used;
}

static const char *terminfo_mouse_off(void)
{
	const char *mode = tigetstr("XM");

	if (mode && mode != (const char *)-1)
		return tiparm(mode, 0);
	return key_mouse ? "\033[?1000l" : "";
}

size_t terminfo_undo(const char *first, int rows, char *out, size_t capacity)
{
	static const char cancel[] = "\030"; /* a control sequence of which only a part was sent */
	const char *off = "", *on = "";
	size_t used = terminfo_add(out, capacity, 0, cancel);

	terminfo_wrap_mode(&off, &on);
	used = terminfo_add(out, capacity, used, first);
	used = terminfo_add(out, capacity, used, exit_attribute_mode);
	used = terminfo_add(out, capacity, used, orig_pair);
	used = terminfo_add(out, capacity, used, terminfo_mouse_off());
	used = terminfo_add(out, capacity, used, keypad_local);
	used = terminfo_add(out, capacity, used, on);
	used = terminfo_add(out, capacity, used, terminfo_scroll_all(rows));
	used = terminfo_add(out, capacity, used, terminfo_move(rows - 1, 0));
	used = terminfo_add(out, capacity, used, terminfo_has_second_screen() ? exit_ca_mode : clr_eol);
	return terminfo_add(out, capacity, used, cursor_normal);
}
