/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The terminal while the screens are on: curses is started and left here and nowhere else. Keeps what
 * others print on stderr aside until the screens are gone. Drawing functions clip; text that comes from
 * outside is scrubbed before it gets here (widgets.h does). */
#ifndef REVUE_UI_TERMINAL_H
#define REVUE_UI_TERMINAL_H

#include "engine/error.h"
#include "engine/scrub.h"
#include "ui/settings.h"
#include "ui/terminal/dots.h"
#include "ui/terminal/key.h"
#include "ui/terminal/layout.h"

#include <stdio.h>

struct terminal;

struct terminal_options {
	bool ascii, color; /* color: false whatever the settings say */
	const struct settings *settings; /* as they are when it opens */
	bool offscreen; /* draw on /dev/null in the size of LINES and COLUMNS, read no keys: for scripts */
	bool keys;      /* ... but those of standard input, as of an xterm; its modes are the caller's affair */
};

/* NULL with one line: not a terminal, or one that cannot place the cursor. */
struct terminal *terminal_open(const struct terminal_options *options, struct error *error);

/* Gives the terminal back as it was and prints what was kept of stderr. Where the terminal takes nothing for a
 * second, it is left as it is and what goes to stderr from then on is lost. NULL is allowed. */
void terminal_close(struct terminal *terminal);

/* Settings have changed: colours, glyphs, cursor and mouse follow them. */
void terminal_apply(struct terminal *terminal, const struct settings *settings);

/* The same for a while (Ctrl-Z), and back; also back when somebody else has used the terminal in between. */
void terminal_suspend(struct terminal *terminal);
void terminal_restore(struct terminal *terminal);

/* False in the background (bg), where touching the terminal would stop the program. */
bool terminal_is_ours(const struct terminal *terminal);

int terminal_fd(const struct terminal *terminal); /* to poll for keys; -1: none are read */
bool terminal_ascii(const struct terminal *terminal);
bool terminal_is_slow(const struct terminal *terminal); /* it is far away: fewer frames */
double terminal_wait(const struct terminal *terminal);  /* seconds until the next frame that no key asked for is due (max-rate) */
enum chart_glyphs terminal_chart_glyphs(const struct terminal *terminal); /* the finest that it surely has */
struct scrub_options terminal_scrub(const struct terminal *terminal, enum scrub_newline newline);

/* The next key (ui/terminal/key.h); UI_KEY_NONE: none for now. After UI_KEY_PASTE terminal_paste has the text, borrowed
 * until the next call, and whether it was cut because it was too long. */
int terminal_key(struct terminal *terminal);
int terminal_key_timeout(const struct terminal *terminal); /* ms after which to ask again unasked; -1: never */
struct span terminal_paste(const struct terminal *terminal, bool *cut);

/* After UI_KEY_MOUSE: what was done and where. */
enum mouse_deed terminal_mouse(const struct terminal *terminal, int *y, int *x);

/* Where the cursor rested in the frame before, and the rows that its list has there; false: nowhere. */
bool terminal_rested(const struct terminal *terminal, int *y, struct rect *list);

/* A descriptor that was ready had nothing to read: nobody is there any more. */
bool terminal_is_gone(const struct terminal *terminal);

/* Takes over the size that the window has now. */
void terminal_resize(struct terminal *terminal, int rows, int columns); /* 0, 0: ask the terminal */
int terminal_rows(const struct terminal *terminal);
int terminal_columns(const struct terminal *terminal);

/* One frame: begin, draw, end. None of it waits for the terminal; no frame should follow one that still waits. The
 * cursor stands where terminal_cursor or, if that was not called in between, terminal_rest said; else it is hidden. */
void terminal_begin(struct terminal *terminal);
void terminal_end(struct terminal *terminal);
void terminal_send(struct terminal *terminal); /* what the terminal did not take at once */
int terminal_busy_fd(const struct terminal *terminal); /* to poll for POLLOUT while something waits; -1: nothing */
void terminal_cursor(struct terminal *terminal, int y, int x);
/* Where the cursor rests: on the chosen line of the list in `list`. Screen readers follow it. */
void terminal_rest(struct terminal *terminal, struct rect list, int y, int x);
/* Copies `text` into the clipboard where the person sits (ui/terminal/clipboard.h). False: this terminal does not. */
bool terminal_copy(struct terminal *terminal, struct span text);
void terminal_repaint(struct terminal *terminal); /* the next frame is sent whole */

/* One glyph of `width` columns at most, `size` bytes of scrubbed UTF-8, if it lies inside `clip`. */
void terminal_put(struct terminal *terminal, struct rect clip, int y, int x, const char *glyph, size_t size,
                  int width, enum style style);
void terminal_put_code(struct terminal *terminal, struct rect clip, int y, int x, uint32_t code_point,
                       enum style style);

/* What is on the screen, a line a row without the spaces at its end. */
bool terminal_save(const struct terminal *terminal, FILE *out);
/* A cell: its text, "" for the second half of a wide glyph, and its style. */
#define TERMINAL_CELL_MAX 64
int terminal_cell_columns(const char *cell); /* that it takes: 1 or 2 */
enum style terminal_cell(const struct terminal *terminal, int y, int x, char out[TERMINAL_CELL_MAX]);

bool terminal_shows(const struct terminal *terminal, const char *text);

#endif
