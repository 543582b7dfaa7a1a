/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/data: fastText's files, where words that begin with __label__ are labels. */
#include "tests/unit/dataset_check.h"

#define OPEN(name, text) data_open(name, text, sizeof text - 1, NULL)

static void labels_before_the_text_are_labels_and_no_text(void **state)
{
	struct dataset *dataset = OPEN("a.txt", "__label__2 Great CD: really, \"great\"\n__label__1  bad film \r\n\n"
	                                        "__label__2\tso so");

	(void)state;
	assert_int_equal(dataset_format(dataset), DATASET_FASTTEXT);
	assert_string_equal(data_column(dataset, dataset_text_column(dataset)), "text");
	assert_string_equal(data_column(dataset, dataset_label_column(dataset)), "label");
	assert_int_equal(dataset_columns(dataset), 2);
	assert_int_equal(dataset_notice_count(dataset), 0);
	assert_rows(dataset, "1:Great CD: really, \"great\"|2\n2:bad film|1\n4:so so|2\n");
	dataset_close(dataset);
}

static void labels_after_the_text_are_labels_too(void **state)
{
	struct dataset *dataset = OPEN("a.txt", "a fine film __label__pos\na bad one __label__neg\nso so __label__pos\n");

	(void)state;
	assert_int_equal(dataset_format(dataset), DATASET_FASTTEXT);
	assert_rows(dataset, "1:a fine film|pos\n2:a bad one|neg\n3:so so|pos\n");
	dataset_close(dataset);
}

static void several_labels_are_all_labels_of_their_line(void **state)
{
	struct dataset *dataset = OPEN("a.txt", "__label__sauce __label__cheese how  much __label__late salt\n"
	                                        "__label__bread only one\n__label__sauce __label__a two\n");

	(void)state;
	assert_int_equal(dataset_columns(dataset), 2);
	assert_int_equal(dataset_notice_count(dataset), 1);
	assert_string_equal(dataset_notice(dataset, 0), "2 of the first 3 lines have several labels");
	assert_rows(dataset, "1:how  much salt|sauce cheese late\n2:only one|bread\n3:two|sauce a\n");
	assert_true(dataset_has_label_sets(dataset));
	dataset_close(dataset);
}

static void a_line_without_a_label_has_none(void **state)
{
	struct buffer text = {.maximum = 10000};
	struct dataset *dataset;

	(void)state;
	for (int i = 0; i < 30; i++)
		assert_true(buffer_add_text(&text, i == 12 ? "no label here\n" : i == 13 ? "__label__ not a name\n" : "__label__1 x\n"));
	dataset = data_open("a.txt", text.data, text.size, &(struct dataset_options){.dialect.format = DATASET_FASTTEXT});
	struct row *row = row_new(NULL);
	for (uint64_t i = 12; i < 14; i++) {
		assert_true(dataset_read(dataset, i, row, NULL));
		assert_int_equal(row->status, ROW_NO_LABEL);
		assert_int_equal(row->text.size, i == 12 ? 13 : 20);
	}
	row_free(row);
	dataset_close(dataset);
	buffer_free(&text);
}

static void reviews_that_speak_of_labels_here_and_there_stay_reviews(void **state)
{
	struct dataset *dataset = OPEN("a.txt", "__label__ is a prefix\na review\nwith __label__1 inside of it\n");

	(void)state;
	assert_int_equal(dataset_format(dataset), DATASET_LINES);
	dataset_close(dataset);
}

static void a_wanted_format_beats_the_labels(void **state)
{
	static const char text[] = "__label__2 fine\n__label__1 bad\n";
	struct dataset *dataset = data_open("a.txt", text, sizeof text - 1,
	                                    &(struct dataset_options){.dialect.format = DATASET_LINES});

	(void)state;
	assert_rows(dataset, "1:__label__2 fine\n2:__label__1 bad\n");
	dataset_close(dataset);
}

static void the_labels_are_found_in_other_encodings(void **state)
{
	struct dataset_options options = {.dialect.encoding = "KOI8-R"};
	static const char text[] = "__label__1 \xD0\xCC\xCF\xC8\xCF\n__label__2 \xC8\xCF\xD2\xCF\xDB\xCF\n";
	struct dataset *dataset = data_open("a.txt", text, sizeof text - 1, &options);

	(void)state;
	assert_rows(dataset, "1:плохо|1\n2:хорошо|2\n");
	dataset_close(dataset);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_before_the_text_are_labels_and_no_text),
		cmocka_unit_test(labels_after_the_text_are_labels_too),
		cmocka_unit_test(several_labels_are_all_labels_of_their_line),
		cmocka_unit_test(a_line_without_a_label_has_none),
		cmocka_unit_test(reviews_that_speak_of_labels_here_and_there_stay_reviews),
		cmocka_unit_test(a_wanted_format_beats_the_labels),
		cmocka_unit_test(the_labels_are_found_in_other_encodings),
	};

	return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
