/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/field.h"

#include "engine/base/number.h"

#include <strings.h>

#define FIGURE_BYTES 48 /* a longer field is a text */
#define DATE_BYTES 8    /* "1/5/2024", "10:33:21" */
#define DATE_GROUPS 3   /* of digits */

#define FNV_OFFSET UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

/* White_Space of Unicode (PropList.txt) beyond ASCII, and what is not seen either: U+200B, U+2060, U+FEFF. */
static const char *const wide_spaces[] = {
	"\xC2\x85", "\xC2\xA0", "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81", "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84",
	"\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\x8B", "\xE2\x80\xA8",
	"\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE2\x81\xA0", "\xE3\x80\x80", "\xEF\xBB\xBF",
};

/* Whether one of them may begin with this byte. */
static bool may_be_wide(char c)
{
	return memchr("\xC2\xE1\xE2\xE3\xEF", c, 5);
}

/* The bytes of the white space at the beginning (`at_end`: at the end) of `text`; 0: none. */
static size_t space_at(struct span text, bool at_end)
{
	unsigned char c = text.size > 0 ? (unsigned char)text.data[at_end ? text.size - 1 : 0] : 'x';

	if (c < 0x80)
		return c == ' ' || (c >= '\t' && c <= '\r');
	if (text.size < 2 || !(at_end ? may_be_wide(text.data[text.size - 2]) || (text.size > 2 && may_be_wide(text.data[text.size - 3]))
	                              : may_be_wide(text.data[0])))
		return 0;
	for (size_t i = 0; i < sizeof wide_spaces / sizeof *wide_spaces; i++) {
		size_t size = strlen(wide_spaces[i]);

		if (size <= text.size && memcmp(text.data + (at_end ? text.size - size : 0), wide_spaces[i], size) == 0)
			return size;
	}
	return 0;
}

struct span span_trim(struct span text)
{
	size_t size;

	while ((size = space_at(text, false)) > 0) {
		text.data += size;
		text.size -= size;
	}
	while ((size = space_at(text, true)) > 0)
		text.size -= size;
	return text;
}

bool field_number(struct span field, double *value)
{
	char text[64]; /* a double of 17 digits with sign and exponent needs 24 */

	field = span_trim(field);
	if (field.size == 0 || field.size >= sizeof text)
		return false;
	memcpy(text, field.data, field.size);
	text[field.size] = '\0';
	return number_parse(text, value);
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A word that stands in dates: "AM", "GMT", "T", "January", "Mon". */
static bool is_date_word(const char *word, size_t size)
{
	static const char *const words[] = {"t", "z", "am", "pm", "gmt", "utc", "est", "cet", "edt", "cest", "pst", "pdt"};
	static const char *const names[] = {"january", "february", "march", "april", "may", "june", "july", "august", "september",
	                                     "october", "november", "december", "sept", "sunday", "monday", "tuesday",
	                                     "wednesday", "thursday", "friday", "saturday", "tues", "thurs"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i]) == size && strncasecmp(word, words[i], size) == 0)
			return true;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if ((size == 3 || size == strlen(names[i])) && strncasecmp(word, names[i], size) == 0)
			return true;
	return false;
}

/* The groups of digits in a field that has nothing else but what stands in figures; 0: it has. */
static int count_groups(struct span field)
{
	int groups = 0;

	for (size_t i = 0, from; i < field.size;) {
		from = i;
		if (is_digit(field.data[i])) {
			while (i < field.size && is_digit(field.data[i]))
				i++;
			groups++;
		} else if (is_letter(field.data[i])) {
			while (i < field.size && is_letter(field.data[i]))
				i++;
			if (!is_date_word(field.data + from, i - from))
				return 0;
		} else if (memchr("+-.,:/% $", field.data[i], 9)) {
			i++;
		} else {
			return 0;
		}
	}
	return groups;
}

bool field_is_figure(struct span field)
{
	double value;

	field = span_trim(field);
	return field.size > 0 && field.size <= FIGURE_BYTES && (field_number(field, &value) || count_groups(field) > 0);
}

bool field_is_date(struct span field)
{
	field = span_trim(field);
	return field.size >= DATE_BYTES && field.size <= FIGURE_BYTES && count_groups(field) >= DATE_GROUPS;
}

uint64_t field_hash(struct span field)
{
	uint64_t hash = FNV_OFFSET;

	for (size_t i = 0; i < field.size; i++)
		hash = (hash ^ (unsigned char)field.data[i]) * FNV_PRIME;
	return hash;
}
