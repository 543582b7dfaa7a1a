/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/data/corrections.c: labels that were set right are found by their row, are in the file before anything else
 * happens, and are what a dataset reads. */
#include "tests/unit/check.h"

#include "engine/base/file.h"
#include "engine/corrections.h"
#include "engine/dataset.h"

struct setting {
	char folder[256], path[400], data[400];
	struct error error;
};

static int begin(void **state)
{
	struct setting *setting = calloc(1, sizeof *setting);

	check_folder(setting->folder, sizeof setting->folder);
	snprintf(setting->path, sizeof setting->path, "%s/a.jsonl", setting->folder);
	snprintf(setting->data, sizeof setting->data, "%s/a.csv", setting->folder);
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

static void write_text(struct setting *setting, const char *path, const char *text)
{
	assert_true(file_replace(path, text, strlen(text), &setting->error));
}

static struct corrections *open_them(struct setting *setting)
{
	struct corrections *corrections = corrections_open(setting->path, false, &setting->error);

	assert_non_null(corrections);
	return corrections;
}

static void add(struct setting *setting, struct corrections *corrections, const char *text, const char *label, const char *to)
{
	assert_true(corrections_add(corrections, span_of(text), span_of(label), to, &setting->error));
}

static void check_is(struct corrections *corrections, const char *text, const char *label, const char *to)
{
	const char *found = corrections_find(corrections, span_of(text), span_of(label));

	if (to)
		assert_string_equal(found, to);
	else
		assert_null(found);
}

static void what_was_set_right_is_found_at_once_and_by_the_next_who_opens_it(void **state)
{
	struct setting *setting = *state;
	struct corrections *corrections = open_them(setting);

	add(setting, corrections, "good", "no", "yes");
	add(setting, corrections, "bad", "yes", "no");
	for (int visit = 0; visit < 2; visit++) {
		check_is(corrections, "good", "no", "yes");
		check_is(corrections, "bad", "yes", "no");
		check_is(corrections, "good", "yes", NULL);
		check_is(corrections, "other", "no", NULL);
		assert_int_equal(corrections_count(corrections), 2);
		corrections_free(corrections);
		corrections = open_them(setting);
	}
	corrections_free(corrections);
}

static void the_last_word_counts_and_may_take_the_others_back(void **state)
{
	struct setting *setting = *state;
	struct corrections *corrections = open_them(setting);

	add(setting, corrections, "good", "no", "yes");
	add(setting, corrections, "good", "no", "perhaps");
	check_is(corrections, "good", "no", "perhaps");
	add(setting, corrections, "bad", "", "no \"quoted\"");
	add(setting, corrections, "good", "no", NULL);
	for (int visit = 0; visit < 2; visit++) {
		check_is(corrections, "good", "no", NULL);
		check_is(corrections, "bad", "", "no \"quoted\"");
		assert_int_equal(corrections_count(corrections), 1);
		corrections_free(corrections);
		corrections = open_them(setting);
	}
	corrections_free(corrections);
}

static void a_line_that_a_crash_cut_short_spoils_no_other(void **state)
{
	struct setting *setting = *state;
	struct corrections *corrections = open_them(setting);
	size_t size;
	char *text;

	add(setting, corrections, "good", "no", "yes");
	add(setting, corrections, "bad", "yes", "no");
	corrections_free(corrections);
	text = file_read(setting->path, 10000, &size, &setting->error);
	text[size - 20] = '\0';
	write_text(setting, setting->path, text);
	free(text);
	corrections = open_them(setting);
	check_is(corrections, "good", "no", "yes");
	check_is(corrections, "bad", "yes", NULL);
	corrections_free(corrections);
}

static void what_is_no_correction_is_refused_with_its_line(void **state)
{
	static const char *const lines[] = {"{}", "[]", "x", "{\"row\": \"12\", \"new\": \"a\"}",
	                                    "{\"row\": \"0123456789abcdef0123456789abcdef\", \"new\": 5}",
	                                    "{\"row\": \"0123456789abcdef0123456789abcdeg\", \"new\": \"a\"}",
	                                    "{\"row\": \"0123456789abcdef0123456789abcdef\", \"new\": \"\"}"};
	struct setting *setting = *state;
	char text[400];

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		snprintf(text, sizeof text, "{\"row\": \"0123456789abcdef0123456789abcdef\", \"new\": \"a\"}\n\n%s\n", lines[i]);
		write_text(setting, setting->path, text);
		setting->error = (struct error){0};
		assert_null(corrections_open(setting->path, false, &setting->error));
		assert_non_null(strstr(setting->error.text, "line 3 is no correction"));
	}
}

static void a_file_that_is_needed_must_be_there(void **state)
{
	struct setting *setting = *state;

	assert_null(corrections_open(setting->path, true, &setting->error));
	assert_non_null(strstr(setting->error.text, setting->path));
}

static void a_dataset_reads_the_labels_that_were_set_right(void **state)
{
	struct setting *setting = *state;
	const struct dataset_options options = {.corrections = setting->path, .text_column = "text", .label_column = "label"};
	struct corrections *corrections = open_them(setting);
	struct row *row = row_new(&setting->error);
	struct survey survey = {0};
	struct dataset *dataset;

	write_text(setting, setting->data, "text,label\ngood,no\nbad,no\nnone,\ngood,yes\n");
	add(setting, corrections, "good", "no", "maybe");
	add(setting, corrections, "none", "", "yes");
	corrections_free(corrections);
	dataset = dataset_open(setting->data, &options, &setting->error);
	assert_non_null(dataset);
	assert_true(dataset_survey(dataset, &survey, NULL, &setting->error));
	assert_int_equal(survey.used, 4);
	assert_int_equal(survey.label_count, 3);
	assert_true(dataset_read(dataset, 0, row, &setting->error));
	assert_true(row->corrected && span_equal(row->label, span_of("maybe")) && span_equal(row->file_label, span_of("no")));
	assert_true(span_equal(row->labels[0], span_of("maybe")));
	assert_true(dataset_read(dataset, 3, row, &setting->error));
	assert_false(row->corrected);
	assert_true(corrections_add(dataset_corrections(dataset), row->text, row->file_label, "maybe", &setting->error));
	assert_true(dataset_read(dataset, 3, row, &setting->error));
	assert_true(row->corrected);
	survey_free(&survey);
	dataset_close(dataset);
	row_free(row);
}

static void data_with_several_labels_a_review_are_refused(void **state)
{
	struct setting *setting = *state;
	const struct dataset_options options = {.corrections = setting->path, .label_column = "a,b"};
	struct corrections *corrections = open_them(setting);

	add(setting, corrections, "good", "no", "maybe");
	corrections_free(corrections);
	write_text(setting, setting->data, "text,a,b\ngood film,0,1\nbad film,1,0\n");
	assert_null(dataset_open(setting->data, &options, &setting->error));
	assert_int_equal(setting->error.kind, ERROR_USAGE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_set_right_is_found_at_once_and_by_the_next_who_opens_it, begin, end),
		cmocka_unit_test_setup_teardown(the_last_word_counts_and_may_take_the_others_back, begin, end),
		cmocka_unit_test_setup_teardown(a_line_that_a_crash_cut_short_spoils_no_other, begin, end),
		cmocka_unit_test_setup_teardown(what_is_no_correction_is_refused_with_its_line, begin, end),
		cmocka_unit_test_setup_teardown(a_file_that_is_needed_must_be_there, begin, end),
		cmocka_unit_test_setup_teardown(a_dataset_reads_the_labels_that_were_set_right, begin, end),
		cmocka_unit_test_setup_teardown(data_with_several_labels_a_review_are_refused, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
