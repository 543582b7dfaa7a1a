/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/ui/hostile_text.h"

#include "engine/base/random.h"
#include "engine/text/unicode.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A text in the making, and how many random numbers it has taken. */
struct maker {
	uint64_t seed, number;
	uint32_t drawn;
	char *out;
	size_t size;
};

uint32_t hostile_number(uint64_t seed, uint64_t number, uint32_t step, uint32_t below)
{
	uint32_t random[4];

	philox(seed, (uint32_t[4]){(uint32_t)number, (uint32_t)(number >> 32), step, 0x7E87}, random);
	return (uint32_t)((uint64_t)random[0] * below >> 32);
}

static uint32_t draw(struct maker *maker, uint32_t below)
{
	return hostile_number(maker->seed, maker->number, maker->drawn++, below);
}

static void put_bytes(struct maker *maker, const char *bytes, size_t size)
{
	if (maker->size + size > HOSTILE_TEXT_MAX)
		return;
	memcpy(maker->out + maker->size, bytes, size);
	maker->size += size;
}

static void put_string(struct maker *maker, const char *string)
{
	put_bytes(maker, string, strlen(string));
}

static void put_byte(struct maker *maker, uint32_t byte)
{
	put_bytes(maker, (char[]){(char)byte}, 1);
}

static void put_code(struct maker *maker, uint32_t code_point)
{
	unsigned char bytes[4];

	put_bytes(maker, (char *)bytes, unicode_encode(code_point, bytes));
}

/* Ranges of code points. */
struct range {
	uint32_t first, last;
};

static uint32_t draw_range(struct maker *maker, const struct range *ranges, uint32_t count)
{
	const struct range range = ranges[draw(maker, count)];

	return range.first + draw(maker, range.last - range.first + 1);
}

#define DRAW_RANGE(maker, ranges) draw_range(maker, ranges, (uint32_t)(sizeof(ranges) / sizeof *(ranges)))

static const struct range bidi[] = {{0x61C, 0x61C}, {0x200E, 0x200F}, {0x202A, 0x202E}, {0x2066, 0x2069}, {0x5D0, 0x5EA},
                                    {0x627, 0x64A}};
static const struct range invisible[] = {{0x200B, 0x200D}, {0x2060, 0x2064}, {0xFEFF, 0xFEFF}, {0xAD, 0xAD}, {0x34F, 0x34F},
                                         {0x180E, 0x180E}, {0x115F, 0x1160}, {0x3164, 0x3164}, {0x2028, 0x2029}, {0xFFF9, 0xFFFB}};
static const struct range marks[] = {{0x300, 0x36F}, {0x483, 0x489}, {0x591, 0x5BD}, {0x64B, 0x65F}, {0x93C, 0x94D},
                                     {0xE31, 0xE4E}, {0x1AB0, 0x1ACE}, {0x20D0, 0x20F0}, {0x302A, 0x302D}, {0x1D165, 0x1D169}};
static const struct range wide[] = {{0x1100, 0x115E}, {0x3041, 0x30FF}, {0x4E00, 0x9FFF}, {0xAC00, 0xD7A3}, {0xFF01, 0xFF60},
                                    {0x20000, 0x2A6D6}};
static const struct range ambiguous[] = {{0xA1, 0xBF}, {0x391, 0x3C9}, {0x401, 0x451}, {0x2010, 0x2027}, {0x2190, 0x21FF},
                                         {0x2460, 0x24FF}, {0x2500, 0x257F}, {0x25A0, 0x25FF}, {0x2600, 0x27BF}};
static const struct range emoji[] = {{0x1F300, 0x1F5FF}, {0x1F600, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF},
                                     {0x1FA70, 0x1FAFF}, {0x2600, 0x27BF}};
static const struct range selectors[] = {{0xFE00, 0xFE0F}, {0xE0100, 0xE01EF}, {0x180B, 0x180D}, {0x1F3FB, 0x1F3FF}};
static const struct range jamo[] = {{0x1100, 0x1112}, {0x1161, 0x1175}, {0x11A8, 0x11C2}, {0xA960, 0xA97C}, {0xD7B0, 0xD7FB},
                                    {0xFFA0, 0xFFDC}};
static const struct range tags[] = {{0xE0001, 0xE0001}, {0xE0020, 0xE007F}};
static const struct range flags[] = {{0x1F1E6, 0x1F1FF}};
static const struct range odd[] = {{0x378, 0x379}, {0x530, 0x530}, {0xE000, 0xF8FF}, {0xFDD0, 0xFDEF}, {0xFFFE, 0xFFFF},
                                   {0x1FFFE, 0x1FFFF}, {0x50000, 0x50100}, {0xF0000, 0xF0100}, {0x10FFFE, 0x10FFFF},
                                   {0xD800, 0xDFFF}, {0x13430, 0x13440}};
static const struct range anything[] = {{1, 0xFF}, {0x100, 0xFFFF}, {0x10000, 0x10FFFF}};

/* What would move, colour, clear, ask, ring, name or switch something. */
static const char *const sequences[] = {
	"\033[2J", "\033[H", "\033[10;10H", "\033[31m", "\033[?1049l", "\033[?25h", "\033[?7l", "\033[4h", "\033[3;5r", "\033[c",
	"\033[6n", "\033[5n", "\033[>c", "\033[!p", "\033c", "\033[20S", "\033[3T", "\033[9A", "\033[K", "\033[1M", "\033[3L",
	"\033[8;50;100t", "\033[21t", "\033[99b", "\033[?1000h", "\033[?2004l", "\033[\"q", "\033[ q", "\033(0", "\033)0", "\033#8",
	"\033#3", "\033%@", "\033D", "\033M", "\033E", "\033H", "\0337", "\0338", "\033=", "\033>", "\033n", "\033o", "\033N", "\033O",
	"\033]0;title\a", "\033]2;title\033\\", "\033]4;1;#ff0000\a", "\033]10;?\a", "\033]52;c;QUJD\a", "\033]104\a",
	"\033]8;;http://a.b\033\\", "\033]1337;File=x\a", "\033P$q\"p\033\\", "\033P1$r\033\\", "\033P+q544e\033\\",
	"\033_Gq=1\033\\", "\033^x\033\\", "\033X x\033\\", "\033[", "\033]", "\033P", "\033", "\xC2\x9B" "2J", "\xC2\x9D" "0;t\xC2\x9C",
	"\xC2\x90" "x\xC2\x9C", "\x9B" "2J", "\x9D" "0;t\x9C", "\x90q\x9C", "\x8D", "\xC2\x85", "\xC2\x8D", "\033[200~", "\033[38;2;1;2;3m",
	"\033[0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0m", "\033[99999999999H", "\x0E", "\x0F", "\005", "\a", "\b\b\b", "\x7F", "\r", "\v\f", "\x18",
	"\x1A",
};

static const char *const malformed[] = {
	"\xC0\x9B", "\xC1\xBF", "\xE0\x80\x9B", "\xF0\x80\x80\x9B", "\xED\xA0\x80\xED\xB0\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80",
	"\xFC\x84\x80\x80\x80\x80", "\xE2\x82", "\xF0\x9F\x98", "\xC3", "\x80", "\xBF\xBF", "\xFE\xFF", "\xFF\xFE", "\xE4\xB8", "\xC3(",
};

static const char *const words[] = {
	"a", "fine", "film", "not", "worth", "the", "money", ",", ".", "\"", "''", "10/10", "caf\xC3\xA9", "\xC3\xBC" "ber", "...", "\xE2\x80\x94",
	"<br />", "&amp;", "%s%n", "\\033[2J", "^[[2J",
};

#define CHOOSE(maker, list) (list)[draw(maker, (uint32_t)(sizeof(list) / sizeof *(list)))]

static void put_sequence_of_emoji(struct maker *maker)
{
	for (uint32_t left = 1 + draw(maker, 4); left > 0; left--) {
		put_code(maker, DRAW_RANGE(maker, emoji));
		if (draw(maker, 2))
			put_code(maker, DRAW_RANGE(maker, selectors));
		if (left > 1 || draw(maker, 4) == 0)
			put_code(maker, 0x200D);
	}
}

static void put_long_word(struct maker *maker)
{
	const uint32_t letter = 'a' + draw(maker, 26);

	for (uint32_t left = 20 + draw(maker, draw(maker, 20) ? 200 : 2000); left > 0; left--)
		put_byte(maker, letter);
}

static void put_unit(struct maker *maker, uint32_t kind)
{
	switch (kind) {
	case 0: put_byte(maker, 1 + draw(maker, 255)); break;
	case 1: put_byte(maker, 1 + draw(maker, 31)); break;
	case 2: put_byte(maker, 0x80 + draw(maker, 32)); break;
	case 3: put_code(maker, 0x80 + draw(maker, 32)); break;
	case 4: put_string(maker, CHOOSE(maker, sequences)); break;
	case 5: put_code(maker, DRAW_RANGE(maker, bidi)); break;
	case 6: put_code(maker, DRAW_RANGE(maker, invisible)); break;
	case 7: put_code(maker, DRAW_RANGE(maker, marks)); break;
	case 8: put_code(maker, DRAW_RANGE(maker, wide)); break;
	case 9: put_code(maker, DRAW_RANGE(maker, ambiguous)); break;
	case 10: put_sequence_of_emoji(maker); break;
	case 11: put_code(maker, DRAW_RANGE(maker, selectors)); break;
	case 12: put_code(maker, DRAW_RANGE(maker, jamo)); break;
	case 13: put_code(maker, DRAW_RANGE(maker, tags)); break;
	case 14: put_code(maker, DRAW_RANGE(maker, flags)); break;
	case 15: put_code(maker, DRAW_RANGE(maker, odd)); break;
	case 16: put_code(maker, DRAW_RANGE(maker, anything)); break;
	case 17: put_string(maker, CHOOSE(maker, malformed)); break;
	case 18: put_byte(maker, (uint32_t)"\t\n \r"[draw(maker, 4)]); break;
	default: put_string(maker, CHOOSE(maker, words));
	}
}

size_t hostile_text(uint64_t seed, uint64_t number, char out[HOSTILE_TEXT_MAX])
{
	struct maker maker = {.seed = seed, .number = number, .out = out};

	for (uint32_t pieces = 1 + draw(&maker, draw(&maker, 16) ? 6 : 40); pieces > 0; pieces--) {
		const uint32_t kind = draw(&maker, 24);

		if (draw(&maker, 60) == 0)
			put_long_word(&maker);
		for (uint32_t units = 1 + draw(&maker, 6); units > 0; units--)
			put_unit(&maker, kind);
	}
	return maker.size;
}

void hostile_escape(const char *text, size_t size, char *out, size_t capacity)
{
	size_t used = 0;

	*out = '\0';
	for (size_t i = 0; i < size && used + 8 < capacity; i++) {
		const unsigned char byte = (unsigned char)text[i];
		const bool plain = byte >= ' ' && byte < 0x7F && byte != '"' && byte != '\\';

		used += (size_t)snprintf(out + used, capacity - used, plain ? "%c" : "\\%03o", byte);
	}
}
