/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/terminal.h"

#include "engine/clock.h"
#include "ui/terminal/clipboard.h"
#include "ui/terminal/doubtful.h"
#include "ui/terminal/glyph.h"
#include "ui/terminal/inks.h"
#include "ui/terminal/kept_stderr.h"
#include "ui/terminal/key.h"
#include "ui/terminal/keyboard.h"
#include "ui/terminal/outlet.h"
#include "ui/terminal/pace.h"
#include "ui/terminal/rescue.h"
#include "ui/terminal/terminfo.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#define PASTE_OFF "\033[?2004l"
#define STALLED_SECONDS 1.0 /* a terminal that takes nothing for so long is not waited for */

struct terminal {
	SCREEN *screen;
	struct keyboard *keyboard; /* NULL: no keys are read */
	FILE *out, *in;
	struct outlet *outlet; /* NULL: curses writes to the terminal itself */
	struct termios before, during; /* modes of the terminal, where there is an outlet */
	bool only_ascii;                 /* what it can; below: what is used of it */
	enum chart_glyphs best, glyphs;
	bool ascii, color, offscreen, keys, slow, brackets, left, cursor_rests;
	struct kept_stderr stderr_kept;
	int cursor_y, cursor_x, rest_y, rest_x; /* -1: nowhere */
	struct rect rest_list; /* the list that the cursor rests in */
	struct doubtful_rows doubtful;
	struct inks inks;
	const char *wrap_off, *wrap_on; /* "": this is left as it is */
	bool to_clear;                  /* before the next frame */
	struct pace pace;
	size_t charged;                 /* of what the outlet has taken */
	bool may_wrap;                  /* curses has written wrap_on, or may in the next frame */
};

/* Where curses writes */

/* From here on curses writes into the outlet. It can no longer change the terminal's modes then, so this is done
 * here, and at once: curses would wait until all was sent. */
static void terminal_use_outlet(struct terminal *terminal)
{
	if (terminal->offscreen || !(terminal->outlet = outlet_open(STDOUT_FILENO)))
		return;
	tcgetattr(STDOUT_FILENO, &terminal->during);
	dup3(outlet_file(terminal->outlet), fileno(terminal->out), O_CLOEXEC);
}

static void terminal_set_modes(const struct terminal *terminal, const struct termios *modes)
{
	if (terminal->outlet)
		tcsetattr(STDOUT_FILENO, TCSANOW, modes);
}

static void terminal_write(const struct terminal *terminal, const char *bytes)
{
	if (terminal->outlet)
		outlet_add(terminal->outlet, bytes, strlen(bytes));
	else if (!terminal->offscreen && write(STDOUT_FILENO, bytes, strlen(bytes)) < 0)
		return; /* the terminal went: the loop will see it */
}

static void terminal_paste_mode(const struct terminal *terminal, bool on)
{
	if (terminal->brackets)
		terminal_write(terminal, on ? "\033[?2004h" : PASTE_OFF);
}

/* Leaves curses, for a while or for good. False: the terminal takes nothing any more. */
static bool terminal_leave(const struct terminal *terminal)
{
	bool sent = true;

	terminal_paste_mode(terminal, false);
	terminal_write(terminal, terminal->wrap_on);
	if (!terminfo_has_second_screen()) {
		move(terminal_rows(terminal) - 1, 0); /* the prompt that follows has a line of its own */
		clrtoeol();
		refresh();
	}
	curs_set(1);
	endwin();
	if (terminal->outlet)
		sent = outlet_flush(terminal->outlet, STALLED_SECONDS);
	terminal_set_modes(terminal, &terminal->before);
	return sent;
}

/* For a crash: its size is part of what undoes all this. */
static void terminal_prepare_rescue(const struct terminal *terminal)
{
	char undo[RESCUE_UNDO_MAX];

	if (!terminal->offscreen)
		rescue_prepare(undo, terminfo_undo(terminal->brackets ? PASTE_OFF : "", terminal_rows(terminal), undo, sizeof undo));
}

static void terminal_arm_rescue(const struct terminal *terminal)
{
	if (!terminal->offscreen)
		rescue_arm(terminal->outlet ? outlet_fd(terminal->outlet) : STDOUT_FILENO, &terminal->before, &terminal->stderr_kept);
	terminal_prepare_rescue(terminal);
}

/* Start and end */

/* curses writes to the terminal itself when it starts. */
static bool terminal_takes_output(const struct terminal *terminal)
{
	struct pollfd fd = {fileno(terminal->out), POLLOUT, 0};

	return poll(&fd, 1, (int)(5 * STALLED_SECONDS * 1000)) != 0;
}

static bool name_starts(const char *name, const char *prefix)
{
	return name && strncmp(name, prefix, strlen(prefix)) == 0;
}

/* The fonts of the Linux console have half blocks, but neither dots nor quadrants; those of the vt family have none. */
static enum chart_glyphs best_glyphs(const struct terminal *terminal, const char *name)
{
	if (terminal->only_ascii || (!terminal->offscreen && name_starts(name, "vt")))
		return CHART_ASCII;
	if (!terminal->offscreen && name_starts(name, "linux"))
		return CHART_HALF;
	return wcwidth(0x28FF) == 1 ? CHART_BRAILLE : wcwidth(0x259A) == 1 ? CHART_QUADRANT : CHART_ASCII;
}

static bool terminal_streams(struct terminal *terminal, struct error *error)
{
	int out;

	if (terminal->offscreen) {
		terminal->out = fopen("/dev/null", "we");
		terminal->in = terminal->keys ? stdin : fopen("/dev/null", "re");
		return terminal->out && terminal->in ? true : error_errno(error, "open", "/dev/null");
	}
	RETURN_IF(!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO), error, ERROR_FAILED,
	          "the screens need a terminal for input and output; without one: revue score, train, eval, watch");
	terminal->in = stdin;
	out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	terminal->out = out < 0 ? NULL : fdopen(out, "w");
	if (terminal->out)
		return tcgetattr(STDOUT_FILENO, &terminal->before) == 0 || error_errno(error, "read the modes of", "the terminal");
	if (out >= 0)
		close(out);
	return error_errno(error, "open", "the terminal");
}

static void terminal_start_colors(struct terminal *terminal)
{
	terminal->color = terminal->color && has_colors();
	if (terminal->color) {
		start_color();
		use_default_colors();
	}
}

static void terminal_catch_mouse(const struct terminal *terminal, bool on)
{
	if (terminal->offscreen)
		return;
	mousemask(on ? BUTTON1_PRESSED | BUTTON1_RELEASED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
	mouseinterval(0);
}

void terminal_apply(struct terminal *terminal, const struct settings *settings)
{
	const int glyphs = settings->values[SETTING_GLYPHS]; /* in the order of enum chart_glyphs, after "auto" */

	terminal->cursor_rests = settings->values[SETTING_CURSOR];
	terminal->glyphs = terminal->only_ascii ? CHART_ASCII : glyphs == GLYPHS_AUTO ? terminal->best : (enum chart_glyphs)(glyphs - 1);
	terminal->ascii = terminal->only_ascii || glyphs == GLYPHS_ASCII;
	inks_make(&terminal->inks, terminal->color, settings);
	pace_set(&terminal->pace, settings->values[SETTING_MAX_RATE]);
	terminal_catch_mouse(terminal, settings->values[SETTING_MOUSE]);
	terminal_repaint(terminal);
}

static void terminal_modes(void)
{
	cbreak();
	noecho();
	nonl();
	curs_set(0);
	idcok(stdscr, FALSE); /* a character moved by others is at another place where the terminal counts their columns otherwise */
	if (!getenv("ESCDELAY"))
		set_escdelay(25);
}

/* The size is read in terminal_resize() and clamped, not by curses, which would take any. Only where the type has no
 * size to begin with, newterm() needs the terminal's own, if that is within the limits. */
static SCREEN *screen_new(const struct terminal *terminal, const char *name)
{
	struct winsize window = {0};
	SCREEN *screen;

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &window);
	use_env(FALSE);
	use_tioctl(!terminfo_has_size() && window.ws_row <= LAYOUT_SIZE_MAX && window.ws_col <= LAYOUT_SIZE_MAX);
	screen = newterm(name, terminal->out, terminal->in);
	use_tioctl(FALSE);
	return screen;
}

static bool terminal_start(struct terminal *terminal, struct error *error)
{
	const char *name = getenv("TERM");

	if (terminal->offscreen)
		name = "xterm";
	if (!terminal_streams(terminal, error) || !terminfo_check(name, fileno(terminal->out), error))
		return false;
	RETURN_IF(!terminal_takes_output(terminal), error, ERROR_FAILED, "the terminal takes no output");
	kept_stderr_begin(&terminal->stderr_kept);
	terminal->screen = screen_new(terminal, name);
	RETURN_IF(!terminal->screen, error, ERROR_FAILED, "the terminal (type %s) could not be opened", name);
	terminal_modes();
	if (terminal->keys && !(terminal->keyboard = keyboard_open(fileno(terminal->in))))
		return error_memory(error, "opening the keyboard");
	terminal_use_outlet(terminal);
	terminal_arm_rescue(terminal);
	terminal_paste_mode(terminal, true);
	terminfo_wrap_mode(&terminal->wrap_off, &terminal->wrap_on);
	terminal_start_colors(terminal);
	terminal_resize(terminal, 0, 0);
	terminal_write(terminal, terminfo_scroll_all(terminal_rows(terminal))); /* curses took the type's size for it */
	return true;
}

struct terminal *terminal_open(const struct terminal_options *options, struct error *error)
{
	struct terminal *terminal = calloc(1, sizeof *terminal);
	const char *name = getenv("TERM");

	if (!terminal) {
		error_memory(error, "opening the terminal");
		return NULL;
	}
	terminal->offscreen = options->offscreen;
	terminal->keys = options->keys || !options->offscreen;
	terminal->color = options->color;
	terminal->only_ascii = options->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	terminal->best = terminal->glyphs = best_glyphs(terminal, name);
	terminal->brackets = !options->offscreen && !name_starts(name, "vt");
	terminal->slow = !options->offscreen && getenv("SSH_CONNECTION");
	terminal->stderr_kept = KEPT_STDERR_NONE;
	terminal->wrap_off = terminal->wrap_on = "";
	if (!terminal_start(terminal, error)) {
		terminal_close(terminal);
		return NULL;
	}
	terminal_apply(terminal, options->settings);
	return terminal;
}

void terminal_close(struct terminal *terminal)
{
	bool sent = true;

	if (!terminal)
		return;
	if (terminal->screen) {
		sent = terminal->left || !terminal_is_ours(terminal) || terminal_leave(terminal);
		keyboard_close(terminal->keyboard);
		delscreen(terminal->screen);
	}
	rescue_disarm();
	outlet_close(terminal->outlet);
	kept_stderr_end(&terminal->stderr_kept, sent);
	if (terminal->out)
		fclose(terminal->out);
	if (!terminal->keys && terminal->in)
		fclose(terminal->in);
	free(terminal);
}

void terminal_suspend(struct terminal *terminal)
{
	terminal_leave(terminal);
	terminal->left = true;
}

bool terminal_is_ours(const struct terminal *terminal)
{
	const pid_t group = terminal->offscreen ? -1 : tcgetpgrp(STDOUT_FILENO);

	return group < 0 || group == getpgrp();
}

void terminal_restore(struct terminal *terminal)
{
	terminal->left = false;
	terminal_set_modes(terminal, &terminal->during);
	if (!terminal->outlet)
		reset_prog_mode();
	refresh();
	curs_set(0);
	terminal_paste_mode(terminal, true);
	terminal_resize(terminal, 0, 0);
	terminal_repaint(terminal);
}

bool terminal_copy(struct terminal *terminal, struct span text)
{
	char *sequence = terminal->offscreen ? NULL : clipboard_sequence(getenv("TERM"), text);

	if (!sequence)
		return false;
	terminal_write(terminal, sequence);
	free(sequence);
	return true;
}

/* What it is */

int terminal_fd(const struct terminal *terminal)
{
	return terminal->keys ? fileno(terminal->in) : -1;
}

bool terminal_ascii(const struct terminal *terminal)
{
	return terminal->ascii;
}

bool terminal_is_slow(const struct terminal *terminal)
{
	return terminal->slow;
}

double terminal_wait(const struct terminal *terminal)
{
	return pace_wait(&terminal->pace, clock_seconds());
}

enum chart_glyphs terminal_chart_glyphs(const struct terminal *terminal)
{
	return terminal->glyphs;
}

struct scrub_options terminal_scrub(const struct terminal *terminal, enum scrub_newline newline)
{
	return (struct scrub_options){newline, terminal->ascii};
}

/* Keys */

int terminal_key(struct terminal *terminal)
{
	return terminal->keyboard ? keyboard_key(terminal->keyboard) : UI_KEY_NONE;
}

int terminal_key_timeout(const struct terminal *terminal)
{
	return terminal->keyboard ? keyboard_timeout(terminal->keyboard) : -1;
}

struct span terminal_paste(const struct terminal *terminal, bool *cut)
{
	*cut = keyboard_paste_was_cut(terminal->keyboard);
	return keyboard_paste(terminal->keyboard);
}

enum mouse_deed terminal_mouse(const struct terminal *terminal, int *y, int *x)
{
	return keyboard_mouse(terminal->keyboard, y, x);
}

/* Polls again: another process may have read what was there a moment ago, as the shell does after Ctrl-Z. */
bool terminal_is_gone(const struct terminal *terminal)
{
	struct pollfd fd = {terminal_fd(terminal), POLLIN, 0};
	int waiting = 0;

	if (!terminal->keys || poll(&fd, 1, 0) < 1)
		return false;
	return fd.revents & (POLLHUP | POLLERR | POLLNVAL) || ioctl(fd.fd, FIONREAD, &waiting) != 0 || waiting == 0;
}

/* Size */

static int size_clamp(long size, int fallback)
{
	if (size < 1)
		return fallback;
	return size > LAYOUT_SIZE_MAX ? LAYOUT_SIZE_MAX : (int)size;
}

static long size_from_environment(const char *name)
{
	const char *text = getenv(name);

	return text ? strtol(text, NULL, 10) : 0;
}

void terminal_resize(struct terminal *terminal, int rows, int columns)
{
	struct winsize window = {0};

	if (rows < 1 && terminal->offscreen) {
		rows = size_clamp(size_from_environment("LINES"), 24);
		columns = size_clamp(size_from_environment("COLUMNS"), 80);
	} else if (rows < 1) {
		if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0)
			return;
		rows = size_clamp(window.ws_row, 24);
		columns = size_clamp(window.ws_col, 80);
	}
	resizeterm(size_clamp(rows, 24), size_clamp(columns, 80));
	terminal_prepare_rescue(terminal);
	terminal_repaint(terminal); /* curses would do so by itself */
}

int terminal_rows(const struct terminal *terminal)
{
	(void)terminal;
	return getmaxy(stdscr);
}

int terminal_columns(const struct terminal *terminal)
{
	(void)terminal;
	return getmaxx(stdscr);
}

/* Drawing */

/* Nothing but the clearing: what curses would write after it in one go, doubtful rows too, is left to the frame. */
static void terminal_clear(struct terminal *terminal)
{
	clearok(curscr, TRUE);
	wnoutrefresh(stdscr);
	doupdate();
	terminal->to_clear = false;
	terminal->may_wrap = true;
}

void terminal_begin(struct terminal *terminal)
{
	terminal->cursor_y = terminal->cursor_x = terminal->rest_y = terminal->rest_x = -1;
	erase();
	if (terminal->to_clear)
		terminal_clear(terminal);
}

/* Where curses writes to the terminal itself nobody counts: each frame might be a whole screen then. */
static void terminal_charge(struct terminal *terminal)
{
	const size_t cells = (size_t)terminal_rows(terminal) * (size_t)terminal_columns(terminal);
	const size_t taken = terminal->outlet ? outlet_taken(terminal->outlet) : terminal->offscreen ? 0 : terminal->charged + cells;

	pace_charge(&terminal->pace, taken - terminal->charged, clock_seconds());
	terminal->charged = taken;
}

static void write_beside(void *context, const char *bytes)
{
	terminal_write(context, bytes);
}

void terminal_end(struct terminal *terminal)
{
	const char *wrap_off;

	/* What a terminal finds too wide shall end in its own line; after the very last cell curses writes wrap_on. */
	terminal->may_wrap = terminal->may_wrap || doubtful_has_changed(terminal_rows(terminal) - 1);
	wrap_off = terminal->may_wrap ? terminal->wrap_off : "";
	terminal_write(terminal, wrap_off);
	doubtful_write(&terminal->doubtful, wrap_off, write_beside, terminal);
	if (terminal->cursor_y < 0 && terminal->cursor_rests)
		terminal_cursor(terminal, terminal->rest_y, terminal->rest_x);
	/* A hidden cursor stays where something was drawn last: mostly that is where the next frame goes on. */
	leaveok(stdscr, terminal->cursor_y < 0);
	if (terminal->cursor_y >= 0) {
		move(terminal->cursor_y, terminal->cursor_x);
		curs_set(1);
	} else {
		curs_set(0);
	}
	wnoutrefresh(stdscr);
	doupdate();
	terminal_write(terminal, wrap_off);
	terminal->may_wrap = false;
	terminal_send(terminal);
	terminal_charge(terminal);
}

void terminal_send(struct terminal *terminal)
{
	if (terminal->outlet)
		outlet_send(terminal->outlet);
}

int terminal_busy_fd(const struct terminal *terminal)
{
	return terminal->outlet ? outlet_busy_fd(terminal->outlet) : -1;
}

void terminal_cursor(struct terminal *terminal, int y, int x)
{
	if (y >= 0 && x >= 0 && y < terminal_rows(terminal) && x < terminal_columns(terminal)) {
		terminal->cursor_y = y;
		terminal->cursor_x = x;
	}
}

void terminal_rest(struct terminal *terminal, struct rect list, int y, int x)
{
	terminal->rest_list = list;
	terminal->rest_y = y;
	terminal->rest_x = x;
}

bool terminal_rested(const struct terminal *terminal, int *y, struct rect *list)
{
	*y = terminal->rest_y;
	*list = terminal->rest_list;
	return terminal->rest_y >= 0;
}

void terminal_repaint(struct terminal *terminal)
{
	terminal->to_clear = true;
}

static bool rect_holds(struct rect clip, int y, int x, int width)
{
	return y >= clip.y && y < clip.y + clip.rows && x >= clip.x && x + width <= clip.x + clip.columns;
}

void terminal_put(struct terminal *terminal, struct rect clip, int y, int x, const char *glyph, size_t size,
                  int width, enum style style)
{
	size_t drawable;

	if (width < 1 || size < 1 || !rect_holds(clip, y, x, width))
		return;
	attr_set(terminal->inks.attributes[style], terminal->inks.pairs[style], NULL);
	drawable = glyph_drawable(glyph, size, width);
	if (glyph_is_doubtful(glyph, drawable))
		doubtful_note(&terminal->doubtful, y);
	if (drawable > 0)
		mvaddnstr(y, x, glyph, (int)drawable);
	else /* The C library thinks otherwise of a new emoji than scrub.c does: '?' keeps the columns true. */
		mvaddnstr(y, x, "??", width);
}

void terminal_put_code(struct terminal *terminal, struct rect clip, int y, int x, uint32_t code_point,
                       enum style style)
{
	char bytes[4];

	terminal_put(terminal, clip, y, x, bytes, key_encode(code_point, bytes), 1, style);
}

/* Reading back: more of it in ui/terminal/terminal_text.c */

enum style terminal_cell(const struct terminal *terminal, int y, int x, char out[TERMINAL_CELL_MAX])
{
	wchar_t text[CCHARW_MAX + 1] = {0};
	attr_t attributes = A_NORMAL;
	size_t used = 0;
	cchar_t cell;
	short pair = 0;

	out[0] = '\0';
	if (mvin_wch(y, x, &cell) != OK || getcchar(&cell, text, &attributes, &pair, NULL) != OK)
		return STYLE_NORMAL;
	for (const wchar_t *c = text; *c && used + 5 < TERMINAL_CELL_MAX; c++)
		used += key_encode((unsigned)*c, out + used);
	out[used] = '\0';
	return inks_style(&terminal->inks, attributes & ~(attr_t)A_COLOR, pair);
}
