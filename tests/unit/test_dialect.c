/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/dialect.h: how tables are written, as it is said and as it is guessed, and what is remembered of it. */
#include "tests/unit/dataset_check.h"

#include "engine/options.h"

#include <stdlib.h>

#define OPEN(name, text) data_open(name, text, sizeof(text) - 1, NULL)

/* --- the rows of the table ---------------------------------------------------------------------------------------- */

static const char *formatted(int row, const char *text)
{
	static char out[DIALECT_WORD_MAX];
	static struct error error;
	struct dataset_dialect dialect = {0};

	if (!dialect_set(&dialect, row, text, &error))
		return error.text;
	dialect_format(&dialect, row, out);
	return out;
}

static void every_row_reads_back_what_it_writes(void **state)
{
	static const struct {
		const char *row, *text, *expected;
	} cases[] = {
		{"input-format", "csv", "csv"},      {"input-format", "JSONL", "jsonl"},  {"input-format", "auto", "auto"},
		{"delimiter", ";", "semicolon"},     {"delimiter", "comma", "comma"},     {"delimiter", "\\t", "tab"},
		{"delimiter", "pipe", "bar"},        {"delimiter", "^", "^"},             {"delimiter", "", "auto"},
		{"quote", "'", "single"},            {"quote", "none", "none"},           {"quote", "\"", "double"},
		{"escape", "\\", "backslash"},       {"escape", "none", "none"},          {"encoding", "ISO-8859-9", "ISO-8859-9"},
		{"encoding", "auto", "auto"},        {"header", "yes", "1"},              {"header", "no", "no"},
		{"header", "12", "12"},              {"input_format", "lines", "lines"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const int row = dialect_find(cases[i].row);

		assert_true(row >= 0);
		assert_string_equal(formatted(row, cases[i].text), cases[i].expected);
		assert_string_equal(formatted(row, formatted(row, cases[i].text)), cases[i].expected);
	}
	assert_int_equal(dialect_find("separator"), -1);
}

static void every_row_refuses_what_it_cannot_be_and_says_what_it_can(void **state)
{
	static const struct {
		const char *row, *text, *expected;
	} cases[] = {
		{"input-format", "xls", "--input-format \"xls\": must be auto|csv|tsv|jsonl|json|lines|fasttext|folder"},
		{"delimiter", "ab", "--delimiter \"ab\": must be auto|comma|semicolon|tab|bar|CHARACTER"},
		{"delimiter", "none", "--delimiter \"none\": must be auto|comma|semicolon|tab|bar|CHARACTER"},
		{"delimiter", "\"", "--delimiter \"\"\": must be auto|comma|semicolon|tab|bar|CHARACTER"},
		{"quote", "\xC2\xAB", "--quote \"\xC2\xAB\": must be auto|none|CHARACTER"},
		{"escape", "\n", "--escape \"\n\": must be auto|none|CHARACTER"},
		{"encoding", "no-such", "--encoding \"no-such\": must be a name that `iconv -l` lists"},
		{"encoding", "UTF-8//IGNORE", "--encoding \"UTF-8//IGNORE\": must be a name that `iconv -l` lists"},
		{"header", "0", "--header \"0\": must be auto|yes|no|LINE"},
		{"header", "1001", "--header \"1001\": must be auto|yes|no|LINE"},
		{"header", "-1", "--header \"-1\": must be auto|yes|no|LINE"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(formatted(dialect_find(cases[i].row), cases[i].text), cases[i].expected);
}

static void a_training_has_the_rows_as_options_and_checks_them_when_they_are_set(void **state)
{
	static struct train_options options;
	struct dataset_options dataset;
	struct error error = {0};

	(void)state;
	train_options_init(&options);
	assert_true(dialect_is_empty(&(struct dataset_dialect){0}));
	dataset = train_options_dataset(&options);
	assert_true(dialect_is_empty(&dataset.dialect));
	assert_null(dataset.text_column);
	assert_false(train_option_set(&options, train_option_find("delimiter"), "??", &error));
	assert_int_equal(error.kind, ERROR_USAGE);
	assert_true(train_option_set(&options, train_option_find("delimiter"), "pipe", &error));
	assert_string_equal(options.delimiter, "bar");
	assert_true(train_option_set(&options, train_option_find("header"), "no", &error));
	assert_true(train_option_set(&options, train_option_find("header"), "auto", &error));
	assert_string_equal(options.header, "");
	dataset = train_options_dataset(&options);
	assert_int_equal(dataset.dialect.delimiter, '|');
	train_options_set_dialect(&options, &(struct dataset_dialect){.header = DIALECT_NO_HEADER});
	assert_string_equal(options.delimiter, "");
	assert_string_equal(options.header, "no");
}

/* --- what is said --------------------------------------------------------------------------------------------------- */

static struct dataset *open_as(const char *name, const char *text, const struct dataset_dialect *dialect)
{
	return data_open(name, text, strlen(text), &(struct dataset_options){.dialect = *dialect});
}

static void what_is_said_beats_every_guess(void **state)
{
	struct dataset *dataset = open_as("a.csv", "text;a,label\na;b,1\nc;d,2\n", &(struct dataset_dialect){.delimiter = ';'});

	(void)state;
	assert_string_equal(data_column(dataset, 1), "a,label");
	dataset_close(dataset);
	dataset = open_as("b.csv", "'a','b'\n'c',2\n", &(struct dataset_dialect){.quote = DIALECT_NONE, .header = 1});
	assert_rows(dataset, "2:'c'|2\n");
	dataset_close(dataset);
	dataset = open_as("c.csv", "text,label\n^a, ~^b~^^,1\n", &(struct dataset_dialect){.quote = '^', .escape = '~'});
	assert_rows(dataset, "2:a, ^b^|1\n");
	dataset_close(dataset);
	dataset = open_as("d.csv", "text,label\ngood,1\n", &(struct dataset_dialect){.header = DIALECT_NO_HEADER});
	assert_string_equal(data_column(dataset, 1), "column 2");
	assert_rows(dataset, "1:text|label\n2:good|1\n");
	dataset_close(dataset);
	dataset = open_as("e.csv", "1,2\n3,4\n", &(struct dataset_dialect){.header = 1});
	assert_string_equal(data_column(dataset, 1), "2");
	dataset_close(dataset);
}

static void a_delimiter_makes_a_table_of_a_text_file(void **state)
{
	struct dataset *dataset = open_as("a.txt", "text|label\ngood|1\n", &(struct dataset_dialect){.delimiter = '|'});

	(void)state;
	assert_int_equal(dataset_format(dataset), DATASET_CSV);
	assert_rows(dataset, "2:good|1\n");
	dataset_close(dataset);
	dataset = open_as("a.jsonl", "{\"text\": \"a|b\"}\n", &(struct dataset_dialect){.delimiter = '|'});
	assert_int_equal(dataset_format(dataset), DATASET_JSONL);
	dataset_close(dataset);
}

static void the_lines_above_the_header_that_was_named_are_skipped_and_lines_stay_physical(void **state)
{
	static const char text[] = "Export of \"today\r\n\r\nby me\r\ntext,label\r\n\"two\r\nlines\",1\r\nragged\r\n";
	struct dataset *dataset = open_as("a.csv", text, &(struct dataset_dialect){.header = 4});
	char utf16[2 * sizeof text + 2] = "\xFF\xFE";

	(void)state;
	assert_string_equal(data_column(dataset, 0), "text");
	assert_rows(dataset, "5:two\r\nlines|1\n7!ragged\n");
	assert_int_equal(dataset_dialect(dataset).header, 4);
	dataset_close(dataset);
	for (size_t i = 0; i < sizeof text - 1; i++)
		utf16[2 + 2 * i] = text[i];
	dataset = data_open("b.csv", utf16, 2 * sizeof text, &(struct dataset_options){.dialect.header = 4});
	assert_rows(dataset, "5:two\r\nlines|1\n7!ragged\n");
	dataset_close(dataset);
}

static void what_cannot_be_is_refused(void **state)
{
	static const struct {
		struct dataset_dialect dialect;
		const char *message;
	} cases[] = {
		{{.header = 9}, "--header 9: the file has no such line"},
		{{.delimiter = ';', .quote = ';'}, "the delimiter cannot be the quote or the escape as well"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct error error = {0};
		const char *path = data_write("a.csv", "text,label\na,1\n", 15);

		assert_null(dataset_open(path, &(struct dataset_options){.dialect = cases[i].dialect}, &error));
		assert_string_equal(error.text + strlen(path) + 2, cases[i].message);
	}
}

static void a_data_set_tells_how_it_is_read_so_that_it_can_be_read_so_again(void **state)
{
	static const char text[] = "sep=;\n# by hand\ntext;label\n\"a \\\"b\\\"; c\";1\n\"d \\\"e\\\" f\";2\n";
	struct dataset *dataset = OPEN("a.csv", "sep=;\n# by hand\ntext;label\n\"a \\\"b\\\"; c\";1\n\"d \\\"e\\\" f\";2\n");
	struct dataset_dialect taken = dataset_dialect(dataset);

	(void)state;
	assert_true(dialect_is_empty(dataset_said(dataset)));
	assert_int_equal(taken.format, DATASET_CSV);
	assert_int_equal(taken.delimiter, ';');
	assert_int_equal(taken.quote, '"');
	assert_int_equal(taken.escape, '\\');
	assert_int_equal(taken.header, 3);
	assert_string_equal(taken.encoding, "UTF-8");
	dataset_close(dataset);
	dataset = open_as("b.csv", text, &taken);
	assert_rows(dataset, "4:a \"b\"; c|1\n5:d \"e\" f|2\n");
	assert_int_equal(dataset_said(dataset)->header, 3);
	dataset_close(dataset);
}

/* --- escapes -------------------------------------------------------------------------------------------------------- */

/* Expected: Python's csv.reader(..., escapechar="\\", doublequote=False). */
static void an_escape_is_taken_out_before_any_character_as_python_does(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{"\"a \\\"b\\\" c\",1\n", "1:a \"b\" c|1\n"}, {"\"x\\\\\",1\n", "1:x\\|1\n"},
		{"a\\,b,1\n", "1:a,b|1\n"},                   {"\"a\\\nb\",2\n", "1:a\nb|2\n"},
		{"\"\\\"\",\\\"x\n", "1:\"|\"x\n"},           {"\"C:\\\\dir\\\\\",0\n", "1:C:\\dir\\|0\n"},
		{"plain\\text,1\n", "1:plaintext|1\n"},       {"\"5\\\" tv\",\"\\\"\"\n", "1:5\" tv|\"\n"},
		{"a\\\nb,3\n", "1:a\nb|3\n"},                 {"\"\",\\\\\n", "1:|\\\n"},
		{"\"a\\n\",1\n", "1:an|1\n"},                 {" x ,\"y\"\n", "1: x |y\n"},
		{"\"it\\'s\",1\n", "1:it's|1\n"},             {"\\\"q\\\",1\n", "1:\"q\"|1\n"},
	};
	const struct dataset_dialect dialect = {
		.delimiter = ',', .quote = '"', .escape = '\\', .header = DIALECT_NO_HEADER,
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct dataset *dataset = open_as("a.csv", cases[i].text, &dialect);

		dataset_set_label_column(dataset, -1);
		assert_rows(dataset, cases[i].expected);
		dataset_close(dataset);
	}
}

static void mysqls_null_stays_what_it_is(void **state)
{
	struct dataset *dataset = open_as("a.csv", "text,label\n\\N,\"\\N\"\nx\\N,\\N\n", &(struct dataset_dialect){.escape = '\\'});

	(void)state;
	assert_rows(dataset, "2:\\N|N\n3:xN|\\N\n");
	dataset_close(dataset);
}

static void a_backslash_before_quotes_inside_quotes_is_found_out_and_told(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "text,label\n\"he said \\\"wow\\\", twice\",1\n\"a \\\"b\\\" c\",0\nplain,1\n");

	(void)state;
	assert_rows(dataset, "2:he said \"wow\", twice|1\n3:a \"b\" c|0\n4:plain|1\n");
	assert_int_equal(dataset_notice_count(dataset), 1);
	assert_non_null(strstr(dataset_notice(dataset, 0), "--escape none"));
	dataset_close(dataset);
	dataset = open_as("a.csv", "text,label\n\"he said \\\"wow\\\", twice\",1\n", &(struct dataset_dialect){.escape = DIALECT_NONE});
	assert_rows(dataset, "2!malformed\n");
	dataset_close(dataset);
}

static void a_backslash_at_the_end_of_a_quoted_field_is_text_where_quotes_are_doubled(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "text,label\n\"C:\\\",1\n\"D:\\, and \"\"E:\\\"\"\",0\n");

	(void)state;
	assert_rows(dataset, "2:C:\\|1\n3:D:\\, and \"E:\\\"|0\n");
	assert_int_equal(dataset_notice_count(dataset), 0);
	dataset_close(dataset);
	dataset = OPEN("c.csv", "text,label\n\"AC\\DC \"\"live\"\"\",1\n\"a \\\"b\\\" c\",0\n\"so \"\"so\"\"\",0\n");
	assert_rows(dataset, "2:AC\\DC \"live\"|1\n3!malformed\n4:so \"so\"|0\n");
	dataset_close(dataset);
	dataset = OPEN("b.csv", "text,label\n\"C:\\\",1\n\"Great\" film,1\n\"D:\\\",0\n");
	assert_rows(dataset, "2:C:\\|1\n3!malformed\n4:D:\\|0\n");
	dataset_close(dataset);
}

static void apostrophes_quote_where_nearly_every_row_has_a_field_between_them(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "text,label\n'so, so','a'\n'it''s fine','b'\n'good','a'\n");

	(void)state;
	assert_rows(dataset, "2:so, so|a\n3:it's fine|b\n4:good|a\n");
	assert_string_equal(dataset_notice(dataset, 0), "the fields are quoted by ' (--quote says otherwise)");
	dataset_close(dataset);
	dataset = OPEN("b.csv", "text,label\n'Twas good,a\n'so so',b\nfine,a\nbad,b\n");
	assert_rows(dataset, "2:'Twas good|a\n3:'so so'|b\n4:fine|a\n5:bad|b\n");
	dataset_close(dataset);
}

/* --- above the table ------------------------------------------------------------------------------------------------ */

static void the_line_sep_names_the_delimiter_and_is_no_row(void **state)
{
	static const char *const files[] = {
		"sep=;\r\ntext;label\r\ngood, really;1\r\nbad;0\r\n", "\"SEP=;\"\ntext;label\ngood, really;1\nbad;0\n",
		"\xEF\xBB\xBFsep=;\ntext;label\ngood, really;1\nbad;0\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct dataset *dataset = data_open("a.csv", files[i], strlen(files[i]), NULL);

		assert_string_equal(data_column(dataset, 1), "label");
		assert_rows(dataset, "3:good, really|1\n4:bad|0\n");
		assert_string_equal(dataset_notice(dataset, 0), "line 1 names the delimiter (sep=;) and is no row");
		dataset_close(dataset);
	}
	struct dataset *dataset = OPEN("b.csv", "sep=wide,label\na,1\n");
	assert_string_equal(data_column(dataset, 0), "sep=wide");
	dataset_close(dataset);
}

static void comments_above_the_table_are_skipped_and_counted(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "# Reviews, all of them\n#\n\n# by \"hand\ntext,label\ngood,1\n#bad,0\n");

	(void)state;
	assert_string_equal(data_column(dataset, 0), "text");
	assert_rows(dataset, "6:good|1\n7:#bad|0\n");
	assert_string_equal(dataset_notice(dataset, 0), "3 lines of comments (#) above the table are skipped");
	dataset_close(dataset);
}

static void what_begins_with_a_hash_sign_and_is_of_the_table_stays(void **state)
{
	static const struct {
		const char *text, *rows;
	} cases[] = {
		{"#text,label\ngood film,1\nbad,0\n", "2:good film|1\n3:bad|0\n"},
		{"# id,text\n1,good\n2,bad\n", "2:1|good\n3:2|bad\n"},
		{"#great day for it,1\n#awful weather here,0\nbad,0\n", "1:#great day for it|1\n2:#awful weather here|0\n3:bad|0\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct dataset *dataset = data_open("a.csv", cases[i].text, strlen(cases[i].text), NULL);

		assert_rows(dataset, cases[i].rows);
		dataset_close(dataset);
	}
}

/* --- after the first megabyte ---------------------------------------------------------------------------------------- */

/* A TSV of `rows` rows in which `special` stands in one row of a hundred from the middle on. */
static struct dataset *open_long(const char *name, const char *plain, const char *special, int rows)
{
	struct buffer text = {.maximum = (size_t)1 << 26};
	struct error error = {0};
	struct dataset *dataset;

	assert_true(buffer_add_text(&text, name[0] == 't' ? "label\ttext\n" : "label,text\n"));
	for (int i = 0; i < rows; i++)
		assert_true(buffer_add_text(&text, i > rows / 2 && i % 100 == 0 ? special : plain));
	assert_true(text.size > (size_t)2 << 20);
	dataset = dataset_open(data_write(name, text.data, text.size), &(struct dataset_options){0}, &error);
	buffer_free(&text);
	if (!dataset || !dataset_index(dataset, NULL, &error))
		fail_msg("%s", error.text);
	return dataset;
}

static void quotes_that_come_after_the_first_megabyte_of_a_tsv_quote(void **state)
{
	struct dataset *dataset = open_long("t.tsv", "1\ta film that is neither good nor bad\n", "0\t\"two\nlines, \"\"so\"\"\"\n", 80000);

	(void)state;
	assert_int_equal(dataset_rows(dataset, NULL), 80000);
	assert_string_equal(data_row(dataset, 79900), "two\nlines, \"so\"|0");
	dataset_close(dataset);
}

static void quotes_that_are_text_after_the_first_megabyte_of_a_tsv_stay(void **state)
{
	struct dataset *dataset = open_long("t.tsv", "1\ta film that is neither good nor bad\n", "0\t\" so they say\n", 80000);

	(void)state;
	assert_int_equal(dataset_rows(dataset, NULL), 80000);
	assert_string_equal(data_row(dataset, 79900), "\" so they say|0");
	dataset_close(dataset);
}

static void escapes_that_come_after_the_first_megabyte_are_found_out(void **state)
{
	struct dataset *dataset = open_long("c.csv", "1,a film that is neither good nor bad\n", "0,\"they \\\"say\\\", so\"\n", 80000);

	(void)state;
	assert_int_equal(dataset_rows(dataset, NULL), 80000);
	assert_string_equal(data_row(dataset, 79900), "they \"say\", so|0");
	dataset_close(dataset);
}

static void sst2_stays_raw(void **state)
{
	const char *path = check_real("REVUE_DATA", "sst2_train.tsv");
	struct dataset *dataset;
	struct error error = {0};

	(void)state;
	if (!path)
		skip();
	dataset = dataset_open(path, &(struct dataset_options){0}, &error);
	assert_non_null(dataset);
	assert_int_equal(dataset_dialect(dataset).quote, DIALECT_NONE);
	assert_true(dataset_index(dataset, NULL, &error));
	assert_int_equal(dataset_rows(dataset, NULL), 67349);
	dataset_close(dataset);
}

/* --- what is remembered ---------------------------------------------------------------------------------------------- */

static struct dialect_memory *memory_of(const char *file)
{
	struct error error = {0};
	struct dialect_memory *memory = dialect_memory_new(&error);

	assert_non_null(memory);
	assert_true(dialect_memory_keep(memory, file, &error));
	return memory;
}

static void a_dialect_is_remembered_for_its_file_over_restarts(void **state)
{
	static const char path[] = "/data/odd\tname\\with\nall.csv";
	char *file = strdup(data_path("state/revue/dialects"));
	struct dialect_memory *memory = memory_of(file);
	struct dataset_dialect said = {.delimiter = ';', .quote = '\'', .header = 3, .encoding = "KOI8-R"}, found;
	struct error error = {0};

	(void)state;
	assert_false(dialect_memory_find(memory, path, &found));
	assert_true(dialect_memory_put(memory, path, &said, &error));
	dialect_memory_free(memory);
	memory = memory_of(file);
	assert_true(dialect_memory_find(memory, path, &found));
	assert_int_equal(found.delimiter, ';');
	assert_int_equal(found.quote, '\'');
	assert_int_equal(found.header, 3);
	assert_string_equal(found.encoding, "KOI8-R");
	assert_true(dialect_memory_put(memory, path, &(struct dataset_dialect){0}, &error));
	dialect_memory_free(memory);
	memory = memory_of(file);
	assert_false(dialect_memory_find(memory, path, &found));
	dialect_memory_free(memory);
	free(file);
}

static void the_newest_two_hundred_are_kept(void **state)
{
	char *file = strdup(data_path("many"));
	struct dialect_memory *memory = memory_of(file);
	struct dataset_dialect found;
	struct error error = {0};
	char path[40];

	(void)state;
	for (int i = 0; i < 205; i++) {
		snprintf(path, sizeof path, "/data/%d.csv", i);
		assert_true(dialect_memory_put(memory, path, &(struct dataset_dialect){.header = i + 1}, &error));
	}
	dialect_memory_free(memory);
	memory = memory_of(file);
	assert_false(dialect_memory_find(memory, "/data/4.csv", &found));
	assert_true(dialect_memory_find(memory, "/data/5.csv", &found));
	assert_true(dialect_memory_find(memory, "/data/204.csv", &found));
	assert_int_equal(found.header, 205);
	dialect_memory_free(memory);
	free(file);
}

static void hostile_lines_of_the_memory_are_left_out(void **state)
{
	static const char text[] = "/data/a.csv\tdelimiter=semicolon\n"
	                           "relative.csv\theader=2\n"
	                           "/data/b.csv\theader=99999999999999999999\n"
	                           "/data/c.csv\tnonsense\n"
	                           "/data/d.csv\tencoding=../../x\n"
	                           "/data/e\\x.csv\theader=2\n"
	                           "\n\t\t\n=\n\xFF\xFE\x01\n"
	                           "/data/f.csv\tquote=none\tescape=none\n"
	                           "/data/cut.csv\theader=2";
	char *file = strdup(data_write("hostile", text, sizeof text - 1));
	struct dialect_memory *memory = memory_of(file);
	struct dataset_dialect found;
	static const char *const left_out[] = {
		"relative.csv", "/data/b.csv", "/data/c.csv", "/data/d.csv", "/data/e\\x.csv", "/data/cut.csv", "",
	};

	(void)state;
	assert_true(dialect_memory_find(memory, "/data/a.csv", &found));
	assert_int_equal(found.delimiter, ';');
	assert_true(dialect_memory_find(memory, "/data/f.csv", &found));
	assert_int_equal(found.escape, DIALECT_NONE);
	for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
		assert_false(dialect_memory_find(memory, left_out[i], &found));
	dialect_memory_free(memory);
	free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_reads_back_what_it_writes),
		cmocka_unit_test(every_row_refuses_what_it_cannot_be_and_says_what_it_can),
		cmocka_unit_test(a_training_has_the_rows_as_options_and_checks_them_when_they_are_set),
		cmocka_unit_test(what_is_said_beats_every_guess),
		cmocka_unit_test(a_delimiter_makes_a_table_of_a_text_file),
		cmocka_unit_test(the_lines_above_the_header_that_was_named_are_skipped_and_lines_stay_physical),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(a_data_set_tells_how_it_is_read_so_that_it_can_be_read_so_again),
		cmocka_unit_test(an_escape_is_taken_out_before_any_character_as_python_does),
		cmocka_unit_test(mysqls_null_stays_what_it_is),
		cmocka_unit_test(a_backslash_before_quotes_inside_quotes_is_found_out_and_told),
		cmocka_unit_test(a_backslash_at_the_end_of_a_quoted_field_is_text_where_quotes_are_doubled),
		cmocka_unit_test(apostrophes_quote_where_nearly_every_row_has_a_field_between_them),
		cmocka_unit_test(the_line_sep_names_the_delimiter_and_is_no_row),
		cmocka_unit_test(comments_above_the_table_are_skipped_and_counted),
		cmocka_unit_test(what_begins_with_a_hash_sign_and_is_of_the_table_stays),
		cmocka_unit_test(quotes_that_come_after_the_first_megabyte_of_a_tsv_quote),
		cmocka_unit_test(quotes_that_are_text_after_the_first_megabyte_of_a_tsv_stay),
		cmocka_unit_test(escapes_that_come_after_the_first_megabyte_are_found_out),
		cmocka_unit_test(sst2_stays_raw),
		cmocka_unit_test(a_dialect_is_remembered_for_its_file_over_restarts),
		cmocka_unit_test(the_newest_two_hundred_are_kept),
		cmocka_unit_test(hostile_lines_of_the_memory_are_left_out),
	};

	return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
