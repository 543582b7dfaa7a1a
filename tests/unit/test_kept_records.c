/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/base/kept_records.c: records by their keys in a file. What it does with hostile files test_prediction_cache.c shows. */
#include "tests/unit/check.h"

#include "engine/base/file.h"
#include "engine/base/kept_records.h"

#include <utime.h>

#define SIZE 5

static const struct record_kind kind = {"revue tests 1\n\n\n\n\n\n\n\n\n\n", ".test", 2, 100, "testing"};
static const char origin[65] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static bool is_sound(const unsigned char *record, const void *of)
{
	(void)of;
	return record[0] != 255;
}

static struct kept_records *open_records(const char *folder, const char *of, size_t size)
{
	struct error error = {0};
	struct kept_records *records = kept_records_open(&kind, folder, of, size, is_sound, NULL, &error);

	assert_non_null(records);
	return records;
}

static void put(struct kept_records *records, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++) {
		const unsigned char record[SIZE] = {(unsigned char)i, 1, 2, 3, 4};

		kept_records_put(records, (struct record_key){i * 0x9e3779b97f4a7c15u, i}, record);
	}
}

static void what_is_kept_is_found_by_its_key(void **state)
{
	char folder[256];
	struct kept_records *records;
	struct error error = {0};

	(void)state;
	check_folder(folder, sizeof folder);
	records = open_records(folder, origin, SIZE);
	assert_int_equal(kept_records_state(records), KEPT_NOTHING);
	put(records, 0, 60);
	put(records, 50, 70);
	assert_true(kept_records_save(records, &error));
	assert_int_equal(kept_records_count(records), 70);
	kept_records_free(records);
	records = open_records(folder, origin, SIZE);
	assert_int_equal(kept_records_state(records), KEPT_RECORDS);
	for (uint64_t i = 0; i < 70; i++) {
		const unsigned char *found = kept_records_find(records, (struct record_key){i * 0x9e3779b97f4a7c15u, i});

		assert_true(found && found[0] == i && found[4] == 4);
	}
	assert_null(kept_records_find(records, (struct record_key){1, 1}));
	put(records, 70, 110); /* too many together: the new ones stay */
	assert_true(kept_records_save(records, &error));
	assert_int_equal(kept_records_count(records), 40);
	kept_records_free(records);
	check_folder_remove(folder);
}

static void other_sizes_and_unsound_records_are_damage(void **state)
{
	char folder[256];
	struct kept_records *records;
	struct error error = {0};

	(void)state;
	check_folder(folder, sizeof folder);
	records = open_records(folder, origin, SIZE);
	put(records, 0, 3);
	assert_true(kept_records_save(records, &error));
	kept_records_free(records);
	records = open_records(folder, origin, SIZE + 1);
	assert_int_equal(kept_records_state(records), KEPT_DAMAGED);
	kept_records_free(records);
	records = open_records(folder, origin, SIZE);
	put(records, 255, 256);
	assert_true(kept_records_save(records, &error));
	kept_records_free(records);
	records = open_records(folder, origin, SIZE);
	assert_int_equal(kept_records_state(records), KEPT_DAMAGED);
	assert_int_equal(kept_records_count(records), 0);
	kept_records_free(records);
	check_folder_remove(folder);
}

static void of_many_files_the_oldest_goes(void **state)
{
	char folder[256], of[65], path[400];
	struct error error = {0};

	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(of, sizeof of, "%s", origin);
	for (char c = 'a'; c < 'd'; c++) {
		struct kept_records *records;

		of[63] = c;
		records = open_records(folder, of, SIZE);
		put(records, 0, 1);
		assert_true(kept_records_save(records, &error));
		assert_int_equal(utime(kept_records_path(records), &(struct utimbuf){c, c}), 0);
		kept_records_free(records);
	}
	snprintf(path, sizeof path, "%s/%.63sa.test", folder, origin);
	assert_false(file_exists(path));
	snprintf(path, sizeof path, "%s/%.63sc.test", folder, origin);
	assert_true(file_exists(path));
	check_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept_is_found_by_its_key),
		cmocka_unit_test(other_sizes_and_unsound_records_are_damage),
		cmocka_unit_test(of_many_files_the_oldest_goes),
	};

	return cmocka_run_group_tests_name("kept_records", tests, NULL, NULL);
}
