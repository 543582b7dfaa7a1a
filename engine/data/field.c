/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/field.h"

#include "engine/base/number.h"

#define FNV_OFFSET UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct span span_trim(struct span text)
{
	while (text.size > 0 && is_space(text.data[0])) {
		text.data++;
		text.size--;
	}
	while (text.size > 0 && is_space(text.data[text.size - 1]))
		text.size--;
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

uint64_t field_hash(struct span field)
{
	uint64_t hash = FNV_OFFSET;

	for (size_t i = 0; i < field.size; i++)
		hash = (hash ^ (unsigned char)field.data[i]) * FNV_PRIME;
	return hash;
}
