/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train/run/before_after.c: held-out reviews that were mended and broken, and the file that keeps them over a break. */
#include "tests/unit/check.h"

#include "engine/base/file.h"
#include "engine/train/run/before_after.h"

static const uint64_t rows[] = {2, 7, 19, UINT64_MAX};
static const bool at_first[] = {false, false, true, true}, at_last[] = {true, false, false, true};

static void tell(struct before_after *story)
{
	struct error error = {0};

	assert_true(before_after_init(story, 4, &error));
	memcpy(story->now, at_first, sizeof at_first);
	before_after_begin(story);
	memcpy(story->now, at_last, sizeof at_last);
}

static void reviews_are_mended_and_broken(void **state)
{
	struct before_after story;
	uint32_t mended, broken;

	(void)state;
	tell(&story);
	assert_false(before_after_count(&story, &mended, &broken));
	before_after_end(&story);
	assert_true(before_after_count(&story, &mended, &broken));
	assert_int_equal(mended, 1);
	assert_int_equal(broken, 1);
	before_after_free(&story);
}

static void the_file_is_read_back_after_a_break(void **state)
{
	struct before_after story, other;
	struct error error = {0};
	uint32_t mended, broken;
	char folder[256], path[300], *text;
	size_t size;

	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/held_out.csv", folder);
	tell(&story);
	assert_true(before_after_init(&other, 4, &error));
	for (int ended = 0; ended < 2; ended++) {
		assert_true(before_after_write(&story, folder, rows, &error));
		assert_true(before_after_read(&other, folder, rows, &error));
		assert_true(other.begun && other.ended == (ended == 1));
		assert_memory_equal(other.before, at_first, sizeof at_first);
		before_after_end(&story);
	}
	assert_true(before_after_count(&other, &mended, &broken));
	text = file_read(path, 1000, &size, &error);
	assert_string_equal(text, "row,before,after\n2,wrong,right\n7,wrong,wrong\n19,right,wrong\n"
	                          "18446744073709551615,right,right\n");
	free(text);
	before_after_free(&story);
	before_after_free(&other);
	check_folder_remove(folder);
}

static void what_is_not_the_file_of_these_rows_is_passed_over(void **state)
{
	static const char *const texts[] = {
		"", "row,before,after\n", "row,before,after\n2,wrong,right\n7,wrong,wrong\n19,right,wrong\n20,right,right\n",
		"row,before,after\n2,wrong,right\n7,wrong,wrong\n19,right,wrong\n18446744073709551615,right,right\n3,right,right\n",
		"row,before,after\n2,wrong,right\n7,often,wrong\n19,right,wrong\n18446744073709551615,right,right\n",
		"row,before,after\n2,wrong,right\n7\n19,right,wrong\n18446744073709551615,right,right\n",
		"row,before,after\n2,wrong,right\n7,wrong,wrong\n19,right,wrong\n18446744073709551615,right,right",
	};
	struct before_after story;
	struct error error = {0};
	char folder[256], path[300];

	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/held_out.csv", folder);
	assert_true(before_after_init(&story, 4, &error));
	assert_true(before_after_read(&story, folder, rows, &error) && !story.begun);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		assert_true(file_replace(path, texts[i], strlen(texts[i]), &error));
		assert_true(before_after_read(&story, folder, rows, &error));
		assert_false(story.begun || story.ended);
	}
	before_after_free(&story);
	check_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reviews_are_mended_and_broken),
		cmocka_unit_test(the_file_is_read_back_after_a_break),
		cmocka_unit_test(what_is_not_the_file_of_these_rows_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
