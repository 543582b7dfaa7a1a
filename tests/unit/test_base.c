/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/base: errors, buffers, files, JSON, random numbers. */
#include "tests/unit/check.h"

#include "engine/base/buffer.h"
#include "engine/base/crc32.h"
#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/base/little.h"
#include "engine/base/names.h"
#include "engine/base/random.h"
#include "engine/base/size.h"
#include "engine/span.h"
#include "engine/wake.h"
#include "engine/wish.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
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

static const char *name_of(const void *names, int i)
{
	return ((const char *const *)names)[i];
}

static void a_list_of_names_is_cut_behind_a_whole_character_and_says_so(void **state)
{
	const char *names[] = {"good", "bad", "caf\xC3\xA9"};
	char long_name[200], list[100], expected[100];

	(void)state;
	names_list(list, sizeof list, 3, name_of, names);
	assert_string_equal(list, "good, bad, caf\xC3\xA9");
	names_list(list, sizeof "good, bad, caf\xC3\xA9", 3, name_of, names);
	assert_string_equal(list, "good, bad, caf\xC3\xA9");
	names_list(list, sizeof "good, bad, caf\xC3\xA9" - 1, 3, name_of, names);
	assert_string_equal(list, "good, bad, ...");
	names_list(list, sizeof "good, bad, ..." - 1, 3, name_of, names);
	assert_string_equal(list, "good, ...");
	names_list(list, 4, 3, name_of, names);
	assert_string_equal(list, "...");
	names_list(list, sizeof list, 0, name_of, names);
	assert_string_equal(list, "");
	for (size_t i = 0; i < sizeof long_name; i++)
		long_name[i] = "a\xC3\xA9"[i == 0 ? 0 : 2 - i % 2];
	long_name[sizeof long_name - 1] = '\0';
	names[1] = long_name; /* an "a", then characters of two bytes: byte 60 is half of one */
	names_list(list, sizeof list, 2, name_of, names);
	snprintf(expected, sizeof expected, "good, %.59s", long_name);
	assert_string_equal(list, expected);
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

/* The linker sends the engine's calls here (--wrap). */
int __real_fsync(int fd);
int __wrap_fsync(int fd);
static ino_t synced[16];
static size_t synced_count;

int __wrap_fsync(int fd)
{
	struct stat status;

	if (fstat(fd, &status) == 0 && synced_count < sizeof synced / sizeof synced[0])
		synced[synced_count++] = status.st_ino;
	return __real_fsync(fd);
}

static void assert_synced(size_t index, const char *path)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	assert_true(index < synced_count);
	assert_true(synced[index] == status.st_ino);
}

static bool write_takes_nothing;
ssize_t __real_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);

ssize_t __wrap_write(int fd, const void *data, size_t size)
{
	return write_takes_nothing ? 0 : __real_write(fd, data, size);
}

static void a_file_that_takes_nothing_is_an_error_and_no_loop(void **state)
{
	struct error error = {0};
	char folder[256], path[300];

	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/file", folder);
	write_takes_nothing = true;
	assert_false(file_replace(path, "abc", 3, &error));
	write_takes_nothing = false;
	assert_int_equal(error.kind, ERROR_IO);
	assert_non_null(strstr(error.text, "takes nothing"));
	assert_int_equal(access(path, F_OK), -1);
	check_folder_remove(folder);
}

static void a_new_folder_is_on_the_disk_with_its_parents(void **state)
{
	struct error error = {0};
	char folder[256], path[300], middle[300];

	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(middle, sizeof middle, "%s/a", folder);
	snprintf(path, sizeof path, "%s/a/b/", folder);
	synced_count = 0;
	assert_true(folder_make(path, &error));
	assert_int_equal(synced_count, 2);
	assert_synced(0, folder);
	assert_synced(1, middle);
	assert_true(folder_make(path, &error));
	assert_int_equal(synced_count, 2);
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

static void *no_memory(size_t size)
{
	(void)size;
	return NULL;
}

static void json_without_memory_is_not_called_invalid(void **state)
{
	struct error error = {0};

	(void)state;
	json_set_alloc_funcs(no_memory, free);
	assert_null(json_parse(span_of("{\"a\":[\"b\"]}"), "x.json", &error));
	json_set_alloc_funcs(malloc, free);
	assert_int_equal(error.kind, ERROR_FAILED);
	assert_string_equal(error.text, "x.json: out of memory while reading JSON");
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

static void a_buffer_holds_what_was_formatted_and_a_nul_behind_it(void **state)
{
	struct buffer buffer = {.maximum = 20};

	(void)state;
	assert_true(buffer_format(&buffer, "%d-%s", 12, "ab"));
	assert_true(buffer_add_text(&buffer, "!"));
	assert_string_equal(buffer.data, "12-ab!");
	assert_false(buffer_format(&buffer, "%030d", 7));
	assert_string_equal(buffer.data, "12-ab!");
	assert_false(buffer_reserve(&buffer, SIZE_MAX));
	buffer_free(&buffer);
	assert_null(buffer.data);
	buffer = (struct buffer){.maximum = SIZE_MAX};
	assert_false(buffer_reserve(&buffer, SIZE_MAX - 1));
	assert_true(buffer_add(&buffer, NULL, 0));
	buffer_free(&buffer);
}

/* ISO 3309's usual check value, and every split of a text into two. */
static void crc_32_gives_its_check_value_in_any_pieces(void **state)
{
	static const char text[] = "The quick brown fox jumps over the lazy dog";

	(void)state;
	assert_int_equal(crc32_update(0, "123456789", 9), 0xcbf43926);
	assert_int_equal(crc32_update(0, "", 0), 0);
	for (size_t i = 0; i < sizeof text; i++)
		assert_int_equal(crc32_update(crc32_update(0, text, i), text + i, sizeof text - 1 - i), 0x414fa339);
}

static void little_endian_numbers_are_read_at_any_alignment(void **state)
{
	static const unsigned char bytes[] = {0xff, 0x01, 0x02, 0x03, 0x84, 0x05, 0x06, 0x07, 0x88};

	(void)state;
	assert_int_equal(little_16(bytes + 1), 0x0201);
	assert_int_equal(little_32(bytes + 1), 0x84030201);
	assert_true(little_64(bytes + 1) == 0x8807060584030201u);
}

static void a_file_that_was_given_up_leaves_the_old_one_and_no_temporary(void **state)
{
	struct error error = {0};
	struct file_writer writer;
	char folder[256], path[300], *data;
	size_t size;

	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/file", folder);
	assert_true(file_replace(path, "old", 3, &error));
	assert_true(file_writer_begin(&writer, path, &error));
	assert_true(file_exists(writer.temporary));
	assert_true(file_writer_write(&writer, "new", 3, &error));
	file_writer_abort(&writer);
	data = file_read(path, 10, &size, &error);
	assert_string_equal(data, "old");
	free(data);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void a_new_file_has_the_mode_that_the_umask_leaves(void **state)
{
	struct error error = {0};
	struct stat status;
	char folder[256], path[300];
	mode_t kept = umask(027);

	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/file", folder);
	assert_true(file_replace(path, "x", 1, &error));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0640);
	umask(kept);
	check_folder_remove(folder);
}

static void failures_of_files_name_the_file_and_the_reason(void **state)
{
	struct error error = {0};
	char folder[256], path[300], small[8], block[16];
	uint64_t size;
	int fd;

	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/absent/file", folder);
	assert_false(file_replace(path, "x", 1, &error));
	assert_int_equal(error.kind, ERROR_IO);
	assert_non_null(strstr(error.text, "absent/file: could not create: No such file or directory"));
	snprintf(path, sizeof path, "%s/file", folder);
	assert_true(file_replace(path, "abc", 3, &error));
	fd = file_open(path, &size, &error);
	assert_int_equal(size, 3);
	assert_true(file_read_at(fd, block, 2, 1, path, &error));
	assert_memory_equal(block, "bc", 2);
	assert_false(file_read_at(fd, block, 3, 1, path, &error));
	assert_non_null(strstr(error.text, "ended at byte 3"));
	close(fd);
	snprintf(path, sizeof path, "%s/file/below", folder);
	assert_false(folder_make(path, &error));
	assert_false(file_exists(path));
	assert_false(folder_exists(path));
	assert_false(path_join(small, sizeof small, "folder", "name", &error));
	assert_true(path_join(block, sizeof block, "folder/", "name", &error));
	assert_string_equal(block, "folder/name");
	check_folder_remove(folder);
}

static void json_is_written_in_order_and_read_back(void **state)
{
	struct error error = {0};
	char folder[256], path[300];
	json_t *document = json_parse(span_of("{\"b\":1,\"a\":[0.1,\"\\u00e9\"]}"), "x", &error), *again;

	(void)state;
	assert_non_null(document);
	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/x.json", folder);
	assert_true(json_write(path, document, &error));
	again = json_read(path, 1000, &error);
	assert_true(json_equal(document, again));
	assert_string_equal(json_object_iter_key(json_object_iter(again)), "b");
	assert_null(json_read(path, 10, &error));
	json_decref(again);
	json_decref(document);
	/* Brackets inside of texts nest nothing. */
	document = json_parse(span_of("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\"]"), "x", &error);
	assert_non_null(document);
	json_decref(document);
	check_folder_remove(folder);
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

static void signals_within_half_a_second_are_one_wish(void **state)
{
	struct wishes wishes = {0};

	(void)state;
	assert_true(wishes_add(&wishes, 100.0));
	assert_false(wishes_add(&wishes, 100.4));
	assert_true(wishes_add(&wishes, 100.5));
	assert_int_equal(wishes.count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_keeps_its_kind_behind_a_prefix),
		cmocka_unit_test(a_failed_system_call_is_told_in_the_system_s_words),
		cmocka_unit_test(a_message_that_is_too_long_is_cut_at_a_character),
		cmocka_unit_test(sizes_that_overflow_are_refused),
		cmocka_unit_test(a_list_of_names_is_cut_behind_a_whole_character_and_says_so),
		cmocka_unit_test(a_buffer_never_grows_beyond_its_maximum),
		cmocka_unit_test(a_file_is_replaced_whole_and_leaves_no_temporary),
		cmocka_unit_test(a_file_that_takes_nothing_is_an_error_and_no_loop),
		cmocka_unit_test(a_new_folder_is_on_the_disk_with_its_parents),
		cmocka_unit_test(a_directory_or_a_device_is_no_file),
		cmocka_unit_test(json_says_line_and_column_and_refuses_depth_and_duplicates),
		cmocka_unit_test(json_without_memory_is_not_called_invalid),
		cmocka_unit_test(an_integer_beyond_64_bits_is_read_as_a_real),
		cmocka_unit_test(a_buffer_holds_what_was_formatted_and_a_nul_behind_it),
		cmocka_unit_test(crc_32_gives_its_check_value_in_any_pieces),
		cmocka_unit_test(little_endian_numbers_are_read_at_any_alignment),
		cmocka_unit_test(a_file_that_was_given_up_leaves_the_old_one_and_no_temporary),
		cmocka_unit_test(a_new_file_has_the_mode_that_the_umask_leaves),
		cmocka_unit_test(failures_of_files_name_the_file_and_the_reason),
		cmocka_unit_test(json_is_written_in_order_and_read_back),
		cmocka_unit_test(philox_gives_the_published_answers),
		cmocka_unit_test(permutations_are_those_of_torch),
		cmocka_unit_test(normal_numbers_have_their_deviation),
		cmocka_unit_test(many_signals_wake_once),
		cmocka_unit_test(signals_within_half_a_second_are_one_wish),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
