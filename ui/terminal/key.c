/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/key.h"

#include <stdio.h>
#include <string.h>

static const struct {
	int key;
	const char *name;
} key_names[] = {
	{UI_KEY_UP, "Up"},
	{UI_KEY_DOWN, "Down"},
	{UI_KEY_LEFT, "Left"},
	{UI_KEY_RIGHT, "Right"},
	{UI_KEY_HOME, "Home"},
	{UI_KEY_END, "End"},
	{UI_KEY_PAGE_UP, "PgUp"},
	{UI_KEY_PAGE_DOWN, "PgDn"},
	{UI_KEY_INSERT, "Ins"},
	{UI_KEY_DELETE, "Del"},
	{UI_KEY_BACKSPACE, "Backspace"},
	{UI_KEY_ENTER, "Enter"},
	{UI_KEY_ESCAPE, "Esc"},
	{UI_KEY_TAB, "Tab"},
	{UI_KEY_BACK_TAB, "BackTab"},
	{UI_KEY_MOUSE, "Mouse"},
	{UI_KEY_PASTE, "Paste"},
	{' ', "Space"},
};

static const size_t key_name_count = sizeof key_names / sizeof *key_names;

/* One UTF-8 character that fills the whole name. */
static int key_decode(const char *name, size_t size)
{
	const unsigned char *byte = (const unsigned char *)name;
	static const unsigned char lead_mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
	unsigned code_point;

	if (size < 1 || size > 4)
		return UI_KEY_NONE;
	code_point = byte[0] & lead_mask[size];
	if (size == 1)
		return byte[0] > ' ' && byte[0] < 0x7F ? (int)byte[0] : UI_KEY_NONE;
	for (size_t i = 1; i < size; i++) {
		if ((byte[i] & 0xC0) != 0x80)
			return UI_KEY_NONE;
		code_point = code_point << 6 | (byte[i] & 0x3F);
	}
	return code_point >= 0x80 && code_point <= 0x10FFFF ? (int)code_point : UI_KEY_NONE;
}

/* "F1" to "F12". */
static int key_parse_function(const char *name, size_t size)
{
	int number = 0;

	for (size_t i = 1; i < size && name[i] >= '0' && name[i] <= '9'; i++)
		number = 10 * number + name[i] - '0';
	return number >= 1 && number <= 12 && size == (number < 10 ? 2 : 3) ? UI_KEY_F1 + number - 1 : UI_KEY_NONE;
}

static bool key_is_function(int key)
{
	return key >= UI_KEY_F1 && key <= UI_KEY_F12;
}

bool key_works_in_text(int key)
{
	const int plain = key & ~UI_ALT;

	return key_is_function(plain) || (key & UI_ALT && plain >= '0' && plain <= '9');
}

int key_parse(const char *name, size_t size)
{
	if (size > 4 && memcmp(name, "Alt-", 4) == 0) {
		const int key = key_parse(name + 4, size - 4);

		return key == UI_KEY_NONE || key & UI_ALT ? UI_KEY_NONE : key | UI_ALT;
	}
	if (size == 6 && memcmp(name, "Ctrl-", 5) == 0)
		return UI_CTRL(name[5]);
	for (size_t i = 0; i < key_name_count; i++) {
		if (strlen(key_names[i].name) == size && memcmp(key_names[i].name, name, size) == 0)
			return key_names[i].key;
	}
	return size >= 2 && size <= 3 && name[0] == 'F' ? key_parse_function(name, size) : key_decode(name, size);
}

size_t key_encode(unsigned code_point, char out[4])
{
	if (code_point < 0x80) {
		out[0] = (char)code_point;
		return 1;
	}
	if (code_point < 0x800) {
		out[0] = (char)(0xC0 | code_point >> 6);
		out[1] = (char)(0x80 | (code_point & 0x3F));
		return 2;
	}
	if (code_point < 0x10000) {
		out[0] = (char)(0xE0 | code_point >> 12);
		out[1] = (char)(0x80 | (code_point >> 6 & 0x3F));
		out[2] = (char)(0x80 | (code_point & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | (code_point >> 18 & 0x07));
	out[1] = (char)(0x80 | (code_point >> 12 & 0x3F));
	out[2] = (char)(0x80 | (code_point >> 6 & 0x3F));
	out[3] = (char)(0x80 | (code_point & 0x3F));
	return 4;
}

void key_format(int key, char *out, size_t capacity)
{
	const char *alt = key & UI_ALT ? "Alt-" : "";
	const int plain = key & ~UI_ALT;
	char bytes[4];

	for (size_t i = 0; i < key_name_count; i++) {
		if (key_names[i].key == plain) {
			snprintf(out, capacity, "%s%s", alt, key_names[i].name);
			return;
		}
	}
	if (key_is_function(plain))
		snprintf(out, capacity, "%sF%d", alt, plain - UI_KEY_F1 + 1);
	else if (plain < ' ')
		snprintf(out, capacity, "%sCtrl-%c", alt, plain | 0x40);
	else
		snprintf(out, capacity, "%s%.*s", alt, (int)key_encode((unsigned)plain, bytes), bytes);
}

const char *key_list_next(const char **list, size_t *size)
{
	const char *name = *list + strspn(*list, " ");

	*size = strcspn(name, " ");
	*list = name + *size;
	return *size > 0 ? name : NULL;
}
