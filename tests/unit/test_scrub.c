/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What comes out of the scrubber is safe to draw, whatever went in. */
#include "tests/unit/check.h"

#include "engine/base/random.h"
#include "engine/scrub.h"
#include "engine/text/unicode.h"

static const struct scrub_options plain = {SCRUB_NEWLINE_SPACE, false}, keep = {SCRUB_NEWLINE_KEEP, false},
                                  symbol = {SCRUB_NEWLINE_SYMBOL, false}, ascii = {SCRUB_NEWLINE_SPACE, true};

struct example {
	const char *text, *plain, *ascii;
	int columns; /* of the plain one */
};

#define R "\xEF\xBF\xBD"

static const struct example examples[] = {
	{"plain text", "plain text", "plain text", 10},
	{"", "", "", 0},
	/* what moves a cursor, sets a title, writes the clipboard */
	{"a\x1B[2Jb", "a" R "[2Jb", "a.[2Jb", 6},
	{"\x1B]52;c;aGk=\x07", R "]52;c;aGk=" R, ".]52;c;aGk=.", 12},
	{"\xC2\x9B" "31m", R "31m", ".31m", 4},
	{"\x9B" "31m", R "31m", ".31m", 4},
	{"a\bb\x7F" "c\x0E", "a" R "b" R "c" R, "a.b.c.", 6},
	{"a\rb", "a b", "a b", 3},
	{"a\r\nb\n\nc\td", "a b  c d", "a b  c d", 8},
	{"a\x0B" "b\x0C" "c\xC2\x85" "d", "a" R "b" R "c" R "d", "a.b.c.d", 7},
	/* what reorders a line: the bidirectional controls */
	{"\xE2\x80\xAE" "evil\xE2\x80\xAC", R "evil" R, ".evil.", 6},
	{"\xE2\x81\xA6" "a\xE2\x81\xA9\xD8\x9C\xE2\x80\x8E\xE2\x80\x8F", R "a" R R R R, ".a....", 6},
	/* what cannot be seen */
	{"a\xE2\x80\x8B" "b\xE2\x80\x8C" "c\xE2\x80\x8D" "d", "a" R "b" R "c" R "d", "a.b.c.d", 7},
	{"\xEF\xBB\xBF" "a\xE2\x81\xA0" "b", R "a" R "b", ".a.b", 4},
	{"a\xE2\x80\xA8" "b\xE2\x80\xA9" "c", "a" R "b" R "c", "a.b.c", 5},
	{"a\xF3\xA0\x81\xA1\xF3\xA0\x81\xBF", "a" R R, "a..", 3},
	{"\xE3\x85\xA4\xEF\xBE\xA0\xE1\x85\x9F", R R R, "...", 3},
	{"co\xC2\xADop", "co-op", "co-op", 5},
	/* what means nothing outside one machine, and what is no character */
	{"\xEE\x80\x80\xF3\xB0\x80\x80\xF4\x8F\xBF\xBD", R R R, "...", 3},
	{"\xEF\xB7\x90\xEF\xBF\xBE\xEF\xBF\xBF\xF0\x9F\xBF\xBF", R R R R, "....", 4},
	/* what is not UTF-8 */
	{"a\xFF\xFE" "b", "a" R R "b", "a..b", 4},
	{"\xC3", R, ".", 1},
	{"\xE2\x82", R, ".", 1},
	{"\xED\xA0\x80", R R R, "...", 3},
	{"\xC0\x9B[", R R "[", "..[", 3},
	{"\xF4\x90\x80\x80", R R R R, "....", 4},
	/* marks */
	{"e\xCC\x81", "e\xCC\x81", "e", 1},
	{"\xCC\x81" "e", R "e", ".e", 2},
	{"e\xCC\x81\xCC\x82\xCC\x83\xCC\x84\xCC\x85\xCC\x86x", "e\xCC\x81\xCC\x82\xCC\x83\xCC\x84x", "ex", 2},
	{"\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", "?", 2},
	/* wide characters and emoji */
	{"\xE4\xB8\xAD\xE5\x9B\xBD", "\xE4\xB8\xAD\xE5\x9B\xBD", "??", 4},
	{"\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD!", "\xF0\x9F\x91\x8D!", "?!", 3},
	{"\xE2\x9D\xA4\xEF\xB8\x8F", "\xE2\x9D\xA4", "?", 1},
	{"\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7", "\xF0\x9F\x91\xA9\xF0\x9F\x91\xA7", "??", 4},
	{"\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA", "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA", "?", 2},
	{"a\xE2\x80\x8D\xF0\x9F\x91\xA7", "a" R "\xF0\x9F\x91\xA7", "a.?", 4},
	/* what ASCII can say nearly */
	{"na\xC3\xAFve \xE2\x80\x9Cquote\xE2\x80\x9D \xE2\x80\x93 it\xE2\x80\x99s\xE2\x80\xA6",
	 "na\xC3\xAFve \xE2\x80\x9Cquote\xE2\x80\x9D \xE2\x80\x93 it\xE2\x80\x99s\xE2\x80\xA6", "naive \"quote\" - it's.", 21},
	{R, R, "?", 1},
};

static void hostile_texts_come_out_visible(void **state)
{
	struct scrubbed out = {0};

	(void)state;
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
		char line[256];

		assert_true(scrub_text(&out, span_of(examples[i].text), plain));
		assert_string_equal(out.text, examples[i].plain);
		assert_int_equal(scrub_line(line, sizeof line, 0, span_of(examples[i].text), plain), examples[i].columns);
		assert_string_equal(line, examples[i].plain);
		assert_true(scrub_text(&out, span_of(examples[i].text), ascii));
		assert_string_equal(out.text, examples[i].ascii);
	}
	scrubbed_free(&out);
}

static void newlines_are_kept_shown_or_made_spaces(void **state)
{
	struct span text = span_of("a\r\nb\nc\rd");
	struct scrubbed out = {0};

	(void)state;
	assert_true(scrub_text(&out, text, keep));
	assert_string_equal(out.text, "a\nb\nc\nd");
	assert_int_equal(out.glyphs[1].width, 0);
	assert_true(scrub_text(&out, text, symbol));
	assert_string_equal(out.text, "a\xE2\x86\xB5" "b\xE2\x86\xB5" "c\xE2\x86\xB5" "d");
	assert_true(out.glyphs[1].substitute);
	assert_true(scrub_text(&out, text, (struct scrub_options){SCRUB_NEWLINE_SYMBOL, true}));
	assert_string_equal(out.text, "a/b/c/d");
	scrubbed_free(&out);
}

static void glyphs_know_their_columns_and_their_source(void **state)
{
	struct scrubbed out = {0};

	(void)state;
	assert_true(scrub_text(&out, span_of("\x1B" "e\xCC\x81\xE4\xB8\xAD"), plain));
	assert_int_equal(out.count, 3);
	assert_true(out.glyphs[0].substitute);
	assert_int_equal(out.glyphs[0].size, 3);
	assert_int_equal(out.glyphs[1].offset, 3);
	assert_int_equal(out.glyphs[1].size, 3);
	assert_int_equal(out.glyphs[1].width, 1);
	assert_int_equal(out.glyphs[1].source, 1);
	assert_false(out.glyphs[1].substitute);
	assert_int_equal(out.glyphs[2].width, 2);
	assert_int_equal(out.glyphs[2].source, 4);
	scrubbed_free(&out);
}

static void a_line_is_cut_between_glyphs(void **state)
{
	char out[16];

	(void)state;
	assert_int_equal(scrub_line(out, sizeof out, 3, span_of("\xE4\xB8\xAD\xE5\x9B\xBD"), plain), 2);
	assert_string_equal(out, "\xE4\xB8\xAD");
	assert_int_equal(scrub_line(out, 5, 0, span_of("abe\xCC\x81z"), plain), 2);
	assert_string_equal(out, "ab");
	assert_int_equal(scrub_line(out, 1, 0, span_of("a"), plain), 0);
	assert_string_equal(out, "");
	assert_int_equal(scrub_line(out, 0, 0, span_of("a"), plain), 0);
}

static void columns_are_counted_up_to_a_cut_through_a_wide_character(void **state)
{
	(void)state;
	assert_int_equal(scrub_columns(span_of("a\xE4\xB8\xAD" "b"), 10), 4);
	assert_int_equal(scrub_columns(span_of("a\xE4\xB8\xAD" "b"), 3), 3);
	assert_int_equal(scrub_columns(span_of("a\xE4\xB8\xAD" "b"), 2), 2);
	assert_int_equal(scrub_columns(span_of("a\r\nb\033"), 10), 4);
	assert_int_equal(scrub_columns(span_of("a"), 0), 0);
	assert_int_equal(scrub_columns(span_of("a"), -3), 0);
}

/* Printable in the sense of terminal safety: no control, nothing that reorders or hides, nothing ill-formed. */
static void assert_fit(const struct scrubbed *out, struct scrub_options options)
{
	const unsigned char *at = (const unsigned char *)out->text, *end = at + out->size;

	assert_int_equal(strlen(out->text), out->size);
	while (at < end) {
		const unsigned char *from = at;
		uint32_t c = unicode_decode(&at, end);

		if (c == '\n' && options.newline == SCRUB_NEWLINE_KEEP)
			continue;
		assert_true(c >= 0x20 && !(c >= 0x7F && c <= 0x9F));
		assert_true(!options.ascii || c < 0x7F);
		assert_true(c != UNICODE_REPLACEMENT || at - from == 3);
		assert_false(c == 0x61C || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
		             (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xE000 && c <= 0xF8FF) || c >= 0xE0000 ||
		             (c & 0xFFFE) == 0xFFFE || (c >= 0xFE00 && c <= 0xFE0F));
	}
}

static void assert_glyphs_cover(const struct scrubbed *out, size_t source_size)
{
	size_t offset = 0;

	for (size_t i = 0; i < out->count; i++) {
		assert_int_equal(out->glyphs[i].offset, offset);
		assert_true(out->glyphs[i].size > 0);
		assert_true(out->glyphs[i].width == 1 || out->glyphs[i].width == 2 ||
		            (out->glyphs[i].width == 0 && out->text[offset] == '\n'));
		assert_true(out->glyphs[i].source < source_size);
		assert_true(i == 0 || out->glyphs[i].source > out->glyphs[i - 1].source);
		offset += out->glyphs[i].size;
	}
	assert_int_equal(offset, out->size);
}

/* Random bytes, or random code points of the kinds that matter. */
static size_t random_text(uint32_t round, unsigned char *out, size_t capacity)
{
	static const uint32_t starts[] = {0x00, 0x80, 0x2000, 0x2060, 0x300, 0xFE00, 0x1F1E6, 0x1F468, 0xE0020, 0xE000, 0x1100};
	size_t size = 0;

	for (uint32_t i = 0; size + 4 < capacity; i++) {
		uint32_t random[4];

		philox(7, (uint32_t[4]){round, i, 0, 0}, random);
		if (round % 2)
			out[size++] = (unsigned char)random[0];
		else
			size += unicode_encode(random[2] % 5 ? starts[random[0] % 11] + random[1] % 0x60 : 0x200D, out + size);
	}
	return size;
}

static void random_bytes_never_reach_the_terminal_unscrubbed(void **state)
{
	struct scrubbed out = {0};
	unsigned char text[200];

	(void)state;
	for (uint32_t round = 0; round < 4000; round++) {
		size_t size = random_text(round, text, sizeof text);
		struct scrub_options options = {(enum scrub_newline)(round / 2 % 3), round / 6 % 2 == 1};

		assert_true(scrub_text(&out, (struct span){(const char *)text, size}, options));
		assert_fit(&out, options);
		assert_glyphs_cover(&out, size);
	}
	scrubbed_free(&out);
}

static void a_line_is_the_beginning_of_the_text(void **state)
{
	struct scrubbed out = {0};
	unsigned char text[120];
	char line[64];

	(void)state;
	for (uint32_t round = 0; round < 1000; round++) {
		size_t size = random_text(round, text, sizeof text), length;
		int columns = 0, used;

		assert_true(scrub_text(&out, (struct span){(const char *)text, size}, plain));
		used = scrub_line(line, sizeof line, 20, (struct span){(const char *)text, size}, plain);
		length = strlen(line);
		assert_memory_equal(line, out.text, length);
		for (size_t i = 0; i < out.count && out.glyphs[i].offset < length; i++)
			columns += out.glyphs[i].width;
		assert_int_equal(used, columns);
		assert_in_range(used, 0, 20);
	}
	scrubbed_free(&out);
}

static void a_storm_of_marks_takes_one_glyph(void **state)
{
	enum { MARKS = 100000 };
	char *text = malloc(2 * MARKS + 1);
	struct scrubbed out = {0};

	(void)state;
	assert_non_null(text);
	text[0] = 'a';
	for (size_t i = 0; i < MARKS; i++)
		memcpy(text + 1 + 2 * i, "\xCC\x81", 2);
	assert_true(scrub_text(&out, (struct span){text, 2 * MARKS + 1}, plain));
	assert_int_equal(out.count, 1);
	assert_int_equal(out.size, 9);
	scrubbed_free(&out);
	free(text);
}

static void widths_are_those_of_unicode(void **state)
{
	(void)state;
	assert_int_equal(scrub_width('a'), 1);
	assert_int_equal(scrub_width(0x0301), 0);
	assert_int_equal(scrub_width(0x4E2D), 2);
	assert_int_equal(scrub_width(0xFF21), 2);
	assert_int_equal(scrub_width(0xFF71), 1);
	assert_int_equal(scrub_width(0x1F600), 2);
	assert_int_equal(scrub_width(0x2800), 1);
	assert_int_equal(scrub_width(0x1161), 0);
	assert_int_equal(scrub_width(0x1FAE8), 2);
	assert_int_equal(scrub_width(0x10FFFF), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_texts_come_out_visible),
		cmocka_unit_test(newlines_are_kept_shown_or_made_spaces),
		cmocka_unit_test(glyphs_know_their_columns_and_their_source),
		cmocka_unit_test(a_line_is_cut_between_glyphs),
		cmocka_unit_test(columns_are_counted_up_to_a_cut_through_a_wide_character),
		cmocka_unit_test(random_bytes_never_reach_the_terminal_unscrubbed),
		cmocka_unit_test(a_line_is_the_beginning_of_the_text),
		cmocka_unit_test(a_storm_of_marks_takes_one_glyph),
		cmocka_unit_test(widths_are_those_of_unicode),
	};

	return cmocka_run_group_tests_name("scrub", tests, NULL, NULL);
}
