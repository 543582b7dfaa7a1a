/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/base/json_scan and json: the grammar of RFC 8259, and documents when memory is short: every single allocation
 * fails once, those of Jansson, too. */
#include "tests/unit/check.h"
#include "tests/unit/failing_allocations.h"

#include "engine/base/json.h"
#include "engine/base/json_scan.h"

static bool is_json(const char *text, bool python)
{
	struct json_scan scan;
	enum json_event event;

	json_scan_begin(&scan, span_of(text), python);
	do {
		event = json_scan_next(&scan);
	} while (event != EVENT_END && event != EVENT_FAULT);
	assert_true(event == EVENT_END || scan.fault);
	return event == EVENT_END && json_scan_rest_is(&scan, "");
}

static void what_rfc_8259_allows_is_read_and_nothing_else(void **state)
{
	static const char *const right[] = {
		"{}", "[]", " [ ] ", "0", "-0", "\"\"", "null", "true", "false", "[1,2]", "{\"a\":1,\"a\":2}", "1e5", "1E+5",
		"-1.5e-7", "[[[[]]]]", "{\"\":{\"\":[]}}", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uD800\"", "\t\r\n1\n", "\"\x7F\"",
		"123456789012345678901234567890", "\"a long text without anything in it\"",
	};
	static const char *const wrong[] = {
		"", " ", "{", "[", "]", "}", "[1,]", "{\"a\":1,}", "{\"a\"}", "{\"a\":}", "{a:1}", "{1:1}", "[1 2]", "[,1]", "01", "-",
		"1.", ".5", "1e", "1e+", "+1", "0x10", "- 1", "1a", "nul", "nulll", "True", "'a'", "\"a", "\"\n\"", "\"\t\"", "\"\\x\"",
		"\"\\u12\"", "\"\\u12G4\"", "\"\\", "[}", "{]", "{\"a\":1]", "[1}", "1 2", "[] []", "// a\n1", "\xEF\xBB\xBF" "1",
		"NaN", "[Infinity]", "-Infinity",
	};

	(void)state;
	for (size_t i = 0; i < sizeof right / sizeof *right; i++)
		if (!is_json(right[i], false) || !is_json(right[i], true))
			fail_msg("refused: %s", right[i]);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (is_json(wrong[i], false))
			fail_msg("taken: %s", wrong[i]);
}

static void what_python_writes_beyond_the_standard_is_read_where_it_is_wanted(void **state)
{
	(void)state;
	assert_true(is_json("[NaN, Infinity, -Infinity]", true));
	assert_false(is_json("[nan]", true));
	assert_false(is_json("[-NaN]", true));
	assert_false(is_json("[Inf]", true));
	assert_false(is_json("[NaN1]", true));
	assert_false(is_json("+Infinity", true));
}

static void brackets_are_read_to_a_depth_and_no_further(void **state)
{
	char text[2 * JSON_SCAN_DEPTH + 3] = "";

	(void)state;
	memset(text, '[', JSON_SCAN_DEPTH);
	memset(text + JSON_SCAN_DEPTH, ']', JSON_SCAN_DEPTH);
	assert_true(is_json(text, false));
	memset(text, '[', JSON_SCAN_DEPTH + 1);
	memset(text + JSON_SCAN_DEPTH + 1, ']', JSON_SCAN_DEPTH + 1);
	assert_false(is_json(text, false));
}

static void a_text_that_only_ends_too_early_is_told_from_one_that_is_wrong(void **state)
{
	static const char text[] = "{\"a\": [1, -2.5e3, true, null, \"x\\u00e9\"], \"b\": {\"c\": \"\"}}";
	struct json_scan scan;

	(void)state;
	for (size_t size = 1; size < sizeof text - 1; size++) {
		enum json_event event = EVENT_NULL;

		json_scan_begin(&scan, (struct span){text, size}, false);
		while (event != EVENT_FAULT && event != EVENT_END)
			event = json_scan_next(&scan);
		assert_int_equal(event, EVENT_FAULT);
		assert_true(scan.cut);
	}
	json_scan_begin(&scan, span_of("[1, 2)]"), false);
	while (json_scan_next(&scan) != EVENT_FAULT)
		;
	assert_false(scan.cut);
	assert_int_equal(scan.at, 5);
}

static void assert_unescaped(const char *token, const char *expected, uint32_t surrogates, uint32_t nuls)
{
	struct json_replaced replaced = {0};
	char out[100];
	size_t size = json_scan_unescape(span_of(token), out, &replaced);

	assert_true(size <= strlen(token));
	assert_true(span_equal((struct span){out, size}, span_of(expected)));
	assert_int_equal(replaced.surrogates, surrogates);
	assert_int_equal(replaced.nuls, nuls);
}

static void escapes_become_characters_and_what_is_none_becomes_u_fffd(void **state)
{
	(void)state;
	assert_unescaped("a\\\"\\\\\\/\\b\\f\\n\\r\\tb", "a\"\\/\b\f\n\r\tb", 0, 0);
	assert_unescaped("\\u0041\\u00e9\\u20AC\\uD83D\\uDE00", "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 0, 0);
	assert_unescaped("\\ud83d", "\xEF\xBF\xBD", 1, 0);
	assert_unescaped("\\ude00\\ud83d", "\xEF\xBF\xBD\xEF\xBF\xBD", 2, 0);
	assert_unescaped("\\ud83d\\ud83d\\ude00", "\xEF\xBF\xBD\xF0\x9F\x98\x80", 1, 0);
	assert_unescaped("\\ud83d\\n\\u0000", "\xEF\xBF\xBD\n\xEF\xBF\xBD", 1, 1);
	assert_unescaped("", "", 0, 0);
}

/* Reads the document while the first, the second, ... allocation fails, until none does. */
static void fail_each_allocation(struct span text, long step)
{
	bool done = false;
	long number = 0;

	json_set_alloc_funcs(__wrap_malloc, free);
	for (; !done; number += step) {
		struct error error = {0};
		json_t *document;

		failed = false;
		allowed = number;
		document = json_parse(text, "x.json", &error);
		allowed = -1;
		done = !failed;
		assert_true(done == (document != NULL));
		if (!done) {
			assert_int_equal(error.kind, ERROR_FAILED);
			assert_string_equal(error.text, "x.json: out of memory while reading JSON");
		}
		json_decref(document);
	}
	json_set_alloc_funcs(malloc, free);
	assert_true(number > 10);
}

static void fail_each_allocation_of(const char *name, long step)
{
	struct error error = {0};
	json_t *whole = json_read(check_source(name), (size_t)1 << 24, &error);
	char *text;

	if (!whole)
		fail_msg("%s", error.text);
	text = json_dumps(whole, JSON_ENCODE_ANY);
	json_decref(whole);
	assert_non_null(text);
	fail_each_allocation(span_of(text), step);
	free(text);
}

static void short_memory_is_told_as_that_whichever_allocation_fails(void **state)
{
	(void)state;
	fail_each_allocation(span_of("{\"step\": 3, \"state\": \"running\", \"a key that is longer than the buffer of any lexer \\u00e9\": "
	                             "[1.5, null, true, {\"text\": \"and a text that is longer than that, so that it grows\"}]}"), 1);
	fail_each_allocation_of("share/models/pocket/config.json", 1);
	fail_each_allocation_of("share/models/pocket/tokenizer_config.json", 1);
	fail_each_allocation_of("share/models/pocket/tokenizer.json", 131);
}

static void documents_hold_what_their_text_says(void **state)
{
	struct error error = {0};
	json_t *document = json_parse(span_of("{\"a\": [1, -2, 2.5, true, false, null, \"x\\ty\", {}], \"\\u00e9\": {\"b\": []}}"),
	                              "x.json", &error);
	char *text = json_dumps(document, JSON_COMPACT);

	(void)state;
	assert_string_equal(text, "{\"a\":[1,-2,2.5,true,false,null,\"x\\ty\",{}],\"\xC3\xA9\":{\"b\":[]}}");
	free(text);
	json_decref(document);
}

static void what_is_wrong_with_a_document_is_told_with_its_place(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"{\"a\": 1,\n  \"b\": }", "x: line 2, column 8: not valid JSON: a value is expected"},
		{"{\"a\": 1,\n  \"a\": 2}", "x: line 2, column 3: not valid JSON: duplicate object key"},
		{"{\"\\u00e9\": 1, \"\xC3\xA9\": 2}", "x: line 1, column 15: not valid JSON: duplicate object key"},
		{"[\"\xC3\"]", "x: line 1, column 2: not valid JSON: unable to decode byte as UTF-8"},
		{"[\"\\ud800\"]", "x: line 1, column 2: not valid JSON: half of a surrogate pair"},
		{"[\"\\u0000\"]", "x: line 1, column 2: not valid JSON: \\u0000 is not allowed"},
		{"[1e999]", "x: line 1, column 2: not valid JSON: a number is too large"},
		{"[1]\n2", "x: line 2, column 1: not valid JSON: the end is expected"},
		{"7", "x: line 1, column 1: not valid JSON: an object or array is expected"},
		{"[1", "x: line 1, column 3: not valid JSON: a comma or ] is expected"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct error error = {0};
		assert_null(json_parse(span_of(cases[i].text), "x", &error));
		assert_int_equal(error.kind, ERROR_DATA);
		assert_string_equal(error.text, cases[i].message);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_rfc_8259_allows_is_read_and_nothing_else),
		cmocka_unit_test(what_python_writes_beyond_the_standard_is_read_where_it_is_wanted),
		cmocka_unit_test(brackets_are_read_to_a_depth_and_no_further),
		cmocka_unit_test(a_text_that_only_ends_too_early_is_told_from_one_that_is_wrong),
		cmocka_unit_test(escapes_become_characters_and_what_is_none_becomes_u_fffd),
		cmocka_unit_test(short_memory_is_told_as_that_whichever_allocation_fails),
		cmocka_unit_test(documents_hold_what_their_text_says),
		cmocka_unit_test(what_is_wrong_with_a_document_is_told_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
