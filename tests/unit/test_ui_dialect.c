/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a file is written, as a form: ui/data/dialect_form.c, ui/data/dialect_preview.c, ui/choices.c. The test waits for the wake
 * in the place of the loop. */
#include "tests/unit/check.h"

#include "ui/choices.h"
#include "ui/data/dialect_form.h"
#include "ui/data/dialect_preview.h"

#include <poll.h>

struct setting {
	char folder[256], file[300];
	struct wake *wake;
	struct jobs *jobs;
	struct error error;
};

static int begin(void **state)
{
	struct setting *setting = calloc(1, sizeof *setting);

	check_folder(setting->folder, sizeof setting->folder);
	snprintf(setting->file, sizeof setting->file, "%s/reviews.csv", setting->folder);
	setting->wake = wake_new(&setting->error);
	setting->jobs = jobs_new(setting->wake, &setting->error);
	assert_non_null(setting->jobs);
	*state = setting;
	return 0;
}

static int end(void **state)
{
	struct setting *setting = *state;

	jobs_free(setting->jobs);
	wake_free(setting->wake);
	check_folder_remove(setting->folder);
	free(setting);
	return 0;
}

static void write_bytes(const struct setting *setting, const char *bytes, size_t size)
{
	FILE *file = fopen(setting->file, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void write_text(const struct setting *setting, const char *text)
{
	write_bytes(setting, text, strlen(text));
}

/* NULL: the file cannot be read so, which *error says. The caller frees it. */
static struct dialect_preview *preview_of(struct setting *setting, const struct dialect_form *form)
{
	struct job *job = dialect_preview_start(setting->jobs, setting->file, form, &setting->error);
	struct dialect_preview *preview = NULL;

	assert_non_null(job);
	while (!job_finished(job)) {
		poll(&(struct pollfd){wake_fd(setting->wake), POLLIN, 0}, 1, 20);
		wake_clear(setting->wake);
	}
	if (job_error(job))
		setting->error = *job_error(job);
	else
		preview = dialect_preview_take(job);
	job_let_go(&job);
	return preview;
}

/* "2 fine|a" of each row, with what is wrong with it. */
static void assert_preview(struct setting *setting, const struct dialect_form *form, const char *expected)
{
	struct dialect_preview *preview = preview_of(setting, form);
	char text[1000] = "";

	assert_non_null(preview);
	for (int i = 0; i < preview->rows; i++) {
		const struct preview_row *row = &preview->row[i];

		snprintf(text + strlen(text), sizeof text - strlen(text), "%d%s ", (int)row->line, row->status == ROW_OK ? "" : "!");
		for (int cell = 0; cell < row->count; cell++)
			snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", row->cells[cell], cell + 1 < row->count ? "|" : "\n");
	}
	assert_string_equal(text, expected);
	dialect_preview_free(preview);
}

static void set(struct dialect_form *form, const char *name, const char *word)
{
	struct error error = {0};

	if (!dialect_form_set(form, dialect_form_find(name), word, &error))
		fail_msg("%s", error.text);
}

static void assert_word(const struct dialect_form *form, const char *name, const char *expected)
{
	char word[OPTION_TEXT_MAX];

	dialect_form_format(form, dialect_form_find(name), word);
	assert_string_equal(word, expected);
}

static void what_stands_in_capitals_is_no_word_of_a_list(void **state)
{
	char *word = choices_complete("auto|UTF-8|NAME|utf-16", "U", 0);

	(void)state;
	assert_int_equal(choices_word("auto|NAME|no", 1).size, 2);
	assert_int_equal(choices_word("auto|NAME|no", 2).size, 0);
	assert_string_equal(word, "UTF-8");
	assert_null(choices_complete("auto|UTF-8|NAME|utf-16", "U", 1));
	free(word);
}

static void each_word_of_a_field_is_one_that_it_takes_and_comes_back_as_itself(void **state)
{
	(void)state;
	for (int field = 0; field < DIALECT_FIELDS; field++) {
		struct span word;
		int count = 0;

		assert_int_equal(dialect_form_find(dialect_form_name(field)), field);
		for (; (word = choices_word(dialect_form_words(field), count)).size > 0; count++) {
			struct dialect_form form = {.no_label = false};
			char text[64], back[OPTION_TEXT_MAX];
			struct error error = {0};

			snprintf(text, sizeof text, "%.*s", (int)word.size, word.data);
			assert_true(dialect_form_set(&form, field, text, &error));
			dialect_form_format(&form, field, back);
			assert_string_equal(back, text);
			assert_int_equal(dialect_form_is_said(&form, field), strcmp(text, "auto") != 0);
		}
		assert_true(count > 0);
	}
}

static void no_word_of_the_table_of_the_dialect_is_missing_in_the_form(void **state)
{
	(void)state;
	for (int row = 0; row < DIALECT_ROW_COUNT; row++) {
		struct span word;

		for (int i = 0; (word = choices_word(dialect_rows[row].values, i)).size > 0; i++) {
			char text[64], *found;

			snprintf(text, sizeof text, "%.*s", (int)word.size, word.data);
			found = choices_complete(dialect_form_words(row), text, 0);
			assert_non_null(found);
			free(found);
		}
	}
}

static void a_word_that_a_field_does_not_take_changes_nothing(void **state)
{
	struct dialect_form form = {.no_label = false};
	struct error error = {0};

	(void)state;
	set(&form, "delimiter", "semicolon");
	assert_false(dialect_form_set(&form, DIALECT_delimiter, "both", &error));
	assert_non_null(strstr(error.text, "--delimiter \"both\": must be"));
	assert_word(&form, "delimiter", "semicolon");
	assert_false(dialect_form_set(&form, DIALECT_encoding, "no-such", &error));
	assert_word(&form, "encoding", "auto");
	assert_int_equal(dialect_form_find("nonsense"), -1);
	assert_int_equal(dialect_form_find("format"), DIALECT_input_format);
}

static void the_command_line_names_what_is_said_and_quotes_it(void **state)
{
	struct dialect_form form = {.no_label = false};
	char *command = dialect_form_command(&form, "a b.csv");

	(void)state;
	assert_string_equal(command, "revue 'a b.csv'");
	free(command);
	set(&form, "delimiter", "|");
	set(&form, "header", "no");
	set(&form, "text-column", "it's \033[31m");
	set(&form, "label-column", "none");
	command = dialect_form_command(&form, "-x.csv");
	assert_string_equal(command, "revue ./-x.csv --delimiter bar --header no --text-column 'it'\\''s \033[31m' --label-column ''");
	free(command);
}

static void a_preview_shows_the_first_rows_as_they_would_be_read(void **state)
{
	struct setting *setting = *state;
	struct dialect_form form = {.no_label = false};

	write_text(setting, "text;label\ncaf\351, x;a\nso;b;c\n");
	assert_preview(setting, &form, "2 caf\303\251, x|a\n3! so|b|c\n");
	set(&form, "encoding", "UTF-8");
	set(&form, "delimiter", "comma");
	set(&form, "header", "no");
	assert_preview(setting, &form, "1 text;label\n2! caf\357\277\275| x;a\n3 so;b;c\n");
}

static void a_preview_says_what_was_found_and_what_was_guessed(void **state)
{
	struct setting *setting = *state;
	struct dialect_form form = {.no_label = false};
	struct dialect_preview *preview;
	char word[DIALECT_WORD_MAX];

	write_text(setting, "text\tkind\tauto\nfine\tx\ta\nso\ty\tb\n");
	set(&form, "label-column", "3");
	preview = preview_of(setting, &form);
	assert_non_null(preview);
	dialect_form_word(&preview->taken, DIALECT_delimiter, word);
	assert_string_equal(word, "tab");
	dialect_form_word(&preview->taken, DIALECT_header, word);
	assert_string_equal(word, "yes");
	assert_int_equal(preview->taken.format, DATASET_TSV);
	assert_true(preview->column[0].text && preview->column[2].label && !preview->column[2].guessed);
	assert_string_equal(preview->column[1].word, "kind");
	assert_string_equal(preview->column[2].word, "3");
	dialect_preview_free(preview);
}

static void what_a_file_is_not_is_one_line_of_a_preview(void **state)
{
	struct setting *setting = *state;
	struct dialect_form form = {.no_label = false};

	write_text(setting, "text,label\nfine,a\n");
	set(&form, "text-column", "nowhere");
	assert_null(preview_of(setting, &form));
	assert_non_null(strstr(setting->error.text, "has no column \"nowhere\"; it has: text, label"));
	set(&form, "text-column", "text");
	set(&form, "label-column", "text");
	assert_null(preview_of(setting, &form));
	assert_non_null(strstr(setting->error.text, "that column is the text"));
	set(&form, "label-column", "auto");
	set(&form, "header", "7");
	assert_null(preview_of(setting, &form));
	assert_non_null(strstr(setting->error.text, "the file has no such line"));
}

static void a_quote_that_does_not_close_stops_a_preview_with_its_line(void **state)
{
	struct setting *setting = *state;
	struct dialect_form form = {.no_label = false};
	struct dialect_preview *preview;

	write_text(setting, "text,label\nfine,a\n'so,b\n");
	set(&form, "quote", "single");
	preview = preview_of(setting, &form);
	assert_non_null(preview);
	assert_int_equal(preview->rows, 1);
	assert_non_null(strstr(preview->stopped.text, "line 3"));
	dialect_preview_free(preview);
}

/* Of the widest table only so much is kept. */
static void a_preview_of_a_hostile_table_stays_small(void **state)
{
	struct setting *setting = *state;
	const size_t columns = 3000, rows = 200, size = columns * (rows + 1) * 2;
	struct dialect_form form = {.no_label = false};
	char *table = malloc(size);
	struct dialect_preview *preview;

	assert_non_null(table);
	for (size_t i = 0; i < size; i += 2) {
		table[i] = 'x';
		table[i + 1] = (i / 2 + 1) % columns == 0 ? '\n' : ',';
	}
	write_bytes(setting, table, size);
	free(table);
	preview = preview_of(setting, &form);
	assert_non_null(preview);
	assert_int_equal(preview->column_count, 3000);
	assert_int_equal(preview->columns, PREVIEW_COLUMNS);
	assert_int_equal(preview->rows, PREVIEW_ROWS);
	assert_int_equal(preview->row[0].count, PREVIEW_COLUMNS);
	dialect_preview_free(preview);
}

static void text_and_label_behind_many_columns_are_in_a_preview(void **state)
{
	struct setting *setting = *state;
	const struct dialect_form form = {.no_label = false};
	struct dialect_preview *preview;
	const struct preview_column *last;
	FILE *file = fopen(setting->file, "w");

	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		fprintf(file, "c%d,", i);
	fputs("text,label\n", file);
	for (int row = 0; row < 4; row++) {
		for (int i = 0; i < 1000; i++)
			fprintf(file, "%d,", i + row);
		fprintf(file, "A film,%s\n", row % 2 ? "good" : "bad");
	}
	assert_int_equal(fclose(file), 0);
	preview = preview_of(setting, &form);
	assert_non_null(preview);
	assert_int_equal(preview->column_count, 1002);
	assert_int_equal(preview->columns, PREVIEW_COLUMNS + 2);
	last = &preview->column[preview->columns - 1];
	assert_true(last[-1].text);
	assert_true(last->label);
	assert_string_equal(last->name, "label");
	assert_int_equal(preview->row[0].count, preview->columns);
	assert_string_equal(preview->row[0].cells[PREVIEW_COLUMNS - 1], "511");
	assert_string_equal(preview->row[0].cells[PREVIEW_COLUMNS], "A film");
	assert_string_equal(preview->row[1].cells[PREVIEW_COLUMNS + 1], "good");
	dialect_preview_free(preview);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stands_in_capitals_is_no_word_of_a_list),
		cmocka_unit_test(each_word_of_a_field_is_one_that_it_takes_and_comes_back_as_itself),
		cmocka_unit_test(no_word_of_the_table_of_the_dialect_is_missing_in_the_form),
		cmocka_unit_test(a_word_that_a_field_does_not_take_changes_nothing),
		cmocka_unit_test(the_command_line_names_what_is_said_and_quotes_it),
		cmocka_unit_test_setup_teardown(a_preview_shows_the_first_rows_as_they_would_be_read, begin, end),
		cmocka_unit_test_setup_teardown(a_preview_says_what_was_found_and_what_was_guessed, begin, end),
		cmocka_unit_test_setup_teardown(what_a_file_is_not_is_one_line_of_a_preview, begin, end),
		cmocka_unit_test_setup_teardown(a_quote_that_does_not_close_stops_a_preview_with_its_line, begin, end),
		cmocka_unit_test_setup_teardown(text_and_label_behind_many_columns_are_in_a_preview, begin, end),
		cmocka_unit_test_setup_teardown(a_preview_of_a_hostile_table_stays_small, begin, end),
	};

	return cmocka_run_group_tests_name("ui_dialect", tests, NULL, NULL);
}
