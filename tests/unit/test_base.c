/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/base: errors, buffers, files, JSON, random numbers. */
#include "tests/unit/check.h"

#include "engine/base/buffer.h"
#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/base/random.h"
#include "engine/base/size.h"
#include "engine/span.h"
#include "engine/wake.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

static void an_error_keeps_its_kind_behind_a_prefix(void **state)
{
	struct error error = {0};

	(void)state;
	assert_false(error_set(&error, ERROR_DATA, "line %d: bad", 7));
	assert_false(error_prefix(&error, "%s", "reviews.csv"));
	assert_int_equal(error.kind, ERROR_DATA);
	assert_string_equal(error.text, "reviews.csv: line 7: bad");
}

static void a_failed_system_call_is_told_in_the_system_s_words(void **state)
{
	struct error error = {0};

	(void)state;
	errno = ENOENT;
	assert_false(error_errno(&error, "open", "reviews.csv"));
	assert_int_equal(error.kind, ERROR_IO);
	assert_string_equal(error.text, "reviews.csv: could not open: No such file or directory");
}

static void a_message_that_is_too_long_is_cut_at_a_character(void **state)
{
	struct error error = {0};
	char text[2 * sizeof error.text];

	(void)state;
	for (size_t i = 0; i + 2 < sizeof text; i += 2)
		memcpy(text + i, "\xC3\xA9", 3);
	error_set(&error, ERROR_DATA, "%s", text);
	assert_int_equal(strlen(error.text) % 2, 0);
	assert_in_range(strlen(error.text), sizeof error.text - 4, sizeof error.text - 1);
}

static void sizes_that_overflow_are_refused(void **state)
{
	size_t out = 5;

	(void)state;
	assert_false(size_multiply((size_t)1 << 63, 2, &out));
	assert_false(size_add(SIZE_MAX, 1, &out));
	assert_int_equal(out, 5);
	assert_true(size_multiply(3, 4, &out));
	assert_int_equal(out, 12);
}

static void a_buffer_never_grows_beyond_its_maximum(void **state)
{
	struct buffer buffer = {.maximum = 100};

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_true(buffer_add_byte(&buffer, 'x'));
	assert_false(buffer_add_byte(&buffer, 'x'));
	assert_int_equal(buffer.size, 100);
	assert_int_equal(strlen(buffer.data), 100);
	buffer_free(&buffer);
}

static void a_file_is_replaced_whole_and_leaves_no_temporary(void **state)
{
	struct error error = {0};
	char folder[256], path[300], sum[65];
	size_t size;
	char *data;

	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/a/b", folder);
	assert_true(folder_make(path, &error));
	snprintf(path, sizeof path, "%s/a/b/file", folder);
	assert_true(file_replace(path, "one", 3, &error));
	assert_true(file_replace(path, "abc", 3, &error));
	data = file_read(path, 100, &size, &error);
	assert_non_null(data);
	assert_int_equal(size, 3);
	assert_string_equal(data, "abc");
	free(data);
	assert_true(file_sha256(path, sum, &error));
	assert_string_equal(sum, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_null(file_read(path, 2, &size, &error));
	assert_int_equal(error.kind, ERROR_DATA);
	check_folder_remove(folder);
}

static void a_directory_or_a_device_is_no_file(void **state)
{
	struct error error = {0};
	uint64_t size;

	(void)state;
	assert_int_equal(file_open("/dev/null", &size, &error), -1);
	assert_int_equal(error.kind, ERROR_IO);
	assert_int_equal(file_open("/", &size, &error), -1);
	assert_non_null(strstr(error.text, "directory"));
}

static void json_says_line_and_column_and_refuses_depth_and_duplicates(void **state)
{
	struct error error = {0};
	char deep[200];

	(void)state;
	assert_null(json_parse(span_of("{\"a\":1,\n \"a\":2}"), "x.json", &error));
	assert_non_null(strstr(error.text, "x.json: line 2"));
	memset(deep, '[', sizeof deep);
	assert_null(json_parse((struct span){deep, sizeof deep}, "x.json", &error));
	assert_non_null(strstr(error.text, "nested deeper"));
}

static void an_integer_beyond_64_bits_is_read_as_a_real(void **state)
{
	static const char text[] = "{\"a\\\"1\": 1000000000000000019884624838656, \"b\": 7, \"c\": \"11111111111111111111\","
	                           "\"d\": [12345678901234567890123, 0.1234567890123456789012, 1e2]}";
	struct error error = {0};
	json_t *document = json_parse(span_of(text), "x.json", &error);
	const json_t *list = json_object_get(document, "d");

	(void)state;
	assert_non_null(document);
	assert_true(json_number_value(json_object_get(document, "a\"1")) == 1e30);
	assert_int_equal(json_integer_value(json_object_get(document, "b")), 7);
	assert_string_equal(json_string_value(json_object_get(document, "c")), "11111111111111111111");
	assert_true(json_number_value(json_array_get(list, 0)) == 12345678901234567890123.0);
	assert_true(json_number_value(json_array_get(list, 1)) == 0.1234567890123456789012);
	json_decref(document);
	assert_null(json_parse(span_of("[1e999]"), "x.json", &error));
	assert_null(json_parse(span_of("[99999999999999999999"), "x.json", &error));
}

/* Random123's known answers: kat_vectors, philox4x32 10. */
static void philox_gives_the_published_answers(void **state)
{
	uint32_t out[4];

	(void)state;
	philox(0, (uint32_t[4]){0, 0, 0, 0}, out);
	assert_memory_equal(out, ((uint32_t[4]){0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}), sizeof out);
	philox(UINT64_MAX, (uint32_t[4]){UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX}, out);
	assert_memory_equal(out, ((uint32_t[4]){0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}), sizeof out);
}

static void permutations_are_those_of_torch(void **state)
{
	uint32_t order[10];

	(void)state;
	random_permutation(order, 10, 42);
	assert_memory_equal(order, ((uint32_t[10]){2, 6, 1, 8, 4, 5, 0, 9, 3, 7}), sizeof order);
	random_permutation(order, 10, 0);
	assert_memory_equal(order, ((uint32_t[10]){4, 1, 7, 5, 3, 9, 0, 8, 6, 2}), sizeof order);
}

static void normal_numbers_have_their_deviation(void **state)
{
	enum { COUNT = 100001 };
	float *values = calloc(COUNT, sizeof *values);
	double sum = 0, squares = 0;

	(void)state;
	random_normal(values, COUNT, 0.02f, 42, 3);
	for (int i = 0; i < COUNT; i++) {
		sum += (double)values[i];
		squares += (double)values[i] * (double)values[i];
	}
	assert_in_range((int)(squares / COUNT * 1e8), 39000, 41000);
	assert_in_range((int)(fabs(sum / COUNT) * 1e6), 0, 250);
	free(values);
}

static void many_signals_wake_once(void **state)
{
	struct error error = {0};
	struct wake *wake = wake_new(&error);
	struct pollfd poller;

	(void)state;
	assert_non_null(wake);
	poller = (struct pollfd){.fd = wake_fd(wake), .events = POLLIN};
	assert_int_equal(poll(&poller, 1, 0), 0);
	wake_signal(wake);
	wake_signal(wake);
	assert_int_equal(poll(&poller, 1, 0), 1);
	wake_clear(wake);
	assert_int_equal(poll(&poller, 1, 0), 0);
	wake_free(wake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_keeps_its_kind_behind_a_prefix),
		cmocka_unit_test(a_failed_system_call_is_told_in_the_system_s_words),
		cmocka_unit_test(a_message_that_is_too_long_is_cut_at_a_character),
		cmocka_unit_test(sizes_that_overflow_are_refused),
		cmocka_unit_test(a_buffer_never_grows_beyond_its_maximum),
		cmocka_unit_test(a_file_is_replaced_whole_and_leaves_no_temporary),
		cmocka_unit_test(a_directory_or_a_device_is_no_file),
		cmocka_unit_test(json_says_line_and_column_and_refuses_depth_and_duplicates),
		cmocka_unit_test(an_integer_beyond_64_bits_is_read_as_a_real),
		cmocka_unit_test(philox_gives_the_published_answers),
		cmocka_unit_test(permutations_are_those_of_torch),
		cmocka_unit_test(normal_numbers_have_their_deviation),
		cmocka_unit_test(many_signals_wake_once),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
