/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/teach/word_match.c: the tokens of two tokenizers, word by word. */
#include "tests/unit/text_check.h"

#include "engine/teach/word_match.h"

/* `config`: tokenizer_config.json; NULL: there is none. */
static struct tokenizer *make_tokenizer(const char *pieces, const char *config)
{
	struct error error = {0};
	struct tokenizer *tokenizer = check_tokenizer(pieces, NULL, config, &error);

	if (!tokenizer)
		fail_msg("%s", error.text);
	return tokenizer;
}

/* Ids are lines from 0 on. */
static const char student_pieces[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nun\n##happi\n##ness\nkettle\n.\n##s\nd\n##dd\nq\n";
static const char teacher_pieces[] = "[CLS]\n[SEP]\n[UNK]\n[PAD]\nunha\n##ppiness\nket\n##tle\n.\n##s\nd\n##d\n";

struct setting {
	struct tokenizer *student, *teacher;
	struct word_match match;
};

static void begin(struct setting *setting, int32_t tokens, int32_t sequences, int32_t longest)
{
	struct error error = {0};

	*setting = (struct setting){make_tokenizer(student_pieces, NULL), make_tokenizer(teacher_pieces, NULL), {0}};
	if (!word_match_init(&setting->match, setting->student, setting->teacher, tokens, sequences, longest, &error))
		fail_msg("%s", error.text);
}

static void end(struct setting *setting)
{
	word_match_free(&setting->match);
	tokenizer_free(setting->student);
	tokenizer_free(setting->teacher);
}

static void match(struct setting *setting, const int32_t *ids, const int32_t *starts, int32_t sequences)
{
	word_match_batch(&setting->match, &(struct batch){.ids = ids, .starts = starts, .sequences = sequences});
}

static void check_matched(const struct setting *setting, const struct matched *expected, int32_t count)
{
	for (int32_t t = 0; t < count; t++)
		if (setting->match.matched[t].first != expected[t].first || setting->match.matched[t].count != expected[t].count)
			fail_msg("token %d: %d, %d", (int)t, (int)setting->match.matched[t].first, (int)setting->match.matched[t].count);
}

static void a_word_is_cut_again_and_its_characters_are_matched(void **state)
{
	/* [CLS] un ##happi ##ness . [SEP], then [CLS] kettle ##s [SEP] */
	static const int32_t ids[] = {2, 5, 6, 7, 9, 3, 2, 8, 10, 3}, starts[] = {0, 6, 10};
	static const int32_t teacher[] = {0, 4, 5, 8, 1, 0, 6, 7, 9, 1};
	static const struct matched expected[] = {{0, 1}, {1, 1}, {1, 2}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 2}, {8, 1}, {9, 1}};
	struct setting setting;

	(void)state;
	begin(&setting, 10, 2, 100);
	match(&setting, ids, starts, 2);
	assert_int_equal(setting.match.starts[1], 5);
	assert_int_equal(setting.match.starts[2], 10);
	assert_memory_equal(setting.match.ids, teacher, sizeof teacher);
	check_matched(&setting, expected, 10);
	end(&setting);
}

/* A hidden word, one that the teacher cannot spell, and a part of a word that an excerpt begins with. */
static void what_the_teacher_does_not_know_is_unknown(void **state)
{
	static const int32_t ids[] = {2, 4, 13, 1, 10, 3}, starts[] = {0, 6};
	static const int32_t teacher[] = {0, 2, 2, 2, 9, 1};
	static const struct matched expected[] = {{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}};
	struct setting setting;

	(void)state;
	begin(&setting, 6, 1, 100);
	match(&setting, ids, starts, 1);
	assert_memory_equal(setting.match.ids, teacher, sizeof teacher);
	check_matched(&setting, expected, 6);
	end(&setting);
}

static void what_does_not_fit_is_left_out(void **state)
{
	/* [CLS] kettle kettle kettle [SEP]: seven tokens where the teacher reads five; d ##dd: three in the place of two */
	static const int32_t ids[] = {2, 8, 8, 8, 3, 2, 11, 12, 12, 12, 3}, starts[] = {0, 5, 11};
	static const struct matched expected[] = {{0, 1}, {1, 2}, {3, 1}, {3, 1}, {3, 1}, {4, 1}, {5, 1}, {5, 1}, {5, 1}, {5, 1}, {5, 1}};
	struct setting setting;

	(void)state;
	begin(&setting, 11, 2, 5);
	match(&setting, ids, starts, 2);
	assert_int_equal(setting.match.starts[1], 4);
	assert_int_equal(setting.match.starts[2], 6);
	check_matched(&setting, expected, 11);
	end(&setting);
}

/* What they are called in the files of either is no matter. */
static void special_tokens_go_by_their_role(void **state)
{
	static const char pieces[] = "<pad>\n<unk>\n<s>\n</s>\n<mask>\nfilm\n##s\n";
	static const char config[] = "{\"unk_token\": \"<unk>\", \"cls_token\": \"<s>\", \"sep_token\": \"</s>\", "
	                             "\"pad_token\": \"<pad>\", \"mask_token\": \"<mask>\"}";
	static const char others[] = "film\n##s\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
	static const int32_t ids[] = {2, 5, 6, 4, 1, 3}, starts[] = {0, 6}, expected[] = {3, 0, 1, 5, 2, 4};

	(void)state;
	for (int turned = 0; turned < 2; turned++) {
		struct tokenizer *one = make_tokenizer(pieces, config), *other = make_tokenizer(others, NULL);
		struct word_match match = {0};
		struct error error = {0};

		assert_true(word_match_init(&match, turned ? other : one, turned ? one : other, 6, 1, 100, &error));
		word_match_batch(&match, &(struct batch){.ids = turned ? expected : ids, .starts = starts, .sequences = 1});
		assert_int_equal(match.starts[1], 6);
		assert_memory_equal(match.ids, turned ? ids : expected, sizeof ids);
		word_match_free(&match);
		tokenizer_free(one);
		tokenizer_free(other);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_is_cut_again_and_its_characters_are_matched),
		cmocka_unit_test(what_the_teacher_does_not_know_is_unknown),
		cmocka_unit_test(what_does_not_fit_is_left_out),
		cmocka_unit_test(special_tokens_go_by_their_role),
	};

	check_filter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
