/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/data/table_writer.c: what is written is read back by a dataset, field by field. */
#include "tests/unit/check.h"

#include "engine/base/file.h"
#include "engine/dataset.h"
#include "engine/table_writer.h"

static const char *const texts[][3] = {
	{"plain", "with, comma", "5"},
	{"a \"quote\"", "two\nlines", "4"},
	{"a\ttab", " blanks at its ends ", "3"},
	{"", "'tis", "2"},
	{"a;semicolon", "back\\slash \\\" and \\n", "1"},
	{"caf\303\251 \360\237\230\200", "\"", "0"},
	{"\r\nends", "\"\"\"", "-1"},
};

#define ROWS (sizeof texts / sizeof *texts)

struct setting {
	char folder[256], path[400];
	struct error error;
};

static int begin(void **state)
{
	struct setting *setting = calloc(1, sizeof *setting);

	check_folder(setting->folder, sizeof setting->folder);
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

static struct table_writer *begin_writing(struct setting *setting, const char *name, const char *third)
{
	const struct span names[] = {span_of("text"), span_of("my \"other\", column"), span_of(third)};
	struct table_writer *writer;
	enum table_format format;

	snprintf(setting->path, sizeof setting->path, "%s/%s", setting->folder, name);
	assert_true(table_format_of(name, &format));
	writer = table_writer_open(setting->path, format, names, 3, &setting->error);
	assert_non_null(writer);
	return writer;
}

static void put(struct setting *setting, struct table_writer *writer, const char *const row[3])
{
	struct table_field fields[3] = {{span_of(row[0]), FIELD_TEXT_KIND}, {span_of(row[1]), FIELD_TEXT_KIND},
	                                {span_of(row[2]), FIELD_NUMBER_KIND}};

	assert_true(table_writer_put(writer, fields, &setting->error));
}

static void check_rows(struct setting *setting)
{
	struct dataset *dataset = dataset_open(setting->path, &(struct dataset_options){.text_column = "text"}, &setting->error);
	struct row *row = row_new(&setting->error);
	bool complete;

	assert_non_null(dataset);
	assert_true(dataset_index(dataset, NULL, &setting->error));
	assert_int_equal(dataset_rows(dataset, &complete), ROWS);
	assert_string_equal(dataset_column_name(dataset, 1), "my \"other\", column");
	for (size_t i = 0; i < ROWS; i++) {
		assert_true(dataset_read(dataset, i, row, &setting->error));
		assert_int_equal(row->count, 3);
		for (int column = 0; column < 3; column++) {
			if (!span_equal(row->fields[column], span_of(texts[i][column])))
				fail_msg("%s: row %zu, column %d: \"%.*s\"", setting->path, i, column, (int)row->fields[column].size,
				         row->fields[column].data);
		}
	}
	row_free(row);
	dataset_close(dataset);
}

static void every_format_is_read_back_equal(void **state)
{
	static const char *const names[] = {"a.csv", "a.tsv", "a.jsonl", "a.NDJSON", "a.tab"};
	struct setting *setting = *state;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct table_writer *writer = begin_writing(setting, names[i], "stars");

		for (size_t row = 0; row < ROWS; row++)
			put(setting, writer, texts[row]);
		assert_true(table_writer_commit(writer, &setting->error));
		check_rows(setting);
	}
}

static void a_name_that_comes_twice_gets_a_number(void **state)
{
	struct setting *setting = *state;
	struct table_writer *writer = begin_writing(setting, "a.csv", "text");
	size_t size;
	char *text;

	assert_true(table_writer_commit(writer, &setting->error));
	text = file_read(setting->path, 1000, &size, &setting->error);
	assert_string_equal(text, "text,\"my \"\"other\"\", column\",text_2\n");
	free(text);
}

static void what_is_missing_is_empty_or_null(void **state)
{
	static const struct table_field missing[3] = {{{"a", 1}, FIELD_TEXT_KIND}, {.kind = FIELD_MISSING_KIND}, {.kind = FIELD_MISSING_KIND}};
	struct setting *setting = *state;
	struct table_writer *writer = begin_writing(setting, "a.jsonl", "stars");
	size_t size;
	char *text;

	assert_true(table_writer_put(writer, missing, &setting->error));
	assert_true(table_writer_commit(writer, &setting->error));
	text = file_read(setting->path, 1000, &size, &setting->error);
	assert_string_equal(text, "{\"text\": \"a\", \"my \\\"other\\\", column\": null, \"stars\": null}\n");
	free(text);
}

static void the_file_before_stays_until_the_end(void **state)
{
	struct setting *setting = *state;
	struct table_writer *writer;
	char command[400];
	size_t size;
	char *text;

	snprintf(setting->path, sizeof setting->path, "%s/a.csv", setting->folder);
	assert_true(file_replace(setting->path, "before", 6, &setting->error));
	writer = begin_writing(setting, "a.csv", "stars");
	put(setting, writer, texts[0]);
	table_writer_abort(writer);
	text = file_read(setting->path, 1000, &size, &setting->error);
	assert_string_equal(text, "before");
	free(text);
	snprintf(command, sizeof command, "test $(ls -A '%s' | wc -l) = 1", setting->folder);
	assert_int_equal(system(command), 0);
}

static void other_endings_are_none(void **state)
{
	enum table_format format;

	(void)state;
	assert_false(table_format_of("a.txt", &format));
	assert_false(table_format_of(".csv", &format));
	assert_false(table_format_of("csv", &format));
	assert_true(table_format_of("a.CSV", &format));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_format_is_read_back_equal, begin, end),
		cmocka_unit_test_setup_teardown(a_name_that_comes_twice_gets_a_number, begin, end),
		cmocka_unit_test_setup_teardown(what_is_missing_is_empty_or_null, begin, end),
		cmocka_unit_test_setup_teardown(the_file_before_stays_until_the_end, begin, end),
		cmocka_unit_test(other_endings_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
