/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/data: files that are hostile, broken, or change while they are read. */
#include "tests/unit/dataset_check.h"

#include "engine/clock.h"
#include "engine/data/row.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>

#define OPEN(name, text) data_open(name, text, sizeof text - 1, NULL)

/* --- rows that are skipped --------------------------------------------------------------------------------------- */

static void bad_rows_are_skipped_and_counted_with_their_first_line(void **state)
{
	static const char text[] = "text,label\n"
	                           "fine,1\n"
	                           "too,many,1\n"
	                           "few\n"
	                           "a\0b,1\n"
	                           "\"mid\"dle\",1\n"
	                           "\"\n\nfine too\",0\n"
	                           "\"x\"y,0\n"
	                           "\"\",\n";
	struct dataset *dataset = OPEN("a.csv", text);
	struct survey survey = {0};
	char said[300];

	(void)state;
	assert_rows(dataset, "2:fine|1\n3!ragged\n4!ragged\n5!NUL byte\n6!malformed\n7:\n\nfine too|0\n10!malformed\n"
	                     "11!no label\n");
	assert_true(dataset_survey(dataset, &survey, NULL, NULL));
	assert_int_equal(survey.rows, 8);
	assert_int_equal(survey.used, 2);
	assert_int_equal(survey.skipped[ROW_RAGGED], 2);
	assert_int_equal(survey.first_line[ROW_RAGGED], 3);
	assert_int_equal(survey.skipped[ROW_MALFORMED], 2);
	assert_int_equal(survey.first_line[ROW_MALFORMED], 6);
	survey_describe(&survey, said, sizeof said);
	assert_string_equal(said, "8 rows: 2 used, 6 skipped (2 ragged, first on line 3; 1 NUL byte on line 5; "
	                          "2 malformed, first on line 6; 1 no label on line 11)");
	survey_describe(&survey, said, 10);
	assert_string_equal(said, "8 rows: 2");
	survey_free(&survey);
	dataset_close(dataset);
}

static void nul_bytes_in_a_text_file_are_noticed(void **state)
{
	struct dataset *dataset = OPEN("a.txt", "fine\nno\0t fine\nfine\n");

	(void)state;
	assert_rows(dataset, "1:fine\n2!NUL byte\n3:fine\n");
	dataset_close(dataset);
}

/* A row of one big field and "1" after it. */
static void add_big_row(struct buffer *text, const char *quote, size_t size)
{
	assert_true(buffer_add_text(text, quote) && buffer_reserve(text, size));
	memset(text->data + text->size, 'x', size);
	text->size += size;
	assert_true(buffer_add_text(text, quote) && buffer_add_text(text, ",1\n"));
}

static void a_field_of_16_mb_is_read_and_a_longer_one_skipped(void **state)
{
	static const char *const quotes[] = {"", "\""};
	const struct dataset_options options = {.dialect.format = DATASET_CSV};
	struct row *row = row_new(NULL);

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct buffer text = {.maximum = (size_t)64 << 20};
		struct error error = {0};

		assert_true(buffer_add_text(&text, "text,label\n"));
		add_big_row(&text, quotes[i], DATASET_FIELD_MAX + 1);
		add_big_row(&text, quotes[i], DATASET_FIELD_MAX);
		assert_true(buffer_add_text(&text, "last,0\n"));
		struct dataset *dataset = dataset_open(data_write("big.csv", text.data, text.size), &options, &error);
		buffer_free(&text);
		assert_non_null(dataset);
		assert_true(dataset_index(dataset, NULL, &error));
		assert_int_equal(dataset_rows(dataset, NULL), 3);
		assert_true(dataset_read(dataset, 0, row, &error));
		assert_int_equal(row->status, ROW_TOO_LONG);
		assert_true(dataset_read(dataset, 1, row, &error));
		assert_int_equal(row->status, ROW_OK);
		assert_int_equal(row->text.size, DATASET_FIELD_MAX);
		assert_string_equal(data_row(dataset, 2), "last|0");
		dataset_close(dataset);
		unlink(data_path("big.csv"));
	}
	row_free(row);
}

/* AddressSanitizer keeps what was freed for a while: there the figure says nothing. */
static long peak_kilobytes(void)
{
	struct rusage usage;

#ifdef __SANITIZE_ADDRESS__
	return 0;
#endif
	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

/* 200 MB of NULs that take no room on the disk, after a first row, inside quotes or not. */
static const char *write_sparse(const char *start)
{
	const char *path = data_write("sparse.csv", start, strlen(start));

	assert_int_equal(truncate(path, (off_t)200 << 20), 0);
	return path;
}

static void a_quote_that_does_not_close_for_16_mb_stops_the_indexing_at_its_line(void **state)
{
	struct error error = {0};
	long before = peak_kilobytes();
	struct dataset *dataset = dataset_open(write_sparse("text,label\nfine,1\nbad,\"0"), NULL, &error);
	bool complete;

	(void)state;
	assert_non_null(dataset);
	assert_false(dataset_index(dataset, NULL, &error));
	assert_int_equal(error.kind, ERROR_DATA);
	assert_non_null(strstr(error.text, "line 3: a quote opens here and does not close within 16 MB"));
	assert_int_equal(dataset_rows(dataset, &complete), 1);
	assert_true(complete);
	assert_string_equal(data_row(dataset, 0), "fine|1");
	assert_string_equal(dataset_index_error(dataset)->text, error.text);
	assert_in_range(peak_kilobytes() - before, 0, 50000);
	dataset_close(dataset);
}

static void a_row_of_200_mb_is_skipped_in_little_memory(void **state)
{
	struct error error = {0};
	struct survey survey = {0};
	long before = peak_kilobytes();
	struct dataset *dataset = dataset_open(write_sparse("text,label\nfine,1\nbad,0"), NULL, &error);

	(void)state;
	assert_non_null(dataset);
	assert_true(dataset_survey(dataset, &survey, NULL, &error));
	assert_int_equal(survey.rows, 2);
	assert_int_equal(survey.skipped[ROW_TOO_LONG], 1);
	assert_int_equal(survey.first_line[ROW_TOO_LONG], 3);
	assert_in_range(peak_kilobytes() - before, 0, 50000);
	survey_free(&survey);
	dataset_close(dataset);
}

static void a_file_of_one_endless_field_is_refused_at_once(void **state)
{
	struct error error = {0};
	long before = peak_kilobytes();

	(void)state;
	assert_null(dataset_open(write_sparse("text"), NULL, &error));
	assert_non_null(strstr(error.text, "line 1: the first row does not end within 1024 kB"));
	assert_null(dataset_open(write_sparse("\"text"), NULL, &error));
	assert_non_null(strstr(error.text, "line 1: a quote opens here and does not close within 1024 kB"));
	assert_in_range(peak_kilobytes() - before, 0, 50000);
}

/* --- files that are refused -------------------------------------------------------------------------------------- */

static void what_is_no_table_is_refused_with_one_line(void **state)
{
	static const struct {
		const char *name, *bytes;
		size_t size;
		const char *message;
	} cases[] = {
		{"a.csv", "", 0, "is empty"},
		{"a.csv", "\xEF\xBB\xBF", 3, "has no rows"},
		{"a.csv", "\n \r\n\t\n", 6, "has no rows"},
		{"a.csv", "a,b\n1,\"x\n2,y\n", 13, "line 2: a quote opens here and does not close before the end of the file, 2 lines on; --quote none reads quotes as they stand"},
		{"a.csv", "\"a,b\n1,x\n", 9, "line 1: a quote opens here and does not close before the end of the file"},
		{"a.csv", "a,b\n\"1\n\n2\",x\r\n\"3,y", 18,
		 "line 5: a quote opens here and does not close before the end of the file; --quote none reads quotes as they stand"},
		{"a.csv", "PK\3\4....", 8, "is a zip archive; unpack it with unzip"},
		{"a.csv", "\x1F\x8B\x08", 3, "is compressed with gzip; unpack it with gunzip"},
		{"a.csv", "<!DOCTYPE html>\n<html>", 22, "is a web page; was the download refused?"},
		{"a.csv", "version https://git-lfs.github.com/spec/v1\n", 43,
		 "is a Git LFS pointer, not the file itself; fetch it with git lfs pull"},
		{"a.csv", "t,l\n\xCE\xF7\xE5\xED\xFC \xF5\xEE\xF0\xEE\xF8\xE8\xE9,1\n", 19,
		 "is neither UTF-8 nor Latin-1 text, probably Windows-1251: --encoding Windows-1251 reads it"},
		{"a.csv", "t,l\n\x81\x8D\x8F\x90\x9D\x81\x8D\x8F\x90\x9D\x81,1\n", 18,
		 "is neither UTF-8 nor Latin-1 text; --encoding NAME reads another (GB18030, Windows-1251, ...)"},
		{"a.jsonl", "[{\"text\": \"a\"},\n{\"text\": \"b\"}]\nmore", 35,
		 "line 3: something follows after the rows have ended"},
		{"a.jsonl", "text\nmore\n", 10, "has no JSON object in its first 2 lines"},
		{"a.jsonl", "{}\n{}\n", 6, "its JSON objects have no keys"},
		{"a.jsonl", "\n\n", 2, "has no rows"},
	};
	char text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(data_refused(cases[i].name, cases[i].bytes, cases[i].size, text), ERROR_DATA);
		assert_string_equal(text, cases[i].message);
	}
}

static void what_is_no_file_is_refused(void **state)
{
	struct error error = {0};

	(void)state;
	assert_int_equal(mkfifo(data_path("fifo"), 0666), 0);
	assert_null(dataset_open(data_path("fifo"), NULL, &error));
	assert_int_equal(error.kind, ERROR_USAGE);
	assert_non_null(strstr(error.text, "is a pipe"));
	assert_null(dataset_open("/dev/zero", NULL, &error));
	assert_string_equal(error.text, "/dev/zero: is not a regular file");
	assert_null(dataset_open(data_path("missing.csv"), NULL, &error));
	assert_int_equal(error.kind, ERROR_IO);
	assert_non_null(strstr(error.text, "No such file"));
}

static bool stop_at_once(void *context, const char *what, uint64_t done, uint64_t total)
{
	(void)what;
	(void)done;
	(void)total;
	++*(int *)context;
	return false;
}

static void a_wait_for_a_pipe_that_nobody_writes_can_be_stopped(void **state)
{
	int calls = 0;
	const struct progress progress = {stop_at_once, &calls};
	const struct dataset_options options = {.stream = true, .progress = &progress};
	struct error error = {0};

	(void)state;
	assert_int_equal(mkfifo(data_path("silent"), 0666), 0);
	assert_null(dataset_open(data_path("silent"), &options, &error));
	assert_int_equal(error.kind, ERROR_INTERRUPTED);
	assert_int_equal(calls, 1);
}

static void names_with_control_bytes_and_a_leading_dash_are_only_names(void **state)
{
	static const char text[] = "text,label\nfine,1\n";
	struct error error = {0};
	char here[4096];

	(void)state;
	struct dataset *dataset = data_open("a\n\x1B[31mb.csv", text, sizeof text - 1, NULL);
	assert_int_equal(dataset_rows(dataset, NULL), 1);
	dataset_close(dataset);

	data_write("-x.csv", text, sizeof text - 1);
	assert_non_null(getcwd(here, sizeof here));
	assert_int_equal(chdir(data_folder), 0);
	dataset = dataset_open("-x.csv", NULL, &error);
	assert_int_equal(chdir(here), 0);
	assert_non_null(dataset);
	dataset_close(dataset);
}

/* --- files that change ------------------------------------------------------------------------------------------- */

static struct dataset *open_long(const char *name)
{
	struct buffer text = {.maximum = (size_t)1 << 24};
	struct error error = {0};
	struct dataset *dataset;

	assert_true(buffer_add_text(&text, "text,label\n"));
	for (int i = 0; i < 60000; i++)
		assert_true(buffer_format(&text, "this is review number %d,%d\n", i, i % 2));
	dataset = dataset_open(data_write(name, text.data, text.size), NULL, &error);
	assert_non_null(dataset);
	buffer_free(&text);
	return dataset;
}

static void a_file_that_shrinks_gives_an_error_from_index_and_read(void **state)
{
	struct dataset *dataset = open_long("shrink.csv");
	struct error error = {0};
	struct row *row = row_new(NULL);
	bool complete;

	(void)state;
	assert_true(dataset_rows(dataset, &complete) > 1000);
	assert_false(complete);
	assert_int_equal(truncate(data_path("shrink.csv"), 300000), 0);
	assert_false(dataset_index(dataset, NULL, &error));
	assert_int_equal(error.kind, ERROR_IO);
	assert_non_null(strstr(error.text, "was changed by another program while it was open"));
	error.text[0] = '\0';
	assert_false(dataset_read(dataset, 5, row, &error));
	assert_non_null(strstr(error.text, "was changed by another program while it was open"));
	row_free(row);
	dataset_close(dataset);
}

static void a_file_that_is_replaced_is_read_on_as_it_was(void **state)
{
	struct dataset *dataset = open_long("replace.csv");
	struct error error = {0};
	char target[600];

	(void)state;
	snprintf(target, sizeof target, "%s/replace.csv", data_folder);
	data_write("new.csv", "other,thing\n", 12);
	assert_int_equal(rename(data_path("new.csv"), target), 0);
	assert_true(dataset_index(dataset, NULL, &error));
	assert_int_equal(dataset_rows(dataset, NULL), 60000);
	assert_string_equal(data_row(dataset, 59999), "this is review number 59999|1");
	dataset_close(dataset);
}

static void an_interrupted_index_and_survey_say_so_and_the_index_goes_on(void **state)
{
	int calls = 0;
	const struct progress stop = {stop_at_once, &calls};
	struct dataset *dataset = open_long("stop.csv");
	struct survey survey = {0};
	struct error error = {0};

	(void)state;
	assert_false(dataset_index(dataset, &stop, &error));
	assert_int_equal(error.kind, ERROR_INTERRUPTED);
	assert_int_equal(calls, 1);
	assert_false(dataset_survey(dataset, &survey, &stop, &error));
	assert_int_equal(error.kind, ERROR_INTERRUPTED);
	assert_false(survey.complete);
	survey_free(&survey);
	assert_null(dataset_index_error(dataset));
	assert_true(dataset_index(dataset, NULL, &error));
	assert_int_equal(dataset_rows(dataset, NULL), 60000);
	dataset_close(dataset);
}

/* --- threads ----------------------------------------------------------------------------------------------------- */

static void rows_are_read_while_a_thread_indexes(void **state)
{
	struct error error = {0};
	struct wake *wake = wake_new(&error);
	struct row *row = row_new(&error);
	char expected[64];

	(void)state;
	dataset_close(open_long("thread.csv"));
	struct dataset *dataset = dataset_open(data_path("thread.csv"), &(struct dataset_options){.block_size = 128}, &error);
	assert_non_null(dataset);
	assert_true(dataset_index_start(dataset, wake, &error));
	uint64_t next = 0;
	for (bool complete = false; !complete;) {
		uint64_t rows = dataset_rows(dataset, &complete);
		for (; next < rows; next += next + 1 == rows || next + 100 < rows ? 1 : rows - next - 1) {
			assert_true(dataset_read(dataset, next, row, &error));
			snprintf(expected, sizeof expected, "this is review number %llu", (unsigned long long)next);
			assert_int_equal(row->text.size, strlen(expected));
			assert_memory_equal(row->text.data, expected, row->text.size);
			assert_int_equal(row->line, next + 2);
		}
	}
	assert_int_equal(next, 60000);
	row_free(row);
	dataset_close(dataset);
	wake_free(wake);
}

static void a_survey_beside_an_indexing_thread_counts_every_row_once(void **state)
{
	struct survey survey = {0};
	struct error error = {0};

	(void)state;
	dataset_close(open_long("beside.csv"));
	struct dataset *dataset = dataset_open(data_path("beside.csv"), &(struct dataset_options){.block_size = 1024}, &error);
	assert_non_null(dataset);
	assert_true(dataset_index_start(dataset, NULL, &error));
	assert_true(dataset_survey(dataset, &survey, NULL, &error));
	assert_int_equal(survey.used, 60000);
	assert_int_equal(survey.words_total, 5 * 60000);
	assert_int_equal(survey.labels[1].count, 30000);
	survey_free(&survey);
	dataset_close(dataset);
}

static void closing_stops_the_thread(void **state)
{
	struct error error = {0};
	double before;

	(void)state;
	dataset_close(open_long("close.csv"));
	struct dataset *dataset = dataset_open(data_path("close.csv"), &(struct dataset_options){.block_size = 2}, &error);
	assert_non_null(dataset);
	assert_true(dataset_index_start(dataset, NULL, &error));
	before = clock_seconds();
	dataset_close(dataset);
	assert_true(clock_seconds() - before < 0.5);
}

/* --- writing ----------------------------------------------------------------------------------------------------- */

static uint64_t random_state = 1;

static uint32_t draw(uint32_t below)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33) % below;
}

static size_t random_text(char *out, size_t capacity)
{
	static const char *const pieces[] = {"\"", ",", ";", "\t", "\r", "\n", " ", "a", "\xC3\xA9", "\xF0\x9F\x98\x80", "\x1B",
	                                     "\xEF\xBB\xBF"};
	size_t size = 0;

	for (uint32_t count = draw(12); count > 0; count--) {
		const char *piece = pieces[draw(sizeof pieces / sizeof *pieces)];
		if (size + strlen(piece) <= capacity) {
			memcpy(out + size, piece, strlen(piece));
			size += strlen(piece);
		}
	}
	return size;
}

static void add_quoted(struct buffer *out, struct span field)
{
	bool quotes = csv_needs_quotes(field);

	assert_true(buffer_add_text(out, quotes ? "\"" : ""));
	for (size_t i = 0; i < field.size; i++)
		assert_true(buffer_add_text(out, field.data[i] == '"' && quotes ? "\"" : "") &&
		            buffer_add_byte(out, field.data[i]));
	assert_true(buffer_add_text(out, quotes ? "\"" : ""));
}

static void any_text_is_read_back_when_it_is_quoted_where_needed(void **state)
{
	enum { ROWS = 3000 };
	static char texts[2 * ROWS][64];
	static size_t sizes[2 * ROWS];
	struct buffer file = {.maximum = (size_t)1 << 24};
	struct row *row = row_new(NULL);

	(void)state;
	assert_true(buffer_add_text(&file, "text,second\n"));
	for (int i = 0; i < 2 * ROWS; i++) {
		sizes[i] = random_text(texts[i], sizeof texts[i]);
		add_quoted(&file, (struct span){texts[i], sizes[i]});
		assert_true(buffer_add_text(&file, i % 2 ? "\n" : ","));
	}
	struct dataset *dataset = data_open("back.csv", file.data, file.size, &(struct dataset_options){.label_column = ""});
	assert_int_equal(dataset_delimiter(dataset), ',');
	assert_int_equal(dataset_rows(dataset, NULL), ROWS);
	for (int i = 0; i < ROWS; i++) {
		assert_true(dataset_read(dataset, (uint64_t)i, row, NULL));
		assert_int_equal(row->status, ROW_OK);
		for (int f = 0; f < 2; f++) {
			assert_int_equal(row->fields[f].size, sizes[2 * i + f]);
			assert_memory_equal(row->fields[f].data, texts[2 * i + f], sizes[2 * i + f]);
		}
	}
	row_free(row);
	dataset_close(dataset);
	buffer_free(&file);
}

static void quotes_are_needed_where_a_reader_would_guess(void **state)
{
	static const char *const needy[] = {"", " a", "a ", "a,b", "a;b", "a\tb", "a\"b", "a\nb", "a\rb"};

	(void)state;
	for (size_t i = 0; i < sizeof needy / sizeof *needy; i++)
		assert_true(csv_needs_quotes(span_of(needy[i])));
	assert_false(csv_needs_quotes(span_of("plain words")));
	assert_false(csv_needs_quotes(span_of("caf\xC3\xA9|'x'")));
}

/* 16 bytes of memory a field would be half a gigabyte for a row of 32 MB. */
static void a_row_of_millions_of_delimiters_is_ragged_in_little_memory(void **state)
{
	enum { FIELDS = 3000000 };
	struct buffer file = {.maximum = (size_t)1 << 24};
	struct row *row = row_new(NULL);

	(void)state;
	assert_true(buffer_add_text(&file, "text,label\na,b\n"));
	for (int i = 1; i < FIELDS; i++)
		assert_true(buffer_add_byte(&file, ','));
	assert_true(buffer_add_text(&file, "\nc,d\n"));
	data_write("delimiters.csv", file.data, file.size);
	struct dataset *dataset = dataset_open(data_path("delimiters.csv"), NULL, NULL);
	assert_true(row && dataset && dataset_index(dataset, NULL, NULL));
	assert_int_equal(dataset_rows(dataset, NULL), 3);
	assert_true(dataset_read(dataset, 1, row, NULL));
	assert_int_equal(row->status, ROW_RAGGED);
	assert_in_range(row->count, 3, DATASET_COLUMNS_MAX + 1);
	assert_true(dataset_read(dataset, 2, row, NULL));
	assert_int_equal(row->status, ROW_OK);
	row_free(row);
	dataset_close(dataset);
	buffer_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_rows_are_skipped_and_counted_with_their_first_line),
		cmocka_unit_test(nul_bytes_in_a_text_file_are_noticed),
		cmocka_unit_test(a_quote_that_does_not_close_for_16_mb_stops_the_indexing_at_its_line),
		cmocka_unit_test(a_row_of_200_mb_is_skipped_in_little_memory),
		cmocka_unit_test(a_file_of_one_endless_field_is_refused_at_once),
		cmocka_unit_test(a_row_of_millions_of_delimiters_is_ragged_in_little_memory),
		cmocka_unit_test(a_field_of_16_mb_is_read_and_a_longer_one_skipped),
		cmocka_unit_test(what_is_no_table_is_refused_with_one_line),
		cmocka_unit_test(what_is_no_file_is_refused),
		cmocka_unit_test(a_wait_for_a_pipe_that_nobody_writes_can_be_stopped),
		cmocka_unit_test(names_with_control_bytes_and_a_leading_dash_are_only_names),
		cmocka_unit_test(a_file_that_shrinks_gives_an_error_from_index_and_read),
		cmocka_unit_test(a_file_that_is_replaced_is_read_on_as_it_was),
		cmocka_unit_test(an_interrupted_index_and_survey_say_so_and_the_index_goes_on),
		cmocka_unit_test(rows_are_read_while_a_thread_indexes),
		cmocka_unit_test(a_survey_beside_an_indexing_thread_counts_every_row_once),
		cmocka_unit_test(closing_stops_the_thread),
		cmocka_unit_test(any_text_is_read_back_when_it_is_quoted_where_needed),
		cmocka_unit_test(quotes_are_needed_where_a_reader_would_guess),
	};

	return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
