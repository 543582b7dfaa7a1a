/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/terminal/glyph.c: glyphs of several code points, as engine/scrub.h makes them, by the widths of the C library. */
#include "tests/unit/check.h"

#include "engine/scrub.h"
#include "ui/terminal/glyph.h"

#include <locale.h>

/* Every glyph of `text` is drawn whole; returns their columns. */
static int drawn_columns(const char *text)
{
	struct scrubbed scrubbed = {0};
	int columns = 0;

	assert_true(scrub_text(&scrubbed, span_of(text), (struct scrub_options){SCRUB_NEWLINE_SPACE, false}));
	for (size_t i = 0; i < scrubbed.count; i++) {
		const struct glyph *glyph = &scrubbed.glyphs[i];

		if (glyph_drawable(scrubbed.text + glyph->offset, glyph->size, glyph->width) != glyph->size)
			fail_msg("glyph %zu of \"%s\" is not drawn whole", i, text);
		columns += glyph->width;
	}
	scrubbed_free(&scrubbed);
	return columns;
}

static void a_flag_is_drawn_in_two_columns(void **state)
{
	char flag[9];

	(void)state;
	for (int first = 0; first < 26; first++) {
		for (int second = 0; second < 26; second++) {
			snprintf(flag, sizeof flag, "\xF0\x9F\x87%c\xF0\x9F\x87%c", 0xA6 + first, 0xA6 + second);
			assert_int_equal(drawn_columns(flag), 2);
		}
	}
}

static void glyphs_of_several_code_points_are_drawn_whole(void **state)
{
	static const struct {
		const char *text;
		int columns;
	} rows[] = {
		{"\U0001F1E9\U0001F1EA\U0001F1F0\U0001F1F7", 4},          /* two flags in a row */
		{"\U0001F1E9", 1},                                        /* half a flag */
		{"1\uFE0F\u20E3", 1},                                     /* a keycap */
		{"\U0001F44D\U0001F3FD", 2},                              /* a skin tone */
		{"\U0001F468\u200D\U0001F469\u200D\U0001F467", 6},        /* a family, each by itself */
		{"\U0001F3F3\uFE0F\u200D\U0001F308", 3},                  /* the rainbow flag */
		{"\u2764\uFE0F", 1},                                      /* a heart with a variation selector */
		{"\u1112\u1161\u11AB", 2},                                /* Hangul in jamo */
		{"e\u0301", 1},                                           /* a combining accent */
		{"a\u0301\u0302\u0303\u0304", 1},                         /* as many as a cell holds */
		{"\u0915\u093F", 2},                                      /* Devanagari with a vowel sign */
		{"\u0E01\u0E33", 2},                                      /* Thai with its sara am */
		{"\u304B\u3099", 2},                                      /* kana with a voicing mark */
		{"\u05E9\u05C1", 1},                                      /* a Hebrew point */
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(drawn_columns(rows[i].text), rows[i].columns);
}

static void a_mark_that_the_library_does_not_know_is_left_out(void **state)
{
	(void)state;
	assert_int_equal(glyph_drawable("a\u0378", 3, 1), 1);
	assert_int_equal(glyph_drawable("a\xFF", 2, 1), 1);
}

static void what_would_take_other_columns_is_not_drawn(void **state)
{
	(void)state;
	assert_int_equal(glyph_drawable("a", 1, 2), 0);
	assert_int_equal(glyph_drawable("\u4E00", 3, 1), 0);
	assert_int_equal(glyph_drawable("\033", 1, 1), 0);
	assert_int_equal(glyph_drawable("\177", 1, 1), 0);
	assert_int_equal(glyph_drawable("\xF0\x9F", 2, 1), 0);
	assert_int_equal(glyph_drawable("", 0, 1), 0);
}

static void what_terminals_may_count_otherwise_is_doubtful(void **state)
{
	static const char *const doubtful[] = {"e\u0301", "\U0001F1E9\U0001F1EA", "\U0001F44D", "\u4E00", "\u05E9\u05C1", "\u302F", "\u0436\u0483", "\u25FD", "\u00AD",
	                                     "\xFF"};
	static const char *const settled[] = {"e", "\u00E9", "\u0416", "\u03A9", "\u2500", "\u2588", "\u28FF", "\u2026", "\uFFFD", ""};

	(void)state;
	for (size_t i = 0; i < sizeof doubtful / sizeof *doubtful; i++)
		assert_true(glyph_is_doubtful(doubtful[i], strlen(doubtful[i])));
	for (size_t i = 0; i < sizeof settled / sizeof *settled; i++)
		assert_false(glyph_is_doubtful(settled[i], strlen(settled[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flag_is_drawn_in_two_columns),
		cmocka_unit_test(glyphs_of_several_code_points_are_drawn_whole),
		cmocka_unit_test(a_mark_that_the_library_does_not_know_is_left_out),
		cmocka_unit_test(what_would_take_other_columns_is_not_drawn),
		cmocka_unit_test(what_terminals_may_count_otherwise_is_doubtful),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		printf("1..0 # SKIP no locale C.UTF-8\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
