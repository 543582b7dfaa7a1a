/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/base/numpy_random and engine/train/rows/split: rows are drawn as numpy, scikit-learn, datasets, pandas and torch draw
 * them, and trained on in the order of transformers' Trainer. Expected: tests/golden/splits.txt and orders.txt, by
 * make_splits.py and make_order.py there. */
#include "tests/unit/check.h"

#include "engine/base/numpy_random.h"
#include "engine/base/random.h"
#include "engine/train/rows/split_make.h"

#include <inttypes.h>

#define FIRST 5

static uint64_t hash_of(const uint32_t *values, uint32_t count)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (uint32_t i = 0; i < count; i++)
		for (int shift = 0; shift < 32; shift += 8)
			hash = (hash ^ (values[i] >> shift & 0xff)) * 0x100000001b3u;
	return hash;
}

static FILE *open_golden(void)
{
	FILE *file = fopen(check_source("tests/golden/splits.txt"), "r");

	assert_non_null(file);
	return file;
}

static void seed_kind(struct numpy_random *random, const char *kind, uint32_t seed)
{
	(strcmp(kind, "state") == 0 ? numpy_random_state : numpy_default_rng)(random, seed);
}

/* Generators */

static void the_seed_sequence_is_that_of_numpy(void **state)
{
	static const uint64_t expected[] = {0x9f1e2e6dcd540ab7u, 0xd57873dc79fb94b6u, 0x7d282a1b64d420b7u, 0x336579714692d5ffu};
	uint64_t words[4];

	(void)state;
	seed_sequence(42, words);
	assert_memory_equal(words, expected, sizeof words);
}

static void pcg64_draws_the_words_of_numpy_lower_half_first(void **state)
{
	struct pcg64 pcg;

	(void)state;
	pcg64_seed(&pcg, 42);
	assert_int_equal(pcg64_draw(&pcg), 0xc621fbcd16d92688u);
	assert_int_equal(pcg64_draw(&pcg), 0x705a5661a791ffc1u);
	assert_int_equal(pcg64_draw(&pcg), 0xdbcd12c26eda1624u);
	pcg64_seed(&pcg, 42);
	assert_int_equal(pcg64_draw_half(&pcg), 0x16d92688u);
	assert_int_equal(pcg64_draw_half(&pcg), 0xc621fbcdu);
	assert_int_equal(pcg64_draw_half(&pcg), 0xa791ffc1u);
}

static void the_mersenne_twister_draws_the_words_of_its_authors(void **state)
{
	static const uint32_t expected[] = {1608637542u, 3421126067u, 4083286876u, 787846414u};
	struct mersenne mersenne;

	(void)state;
	mersenne_seed(&mersenne, 42);
	for (int i = 0; i < 4; i++)
		assert_int_equal(mersenne_draw(&mersenne), expected[i]);
}

static void check_permutation(const char *line)
{
	uint32_t count, seed, *order;
	struct numpy_random random;
	uint64_t hash;
	char kind[16];

	assert_int_equal(sscanf(line, "permutation %15s %" SCNu32 " %" SCNu32 " %" SCNx64, kind, &count, &seed, &hash), 4);
	order = calloc(count, sizeof *order);
	seed_kind(&random, kind, seed);
	numpy_permutation(&random, order, count);
	if (hash_of(order, count) != hash)
		fail_msg("begins with %u: %s", order[0], line);
	free(order);
}

static void check_choice(const char *line)
{
	uint32_t population, size, seed, *drawn;
	struct numpy_random random;
	uint64_t hash[2];
	char kind[16];

	assert_int_equal(sscanf(line, "choice %15s %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNx64 " %" SCNx64, kind, &population,
	                        &size, &seed, &hash[0], &hash[1]), 6);
	drawn = calloc(population, sizeof *drawn);
	seed_kind(&random, kind, seed);
	for (int i = 0; i < 2; i++) {
		numpy_choice(&random, drawn, population, size);
		if (hash_of(drawn, size) != hash[i])
			fail_msg("choice %d: %s", i, line);
	}
	free(drawn);
}

static void permutations_and_choices_are_those_of_numpy(void **state)
{
	FILE *file = open_golden();
	int permutations = 0, choices = 0;
	char line[1024];

	(void)state;
	while (fgets(line, sizeof line, file)) {
		if (strncmp(line, "permutation ", 12) == 0 && ++permutations)
			check_permutation(line);
		else if (strncmp(line, "choice ", 7) == 0 && ++choices)
			check_choice(line);
	}
	fclose(file);
	assert_int_equal(permutations, 56);
	assert_int_equal(choices, 32);
}

/* Splits */

/* The labels of make_splits.py. */
static int32_t *make_labels(int scheme, uint32_t rows, int32_t *label_count)
{
	static const int32_t counts[] = {2, 2, 2, 7, 10, 40};
	int32_t *labels = calloc(rows, sizeof *labels);
	uint32_t state = rows;

	for (uint32_t i = 0; i < rows; i++) {
		uint32_t r = (state = state * 1664525u + 1013904223u) >> 8;
		const uint32_t label[] = {(uint32_t)((uint64_t)i * 2 / rows), r % 2, r % 10 == 0, r % 7,
		                          (r % 100) * (r % 100) / 1000, r % 40};
		labels[i] = (int32_t)label[scheme];
	}
	*label_count = counts[scheme];
	return labels;
}

static void check_first(const char *line, const uint32_t *rows, uint32_t count, const long expected[FIRST])
{
	for (uint32_t i = 0; i < FIRST && i < count; i++)
		if (rows[i] != expected[i])
			fail_msg("row %u is %u, not %ld: %s", i, rows[i], expected[i], line);
}

static void check_split(const char *line)
{
	uint32_t rows, training, held_out;
	struct split_request request = {0};
	int stratify, shuffle, scheme;
	struct split split = {0};
	struct error error = {0};
	long first[2 * FIRST];
	uint64_t hash[2];
	char kind[16];

	assert_int_equal(sscanf(line, "%15s %d %d %d %" SCNu32 " %lf %" SCNu64 " %" SCNu64 " %" SCNu32 " | %" SCNu32 " %" SCNu32
	                        " %" SCNx64 " %" SCNx64 " | %ld %ld %ld %ld %ld %ld %ld %ld %ld %ld", kind, &stratify, &shuffle,
	                        &scheme, &rows, &request.held_out, &request.max_training, &request.max_held_out, &request.seed,
	                        &training, &held_out, &hash[0], &hash[1], &first[0], &first[1], &first[2], &first[3], &first[4],
	                        &first[5], &first[6], &first[7], &first[8], &first[9]), 23);
	request.kind = split_find(kind);
	request.stratify = stratify;
	request.shuffle = shuffle;
	request.count = rows;
	request.labels = make_labels(scheme, rows, &request.label_count);
	if (!split_make(&split, &request, &error))
		fail_msg("%s: %s", error.text, line);
	if (split.training_count != training || split.held_out_count != held_out)
		fail_msg("%u and %u rows: %s", split.training_count, split.held_out_count, line);
	check_first(line, split.training, training, first);
	check_first(line, split.held_out, held_out, first + FIRST);
	if (hash_of(split.training, training) != hash[0] || hash_of(split.held_out, held_out) != hash[1])
		fail_msg("other rows after the first: %s", line);
	split_free(&split);
	free((int32_t *)(uintptr_t)request.labels);
}

static void check_splits_of(const char *kind, int least)
{
	FILE *file = open_golden();
	char line[1024];
	int found = 0;

	while (fgets(line, sizeof line, file))
		if (strncmp(line, kind, strlen(kind)) == 0 && ++found)
			check_split(line);
	fclose(file);
	assert_in_range(found, least, 1000);
}

static void splits_are_those_of_scikit_learn(void **state)
{
	(void)state;
	check_splits_of("sklearn ", 150);
}

static void splits_are_those_of_datasets(void **state)
{
	(void)state;
	check_splits_of("datasets ", 150);
}

static void splits_are_those_of_torch(void **state)
{
	(void)state;
	check_splits_of("torch ", 100);
}

/* The order of the Trainer: epoch after epoch a permutation of where the rows stand after the split. */
static void check_order(const char *line)
{
	uint32_t seed, epochs, *order;
	struct split_request request = {0};
	struct split split = {0};
	struct error error = {0};
	int stratify, shuffle, at;
	char kind[16];

	assert_int_equal(sscanf(line, "%15s %d %d %zu %lf %" SCNu64 " %" SCNu32 " %" SCNu32 " %*u %" SCNu32 " :%n", kind, &stratify,
	                        &shuffle, &request.count, &request.held_out, &request.max_training, &request.seed, &seed, &epochs,
	                        &at), 9);
	request.kind = split_find(kind);
	request.stratify = stratify;
	request.shuffle = shuffle;
	request.labels = make_labels(0, (uint32_t)request.count, &request.label_count);
	assert_true(split_make(&split, &request, &error));
	order = calloc(split.training_count, sizeof *order);
	for (uint32_t epoch = 0; epoch < epochs; epoch++) {
		random_permutation(order, split.training_count, seed + epoch);
		for (uint32_t i = 0; i < split.training_count; i++) {
			char *end;
			unsigned long row = strtoul(line + at, &end, 10);

			assert_true(end > line + at);
			at = (int)(end - line);
			if (split.training[order[i]] != row)
				fail_msg("row %u of epoch %u is %u, not %lu: %.60s", i, epoch, split.training[order[i]], row, line);
		}
	}
	assert_int_equal(line[at], '\n');
	free(order);
	split_free(&split);
	free((int32_t *)(uintptr_t)request.labels);
}

static void rows_are_trained_on_in_the_order_of_the_trainer(void **state)
{
	FILE *file = fopen(check_source("tests/golden/orders.txt"), "r");
	char line[4096];
	int found = 0;

	(void)state;
	assert_non_null(file);
	for (; fgets(line, sizeof line, file); found++)
		check_order(line);
	fclose(file);
	assert_int_equal(found, 10);
}

static void a_label_of_one_row_cannot_be_stratified(void **state)
{
	static const char *const names[] = {"bad", "good", "so so"};
	static const int32_t labels[] = {0, 1, 0, 1, 0, 1, 0, 2, 1, 0};
	struct split_request request = {.kind = SPLIT_SKLEARN, .stratify = true, .labels = labels, .names = names,
	                                .label_count = 3, .count = 10, .held_out = 0.3};
	struct split split = {0};
	struct error error = {0};

	(void)state;
	assert_false(split_make(&split, &request, &error));
	assert_string_equal(error.text, "the label \"so so\" has one row: a stratified split needs two of each label; leave that "
	                                "row out, or use --stratify false");
	split_free(&split);
	request.stratify = false;
	assert_true(split_make(&split, &request, &error));
	assert_int_equal(split.held_out_count, 3);
	split_free(&split);
}

static void a_stratified_split_needs_a_row_of_each_label_on_both_sides(void **state)
{
	int32_t label_count, *labels = make_labels(3, 100, &label_count);
	struct split_request request = {.kind = SPLIT_DATASETS, .stratify = true, .labels = labels, .label_count = label_count,
	                                .count = 100, .held_out = 6};
	struct split split = {0};
	struct error error = {0};

	(void)state;
	assert_false(split_make(&split, &request, &error));
	assert_non_null(strstr(error.text, "7 labels"));
	assert_non_null(strstr(error.text, "94 and 6 rows"));
	split_free(&split);
	free(labels);
}

static void a_split_that_leaves_no_row_to_train_on_is_refused(void **state)
{
	static const int32_t labels[] = {0, 1, 0};
	struct split_request request = {.kind = SPLIT_SKLEARN, .labels = labels, .label_count = 2, .count = 3, .held_out = 0.9};
	struct split split = {0};
	struct error error = {0};

	(void)state;
	assert_false(split_make(&split, &request, &error));
	assert_string_equal(error.text, "of 3 rows none is left to train on: hold out fewer with --validation");
	split_free(&split);
}

static void revue_s_own_split_without_stratifying_counts_all_rows_as_one(void **state)
{
	int32_t label_count, *labels = make_labels(2, 1000, &label_count);
	struct split_request request = {.labels = labels, .label_count = label_count, .count = 1000, .held_out = 125, .seed = 42};
	struct split split = {0};
	struct error error = {0};
	uint64_t training, held_out;

	(void)state;
	assert_true(split_make(&split, &request, &error));
	split_count(&request, &training, &held_out);
	assert_int_equal(split.held_out_count, 125);
	assert_int_equal(split.training_count, 875);
	assert_true(training == 875 && held_out == 125);
	for (uint32_t i = 1; i < split.training_count; i++)
		assert_true(split.training[i] > split.training[i - 1]);
	split_free(&split);
	free(labels);
}

static void a_sample_to_measure_on_is_ascending_and_of_the_size_asked_for(void **state)
{
	static const char *const kinds[] = {"revue", "sklearn", "datasets", "torch"};
	int32_t label_count, *labels = make_labels(0, 25000, &label_count);
	struct split_request request = {.labels = labels, .label_count = label_count, .count = 25000, .max_held_out = 300,
	                                .seed = 42};
	struct error error = {0};

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct split split = {0};

		request.kind = split_find(kinds[i]);
		assert_true(split_sample(&split, &request, &error));
		assert_int_equal(split.held_out_count, 300);
		assert_int_equal(split.training_count, 0);
		for (uint32_t j = 1; j < 300; j++)
			assert_true(split.held_out[j] > split.held_out[j - 1]);
		split_free(&split);
	}
	free(labels);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_seed_sequence_is_that_of_numpy),
		cmocka_unit_test(pcg64_draws_the_words_of_numpy_lower_half_first),
		cmocka_unit_test(the_mersenne_twister_draws_the_words_of_its_authors),
		cmocka_unit_test(permutations_and_choices_are_those_of_numpy),
		cmocka_unit_test(splits_are_those_of_scikit_learn),
		cmocka_unit_test(splits_are_those_of_datasets),
		cmocka_unit_test(splits_are_those_of_torch),
		cmocka_unit_test(rows_are_trained_on_in_the_order_of_the_trainer),
		cmocka_unit_test(a_label_of_one_row_cannot_be_stratified),
		cmocka_unit_test(a_stratified_split_needs_a_row_of_each_label_on_both_sides),
		cmocka_unit_test(a_split_that_leaves_no_row_to_train_on_is_refused),
		cmocka_unit_test(revue_s_own_split_without_stratifying_counts_all_rows_as_one),
		cmocka_unit_test(a_sample_to_measure_on_is_ascending_and_of_the_size_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
