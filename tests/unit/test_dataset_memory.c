/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/data when memory runs out: every allocation fails once, and each time there is an error and nothing leaks
 * (AddressSanitizer sees that). */
#include "tests/unit/dataset_check.h"
#include "tests/unit/failing_allocations.h"

/* Opens, indexes, surveys, reads; true when all of it went well. */
static bool use(const char *path, const char *encoding, struct error *error)
{
	struct dataset_options options = {0};
	struct dataset *dataset;
	struct row *row;
	struct survey survey = {0};
	bool done;

	snprintf(options.dialect.encoding, sizeof options.dialect.encoding, "%s", encoding);
	dataset = dataset_open(path, &options, error);
	row = dataset ? row_new(error) : NULL;
	done = row && dataset_index(dataset, NULL, error) && dataset_survey(dataset, &survey, NULL, error);

	for (uint64_t i = 0; done && i < dataset_rows(dataset, NULL); i++)
		done = dataset_read(dataset, i, row, error);
	survey_free(&survey);
	row_free(row);
	dataset_close(dataset);
	return done;
}

static void fail_each_allocation_in(const char *path, const char *encoding)
{
	long number = 0;
	bool done = false;

	while (!done) {
		struct error error = {0};

		allowed = number++;
		failed = false;
		done = use(path, encoding, &error);
		allowed = -1;
		if (!done)
			assert_non_null(strstr(error.text, "out of memory"));
		assert_true(done || failed);
		done = done && !failed;
		assert_true(number < 10000);
	}
	assert_true(number > 20);
}

static void fail_each_allocation(const char *path)
{
	fail_each_allocation_in(path, "");
}

static void a_table_is_read_or_refused_when_memory_runs_out(void **state)
{
	static const char text[] = "text,label,more\n\"one, \"\"two\"\"\",a,1\nthree,b,2\nf\xFF,c,3\n";

	(void)state;
	fail_each_allocation(data_write("a.csv", text, sizeof text - 1));
}

static void json_lines_are_read_or_refused_when_memory_runs_out(void **state)
{
	static const char text[] = "{\"text\": \"one\", \"label\": 1}\n{\"text\": \"two\", \"label\": [2]}\n";

	(void)state;
	fail_each_allocation(data_write("a.jsonl", text, sizeof text - 1));
}

static void json_by_columns_is_read_or_refused_when_memory_runs_out(void **state)
{
	static const char text[] = "{\"text\": {\"0\": \"one\\n\", \"1\": \"f\xFF\"}, \"label\": {\"0\": 1e2, \"1\": [2]}}";

	(void)state;
	fail_each_allocation(data_write("a.json", text, sizeof text - 1));
}

static void json_in_an_object_is_read_or_refused_when_memory_runs_out(void **state)
{
	static const char text[] = "{\"data\": [{\"text\": \"one\", \"more\": {\"a\": 1}},\n{\"text\": \"two\", \"more\": {\"a.b\": [2]}}]}";

	(void)state;
	fail_each_allocation(data_write("b.json", text, sizeof text - 1));
}

static void utf16_is_read_or_refused_when_memory_runs_out(void **state)
{
	static const char text[] = "\xFF\xFEo\0n\0e\0,\0t\0w\0o\0\n\0a\0,\0b\0\n\0";

	(void)state;
	fail_each_allocation(data_write("u.csv", text, sizeof text - 1));
}

static void utf16_without_a_mark_is_read_or_refused_when_memory_runs_out(void **state)
{
	static const char text[] = "o\0n\0e\0,\0t\0w\0o\0\n\0a\0,\0b\0\n\0";

	(void)state;
	fail_each_allocation(data_write("u.csv", text, sizeof text - 1));
}

static void a_named_encoding_is_converted_or_refused_when_memory_runs_out(void **state)
{
	static const char text[] = "text,label\n\xB5\xC4 \xFF,1\n\xD2\xBB,2\n";

	(void)state;
	fail_each_allocation_in(data_write("g.csv", text, sizeof text - 1), "GB18030");
}

static void a_doubtful_encoding_is_told_or_refused_when_memory_runs_out(void **state)
{
	static const char text[] = "text,label\n\xCE\xF7\xE5\xED\xFC \xEF\xEB\xEE\xF5\xEE and more of it in ASCII,1\nso so,2\n";

	(void)state;
	fail_each_allocation(data_write("d.csv", text, sizeof text - 1));
}

static void fasttext_is_read_or_refused_when_memory_runs_out(void **state)
{
	static const char text[] = "__label__a __label__b one two\n__label__c three\n";

	(void)state;
	fail_each_allocation(data_write("f.txt", text, sizeof text - 1));
}

static void a_set_in_parts_is_read_or_refused_when_memory_runs_out(void **state)
{
	static const char *const folders[] = {"parts", "parts/train", "parts/train/neg", "parts/test", "parts/test/neg"};

	(void)state;
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		assert_int_equal(mkdir(data_path(folders[i]), 0777), 0);
	data_write("parts/train/neg/1.txt", "\xC5\xC7 and more", 11);
	data_write("parts/test/neg/1.txt", "text", 4);
	fail_each_allocation(data_path("parts"));
	fail_each_allocation_in(data_path("parts"), "KOI8-R");
}

static void a_folder_is_read_or_refused_when_memory_runs_out(void **state)
{
	(void)state;
	assert_int_equal(mkdir(data_path("set"), 0777), 0);
	assert_int_equal(mkdir(data_path("set/neg"), 0777), 0);
	assert_int_equal(mkdir(data_path("set/pos"), 0777), 0);
	for (int i = 0; i < 5; i++) {
		char name[32];
		snprintf(name, sizeof name, "set/%s/%d.txt", i % 2 ? "pos" : "neg", i);
		data_write(name, "some text", 9);
	}
	fail_each_allocation(data_path("set"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_is_read_or_refused_when_memory_runs_out),
		cmocka_unit_test(json_lines_are_read_or_refused_when_memory_runs_out),
		cmocka_unit_test(json_by_columns_is_read_or_refused_when_memory_runs_out),
		cmocka_unit_test(json_in_an_object_is_read_or_refused_when_memory_runs_out),
		cmocka_unit_test(utf16_is_read_or_refused_when_memory_runs_out),
		cmocka_unit_test(utf16_without_a_mark_is_read_or_refused_when_memory_runs_out),
		cmocka_unit_test(a_named_encoding_is_converted_or_refused_when_memory_runs_out),
		cmocka_unit_test(a_doubtful_encoding_is_told_or_refused_when_memory_runs_out),
		cmocka_unit_test(fasttext_is_read_or_refused_when_memory_runs_out),
		cmocka_unit_test(a_set_in_parts_is_read_or_refused_when_memory_runs_out),
		cmocka_unit_test(a_folder_is_read_or_refused_when_memory_runs_out),
	};

	return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
