/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys as this program names them, apart from curses: the action table, the footer, help and key scripts
 * use these. A key is one int: a Unicode code point, or one of enum ui_key; UI_ALT is added when it came
 * with Alt. Pure: knows no terminal. */
#ifndef REVUE_UI_KEY_H
#define REVUE_UI_KEY_H

#include <stdbool.h>
#include <stddef.h>

#define UI_ALT 0x400000
#define UI_KEY_NONE (-1)
#define UI_CTRL(letter) ((letter) & 0x1F)

enum ui_key {
	UI_KEY_UP = 0x200000,
	UI_KEY_DOWN,
	UI_KEY_LEFT,
	UI_KEY_RIGHT,
	UI_KEY_HOME,
	UI_KEY_END,
	UI_KEY_PAGE_UP,
	UI_KEY_PAGE_DOWN,
	UI_KEY_INSERT,
	UI_KEY_DELETE,
	UI_KEY_BACKSPACE,
	UI_KEY_ENTER,
	UI_KEY_ESCAPE,
	UI_KEY_TAB,
	UI_KEY_BACK_TAB,
	UI_KEY_F1, /* F1 to F12 follow each other */
	UI_KEY_F12 = UI_KEY_F1 + 11,
	UI_KEY_MOUSE, /* something was done with the mouse: terminal_mouse says what */
	UI_KEY_PASTE, /* a whole paste has come: terminal_paste holds it */
};

/* What the mouse does; UP and DOWN: its wheel. */
enum mouse_deed { MOUSE_CLICK, MOUSE_UP, MOUSE_DOWN };

/* The key that `name` (size bytes) names: "Up", "Ctrl-L", "Alt-Enter", "Space", "q", "é". UI_KEY_NONE: none. */
int key_parse(const char *name, size_t size);

/* A function key, or a digit with Alt: such keys mean what the table says also while text is being typed. */
bool key_works_in_text(int key);

/* Writes the name that key_parse reads back. */
void key_format(int key, char *out, size_t capacity);

/* The next name in a list separated by spaces: moves *list past it; NULL at the end. */
const char *key_list_next(const char **list, size_t *size);

/* Encodes a code point as UTF-8: 1 to 4 bytes, no terminator. */
size_t key_encode(unsigned code_point, char out[4]);

#endif
