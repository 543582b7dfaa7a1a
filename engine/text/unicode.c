/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/text/unicode.h"

#include "engine/text/unicode_tables.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Length of a well-formed sequence by its first byte, 0 for a byte that cannot start one. */
static size_t sequence_length(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xC2 && lead <= 0xDF)
		return 2;
	if (lead >= 0xE0 && lead <= 0xEF)
		return 3;
	return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

/* Second bytes that would make an overlong form, a surrogate or a value above U+10FFFF. */
static bool second_allowed(unsigned char lead, unsigned char second)
{
	switch (lead) {
	case 0xE0:
		return second >= 0xA0;
	case 0xED:
		return second <= 0x9F;
	case 0xF0:
		return second >= 0x90;
	case 0xF4:
		return second <= 0x8F;
	default:
		return true;
	}
}

uint32_t unicode_decode(const unsigned char **at, const unsigned char *end)
{
	const unsigned char *p = *at;
	unsigned char lead = *p++;
	size_t length = sequence_length(lead);
	uint32_t c = length == 1 ? lead : length == 0 ? UNICODE_REPLACEMENT : lead & (0x7Fu >> length);

	for (size_t i = 1; i < length; i++, p++) {
		if (p == end || (*p & 0xC0) != 0x80 || (i == 1 && !second_allowed(lead, *p))) {
			*at = p;
			return UNICODE_REPLACEMENT;
		}
		c = c << 6 | (*p & 0x3Fu);
	}
	*at = p;
	return c;
}

size_t unicode_encode(uint32_t c, unsigned char out[4])
{
	if (c < 0x80) {
		out[0] = (unsigned char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (unsigned char)(0xC0 | c >> 6);
		out[1] = (unsigned char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (unsigned char)(0xE0 | c >> 12);
		out[1] = (unsigned char)(0x80 | (c >> 6 & 0x3F));
		out[2] = (unsigned char)(0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (unsigned char)(0xF0 | c >> 18);
	out[1] = (unsigned char)(0x80 | (c >> 12 & 0x3F));
	out[2] = (unsigned char)(0x80 | (c >> 6 & 0x3F));
	out[3] = (unsigned char)(0x80 | (c & 0x3F));
	return 4;
}

struct unicode_range unicode_classify(uint32_t c)
{
	const struct unicode_range *range = NULL;

	if ((c | 0x20) - 'a' >= 26 && c - '0' >= 10)
		range = unicode_range_find(ranges, COUNT(ranges), c);
	return range ? *range : (struct unicode_range){.kind = KIND_OTHER};
}

/* Conjoining jamo: The Unicode Standard, 3.12. */
static size_t decompose_hangul(uint32_t c, uint32_t out[4])
{
	uint32_t index = c - 0xAC00, trailing = index % 28;

	out[0] = 0x1100 + index / 588;
	out[1] = 0x1161 + index % 588 / 28;
	out[2] = 0x11A7 + trailing;
	return trailing ? 3 : 2;
}

static uint32_t find_base(uint32_t c)
{
	size_t low = 0, high = COUNT(bases);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c > bases[middle].from)
			low = middle + 1;
		else
			high = middle;
	}
	return low < COUNT(bases) && bases[low].from == c ? bases[low].to : c;
}

size_t unicode_decompose(uint32_t c, uint32_t out[4])
{
	size_t count = 0;

	if (c >= 0xAC00 && c <= 0xD7A3)
		return decompose_hangul(c, out);
	out[0] = c < 0xC0 ? c : find_base(c);
	if (out[0] < UNICODE_EXPANSION)
		return 1;
	for (const uint32_t *part = expansions + (out[0] - UNICODE_EXPANSION); *part; part++)
		out[count++] = *part;
	return count;
}

uint32_t unicode_lower(uint32_t c, uint32_t *mark)
{
	size_t low = 0, high = COUNT(shifts);

	*mark = c == 0x130 ? 0x307 : 0;
	if (c < 0xC0)
		return c - 'A' < 26 ? c + 0x20 : c;
	if (c == 0x130)
		return 'i';
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c > shifts[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == COUNT(shifts) || c < shifts[low].first || (c - shifts[low].first) % shifts[low].step)
		return c;
	return (uint32_t)((int32_t)c + shifts[low].delta);
}
