/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/train/form_rows.h"

#include <ctype.h>
#include <string.h>

static int theme_field(const struct form_rows *rows, int theme)
{
	return rows->own + train_option_count + theme;
}

const struct option_row *form_rows_option(const struct form_rows *rows, int field)
{
	const int option = field - rows->own;

	return option >= 0 && option < train_option_count ? &train_option_rows[option] : NULL;
}

int form_rows_theme(const struct form_rows *rows, int field)
{
	return field >= theme_field(rows, 0) ? field - theme_field(rows, 0) : -1;
}

/* Goes through the rows in their order, and stops at row number `row`, or at `field`. Returns how many it passed; *at is the
 * field that it stopped at, -1 after the last. */
static int walk(const struct form_rows *rows, int row, int field, int *at)
{
	int passed = 0;

	for (*at = 0; *at < rows->own; (*at)++, passed++)
		if (passed == row || *at == field)
			return passed;
	for (int option = 0; option < train_option_count; option++) {
		const enum option_theme theme = train_option_rows[option].theme;

		if (theme != THEME_BASIC && (option == 0 || train_option_rows[option - 1].theme != theme)) {
			*at = theme_field(rows, theme);
			if (passed == row || *at == field)
				return passed;
			passed++;
		}
		if (theme != THEME_BASIC && !rows->open[theme])
			continue;
		*at = rows->own + option;
		if (passed == row || *at == field)
			return passed;
		passed++;
	}
	*at = -1;
	return passed;
}

int form_rows_count(const struct form_rows *rows)
{
	int at;

	return walk(rows, -1, -1, &at);
}

int form_rows_field(const struct form_rows *rows, int row)
{
	int at;

	walk(rows, row, -1, &at);
	return at;
}

int form_rows_row(const struct form_rows *rows, int field)
{
	int at, row = walk(rows, -1, field, &at);

	return at < 0 ? -1 : row;
}

static bool same_letter(char a, char b)
{
	if (a == '_' || a == ' ')
		a = '-';
	if (b == '_' || b == ' ')
		b = '-';
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static bool holds(const char *text, const char *part)
{
	for (; *text; text++) {
		size_t i = 0;

		while (part[i] && text[i] && same_letter(text[i], part[i]))
			i++;
		if (!part[i])
			return true;
	}
	return false;
}

static bool is_meant(const struct form_rows *rows, int field, const char *text, const char *(*name)(int field), bool by_help)
{
	const struct option_row *option = form_rows_option(rows, field);

	if (!option)
		return !by_help && holds(name(field), text);
	return holds(by_help ? option->help : option->name, text);
}

int form_rows_find(struct form_rows *rows, int field, const char *text, const char *(*name)(int field))
{
	const int count = rows->own + train_option_count;

	for (int by_help = 0; by_help < 2; by_help++)
		for (int i = 1; i <= count; i++) {
			const int at = (field + i) % count;
			const struct option_row *option = form_rows_option(rows, at);

			if (!is_meant(rows, at, text, name, by_help))
				continue;
			if (option)
				rows->open[option->theme] = true;
			return at;
		}
	return -1;
}
