/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/encoding.h"

#include <string.h>

/* Windows-1252 from 0x80 to 0x9F; the rest is Latin-1. */
static const uint16_t windows_1252[32] = {
	0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D,
	0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
	0x0153, 0x009D, 0x017E, 0x0178,
};

/* Bytes of the character at `s`, or of the maximal subpart that stands there instead of one. */
static size_t utf8_next(const unsigned char *s, size_t size, bool *valid)
{
	unsigned char low = 0x80, high = 0xBF;
	size_t more = s[0] < 0xE0 ? 1 : s[0] < 0xF0 ? 2 : 3;

	*valid = s[0] < 0x80;
	if (s[0] < 0xC2 || s[0] > 0xF4)
		return 1;
	if (s[0] == 0xE0)
		low = 0xA0;
	else if (s[0] == 0xED)
		high = 0x9F;
	else if (s[0] == 0xF0)
		low = 0x90;
	else if (s[0] == 0xF4)
		high = 0x8F;
	for (size_t i = 1; i <= more; i++) {
		if (i >= size || s[i] < low || s[i] > high)
			return i;
		low = 0x80;
		high = 0xBF;
	}
	*valid = true;
	return more + 1;
}

static size_t ascii_prefix(const char *data, size_t size)
{
	size_t i = 0;

	for (; i + 16 <= size; i += 16) {
		uint64_t words[2];
		memcpy(words, data + i, sizeof words);
		if ((words[0] | words[1]) & UINT64_C(0x8080808080808080))
			break;
	}
	while (i < size && (unsigned char)data[i] < 0x80)
		i++;
	return i;
}

size_t utf8_valid_prefix(const char *data, size_t size)
{
	size_t i = ascii_prefix(data, size);
	bool valid = true;

	while (i < size) {
		size_t length = utf8_next((const unsigned char *)data + i, size - i, &valid);
		if (!valid)
			return i;
		i += length;
		if (i < size && (unsigned char)data[i] < 0x80)
			i += ascii_prefix(data + i, size - i);
	}
	return size;
}

static bool decode_utf8(const char *data, size_t size, struct buffer *out, uint32_t *replaced)
{
	for (size_t i = 0; i < size;) {
		size_t good = utf8_valid_prefix(data + i, size - i);
		bool valid;

		if (!buffer_add(out, data + i, good))
			return false;
		i += good;
		if (i == size)
			break;
		i += utf8_next((const unsigned char *)data + i, size - i, &valid);
		if (!buffer_add(out, "\xEF\xBF\xBD", 3))
			return false;
		++*replaced;
	}
	return true;
}

static size_t utf8_put(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3F));
		out[2] = (char)(0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3F));
	out[2] = (char)(0x80 | (c >> 6 & 0x3F));
	out[3] = (char)(0x80 | (c & 0x3F));
	return 4;
}

static bool decode_latin1(const char *data, size_t size, struct buffer *out)
{
	char *to;

	/* A byte becomes three at most (the euro sign does). */
	if (size > out->maximum / 3 || !buffer_reserve(out, 3 * size))
		return false;
	to = out->data + out->size;
	for (size_t i = 0; i < size;) {
		size_t ascii = ascii_prefix(data + i, size - i);
		unsigned char byte;

		memcpy(to, data + i, ascii);
		to += ascii;
		i += ascii;
		if (i == size)
			break;
		byte = (unsigned char)data[i++];
		to += utf8_put(byte < 0xA0 ? windows_1252[byte - 0x80] : byte, to);
	}
	*to = '\0';
	out->size = (size_t)(to - out->data);
	return true;
}

static uint32_t unit_at(const char *data, size_t i, bool big)
{
	unsigned first = (unsigned char)data[2 * i], second = (unsigned char)data[2 * i + 1];

	return big ? first << 8 | second : second << 8 | first;
}

static bool decode_utf16(const char *data, size_t size, bool big, struct buffer *out, uint32_t *replaced)
{
	size_t units = size / 2;
	char *to;

	/* A unit becomes three bytes at most, a pair of them four; three more for half a unit at the end. */
	if (units > out->maximum / 3 - 1 || !buffer_reserve(out, 3 * units + 3))
		return false;
	to = out->data + out->size;
	for (size_t i = 0; i < units; i++) {
		uint32_t c = unit_at(data, i, big);
		uint32_t next = i + 1 < units ? unit_at(data, i + 1, big) : 0;

		if ((c & 0xFC00) == 0xD800 && (next & 0xFC00) == 0xDC00) {
			c = 0x10000 + ((c & 0x3FF) << 10 | (next & 0x3FF));
			i++;
		} else if ((c & 0xF800) == 0xD800) {
			c = 0xFFFD;
			++*replaced;
		}
		to += utf8_put(c, to);
	}
	if (size % 2 == 1) {
		++*replaced;
		to += utf8_put(0xFFFD, to);
	}
	*to = '\0';
	out->size = (size_t)(to - out->data);
	return true;
}

bool encoding_decode(enum dataset_encoding encoding, const char *data, size_t size, struct buffer *out,
                     uint32_t *replaced)
{
	if (encoding == ENCODING_UTF8)
		return decode_utf8(data, size, out, replaced);
	if (encoding == ENCODING_LATIN1)
		return decode_latin1(data, size, out);
	return decode_utf16(data, size, encoding == ENCODING_UTF16BE, out, replaced);
}

void encoding_narrow(enum dataset_encoding encoding, const char *data, size_t units, char *out)
{
	size_t low = encoding == ENCODING_UTF16BE, high = 1 - low;

	for (size_t i = 0; i < units; i++) {
		char ascii = data[2 * i + low];
		out[i] = data[2 * i + high] == 0 && (unsigned char)ascii < 0x80 ? ascii : (char)0x80;
	}
}

size_t encoding_mark(const char *data, size_t size, enum dataset_encoding *encoding)
{
	size_t mark = 0;

	/* Files that were joined begin with two. */
	while (size - mark >= 3 && memcmp(data + mark, "\xEF\xBB\xBF", 3) == 0)
		mark += 3;
	if (mark > 0) {
		*encoding = ENCODING_UTF8;
		return mark;
	}
	if (size >= 2 && memcmp(data, "\xFF\xFE", 2) == 0) {
		*encoding = ENCODING_UTF16LE;
		return 2;
	}
	if (size >= 2 && memcmp(data, "\xFE\xFF", 2) == 0) {
		*encoding = ENCODING_UTF16BE;
		return 2;
	}
	return 0;
}

static bool undefined_1252(unsigned char byte)
{
	return byte == 0x81 || byte == 0x8D || byte == 0x8F || byte == 0x90 || byte == 0x9D;
}

void encoding_observe(struct encoding_evidence *evidence, const char *data, size_t size)
{
	const unsigned char *s = (const unsigned char *)data;
	size_t i = 0;
	bool valid;

	while (i < size && i < 3 && (s[i] & 0xC0) == 0x80)
		i++;
	evidence->bytes += size - i;
	while (i < size) {
		size_t length = utf8_next(s + i, size - i, &valid);

		if (s[i] < 0x80) {
			i += ascii_prefix(data + i, size - i);
			continue;
		}
		evidence->high += length;
		if (valid)
			evidence->sequences++;
		else if (i + length < size) {
			evidence->invalid++;
			evidence->undefined += undefined_1252(s[i]);
		}
		i += length;
	}
}

enum dataset_encoding encoding_choose(const struct encoding_evidence *evidence)
{
	if (evidence->invalid <= evidence->sequences || evidence->undefined > evidence->invalid / 16)
		return ENCODING_UTF8;
	return ENCODING_LATIN1;
}

bool encoding_looks_foreign(const struct encoding_evidence *evidence)
{
	return 8 * evidence->invalid > evidence->sequences && 3 * evidence->high > evidence->bytes;
}

bool encoding_looks_utf16(const char *data, size_t size)
{
	size_t even = 0, odd = 0;

	for (size_t i = 0; i + 1 < size; i += 2) {
		even += data[i] == 0;
		odd += data[i + 1] == 0;
	}
	return size >= 4 && (even > size / 5 || odd > size / 5) && (even < size / 50 + 1 || odd < size / 50 + 1);
}
