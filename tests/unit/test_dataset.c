/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/data: formats and encodings, on small files. */
#include "tests/unit/dataset_check.h"

#include "engine/data/encoding.h"

#define OPEN(name, text) data_open(name, text, sizeof text - 1, NULL)

/* --- tables ---------------------------------------------------------------------------------------------------- */

static void a_table_gives_fields_and_physical_lines(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "review,sentiment\n"
	                                        "\"two\nlines\",positive\n"
	                                        "\n"
	                                        "\"say \"\"hi\"\", friend\",negative\n"
	                                        "   \n"
	                                        "plain,positive\n");

	(void)state;
	assert_int_equal(dataset_format(dataset), DATASET_CSV);
	assert_int_equal(dataset_delimiter(dataset), ',');
	assert_int_equal(dataset_columns(dataset), 2);
	assert_rows(dataset, "2:two\nlines|positive\n5:say \"hi\", friend|negative\n7:plain|positive\n");
	dataset_close(dataset);
}

static void every_line_end_is_read_and_the_last_may_lack(void **state)
{
	static const char *const files[] = {
		"text,label\na,x\nb,y\n",     "text,label\r\na,x\r\nb,y\r\n", "text,label\ra,x\rb,y\r",
		"text,label\na,x\nb,y",       "text,label\r\na,x\nb,y\r",     "text,label\ra,x\r\nb,y",
		"\xEF\xBB\xBFtext,label\r\na,x\r\nb,y",
	};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct dataset *dataset = data_open("ends.csv", files[i], strlen(files[i]), NULL);
		assert_string_equal(data_column(dataset, 0), "text");
		assert_rows(dataset, "2:a|x\n3:b|y\n");
		dataset_close(dataset);
	}
}

static void the_delimiter_is_guessed(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "text;label\nGreat, really;1\nBad, very, bad;0\n\"a;b\";1\n");

	(void)state;
	assert_int_equal(dataset_delimiter(dataset), ';');
	assert_rows(dataset, "2:Great, really|1\n3:Bad, very, bad|0\n4:a;b|1\n");
	dataset_close(dataset);

	dataset = OPEN("b.csv", "label\ttext\n1\tone, two; three\n0\tfour\n");
	assert_int_equal(dataset_delimiter(dataset), '\t');
	assert_int_equal(dataset_format(dataset), DATASET_TSV);
	assert_rows(dataset, "2:1|one, two; three\n3:0|four\n");
	dataset_close(dataset);
}

static void one_column_with_commas_in_its_text_is_not_cut(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "review\nGood, really good\nBad\nSo, so, la la\n");

	(void)state;
	assert_int_equal(dataset_delimiter(dataset), 0);
	assert_rows(dataset, "2:Good, really good\n3:Bad\n4:So, so, la la\n");
	dataset_close(dataset);
}

static void quotes_are_text_in_a_tsv_where_they_do_not_balance(void **state)
{
	struct dataset *dataset = OPEN("a.tsv", "label\tsentence\r\n0\t\" a film\r\n1\tgood \"\r\n1\t\"fine\" it is\r\n");

	(void)state;
	assert_rows(dataset, "2:0|\" a film\n3:1|good \"\n4:1|\"fine\" it is\n");
	dataset_close(dataset);
}

static void quotes_quote_in_a_tsv_where_they_do(void **state)
{
	struct dataset *dataset = OPEN("a.tsv", "label\ttext\n0\t\"two\nlines\"\n1\t\"a \"\"b\"\"\tc\"\n1\tplain\n");

	(void)state;
	assert_rows(dataset, "2:0|two\nlines\n4:1|a \"b\"\tc\n5:1|plain\n");
	dataset_close(dataset);
}

static void blanks_around_a_quoted_field_do_not_belong_to_it_and_those_of_others_do(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "label, text\n1, \"great, really\" \n0, bad\n");

	(void)state;
	assert_rows(dataset, "2:1|great, really\n3:0| bad\n");
	assert_string_equal(data_column(dataset, 1), "text");
	dataset_close(dataset);
}

static void a_quote_inside_a_plain_field_is_text(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "text,label\na 5\" screen,1\n\"\"\"\",0\n\"\",1\n");

	(void)state;
	assert_rows(dataset, "2:a 5\" screen|1\n3:\"|0\n4:|1\n");
	dataset_close(dataset);
}

/* --- encodings ------------------------------------------------------------------------------------------------- */

static void each_kind_of_invalid_utf8_becomes_one_replacement_for_each_maximal_subpart(void **state)
{
	/* Unicode 15, section 3.9, tables 3-8 to 3-11. */
	static const struct {
		const char *bytes, *expected;
		uint32_t replaced;
	} cases[] = {
		{"\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", "????????A", 8},
		{"\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", "????????A", 8},
		{"\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", "?????A??B", 7},
		{"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", "????A", 4},
		{"\xE2\x82", "?", 1},
		{"a\xF0\x9F\x98\x80z", "a\xF0\x9F\x98\x80z", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buffer out = {.maximum = 100}, expected = {.maximum = 100};
		uint32_t replaced = 0;

		for (const char *c = cases[i].expected; *c; c++)
			assert_true(*c == '?' ? buffer_add_text(&expected, "\xEF\xBF\xBD") : buffer_add_byte(&expected, *c));
		assert_true(encoding_decode(ENCODING_UTF8, cases[i].bytes, strlen(cases[i].bytes), &out, &replaced));
		assert_int_equal(replaced, cases[i].replaced);
		assert_string_equal(out.data, expected.data);
		buffer_free(&out);
		buffer_free(&expected);
	}
}

static void latin1_is_guessed_and_read_as_windows_1252(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "text,label\ncaf\xE9 cr\xE8me,1\n\x93quoted\x94 \x80 5,0\n\xA3 20,1\n");

	(void)state;
	assert_string_equal(dataset_encoding_name(dataset), "Windows-1252");
	assert_rows(dataset, "2:caf\xC3\xA9 cr\xC3\xA8me|1\n"
	                     "3:\xE2\x80\x9Cquoted\xE2\x80\x9D \xE2\x82\xAC 5|0\n4:\xC2\xA3 20|1\n");
	dataset_close(dataset);
}

static void utf8_with_damage_stays_utf8_and_the_damage_is_counted(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "text,label\ncaf\xC3\xA9 \xE2\x80\x9Cok\xE2\x80\x9D,1\nbroken \xE2\x80,0\n"
	                                        "\xC3\xBC \xFF,1\n");
	struct survey survey = {0};
	char text[200];

	(void)state;
	assert_string_equal(dataset_encoding_name(dataset), "UTF-8");
	assert_rows(dataset, "2:caf\xC3\xA9 \xE2\x80\x9Cok\xE2\x80\x9D|1\n3:broken \xEF\xBF\xBD|0\n"
	                     "4:\xC3\xBC \xEF\xBF\xBD|1\n");
	assert_true(dataset_survey(dataset, &survey, NULL, NULL));
	assert_int_equal(survey.replaced, 2);
	assert_int_equal(survey.rows_replaced, 2);
	survey_describe(&survey, text, sizeof text);
	assert_string_equal(text, "3 rows: 3 used, 0 skipped, 2 invalid UTF-8 sequences replaced");
	survey_free(&survey);
	dataset_close(dataset);
}

/* ASCII and a few more to UTF-16. */
static size_t to_utf16(const char *text, bool big, char *out)
{
	size_t size = 0;

	for (; *text; text++) {
		unsigned c = *text == '*' ? 0x131u : (unsigned char)*text; /* '*' stands for a dotless i */
		out[size++] = (char)(big ? c >> 8 : c & 0xFF);
		out[size++] = (char)(big ? c & 0xFF : c >> 8);
	}
	return size;
}

static void utf16_with_a_mark_is_read_in_both_orders(void **state)
{
	static const char *const text = "text,label\r\n\"t*r\r\nnak, \"\"s\"\"\",1\r\n\r\nb,0";

	(void)state;
	for (int big = 0; big < 2; big++) {
		char bytes[400] = {0};
		size_t size = 2;

		memcpy(bytes, big ? "\xFE\xFF" : "\xFF\xFE", 2);
		size += to_utf16(text, big, bytes + size);
		struct dataset *dataset = data_open("u.csv", bytes, size, NULL);
		assert_string_equal(dataset_encoding_name(dataset), big ? "UTF-16BE" : "UTF-16LE");
		assert_string_equal(data_column(dataset, 0), "text");
		assert_rows(dataset, "2:t\xC4\xB1r\r\nnak, \"s\"|1\n5:b|0\n");
		dataset_close(dataset);
	}
}

static void utf16_surrogates_pair_or_become_replacements(void **state)
{
	struct buffer out = {.maximum = 100};
	uint32_t replaced = 0;

	(void)state;
	assert_true(encoding_decode(ENCODING_UTF16LE, "\x3D\xD8\x00\xDE" "a\0" "\x3D\xD8" "b\0" "\x00\xDE" "c", 13, &out,
	                            &replaced));
	assert_string_equal(out.data, "\xF0\x9F\x98\x80" "a\xEF\xBF\xBD" "b\xEF\xBF\xBD\xEF\xBF\xBD");
	assert_int_equal(replaced, 3);
	buffer_free(&out);
}

/* --- lines, JSON lines, folders -------------------------------------------------------------------------------- */

static void a_text_file_is_a_review_a_line_and_an_empty_line_a_review(void **state)
{
	struct dataset *dataset = OPEN("a.txt", "First, with \"quotes\r\n\r\n  indented\tline \nlast");

	(void)state;
	assert_int_equal(dataset_format(dataset), DATASET_LINES);
	assert_int_equal(dataset_columns(dataset), 1);
	assert_int_equal(dataset_label_column(dataset), -1);
	assert_rows(dataset, "1:First, with \"quotes\n2:\n3:  indented\tline \n4:last\n");
	dataset_close(dataset);
}

static void json_lines_give_columns_by_key(void **state)
{
	struct dataset *dataset = OPEN("a.jsonl", "{\"text\": \"one\\ntwo\", \"label\": 1, \"more\": [1, 2]}\n"
	                                          "\n"
	                                          "{\"label\": true, \"text\": \"caf\\u00e9\"}\r\n"
	                                          "{\"label\": 0.5, \"text\": \"a\", \"late\": null}\n"
	                                          "{\"label\": 2.0, \"text\": \"b\"}");

	(void)state;
	assert_int_equal(dataset_format(dataset), DATASET_JSONL);
	assert_int_equal(dataset_columns(dataset), 4);
	assert_rows(dataset, "1:one\ntwo|1|[1,2]|\n3:caf\xC3\xA9|true||\n4:a|0.5||\n5:b|2.0||\n");
	dataset_close(dataset);
}

static void json_lines_that_do_not_fit_are_skipped_by_reason(void **state)
{
	struct dataset *dataset = OPEN("a.jsonl", "{\"text\": \"fine\", \"label\": \"x\"}\n"
	                                          "[1, 2]\n"
	                                          "{\"text\": \"cut off\n"
	                                          "{\"text\": \"a\", \"text\": \"b\", \"label\": \"x\"}\n"
	                                          "{\"label\": \"x\"}\n"
	                                          "{\"text\": {\"nested\": 1}, \"label\": \"x\"}\n"
	                                          "{\"text\": \"no label\"}\n"
	                                          "{\"text\": \"minus\", \"label\": -1}\n");

	(void)state;
	assert_rows(dataset, "1:fine|x|\n2!malformed\n3!malformed\n4:b|x|\n5!no text\n6!no text\n7!no label\n"
	                     "8!no label\n");
	dataset_close(dataset);
}

static void the_content_decides_where_the_name_does_not(void **state)
{
	static const struct {
		const char *text;
		enum dataset_format format;
	} files[] = {
		{"{\"text\": \"a\"}\n{\"text\": \"b\"}\n", DATASET_JSONL},
		{"text,label\nfine,1\nbad,0\n", DATASET_CSV},
		{"1\tfine film, really\n0\tbad\n1\tso so\n", DATASET_TSV},
		{"A fine film, really.\nBad.\nSo, so, and so.\n", DATASET_LINES},
		{"great film\nbad film\n", DATASET_LINES},
	};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct dataset *dataset = data_open("reviews", files[i].text, strlen(files[i].text), NULL);
		assert_int_equal(dataset_format(dataset), files[i].format);
		dataset_close(dataset);
	}
}

static void a_wanted_format_beats_name_and_content(void **state)
{
	const struct dataset_options lines = {.dialect.format = DATASET_LINES};
	static const char text[] = "text,label\nfine,1\n";
	struct dataset *dataset = data_open("a.csv", text, sizeof text - 1, &lines);

	(void)state;
	assert_rows(dataset, "1:text,label\n2:fine,1\n");
	dataset_close(dataset);
}

static void make_folder(const char *name)
{
	assert_int_equal(mkdir(data_path(name), 0777), 0);
}

static void a_folder_of_folders_is_read_in_the_order_of_names(void **state)
{
	struct error error = {0};

	(void)state;
	make_folder("set");
	make_folder("set/pos");
	make_folder("set/neg");
	make_folder("set/unsup");
	make_folder("set/empty");
	data_write("set/pos/10_8.txt", "great\n", 6);
	data_write("set/pos/0_9.txt", "\xEF\xBB\xBFgood", 7);
	data_write("set/neg/5_1.txt", "caf\xC3\xA9, \"bad\"", 12);
	data_write("set/neg/notes.html", "no", 2);
	data_write("set/unsup/1_0.txt", "unknown", 7);
	struct dataset *dataset = dataset_open(data_path("set"), NULL, &error);
	assert_non_null(dataset);
	assert_int_equal(dataset_format(dataset), DATASET_FOLDER);
	assert_int_equal(dataset_columns(dataset), 2);
	assert_rows(dataset, "0:caf\xC3\xA9, \"bad\"|neg\n0:good|pos\n0:great\n|pos\n0!no label\n");
	assert_int_equal(unlink(data_path("set/pos/0_9.txt")), 0);
	struct row *row = row_new(NULL);
	assert_false(dataset_read(dataset, 1, row, &error));
	assert_int_equal(error.kind, ERROR_IO);
	row_free(row);
	dataset_close(dataset);
}

static void a_folder_of_texts_alone_has_no_labels(void **state)
{
	struct error error = {0};

	(void)state;
	make_folder("flat");
	data_write("flat/b.txt", "two", 3);
	data_write("flat/a.txt", "one", 3);
	struct dataset *dataset = dataset_open(data_path("flat"), NULL, &error);
	assert_non_null(dataset);
	assert_int_equal(dataset_label_column(dataset), -1);
	assert_rows(dataset, "0:one\n0:two\n");
	dataset_close(dataset);

	make_folder("none");
	assert_null(dataset_open(data_path("none"), NULL, &error));
	assert_int_equal(error.kind, ERROR_DATA);
	assert_non_null(strstr(error.text, "has no LABEL/*.txt in it"));
}

static void standard_input_is_read_to_its_end(void **state)
{
	struct error error = {0};
	int kept = dup(STDIN_FILENO), fd;

	(void)state;
	data_write("in", "text,label\nfine,1\nbad,0\n", 24);
	fd = open(data_path("in"), O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	struct dataset *dataset = dataset_open("-", NULL, &error);
	assert_non_null(dataset);
	assert_true(dataset_index(dataset, NULL, &error));
	assert_rows(dataset, "2:fine|1\n3:bad|0\n");
	dataset_close(dataset);
	dup2(kept, STDIN_FILENO);
	close(kept);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_gives_fields_and_physical_lines),
		cmocka_unit_test(every_line_end_is_read_and_the_last_may_lack),
		cmocka_unit_test(the_delimiter_is_guessed),
		cmocka_unit_test(one_column_with_commas_in_its_text_is_not_cut),
		cmocka_unit_test(quotes_are_text_in_a_tsv_where_they_do_not_balance),
		cmocka_unit_test(quotes_quote_in_a_tsv_where_they_do),
		cmocka_unit_test(blanks_around_a_quoted_field_do_not_belong_to_it_and_those_of_others_do),
		cmocka_unit_test(a_quote_inside_a_plain_field_is_text),
		cmocka_unit_test(each_kind_of_invalid_utf8_becomes_one_replacement_for_each_maximal_subpart),
		cmocka_unit_test(latin1_is_guessed_and_read_as_windows_1252),
		cmocka_unit_test(utf8_with_damage_stays_utf8_and_the_damage_is_counted),
		cmocka_unit_test(utf16_with_a_mark_is_read_in_both_orders),
		cmocka_unit_test(utf16_surrogates_pair_or_become_replacements),
		cmocka_unit_test(a_text_file_is_a_review_a_line_and_an_empty_line_a_review),
		cmocka_unit_test(json_lines_give_columns_by_key),
		cmocka_unit_test(json_lines_that_do_not_fit_are_skipped_by_reason),
		cmocka_unit_test(the_content_decides_where_the_name_does_not),
		cmocka_unit_test(a_wanted_format_beats_name_and_content),
		cmocka_unit_test(a_folder_of_folders_is_read_in_the_order_of_names),
		cmocka_unit_test(a_folder_of_texts_alone_has_no_labels),
		cmocka_unit_test(standard_input_is_read_to_its_end),
	};

	return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
