/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the Reviews screen makes of rows: their order (ui/reviews/sorting.c), marks (ui/reviews/marks.c), the line of counts
 * (ui/reviews/review_summary.c), tokens (ui/reviews/review_words.c). */
#include "tests/unit/check.h"

#include "ui/reviews/marks.h"
#include "ui/reviews/review_summary.h"
#include "ui/reviews/review_words.h"
#include "ui/reviews/sorting.h"

static void check_order(struct sorting *sorting, bool reverse, const uint64_t *rows, size_t count)
{
	assert_true(sorting_sort(sorting, reverse, NULL));
	assert_int_equal(sorting_count(sorting), count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(sorting_row(sorting, i), rows[i]);
}

static struct sorting *numbers(void)
{
	static const double values[] = {3, -1, 0, 3, -0.0, -200, 1e300, NAN, -1};
	struct sorting *sorting = sorting_new();

	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		assert_true(sorting_add_number(sorting, i, values[i]));
	return sorting;
}

static void numbers_are_sorted_by_value_equal_ones_as_they_came_and_none_last(void **state)
{
	struct sorting *sorting = numbers();

	(void)state;
	check_order(sorting, false, (const uint64_t[]){5, 1, 8, 2, 4, 0, 3, 6, 7}, 9);
	sorting_free(sorting);
	sorting = numbers();
	check_order(sorting, true, (const uint64_t[]){6, 0, 3, 2, 4, 1, 8, 5, 7}, 9);
	sorting_free(sorting);
}

static void words_are_sorted_in_any_case_after_numbers(void **state)
{
	static const char *const words[] = {"Zebra", "apple", "another long word of many", "another long word", "APPLE", "zebra crossing"};
	struct sorting *sorting = sorting_new();

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		assert_true(sorting_add_word(sorting, i, span_of(words[i])));
	assert_true(sorting_add_none(sorting, 6));
	assert_true(sorting_add_number(sorting, 7, 1));
	check_order(sorting, false, (const uint64_t[]){7, 3, 2, 1, 4, 0, 5, 6}, 8);
	sorting_free(sorting);
}

static void many_rows_come_out_sorted_each_once(void **state)
{
	const size_t count = 100000;
	struct sorting *sorting = sorting_new();
	uint32_t random = 7, *keys = calloc(count, sizeof *keys);
	bool *seen = calloc(count, sizeof *seen);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		random = random * 1664525 + 1013904223;
		keys[i] = random >> 20;
		assert_true(sorting_add_number(sorting, i, keys[i]));
	}
	assert_true(sorting_sort(sorting, false, NULL));
	for (size_t i = 0; i < count; i++) {
		const uint64_t row = sorting_row(sorting, i), before = i > 0 ? sorting_row(sorting, i - 1) : row;

		assert_false(seen[row]);
		seen[row] = true;
		assert_true(keys[before] < keys[row] || (keys[before] == keys[row] && before <= row));
	}
	free(seen);
	free(keys);
	sorting_free(sorting);
}

/* What a row is sorted by, as a plain comparison has it. */
struct plain {
	uint64_t row;
	int kind; /* 0: a number, 1: a word, 2: none */
	double number;
	unsigned char word[SORTING_BYTES + 8];
	size_t size;
};

static bool plain_reverse;

static int compare_plain(const void *of_a, const void *of_b)
{
	const struct plain *a = of_a, *b = of_b;
	const size_t left = a->size < SORTING_BYTES ? a->size : SORTING_BYTES, right = b->size < SORTING_BYTES ? b->size : SORTING_BYTES;
	int order = 0;

	if (a->kind != b->kind)
		order = a->kind == 2 || b->kind == 2 ? a->kind - b->kind : plain_reverse ? b->kind - a->kind : a->kind - b->kind;
	else if (a->kind == 0)
		order = (a->number > b->number) - (a->number < b->number);
	else if (a->kind == 1 && (order = memcmp(a->word, b->word, left < right ? left : right)) == 0)
		order = (left > right) - (left < right);
	if (a->kind == b->kind && plain_reverse)
		order = -order;
	return order != 0 ? order : (a->row > b->row) - (a->row < b->row);
}

/* Words of few letters and NULs that begin alike for long, so that each way to tell them apart is taken. */
static void make_plain(struct plain *plain, uint64_t row, uint32_t *random)
{
	*plain = (struct plain){.row = row};
	*random = *random * 1664525 + 1013904223;
	plain->kind = *random >> 24 < 10 ? 2 : *random >> 24 < 80 ? 0 : 1;
	plain->number = (double)(int32_t)(*random << 8) / 1024;
	plain->size = plain->kind == 1 ? (*random >> 8) % sizeof plain->word : 0;
	for (size_t i = 0; i < plain->size; i++) {
		*random = *random * 1664525 + 1013904223;
		plain->word[i] = *random >> 24 < 250 ? 'a' : (unsigned char)(*random >> 25 & 1 ? 'b' : 0);
	}
}

static void check_against_plain(size_t count, bool reverse)
{
	struct plain *plains = calloc(count, sizeof *plains);
	struct sorting *sorting = sorting_new(), *rest = sorting_new();
	uint32_t random = 11;

	for (size_t i = 0; i < count; i++) {
		const struct plain *plain = &plains[i];
		struct sorting *into = i < count / 3 ? sorting : rest;

		make_plain(&plains[i], i, &random);
		assert_true(plain->kind == 2 ? sorting_add_none(into, i) : plain->kind == 0 ? sorting_add_number(into, i, plain->number)
		                             : sorting_add_word(into, i, (struct span){(const char *)plain->word, plain->size}));
	}
	assert_true(sorting_append(sorting, rest) && sorting_sort(sorting, reverse, NULL));
	plain_reverse = reverse;
	qsort(plains, count, sizeof *plains, compare_plain);
	assert_int_equal(sorting_count(sorting), count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(sorting_row(sorting, i), plains[i].row);
	sorting_free(sorting);
	sorting_free(rest);
	free(plains);
}

static void numbers_and_words_are_in_the_order_of_a_plain_comparison(void **state)
{
	static const size_t counts[] = {0, 1, 2, 31, 33, 200, 20000};

	(void)state;
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		check_against_plain(counts[i], false);
		check_against_plain(counts[i], true);
	}
}

static bool stop(void *context, const char *what, uint64_t done, uint64_t total)
{
	(void)context, (void)what, (void)done, (void)total;
	return false;
}

static void sorting_can_be_stopped(void **state)
{
	struct sorting *sorting = numbers();

	(void)state;
	assert_false(sorting_sort(sorting, false, &(struct progress){stop, NULL}));
	sorting_free(sorting);
}

static void marks_are_counted_and_copied(void **state)
{
	struct marks marks = {0}, copy = {0};

	(void)state;
	assert_false(marks_has(&marks, 1000000));
	assert_true(marks_set(&marks, 1000000, true));
	assert_true(marks_set(&marks, 1000000, true));
	assert_true(marks_set(&marks, 0, true));
	assert_true(marks_set(&marks, 63, false));
	assert_int_equal(marks.count, 2);
	assert_true(marks_copy(&copy, &marks));
	assert_true(marks_set(&marks, 0, false));
	assert_false(marks_has(&marks, 0));
	assert_true(marks_has(&copy, 0));
	assert_true(marks_has(&marks, 1000000));
	assert_int_equal(marks.count, 1);
	marks_clear(&marks);
	marks_clear(&copy);
	assert_int_equal(marks.count, 0);
}

static void check_summary(const struct review_summary *summary, const char *expected)
{
	char line[512];

	review_summary_write(summary, line, sizeof line);
	assert_string_equal(line, expected);
}

static void the_line_tells_rows_found_errors_and_accuracy(void **state)
{
	struct review_summary summary = {.rows = 25000, .complete = true, .labels = true};

	(void)state;
	check_summary(&summary, "25,000 rows");
	summary.part = true;
	summary.listed = 52;
	summary.predictions = (struct prediction_counts){25000, 25000, 24999, 20000, 1000};
	check_summary(&summary, "25,000 rows  52 found  1,000 errors  accuracy 95.0 % of 20,000");
	summary.searched = true;
	summary.matches = 7;
	check_summary(&summary, "25,000 rows  52 found  7 match  1,000 errors  accuracy 95.0 % of 20,000");
	summary.match = 2;
	check_summary(&summary, "25,000 rows  52 found  2 of 7 match  1,000 errors  accuracy 95.0 % of 20,000");
	summary.searched = false;
	summary.predictions.done = 24000;
	summary.marked = 3;
	summary.work = "filtering";
	summary.work_done = 1;
	summary.work_total = 4;
	check_summary(&summary, "25,000 rows  52 found  3 marked  filtering 25 %  1,000 errors  accuracy 95.0 % of 20,000 so far");
	summary.other = "the file has 1, 2; the model a, b";
	summary.part = false;
	summary.work = NULL;
	check_summary(&summary, "25,000 rows  3 marked  ? not judged: the file has 1, 2; the model a, b");
}

static void without_labels_the_line_tells_what_was_predicted(void **state)
{
	struct review_summary summary = {.rows = 1, .predictions = {1, 1, 1, 0, 0}};

	(void)state;
	check_summary(&summary, "1 row so far  1 predicted");
}

static struct tokenizer *pocket(void)
{
	struct error error = {0};
	struct tokenizer *tokenizer = tokenizer_open(check_source("share/models/pocket"), &error);

	assert_non_null(tokenizer);
	return tokenizer;
}

static void tokens_are_shown_with_their_ids_and_a_bar_where_the_model_stops(void **state)
{
	const struct span text = span_of("good film");
	struct tokenizer *tokenizer = pocket();
	struct review_words words = {0};
	int32_t ids[8];
	char expected[200];

	(void)state;
	assert_int_equal(tokenizer_encode(tokenizer, text, 8, ids, NULL, NULL), 4);
	assert_true(review_words_tokens(&words, tokenizer, text, SIZE_MAX, SIZE_MAX));
	snprintf(expected, sizeof expected, "[CLS]:%d  good:%d  film:%d  [SEP]:%d  ", ids[0], ids[1], ids[2], ids[3]);
	assert_string_equal(words.text, expected);
	assert_int_equal(words.unread_from, words.unread_to);
	assert_true(review_words_tokens(&words, tokenizer, text, 4, text.size));
	snprintf(expected, sizeof expected, "[CLS]:%d  good:%d  |  film:%d  |  [SEP]:%d  ", ids[0], ids[1], ids[2], ids[3]);
	assert_string_equal(words.text, expected);
	assert_memory_equal(words.text + words.unread_from, "film", 4);
	assert_memory_equal(words.text + words.unread_to, "[SEP]", 5);
	review_words_free(&words);
	tokenizer_free(tokenizer);
}

static void a_long_text_shows_its_first_tokens(void **state)
{
	const size_t size = (size_t)1 << 20;
	char *text = malloc(size);
	struct tokenizer *tokenizer = pocket();
	struct review_words words = {0};

	(void)state;
	memset(text, 'a', size);
	for (size_t i = 0; i < size; i += 4)
		text[i] = ' ';
	assert_true(review_words_tokens(&words, tokenizer, (struct span){text, size}, SIZE_MAX, SIZE_MAX));
	assert_true(words.size < (size_t)REVIEW_TOKENS_MAX * 20);
	assert_string_equal(words.text + words.size - 3, "...");
	review_words_free(&words);
	tokenizer_free(tokenizer);
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_sorted_by_value_equal_ones_as_they_came_and_none_last),
		cmocka_unit_test(words_are_sorted_in_any_case_after_numbers),
		cmocka_unit_test(many_rows_come_out_sorted_each_once),
		cmocka_unit_test(numbers_and_words_are_in_the_order_of_a_plain_comparison),
		cmocka_unit_test(sorting_can_be_stopped),
		cmocka_unit_test(marks_are_counted_and_copied),
		cmocka_unit_test(the_line_tells_rows_found_errors_and_accuracy),
		cmocka_unit_test(tokens_are_shown_with_their_ids_and_a_bar_where_the_model_stops),
		cmocka_unit_test(a_long_text_shows_its_first_tokens),
		cmocka_unit_test(without_labels_the_line_tells_what_was_predicted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
