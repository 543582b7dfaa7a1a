/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The report before the first step, on files made for it; and that a training takes its rows in the order of its split. */
#include "tests/unit/train_check.h"

#include "engine/train/rows/split_make.h"
#include "engine/train/rows/text_facts.h"

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* Trains one step on the folder's data and gives run.json; the caller frees it with run_record_free. */
static void train_report(struct train_folder *folder, struct run_record *record)
{
	struct error error = {0};

	train_set(&folder->options, "num-train-epochs", "0.1");
	train_whole(folder, folder->run);
	assert_true(run_record_read(folder->run, record, &error));
	assert_non_null(record->report);
}

static json_int_t number(const struct run_record *record, const char *object, const char *key)
{
	const json_t *value = json_object_get(json_object_get(record->report, object), key);

	if (!json_is_integer(value))
		fail_msg("no %s.%s", object, key);
	return json_integer_value(value);
}

/* Whether a line, or a warning, is or begins with this text. */
static bool says(const struct run_record *record, const char *key, const char *text)
{
	const json_t *lines = json_object_get(record->report, key);

	for (size_t i = 0; i < json_array_size(lines); i++)
		if (strncmp(json_string_value(json_array_get(lines, i)), text, strlen(text)) == 0)
			return true;
	for (size_t i = 0; i < json_array_size(lines); i++)
		print_message("%s\n", json_string_value(json_array_get(lines, i)));
	return false;
}

/* Texts */

static uint64_t hash_of(const char *text)
{
	return text_hash(span_of(text));
}

static void texts_of_the_same_words_have_the_same_hash(void **state)
{
	char text[10000], spaced[20000];
	size_t used = 0;

	(void)state;
	assert_int_equal(hash_of("a good film"), hash_of("  a\tgood \r\n film\n"));
	assert_int_not_equal(hash_of("a good film"), hash_of("a goodfilm"));
	assert_int_not_equal(hash_of("a good film"), hash_of("a good films"));
	assert_int_not_equal(hash_of("a good film"), hash_of("A good film"));
	assert_int_not_equal(hash_of("12345678"), hash_of("1234567"));
	assert_int_equal(hash_of(""), TEXT_EMPTY);
	assert_int_equal(hash_of(" \n\t"), TEXT_EMPTY);
	/* Also where the text is hashed in several pieces, wherever they end. */
	for (size_t i = 0; i < sizeof text - 1; i++) {
		text[i] = i % 7 == 3 && i + 2 < sizeof text ? ' ' : (char)('a' + i % 23);
		spaced[used++] = text[i];
		if (text[i] == ' ')
			spaced[used++] = i % 2 ? '\n' : ' ';
	}
	text[sizeof text - 1] = spaced[used] = '\0';
	assert_int_equal(hash_of(text), hash_of(spaced));
	for (size_t size = 4070; size < 4110; size++)
		assert_int_not_equal(text_hash((struct span){text, size}), text_hash((struct span){text, size + 2}));
}

static void texts_are_counted_on_both_sides(void **state)
{
	struct text_set set = {0};
	struct text_counts counts;

	(void)state;
	for (uint64_t i = 1; i <= 5000; i++)
		assert_true(text_set_add(&set, i, 0, i % 10 == 0, NULL));
	for (uint64_t i = 1; i <= 100; i++)
		assert_true(text_set_add(&set, i, i <= 30, false, NULL));
	assert_true(text_set_add(&set, TEXT_EMPTY, 0, false, NULL));
	assert_true(text_set_add(&set, TEXT_EMPTY, 1, true, NULL));
	assert_true(text_set_add(&set, 4990, 0, true, NULL));
	counts = text_set_count(&set);
	assert_int_equal(counts.empty, 1);
	assert_int_equal(counts.empty_held_out, 1);
	assert_int_equal(counts.doubled, 90);
	assert_int_equal(counts.doubled_held_out, 1);
	assert_int_equal(counts.in_both, 10);
	assert_int_equal(counts.two_labels, 30);
	text_set_free(&set);
}

/* The report */

static void the_report_counts_labels_texts_and_tokens(void **state)
{
	struct train_folder *folder = *state;
	char validation[400];
	struct run_record record = {0};

	snprintf(validation, sizeof validation, "%s/validation.csv", folder->path);
	write_file(folder->data, "text,label\ngood film,yes\nbad film,no\nbad  film ,no\ngood film,no\n\" \",yes\n"
	                         "it was a very very very dull story,no\ngood,yes\nlovely place,yes\ngreat,yes\na,b,c\nawful,no\nx,\n");
	write_file(validation, "text,label\ngood film,yes\nnew,no\nnew,no\nbad film,yes\n");
	train_set(&folder->options, "validation", validation);
	train_set(&folder->options, "max-length", "6");
	train_report(folder, &record);
	assert_int_equal(number(&record, "rows", "read"), 12);
	assert_int_equal(number(&record, "rows", "used"), 10);
	assert_int_equal(number(&record, "rows", "training"), 10);
	assert_int_equal(number(&record, "rows", "validation"), 4);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(json_object_get(record.report, "rows"), "skipped"),
	                                                    row_status_name(ROW_RAGGED))), 1);
	assert_int_equal(number(&record, "validation_rows", "used"), 4);
	assert_int_equal(number(&record, "texts", "empty"), 1);
	assert_int_equal(number(&record, "texts", "doubled"), 2);
	assert_int_equal(number(&record, "texts", "doubled_validation"), 1);
	assert_int_equal(number(&record, "texts", "in_both"), 2);
	assert_int_equal(number(&record, "texts", "two_labels"), 2);
	/* The long one has 8 words and two special tokens, of which 6 count. */
	assert_int_equal(number(&record, "lengths", "longest"), 10);
	assert_int_equal(number(&record, "lengths", "truncated"), 1);
	assert_int_equal(number(&record, "lengths", "tokens_lost"), 4);
	assert_int_equal(number(&record, "lengths", "median"), 4);
	assert_true(says(&record, "lines", "labels: no 5 (50 %), yes 5 (50 %)"));
	assert_true(says(&record, "lines", "to measure on: no 2 (50 %), yes 2 (50 %)"));
	assert_true(says(&record, "lines", "tokens: median 4, longest 10; 7.1 % of the reviews are cut after 6"));
	assert_true(says(&record, "lines", "texts: 1 empty, 3 repeat an earlier one"));
	assert_true(says(&record, "warnings", "2 of the 4 rows to measure on have a text that is trained on too"));
	assert_true(says(&record, "warnings", "2 texts stand there with more than one label"));
	assert_true(train_has_event(folder->run, "warning: 2 texts stand there with more than one label"));
	run_record_free(&record);
}

static void the_report_names_new_tensors_and_counts_parameters_and_memory(void **state)
{
	struct train_folder *folder = *state;
	struct run_record record = {0};
	json_int_t parameters, sum = 0;
	const char *key;
	json_t *value;

	train_report(folder, &record);
	assert_int_equal(json_array_size(json_object_get(record.report, "new_tensors")), 4);
	assert_string_equal(json_string_value(json_array_get(json_object_get(record.report, "new_tensors"), 2)), "classifier.weight");
	assert_true(says(&record, "lines", "newly initialised: bert.pooler.dense.weight, bert.pooler.dense.bias, classifier.weight, "
	                                   "classifier.bias"));
	parameters = number(&record, "parameters", "total");
	assert_int_equal(number(&record, "parameters", "trainable"), parameters);
	assert_in_range(number(&record, "memory", "parameters"), 4 * parameters, 4 * parameters + 100000);
	assert_in_range(number(&record, "memory", "gradients"), 4 * parameters, 4 * parameters + 100000);
	assert_in_range(number(&record, "memory", "moments"), 8 * parameters, 8 * parameters + 100000);
	json_object_foreach(json_object_get(record.report, "memory"), key, value)
		sum += strcmp(key, "total") != 0 && strcmp(key, "available") != 0 ? json_integer_value(value) : 0;
	assert_int_equal(number(&record, "memory", "total"), sum);
	assert_int_equal(number(&record, "time", "steps"), record.steps);
	assert_true(json_is_null(json_object_get(json_object_get(record.report, "time"), "seconds")));
	run_record_free(&record);
}

/* "good" and "bad" tell the labels apart, in rows of their own. */
static void write_plain(struct train_folder *folder)
{
	FILE *file = fopen(folder->data, "w");

	assert_non_null(file);
	fputs("text,label\n", file);
	for (int i = 0; i < 40; i++)
		fprintf(file, "a %s thing number %d,%s\n", i % 2 ? "good" : "bad", i, i % 2 ? "yes" : "no");
	fclose(file);
}

static void what_a_linear_model_on_words_makes_of_the_rows_is_told(void **state)
{
	struct train_folder *folder = *state;
	struct run_record record = {0};
	struct run_baseline baseline;
	struct error error = {0};
	struct run *run;

	write_plain(folder);
	train_set(&folder->options, "validation", "0.2");
	train_report(folder, &record);
	assert_int_equal(number(&record, "baseline", "training_rows"), 32);
	assert_int_equal(number(&record, "baseline", "validation_rows"), 8);
	assert_true(says(&record, "lines", "baseline: a linear model on words, fitted to 32 of the rows that train in "));
	run = run_open(folder->run, &error);
	assert_non_null(run);
	assert_true(run_baseline(run, &baseline));
	assert_true(baseline.accuracy == 1 && baseline.f1 == 1 && baseline.loss > 0 && baseline.loss < 0.69);
	assert_int_equal(baseline.held_out, 8);
	assert_non_null(strstr(baseline.words, "no \""));
	assert_non_null(strstr(baseline.words, "bad"));
	assert_non_null(strstr(baseline.words, "; yes \""));
	assert_non_null(strstr(baseline.words, "good"));
	run_close(run);
	run_record_free(&record);
}

static void the_baseline_can_be_left_out(void **state)
{
	struct train_folder *folder = *state;
	struct run_record record = {0};

	write_plain(folder);
	train_set(&folder->options, "validation", "0.2");
	train_set(&folder->options, "baseline", "false");
	train_report(folder, &record);
	assert_true(json_is_null(json_object_get(record.report, "baseline")));
	run_record_free(&record);
}

static void a_label_of_few_rows_is_warned_of(void **state)
{
	struct train_folder *folder = *state;
	struct run_record record = {0};

	write_file(folder->data, "text,label\na,x\nb,y\na b,x\nb a,y\nc,x\nd,y\ne,x\nf,y\ng,x\nh,y\ni,z\nj,z\n");
	train_set(&folder->options, "validation", "0");
	train_report(folder, &record);
	assert_true(says(&record, "warnings", "1 label has fewer than 5 rows to train on: \"z\" (2)"));
	assert_true(says(&record, "lines", "tokens: median 3, longest 4; no review is cut"));
	assert_false(json_is_object(json_object_get(record.report, "validation_rows")));
	run_record_free(&record);
}

static void labels_are_listed_by_their_rows_and_warned_of_from_the_rarest_on(void **state)
{
	static const char labels[] = "abcdefghij";
	struct train_folder *folder = *state;
	struct run_record record = {0};
	FILE *file = fopen(folder->data, "w");

	assert_non_null(file);
	fputs("text,label\n", file);
	for (int label = 0; label < 10; label++)
		for (int row = 0; row <= label; row++)
			fprintf(file, "a b,%c\n", labels[9 - label - (label % 2 ? -1 : 1) * (label < 8)]);
	fclose(file);
	train_set(&folder->options, "validation", "0");
	train_report(folder, &record);
	assert_true(says(&record, "lines", "labels: a 10 (18 %), b 9 (16 %), d 8 (15 %), c 7 (13 %), "));
	assert_true(says(&record, "warnings", "4 labels have fewer than 5 rows to train on: \"i\" (1), \"j\" (2), \"g\" (3), ..."));
	run_record_free(&record);
}

static void labels_that_are_dates_are_warned_of(void **state)
{
	struct train_folder *folder = *state;
	struct run_record record = {0};

	write_file(folder->data, "text,label\na,2020-01-01\nb,2020-01-02\na b,2020-01-03\nb a,2020-01-04\nc,2020-01-04\n");
	train_set(&folder->options, "validation", "0");
	train_report(folder, &record);
	assert_true(says(&record, "warnings", "4 of 4 labels look like dates: does the label column hold ids or dates?"));
	run_record_free(&record);
}

/* The training of train_report has two steps, which are 0.12 epochs. */
static void expect_evaluations(struct train_folder *folder, const char *const settings[][2], size_t count, const char *said)
{
	struct run_record record;

	train_options_init(&folder->options);
	for (size_t i = 0; i < count; i++)
		train_set(&folder->options, settings[i][0], settings[i][1]);
	train_set(&folder->options, "per-device-train-batch-size", "8");
	check_folder_remove(folder->run);
	train_report(folder, &record);
	assert_true(says(&record, "warnings", said));
	run_record_free(&record);
}

#define EVALUATIONS(said, ...) \
	do { \
		const char *const settings[][2] = {__VA_ARGS__}; \
		expect_evaluations(folder, settings, sizeof settings / sizeof *settings, said); \
	} while (0)

static void evaluations_that_never_come_are_warned_of(void **state)
{
	struct train_folder *folder = *state;

	EVALUATIONS("--eval-delay 5 is more than the 0.117647 epochs of this training: nothing is measured, so that "
	            "--early-stopping-patience, --load-best-model-at-end have nothing to choose from",
	            {"eval-delay", "5"}, {"early-stopping-patience", "2"}, {"load-best-model-at-end", "true"});
	EVALUATIONS("--eval-delay 3 is more than the 2 steps of this training: nothing is measured", {"eval-delay", "3"},
	            {"eval-strategy", "steps"}, {"eval-steps", "1"});
	EVALUATIONS("--eval-steps 100 is more than the 2 steps of this training: it is measured once, after the last, so that "
	            "--load-best-model-at-end has nothing to choose from", {"load-best-model-at-end", "true"},
	            {"eval-strategy", "steps"}, {"eval-steps", "100"});
}

static void rows_sorted_by_label_are_warned_of_where_some_are_drawn(void **state)
{
	struct train_folder *folder = *state;
	FILE *file = fopen(folder->data, "w");
	struct run_record record = {0};

	fputs("text,label\n", file);
	for (int i = 0; i < 60; i++)
		fprintf(file, "%s %s %d,%s\n", train_words[i % 6], train_words[6 + i % 10], i, i < 30 ? "neg" : "pos");
	fclose(file);
	train_set(&folder->options, "max-train-samples", "20");
	train_report(folder, &record);
	assert_true(says(&record, "warnings", "the rows of the file are sorted by label: its first 20 rows would be of one label"));
	assert_int_equal(number(&record, "rows", "training"), 20);
	run_record_free(&record);
}

static void the_report_stays_when_a_run_goes_on(void **state)
{
	struct train_folder *folder = *state;
	struct run_record before = {0}, after = {0};
	struct error error = {0};

	train_until(folder, folder->run, 4);
	assert_true(run_record_read(folder->run, &before, &error));
	train_resume_whole(folder->run);
	assert_true(run_record_read(folder->run, &after, &error));
	assert_non_null(before.report);
	assert_true(json_equal(before.report, after.report));
	run_record_free(&before);
	run_record_free(&after);
}

static void a_long_training_is_timed_by_a_probe_that_changes_nothing(void **state)
{
	struct train_folder *folder = *state;
	const struct run_point *with, *without;
	struct run_record record = {0};
	struct run *probed, *other;
	struct error error = {0};
	size_t count;

	train_set(&folder->options, "lr-scheduler-type", "constant");
	train_set(&folder->options, "num-train-epochs", "400");
	train_until(folder, folder->run, 3);
	train_set(&folder->options, "num-train-epochs", "1");
	train_whole(folder, folder->other);
	assert_true(run_record_read(folder->run, &record, &error));
	assert_true(number(&record, "time", "probe_tokens") > 0);
	assert_true(json_real_value(json_object_get(json_object_get(record.report, "time"), "seconds")) > 0);
	run_record_free(&record);
	assert_true(run_record_read(folder->other, &record, &error));
	assert_int_equal(number(&record, "time", "probe_tokens"), 0);
	run_record_free(&record);
	probed = run_open(folder->run, &error);
	other = run_open(folder->other, &error);
	with = run_points(probed, &count);
	without = run_points(other, &count);
	for (int i = 0; i < 3; i++)
		assert_true(with[i].loss == without[i].loss && with[i].grad_norm == without[i].grad_norm);
	run_close(probed);
	run_close(other);
}

/* The order of rows */

/* The training rows of a split as a file of their own, in its order. */
static void write_split(const struct train_folder *folder, const char *path, const struct split_request *request)
{
	char lines[200][160];
	struct split split = {0};
	struct error error = {0};
	FILE *file = fopen(folder->data, "r");
	size_t count = 0;

	assert_non_null(file);
	assert_non_null(fgets(lines[0], sizeof lines[0], file)); /* the header */
	while (fgets(lines[count], sizeof lines[0], file))
		count++;
	fclose(file);
	assert_int_equal(count, request->count);
	assert_true(split_make(&split, request, &error));
	file = fopen(path, "w");
	fputs("text,label\n", file);
	for (uint32_t i = 0; i < split.training_count; i++)
		fputs(lines[split.training[i]], file);
	fclose(file);
	split_free(&split);
}

/* A training with a split has the same bits as one on a file that holds its rows in their order. */
static void check_order(struct train_folder *folder, const char *split, const char *samples)
{
	static const int32_t labels[150];
	struct split_request request = {.labels = labels, .label_count = 1, .count = 150};

	train_set(&folder->options, "split", split);
	train_set(&folder->options, "stratify", "false");
	train_set(&folder->options, "validation", "0.2");
	train_set(&folder->options, "max-train-samples", samples);
	train_set(&folder->options, "split-seed", "5");
	split_take_options(&request, &folder->options);
	train_whole(folder, folder->run);
	write_split(folder, folder->data, &request);
	train_set(&folder->options, "split", "revue");
	train_set(&folder->options, "validation", "0");
	train_set(&folder->options, "max-train-samples", "0");
	train_whole(folder, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

static void rows_are_trained_on_in_the_order_of_scikit_learn(void **state)
{
	check_order(*state, "sklearn", "0");
}

static void rows_are_trained_on_in_the_order_of_datasets_also_where_some_are_selected(void **state)
{
	check_order(*state, "datasets", "64");
}

static void a_number_of_rows_is_held_out_and_some_are_measured_on(void **state)
{
	struct train_folder *folder = *state;
	struct run_record record = {0};

	train_set(&folder->options, "validation", "30");
	train_set(&folder->options, "max-eval-samples", "10");
	train_report(folder, &record);
	assert_in_range(number(&record, "rows", "training"), 119, 121);
	assert_int_equal(number(&record, "rows", "validation"), 10);
	run_record_free(&record);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, train_setup, train_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_of_the_same_words_have_the_same_hash),
		cmocka_unit_test(texts_are_counted_on_both_sides),
		TEST(what_a_linear_model_on_words_makes_of_the_rows_is_told),
		TEST(the_baseline_can_be_left_out),
		TEST(the_report_counts_labels_texts_and_tokens),
		TEST(the_report_names_new_tensors_and_counts_parameters_and_memory),
		TEST(a_label_of_few_rows_is_warned_of),
		TEST(labels_are_listed_by_their_rows_and_warned_of_from_the_rarest_on),
		TEST(labels_that_are_dates_are_warned_of),
		TEST(evaluations_that_never_come_are_warned_of),
		TEST(rows_sorted_by_label_are_warned_of_where_some_are_drawn),
		TEST(the_report_stays_when_a_run_goes_on),
		TEST(a_long_training_is_timed_by_a_probe_that_changes_nothing),
		TEST(rows_are_trained_on_in_the_order_of_scikit_learn),
		TEST(rows_are_trained_on_in_the_order_of_datasets_also_where_some_are_selected),
		TEST(a_number_of_rows_is_held_out_and_some_are_measured_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
