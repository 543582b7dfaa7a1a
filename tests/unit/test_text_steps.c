/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The three steps of a tokenizer are rows: trial rows that share nothing with the short ways for BERT's pair give the
 * same ids. And what stands around a text is a template. */
#include "tests/unit/text_check.h"

#include "engine/base/random.h"
#include "engine/text/tokenizer_core.h"

#define PIECES "\"[UNK]\":0,\"[CLS]\":1,\"[SEP]\":2,\"a\":3,\"##b\":4,\".\":5,\"\xC3\xA9\":6,\"b\":7"
#define HEAD                                                                                                         \
	"{\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},\"normalizer\":{\"type\":\"BertNormalizer\",\"strip_accents\":"  \
	"false},\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",\"continuing_subword_prefix\":\"##\","            \
	"\"max_input_chars_per_word\":5,\"vocab\":{" PIECES "}},\"post_processor\":"
#define SPECIAL(name, type) "{\"SpecialToken\":{\"id\":\"" name "\",\"type_id\":" type "}}"
#define TEXT "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}"
#define TEMPLATE(single)                                                                                             \
	"{\"type\":\"TemplateProcessing\",\"single\":[" single "],\"special_tokens\":{\"[CLS]\":{\"ids\":[1]},\"[SEP]\":"    \
	"{\"ids\":[2,2]}}}}"

static struct tokenizer *open_json(const char *json, struct error *error)
{
	struct tokenizer *tokenizer;
	char folder[256];

	check_folder(folder, sizeof folder);
	check_write(folder, "tokenizer.json", span_of(json));
	check_write(folder, "tokenizer_config.json", span_of("{\"tokenizer_class\":\"PreTrainedTokenizerFast\"}"));
	tokenizer = tokenizer_open(folder, error);
	check_folder_remove(folder);
	return tokenizer;
}

static struct tokenizer *open_template(const char *json)
{
	struct error error = {0};
	struct tokenizer *tokenizer = open_json(json, &error);

	if (!tokenizer)
		fail_msg("%s", error.text);
	return tokenizer;
}

/* Words, punctuation, accents, controls, ideographs, broken UTF-8 and words that are too long. */
static size_t draw_text(char *text, size_t parts, uint64_t seed)
{
	static const char *const pool[] = {"a", "b", "A", ".", " ", "\t", "\n", "\x01", "\xC3\xA9", "\xCC\x81", "\xE4\xB8\xAD",
	                                   "\xFF", "\xE2\x80\x8B", "ab", "aaaaaa", "\xC4\xB0"};
	size_t size = 0;

	for (size_t i = 0; i < parts; i++) {
		uint32_t counter[4] = {(uint32_t)i}, bits[4];
		const char *part;

		philox(seed, counter, bits);
		part = pool[bits[0] % (sizeof pool / sizeof *pool)];
		memcpy(text + size, part, strlen(part));
		size += strlen(part);
	}
	return size;
}

static void assert_same_ids(const struct tokenizer *one, const struct tokenizer *two)
{
	int32_t ids[2][400];
	uint32_t ends[2][400];
	char text[600];

	for (uint64_t seed = 0; seed < 2000; seed++) {
		struct span drawn = {text, draw_text(text, 1 + seed % 60, seed)};
		int32_t most = (int32_t)(3 + seed % 300);
		int32_t count = tokenizer_encode(one, drawn, most, ids[0], ends[0], NULL);

		assert_int_equal(tokenizer_encode(two, drawn, most, ids[1], ends[1], NULL), count);
		assert_memory_equal(ids[0], ids[1], (size_t)count * sizeof **ids);
		assert_memory_equal(ends[0], ends[1], (size_t)count * sizeof **ends);
	}
}

static void a_splitter_that_looks_at_more_than_a_character_is_only_a_row(void **state)
{
	struct tokenizer *bert = open_template(HEAD TEMPLATE(SPECIAL("[CLS]", "0") "," TEXT "," SPECIAL("[SEP]", "0")));
	struct tokenizer *trial = open_template(HEAD TEMPLATE(SPECIAL("[CLS]", "0") "," TEXT "," SPECIAL("[SEP]", "0")));
	struct splitter splitter = *trial->splitter;
	struct error error = {0};

	(void)state;
	splitter.part = NULL;
	trial->splitter = &splitter;
	assert_true(tokenizer_finish(trial, &error));
	assert_same_ids(bert, trial);
	tokenizer_free(bert);
	tokenizer_free(trial);
}

static void a_normaliser_that_looks_at_more_than_a_character_is_only_a_row(void **state)
{
	struct tokenizer *bert = open_template(HEAD TEMPLATE(SPECIAL("[CLS]", "0") "," TEXT "," SPECIAL("[SEP]", "0")));
	struct tokenizer *trial = open_template(HEAD TEMPLATE(SPECIAL("[CLS]", "0") "," TEXT "," SPECIAL("[SEP]", "0")));
	struct normaliser normaliser = *trial->normal.step;
	struct error error = {0};

	(void)state;
	normaliser.by_character = false;
	trial->normal.step = &normaliser;
	assert_true(tokenizer_finish(trial, &error));
	assert_same_ids(bert, trial);
	tokenizer_free(bert);
	tokenizer_free(trial);
}

/* A trial row: each word is one id, its number of bytes. */
static void encode_sizes(const struct piece_model *model, const struct word *word, struct id_list *out)
{
	(void)model;
	id_list_add(out, (int32_t)word->size, word->end);
}

static void pieces_without_a_longest_word_are_only_a_row(void **state)
{
	static const char text[] = "aaaaaaaaaa \xC3\xA9\xC3\xA9. b";
	struct tokenizer *trial = open_template(HEAD TEMPLATE(SPECIAL("[CLS]", "0") "," TEXT "," SPECIAL("[SEP]", "0")));
	struct piece_step step = {.type = "sizes", .encode = encode_sizes};
	const int32_t expected[] = {1, 10, 4, 1, 1, 2, 2};
	const uint32_t expected_ends[] = {0, 10, 15, 16, 18, 18, 18};
	int32_t ids[16];
	uint32_t ends[16];

	(void)state;
	trial->model.step = &step;
	trial->model.max_word_chars = 0;
	assert_int_equal(tokenizer_encode(trial, span_of(text), 16, ids, ends, NULL), 7);
	assert_memory_equal(ids, expected, sizeof expected);
	assert_memory_equal(ends, expected_ends, sizeof expected_ends);
	tokenizer_free(trial);
}

static void a_template_is_any_ids_before_and_after_the_text(void **state)
{
	struct tokenizer *tokenizer = open_template(HEAD TEMPLATE(TEXT "," SPECIAL("[SEP]", "0") "," SPECIAL("[CLS]", "0")));
	const int32_t expected[] = {3, 5, 2, 2, 1};
	int32_t ids[8];
	bool truncated;

	(void)state;
	assert_int_equal(tokenizer_encode(tokenizer, span_of("a."), 8, ids, NULL, &truncated), 5);
	assert_memory_equal(ids, expected, sizeof expected);
	assert_false(truncated);
	assert_int_equal(tokenizer_count(tokenizer, span_of("a.")), 5);
	assert_int_equal(tokenizer_encode(tokenizer, span_of("a."), 4, ids, NULL, &truncated), 4);
	assert_int_equal(ids[0], 3);
	assert_int_equal(ids[1], 2);
	assert_true(truncated);
	tokenizer_free(tokenizer);
}

static void a_template_that_does_not_fit_is_cut(void **state)
{
	struct tokenizer *tokenizer = open_template(HEAD TEMPLATE(SPECIAL("[CLS]", "0") "," TEXT "," SPECIAL("[SEP]", "0")));
	int32_t ids[3] = {9, 9, 9};

	(void)state;
	assert_int_equal(tokenizer_encode(tokenizer, span_of("a"), 2, ids, NULL, NULL), 2);
	assert_int_equal(ids[0], 1);
	assert_int_equal(ids[1], 2);
	assert_int_equal(ids[2], 9);
	tokenizer_free(tokenizer);
}

static void a_template_that_cannot_be_followed_is_refused(void **state)
{
	static const struct {
		const char *json, *message;
	} cases[] = {
		{HEAD TEMPLATE(SPECIAL("[CLS]", "0")), "no place for the text"},
		{HEAD TEMPLATE(TEXT "," TEXT), "place 2"},
		{HEAD TEMPLATE(TEXT "," SPECIAL("[MASK]", "0")), "place 2"},
		{HEAD TEMPLATE(SPECIAL("[CLS]", "1") "," TEXT), "all of type 0"},
		{HEAD TEMPLATE("7," TEXT), "place 1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct error error = {0};

		assert_null(open_json(cases[i].json, &error));
		if (!strstr(error.text, cases[i].message))
			fail_msg("\"%s\" does not say \"%s\"", error.text, cases[i].message);
	}
}

/* What a saved tokenizer says when its config said `said` and the model takes 40 ids. */
static void assert_saved_length(const char *said, const char *saved, bool copied)
{
	struct error error = {0};
	struct tokenizer *tokenizer;
	char from[256], to[256], path[300], *text;
	size_t size;

	check_folder(from, sizeof from);
	check_folder(to, sizeof to);
	check_write(from, "vocab.txt", span_of("[UNK]\n[CLS]\n[SEP]\n"));
	if (said)
		check_write(from, "tokenizer_config.json", span_of(said));
	tokenizer = tokenizer_open(from, &error);
	assert_non_null(tokenizer);
	tokenizer_set_model_max_length(tokenizer, 40);
	assert_true(tokenizer_save(tokenizer, to, &error));
	snprintf(path, sizeof path, "%s/tokenizer_config.json", to);
	text = file_read(path, 65536, &size, &error);
	assert_non_null(text);
	assert_non_null(strstr(text, saved));
	assert_int_equal(said && strcmp(text, said) == 0, copied);
	free(text);
	tokenizer_free(tokenizer);
	check_folder_remove(from);
	check_folder_remove(to);
}

static void the_longest_length_is_written_always_and_never_above_what_the_model_takes(void **state)
{
	(void)state;
	assert_saved_length(NULL, "\"model_max_length\": 40", false);
	assert_saved_length("{\"do_lower_case\":true}", "\"model_max_length\": 40", false);
	assert_saved_length("{\"model_max_length\":512}", "\"model_max_length\": 40", false);
	assert_saved_length("{\"model_max_length\":1000000000000000019884624838656}", "\"model_max_length\": 40", false);
	assert_saved_length("{\"model_max_length\":20}", "\"model_max_length\":20", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_splitter_that_looks_at_more_than_a_character_is_only_a_row),
		cmocka_unit_test(a_normaliser_that_looks_at_more_than_a_character_is_only_a_row),
		cmocka_unit_test(pieces_without_a_longest_word_are_only_a_row),
		cmocka_unit_test(a_template_is_any_ids_before_and_after_the_text),
		cmocka_unit_test(a_template_that_does_not_fit_is_cut),
		cmocka_unit_test(a_template_that_cannot_be_followed_is_refused),
		cmocka_unit_test(the_longest_length_is_written_always_and_never_above_what_the_model_takes),
	};

	return cmocka_run_group_tests_name("text steps", tests, NULL, NULL);
}
