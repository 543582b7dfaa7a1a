/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Standards: ECMA-48 and the control sequences of xterm, of which curses uses those of `drawing`. */
#include "tests/ui/emulator.h"

#include "engine/text/unicode.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 2, 3)))
static void fault(struct emulator *emulator, const char *format, ...)
{
	va_list arguments;

	if (*emulator->fault)
		return;
	va_start(arguments, format);
	vsnprintf(emulator->fault, sizeof emulator->fault, format, arguments);
	va_end(arguments);
}

/* What the terminal does */

/* Restoring a saved cursor, which curses does, sets what was there; whether it blinks is part of showing it. */
static int set_property(VTermProp property, VTermValue *value, void *user)
{
	struct emulator *emulator = user;
	const bool text = vterm_get_prop_type(property) == VTERM_VALUETYPE_STRING;
	const int number = vterm_get_prop_type(property) == VTERM_VALUETYPE_BOOL ? value->boolean : value->number;

	if (emulator->strict && property != VTERM_PROP_CURSORVISIBLE && property != VTERM_PROP_CURSORBLINK &&
	    (text || number != emulator->properties[property]))
		fault(emulator, "property %d of the terminal is set", (int)property);
	if (!text)
		emulator->properties[property] = number;
	return 1;
}

static int ring_bell(void *user)
{
	fault(user, "the bell rings");
	return 1;
}

static int change_size(int rows, int columns, void *user)
{
	const struct emulator *emulator = user;

	if (rows != emulator->rows || columns != emulator->columns)
		fault(user, "the size changes to %dx%d", columns, rows);
	return 1;
}

static void answer(const char *bytes, size_t size, void *user)
{
	fault(user, "the terminal answers %zu bytes, of which the last is 0x%02x", size, (unsigned char)bytes[size - 1]);
}

static const VTermScreenCallbacks on_screen = {
	.settermprop = set_property,
	.bell = ring_bell,
	.resize = change_size,
};

/* What the bytes say */

static bool is_hidden(uint32_t c)
{
	return c == 0xAD || c == 0x61C || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
	       (c >= 0x2060 && c <= 0x206F) || (c >= 0xE000 && c <= 0xF8FF) || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF ||
	       (c >= 0xFFF9 && c <= 0xFFFB) || c >= 0xE0000 || (c & 0xFFFE) == 0xFFFE;
}

/* How many bytes a character has that begins with this one; 0: none does. */
static size_t utf8_size(unsigned char first)
{
	return first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
}

static void check_character(struct emulator *emulator)
{
	const unsigned char *at = emulator->cut;
	const uint32_t c = unicode_decode(&at, emulator->cut + emulator->cut_size);

	if (at != emulator->cut + emulator->cut_size)
		fault(emulator, "bytes that are not UTF-8 begin with 0x%02x", emulator->cut[0]);
	else if ((c >= 0x7F && c < 0xA0) || is_hidden(c))
		fault(emulator, "U+%04X is written", (unsigned)c);
	if (!emulator_joins(c) || emulator->glyph_size + emulator->cut_size > sizeof emulator->glyph)
		emulator->glyph_size = 0;
	memcpy(emulator->glyph + emulator->glyph_size, emulator->cut, emulator->cut_size);
	emulator->glyph_size += emulator->cut_size;
	emulator->cut_size = 0;
}

static int parse_text(const char *bytes, size_t size, void *user)
{
	struct emulator *emulator = user;

	for (size_t i = 0; i < size; i++) {
		emulator->cut[emulator->cut_size++] = (unsigned char)bytes[i];
		if (utf8_size(emulator->cut[0]) == 0)
			fault(emulator, "0x%02x is written, which is not UTF-8", emulator->cut[0]);
		if (emulator->cut_size >= utf8_size(emulator->cut[0]))
			check_character(emulator);
	}
	return (int)size;
}

#define REVERSE_INDEX 0x8D /* as ESC M; a byte of that value would be text */

static int parse_control(unsigned char control, void *user)
{
	struct emulator *emulator = user;

	if (emulator->cut_size > 0)
		fault(emulator, "the control 0x%02x is written in the middle of a character", control);
	if (control != '\r' && control != '\n' && control != '\b' && control != REVERSE_INDEX && emulator->strict)
		fault(emulator, "the control 0x%02x is written", control);
	emulator->glyph_size = 0;
	return 1;
}

static int parse_escape(const char *bytes, size_t size, void *user)
{
	struct emulator *emulator = user;

	if (emulator->strict && !(size == 2 && memcmp(bytes, "(B", 2) == 0) && !(size == 1 && strchr("78", *bytes)))
		fault(emulator, "ESC %.*s is written", (int)size, bytes);
	emulator->glyph_size = 0;
	return 1;
}

/* Whether the cursor is seen and blinks, and whether lines go on in the next one. */
static bool is_drawing_mode(const char *leader, const long *arguments, int count)
{
	for (int i = 0; i < count; i++) {
		if (CSI_ARG(arguments[i]) != 25 && CSI_ARG(arguments[i]) != 12 && CSI_ARG(arguments[i]) != 7)
			return false;
	}
	return leader && strcmp(leader, "?") == 0;
}

static int parse_csi(const char *leader, const long arguments[], int count, const char *intermediate, char command, void *user)
{
	static const char drawing[] = "@ABCDEFGHJKLMPSTXdfmr";
	struct emulator *emulator = user;
	const bool plain = !(leader && *leader) && !(intermediate && *intermediate);

	if (emulator->strict && !(plain && strchr(drawing, command)) &&
	    !((command == 'h' || command == 'l') && is_drawing_mode(leader, arguments, count)))
		fault(emulator, "CSI %s %ld ... %s%c is written", leader ? leader : "", count > 0 ? arguments[0] : 0,
		      intermediate ? intermediate : "", command);
	emulator->glyph_size = 0;
	return 1;
}

static int parse_osc(const char *command, size_t size, void *user)
{
	fault(user, "OSC %.*s is written", (int)(size < 40 ? size : 40), command);
	return 1;
}

static int parse_dcs(const char *command, size_t size, void *user)
{
	fault(user, "DCS %.*s is written", (int)(size < 40 ? size : 40), command);
	return 1;
}

static const VTermParserCallbacks on_bytes = {
	.text = parse_text,
	.control = parse_control,
	.escape = parse_escape,
	.csi = parse_csi,
	.osc = parse_osc,
	.dcs = parse_dcs,
};

struct emulator *emulator_open(int rows, int columns)
{
	struct emulator *emulator = calloc(1, sizeof *emulator);

	if (!emulator)
		abort();
	*emulator = (struct emulator){.terminal = vterm_new(rows, columns), .parser = vterm_new(rows, columns), .rows = rows,
	                              .columns = columns};
	vterm_set_utf8(emulator->terminal, 1);
	vterm_set_utf8(emulator->parser, 1);
	emulator->screen = vterm_obtain_screen(emulator->terminal);
	vterm_screen_enable_altscreen(emulator->screen, 1);
	vterm_screen_set_damage_merge(emulator->screen, VTERM_DAMAGE_SCREEN);
	vterm_screen_set_callbacks(emulator->screen, &on_screen, emulator);
	vterm_screen_reset(emulator->screen, 1);
	vterm_output_set_callback(emulator->terminal, answer, emulator);
	vterm_parser_set_callbacks(emulator->parser, &on_bytes, emulator);
	return emulator;
}

void emulator_close(struct emulator *emulator)
{
	vterm_free(emulator->terminal);
	vterm_free(emulator->parser);
	free(emulator);
}

void emulator_resize(struct emulator *emulator, int rows, int columns)
{
	emulator->rows = rows;
	emulator->columns = columns;
	vterm_set_size(emulator->parser, rows, columns);
	vterm_set_size(emulator->terminal, rows, columns);
}

static VTermPos cursor(const struct emulator *emulator)
{
	VTermPos at;

	vterm_state_get_cursorpos(vterm_obtain_state(emulator->terminal), &at);
	return at;
}

static bool begins_with_mark(const unsigned char *bytes, size_t size)
{
	return size > 0 && emulator_joins(unicode_decode(&(const unsigned char *){bytes}, bytes + size));
}

/* libvterm takes sixteen characters at a time, and knows no longer then what stands before them in the last column: one that
 * has marks begins a piece. */
static void write_terminal(struct emulator *emulator, const unsigned char *bytes, size_t size)
{
	const unsigned char *const end = bytes + size, *piece = bytes, *character = bytes;

	for (const unsigned char *at = bytes, *next = bytes; at < end; at = next) {
		if (!emulator_joins(unicode_decode(&next, end))) {
			character = at;
		} else if (character > piece) {
			vterm_input_write(emulator->terminal, (const char *)piece, (size_t)(character - piece));
			piece = character;
		}
	}
	vterm_input_write(emulator->terminal, (const char *)piece, (size_t)(end - piece));
}

/* What was written last is the end of the bytes: behind it may be half a sequence, and it may have begun before them. */
static bool ends_with_glyph(const struct emulator *emulator, const unsigned char *bytes, size_t size)
{
	return emulator->glyph_size <= size && memcmp(bytes + size - emulator->glyph_size, emulator->glyph, emulator->glyph_size) == 0;
}

/* Whole characters, after what was written last. A mark whose character came in an earlier piece libvterm puts into the cell
 * before the cursor, also in the last column, where the cursor has stayed in the character's own cell: there the character is
 * written once more. */
static void write_whole(struct emulator *emulator, const unsigned char *before, size_t before_size, const unsigned char *bytes, size_t size)
{
	const size_t last = ends_with_glyph(emulator, bytes, size) ? emulator->glyph_size : 0;
	VTermPos at;

	if (emulator->stayed && begins_with_mark(bytes, size))
		write_terminal(emulator, before, before_size + size - last);
	else
		write_terminal(emulator, bytes, size - last);
	at = cursor(emulator);
	write_terminal(emulator, bytes + size - last, last);
	if (last > 0 || emulator->glyph_size == 0)
		emulator->stayed = last > 0 && vterm_pos_cmp(at, cursor(emulator)) == 0;
}

#define ASCII_BEGINS "\033(B"

/* Without ESC ( B, which curses writes to leave a character set that it never enters: after it libvterm takes ASCII and what
 * follows it apart, also a mark. Returns how many bytes are left. */
static size_t copy_without_set(struct emulator *emulator, const char *bytes, size_t size, unsigned char *out)
{
	size_t used = 0;

	for (size_t i = 0; i < size; i++) {
		if (bytes[i] != ASCII_BEGINS[emulator->ascii]) {
			memcpy(out + used, ASCII_BEGINS, emulator->ascii);
			used += emulator->ascii;
			emulator->ascii = 0;
		}
		if (bytes[i] != ASCII_BEGINS[emulator->ascii])
			out[used++] = (unsigned char)bytes[i];
		else if (++emulator->ascii == strlen(ASCII_BEGINS))
			emulator->ascii = 0;
	}
	return used;
}

void emulator_feed(struct emulator *emulator, const char *bytes, size_t size)
{
	const size_t before = emulator->glyph_size, cut = emulator->cut_size;
	unsigned char *all = malloc(sizeof emulator->glyph + sizeof emulator->cut + strlen(ASCII_BEGINS) + size);
	size_t used = cut;

	if (!all)
		abort();
	memcpy(all, emulator->glyph, before);
	memcpy(all + before, emulator->cut, cut);
	used += copy_without_set(emulator, bytes, size, all + before + cut);
	vterm_input_write(emulator->parser, bytes, size);
	if (used > emulator->cut_size)
		write_whole(emulator, all, before, all + before, used - emulator->cut_size);
	free(all);
	vterm_screen_flush_damage(emulator->screen);
	emulator->cursor = cursor(emulator);
}

void emulator_cell(const struct emulator *emulator, int row, int column, VTermScreenCell *out)
{
	*out = (VTermScreenCell){0}; /* libvterm fills the characters up to the first that is 0 */
	vterm_screen_get_cell(emulator->screen, (VTermPos){row, column}, out);
}

void emulator_row(const struct emulator *emulator, int row, char *out, size_t capacity)
{
	VTermScreenCell cell;
	size_t used = 0;

	for (int column = 0; column < emulator->columns; column += cell.width > 1 ? cell.width : 1) {
		emulator_cell(emulator, row, column, &cell);
		if (used + 4 * VTERM_MAX_CHARS_PER_CELL >= capacity)
			break;
		for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && (i == 0 || cell.chars[i]); i++)
			used += unicode_encode(cell.chars[i] ? cell.chars[i] : ' ', (unsigned char *)out + used);
	}
	out[used] = '\0';
}

struct measured {
	bool known, joins;
	signed char columns;
};

/* Where the cursor stands after "a" and the character, and whose cell that then is. */
static struct measured measure(uint32_t code_point)
{
	static VTerm *terminal;
	VTermScreenCell cell = {0};
	VTermPos cursor;
	char bytes[24] = "\033[H\033[2Ka";
	const size_t before = strlen(bytes), size = unicode_encode(code_point, (unsigned char *)bytes + before);

	if (!terminal) {
		terminal = vterm_new(2, 20);
		vterm_set_utf8(terminal, 1);
		vterm_screen_reset(vterm_obtain_screen(terminal), 1);
	}
	vterm_input_write(terminal, bytes, before + size);
	vterm_state_get_cursorpos(vterm_obtain_state(terminal), &cursor);
	vterm_screen_get_cell(vterm_obtain_screen(terminal), (VTermPos){0, 0}, &cell);
	return (struct measured){true, cell.chars[0] == 'a' && cell.chars[1] == code_point,
	                         (signed char)(cursor.row == 0 ? cursor.col - 1 : -1)};
}

static const struct measured *measured(uint32_t code_point)
{
	static struct measured all[0x110000];
	struct measured *one = &all[code_point];

	if (!one->known)
		*one = measure(code_point);
	return one;
}

int emulator_width(uint32_t code_point)
{
	return code_point >= 0x110000 || code_point < 0x20 ? -1 : measured(code_point)->columns;
}

bool emulator_joins(uint32_t code_point)
{
	return code_point < 0x110000 && code_point >= 0x20 && measured(code_point)->joins;
}

bool emulator_same_look(const VTermScreenCell *a, const VTermScreenCell *b)
{
	return vterm_color_is_equal(&a->fg, &b->fg) && vterm_color_is_equal(&a->bg, &b->bg) && a->attrs.bold == b->attrs.bold &&
	       a->attrs.underline == b->attrs.underline && a->attrs.italic == b->attrs.italic &&
	       a->attrs.blink == b->attrs.blink && a->attrs.reverse == b->attrs.reverse && a->attrs.strike == b->attrs.strike &&
	       a->attrs.font == b->attrs.font;
}
