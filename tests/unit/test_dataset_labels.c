/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/data/labels.h: the one counter of labels. */
#include "tests/unit/check.h"

#include "engine/data/labels.h"

#include <stdio.h>
#include <stdlib.h>

static int add(struct label_counter *counter, const char *label)
{
	return label_counter_add(counter, span_of(label));
}

static void a_label_keeps_the_index_of_its_first_time(void **state)
{
	struct label_counter counter = {0};

	(void)state;
	assert_int_equal(add(&counter, "good"), 0);
	assert_int_equal(add(&counter, "bad"), 1);
	assert_int_equal(add(&counter, "good"), 0);
	assert_int_equal(add(&counter, "goo"), 2);
	assert_int_equal(counter.count, 3);
	assert_int_equal(counter.labels[0].count, 2);
	assert_string_equal(counter.labels[1].name, "bad");
	label_counter_free(&counter);
	assert_int_equal(counter.count, 0);
}

static void numbers_stand_by_value_before_words_by_bytes(void **state)
{
	static const char *const labels[] = {"10", "b", "9", "a", "-1.5", "9.5"};
	static const char *const sorted[] = {"-1.5", "9", "9.5", "10", "a", "b"};
	struct label_counter counter = {0};
	int32_t place_of[6];

	(void)state;
	for (int i = 0; i < 6; i++)
		assert_int_equal(add(&counter, labels[i]), i);
	assert_true(label_counter_sort(&counter, place_of));
	for (int i = 0; i < 6; i++) {
		assert_string_equal(counter.labels[i].name, sorted[i]);
		assert_string_equal(counter.labels[place_of[i]].name, labels[i]);
	}
	label_counter_free(&counter);
}

static void spellings_of_one_number_are_one_label_by_the_shortest(void **state)
{
	static const struct {
		const char *label;
		int index;
	} labels[] = {{"1.0", 0}, {"word", 1}, {"01", 0}, {"-0.50", 2}, {"1", 0}, {"-.5", 2}, {"+1.00", 0}, {"1.0.0", 3}, {"1e0", 4}};
	struct label_counter counter = {0};
	int32_t place_of[5];

	(void)state;
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
		assert_int_equal(add(&counter, labels[i].label), labels[i].index);
	assert_int_equal(counter.labels[0].count, 4);
	assert_true(label_counter_sort(&counter, place_of));
	assert_string_equal(counter.labels[place_of[0]].name, "1");
	assert_string_equal(counter.labels[place_of[2]].name, "-.5");
	assert_int_equal(counter.count, 5);
	label_counter_free(&counter);
}

static void one_label_more_than_the_limit_is_refused_and_known_ones_go_on(void **state)
{
	struct label_counter counter = {0};
	struct error error = {0};
	char name[32];

	(void)state;
	for (int i = 0; i < LABELS_MAX; i++) {
		snprintf(name, sizeof name, "l%d", i);
		assert_int_equal(add(&counter, name), i);
	}
	assert_false(counter.too_many);
	assert_int_equal(add(&counter, "one more"), LABEL_TOO_MANY);
	assert_true(counter.too_many);
	assert_int_equal(add(&counter, "l7"), 7);
	assert_int_equal(counter.count, LABELS_MAX);
	assert_false(label_counter_refuse("a.csv", "id", &error));
	assert_int_equal(error.kind, ERROR_DATA);
	assert_string_equal(error.text, "a.csv: column \"id\" has more than 4096 different values: is it the label? "
	                                "--label-column names another");
	label_counter_free(&counter);
}

static void names_of_more_than_sixteen_megabytes_are_too_many(void **state)
{
	size_t size = (size_t)9 << 20;
	char *name = malloc(size);
	struct label_counter counter = {0};

	(void)state;
	assert_non_null(name);
	memset(name, 'a', size);
	assert_int_equal(label_counter_add(&counter, (struct span){name, size}), 0);
	assert_int_equal(label_counter_add(&counter, (struct span){name, size - 1}), LABEL_TOO_MANY);
	assert_int_equal(label_counter_add(&counter, (struct span){name, size}), 0);
	label_counter_free(&counter);
	free(name);
}

static void taken_labels_are_the_callers(void **state)
{
	struct label_counter counter = {0};
	struct label_count *labels;
	int count;

	(void)state;
	assert_int_equal(add(&counter, "x"), 0);
	labels = label_counter_take(&counter, &count);
	assert_int_equal(count, 1);
	assert_string_equal(labels[0].name, "x");
	assert_int_equal(add(&counter, "y"), 0);
	label_counter_free(&counter);
	free(labels[0].name);
	free(labels);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_label_keeps_the_index_of_its_first_time),
		cmocka_unit_test(numbers_stand_by_value_before_words_by_bytes),
		cmocka_unit_test(spellings_of_one_number_are_one_label_by_the_shortest),
		cmocka_unit_test(one_label_more_than_the_limit_is_refused_and_known_ones_go_on),
		cmocka_unit_test(names_of_more_than_sixteen_megabytes_are_too_many),
		cmocka_unit_test(taken_labels_are_the_callers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
