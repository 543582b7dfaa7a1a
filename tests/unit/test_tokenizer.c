/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening, cutting, saving; what is refused. That ids are the reference's is tested in test_tokenizer_golden.c. */
#include "tests/unit/text_check.h"

#include "engine/base/random.h"

#include <inttypes.h>

#define VOCABULARY "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nworld\n##ing\nsee\n.\n,\nworldly\n"
#define MODEL(vocabulary)                                                                                            \
	"\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",\"continuing_subword_prefix\":\"##\","                   \
	"\"max_input_chars_per_word\":100,\"vocab\":{" vocabulary "}}"
#define PIECES "\"[UNK]\":0,\"[CLS]\":1,\"[SEP]\":2,\"a\":3"
#define WORDS "\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"}"
#define TEMPLATE "\"post_processor\":{\"type\":\"BertProcessing\",\"cls\":[\"[CLS]\",1],\"sep\":[\"[SEP]\",2]}"

static struct tokenizer *open_small(void)
{
	struct error error = {0};
	struct tokenizer *tokenizer = check_tokenizer(VOCABULARY, NULL, NULL, &error);

	if (!tokenizer)
		fail_msg("%s", error.text);
	return tokenizer;
}

static void assert_ids(const struct tokenizer *tokenizer, struct span text, const int32_t *expected, int32_t count)
{
	int32_t ids[64];

	assert_int_equal(tokenizer_encode(tokenizer, text, 64, ids, NULL, NULL), count);
	assert_memory_equal(ids, expected, (size_t)count * sizeof *ids);
}

#define ASSERT_IDS(tokenizer, text, ...)                                                                             \
	assert_ids(tokenizer, span_of(text), (const int32_t[]){__VA_ARGS__},                                                \
	           (int32_t)(sizeof(const int32_t[]){__VA_ARGS__} / sizeof(int32_t)))

static void an_empty_text_is_cls_and_sep(void **state)
{
	struct tokenizer *tokenizer = open_small();
	int32_t ids[2];
	bool truncated = true;

	(void)state;
	assert_int_equal(tokenizer_encode(tokenizer, (struct span){NULL, 0}, 2, ids, NULL, &truncated), 2);
	assert_int_equal(ids[0], 2);
	assert_int_equal(ids[1], 3);
	assert_false(truncated);
	tokenizer_free(tokenizer);
}

static void pieces_and_ids_name_each_other(void **state)
{
	struct tokenizer *tokenizer = open_small();

	(void)state;
	assert_int_equal(tokenizer_vocab_size(tokenizer), 12);
	assert_string_equal(tokenizer_piece(tokenizer, 7), "##ing");
	assert_string_equal(tokenizer_piece(tokenizer, 12), "");
	assert_string_equal(tokenizer_piece(tokenizer, -1), "");
	assert_int_equal(tokenizer_find(tokenizer, "##ing"), 7);
	assert_int_equal(tokenizer_find(tokenizer, "ing"), -1);
	assert_true(tokenizer_lowercase(tokenizer));
	assert_int_equal(tokenizer_model_max_length(tokenizer), 0);
	tokenizer_free(tokenizer);
}

static void a_cut_text_is_the_beginning_of_the_whole(void **state)
{
	const char *text = "Hello, seeing world. [SEP] w\xC3\xB6rld worldly";
	const int32_t whole[] = {2, 5, 10, 8, 7, 6, 9, 3, 6, 11, 3};
	const uint32_t whole_ends[] = {0, 5, 6, 10, 13, 19, 20, 26, 33, 41, 41};
	struct tokenizer *tokenizer = open_small();
	int32_t ids[11];
	uint32_t ends[11];
	bool truncated;

	(void)state;
	assert_int_equal(tokenizer_count(tokenizer, span_of(text)), 11);
	for (int32_t length = 2; length <= 11; length++) {
		assert_int_equal(tokenizer_encode(tokenizer, span_of(text), length, ids, ends, &truncated), length);
		assert_memory_equal(ids, whole, (size_t)(length - 1) * sizeof *ids);
		assert_memory_equal(ends, whole_ends, (size_t)(length - 1) * sizeof *ends);
		assert_int_equal(ids[length - 1], 3);
		assert_int_equal(ends[length - 1], whole_ends[length - 2]);
		assert_int_equal(truncated, length < 11);
	}
	tokenizer_free(tokenizer);
}

static void white_space_behind_a_full_text_truncates_nothing(void **state)
{
	struct tokenizer *tokenizer = open_small();
	int32_t ids[4];
	bool truncated = true;

	(void)state;
	assert_int_equal(tokenizer_encode(tokenizer, span_of("hello world  \n"), 4, ids, NULL, &truncated), 4);
	assert_false(truncated);
	tokenizer_free(tokenizer);
}

static void a_word_with_a_part_that_is_no_piece_is_one_unknown(void **state)
{
	struct tokenizer *tokenizer = open_small();

	(void)state;
	ASSERT_IDS(tokenizer, "seeingx seeing", 2, 1, 8, 7, 3);
	tokenizer_free(tokenizer);
}

static void bytes_that_are_not_utf8_count_as_replacement_characters(void **state)
{
	struct tokenizer *tokenizer = open_small();

	(void)state;
	/* Replacement characters are removed, so that the word closes over them. */
	ASSERT_IDS(tokenizer, "hel\xFFlo \xC3(world", 2, 5, 1, 6, 3);
	ASSERT_IDS(tokenizer, "wor\xED\xA0\x80ld\xF0\x9F\x98", 2, 6, 3);
	tokenizer_free(tokenizer);
}

static void random_bytes_keep_every_promise_of_the_header(void **state)
{
	struct tokenizer *tokenizer = open_small();
	char text[257];
	int32_t ids[300];
	uint32_t ends[300];

	(void)state;
	for (uint32_t round = 0; round < 3000; round++) {
		uint32_t random[4] = {0};
		size_t size;
		int32_t count;

		for (uint32_t i = 0; i < sizeof text; i++) {
			if (i % 4 == 0)
				philox(11, (uint32_t[4]){round, i, 0, 0}, random);
			text[i] = round % 2 ? (char)random[i % 4] : "he l\xC3\xA9\xCC\x81[SEP]w"[random[i % 4] % 15];
		}
		size = random[0] % sizeof text;
		count = tokenizer_encode(tokenizer, (struct span){text, size}, 300, ids, ends, NULL);
		assert_int_equal(count, tokenizer_count(tokenizer, (struct span){text, size}));
		for (int32_t i = 0; i < count; i++) {
			assert_in_range(ids[i], 0, 11);
			assert_true(ends[i] <= size && (i == 0 || ends[i] >= ends[i - 1]));
		}
	}
	tokenizer_free(tokenizer);
}

static void vocab_txt_may_have_crlf_a_mark_and_empty_lines(void **state)
{
	struct error error = {0};
	struct tokenizer *tokenizer =
		check_tokenizer("\xEF\xBB\xBF[UNK]\r\n[CLS]\r\n\r\n[SEP]\r\nhello", NULL, "{\"model_max_length\": 1e30}", &error);

	(void)state;
	assert_non_null(tokenizer);
	ASSERT_IDS(tokenizer, "hello", 1, 4, 3);
	assert_string_equal(tokenizer_piece(tokenizer, 2), "");
	assert_int_equal(tokenizer_model_max_length(tokenizer), 0);
	tokenizer_free(tokenizer);
}

/* A folder that must not open, and a part of what is said about it. */
struct refusal {
	const char *vocabulary, *json, *config, *message;
};

static const struct refusal refusals[] = {
	{NULL, NULL, NULL, "neither tokenizer.json nor vocab.txt"},
	{"", NULL, NULL, "no \"[UNK]\""},
	{"[UNK]\n[SEP]\n", NULL, NULL, "no \"[CLS]\""},
	{"[UNK]\n[CLS]\n", NULL, NULL, "no \"[SEP]\""},
	{"[UNK]\n[CLS]\n[SEP]\na\nb\na\n", NULL, NULL, "line 6: \"a\" is there twice, with the ids 3 and 5"},
	{"[UNK]\n\xFF\n", NULL, NULL, "line 2: not UTF-8"},
	{VOCABULARY, NULL, "{\"do_lower_case\": 1}", "\"do_lower_case\" should be true or false"},
	{VOCABULARY, NULL, "{\"tokenizer_class\": \"RobertaTokenizer\"}", "RobertaTokenizer"},
	{VOCABULARY, NULL, "[]", "tokenizer_config.json: should be a JSON object"},
	{VOCABULARY, NULL, "{", "tokenizer_config.json: line 1"},
	{VOCABULARY, NULL, "{\"cls_token\": \"[BOS]\"}", "no \"[BOS]\""},
	{VOCABULARY, NULL, "{\"added_tokens_decoder\": {\"5\": {\"content\": \"new\"}}}", "the id 5 of \"hello\""},
	{VOCABULARY, NULL, "{\"added_tokens_decoder\": {\"7\": {\"content\": \"hello\"}}}", "in the vocabulary it is 5"},
	{VOCABULARY, NULL, "{\"added_tokens_decoder\": {\"x\": {\"content\": \"new\"}}}", "no id from 0"},
	{VOCABULARY, NULL, "{\"added_tokens_decoder\": {\"99\": {}}}", "without \"content\""},
	{VOCABULARY, NULL, "{\"added_tokens_decoder\": {\"13\": {\"content\": \"new\"}}}", "numbered from 12 without a gap"},
	{VOCABULARY, NULL, "{\"added_tokens_decoder\": {\"12\": {\"content\": \"new\"}, \"13\": {\"content\": \"new\"}}}",
	 "\"new\" has the ids 12 and 13"},
	{VOCABULARY, NULL, "{\"added_tokens_decoder\": {\"12\": {\"content\": \"new\"}, \"012\": {\"content\": \"other\"}}}",
	 "numbered from 12 without a gap"},
	{VOCABULARY, NULL, "{\"added_tokens_decoder\": \"new\"}", "should be a list"},
	{VOCABULARY, NULL, "{\"cls_token\": null}", "cls_token names no token"},
	{VOCABULARY, NULL, "{\"truncation_side\": \"left\"}", "at their beginning"},
	{VOCABULARY, NULL, "{\"split_special_tokens\": true}", "split_special_tokens"},
	{NULL, "{\"truncation\":{\"direction\":\"Left\"}," MODEL(PIECES) "}", NULL, "at their beginning"},
	{NULL, "{" WORDS ",\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":"
	       "{\"id\":\"[CLS]\",\"type_id\":0}},{\"Sequence\":{\"id\":\"A\",\"type_id\":1}},{\"SpecialToken\":"
	       "{\"id\":\"[SEP]\",\"type_id\":0}}],\"special_tokens\":{\"[CLS]\":{\"ids\":[1]},\"[SEP]\":{\"ids\":[2]}}},"
	       MODEL(PIECES) "}", NULL, "all of type 0"},
	{NULL, "{}", NULL, "there is no \"model\""},
	{NULL, "{\"model\":{\"type\":\"BPE\",\"vocab\":{},\"merges\":[]}}", NULL, "kind BPE"},
	{NULL, "{\"model\":{\"vocab\":{},\"merges\":[]}}", NULL, "only WordPiece"},
	{NULL, "{" MODEL("\"[UNK]\":0,\"a\":0") "}", NULL, "two pieces have the id 0: \"[UNK]\" and \"a\""},
	{NULL, "{" MODEL("\"[UNK]\":-1") "}", NULL, "the id of \"[UNK]\""},
	{NULL, "{" MODEL("\"[UNK]\":4194304") "}", NULL, "the id of \"[UNK]\""},
	{NULL, "{" MODEL("\"[UNK]\":1.5") "}", NULL, "the id of \"[UNK]\""},
	{NULL, "{" MODEL("\"a\":1,\"a\":2") "}", NULL, "duplicate"},
	{NULL, "{" MODEL("\"a\":1") "}", NULL, "no unknown token \"[UNK]\""},
	{NULL, "{\"normalizer\":{\"type\":\"NFKC\"}," MODEL(PIECES) "}", NULL, "NFKC"},
	{NULL, "{\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Replace\"}]}," MODEL(PIECES) "}", NULL,
	 "Replace"},
	{NULL, "{\"pre_tokenizer\":{\"type\":\"ByteLevel\"}," MODEL(PIECES) "}", NULL, "ByteLevel"},
	{NULL, "{" WORDS ",\"post_processor\":{\"type\":\"RobertaProcessing\"}," MODEL(PIECES) "}", NULL,
	 "RobertaProcessing"},
	{NULL, "{" WORDS ",\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[]}," MODEL(PIECES) "}", NULL,
	 "template"},
	{NULL, "{" WORDS ",\"post_processor\":{\"type\":\"BertProcessing\",\"sep\":[\"[SEP]\",2]}," MODEL(PIECES) "}",
	 NULL, "\"cls\" and \"sep\""},
	{NULL, "{" WORDS ",\"post_processor\":{\"type\":\"BertProcessing\",\"cls\":[\"[CLS]\",4294967297],"
	       "\"sep\":[\"[SEP]\",2]}," MODEL(PIECES) "}", NULL, "\"cls\" and \"sep\""},
	{NULL, "{" TEMPLATE "," MODEL(PIECES) "}", "{\"tokenizer_class\":\"PreTrainedTokenizerFast\"}",
	 "no pre_tokenizer"},
	{NULL, "{" WORDS "," MODEL(PIECES) "}", "{\"tokenizer_class\":\"PreTrainedTokenizerFast\"}",
	 "no post_processor"},
};

static void what_is_wrong_with_a_folder_is_said_in_a_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		const struct refusal *refusal = refusals + i;
		struct error error = {0};
		struct tokenizer *tokenizer = check_tokenizer(refusal->vocabulary, refusal->json, refusal->config, &error);

		if (tokenizer)
			fail_msg("a folder without complaint: %s", refusal->message);
		if (!strstr(error.text, refusal->message) || strchr(error.text, '\n'))
			fail_msg("\"%s\" does not say \"%s\"", error.text, refusal->message);
	}
}

static void of_added_tokens_at_one_place_the_longest_counts(void **state)
{
	struct error error = {0};
	struct tokenizer *tokenizer = check_tokenizer(
		"[UNK]\n[CLS]\n[SEP]\n", NULL,
		"{\"extra_special_tokens\": [\"<abd\"], \"added_tokens_decoder\": {"
		"\"3\": {\"content\": \"<a\", \"normalized\": false}, \"4\": {\"content\": \"<abc\", \"normalized\": false},"
		"\"5\": {\"content\": \"<ab\", \"normalized\": false}, \"6\": {\"content\": \"<abd\", \"normalized\": false},"
		"\"7\": {\"content\": \"<\", \"normalized\": false}, \"8\": {\"content\": \"<\xC3\xA9\", \"normalized\": true}}}",
		&error);

	(void)state;
	if (!tokenizer)
		fail_msg("%s", error.text);
	ASSERT_IDS(tokenizer, "<abc<abd<ab<a<", 1, 4, 6, 5, 3, 7, 2);
	ASSERT_IDS(tokenizer, "<abce", 1, 4, 0, 2);
	ASSERT_IDS(tokenizer, "<\xC3\xA9", 1, 7, 0, 2);
	assert_ids(tokenizer, (struct span){"<a\0<ab", 6}, (const int32_t[]){1, 3, 5, 2}, 4);
	tokenizer_free(tokenizer);
}

static void the_older_name_of_the_longest_text_is_known(void **state)
{
	struct error error = {0};
	struct tokenizer *tokenizer = check_tokenizer(VOCABULARY, NULL, "{\"max_len\": 48}", &error);

	(void)state;
	assert_non_null(tokenizer);
	assert_int_equal(tokenizer_model_max_length(tokenizer), 48);
	tokenizer_free(tokenizer);
}

/* Whoever reads vocab.txt takes the white space at a line's end away. */
static void no_vocab_txt_is_made_that_would_be_read_differently(void **state)
{
	static const char *const odd[] = {"a ", "a\\n", "a\\rb", "\xE3\x80\x80"};

	(void)state;
	for (size_t i = 0; i <= sizeof odd / sizeof *odd; i++) {
		struct error error = {0};
		char json[400], folder[256], path[300];
		struct tokenizer *tokenizer;

		snprintf(json, sizeof json, "{" MODEL(PIECES ",\"%s\":4") "}", i < 4 ? odd[i] : "b");
		tokenizer = check_tokenizer(NULL, json, NULL, &error);
		if (!tokenizer)
			fail_msg("%s", error.text);
		check_folder(folder, sizeof folder);
		snprintf(path, sizeof path, "%s/vocab.txt", folder);
		assert_true(tokenizer_save(tokenizer, folder, &error));
		assert_int_equal(file_exists(path), i == 4);
		tokenizer_free(tokenizer);
		check_folder_remove(folder);
	}
}

static void a_piece_with_a_nul_byte_is_refused(void **state)
{
	static const char vocabulary[] = "[UNK]\n[CLS]\n[SEP]\na\0b\n";
	struct error error = {0};
	char folder[256];

	(void)state;
	check_folder(folder, sizeof folder);
	check_write(folder, "vocab.txt", (struct span){vocabulary, sizeof vocabulary - 1});
	assert_null(tokenizer_open(folder, &error));
	assert_non_null(strstr(error.text, "vocab.txt: line 4: holds a NUL byte"));
	check_folder_remove(folder);
}

static void saving_copies_what_was_there_and_makes_the_rest(void **state)
{
	const char *const files[] = {"tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json"};
	static const char odd_config[] = "{\"do_lower_case\":   false}";
	struct error error = {0};
	char from[256], to[256], path[300];
	struct tokenizer *tokenizer, *again;
	size_t size;
	char *copy;

	(void)state;
	check_folder(from, sizeof from);
	check_folder(to, sizeof to);
	check_write(from, "vocab.txt", span_of(VOCABULARY));
	check_write(from, "tokenizer_config.json", span_of(odd_config));
	tokenizer = tokenizer_open(from, &error);
	assert_non_null(tokenizer);
	assert_true(tokenizer_save(tokenizer, to, &error));
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s/%s", to, files[i]);
		assert_true(file_exists(path));
	}
	snprintf(path, sizeof path, "%s/tokenizer_config.json", to);
	copy = file_read(path, 1000, &size, &error);
	assert_string_equal(copy, odd_config);
	free(copy);
	again = tokenizer_open(to, &error);
	assert_non_null(again);
	assert_false(tokenizer_lowercase(again));
	ASSERT_IDS(again, "seeing Hello [SEP] hello", 2, 8, 7, 1, 3, 5, 3);
	tokenizer_free(again);
	tokenizer_free(tokenizer);
	check_folder_remove(from);
	check_folder_remove(to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_text_is_cls_and_sep),
		cmocka_unit_test(pieces_and_ids_name_each_other),
		cmocka_unit_test(a_cut_text_is_the_beginning_of_the_whole),
		cmocka_unit_test(white_space_behind_a_full_text_truncates_nothing),
		cmocka_unit_test(a_word_with_a_part_that_is_no_piece_is_one_unknown),
		cmocka_unit_test(bytes_that_are_not_utf8_count_as_replacement_characters),
		cmocka_unit_test(random_bytes_keep_every_promise_of_the_header),
		cmocka_unit_test(vocab_txt_may_have_crlf_a_mark_and_empty_lines),
		cmocka_unit_test(what_is_wrong_with_a_folder_is_said_in_a_line),
		cmocka_unit_test(of_added_tokens_at_one_place_the_longest_counts),
		cmocka_unit_test(the_older_name_of_the_longest_text_is_known),
		cmocka_unit_test(no_vocab_txt_is_made_that_would_be_read_differently),
		cmocka_unit_test(a_piece_with_a_nul_byte_is_refused),
		cmocka_unit_test(saving_copies_what_was_there_and_makes_the_rest),
	};

	return cmocka_run_group_tests_name("tokenizer", tests, NULL, NULL);
}
