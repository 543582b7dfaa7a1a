/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Vocabularies learned here against those of the Hugging Face WordPieceTrainer: tests/golden/make_tokens.py. */
#include "tests/unit/text_check.h"

#include "engine/base/json.h"

static json_t *lessons;

static int read_lessons(void **state)
{
	struct error error = {0};

	(void)state;
	lessons = json_read(check_source("tests/golden/tokens/learned.json"), (size_t)1 << 24, &error);
	return lessons ? 0 : -1;
}

static int free_lessons(void **state)
{
	(void)state;
	json_decref(lessons);
	return 0;
}

static struct vocabulary_trainer *trainer_for(const json_t *lesson)
{
	struct error error = {0};
	struct vocabulary_trainer *trainer =
		vocabulary_trainer_new((int32_t)json_integer_value(json_object_get(lesson, "vocab_size")),
	                           (int32_t)json_integer_value(json_object_get(lesson, "min_frequency")), &error);

	assert_non_null(trainer);
	return trainer;
}

static void add(struct vocabulary_trainer *trainer, struct span text)
{
	struct error error = {0};

	assert_true(vocabulary_trainer_add(trainer, text, &error));
}

static void add_lines(struct vocabulary_trainer *trainer, struct span text)
{
	struct span line;

	for (size_t at = 0; check_line(text, &at, &line);)
		add(trainer, line);
}

static struct tokenizer *finish(struct vocabulary_trainer *trainer)
{
	struct error error = {0};
	struct tokenizer *tokenizer = vocabulary_trainer_finish(trainer, NULL, &error);

	if (!tokenizer)
		fail_msg("%s", error.text);
	vocabulary_trainer_free(trainer);
	return tokenizer;
}

static json_t *lesson_with(const char *key)
{
	json_t *lesson;
	size_t i;

	json_array_foreach (lessons, i, lesson)
		if (json_object_get(lesson, key))
			return lesson;
	fail_msg("no lesson with \"%s\"", key);
	return NULL;
}

static void small_sets_give_the_pieces_of_the_reference(void **state)
{
	json_t *lesson, *text, *piece;
	size_t i, j, compared = 0;

	(void)state;
	json_array_foreach (lessons, i, lesson) {
		struct vocabulary_trainer *trainer;
		struct tokenizer *tokenizer;

		if (!json_object_get(lesson, "texts"))
			continue;
		trainer = trainer_for(lesson);
		json_array_foreach (json_object_get(lesson, "texts"), j, text)
			add(trainer, span_of(json_string_value(text)));
		tokenizer = finish(trainer);
		assert_int_equal(tokenizer_vocab_size(tokenizer), json_array_size(json_object_get(lesson, "pieces")));
		json_array_foreach (json_object_get(lesson, "pieces"), j, piece)
			assert_string_equal(tokenizer_piece(tokenizer, (int32_t)j), json_string_value(piece));
		tokenizer_free(tokenizer);
		compared++;
	}
	assert_int_equal(compared, 11);
}

static void texts_of_ours_give_the_pieces_of_the_reference(void **state)
{
	struct vocabulary_trainer *trainer = trainer_for(lesson_with("file"));
	size_t size, vocabulary_size, at = 0;
	char *text = check_golden("texts.txt", &size), *vocabulary = check_golden("small/vocab.txt", &vocabulary_size);
	struct tokenizer *tokenizer;
	struct span line;
	int32_t id = 0;

	(void)state;
	add_lines(trainer, (struct span){text, size});
	tokenizer = finish(trainer);
	for (; check_line((struct span){vocabulary, vocabulary_size}, &at, &line); id++)
		assert_true(span_equal(span_of(tokenizer_piece(tokenizer, id)), line));
	assert_int_equal(tokenizer_vocab_size(tokenizer), id);
	tokenizer_free(tokenizer);
	free(text);
	free(vocabulary);
}

static void real_reviews_give_the_pieces_of_the_reference(void **state)
{
	const char *path = check_real("REVUE_DATA", "imdb_test5k.csv");
	json_t *lesson = lesson_with("data");
	struct error error = {0};
	struct vocabulary_trainer *trainer;
	struct tokenizer *tokenizer;
	uint32_t sum = CHECK_SUM_START;
	size_t size;
	char *text;

	(void)state;
	if (!path)
		skip();
	text = file_read(path, (size_t)64 << 20, &size, &error);
	assert_non_null(text);
	trainer = trainer_for(lesson);
	add_lines(trainer, (struct span){text, size});
	free(text);
	tokenizer = finish(trainer);
	for (int32_t id = 0; id < tokenizer_vocab_size(tokenizer); id++) {
		struct span piece = span_of(tokenizer_piece(tokenizer, id));

		/* The sum of the reference is over numbers of four bytes, one a byte. */
		for (size_t i = 0; i < piece.size; i++)
			sum = check_sum_words(sum, &(uint32_t){(unsigned char)piece.data[i]}, 1);
		if (id + 1 < tokenizer_vocab_size(tokenizer))
			sum = check_sum_words(sum, &(uint32_t){'\n'}, 1);
	}
	assert_int_equal(sum, strtoul(json_string_value(json_object_get(lesson, "sum")), NULL, 16));
	tokenizer_free(tokenizer);
}

static void the_rarest_characters_go_when_all_do_not_fit(void **state)
{
	struct error error = {0};
	struct vocabulary_trainer *trainer = vocabulary_trainer_new(10, 0, &error);
	struct tokenizer *tokenizer;

	(void)state;
	add(trainer, span_of("ab ab ab c c d e"));
	tokenizer = finish(trainer);
	assert_int_equal(tokenizer_vocab_size(tokenizer), 10);
	assert_string_equal(tokenizer_piece(tokenizer, 5), "a");
	assert_string_equal(tokenizer_piece(tokenizer, 6), "b");
	assert_string_equal(tokenizer_piece(tokenizer, 7), "c");
	assert_string_equal(tokenizer_piece(tokenizer, 8), "d");
	assert_string_equal(tokenizer_piece(tokenizer, 9), "##b");
	tokenizer_free(tokenizer);
}

static void a_learned_tokenizer_is_the_same_after_saving_and_opening(void **state)
{
	struct vocabulary_trainer *trainer = trainer_for(lesson_with("file"));
	struct error error = {0};
	struct tokenizer *tokenizer, *again;
	int32_t one[256], two[256], count;
	struct span line;
	char folder[256];
	size_t size;
	char *text = check_golden("texts.txt", &size);

	(void)state;
	add_lines(trainer, (struct span){text, size});
	tokenizer = finish(trainer);
	tokenizer_set_model_max_length(tokenizer, 256);
	check_folder(folder, sizeof folder);
	assert_true(tokenizer_save(tokenizer, folder, &error));
	again = tokenizer_open(folder, &error);
	if (!again)
		fail_msg("%s", error.text);
	assert_int_equal(tokenizer_model_max_length(again), 256);
	for (size_t at = 0; check_line((struct span){text, size}, &at, &line);) {
		count = tokenizer_encode(tokenizer, line, 256, one, NULL, NULL);
		assert_int_equal(tokenizer_encode(again, line, 256, two, NULL, NULL), count);
		assert_memory_equal(one, two, (size_t)count * sizeof *one);
	}
	check_folder_remove(folder);
	tokenizer_free(tokenizer);
	tokenizer_free(again);
	free(text);
}

static bool stop(void *context, const char *what, uint64_t done, uint64_t total)
{
	(void)context;
	assert_string_equal(what, "learning the vocabulary");
	assert_true(done <= total);
	return false;
}

static void learning_stops_when_asked(void **state)
{
	struct error error = {0};
	struct vocabulary_trainer *trainer = vocabulary_trainer_new(100, 0, &error);

	(void)state;
	add(trainer, span_of("many words make many pieces"));
	assert_null(vocabulary_trainer_finish(trainer, &(struct progress){.report = stop}, &error));
	assert_int_equal(error.kind, ERROR_INTERRUPTED);
	vocabulary_trainer_free(trainer);
}

static void sizes_without_room_for_anything_are_refused(void **state)
{
	struct error error = {0};

	(void)state;
	assert_null(vocabulary_trainer_new(5, 0, &error));
	assert_int_equal(error.kind, ERROR_USAGE);
	assert_null(vocabulary_trainer_new(INT32_MAX, 0, &error));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_sets_give_the_pieces_of_the_reference),
		cmocka_unit_test(texts_of_ours_give_the_pieces_of_the_reference),
		cmocka_unit_test(real_reviews_give_the_pieces_of_the_reference),
		cmocka_unit_test(the_rarest_characters_go_when_all_do_not_fit),
		cmocka_unit_test(a_learned_tokenizer_is_the_same_after_saving_and_opening),
		cmocka_unit_test(learning_stops_when_asked),
		cmocka_unit_test(sizes_without_room_for_anything_are_refused),
	};

	return cmocka_run_group_tests_name("vocabulary", tests, read_lessons, free_lessons);
}
