/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys and pastes from the terminal while curses is on. curses tells the keys apart; it reads byte by byte, so a paste
 * is read here, a block at a time and never waiting for its end. */
#ifndef REVUE_UI_KEYBOARD_H
#define REVUE_UI_KEYBOARD_H

#include "engine/span.h"
#include "ui/terminal/key.h"

#include <stdbool.h>

#define KEYBOARD_PASTE_MAX ((size_t)1 << 20)

struct keyboard;

/* Reads from `fd`, which is curses' input. NULL: out of memory. */
struct keyboard *keyboard_open(int fd);
void keyboard_close(struct keyboard *keyboard); /* NULL is allowed */

/* The next key (ui/terminal/key.h); UI_KEY_NONE: none for now. */
int keyboard_key(struct keyboard *keyboard);

/* After UI_KEY_MOUSE: what was done, and where. */
enum mouse_deed keyboard_mouse(const struct keyboard *keyboard, int *y, int *x);

/* Milliseconds after which to ask again unasked; -1: never. */
int keyboard_timeout(const struct keyboard *keyboard);

/* After UI_KEY_PASTE: UTF-8, borrowed until the next paste; whether it was longer than KEYBOARD_PASTE_MAX. */
struct span keyboard_paste(const struct keyboard *keyboard);
bool keyboard_paste_was_cut(const struct keyboard *keyboard);

#endif
