/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/keyboard.h"

#include "engine/clock.h"
#include "ui/terminal/key.h"

#include <curses.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define PASTE_SILENCE_SECONDS 1.0 /* a paste that stops without its end mark is over after this */
#define PASTE_BEGIN "\033[200~"
#define PASTE_END "\033[201~"
#define PASTE_MARK_SIZE (sizeof PASTE_END - 1)
#define CODE_PASTE_BEGIN 0x5000
#define SEQUENCE_MAX ((size_t)12)

#define DEEDS_MAX 8 /* as many as curses keeps */

struct deed {
	enum mouse_deed what;
	int y, x;
};

struct keyboard {
	struct deed deed, later[DEEDS_MAX]; /* what was done with the mouse; and then, the last first */
	int later_count;
	WINDOW *input; /* a pad: reading keys through it draws nothing */
	int fd;
	unsigned char block[4096]; /* [first, end) was read here and is not used yet */
	size_t first, end;

	bool pasting;      /* its end mark has not come */
	double until;      /* when silence ends it */
	size_t marked;     /* bytes of the end mark that have come */
	mbstate_t decoder; /* of the locale's characters */
	char *paste;       /* [KEYBOARD_PASTE_MAX] */
	size_t paste_size;
	bool cut;
};

static const struct {
	int code, key;
} key_codes[] = {
	{KEY_UP, UI_KEY_UP},
	{KEY_DOWN, UI_KEY_DOWN},
	{KEY_LEFT, UI_KEY_LEFT},
	{KEY_RIGHT, UI_KEY_RIGHT},
	{KEY_HOME, UI_KEY_HOME},
	{KEY_END, UI_KEY_END},
	{KEY_PPAGE, UI_KEY_PAGE_UP},
	{KEY_NPAGE, UI_KEY_PAGE_DOWN},
	{KEY_IC, UI_KEY_INSERT},
	{KEY_DC, UI_KEY_DELETE},
	{KEY_BACKSPACE, UI_KEY_BACKSPACE},
	{KEY_ENTER, UI_KEY_ENTER},
	{KEY_BTAB, UI_KEY_BACK_TAB},
};

struct keyboard *keyboard_open(int fd)
{
	struct keyboard *keyboard = calloc(1, sizeof *keyboard);

	if (!keyboard)
		return NULL;
	keyboard->fd = fd;
	keyboard->input = newpad(1, 1);
	if (!keyboard->input) {
		free(keyboard);
		return NULL;
	}
	keypad(keyboard->input, TRUE);
	nodelay(keyboard->input, TRUE);
	meta(keyboard->input, TRUE);
	define_key(PASTE_BEGIN, CODE_PASTE_BEGIN);
	return keyboard;
}

void keyboard_close(struct keyboard *keyboard)
{
	if (!keyboard)
		return;
	delwin(keyboard->input);
	free(keyboard->paste);
	free(keyboard);
}

/* Pastes */

static void paste_add(struct keyboard *keyboard, unsigned code)
{
	if (code == '\r')
		code = '\n';
	if ((code < ' ' && code != '\n' && code != '\t') || keyboard->cut)
		return;
	if (keyboard->paste_size + 4 > KEYBOARD_PASTE_MAX)
		keyboard->cut = true;
	else
		keyboard->paste_size += key_encode(code, keyboard->paste + keyboard->paste_size);
}

static void paste_add_byte(struct keyboard *keyboard, unsigned char byte)
{
	const char bytes[1] = {(char)byte};
	wchar_t code = 0;
	const size_t size = mbrtowc(&code, bytes, 1, &keyboard->decoder);

	if (size == (size_t)-2)
		return;
	if (size == (size_t)-1) {
		keyboard->decoder = (mbstate_t){0};
		paste_add(keyboard, 0xFFFD);
	} else {
		paste_add(keyboard, (unsigned)code);
	}
}

/* True: `byte` was the last of the end mark. What only looked like its beginning belongs to the text. */
static bool paste_take(struct keyboard *keyboard, unsigned char byte)
{
	static const char mark[] = PASTE_END;

	if (byte != (unsigned char)mark[keyboard->marked]) {
		for (size_t i = 0; i < keyboard->marked; i++)
			paste_add_byte(keyboard, (unsigned char)mark[i]);
		keyboard->marked = 0;
	}
	if (byte == (unsigned char)mark[keyboard->marked])
		keyboard->marked++;
	else
		paste_add_byte(keyboard, byte);
	return keyboard->marked == PASTE_MARK_SIZE;
}

/* Reads what is there, at most a block. False: nothing is. */
static bool keyboard_fill(struct keyboard *keyboard)
{
	int waiting = 0;
	ssize_t got;

	if (ioctl(keyboard->fd, FIONREAD, &waiting) != 0 || waiting < 1)
		return false;
	got = read(keyboard->fd, keyboard->block, sizeof keyboard->block);
	keyboard->first = 0;
	keyboard->end = got > 0 ? (size_t)got : 0;
	return got > 0;
}

static int paste_read(struct keyboard *keyboard)
{
	if (keyboard->first == keyboard->end && !keyboard_fill(keyboard)) {
		if (clock_seconds() < keyboard->until)
			return UI_KEY_NONE;
		keyboard->pasting = false;
		return UI_KEY_PASTE;
	}
	keyboard->until = clock_seconds() + PASTE_SILENCE_SECONDS;
	while (keyboard->pasting && keyboard->first < keyboard->end)
		keyboard->pasting = !paste_take(keyboard, keyboard->block[keyboard->first++]);
	return keyboard->pasting ? UI_KEY_NONE : UI_KEY_PASTE;
}

static int paste_begin(struct keyboard *keyboard)
{
	if (!keyboard->paste && !(keyboard->paste = malloc(KEYBOARD_PASTE_MAX)))
		return UI_KEY_NONE;
	keyboard->paste_size = keyboard->marked = 0;
	keyboard->decoder = (mbstate_t){0};
	keyboard->cut = false;
	keyboard->pasting = true;
	keyboard->until = clock_seconds() + PASTE_SILENCE_SECONDS;
	return paste_read(keyboard);
}

struct span keyboard_paste(const struct keyboard *keyboard)
{
	return (struct span){keyboard->paste, keyboard->paste_size};
}

bool keyboard_paste_was_cut(const struct keyboard *keyboard)
{
	return keyboard->cut;
}

int keyboard_timeout(const struct keyboard *keyboard)
{
	const double left = keyboard->until - clock_seconds();

	if (!keyboard->pasting)
		return -1;
	return left > 0 ? (int)(left * 1000) + 1 : 0;
}

/* Keys */

static int key_of_character(unsigned code)
{
	switch (code) {
	case '\r':
	case '\n':
		return UI_KEY_ENTER;
	case '\t':
		return UI_KEY_TAB;
	case 0x7F:
	case '\b':
		return UI_KEY_BACKSPACE;
	case 0x1B:
		return UI_KEY_ESCAPE;
	default:
		return (int)code;
	}
}

static enum mouse_deed deed_of(mmask_t buttons)
{
	return buttons & BUTTON4_PRESSED   ? MOUSE_UP
	       : buttons & BUTTON5_PRESSED ? MOUSE_DOWN
	       : buttons & BUTTON1_PRESSED ? MOUSE_CLICK : MOUSE_RELEASE;
}

static int next_deed(struct keyboard *keyboard)
{
	if (keyboard->later_count < 1)
		return UI_KEY_NONE;
	keyboard->deed = keyboard->later[--keyboard->later_count];
	return UI_KEY_MOUSE;
}

/* A button that is let go as soon as it was pressed is one key to curses, which hands out the last deed first. */
static int mouse_event(struct keyboard *keyboard)
{
	MEVENT event;

	keyboard->later_count = 0;
	while (keyboard->later_count < DEEDS_MAX && getmouse(&event) == OK) {
		if (event.bstate & (BUTTON1_PRESSED | BUTTON1_RELEASED | BUTTON4_PRESSED | BUTTON5_PRESSED))
			keyboard->later[keyboard->later_count++] = (struct deed){deed_of(event.bstate), event.y, event.x};
	}
	return next_deed(keyboard);
}

enum mouse_deed keyboard_mouse(const struct keyboard *keyboard, int *y, int *x)
{
	*y = keyboard->deed.y;
	*x = keyboard->deed.x;
	return keyboard->deed.what;
}

/* UI_KEY_NONE: one this program has no use for. */
static int key_of_code(struct keyboard *keyboard, int code)
{
	if (code == CODE_PASTE_BEGIN)
		return paste_begin(keyboard);
	if (code == KEY_MOUSE)
		return mouse_event(keyboard);
	for (size_t i = 0; i < sizeof key_codes / sizeof *key_codes; i++) {
		if (key_codes[i].code == code)
			return key_codes[i].key;
	}
	return code >= KEY_F(1) && code <= KEY_F(12) ? UI_KEY_F1 + code - KEY_F(1) : UI_KEY_NONE;
}

/* The escape sequence that begins what was read after a paste, as curses knows it; 0: none. */
static int block_sequence(struct keyboard *keyboard)
{
	const size_t left = keyboard->end - keyboard->first;
	char sequence[SEQUENCE_MAX + 1] = "\033";

	for (size_t size = 1; size < left && size < SEQUENCE_MAX && keyboard->block[keyboard->first] == 0x1B; size++) {
		int code;

		sequence[size] = (char)keyboard->block[keyboard->first + size];
		code = sequence[size] ? key_defined(sequence) : 0;
		if (code > 0) {
			keyboard->first += size + 1;
			return code;
		}
	}
	return 0;
}

static unsigned block_character(struct keyboard *keyboard)
{
	mbstate_t decoder = {0};
	wchar_t code = 0;
	const size_t size = mbrtowc(&code, (const char *)keyboard->block + keyboard->first,
	                            keyboard->end - keyboard->first, &decoder);

	if (size == 0 || size > keyboard->end - keyboard->first) {
		keyboard->first++;
		return size == 0 ? 0 : 0xFFFD;
	}
	keyboard->first += size;
	return (unsigned)code;
}

/* Keys that came in one block with the end of a paste. */
static int block_key(struct keyboard *keyboard)
{
	while (keyboard->first < keyboard->end) {
		const int code = block_sequence(keyboard);
		const int key = code ? key_of_code(keyboard, code) : key_of_character(block_character(keyboard));

		if (key != UI_KEY_NONE || keyboard->pasting)
			return key;
	}
	return UI_KEY_NONE;
}

/* ESC has come: alone it is that key, with what came in the same moment it is Alt and that. */
static int keyboard_after_escape(struct keyboard *keyboard)
{
	wint_t code;
	int key;

	switch (wget_wch(keyboard->input, &code)) {
	case OK:
		return key_of_character(code) | UI_ALT;
	case KEY_CODE_YES:
		key = key_of_code(keyboard, (int)code);
		return keyboard->pasting || key == UI_KEY_NONE || key == UI_KEY_PASTE ? UI_KEY_ESCAPE : key | UI_ALT;
	default:
		return UI_KEY_ESCAPE;
	}
}

int keyboard_key(struct keyboard *keyboard)
{
	wint_t code;
	int kind;

	if (next_deed(keyboard) != UI_KEY_NONE)
		return UI_KEY_MOUSE;
	if (keyboard->pasting)
		return paste_read(keyboard);
	if (keyboard->first < keyboard->end)
		return block_key(keyboard);
	while ((kind = wget_wch(keyboard->input, &code)) == KEY_CODE_YES) {
		const int key = key_of_code(keyboard, (int)code);

		if (key != UI_KEY_NONE || keyboard->pasting)
			return key;
	}
	if (kind == ERR)
		return UI_KEY_NONE;
	return code == 0x1B ? keyboard_after_escape(keyboard) : key_of_character(code);
}
