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

/* What a sample looks like as UTF-16 in one order. */
struct utf16_look {
	size_t units, narrow; /* all of them; those up to U+00FF */
	size_t lines, separators; /* LF; that and CR, TAB, blanks, commas */
	size_t wrong;         /* controls, halves of a surrogate pair, U+FFFE and U+FFFF */
};

static struct utf16_look look_utf16(const char *data, size_t units, bool big)
{
	struct utf16_look look = {.units = units};

	for (size_t i = 0; i < units; i++) {
		uint32_t c = unit_at(data, i, big), next = i + 1 < units ? unit_at(data, i + 1, big) : 0xDC00;
		bool blank = c == '\n' || c == '\r' || c == '\t' || c == ' ' || c == ',';

		look.narrow += c < 0x100;
		look.lines += c == '\n';
		look.separators += blank;
		look.wrong += (c < 0x20 && !blank) || c >= 0xFFFE || (c & 0xFC00) == 0xDC00;
		if ((c & 0xFC00) == 0xD800) {
			look.wrong += (next & 0xFC00) != 0xDC00;
			i++;
		}
	}
	return look;
}

/* Bytes that no text of bytes has so many of: NULs and controls, or sequences that are not UTF-8. And in the places of the low
 * bytes few blanks, commas and line ends beside those units, though a text of bytes would be full of them. */
static bool no_text_of_bytes(const char *data, size_t size, bool big, const struct utf16_look *look)
{
	size_t controls = 0, separators = 0;

	for (size_t i = 0; i < size; i++) {
		bool blank = data[i] && strchr("\n\r\t ,", data[i]);
		separators += blank && i % 2 == big;
		controls += (unsigned char)data[i] < 0x20 && !blank;
	}
	return separators <= look->separators + look->units / 16 + 1 &&
	       (controls > size / 10 || utf8_valid_prefix(data, size) < size - (size < 4 ? size : 4));
}

bool encoding_guess_utf16(const char *data, size_t size, enum dataset_encoding *encoding)
{
	struct utf16_look little = look_utf16(data, size / 2, false), big = look_utf16(data, size / 2, true);
	bool swapped = big.separators > little.separators ||
	               (big.separators == little.separators && big.narrow > little.narrow);
	const struct utf16_look *good = swapped ? &big : &little, *other = swapped ? &little : &big;

	if (size < 4 || !memchr(data, '\0', size) || 1000 * good->wrong > good->units)
		return false;
	*encoding = swapped ? ENCODING_UTF16BE : ENCODING_UTF16LE;
	if (5 * good->narrow > 2 * good->units)
		return other->narrow < good->units / 25 + 1;
	return good->lines > 0 && good->separators > 4 * other->separators && 50 * good->narrow >= good->units &&
	       no_text_of_bytes(data, size, swapped, good);
}

/* Names without their hyphens, underscores and blanks, in small letters. */
static const struct {
	const char *name;
	enum dataset_encoding encoding;
} encoding_names[] = {
	{"utf8", ENCODING_UTF8},          {"ascii", ENCODING_UTF8},         {"usascii", ENCODING_UTF8},
	{"latin1", ENCODING_LATIN1},      {"l1", ENCODING_LATIN1},          {"iso88591", ENCODING_LATIN1},
	{"windows1252", ENCODING_LATIN1}, {"cp1252", ENCODING_LATIN1},      {"msansi", ENCODING_LATIN1},
	{"utf16le", ENCODING_UTF16LE},    {"unicodelittle", ENCODING_UTF16LE},
	{"utf16be", ENCODING_UTF16BE},    {"unicodebig", ENCODING_UTF16BE},
};

bool encoding_of_name(const char *name, enum dataset_encoding *encoding)
{
	char plain[DIALECT_WORD_MAX] = "";
	size_t size = 0;

	for (; *name && size + 1 < sizeof plain; name++)
		if (!strchr("-_ ", *name))
			plain[size++] = (char)(*name >= 'A' && *name <= 'Z' ? *name - 'A' + 'a' : *name);
	for (size_t i = 0; i < sizeof encoding_names / sizeof *encoding_names; i++)
		if (strcmp(plain, encoding_names[i].name) == 0) {
			*encoding = encoding_names[i].encoding;
			return true;
		}
	return false;
}
