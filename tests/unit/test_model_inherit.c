/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * model_take_embeddings: the words of a new model begin as another one's, in as many numbers as there is room for. */
#include "tests/unit/model_check.h"

enum { OTHER = 70, WIDE = 48, NARROW = 8 };

static struct model *model_of(int32_t hidden, int32_t vocabulary, uint64_t seed)
{
	struct error error = {0};
	struct model_config sizes = config;
	struct model *model;

	sizes.hidden_size = hidden;
	sizes.vocab_size = vocabulary;
	model = model_new(&sizes, numeric_tokenizer(vocabulary), seed, &error);
	if (!model)
		fail_msg("%s", error.text);
	return model;
}

static float *words_of(struct model *model)
{
	return numeric_download(model, model_parameter(model, 0)->value, model_parameter(model, 0)->count);
}

static struct embeddings_taken take(struct model *model, const struct model *from)
{
	struct error error = {0};
	struct embeddings_taken taken;

	if (!model_take_embeddings(model, from, &taken, &error))
		fail_msg("%s", error.text);
	return taken;
}

static void a_model_as_wide_takes_the_rows_as_they_are(void **state)
{
	struct model *from = model_of(32, OTHER, 1), *model = model_of(32, VOCAB, 2);
	const struct embeddings_taken taken = take(model, from);
	float *theirs = words_of(from), *ours = words_of(model);

	(void)state;
	assert_int_equal(taken.same, VOCAB - 1);
	assert_int_equal(taken.parts, 0);
	assert_int_equal(taken.none, 0);
	assert_true(taken.kept == 1);
	for (int k = 0; k < 32; k++)
		assert_true(ours[k] == 0.0f); /* [PAD] */
	assert_memory_equal(ours + 32, theirs + 32, (VOCAB - 1) * 32 * sizeof *ours);
	free(theirs);
	free(ours);
	model_close(from);
	model_close(model);
}

static void a_wider_one_keeps_its_own_numbers_behind_them(void **state)
{
	struct model *from = model_of(32, VOCAB, 1), *model = model_of(WIDE, VOCAB, 2);
	float *before = words_of(model), *theirs = words_of(from), *ours;

	(void)state;
	take(model, from);
	ours = words_of(model);
	for (int id = 1; id < VOCAB; id++) {
		assert_memory_equal(ours + id * WIDE, theirs + id * 32, 32 * sizeof *ours);
		assert_memory_equal(ours + id * WIDE + 32, before + id * WIDE + 32, (WIDE - 32) * sizeof *ours);
	}
	free(before);
	free(theirs);
	free(ours);
	model_close(from);
	model_close(model);
}

static void a_piece_that_the_other_cannot_read_stays_as_it_was(void **state)
{
	struct model *from = model_of(32, 5 + 2, 1), *model = model_of(32, VOCAB, 2);
	float *before = words_of(model), *ours;
	const struct embeddings_taken taken = take(model, from);

	(void)state;
	/* Of "w7" and those after it the other has no part: they stay as they were. */
	assert_int_equal(taken.same, 6);
	assert_int_equal(taken.none, VOCAB - 7);
	ours = words_of(model);
	assert_memory_equal(ours + 7 * 32, before + 7 * 32, (VOCAB - 7) * 32 * sizeof *ours);
	free(before);
	free(ours);
	model_close(from);
	model_close(model);
}

/* The other one writes w5 as two pieces, and 6, which we have inside of words, as one. */
static void a_piece_that_the_other_lacks_begins_as_the_mean_of_its_parts(void **state)
{
	static const char *const pieces[2][9] = {{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "w", "##5", "6", "x"},
	                                         {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "x", "w5", "##6", "y"}};
	struct error error = {0};
	struct model_config sizes = config;
	struct model *models[2];
	struct embeddings_taken taken;
	float *theirs, *ours, *before;

	(void)state;
	sizes.vocab_size = 9;
	for (int i = 0; i < 2; i++) {
		char folder[256], path[300];
		FILE *file;

		check_folder(folder, sizeof folder);
		snprintf(path, sizeof path, "%s/vocab.txt", folder);
		file = fopen(path, "w");
		assert_non_null(file);
		for (int k = 0; k < 9; k++)
			fprintf(file, "%s\n", pieces[i][k]);
		assert_int_equal(fclose(file), 0);
		models[i] = model_new(&sizes, tokenizer_open(folder, &error), (uint64_t)i + 1, &error);
		assert_non_null(models[i]);
		check_folder_remove(folder);
	}
	before = words_of(models[1]);
	taken = take(models[1], models[0]);
	assert_int_equal(taken.same, 5);
	assert_int_equal(taken.parts, 2);
	assert_int_equal(taken.none, 1);
	theirs = words_of(models[0]);
	ours = words_of(models[1]);
	assert_memory_equal(ours + 5 * 32, theirs + 8 * 32, 32 * sizeof *ours);
	for (int k = 0; k < 32; k++)
		assert_true(fabsf(ours[6 * 32 + k] - (theirs[5 * 32 + k] + theirs[6 * 32 + k]) / 2) < 1e-7f);
	assert_memory_equal(ours + 7 * 32, theirs + 7 * 32, 32 * sizeof *ours);
	assert_memory_equal(ours + 8 * 32, before + 8 * 32, 32 * sizeof *ours);
	free(before);
	free(theirs);
	free(ours);
	model_close(models[0]);
	model_close(models[1]);
}

static double distance(const float *rows, int width, int a, int b)
{
	double squares = 0;

	for (int k = 0; k < width; k++) {
		const double apart = (double)rows[a * width + k] - (double)rows[b * width + k];

		squares += apart * apart;
	}
	return sqrt(squares);
}

/* Rows of eight free numbers each, spread over 48 by a matrix: nothing is lost when eight are kept, and all stay as far apart as
 * they were. */
static void a_narrower_one_keeps_what_varies_most(void **state)
{
	struct model *from = model_of(WIDE, VOCAB, 1), *model = model_of(NARROW, VOCAB, 2);
	float basis[NARROW * WIDE], factors[VOCAB * NARROW], *theirs = calloc(VOCAB * WIDE, sizeof *theirs), *ours;
	struct embeddings_taken taken;

	(void)state;
	assert_non_null(theirs);
	numeric_weights("basis", basis, NARROW * WIDE);
	numeric_weights("factors", factors, VOCAB * NARROW);
	for (int id = 0; id < VOCAB; id++)
		for (int k = 0; k < WIDE; k++)
			for (int i = 0; i < NARROW; i++)
				theirs[id * WIDE + k] += 100 * factors[id * NARROW + i] * basis[i * WIDE + k];
	numeric_upload(from, model_parameter(from, 0)->value, theirs, VOCAB * WIDE);
	taken = take(model, from);
	assert_true(taken.kept > 1 - 1e-6 && taken.kept < 1 + 1e-6);
	ours = words_of(model);
	for (int a = 1; a < VOCAB; a++)
		for (int b = 1; b < a; b++)
			assert_true(fabs(distance(ours, NARROW, a, b) - distance(theirs, WIDE, a, b)) < 1e-4);
	free(theirs);
	free(ours);
	model_close(from);
	model_close(model);
}

/* Of numbers that vary independently, each in its own column, those that vary most are kept: the share is known. */
static void the_share_of_variance_that_is_kept_is_told(void **state)
{
	struct model *from = model_of(WIDE, VOCAB, 1), *model = model_of(NARROW, VOCAB, 2);
	float *theirs = calloc(VOCAB * WIDE, sizeof *theirs);
	struct embeddings_taken taken;

	(void)state;
	assert_non_null(theirs);
	/* Row id varies in column id % 48 alone; rows 1 to 48 once, with squares of 100 in eight columns and of 1 in forty. */
	for (int id = 1; id <= WIDE; id++)
		theirs[id * WIDE + id % WIDE] = id % 6 == 0 ? 10.0f : 1.0f;
	numeric_upload(from, model_parameter(from, 0)->value, theirs, VOCAB * WIDE);
	taken = take(model, from);
	/* Raw squares: 800 of 840; the mean of 59 rows takes a 59th of each column's. */
	assert_true(fabs(taken.kept - 800.0 / 840.0) < 0.02);
	free(theirs);
	model_close(from);
	model_close(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_model_as_wide_takes_the_rows_as_they_are),
		cmocka_unit_test(a_wider_one_keeps_its_own_numbers_behind_them),
		cmocka_unit_test(a_piece_that_the_other_cannot_read_stays_as_it_was),
		cmocka_unit_test(a_piece_that_the_other_lacks_begins_as_the_mean_of_its_parts),
		cmocka_unit_test(a_narrower_one_keeps_what_varies_most),
		cmocka_unit_test(the_share_of_variance_that_is_kept_is_told),
	};

	return cmocka_run_group_tests_name("model_inherit", tests, NULL, NULL);
}
