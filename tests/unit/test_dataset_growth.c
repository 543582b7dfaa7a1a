/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/data: a file that grows while it is open has the rows that it has when it is opened as it is in the end, wherever it
 * was cut; and one that became another file is not taken for a longer one. */
#include "tests/unit/dataset_check.h"

#include "engine/clock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

struct growing {
	const char *name, *bytes;
	size_t size;  /* of all */
	size_t from;  /* bytes that are there at first, at least */
	struct dataset_dialect dialect;
};

#define BYTES(text) text, sizeof text - 1

static const struct growing growing[] = {
	{"a.csv", BYTES("\xEF\xBB\xBFtext,label\r\n\"one, \"\"two\"\"\r\nthree\",1\r\n  \r\nplain,\"2\"\r\n\"\"\"\",3\rcr,4\n\xC3\xBC\xE2\x82\xAC,5\r\n"
	                 "\"a\"b,6\n \"x\" ,7\r\nragged\r\nlast,\"8\""), 16,
	 {.format = DATASET_CSV, .delimiter = ',', .quote = '"', .header = 1, .encoding = "utf-8"}},
	{"b.tsv", BYTES("text\tlabel\na\\\tb\t1\n\"c\\\"\nd\"\t2\n\n\ne\\\nf\t3\n\"\"\t4\n"), 11,
	 {.format = DATASET_TSV, .delimiter = '\t', .quote = '"', .escape = '\\', .header = 1, .encoding = "utf-8"}},
	{"c.jsonl", BYTES("{\"text\":\"a\",\"label\":1}\n{\"text\":\"{\\\"\\\\\",\"label\":2}\r\n\r\n{\"text\":\"\xC3\xBC\",\"label\":3}{\"text\":\"d\",\"label\":4}\n"
	                   "[1,2\n{\"text\":\"e\",\"label\":5}"), 23, {.format = DATASET_JSONL, .encoding = "utf-8"}},
	{"d.txt", BYTES("first\nsecond\r\n\n\nfifth\rsixth\r\n\xC3\xA9\nlast"), 6, {.format = DATASET_LINES, .encoding = "utf-8"}},
	{"e.csv", "\xFF\xFEt\0,\0l\0\n\0\"\0a\0\n\0b\0\"\0,\0" "1\0\r\0\n\0c\0,\0" "2\0\n\0", 36, 10,
	 {.format = DATASET_CSV, .delimiter = ',', .quote = '"', .header = 1, .encoding = "utf-16le"}},
};

#define GROWING (sizeof growing / sizeof *growing)

static void append(const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(path, "ab");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static struct dataset *open_growing(const struct growing *file, size_t size, size_t block)
{
	const struct dataset_options options = {.dialect = file->dialect, .text_column = "1", .label_column = "", .follow = true,
	                                        .block_size = block};
	struct error error = {0};
	struct dataset *dataset = dataset_open(data_write(file->name, file->bytes, size), &options, &error);

	if (!dataset)
		fail_msg("%s at %zu: %s", file->name, size, error.text);
	assert_true(dataset_can_follow(dataset));
	dataset_index(dataset, NULL, &error); /* a quote may be open */
	return dataset;
}

static char *expected_of(const struct growing *file)
{
	struct dataset *dataset = open_growing(file, file->size, 6);
	char *dump = data_dump(dataset);

	assert_null(dataset_index_error(dataset));
	dataset_close(dataset);
	return dump;
}

static void grow(struct dataset *dataset, const struct growing *file, size_t from, size_t to)
{
	const uint64_t before = dataset_rows(dataset, NULL), settled = dataset_settled_rows(dataset);
	struct error error = {0};

	append(data_path(file->name), file->bytes + from, to - from);
	assert_int_equal(dataset_look(dataset), FILE_GREW);
	if (!dataset_index(dataset, NULL, &error))
		fail_msg("%s, %zu to %zu: %s", file->name, from, to, error.text);
	assert_true(dataset_rows(dataset, NULL) >= before);
	assert_true(before - settled <= 1 && dataset_settled_rows(dataset) >= settled);
}

static void assert_whole(struct dataset *dataset, const struct growing *file, const char *expected, size_t cut)
{
	char *dump = data_dump(dataset);

	if (strcmp(dump, expected) != 0)
		fail_msg("%s cut at %zu:\n%s\nand not\n%s", file->name, cut, dump, expected);
	assert_int_equal(dataset_file_size(dataset), file->size);
	free(dump);
}

static void a_file_cut_at_any_byte_has_all_its_rows_when_it_has_grown(void **state)
{
	static const size_t blocks[] = {2, 6, 0};

	(void)state;
	for (size_t i = 0; i < GROWING; i++) {
		char *expected = expected_of(&growing[i]);

		for (size_t cut = growing[i].from; cut < growing[i].size; cut++) {
			struct dataset *dataset = open_growing(&growing[i], cut, blocks[cut % 3]);
			char *before = data_dump(dataset);

			grow(dataset, &growing[i], cut, growing[i].size);
			assert_whole(dataset, &growing[i], expected, cut);
			free(before);
			dataset_close(dataset);
		}
		free(expected);
	}
}

static void a_file_that_grows_byte_by_byte_has_all_its_rows_in_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < GROWING; i++) {
		char *expected = expected_of(&growing[i]);
		struct dataset *dataset = open_growing(&growing[i], growing[i].from, 0);

		for (size_t at = growing[i].from; at < growing[i].size; at++) {
			char *dump;

			grow(dataset, &growing[i], at, at + 1);
			dump = data_dump(dataset); /* every row can be read in between */
			free(dump);
		}
		assert_int_equal(dataset_growths(dataset), growing[i].size - growing[i].from);
		assert_whole(dataset, &growing[i], expected, 0);
		free(expected);
		dataset_close(dataset);
	}
}

static void a_last_row_without_its_line_end_may_become_longer(void **state)
{
	const struct growing file = {"f.csv", BYTES("text,label\nab,1\ncdef,2\n"), 0, growing[0].dialect};
	struct dataset *dataset = open_growing(&file, 18, 0);

	(void)state;
	assert_rows(dataset, "2:ab|1\n3!ragged\n");
	assert_int_equal(dataset_settled_rows(dataset), 1);
	grow(dataset, &file, 18, 23);
	assert_rows(dataset, "2:ab|1\n3:cdef|2\n");
	assert_int_equal(dataset_settled_rows(dataset), 2);
	assert_int_equal(dataset_look(dataset), FILE_SAME);
	dataset_close(dataset);
}

static void rows_can_be_read_while_nobody_has_looked_yet(void **state)
{
	const struct growing file = {"g.csv", BYTES("text,label\na,1\nb,2\n"), 0, growing[0].dialect};
	struct dataset *dataset = open_growing(&file, file.size, 0);

	(void)state;
	append(data_path("g.csv"), "c,3\n", 4);
	assert_rows(dataset, "2:a|1\n3:b|2\n");
	dataset_close(dataset);
}

static void a_file_that_became_another_is_not_taken_for_a_longer_one(void **state)
{
	static const char text[] = "text,label\na,1\nb,2\n";
	const struct growing file = {"h.csv", BYTES("text,label\na,1\nb,2\n"), 0, growing[0].dialect};
	struct dataset *dataset;
	struct row *row = row_new(NULL);
	struct error error = {0};
	char path[700];

	(void)state;
	dataset = open_growing(&file, file.size, 0);
	assert_int_equal(truncate(data_path("h.csv"), 12), 0);
	assert_int_equal(dataset_look(dataset), FILE_CUT);
	assert_false(dataset_read(dataset, 1, row, &error));
	assert_non_null(strstr(error.text, "was changed by another program"));
	append(data_path("h.csv"), "something else, longer than before", 34);
	assert_int_equal(dataset_fate(dataset), FILE_CUT);
	assert_int_equal(dataset_look(dataset), FILE_SAME); /* it is not looked at any more */
	dataset_close(dataset);

	dataset = open_growing(&file, file.size, 0);
	data_write("h.csv", "text,label\nnot the same,1\nb,2\n", 30);
	assert_int_equal(dataset_look(dataset), FILE_CHANGED);
	dataset_close(dataset);

	dataset = open_growing(&file, file.size, 0);
	snprintf(path, sizeof path, "%s", data_path("h.csv"));
	assert_int_equal(rename(path, data_path("other.csv")), 0);
	assert_int_equal(dataset_look(dataset), FILE_GONE);
	assert_rows(dataset, "2:a|1\n3:b|2\n");
	dataset_close(dataset);

	dataset = open_growing(&file, file.size, 0);
	data_write("other.csv", text, sizeof text - 1);
	assert_int_equal(rename(data_path("other.csv"), path), 0);
	assert_int_equal(dataset_look(dataset), FILE_REPLACED);
	assert_rows(dataset, "2:a|1\n3:b|2\n");
	dataset_close(dataset);
	row_free(row);
}

/* Who draws reads too: a file that was only touched must not hold it up, though its size may still follow. */
static void reading_a_file_that_was_touched_never_waits(void **state)
{
	const struct timespec times[2] = {{1, 0}, {1, 0}}, pause = {.tv_nsec = 60000000};
	const struct growing file = {"t.csv", BYTES("text,label\nab,1\ncdef,2\n"), 0, growing[0].dialect};
	struct dataset *dataset = open_growing(&file, file.size, 0);
	struct error error = {0};
	struct row *row = row_new(&error);
	double before;

	(void)state;
	assert_int_equal(utimensat(AT_FDCWD, data_path("t.csv"), times, 0), 0);
	before = clock_seconds();
	assert_true(dataset_read(dataset, 1, row, &error));
	assert_true(clock_seconds() - before < 0.02);
	nanosleep(&pause, NULL);
	before = clock_seconds();
	assert_false(dataset_read(dataset, 0, row, &error));
	assert_true(clock_seconds() - before < 0.02);
	append(data_path("t.csv"), "g,3\n", 4);
	assert_true(dataset_read(dataset, 0, row, &error));
	assert_int_equal(dataset_look(dataset), FILE_GREW);
	row_free(row);
	dataset_close(dataset);
}

static void what_is_not_read_in_place_is_not_followed(void **state)
{
	static const char array[] = "[{\"text\":\"a\"},{\"text\":\"b\"}]", table[] = "text,label\na,1\nb,2\n";
	const struct dataset_options follow = {.follow = true};
	struct dataset *dataset = data_open("i.json", array, sizeof array - 1, &follow);

	(void)state;
	assert_false(dataset_can_follow(dataset));
	dataset_close(dataset);
	dataset = data_open("i.csv", table, sizeof table - 1, &(struct dataset_options){.follow = true, .dialect.encoding = "GB18030"});
	assert_false(dataset_can_follow(dataset));
	assert_int_equal(dataset_settled_rows(dataset), 2);
	dataset_close(dataset);
	dataset = data_open("i.csv", table, sizeof table - 1, NULL);
	append(data_path("i.csv"), "c,3\n", 4);
	assert_int_equal(dataset_look(dataset), FILE_SAME);
	dataset_close(dataset);
}

static void a_thread_finds_the_rows_that_come(void **state)
{
	const struct growing file = {"j.csv", BYTES("text,label\na,1\nb,2\nc,3\n"), 0, growing[0].dialect};
	struct dataset *dataset = open_growing(&file, 19, 0);
	struct error error = {0};
	struct wake *wake = wake_new(&error);
	bool complete = false;

	(void)state;
	append(data_path("j.csv"), file.bytes + 19, file.size - 19);
	assert_true(dataset_look_start(dataset, wake, &error));
	assert_true(dataset_look_start(dataset, wake, &error)); /* it is at work */
	while (dataset_rows(dataset, &complete) < 3 || !complete)
		usleep(1000);
	while (dataset_is_indexing(dataset))
		usleep(1000);
	assert_int_equal(dataset_growths(dataset), 1);
	assert_int_equal(dataset_fate(dataset), FILE_GREW);
	assert_true(dataset_look_start(dataset, wake, &error));
	dataset_close(dataset);
	wake_free(wake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_cut_at_any_byte_has_all_its_rows_when_it_has_grown),
		cmocka_unit_test(a_file_that_grows_byte_by_byte_has_all_its_rows_in_the_end),
		cmocka_unit_test(a_last_row_without_its_line_end_may_become_longer),
		cmocka_unit_test(rows_can_be_read_while_nobody_has_looked_yet),
		cmocka_unit_test(a_file_that_became_another_is_not_taken_for_a_longer_one),
		cmocka_unit_test(reading_a_file_that_was_touched_never_waits),
		cmocka_unit_test(what_is_not_read_in_place_is_not_followed),
		cmocka_unit_test(a_thread_finds_the_rows_that_come),
	};

	return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
