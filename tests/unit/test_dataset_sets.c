/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/data: several labels a review, as lists, with separators and in columns of 0 and 1. */
#include "tests/unit/dataset_check.h"

/* How the file is read, "a; a 1, b 2; 3 rows ...; sets 0 1 2", or why it is not, without its path. */
static const char *picture_of(const char *name, const void *bytes, size_t size, const struct dataset_options *options)
{
	static char out[3000];
	struct error error = {0};
	const char *path = data_write(name, bytes, size);
	struct dataset *dataset = dataset_open(path, options, &error);
	struct survey survey = {0};
	char text[1000];
	size_t used;

	if (!dataset || !dataset_survey(dataset, &survey, NULL, &error)) {
		snprintf(out, sizeof out, "%s", error.text + (strncmp(error.text, path, strlen(path)) == 0 ? strlen(path) + 2 : 0));
		dataset_close(dataset);
		return out;
	}
	dataset_describe_columns(dataset, text, sizeof text);
	used = (size_t)snprintf(out, sizeof out, "%s; ", text);
	for (int i = 0; i < survey.label_count && i < 10; i++)
		used += (size_t)snprintf(out + used, sizeof out - used, "%s%s %llu", i ? ", " : "", survey.labels[i].name,
		                         (unsigned long long)survey.labels[i].count);
	survey_describe(&survey, text, sizeof text);
	snprintf(out + used, sizeof out - used, "; %s", text);
	survey_free(&survey);
	dataset_close(dataset);
	return out;
}

#define PICTURE(name, text) picture_of(name, text, sizeof text - 1, NULL)
#define PICTURE_AS(name, text, ...) picture_of(name, text, sizeof text - 1, &(struct dataset_options){__VA_ARGS__})
#define GUESSED "text \"text\", label \"labels\" (guessed; --label-column names another)"

static void lists_of_json_are_sets_and_an_empty_one_is_none_of_the_labels(void **state)
{
	(void)state;
	assert_string_equal(PICTURE("a.jsonl", "{\"text\":\"x\",\"labels\":[\"fun\", \"drama\"]}\n{\"text\":\"y\",\"labels\":[]}\n"
	                                       "{\"text\":\"z\",\"labels\":[\"drama\"]}\n{\"text\":\"w\",\"labels\":null}\n"),
	                    GUESSED ", lists of labels; drama 2, fun 1; 4 rows: 3 used, 1 skipped (1 no label on line 4), 1 with several "
	                    "labels, 1 with none");
	assert_string_equal(PICTURE("b.json", "[{\"text\":\"x\",\"labels\":[3, 1.0]},{\"text\":\"y\",\"labels\":[1, \"\\u00e9 \\\"b\\\"\"]}]"),
	                    GUESSED ", lists of labels; 1 2, 3 1, \xC3\xA9 \"b\" 1; 2 rows: 2 used, 0 skipped, 2 with several labels, 0 "
	                    "with none");
	assert_string_equal(PICTURE("c.json", "{\"text\":[\"x\",\"y\"],\"labels\":[[\"a\",\"b\"],[\"b\"]]}"),
	                    GUESSED ", lists of labels; a 1, b 2; 2 rows: 2 used, 0 skipped, 1 with several labels, 0 with none");
}

static void lists_as_python_and_numpy_print_them_are_read_in_tables(void **state)
{
	(void)state;
	assert_string_equal(PICTURE("a.csv", "text,labels\nx,\"['joy', 'it\\'s']\"\ny,\"[\"\"a\\u00e9\"\", 'joy']\"\nz,[]\nw,['b' 'joy']\nv,[]\n"),
	                    GUESSED ", lists of labels; a\xC3\xA9 1, b 1, it's 1, joy 3; 5 rows: 5 used, 0 skipped, 3 with several labels, 2 "
	                    "with none");
	assert_string_equal(PICTURE("b.csv", "text,labels\nx,\"[\"\"\\u0\"\", 2]\"\ny,[2]\n"),
	                    GUESSED ", lists of labels; 2 2, u0 1; 2 rows: 2 used, 0 skipped, 1 with several labels, 0 with none");
}

static void lists_that_hold_anything_but_words_and_numbers_are_malformed(void **state)
{
	(void)state;
	assert_string_equal(PICTURE("a.jsonl", "{\"text\":\"x\",\"labels\":[\"a\"]}\n{\"text\":\"y\",\"labels\":[[\"a\"],\"b\"]}\n"
	                                       "{\"text\":\"z\",\"labels\":[{\"a\":1}]}\n{\"text\":\"w\",\"labels\":[\"b\",null,\"\"]}\n"),
	                    GUESSED ", lists of labels; a 1, b 1; 4 rows: 2 used, 2 skipped (2 malformed, first on line 2)");
	assert_string_equal(PICTURE("b.csv", "text,labels\nx,['a']\ny,['a'b]\nz,['a\\']\nw,\"['a',]\"\n"),
	                    GUESSED ", lists of labels; a 2; 4 rows: 2 used, 2 skipped (2 malformed, first on line 3)");
}

static void lists_of_zeros_and_ones_name_labels_by_their_places(void **state)
{
	(void)state;
	assert_string_equal(PICTURE("a.jsonl", "{\"text\":\"x\",\"labels\":[1,0,0]}\n{\"text\":\"y\",\"labels\":[0.0,0.0,0.0]}\n"
	                                       "{\"text\":\"z\",\"labels\":[1,1,0]}\n"),
	                    GUESSED ", lists of 0 and 1 for 3 labels; 0 2, 1 1, 2 0; 3 rows: 3 used, 0 skipped, 1 with several labels, 1 with "
	                    "none");
	assert_string_equal(PICTURE("b.jsonl", "{\"text\":\"x\",\"labels\":[1,0]}\n{\"text\":\"y\",\"labels\":[0]}\n"),
	                    GUESSED ", lists of labels; 0 2, 1 1; 2 rows: 2 used, 0 skipped, 1 with several labels, 0 with none");
}

static void a_separator_is_guessed_where_its_parts_also_come_apart(void **state)
{
	static const char bars[] = "text,labels\na,fun|drama\nb,drama\nc,fun\nd,fun|war|drama\ne,war\nf,\n";
	static const char commas[] = "text,labels\na,\"27\"\nb,\"2,5\"\nc,\"2,27,5\"\nd,\"5\"\ne,2\n";

	(void)state;
	assert_string_equal(PICTURE("a.csv", bars),
	                    GUESSED ", \"|\" stands between several (guessed; --label-separator none: a field is one); drama 3, fun 3, war 2; "
	                    "6 rows: 5 used, 1 skipped (1 no label on line 7), 2 with several labels, 0 with none");
	assert_string_equal(PICTURE("b.csv", commas),
	                    GUESSED ", \",\" stands between several (guessed; --label-separator none: a field is one); 2 3, 5 3, 27 2; "
	                    "5 rows: 5 used, 0 skipped, 2 with several labels, 0 with none");
	assert_string_equal(PICTURE_AS("c.csv", bars, .dialect.label_separator = '\n'),
	                    GUESSED "; drama 1, fun 1, fun|drama 1, fun|war|drama 1, war 1; 6 rows: 5 used, 1 skipped (1 no label on line 7)");
}

static void names_with_a_separator_in_them_and_decimal_commas_stay_whole(void **state)
{
	(void)state;
	assert_string_equal(PICTURE("a.csv", "text,labels\na,\"Food, Drinks\"\nb,Shoes\nc,\"Food, Drinks\"\nd,\"Clothing, Hats\"\ne,Shoes\n"),
	                    GUESSED "; Clothing, Hats 1, Food, Drinks 2, Shoes 2; 5 rows: 5 used, 0 skipped");
	assert_string_equal(PICTURE("b.csv", "text,labels\na,\"3,5\"\nb,\"1,5\"\nc,\"3,0\"\nd,\"1,0\"\ne,3\n"),
	                    GUESSED "; 3 1, 1,0 1, 1,5 1, 3,0 1, 3,5 1; 5 rows: 5 used, 0 skipped");
}

static void a_separator_that_is_said_is_taken_and_repeats_count_once(void **state)
{
	(void)state;
	assert_string_equal(PICTURE_AS("a.csv", "text,labels\na,x/y/x\nb,/\nc, y / z \n", .dialect.label_separator = '/'),
	                    GUESSED ", \"/\" stands between several; x 1, y 2, z 1; 3 rows: 2 used, 1 skipped (1 no label on line 3), 2 with "
	                    "several labels, 0 with none");
}

static void columns_of_zeros_and_ones_are_labels_where_several_are_named(void **state)
{
	static const char toxic[] = "text,toxic,obscene,threat\na,1,0,0\nb,0,0,0\nc,1,true,0.0\nd,-1,-1,-1\ne,,1,0\nf,0.5,0,0\n";

	(void)state;
	assert_string_equal(PICTURE_AS("a.csv", toxic, .label_column = "toxic, 3,threat"),
	                    "text \"text\", labels in 3 columns of 0 and 1: toxic, obscene, threat; obscene 1, threat 0, toxic 2; 6 rows: 3 "
	                    "used, 3 skipped (1 malformed on line 7; 2 no label (empty 1, -1 1), first on line 5), 1 with several labels, 1 with none");
	assert_string_equal(PICTURE_AS("a.csv", toxic, .label_column = "toxic,rude"),
	                    "has no column \"rude\"; it has: text, toxic, obscene, threat");
	assert_string_equal(PICTURE_AS("a.csv", toxic, .label_column = "toxic,2"), "--label-column names \"2\" twice");
}

/* As many labels as would fit in one field, none of which the survey may keep beyond its limit. */
static void ten_thousand_labels_in_one_field_are_too_many_but_no_trouble(void **state)
{
	struct buffer text = {.maximum = 1 << 20};
	struct dataset *dataset;
	struct survey survey = {0};
	struct row *row = row_new(NULL);
	struct error error = {0};

	(void)state;
	assert_true(buffer_add_text(&text, "{\"text\":\"x\",\"labels\":[\"a\"]}\n{\"text\":\"y\",\"labels\":[0"));
	for (int i = 1; i < 10000; i++)
		assert_true(buffer_format(&text, ",%d", i));
	assert_true(buffer_add_text(&text, "]}\n"));
	dataset = dataset_open(data_write("many.jsonl", text.data, text.size), NULL, &error);
	assert_non_null(dataset);
	assert_true(dataset_survey(dataset, &survey, NULL, &error));
	assert_true(survey.too_many_labels);
	assert_true(dataset_read(dataset, 1, row, &error));
	assert_int_equal(row->label_count, 10000);
	assert_memory_equal(row->labels[9999].data, "9999", 4);
	survey_free(&survey);
	row_free(row);
	dataset_close(dataset);
	buffer_free(&text);
}

static void labels_with_stars_stand_by_their_value(void **state)
{
	(void)state;
	assert_string_equal(PICTURE("a.csv", "text,labels\na,10 stars\nb,1 star\nc,2 stars\nd,good\n"),
	                    GUESSED "; 1 star 1, 2 stars 1, 10 stars 1, good 1; 4 rows: 4 used, 0 skipped");
}

static void setting_another_label_column_looks_at_it_anew(void **state)
{
	static const char text[] = "text,label,labels\na,x,p|q\nb,y,p\nc,x,q\n";
	struct error error = {0};
	struct dataset *dataset = dataset_open(data_write("a.csv", text, sizeof text - 1), NULL, &error);
	char wish[100];

	(void)state;
	assert_non_null(dataset);
	assert_false(dataset_has_label_sets(dataset));
	dataset_set_label_column(dataset, 2);
	assert_true(dataset_has_label_sets(dataset));
	assert_true(dataset_label_wish(dataset, wish, sizeof wish));
	assert_string_equal(wish, "labels");
	dataset_close(dataset);
	dataset = dataset_open(data_path("a.csv"), &(struct dataset_options){.label_column = "label,labels"}, &error);
	assert_non_null(dataset);
	assert_true(dataset_label_wish(dataset, wish, sizeof wish));
	assert_string_equal(wish, "label,labels");
	assert_true(dataset_column_is_label(dataset, 1) && dataset_column_is_label(dataset, 2) && !dataset_column_is_label(dataset, 0));
	dataset_close(dataset);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_of_json_are_sets_and_an_empty_one_is_none_of_the_labels),
		cmocka_unit_test(lists_as_python_and_numpy_print_them_are_read_in_tables),
		cmocka_unit_test(lists_that_hold_anything_but_words_and_numbers_are_malformed),
		cmocka_unit_test(lists_of_zeros_and_ones_name_labels_by_their_places),
		cmocka_unit_test(a_separator_is_guessed_where_its_parts_also_come_apart),
		cmocka_unit_test(names_with_a_separator_in_them_and_decimal_commas_stay_whole),
		cmocka_unit_test(a_separator_that_is_said_is_taken_and_repeats_count_once),
		cmocka_unit_test(columns_of_zeros_and_ones_are_labels_where_several_are_named),
		cmocka_unit_test(ten_thousand_labels_in_one_field_are_too_many_but_no_trouble),
		cmocka_unit_test(labels_with_stars_stand_by_their_value),
		cmocka_unit_test(setting_another_label_column_looks_at_it_anew),
	};

	return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
