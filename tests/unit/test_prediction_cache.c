/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/model/prediction_cache.c: what is remembered is found again, and no file is believed that is not sound. */
#include "tests/unit/check.h"

#include "engine/base/crc32.h"
#include "engine/base/file.h"
#include "engine/base/little.h"
#include "engine/prediction_cache.h"

#include <dirent.h>
#include <utime.h>

#define RECORDS 1000

static const char id[65] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

struct setting {
	char folder[256], path[400];
	struct error error;
};

static struct prediction_key key_of(int i)
{
	char text[32];

	snprintf(text, sizeof text, "review %d", i);
	return prediction_key_of(span_of(text), &(int32_t){i % 2}, 1);
}

static struct prediction prediction_of(int i)
{
	return (struct prediction){i % 2, 0.5f + (float)i / 4000, 0.25f, i % 3 == 0 ? VERDICT_WRONG : VERDICT_RIGHT};
}

static void write_cache(struct setting *setting, int from, int to)
{
	struct prediction_cache *cache = prediction_cache_open(setting->folder, id, 2, &setting->error);

	for (int i = from; i < to; i++) {
		const struct prediction prediction = prediction_of(i);

		prediction_cache_put(cache, key_of(i), &prediction);
	}
	assert_true(prediction_cache_save(cache, &setting->error));
	prediction_cache_free(cache);
}

static int count_found(struct setting *setting, const char *model, int32_t labels)
{
	struct prediction_cache *cache = prediction_cache_open(setting->folder, model, labels, &setting->error);
	int found = 0;

	for (int i = 0; i < RECORDS; i++) {
		struct prediction prediction;

		if (!prediction_cache_find(cache, key_of(i), &prediction))
			continue;
		assert_int_equal(prediction.label, prediction_of(i).label);
		assert_true(prediction.score == prediction_of(i).score && prediction.loss == prediction_of(i).loss);
		assert_int_equal(prediction.verdict, prediction_of(i).verdict);
		found++;
	}
	prediction_cache_free(cache);
	return found;
}

static int begin(void **state)
{
	struct setting *setting = calloc(1, sizeof *setting);

	check_folder(setting->folder, sizeof setting->folder);
	snprintf(setting->path, sizeof setting->path, "%s/%s.predictions", setting->folder, id);
	*state = setting;
	return 0;
}

static int end(void **state)
{
	struct setting *setting = *state;

	check_folder_remove(setting->folder);
	free(setting);
	return 0;
}

static void what_is_saved_is_found_again_and_added_to(void **state)
{
	struct setting *setting = *state;

	assert_int_equal(count_found(setting, id, 2), 0);
	write_cache(setting, 0, RECORDS / 2);
	assert_int_equal(count_found(setting, id, 2), RECORDS / 2);
	write_cache(setting, RECORDS / 4, RECORDS);
	assert_int_equal(count_found(setting, id, 2), RECORDS);
}

static void keys_tell_texts_and_labels_apart(void **state)
{
	const struct prediction_key a = prediction_key_of(span_of("good"), (const int32_t[]){1}, 1);
	const struct prediction_key b = prediction_key_of(span_of("good"), (const int32_t[]){0}, 1);
	const struct prediction_key c = prediction_key_of(span_of("good"), NULL, 0);
	const struct prediction_key d = prediction_key_of(span_of("good "), (const int32_t[]){1}, 1);

	(void)state;
	assert_true(a.low != b.low && a.low != c.low && a.low != d.low && b.low != c.low);
}

static void another_model_or_other_labels_find_nothing(void **state)
{
	struct setting *setting = *state;
	char other[65];

	snprintf(other, sizeof other, "%s", id);
	other[63] = '0';
	write_cache(setting, 0, RECORDS);
	assert_int_equal(count_found(setting, other, 2), 0);
	assert_int_equal(count_found(setting, id, 1), 0);
}

/* With its CRC-32 set right again, so that what it says is looked at. */
static void write_damaged(const struct setting *setting, const char *data, size_t size, bool right)
{
	unsigned char *copy = malloc(size);
	struct error error = {0};

	memcpy(copy, data, size);
	if (right && size > 4)
		little_put_32(copy + size - 4, crc32_update(0, copy, size - 4));
	assert_true(file_replace(setting->path, copy, size, &error));
	free(copy);
}

static void damaged_and_hostile_files_are_passed_over_and_replaced(void **state)
{
	struct setting *setting = *state;
	size_t size;
	char *data;

	write_cache(setting, 0, RECORDS);
	data = file_read(setting->path, 1 << 20, &size, &setting->error);
	for (size_t cut = 0; cut < size; cut += size / 37) {
		write_damaged(setting, data, cut, true);
		assert_int_equal(count_found(setting, id, 2), 0);
	}
	for (size_t at = 0; at < size; at += 97) {
		data[at] ^= 0x20;
		write_damaged(setting, data, size, false);
		assert_int_equal(count_found(setting, id, 2), 0);
		data[at] ^= 0x20;
	}
	data[96 + 32 * 5 + 16] = 2; /* a label that the model does not have */
	write_damaged(setting, data, size, true);
	assert_int_equal(count_found(setting, id, 2), 0);
	data[96 + 32 * 5 + 16] = 0;
	memset(data + 88, 0xff, 8); /* as many records as no memory holds */
	write_damaged(setting, data, size, true);
	assert_int_equal(count_found(setting, id, 2), 0);
	write_cache(setting, 0, RECORDS);
	assert_int_equal(count_found(setting, id, 2), RECORDS);
	free(data);
}

static void what_no_model_can_say_is_not_remembered(void **state)
{
	struct setting *setting = *state;
	struct prediction_cache *cache = prediction_cache_open(setting->folder, id, 2, &setting->error);

	prediction_cache_put(cache, key_of(0), &(struct prediction){2, 0.5f, NAN, VERDICT_NONE});
	prediction_cache_put(cache, key_of(1), &(struct prediction){1, NAN, NAN, VERDICT_NONE});
	assert_true(prediction_cache_save(cache, &setting->error));
	assert_false(file_exists(setting->path));
	prediction_cache_free(cache);
}

static void the_oldest_files_go_where_there_are_too_many(void **state)
{
	struct setting *setting = *state;
	struct prediction_cache *cache;
	char model[65], path[400];

	for (int i = 0; i < PREDICTION_CACHE_FILES + 1; i++) {
		snprintf(model, sizeof model, "%064d", i);
		cache = prediction_cache_open(setting->folder, model, 2, &setting->error);
		prediction_cache_put(cache, key_of(0), &(struct prediction){0, 0.5f, NAN, VERDICT_NONE});
		snprintf(path, sizeof path, "%s/%s.predictions", setting->folder, model);
		assert_true(prediction_cache_save(cache, &setting->error));
		prediction_cache_free(cache);
		if (i < PREDICTION_CACHE_FILES)
			assert_int_equal(utime(path, &(struct utimbuf){1000 + i, 1000 + i}), 0);
	}
	snprintf(path, sizeof path, "%s/%064d.predictions", setting->folder, 0);
	assert_false(file_exists(path));
	snprintf(path, sizeof path, "%s/%064d.predictions", setting->folder, 1);
	assert_true(file_exists(path));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_saved_is_found_again_and_added_to, begin, end),
		cmocka_unit_test(keys_tell_texts_and_labels_apart),
		cmocka_unit_test_setup_teardown(another_model_or_other_labels_find_nothing, begin, end),
		cmocka_unit_test_setup_teardown(damaged_and_hostile_files_are_passed_over_and_replaced, begin, end),
		cmocka_unit_test_setup_teardown(what_no_model_can_say_is_not_remembered, begin, end),
		cmocka_unit_test_setup_teardown(the_oldest_files_go_where_there_are_too_many, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
