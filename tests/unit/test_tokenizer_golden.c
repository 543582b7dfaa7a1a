/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ids and the places of pieces against the Hugging Face tokenizers: tests/golden/make_tokens.py. */
#include "tests/unit/text_check.h"

#include "engine/base/json.h"

#include <inttypes.h>

enum { IDS_MAX = 1 << 16, TOKENIZERS = 4 };

static int32_t ids[IDS_MAX];
static uint32_t ends[IDS_MAX];

/* Small lower, small cased, MiniLM lower, MiniLM cased; the last two are NULL without REVUE_MODELS. */
static struct tokenizer *tokenizers[TOKENIZERS];

static struct tokenizer *open_with(const char *vocabulary, bool cased)
{
	struct error error = {0};
	struct tokenizer *tokenizer;
	char folder[256];
	size_t size;
	char *text = file_read(vocabulary, (size_t)64 << 20, &size, &error);

	assert_non_null(text);
	check_folder(folder, sizeof folder);
	check_write(folder, "vocab.txt", (struct span){text, size});
	free(text);
	if (cased)
		check_write(folder, "tokenizer_config.json", span_of("{\"do_lower_case\": false}"));
	tokenizer = tokenizer_open(folder, &error);
	if (!tokenizer)
		fail_msg("%s", error.text);
	check_folder_remove(folder);
	return tokenizer;
}

static int open_all(void **state)
{
	const char *large;

	(void)state;
	for (int cased = 0; cased < 2; cased++)
		tokenizers[cased] = open_with(check_source("tests/golden/tokens/small/vocab.txt"), cased);
	for (int cased = 0; cased < 2; cased++) {
		large = check_real("REVUE_MODELS", "minilm-l6-384/vocab.txt");
		tokenizers[2 + cased] = large ? open_with(large, cased) : NULL;
	}
	return 0;
}

static int free_all(void **state)
{
	(void)state;
	for (int i = 0; i < TOKENIZERS; i++)
		tokenizer_free(tokenizers[i]);
	return 0;
}

static uint32_t sum_of(const struct tokenizer *tokenizer, struct span text, bool with_ends)
{
	bool truncated = true;
	int32_t count = tokenizer_encode(tokenizer, text, IDS_MAX, ids, ends, &truncated);
	uint32_t sum = CHECK_SUM_START;

	assert_false(truncated);
	assert_int_equal(tokenizer_count(tokenizer, text), count);
	sum = check_sum_words(sum, (const uint32_t *)ids, (size_t)count);
	return with_ends ? check_sum_words(sum, ends + 1, (size_t)count - 2) : sum;
}

/* Compares the text's sums with the last 4 * 9 - 1 characters of `expected`. */
static void compare(struct span text, struct span expected, const char *name, size_t line)
{
	const char *at = expected.data + expected.size - (9 * TOKENIZERS - 1);
	bool with_ends;

	assert_true(expected.size >= 9 * TOKENIZERS - 1);
	with_ends = at - expected.data < 4 || memcmp(at - 4, "ids ", 4) != 0;
	for (int i = 0; i < TOKENIZERS; i++) {
		uint32_t wanted = (uint32_t)strtoul(at + 9 * i, NULL, 16);

		if (tokenizers[i] && sum_of(tokenizers[i], text, with_ends) != wanted)
			fail_msg("%s, line %zu: other ids than the reference with tokenizer %d", name, line, i);
	}
}

static void texts_of_ours_give_the_ids_of_the_reference(void **state)
{
	size_t size, sums_size, at = 0, sums_at = 0, number = 0;
	char *texts = check_golden("texts.txt", &size), *sums = check_golden("ours.txt", &sums_size);
	struct span line, expected;

	(void)state;
	while (check_line((struct span){texts, size}, &at, &line)) {
		assert_true(check_line((struct span){sums, sums_size}, &sums_at, &expected));
		compare(line, expected, "texts.txt", ++number);
	}
	assert_int_equal(number, 253);
	free(texts);
	free(sums);
}

static struct span unhex(struct span line, char *out)
{
	for (size_t i = 0; i < line.size / 2; i++) {
		const char digits[3] = {line.data[2 * i], line.data[2 * i + 1], '\0'};

		out[i] = (char)strtol(digits, NULL, 16);
	}
	return (struct span){out, line.size / 2};
}

static void hostile_texts_give_the_ids_of_the_reference(void **state)
{
	size_t size, sums_size, at = 0, sums_at = 0, number = 0;
	char *texts = check_golden("hostile.hex", &size), *sums = check_golden("ours.txt", &sums_size);
	struct span line, expected;
	char out[8192];

	(void)state;
	for (int i = 0; i < 253; i++)
		assert_true(check_line((struct span){sums, sums_size}, &sums_at, &expected));
	while (check_line((struct span){texts, size}, &at, &line)) {
		assert_true(line.size / 2 <= sizeof out);
		assert_true(check_line((struct span){sums, sums_size}, &sums_at, &expected));
		compare(unhex(line, out), expected, "hostile.hex", ++number);
	}
	assert_int_equal(number, 500);
	free(texts);
	free(sums);
}

/* The lines of one real file; `expected` begins with the first of its sums. Returns how many were compared. */
static size_t compare_file(const char *path, struct span sums, size_t *at, const char *name)
{
	struct error error = {0};
	struct span line, expected;
	size_t size, text_at = 0, number = 0, before = *at;
	char *text = file_read(path, (size_t)64 << 20, &size, &error);

	assert_non_null(text);
	while (check_line(sums, at, &expected) && strncmp(expected.data, name, strlen(name)) == 0) {
		assert_true(check_line((struct span){text, size}, &text_at, &line));
		compare(line, expected, name, ++number);
		before = *at;
	}
	*at = before;
	free(text);
	return number;
}

static void lines_of_real_files_give_the_ids_of_the_reference(void **state)
{
	size_t size, at = 0, number = 0;
	char *sums = check_golden("lines.txt", &size);
	struct span line;

	(void)state;
	if (!check_real("REVUE_DATA", "imdb_test5k.csv")) {
		free(sums);
		skip();
	}
	for (size_t next = 0; check_line((struct span){sums, size}, &next, &line); next = at) {
		char name[64] = "";
		const char *path;

		memcpy(name, line.data, (size_t)((char *)memchr(line.data, ' ', line.size) - line.data));
		path = check_real("REVUE_DATA", name);
		assert_non_null(path);
		number += compare_file(path, (struct span){sums, size}, &at, name);
	}
	assert_int_equal(number, 2600);
	free(sums);
}

static void write_files(const char *folder, json_t *files)
{
	const char *name;
	json_t *content;

	json_object_foreach (files, name, content) {
		char *text = json_is_string(content) ? strdup(json_string_value(content)) : json_dumps(content, 0);

		check_write(folder, name, span_of(text));
		free(text);
	}
}

static void check_case(json_t *example)
{
	const char *name = json_string_value(json_object_get(example, "name"));
	struct error error = {0};
	struct tokenizer *tokenizer;
	char folder[256];
	json_t *text;
	size_t i;

	check_folder(folder, sizeof folder);
	write_files(folder, json_object_get(example, "files"));
	tokenizer = tokenizer_open(folder, &error);
	if (!tokenizer)
		fail_msg("%s: %s", name, error.text);
	json_array_foreach (json_object_get(example, "texts"), i, text) {
		json_t *expected = json_array_get(json_object_get(example, "ids"), i);
		int32_t count = tokenizer_encode(tokenizer, span_of(json_string_value(text)), IDS_MAX, ids, NULL, NULL);

		if ((size_t)count != json_array_size(expected))
			fail_msg("%s, text %zu: %d ids, the reference has %zu", name, i, count, json_array_size(expected));
		for (int32_t j = 0; j < count; j++)
			if (ids[j] != json_integer_value(json_array_get(expected, (size_t)j)))
				fail_msg("%s, text %zu: id %d is %d, not %" JSON_INTEGER_FORMAT, name, i, j, ids[j],
				         json_integer_value(json_array_get(expected, (size_t)j)));
	}
	tokenizer_free(tokenizer);
	check_folder_remove(folder);
}

static void files_that_disagree_count_as_in_transformers(void **state)
{
	struct error error = {0};
	json_t *cases = json_read(check_source("tests/golden/tokens/folders.json"), (size_t)1 << 24, &error), *example;
	size_t i;

	(void)state;
	assert_non_null(cases);
	assert_int_equal(json_array_size(cases), 34);
	json_array_foreach (cases, i, example)
		check_case(example);
	json_decref(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_of_ours_give_the_ids_of_the_reference),
		cmocka_unit_test(hostile_texts_give_the_ids_of_the_reference),
		cmocka_unit_test(lines_of_real_files_give_the_ids_of_the_reference),
		cmocka_unit_test(files_that_disagree_count_as_in_transformers),
	};

	return cmocka_run_group_tests_name("tokenizer golden", tests, open_all, free_all);
}
