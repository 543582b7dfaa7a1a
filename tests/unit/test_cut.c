/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/text/cut.c: what counts of a long text, at every boundary, and against transformers (tests/golden/make_long.py). */
#include "tests/unit/text_check.h"

#include "engine/base/json.h"

enum { CLS = 2, SEP = 3, FIRST = 4, WORDS = 40, IDS = 64 };

/* Special tokens, then w0, w1, ...: word i of a text is FIRST + i. */
static struct tokenizer *counting_tokenizer(void)
{
	struct error error = {0};
	struct tokenizer *tokenizer;
	char folder[256], text[1024] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n";
	size_t size = strlen(text);

	for (int i = 0; i < WORDS; i++)
		size += (size_t)snprintf(text + size, sizeof text - size, "w%02d\n", i);
	check_folder(folder, sizeof folder);
	check_write(folder, "vocab.txt", (struct span){text, size});
	tokenizer = tokenizer_open(folder, &error);
	if (!tokenizer)
		fail_msg("%s", error.text);
	check_folder_remove(folder);
	return tokenizer;
}

/* The text w00 w01 ... of `words` words: word i is in bytes 4 i to 4 i + 2. */
static struct span counting_text(int words)
{
	static char text[4 * WORDS + 1];

	for (int i = 0; i < WORDS; i++)
		snprintf(text + 4 * i, 5, "w%02d ", i);
	return (struct span){text, words > 0 ? (size_t)(4 * words - 1) : 0};
}

/* Sequence `index` must be [CLS], the words first .. end-1 and then those of second .. to-1, [SEP]. */
static void assert_words(const struct sequences *s, int32_t index, int first, int end, int second, int to)
{
	int32_t ids[IDS], wanted[IDS], count = 0;

	wanted[count++] = CLS;
	for (int i = first; i < end; i++)
		wanted[count++] = FIRST + i;
	for (int i = second; i < to; i++)
		wanted[count++] = FIRST + i;
	wanted[count++] = SEP;
	assert_int_equal(tokenizer_cut_take(s, index, ids), count);
	assert_memory_equal(ids, wanted, (size_t)count * sizeof *ids);
}

static void assert_unread(const struct sequences *s, bool truncated, int from, int to)
{
	assert_int_equal(s->truncated, truncated);
	assert_int_equal(s->unread_from, from);
	assert_int_equal(s->unread_to, to);
}

static void head_and_tail_keep_one_side(void **state)
{
	struct tokenizer *tokenizer = counting_tokenizer();
	struct sequences s = {0};

	(void)state;
	for (int words = 0; words <= 12; words++)
		for (int32_t length = 2; length <= 14; length++) {
			int room = length - 2, kept = words < room ? words : room, size = words ? 4 * words - 1 : 0;

			assert_true(tokenizer_cut(tokenizer, counting_text(words), &(struct cut){.max_length = length}, &s));
			assert_int_equal(s.count, 1);
			assert_words(&s, 0, 0, kept, 0, 0);
			assert_unread(&s, kept < words, kept ? 4 * kept - 1 : 0, kept < words ? size : kept ? 4 * kept - 1 : 0);
			assert_int_equal(s.tokens_read, kept + 2);

			assert_true(tokenizer_cut(tokenizer, counting_text(words),
			                          &(struct cut){.truncation = TRUNCATION_TAIL, .max_length = length}, &s));
			assert_words(&s, 0, words - kept, words, 0, 0);
			if (kept < words)
				assert_unread(&s, true, 0, kept == 0 ? size : 4 * (words - kept) - 1);
			else
				assert_unread(&s, false, size, size);
			assert_int_equal(s.tokens, words + 2);
			assert_int_equal(s.tokens_read, kept + 2);
		}
	tokenizer_cut_free(&s);
	tokenizer_free(tokenizer);
}

static void head_and_tail_together_leave_a_gap(void **state)
{
	struct tokenizer *tokenizer = counting_tokenizer();
	struct cut cut = {.truncation = TRUNCATION_HEAD_TAIL, .max_length = 12};
	struct sequences s = {0};

	(void)state;
	assert_true(tokenizer_cut(tokenizer, counting_text(10), &cut, &s));
	assert_words(&s, 0, 0, 10, 0, 0);
	assert_unread(&s, false, 39, 39);
	assert_true(tokenizer_cut(tokenizer, counting_text(11), &cut, &s)); /* a quarter of 12 before the gap */
	assert_words(&s, 0, 0, 3, 4, 11);
	assert_unread(&s, true, 11, 15);
	assert_int_equal(s.tokens_read, 12);
	cut.head_tokens = 9;
	assert_true(tokenizer_cut(tokenizer, counting_text(30), &cut, &s));
	assert_words(&s, 0, 0, 9, 29, 30);
	cut.head_tokens = 500; /* more than fits: the head alone */
	assert_true(tokenizer_cut(tokenizer, counting_text(30), &cut, &s));
	assert_words(&s, 0, 0, 10, 0, 0);
	assert_unread(&s, true, 39, 119);
	cut = (struct cut){.truncation = TRUNCATION_HEAD_TAIL, .max_length = 3}; /* room for one token, and a quarter is none */
	assert_true(tokenizer_cut(tokenizer, counting_text(5), &cut, &s));
	assert_words(&s, 0, 4, 5, 0, 0);
	assert_unread(&s, true, 0, 15);
	tokenizer_cut_free(&s);
	tokenizer_free(tokenizer);
}

/* However long text, window and step are: windows begin a step apart, none is needless, and each token is in one. */
static void windows_cover_the_text(void **state)
{
	struct tokenizer *tokenizer = counting_tokenizer();
	struct sequences s = {0};

	(void)state;
	for (int words = 0; words <= 25; words++)
		for (int32_t length = 3; length <= 12; length++)
			for (int step = 2; step <= length - 2; step++) {
				struct cut cut = {.truncation = TRUNCATION_WINDOWS, .max_length = length, .stride = step};
				int room = length - 2;

				assert_true(tokenizer_cut(tokenizer, counting_text(words), &cut, &s));
				assert_int_equal(s.count, words <= room ? 1 : 1 + (words - room + step - 1) / step);
				for (int w = 0; w < s.count; w++)
					assert_words(&s, w, w * step, w * step + room < words ? w * step + room : words, 0, 0);
				assert_unread(&s, false, words ? 4 * words - 1 : 0, words ? 4 * words - 1 : 0);
				assert_int_equal(s.tokens_read, words + 2);
			}
	tokenizer_cut_free(&s);
	tokenizer_free(tokenizer);
}

static void windows_may_be_limited_and_a_stride_may_be_a_share(void **state)
{
	struct tokenizer *tokenizer = counting_tokenizer();
	struct cut cut = {.truncation = TRUNCATION_WINDOWS, .max_length = 10, .max_windows = 2};
	struct sequences s = {0};

	(void)state;
	assert_true(tokenizer_cut(tokenizer, counting_text(30), &cut, &s)); /* 0.8 of 10: all that a window holds */
	assert_int_equal(s.count, 2);
	assert_words(&s, 1, 8, 16, 0, 0);
	assert_unread(&s, true, 63, 119);
	assert_int_equal(s.tokens_read, 18);
	assert_int_equal(s.tokens, 32);
	cut.stride = 0.5;
	cut.max_windows = 0;
	assert_true(tokenizer_cut(tokenizer, counting_text(18), &cut, &s));
	assert_int_equal(s.count, 3);
	assert_words(&s, 2, 10, 18, 0, 0);
	cut.stride = 1000; /* as far apart as they are long */
	assert_true(tokenizer_cut(tokenizer, counting_text(17), &cut, &s));
	assert_int_equal(s.count, 3);
	assert_words(&s, 2, 16, 17, 0, 0);
	cut.max_length = 2; /* no room for a token */
	assert_true(tokenizer_cut(tokenizer, counting_text(17), &cut, &s));
	assert_int_equal(s.count, 1);
	assert_words(&s, 0, 0, 0, 0, 0);
	assert_unread(&s, true, 0, 67);
	tokenizer_cut_free(&s);
	tokenizer_free(tokenizer);
}

static void a_text_of_any_length_finds_room(void **state)
{
	enum { MANY = 5000 };
	struct tokenizer *tokenizer = counting_tokenizer();
	struct cut cut = {.truncation = TRUNCATION_WINDOWS, .max_length = IDS, .stride = 50};
	char *text = malloc(4 * MANY);
	struct sequences s = {0};
	int32_t ids[IDS];

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < MANY; i++)
		memcpy(text + 4 * i, i == MANY - 1 ? "w39 " : "w01 ", 4);
	assert_true(tokenizer_cut(tokenizer, (struct span){text, 4 * MANY}, &cut, &s));
	assert_int_equal(s.count, 1 + (MANY - 62 + 49) / 50);
	assert_int_equal(s.tokens, MANY + 2);
	assert_in_range(tokenizer_cut_take(&s, s.count - 1, ids), 3, IDS);
	assert_int_equal(ids[tokenizer_cut_take(&s, s.count - 1, ids) - 2], FIRST + 39);
	cut = (struct cut){.max_length = 10}; /* the same memory, for less */
	assert_true(tokenizer_cut(tokenizer, (struct span){text, 4 * MANY}, &cut, &s));
	assert_int_equal(tokenizer_cut_take(&s, 0, ids), 10);
	assert_true(s.truncated);
	free(text);
	tokenizer_cut_free(&s);
	tokenizer_free(tokenizer);
}

static void truncations_have_names(void **state)
{
	enum truncation truncation;

	(void)state;
	for (int i = TRUNCATION_HEAD; i <= TRUNCATION_WINDOWS; i++) {
		assert_true(truncation_find(truncation_name((enum truncation)i), &truncation));
		assert_int_equal(truncation, i);
	}
	assert_true(truncation_find("left", &truncation) && truncation == TRUNCATION_TAIL);
	assert_true(truncation_find("right", &truncation) && truncation == TRUNCATION_HEAD);
	assert_false(truncation_find("middle", &truncation));
}

static void check_case(const struct tokenizer *tokenizer, const json_t *wanted, struct sequences *s)
{
	const json_t *sequences = json_object_get(wanted, "sequences");
	const char *text = json_string_value(json_object_get(wanted, "text"));
	struct cut cut = {
		.max_length = (int32_t)json_integer_value(json_object_get(wanted, "max_length")),
		.head_tokens = (int32_t)json_integer_value(json_object_get(wanted, "head_tokens")),
		.stride = (double)json_integer_value(json_object_get(wanted, "stride")),
	};
	int32_t ids[512];

	assert_in_range(cut.max_length, 2, 512);
	assert_true(truncation_find(json_string_value(json_object_get(wanted, "truncation")), &cut.truncation));
	assert_true(tokenizer_cut(tokenizer, span_of(text), &cut, s));
	assert_int_equal(s->count, json_array_size(sequences));
	for (int32_t i = 0; i < s->count; i++) {
		const json_t *sequence = json_array_get(sequences, (size_t)i);
		int32_t count = tokenizer_cut_take(s, i, ids);

		assert_int_equal(count, json_array_size(sequence));
		for (int32_t t = 0; t < count; t++)
			assert_int_equal(ids[t], json_integer_value(json_array_get(sequence, (size_t)t)));
	}
}

static void sequences_are_those_of_transformers(void **state)
{
	struct error error = {0};
	json_t *cases = json_read(check_source("tests/golden/long/cuts.json"), 1 << 22, &error);
	struct sequences s = {0};
	struct tokenizer *tokenizer;
	char folder[256], *vocabulary;
	size_t size;

	(void)state;
	if (!cases)
		fail_msg("%s", error.text);
	vocabulary = check_golden("small/vocab.txt", &size);
	check_folder(folder, sizeof folder);
	check_write(folder, "vocab.txt", (struct span){vocabulary, size});
	tokenizer = tokenizer_open(folder, &error);
	assert_non_null(tokenizer);
	assert_in_range(json_array_size(cases), 100, 1000);
	for (size_t i = 0; i < json_array_size(cases); i++)
		check_case(tokenizer, json_array_get(cases, i), &s);
	tokenizer_cut_free(&s);
	tokenizer_free(tokenizer);
	check_folder_remove(folder);
	free(vocabulary);
	json_decref(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head_and_tail_keep_one_side),
		cmocka_unit_test(head_and_tail_together_leave_a_gap),
		cmocka_unit_test(windows_cover_the_text),
		cmocka_unit_test(windows_may_be_limited_and_a_stride_may_be_a_share),
		cmocka_unit_test(a_text_of_any_length_finds_room),
		cmocka_unit_test(truncations_have_names),
		cmocka_unit_test(sequences_are_those_of_transformers),
	};

	return cmocka_run_group_tests_name("cut", tests, NULL, NULL);
}
