/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui/terminal/text.c and ui/reviews/search.c: word wrap of scrubbed text, and finding a text in it. */
#include "tests/unit/check.h"

#include "ui/reviews/search.h"
#include "ui/terminal/text.h"

/* The lines of `text` at this width, a '|' after each. */
static void wrap(const char *text, int columns, char *out)
{
	struct scrubbed scrubbed = {0};
	struct text_lines lines = {0};

	assert_true(scrub_text(&scrubbed, span_of(text), (struct scrub_options){SCRUB_NEWLINE_KEEP, false}));
	assert_true(text_wrap(&lines, &scrubbed, columns));
	for (size_t i = 0; i < lines.count; i++) {
		const struct text_line *line = &lines.lines[i];

		assert_true(line->width <= columns);
		for (size_t j = line->first; j < line->first + line->count; j++) {
			memcpy(out, scrubbed.text + scrubbed.glyphs[j].offset, scrubbed.glyphs[j].size);
			out += scrubbed.glyphs[j].size;
		}
		*out++ = '|';
	}
	*out = '\0';
	scrubbed_free(&scrubbed);
	text_lines_free(&lines);
}

static void lines_break_at_spaces(void **state)
{
	char out[256];

	(void)state;
	wrap("a bad film, I think", 8, out);
	assert_string_equal(out, "a bad|film, I|think|");
	wrap("a bad film", 10, out);
	assert_string_equal(out, "a bad film|");
	wrap("ab cd  ef", 5, out);
	assert_string_equal(out, "ab cd|ef|");
}

static void a_word_longer_than_a_line_breaks_anywhere(void **state)
{
	char out[256];

	(void)state;
	wrap("extraordinary", 5, out);
	assert_string_equal(out, "extra|ordin|ary|");
	wrap("an extraordinary", 5, out);
	assert_string_equal(out, "an|extra|ordin|ary|");
}

static void kept_line_breaks_start_a_line(void **state)
{
	char out[256];

	(void)state;
	wrap("one\ntwo\n\nthree", 20, out);
	assert_string_equal(out, "one|two||three|");
	wrap("one\n", 20, out);
	assert_string_equal(out, "one||");
	wrap("", 20, out);
	assert_string_equal(out, "|");
}

static void wide_glyphs_count_two_columns(void **state)
{
	char out[256];

	(void)state;
	wrap("\xE6\x98\xA0\xE7\x94\xBB\xE6\x98\xA0", 5, out);
	assert_string_equal(out, "\xE6\x98\xA0\xE7\x94\xBB|\xE6\x98\xA0|");
	wrap("e\xCC\x81" "e\xCC\x81" "e", 2, out);
	assert_string_equal(out, "e\xCC\x81" "e\xCC\x81|e|");
}

static void every_width_ends_and_loses_no_word(void **state)
{
	static const char text[] = "  We   booked two nights\nat the lakeside lodge \xE6\x98\xA0\xE7\x94\xBB for an anniversary. ";
	char out[1024];

	(void)state;
	for (int columns = 1; columns < 90; columns++) {
		int letters = 0, wanted = 0;

		wrap(text, columns, out);
		for (const char *c = out; *c; c++)
			letters += *c != ' ' && *c != '|';
		for (const char *c = text; *c; c++)
			wanted += *c != ' ' && *c != '\n';
		assert_int_equal(letters, wanted);
	}
}

static void the_cursor_is_found_by_its_glyph(void **state)
{
	struct scrubbed text = {0};
	struct text_lines lines = {0};
	size_t row;
	int column;

	(void)state;
	scrub_text(&text, span_of("caf\xC3\xA9 au lait"), (struct scrub_options){SCRUB_NEWLINE_KEEP, false});
	assert_true(text_wrap(&lines, &text, 7));
	text_locate(&lines, &text, 4, 7, &row, &column);
	assert_int_equal(row, 0);
	assert_int_equal(column, 4);
	text_locate(&lines, &text, text.count, 7, &row, &column);
	assert_int_equal(row, 1);
	assert_int_equal(column, 4);
	assert_int_equal(text_glyph_at(&text, 5), 4);
	scrubbed_free(&text);
	text_lines_free(&lines);
}

/* The glyphs of every span, line by line: "<style>glyphs", a '|' after each line. */
static void wrap_styled(const char *text, int columns, const struct text_span *spans, size_t count, char *out)
{
	struct scrubbed scrubbed = {0};
	struct text_lines lines = {0};

	assert_true(scrub_text(&scrubbed, span_of(text), (struct scrub_options){SCRUB_NEWLINE_KEEP, false}));
	assert_true(text_wrap(&lines, &scrubbed, columns));
	assert_true(text_style(&lines, &scrubbed, spans, count));
	for (size_t i = 0; i < lines.count; i++) {
		const struct text_line *line = &lines.lines[i];
		size_t glyphs = 0;

		for (size_t j = line->span; j < line->span + line->span_count; j++) {
			const struct text_span *span = &lines.spans[j];

			assert_int_equal(span->offset, line->first + glyphs);
			glyphs += span->length;
			out += snprintf(out, 16, "<%d>", span->style);
			for (size_t k = span->offset; k < span->offset + span->length; k++)
				*out++ = scrubbed.text[scrubbed.glyphs[k].offset];
		}
		assert_int_equal(glyphs, line->count);
		*out++ = '|';
	}
	*out = '\0';
	scrubbed_free(&scrubbed);
	text_lines_free(&lines);
}

static void a_styled_part_survives_the_wrapping(void **state)
{
	static const struct text_span match = {2, 8, 5};
	char out[256];

	(void)state;
	wrap_styled("a bad film, I think", 40, &match, 1, out);
	assert_string_equal(out, "<0>a <5>bad film<0>, I think|");
	wrap_styled("a bad film, I think", 6, &match, 1, out);
	assert_string_equal(out, "<0>a <5>bad|<5>film<0>,|<0>I|<0>think|");
	wrap_styled("a bad film, I think", 6, NULL, 0, out);
	assert_string_equal(out, "<0>a bad|<0>film,|<0>I|<0>think|");
}

static void a_later_part_lies_on_top_and_none_reaches_beyond_the_text(void **state)
{
	static const struct text_span spans[] = {{3, SIZE_MAX, 3}, {5, 2, 6}, {900, 4, 1}};
	char out[256];

	(void)state;
	wrap_styled("abcdefghij", 4, spans, 3, out);
	assert_string_equal(out, "<0>abc<3>d|<3>e<6>fg<3>h|<3>ij|");
}

static bool found(const char *pattern, const char *text, size_t *start, size_t *end)
{
	struct search search = {0};
	struct error error = {0};
	bool result;

	assert_true(search_set(&search, pattern, &error));
	result = search_find(&search, span_of(text), 0, start, end);
	search_clear(&search);
	return result;
}

static void a_plain_text_is_found_in_either_case(void **state)
{
	size_t start, end;

	(void)state;
	assert_true(found("noodle", "Best bowl of NOODLES", &start, &end));
	assert_int_equal(start, 13);
	assert_int_equal(end, 19);
	assert_false(found("noodlex", "noodles", &start, &end));
	assert_true(found("s", "noodles", &start, &end));
}

static void a_regular_expression_is_found(void **state)
{
	size_t start, end;

	(void)state;
	assert_true(found("^bat+ery", "Battery died", &start, &end));
	assert_int_equal(end, 7);
	assert_false(found("^died", "Battery died", &start, &end));
	assert_true(found("died$", "Battery died", &start, &end));
}

static void a_bad_regular_expression_is_refused_and_the_old_search_stays(void **state)
{
	struct search search = {0};
	struct error error = {0};
	size_t start, end;

	(void)state;
	assert_true(search_set(&search, "x+", &error));
	assert_false(search_set(&search, "a(b", &error));
	assert_true(error.text[0]);
	assert_false(search_set(&search, "(a)\\1", &error));
	assert_true(search_find(&search, span_of("axx"), 0, &start, &end));
	assert_int_equal(end - start, 2);
	search_clear(&search);
	assert_false(search_find(&search, span_of("axx"), 0, &start, &end));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_break_at_spaces),
		cmocka_unit_test(a_word_longer_than_a_line_breaks_anywhere),
		cmocka_unit_test(kept_line_breaks_start_a_line),
		cmocka_unit_test(wide_glyphs_count_two_columns),
		cmocka_unit_test(every_width_ends_and_loses_no_word),
		cmocka_unit_test(the_cursor_is_found_by_its_glyph),
		cmocka_unit_test(a_styled_part_survives_the_wrapping),
		cmocka_unit_test(a_later_part_lies_on_top_and_none_reaches_beyond_the_text),
		cmocka_unit_test(a_plain_text_is_found_in_either_case),
		cmocka_unit_test(a_regular_expression_is_found),
		cmocka_unit_test(a_bad_regular_expression_is_refused_and_the_old_search_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
