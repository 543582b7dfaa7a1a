/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON as rows: the forms in which people and pandas write it, what Python's json module makes of its values, and how
 * far a fault goes. */
#include "tests/unit/dataset_check.h"

#include "engine/data/brackets.h"

static struct dataset *open_as(const char *name, const char *text, enum dataset_format format)
{
	return data_open(name, text, strlen(text), &(struct dataset_options){.dialect.format = format, .label_column = ""});
}

static void assert_reads(const char *text, const char *rows)
{
	struct dataset *dataset = open_as("a", text, DATASET_AUTO);

	assert_rows(dataset, rows);
	dataset_close(dataset);
}

static void assert_columns(const char *text, const char *names)
{
	struct dataset *dataset = open_as("a", text, DATASET_AUTO);
	char list[200] = "";

	for (int i = 0; i < dataset_columns(dataset); i++)
		snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? "|" : "", dataset_column_name(dataset, i));
	assert_string_equal(list, names);
	dataset_close(dataset);
}

static void an_array_of_objects_is_read_however_it_is_laid_out(void **state)
{
	static const char rows[] = "1:good|1\n1:bad|0\n";

	(void)state;
	assert_reads("[{\"text\":\"good\",\"label\":1},{\"text\":\"bad\",\"label\":0}]", rows);
	assert_reads("[{\"text\":\"good\",\"label\":1},{\"label\":0,\"text\":\"bad\"},]", rows);
	assert_reads("[\n{\"text\": \"good\", \"label\": 1},\n{\"text\": \"bad\", \"label\": 0}\n]\n", "2:good|1\n3:bad|0\n");
	assert_reads("[\r\n{\"text\": \"good\", \"label\": 1}\r\n,{\"text\": \"bad\", \"label\": 0}\r\n]", "2:good|1\n3:bad|0\n");
	assert_reads("[\n  {\n    \"text\": \"good\",\n    \"label\": 1\n  },\n  {\n    \"text\": \"bad\",\n    \"label\": 0\n  }\n]",
	             "2:good|1\n6:bad|0\n");
	assert_reads("[{\"text\":\"a ] } \\\" \\\\\",\"label\":1},\n{\"text\":\"[{\",\"label\":0}]", "1:a ] } \" \\|1\n2:[{|0\n");
	assert_reads("[{\"text\":\"good\"}]\n[{\"text\":\"bad\"}]", "1:good\n2:bad\n");
}

static void objects_one_after_the_other_are_rows_whatever_stands_between(void **state)
{
	(void)state;
	assert_reads("{\"text\":\"a\"} {\"text\":\"b\"}{\"text\":\"c\"}\n{\"text\":\"d\"}", "1:a\n1:b\n1:c\n2:d\n");
	assert_reads("{\"text\":\"a\"},\n{\"text\":\"b\"},\n", "1:a\n2:b\n");
	assert_reads("{\n \"text\": \"a\"\n}\n{\n \"text\": \"b\"\n}\n", "1:a\n4:b\n");
}

static void a_broken_line_harms_no_other(void **state)
{
	(void)state;
	assert_reads("{\"text\": \"a\"}\n{\"text\": \"b}\n{\"text\": \"c\"\n{\"text\": [\"d\"}\n{\"text\": \"e\"} x\nnull\n{\"text\": \"f\"}\n",
	             "1:a\n2!malformed\n3!malformed\n4!malformed\n5!malformed\n6!malformed\n7:f\n");
}

static void a_broken_row_of_an_array_harms_no_other_while_its_brackets_close(void **state)
{
	(void)state;
	assert_reads("[{\"text\": \"a\"},\n{\"text\": \"b\" \"c\"},\n{\"text\": \"d\\x\"},\n3, null,\n{\"text\": \"e\"}]",
	             "1:a\n2!malformed\n3!malformed\n4!malformed\n4!malformed\n5:e\n");
}

static void a_cut_array_gives_the_rows_before_and_says_where_it_ends(void **state)
{
	static const char cut[] = "[{\"text\": \"a\"},\n{\"text\": \"b\"},\n{\"text\": \"c", between[] = "[{\"text\": \"a\"},\n{\"text\": \"b\"}\n";
	char text[1024];
	struct dataset *dataset;

	(void)state;
	assert_int_equal(data_refused("a.json", cut, sizeof cut - 1, text), ERROR_DATA);
	assert_string_equal(text, "line 3: what begins here does not end before the file does; was the file cut?");
	assert_int_equal(data_refused("a.json", between, sizeof between - 1, text), ERROR_DATA);
	assert_string_equal(text, "line 3: the file ends here before its rows do; was it cut?");
	dataset = dataset_open(data_path("a.json"), NULL, NULL);
	assert_false(dataset_index(dataset, NULL, NULL));
	assert_rows(dataset, "1:a\n2:b\n");
	dataset_close(dataset);
}

static void rows_are_found_in_the_longest_array_of_an_object(void **state)
{
	static const char text[] = "{\"meta\": {\"n\": [1]}, \"tags\": [{\"x\": 1}], \"reviews\": [{\"text\": \"a\"}, {\"text\": \"b\"}], \"z\": [";
	struct dataset *dataset = open_as("a.json", "{\"tags\": [{\"x\": 1}], \"reviews\": [{\"text\": \"a\"},\n {\"text\": \"b\"}], \"n\": 2}",
	                                  DATASET_AUTO);

	(void)state;
	assert_int_equal(dataset_format(dataset), DATASET_JSON);
	assert_rows(dataset, "1:a\n2:b\n");
	assert_int_equal(dataset_notice_count(dataset), 1);
	assert_string_equal(dataset_notice(dataset, 0), "the rows are the objects in its array \"reviews\"; its other arrays are not read");
	dataset_close(dataset);
	assert_reads(text, "1:a\n1:b\n");
	assert_reads("{\"response\": {\"status\": 200, \"docs\": [{\"text\": \"a\"}, {\"text\": \"b\"}]}}", "1:a\n1:b\n");
}

static void an_object_alone_is_a_row_where_lines_are_meant(void **state)
{
	static const char text[] = "{\"text\": \"c\", \"reviews\": [{\"text\": \"a\"}, {\"text\": \"b\"}]}";
	struct dataset *dataset = open_as("a", text, DATASET_JSONL);

	(void)state;
	assert_rows(dataset, "1:c|[{\"text\":\"a\"},{\"text\":\"b\"}]\n");
	dataset_close(dataset);
	assert_reads("{\"text\": \"a\", \"tags\": [1, 2]}", "1:a|[1,2]\n");
	assert_reads("{\"review\": {\"text\": \"a\", \"label\": 1}, \"user\": {\"id\": 2}}", "1:a|1|2\n");
}

static void what_pandas_writes_is_read_in_each_of_its_orients(void **state)
{
	static const char rows[] = "0:a|1\n0:b|\n", lines[] = "1:a|1\n1:b|\n";

	(void)state;
	assert_reads("{\"text\":{\"0\":\"a\",\"1\":\"b\"},\"label\":{\"0\":1,\"1\":null}}", rows);
	assert_reads("{\"text\":{\"x\":\"a\",\"y\":\"b\"},\"label\":{\"x\":1,\"y\":null}}", rows);
	assert_reads("{\"text\":[\"a\",\"b\"],\"label\":[1,null]}", rows);
	assert_reads("{\"columns\":[\"text\",\"label\"],\"index\":[0,1],\"data\":[[\"a\",1],[\"b\",null]]}", lines);
	assert_reads("{\"0\":{\"text\":\"a\",\"label\":1},\"1\":{\"text\":\"b\",\"label\":null}}", lines);
	assert_reads("{\"schema\":{\"fields\":[{\"name\":\"text\"}]},\"data\":[{\"text\":\"a\",\"label\":1},{\"text\":\"b\",\"label\":null}]}",
	             lines);
	assert_reads("[[\"a\",1],[\"b\",null]]", lines);
	assert_reads("[[\"text\",\"label\"],[\"a\",1],[\"b\",null]]", lines);
	assert_columns("{\"columns\":[\"text\",\"label\"],\"index\":[0,1],\"data\":[[\"a\",1],[\"b\",null]]}", "text|label");
	assert_columns("[[\"text\",\"label\"],[\"a\",1],[\"b\",null]]", "text|label");
	assert_columns("[[\"a\",1],[\"b\",null]]", "column 1|column 2");
}

static void arrays_of_texts_and_lines_of_arrays_are_read(void **state)
{
	(void)state;
	assert_reads("[\"good\", \"bad\\n\"]", "1:good\n1:bad\n\n");
	assert_reads("[\"text\", \"label\"]\n[\"a\", 1]\n[\"b\", 0]\n[\"c\"]\n", "2:a|1\n3:b|0\n4!ragged\n");
}

static void columns_of_another_length_are_left_out_and_told(void **state)
{
	struct dataset *dataset = open_as("a.json", "{\"version\": 2, \"classes\": [\"neg\", \"pos\"], \"text\": [\"a\", \"b\", \"c\"], "
	                                            "\"label\": [0, 1, 1]}", DATASET_AUTO);

	(void)state;
	assert_rows(dataset, "0:a|0\n0:b|1\n0:c|1\n");
	assert_int_equal(dataset_notice_count(dataset), 3);
	assert_string_equal(dataset_notice(dataset, 1), "\"classes\" is left out: it has not a value for each of the 3 rows");
	dataset_close(dataset);
}

static void columns_whose_rows_cannot_be_matched_are_refused(void **state)
{
	static const char keys[] = "{\"text\": {\"0\": \"a\", \"1\": \"b\"},\n\"label\": {\"1\": 1, \"0\": 0}}";
	static const char cut[] = "{\"text\": [\"a\", \"b\"],\n\"label\": [1,";
	char text[1024];

	(void)state;
	assert_int_equal(data_refused("a.json", keys, sizeof keys - 1, text), ERROR_DATA);
	assert_string_equal(text, "line 2: its columns do not have the same keys, so that rows cannot be told");
	assert_int_equal(data_refused("a.json", cut, sizeof cut - 1, text), ERROR_DATA);
	assert_string_equal(text, "line 2: a value is expected");
}

static void values_inside_objects_have_columns_named_by_their_keys(void **state)
{
	static const char text[] = "{\"id\": 1, \"reviews\": {\"rating\": 5, \"text\": \"good\", \"by\": {\"name\": \"x\"}}}\n"
	                           "{\"id\": 2, \"reviews\": null}\n"
	                           "{\"id\": 3, \"reviews\": {\"text\": \"bad\", \"by\": {}}, \"a.b\": 7}\n"
	                           "{\"reviews.text\": \"fair\"}\n";

	(void)state;
	assert_columns(text, "id|reviews.rating|reviews.text|reviews.by.name|a.b");
	assert_reads(text, "1:1|5|good|x|\n2!no text\n3:3||bad||7\n4:||fair||\n");
}

static void keys_beyond_a_sane_number_are_no_columns(void **state)
{
	struct buffer text = {.maximum = 1 << 20};
	struct dataset *dataset;

	(void)state;
	assert_true(buffer_add_text(&text, "{\"text\": \"a\""));
	for (int i = 0; i < 9000; i++)
		assert_true(buffer_format(&text, ", \"%d\": {\"x\": %d}", i, i));
	assert_true(buffer_add_text(&text, "}\n"));
	dataset = open_as("a.jsonl", text.data, DATASET_AUTO);
	assert_true(dataset_columns(dataset) > 4000 && dataset_columns(dataset) <= 4096);
	assert_string_equal(dataset_notice(dataset, 0), "has more than 4,096 keys: the others are no columns");
	assert_string_equal(data_row(dataset, 0), "a|");
	dataset_close(dataset);
	buffer_free(&text);
}

static void the_last_of_a_repeated_key_counts(void **state)
{
	static const char text[] = "{\"text\": \"a\", \"o\": {\"x\": 1, \"y\": {\"z\": 2}}, \"label\": 1}\n"
	                           "{\"text\": \"a\", \"text\": \"b\", \"label\": 1, \"lab\\u0065l\": 2}\n"
	                           "{\"text\": \"c\", \"o\": {\"x\": 1, \"y\": {\"z\": 2}}, \"o\": {\"x\": 3}}\n"
	                           "{\"text\": \"d\", \"o\": {\"x\": 1}, \"o\": null}\n"
	                           "{\"text\": \"e\", \"text\": 5}\n";
	struct dataset *dataset = open_as("a", text, DATASET_AUTO);
	struct survey survey = {0};
	char told[200];

	(void)state;
	assert_rows(dataset, "1:a|1|2|1\n2:b|||2\n3:c|3||\n4:d|||\n5!no text\n");
	assert_true(dataset_survey(dataset, &survey, NULL, NULL));
	survey_describe(&survey, told, sizeof told);
	assert_string_equal(told, "5 rows: 4 used, 1 skipped (1 no text on line 5), 5 repeated keys overruled");
	survey_free(&survey);
	dataset_close(dataset);
}

static void values_are_what_python_makes_of_them(void **state)
{
	(void)state;
	assert_reads("{\"text\": \"x\", \"n\": 3}\n{\"text\": \"x\", \"n\": 3.0}\n{\"text\": \"x\", \"n\": 1e2}\n{\"text\": \"x\", \"n\": -0}\n"
	             "{\"text\": \"x\", \"n\": 12345678901234567890123}\n{\"text\": \"x\", \"n\": 1e15}\n{\"text\": \"x\", \"n\": 1E16}\n"
	             "{\"text\": \"x\", \"n\": 0.10}\n{\"text\": \"x\", \"n\": 5e-5}\n{\"text\": \"x\", \"n\": 1e999}\n"
	             "{\"text\": \"x\", \"n\": true}\n{\"text\": \"x\", \"n\": null}\n{\"text\": \"x\", \"n\": [1, {\"a\": \"b c\"}]}\n",
	             "1:x|3\n2:x|3.0\n3:x|100.0\n4:x|0\n5:x|12345678901234567890123\n6:x|1000000000000000.0\n7:x|1e+16\n"
	             "8:x|0.1\n9:x|5e-05\n10:x|inf\n11:x|true\n12:x|\n13:x|[1,{\"a\":\"b c\"}]\n");
	assert_reads("{\"text\": \"x\", \"n\": NaN}\n{\"text\": \"y\", \"n\": Infinity}\n{\"text\": \"z\", \"n\": -Infinity}\n",
	             "1:x|nan\n2:y|inf\n3:z|-inf\n");
}

static void what_no_text_can_hold_becomes_u_fffd_and_is_counted(void **state)
{
	struct dataset *dataset = open_as("a", "{\"a\\u0000\": \"\\u0000\", \"text\": \"x\\ud83d!\"}\n{\"text\": \"\\ud83d\\ude00\"}\n", DATASET_AUTO);
	struct survey survey = {0};

	(void)state;
	assert_string_equal(dataset_column_name(dataset, 0), "a\xEF\xBF\xBD");
	assert_rows(dataset, "1:\xEF\xBF\xBD|x\xEF\xBF\xBD!\n2:|\xF0\x9F\x98\x80\n");
	assert_true(dataset_survey(dataset, &survey, NULL, NULL));
	assert_int_equal(survey.replaced, 2);
	assert_int_equal(survey.used, 2);
	survey_free(&survey);
	dataset_close(dataset);
}

static void utf16_is_cut_by_its_units(void **state)
{
	static const char ascii[] = "[{\"text\": \"a]\"},\n{\"text\": \"b\"}]";
	char wide[2 * sizeof ascii] = "\xFF\xFE";
	struct dataset *dataset;

	(void)state;
	for (size_t i = 0; i < sizeof ascii - 1; i++) {
		wide[2 + 2 * i] = ascii[i];
		wide[3 + 2 * i] = '\0';
	}
	dataset = data_open("a", wide, sizeof wide, NULL);
	assert_rows(dataset, "1:a]\n2:b\n");
	dataset_close(dataset);
}

static void a_bracket_alone_makes_no_json(void **state)
{
	static const struct {
		const char *text;
		enum dataset_format format;
	} files[] = {
		{"[INFO] started\n{hello} world\n", DATASET_LINES},
		{"{hello} world\n[more]\n", DATASET_LINES},
		{"[1] one\n[2] two\n", DATASET_LINES},
		{"[1]\n[2]\n", DATASET_LINES},
		{"\"quoted\"\n{}\n", DATASET_LINES},
		{"[INFO] x\n{\"text\": \"a\"}\n{\"text\": \"b\"}\n", DATASET_JSONL},
		{"first line\n{\"text\": \"a\"}\n{\"text\": \"b\"}\n{\"text\": \"c\"}\n", DATASET_JSONL},
		{"[{\"text\": \"a\"}]", DATASET_JSON},
		{"{\"text\": [\"a\", \"b\"]}", DATASET_JSON},
		{"{\"text\": \"a\"}", DATASET_JSONL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct dataset *dataset = data_open("a", files[i].text, strlen(files[i].text), NULL);
		assert_int_equal(dataset_format(dataset), files[i].format);
		dataset_close(dataset);
	}
}

static bool note(void *context, uint64_t start, uint64_t line)
{
	return buffer_format(context, "%llu,%llu ", (unsigned long long)start, (unsigned long long)line);
}

/* The starts of rows, fed in pieces of `size` bytes. */
static void scan_in_pieces(const char *text, struct brackets brackets, size_t size, struct buffer *out)
{
	size_t left = strlen(text);

	brackets_begin(&brackets, 0);
	out->size = 0;
	for (; left > 0; left -= size < left ? size : left)
		if (!brackets_feed(&brackets, text + strlen(text) - left, size < left ? size : left, note, out))
			break;
	if (!brackets.fault)
		brackets_finish(&brackets, note, out);
	assert_true(buffer_format(out, "end %llu %s", (unsigned long long)brackets.end, brackets.fault ? brackets.fault : ""));
}

static void rows_start_at_the_same_places_wherever_blocks_end(void **state)
{
	static const char text[] = "{\"m\": {\"a\": [1, \"]\"]}, \"rows\": [ {\"text\": \"a \\\\\\\" } ] \\\\\", \"n\": [{}, {\"x\": [ ]}]},\r\n\r\n"
	                           "  {\"text\": \"b\"}\r,\n[1, 2], \"s]\\\"\" , 17,{\"long\": \"0123456789012345678901234567890123456789012345678901234567890"
	                           "1234567890123456789\\\\\"}\n] , \"more\": [{\"x\": 1}]} {\"text\": 1}\n{\"a\": \"open\n";
	const struct brackets ways[] = {
		{.line_bound = true}, {0}, {.container = 1}, {.container = 1, .keyed = true}, {.container = 4}, {.container = 9},
	};
	struct buffer whole = {.maximum = 4096}, pieces = {.maximum = 4096};

	(void)state;
	for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
		scan_in_pieces(text, ways[w], sizeof text, &whole);
		for (size_t size = 1; size < sizeof text; size++) {
			scan_in_pieces(text, ways[w], size, &pieces);
			assert_string_equal(pieces.data, whole.data);
		}
	}
	scan_in_pieces(text, ways[4], sizeof text, &whole);
	assert_string_equal(whole.data, "33,1 88,3 104,5 112,5 121,5 124,5 end 219 ");
	buffer_free(&whole);
	buffer_free(&pieces);
}

static void dictionaries_of_python_are_refused_with_the_way_out(void **state)
{
	static const char lines[] = "\n{'reviewText': 'a fine film', 'overall': 5.0}\n{'reviewText': 'a bad film', 'overall': 1.0}\n";
	const char *path = data_write("a.json", lines, sizeof lines - 1);
	struct error error = {0};

	(void)state;
	assert_null(dataset_open(path, NULL, &error));
	assert_int_equal(error.kind, ERROR_DATA);
	assert_non_null(strstr(error.text, "line 2: is no JSON: a key in quotes is expected; Python's dictionaries become JSON by "
	                                   "json.dumps(ast.literal_eval(line))"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_array_of_objects_is_read_however_it_is_laid_out),
		cmocka_unit_test(objects_one_after_the_other_are_rows_whatever_stands_between),
		cmocka_unit_test(a_broken_line_harms_no_other),
		cmocka_unit_test(a_broken_row_of_an_array_harms_no_other_while_its_brackets_close),
		cmocka_unit_test(a_cut_array_gives_the_rows_before_and_says_where_it_ends),
		cmocka_unit_test(rows_are_found_in_the_longest_array_of_an_object),
		cmocka_unit_test(an_object_alone_is_a_row_where_lines_are_meant),
		cmocka_unit_test(what_pandas_writes_is_read_in_each_of_its_orients),
		cmocka_unit_test(arrays_of_texts_and_lines_of_arrays_are_read),
		cmocka_unit_test(columns_of_another_length_are_left_out_and_told),
		cmocka_unit_test(columns_whose_rows_cannot_be_matched_are_refused),
		cmocka_unit_test(values_inside_objects_have_columns_named_by_their_keys),
		cmocka_unit_test(keys_beyond_a_sane_number_are_no_columns),
		cmocka_unit_test(the_last_of_a_repeated_key_counts),
		cmocka_unit_test(values_are_what_python_makes_of_them),
		cmocka_unit_test(what_no_text_can_hold_becomes_u_fffd_and_is_counted),
		cmocka_unit_test(utf16_is_cut_by_its_units),
		cmocka_unit_test(a_bracket_alone_makes_no_json),
		cmocka_unit_test(rows_start_at_the_same_places_wherever_blocks_end),
		cmocka_unit_test(dictionaries_of_python_are_refused_with_the_way_out),
	};

	return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
