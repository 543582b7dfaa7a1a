/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/data: which row is the header, which column the text, which the label. */
#include "tests/unit/dataset_check.h"

#define OPEN(name, text) data_open(name, text, sizeof text - 1, NULL)

/* --- headers ----------------------------------------------------------------------------------------------------- */

static void a_first_row_with_figures_sentences_or_labels_is_no_header(void **state)
{
	static const char *const files[] = {
		"1,Great film\n0,Bad film\n1,Fine film\n",
		"pos,Great film\nneg,Bad film\npos,Fine film\n",
		"x,I have seen this film four times and will again\ny,Not me\nz,Nor me\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct dataset *dataset = data_open("h.csv", files[i], strlen(files[i]), NULL);
		assert_int_equal(dataset_rows(dataset, NULL), 3);
		assert_string_equal(data_column(dataset, 0), "column 1");
		dataset_close(dataset);
	}
}

static void empty_header_names_get_numbers_and_of_equal_ones_the_first_is_found(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "v1,,text,text\n1,2,first one,second one\n0,2,third one,x\n");

	(void)state;
	assert_string_equal(dataset_column_name(dataset, 1), "column 2");
	assert_int_equal(dataset_find_column(dataset, "text"), 2);
	assert_int_equal(dataset_find_column(dataset, "Text"), 2);
	assert_int_equal(dataset_find_column(dataset, "none"), -1);
	assert_int_equal(dataset_text_column(dataset), 2);
	dataset_close(dataset);
}

static void a_header_alone_is_a_table_without_rows(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "review,sentiment\n");
	struct survey survey = {0};
	bool complete;

	(void)state;
	assert_int_equal(dataset_rows(dataset, &complete), 0);
	assert_true(complete);
	assert_int_equal(dataset_text_column(dataset), 0);
	assert_int_equal(dataset_label_column(dataset), 1);
	assert_true(dataset_survey(dataset, &survey, NULL, NULL));
	assert_int_equal(survey.rows, 0);
	survey_free(&survey);
	dataset_close(dataset);
}

static void ten_thousand_columns_are_read(void **state)
{
	struct buffer text = {.maximum = (size_t)1 << 22};

	(void)state;
	for (int i = 0; i < 10000; i++)
		assert_true(buffer_format(&text, "%sc%d", i ? "," : "", i));
	for (int i = 0; i < 10000; i++)
		assert_true(buffer_format(&text, "%sv%d", i ? "," : "\n", i));
	struct dataset *dataset = data_open("wide.csv", text.data, text.size, NULL);
	struct row *row = row_new(NULL);
	assert_int_equal(dataset_columns(dataset), 10000);
	assert_true(dataset_read(dataset, 0, row, NULL));
	assert_int_equal(row->status, ROW_OK);
	assert_memory_equal(row->fields[9999].data, "v9999", 5);
	row_free(row);
	dataset_close(dataset);
	buffer_free(&text);
}

/* --- columns ----------------------------------------------------------------------------------------------------- */

static void columns_are_found_by_name_before_content(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "id,notes,Review,rating\n"
	                                        "1,a very long note about nothing at all,short,5\n"
	                                        "2,another very long note about nothing,brief,4\n"
	                                        "3,and one more long note about nothing,quick,5\n");

	(void)state;
	assert_string_equal(data_column(dataset, dataset_text_column(dataset)), "Review");
	assert_string_equal(data_column(dataset, dataset_label_column(dataset)), "rating");
	dataset_close(dataset);
}

static void columns_with_unknown_names_are_found_by_content(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "Durum,No,G\xC3\xB6r\xC3\xBC\xC5\x9F\n"
	                                        "Olumlu,1,ses kalitesi \xC3\xA7ok iyi\nOlumsuz,2,hi\xC3\xA7 almay\xC4\xB1n\n"
	                                        "Olumlu,3,tavsiye ederim\nOlumlu,4,fiyat\xC4\xB1 uygun\nOlumsuz,5,bozuk geldi\n");

	(void)state;
	assert_string_equal(data_column(dataset, dataset_text_column(dataset)), "G\xC3\xB6r\xC3\xBC\xC5\x9F");
	assert_string_equal(data_column(dataset, dataset_label_column(dataset)), "Durum");
	assert_string_equal(data_row(dataset, 1), "hi\xC3\xA7 almay\xC4\xB1n|Olumsuz");
	dataset_close(dataset);
}

static void a_column_that_is_named_text_but_holds_figures_is_not_the_text(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "review,opinion,label\n17,I liked it,1\n18,I did not,0\n19,Fine,1\n");

	(void)state;
	assert_string_equal(data_column(dataset, dataset_text_column(dataset)), "opinion");
	dataset_close(dataset);
}

static void named_columns_are_used_and_missing_ones_listed(void **state)
{
	static const char text[] = "a,b,c\nx y,1,z\nv w,0,z\n";
	const struct dataset_options wanted = {.text_column = "c", .label_column = "b"};
	const struct dataset_options none = {.label_column = ""};
	const struct dataset_options missing = {.text_column = "review"};
	struct dataset *dataset = data_open("a.csv", text, sizeof text - 1, &wanted);
	struct error error = {0};

	(void)state;
	assert_string_equal(data_row(dataset, 0), "z|1");
	dataset_set_label_column(dataset, -1);
	dataset_set_text_column(dataset, 0);
	assert_string_equal(data_row(dataset, 1), "v w|");
	dataset_close(dataset);

	dataset = data_open("a.csv", text, sizeof text - 1, &none);
	assert_int_equal(dataset_label_column(dataset), -1);
	dataset_close(dataset);

	assert_null(dataset_open(data_path("a.csv"), &missing, &error));
	assert_int_equal(error.kind, ERROR_DATA);
	assert_non_null(strstr(error.text, "has no column \"review\"; it has: a, b, c"));
}

static void labels_are_trimmed_and_minus_one_is_none(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "text,label\na, pos \nb,-1\nc,\nd,\" neg\t\"\ne,-1.0\n");

	(void)state;
	assert_rows(dataset, "2:a| pos \n3!no label\n4!no label\n5:d| neg\t\n6!no label\n");
	assert_string_equal(data_row(dataset, 0), "a|pos");
	assert_string_equal(data_row(dataset, 1), "b|");
	assert_string_equal(data_row(dataset, 3), "d|neg");
	dataset_set_label_column(dataset, -1);
	assert_rows(dataset, "2:a| pos \n3:b|-1\n4:c|\n5:d| neg\t\n6:e|-1.0\n");
	dataset_close(dataset);
}

static void minus_one_is_a_label_on_a_scale_with_0_in_its_middle(void **state)
{
	static const struct {
		const char *text;
		uint64_t used;
	} files[] = {
		{"text,label\na,-1\nb,0\nc,1\nd,-1\n", 4}, {"text,label\na,1\nb,-1\n", 2},
		{"text,label\na,1.0\nb,-1.0\n", 2},         {"text,label\na,-2\nb,-1\nc,0\nd,2\n", 4},
		{"text,label\na,-1\nb,-1\n", 0},            {"text,label\na,-1\nb,0\nc,1\nd,2\n", 3},
		{"text,label\na,-1\nb,0\nc,\n", 2},         {"text,label\na,-1\nb,pos\n", 1},
		{"{\"text\":\"a\",\"label\":-1}\n{\"text\":\"b\",\"label\":1}\n", 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct dataset *dataset = data_open(files[i].text[0] == '{' ? "scale.jsonl" : "scale.csv", files[i].text,
		                                    strlen(files[i].text), NULL);
		struct survey survey = {0};

		assert_true(dataset_survey(dataset, &survey, NULL, NULL));
		assert_int_equal(survey.used, files[i].used);
		survey_free(&survey);
		dataset_close(dataset);
	}
}

/* --- odd tables -------------------------------------------------------------------------------------------------- */

static void a_table_cut_by_bars_is_read(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "id|text|label\n1|good, really; good|x\n2|bad|y\n");

	(void)state;
	assert_int_equal(dataset_delimiter(dataset), '|');
	assert_rows(dataset, "2:1|good, really; good|x\n3:2|bad|y\n");
	dataset_close(dataset);
}

static void row_names_without_a_heading_are_a_column_of_their_own(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "\"text\",\"label\"\n\"1\",\"so fine\",0\n\"2\",\"so bad\",1\n");

	(void)state;
	assert_int_equal(dataset_columns(dataset), 3);
	assert_string_equal(data_column(dataset, 0), "column 1");
	assert_string_equal(data_column(dataset, 1), "text");
	assert_string_equal(data_row(dataset, 1), "so bad|1");
	dataset_close(dataset);
}

static void a_delimiter_after_every_row_but_the_header_makes_an_empty_column(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "text,label\nso fine,0,\nso bad,1,\n");

	(void)state;
	assert_int_equal(dataset_columns(dataset), 3);
	assert_string_equal(data_column(dataset, 2), "column 3");
	assert_string_equal(data_row(dataset, 1), "so bad|1");
	dataset_close(dataset);
}

static void files_that_were_joined_keep_their_header_and_lose_both_marks(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "\xEF\xBB\xBF\xEF\xBB\xBFtext,label\nfine,1\ntext,label\nbad,0\n");

	(void)state;
	assert_string_equal(data_column(dataset, 0), "text");
	assert_rows(dataset, "2:fine|1\n3!header again\n4:bad|0\n");
	dataset_close(dataset);
}

static void a_label_that_is_also_a_usual_name_does_not_make_a_header(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "y,Great film\nn,Bad film\ny,Fine film\nn,Poor film\n");

	(void)state;
	assert_int_equal(dataset_rows(dataset, NULL), 4);
	assert_string_equal(data_row(dataset, 0), "Great film|y");
	dataset_close(dataset);
}

static void a_file_that_begins_with_one_label_only_still_has_a_label_column(void **state)
{
	struct dataset *dataset = OPEN("a.csv", "opinion,verdict\nI liked it,good\nso did I,good\nand I,good\n");

	(void)state;
	assert_string_equal(data_column(dataset, dataset_label_column(dataset)), "verdict");
	dataset_close(dataset);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_row_with_figures_sentences_or_labels_is_no_header),
		cmocka_unit_test(empty_header_names_get_numbers_and_of_equal_ones_the_first_is_found),
		cmocka_unit_test(a_header_alone_is_a_table_without_rows),
		cmocka_unit_test(ten_thousand_columns_are_read),
		cmocka_unit_test(columns_are_found_by_name_before_content),
		cmocka_unit_test(columns_with_unknown_names_are_found_by_content),
		cmocka_unit_test(a_column_that_is_named_text_but_holds_figures_is_not_the_text),
		cmocka_unit_test(named_columns_are_used_and_missing_ones_listed),
		cmocka_unit_test(labels_are_trimmed_and_minus_one_is_none),
		cmocka_unit_test(minus_one_is_a_label_on_a_scale_with_0_in_its_middle),
		cmocka_unit_test(a_table_cut_by_bars_is_read),
		cmocka_unit_test(row_names_without_a_heading_are_a_column_of_their_own),
		cmocka_unit_test(a_delimiter_after_every_row_but_the_header_makes_an_empty_column),
		cmocka_unit_test(files_that_were_joined_keep_their_header_and_lose_both_marks),
		cmocka_unit_test(a_label_that_is_also_a_usual_name_does_not_make_a_header),
		cmocka_unit_test(a_file_that_begins_with_one_label_only_still_has_a_label_column),
	};

	return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
