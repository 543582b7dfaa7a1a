/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train with reviews longer than a sequence: what a batch needs, that training and evaluation agree, and that a run
 * goes on to the bit. */
#include "tests/unit/train_check.h"

#include "engine/evaluate.h"
#include "engine/model/network.h"
#include "engine/train/rows/examples.h"

static void set_windows(struct train_folder *folder, const char *pooling)
{
	train_set(&folder->options, "truncation", "windows");
	train_set(&folder->options, "max-length", "6");
	train_set(&folder->options, "stride", "0.5");
	train_set(&folder->options, "pooling", pooling);
}

static void a_run_with_windows_goes_on_to_the_bit(void **state)
{
	struct train_folder *folder = *state;

	set_windows(folder, "max");
	train_set(&folder->options, "gradient-accumulation-steps", "3");
	train_set(&folder->options, "per-device-train-batch-size", "3");
	train_whole(folder, folder->run);
	train_until(folder, folder->other, 4);
	train_resume_whole(folder->other);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

static void windows_train_alike_with_any_number_of_threads(void **state)
{
	struct train_folder *folder = *state;

	set_windows(folder, "mean");
	train_whole(folder, folder->run);
	train_set(&folder->options, "threads", "2");
	train_whole(folder, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

/* The loss is a mean over reviews, however many windows they have: 8 at once, or 2 and 2 and 2 and 2. */
static void accumulated_reviews_count_alike(void **state)
{
	struct train_folder *folder = *state;
	const struct run_point *p, *q;
	struct run *one, *many;
	size_t count, same;

	train_write_model(folder->model, folder->path, 0);
	set_windows(folder, "mean");
	train_whole(folder, folder->run);
	train_set(&folder->options, "gradient-accumulation-steps", "4");
	train_set(&folder->options, "per-device-train-batch-size", "2");
	train_whole(folder, folder->other);
	one = run_open(folder->run, NULL);
	many = run_open(folder->other, NULL);
	p = run_points(one, &count);
	q = run_points(many, &same);
	assert_int_equal(count, same);
	for (size_t i = 0; i < 6; i++)
		assert_true(fabs(p[i].loss - q[i].loss) < 2e-5 && fabs(p[i].grad_norm - q[i].grad_norm) < 2e-4);
	run_close(one);
	run_close(many);
}

static struct model *open_trained(const struct train_folder *folder)
{
	struct error error = {0};
	char path[400];
	struct model *model;

	snprintf(path, sizeof path, "%s/model", folder->run);
	model = model_open(path, &(struct model_options){.threads = 1}, NULL, &error);
	if (!model)
		fail_msg("%s", error.text);
	return model;
}

/* What the run says of its last evaluation, and what the folder's model gives for the same file without being told how. */
static void check_evaluation(struct train_folder *folder)
{
	struct error error = {0};
	struct run *run = run_open(folder->run, &error);
	struct model *model = open_trained(folder);
	bool exact = model_backend(model)->ops->rows_alone;
	struct dataset *dataset = dataset_open(folder->data, &(struct dataset_options){0}, &error);
	struct evaluation evaluation = {0};
	const struct run_evaluation *evaluations;
	struct metric_figures figures;
	size_t count;

	assert_true(dataset_index(dataset, NULL, &error));
	if (!evaluate(model, dataset, model_reading(model)->cut.max_length ? 0 : (int32_t)folder->options.max_length, &evaluation,
	              NULL, &error))
		fail_msg("%s", error.text);
	figures = metrics_figures(&evaluation.metrics);
	evaluations = run_evaluations(run, &count);
	assert_true(count > 0);
	assert_true(fabs(evaluations[count - 1].loss - figures.loss) <= (exact ? 0 : 1e-6));
	assert_true(evaluations[count - 1].accuracy == figures.accuracy);
	evaluation_free(&evaluation);
	dataset_close(dataset);
	model_close(model);
	run_close(run);
}

static void a_trained_model_reads_as_it_was_trained(void **state)
{
	static const char *const ways[][2] = {{"tail", "mean"}, {"head+tail", "mean"}, {"windows", "mean"}, {"windows", "max"}};
	struct train_folder *folder = *state;

	train_set(&folder->options, "validation", folder->data);
	train_set(&folder->options, "num-train-epochs", "1");
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct model *model;

		train_set(&folder->options, "truncation", ways[i][0]);
		train_set(&folder->options, "pooling", ways[i][1]);
		train_set(&folder->options, "max-length", "6");
		train_set(&folder->options, "stride", strcmp(ways[i][0], "windows") == 0 ? "3" : "0.8");
		train_whole(folder, folder->run);
		model = open_trained(folder);
		assert_string_equal(truncation_name(model_reading(model)->cut.truncation), ways[i][0]);
		assert_int_equal(model_reading(model)->cut.max_length, 6);
		model_close(model);
		check_evaluation(folder);
		check_folder_remove(folder->run);
	}
}

static void what_is_read_of_long_reviews_is_told(void **state)
{
	struct train_folder *folder = *state;

	set_windows(folder, "mean");
	train_set(&folder->options, "max-windows", "2");
	train_set(&folder->options, "num-train-epochs", "0.1");
	train_whole(folder, folder->run);
	assert_true(train_has_event(folder->run, "of a longer review at most 2 windows of 6 tokens, stride 0.5, mean of their logits: "));
	assert_true(train_has_event(folder->run, " tokens are read"));
	assert_true(train_has_event(folder->run, " windows together"));
	assert_true(train_has_event(folder->run, "of the reviews are cut to at most 2 windows of 6 tokens, stride 0.5, mean of their logits, "
	                            "which loses "));
}

static void a_batch_of_windows_is_measured_to_the_token(void **state)
{
	uint64_t starts[] = {0, 10, 14, 40, 41}, firsts[] = {0, 3, 4, 6, 7};
	int32_t lengths[] = {4, 4, 2, 4, 20, 6, 1}, labels[] = {0, 1, 0, 1}, ids[41];
	bool truncated[] = {false, true, false, false};
	const struct examples examples = {.ids = ids, .starts = starts, .labels = labels, .truncated = truncated,
	                                  .firsts = firsts, .lengths = lengths, .count = 4};
	struct batch_size size = examples_largest(&examples, 2);
	struct batch_store store = {0};
	struct error error = {0};
	struct batch batch;

	(void)state;
	assert_int_equal(size.tokens, 36);
	assert_int_equal(size.sequences, 5);
	assert_int_equal(size.longest, 20);
	for (int32_t i = 0; i < 41; i++)
		ids[i] = i;
	assert_true(batch_store_init(&store, &size, 2, 0, &error));
	batch = batch_store_fill(&store, &examples, (const uint32_t[]){2, 0}, 2);
	assert_int_equal(batch.sequences, 5);
	assert_int_equal(batch_reviews(&batch), 2);
	assert_memory_equal(batch.starts, ((const int32_t[]){0, 20, 26, 30, 34, 36}), 6 * sizeof(int32_t));
	assert_memory_equal(batch.reviews, ((const int32_t[]){0, 2, 5}), 3 * sizeof(int32_t));
	assert_int_equal(batch.ids[0], 14);
	assert_int_equal(batch.ids[26], 0);
	assert_int_equal(batch.labels[1], 0);
	batch_store_free(&store);
}

static void options_that_say_nothing_together_are_refused(void **state)
{
	static const struct {
		const char *option[3], *value[3], *said;
	} cases[] = {
		{{"stride"}, {"0.5"}, "--stride belongs to --truncation windows"},
		{{"pooling"}, {"max"}, "--pooling belongs to --truncation windows"},
		{{"max-windows", "truncation"}, {"3", "tail"}, "--max-windows belongs to"},
		{{"head-tokens"}, {"3"}, "--head-tokens belongs to --truncation head+tail"},
		{{"head-tokens", "truncation", "max-length"}, {"14", "head+tail", "16"}, "leaves no token of --max-length"},
		{{"stride", "truncation"}, {"10.5", "windows"}, "a whole number of tokens"},
		{{"stride", "truncation", "max-length"}, {"15", "windows", "16"}, "longer than a window"},
	};
	struct train_options options;
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		error = (struct error){0};
		train_options_init(&options);
		for (int j = 0; j < 3 && cases[i].option[j]; j++)
			train_set(&options, cases[i].option[j], cases[i].value[j]);
		assert_false(train_options_check(&options, &error));
		assert_int_equal(error.kind, ERROR_USAGE);
		assert_non_null(strstr(error.text, cases[i].said));
	}
	train_options_init(&options);
	train_set(&options, "truncation", "windows");
	train_set(&options, "max-length", "16");
	train_set(&options, "stride", "14");
	assert_true(train_options_check(&options, &error));
}

#define TRAIN(test) cmocka_unit_test_setup_teardown(test, train_setup, train_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRAIN(a_run_with_windows_goes_on_to_the_bit),
		TRAIN(windows_train_alike_with_any_number_of_threads),
		TRAIN(accumulated_reviews_count_alike),
		TRAIN(a_trained_model_reads_as_it_was_trained),
		TRAIN(what_is_read_of_long_reviews_is_told),
		cmocka_unit_test(a_batch_of_windows_is_measured_to_the_token),
		cmocka_unit_test(options_that_say_nothing_together_are_refused),
	};

	return cmocka_run_group_tests_name("train_windows", tests, NULL, NULL);
}
