/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train, the parts that need no model: options, schedule, metrics, split. Expected numbers of scikit-learn
 * and transformers: tests/golden/train.py. */
#include "tests/unit/check.h"

#include "engine/base/number.h"
#include "engine/evaluate.h"
#include "engine/options.h"
#include "engine/train/optimize/schedule.h"
#include "engine/train/rows/split.h"

static void set(struct train_options *options, const char *name, const char *text)
{
	struct error error = {0};
	const struct option_row *row = train_option_find(name);

	assert_non_null(row);
	assert_true(train_option_set(options, row, text, &error));
}

/* Options */

static void defaults_are_those_of_the_table(void **state)
{
	struct train_options options;

	(void)state;
	train_options_init(&options);
	assert_true(options.num_train_epochs == 3);
	assert_true(options.learning_rate == 5e-5);
	assert_int_equal(options.per_device_train_batch_size, 16);
	assert_int_equal(options.seed, 42);
	assert_string_equal(options.lr_scheduler_type, "linear");
	assert_string_equal(options.validation, "0.1");
	assert_string_equal(options.text_column, "");
}

static void dashes_and_underscores_name_the_same_option(void **state)
{
	(void)state;
	assert_ptr_equal(train_option_find("learning_rate"), train_option_find("learning-rate"));
	assert_non_null(train_option_find("max_train-samples"));
	assert_null(train_option_find("learning"));
	assert_null(train_option_find("learning-rates"));
	assert_null(train_option_find(""));
}

static void every_option_reads_back_what_it_formats(void **state)
{
	struct train_options options, again;
	struct error error = {0};
	char text[OPTION_TEXT_MAX];

	(void)state;
	train_options_init(&options);
	train_options_init(&again);
	set(&options, "learning-rate", "3.0000000000000001e-05");
	set(&options, "warmup-ratio", "0.1");
	set(&options, "lr-scheduler-type", "constant");
	set(&options, "text-column", "Review \xC3\xA9");
	for (int i = 0; i < train_option_count; i++) {
		train_option_format(&options, &train_option_rows[i], text, sizeof text);
		assert_true(train_option_set(&again, &train_option_rows[i], text, &error));
	}
	assert_memory_equal(&options, &again, sizeof options);
}

static void an_option_has_its_default_however_it_is_spelled(void **state)
{
	static const char *const spelled[][2] = {
		{"learning-rate", "0.00005"}, {"num-train-epochs", "3.0"}, {"fp16", "no"}, {"delimiter", "auto"}, {"seed", "42"},
	};
	static const char *const changed[][2] = {
		{"learning-rate", "6e-5"}, {"seed", "43"}, {"fp16", "true"}, {"delimiter", "tab"}, {"lr-scheduler-type", "cosine"},
		{"label-column", "stars"},
	};
	struct train_options options;

	(void)state;
	train_options_init(&options);
	for (int i = 0; i < train_option_count; i++)
		assert_true(train_option_is_default(&options, &train_option_rows[i]));
	for (size_t i = 0; i < sizeof spelled / sizeof *spelled; i++) {
		set(&options, spelled[i][0], spelled[i][1]);
		assert_true(train_option_is_default(&options, train_option_find(spelled[i][0])));
	}
	for (size_t i = 0; i < sizeof changed / sizeof *changed; i++) {
		set(&options, changed[i][0], changed[i][1]);
		assert_false(train_option_is_default(&options, train_option_find(changed[i][0])));
	}
}

static void bad_values_are_refused_with_what_is_allowed(void **state)
{
	static const struct {
		const char *name, *text, *said;
	} cases[] = {
		{"learning-rate", "fast", "not a number"},
		{"learning-rate", "nan", "not a number"},
		{"learning-rate", "0x10", "not a number"},
		{"learning-rate", "1e999", "not a number"},
		{"learning-rate", "", "not a number"},
		{"learning-rate", "-1", "from 0 to 10"},
		{"per-device-train-batch-size", "0", "from 1 to 65536"},
		{"per-device-train-batch-size", "1.5", "not a whole number"},
		{"seed", "99999999999999999999", "not a whole number"},
		{"seed", "4294967296", "out of range"},
		{"max-length", "1", "from 2"},
		{"lr-scheduler-type", "line", "linear|cosine"},
		{"lr-scheduler-type", "linear|constant", "not one of"},
		{"lr-scheduler-type", "", "not one of"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct train_options options, before;
		struct error error = {0};
		train_options_init(&options);
		before = options;
		assert_false(train_option_set(&options, train_option_find(cases[i].name), cases[i].text, &error));
		assert_int_equal(error.kind, ERROR_USAGE);
		assert_non_null(strstr(error.text, cases[i].name));
		assert_non_null(strstr(error.text, cases[i].said));
		assert_memory_equal(&options, &before, sizeof options);
	}
}

static void numbers_are_short_and_read_back_exactly(void **state)
{
	static const double values[] = {0, 5e-5, 0.1, 1.0 / 3, 1e300, 4.9406564584124654e-324, -2.5};
	char text[NUMBER_TEXT];
	double again;

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		number_format(text, values[i]);
		assert_true(number_parse(text, &again));
		assert_true(again == values[i]);
	}
	number_format(text, 0.1);
	assert_string_equal(text, "0.1");
	number_format(text, (double)NAN);
	assert_string_equal(text, "null");
}

/* Schedule */

static struct schedule plan(const char *epochs, int64_t batch, int64_t accumulation, const char *warmup,
                            const char *type, uint64_t rows)
{
	struct train_options options;
	struct schedule schedule;
	struct error error = {0};

	train_options_init(&options);
	set(&options, "num-train-epochs", epochs);
	set(&options, "warmup-ratio", warmup);
	set(&options, "lr-scheduler-type", type);
	options.per_device_train_batch_size = batch;
	options.gradient_accumulation_steps = accumulation;
	assert_true(schedule_plan(&schedule, &options, rows, &error));
	return schedule;
}

static void learning_rates_are_those_of_transformers(void **state)
{
	static const double linear[] = {0, 1.6666666666666667e-05, 3.3333333333333335e-05, 5.0000000000000002e-05,
	                                4.2857142857142856e-05, 3.5714285714285717e-05, 2.8571428571428571e-05,
	                                2.1428571428571428e-05, 1.4285714285714285e-05, 7.1428571428571427e-06};
	static const double constant[] = {0, 2.5000000000000001e-05, 5.0000000000000002e-05, 5.0000000000000002e-05};
	struct schedule schedule = plan("1", 1, 1, "0.25", "linear", 10);

	(void)state;
	assert_int_equal(schedule.steps, 10);
	assert_int_equal(schedule.plan.warmup, 3);
	for (uint64_t k = 0; k < 10; k++)
		assert_true(fabs(schedule_rate(&schedule, k) - linear[k]) < 1e-20);
	schedule = plan("1", 1, 1, "0.5", "constant_with_warmup", 4);
	for (uint64_t k = 0; k < 4; k++)
		assert_true(fabs(schedule_rate(&schedule, k) - constant[k]) < 1e-20);
}

static void steps_are_counted_as_the_trainer_does(void **state)
{
	struct schedule schedule = plan("3", 16, 1, "0", "linear", 2000);

	(void)state;
	assert_int_equal(schedule.steps_per_epoch, 125);
	assert_int_equal(schedule.steps, 375);
	schedule = plan("2.5", 16, 4, "0.1", "linear", 1001); /* 63 batches, 16 steps, 40 in all */
	assert_int_equal(schedule.batches_per_epoch, 63);
	assert_int_equal(schedule.steps_per_epoch, 16);
	assert_int_equal(schedule.steps, 40);
	assert_int_equal(schedule.plan.warmup, 4);
	schedule = plan("0.01", 1, 1, "0", "linear", 10);
	assert_int_equal(schedule.steps, 1);
}

/* 7 batches in steps of 3, 3 and 1: as transformers' Trainer logs them, by batches and not by steps. */
static void epochs_are_counted_by_batches_as_the_trainer_does(void **state)
{
	static const double epochs[] = {0, 3.0 / 7, 6.0 / 7, 1, 1 + 3.0 / 7, 1 + 6.0 / 7, 2};
	struct schedule schedule = plan("2", 4, 3, "0", "linear", 26);

	(void)state;
	for (uint64_t step = 0; step < sizeof epochs / sizeof epochs[0]; step++)
		assert_true(schedule_epochs(&schedule, step) == epochs[step]);
}

static void every_epoch_takes_every_row_once(void **state)
{
	struct schedule schedule = plan("2", 4, 3, "0", "linear", 29);
	uint64_t taken = 0;

	(void)state;
	for (uint64_t step = 0; step < schedule.steps; step++) {
		struct schedule_step part = schedule_step(&schedule, step);
		assert_int_equal(part.epoch, step / 3);
		assert_int_equal(part.first, taken % 29);
		assert_in_range(part.rows, 1, 12);
		taken += part.rows;
	}
	assert_int_equal(taken, 58);
}

static void no_rows_and_endless_epochs_are_errors(void **state)
{
	struct train_options options;
	struct schedule schedule;
	struct error error = {0};

	(void)state;
	train_options_init(&options);
	assert_false(schedule_plan(&schedule, &options, 0, &error));
	assert_int_equal(error.kind, ERROR_DATA);
	options.num_train_epochs = 1e6;
	assert_false(schedule_plan(&schedule, &options, (uint64_t)1 << 50, &error));
	assert_int_equal(error.kind, ERROR_USAGE);
}

/* Metrics */

static void fill_metrics(struct metrics *metrics, int32_t labels, int modulus, int fold)
{
	struct error error = {0};
	float logits[4];

	assert_true(metrics_init(metrics, labels, &error));
	for (int r = 0; r < 40; r++) {
		for (int c = 0; c < labels; c++)
			logits[c] = (float)((r * 7 + c * 5 + r * c * 3) % 11 - 5) / 4;
		metrics_add(metrics, r * r % modulus % fold, logits, r % 10 == 0);
	}
}

static void near(double value, double expected)
{
	assert_true(fabs(value - expected) < 1e-14);
}

static void two_labels_are_measured_as_scikit_learn_does(void **state)
{
	struct metrics metrics;
	struct metric_figures figures;

	(void)state;
	fill_metrics(&metrics, 2, 3, 2);
	figures = metrics_figures(&metrics);
	near(figures.accuracy, 0.42499999999999999);
	near(figures.loss, 0.84659474459789608);
	near(figures.macro_precision, 0.44629156010230181);
	near(figures.macro_recall, 0.44230769230769229);
	near(figures.macro_f1, 0.42174732872407295);
	near(figures.precision, 0.58823529411764708);
	near(figures.recall, 0.38461538461538464);
	near(figures.f1, 0.46511627906976744);
	assert_int_equal(metrics.count, 40);
	assert_int_equal(metrics.truncated, 4);
	metrics_free(&metrics);
}

static void four_labels_are_measured_as_scikit_learn_does(void **state)
{
	struct metrics metrics;
	struct metric_figures figures;

	(void)state;
	fill_metrics(&metrics, 4, 5, 3);
	figures = metrics_figures(&metrics);
	near(figures.accuracy, 0.29999999999999999);
	near(figures.loss, 1.6757256520711337);
	near(figures.macro_precision, 0.29318181818181821);
	near(figures.macro_recall, 0.1640625);
	near(figures.macro_f1, 0.18609022556390975);
	near(figures.f1, figures.macro_f1);
	metrics_free(&metrics);
}

static void labels_that_never_occur_count_zero_and_not_in_the_mean(void **state)
{
	const float logits[3] = {2, 1, 0};
	struct metrics metrics;
	struct error error = {0};

	(void)state;
	assert_true(metrics_init(&metrics, 3, &error));
	near(metrics_figures(&metrics).accuracy, 0);
	metrics_add(&metrics, 0, logits, false);
	near(metrics_figures(&metrics).macro_f1, 1);
	near(metrics_label(&metrics, 2).f1, 0);
	metrics_add(&metrics, 1, logits, false);
	near(metrics_figures(&metrics).macro_recall, 0.5);
	assert_int_equal(metrics_label(&metrics, 1).support, 1);
	metrics_free(&metrics);
}

static void equal_logits_predict_the_first_and_large_ones_stay_finite(void **state)
{
	struct metrics metrics;
	struct error error = {0};

	(void)state;
	assert_true(metrics_init(&metrics, 2, &error));
	metrics_add(&metrics, 0, (const float[]){1, 1}, false);
	assert_int_equal(metrics.confusion[0], 1);
	near(metrics.loss_sum, log(2));
	metrics_add(&metrics, 1, (const float[]){3e38f, -3e38f}, false);
	assert_true(isfinite(metrics.loss_sum));
	metrics_free(&metrics);
}

/* A square of 65,536 labels would be 34 GB. */
static void with_very_many_labels_the_matrix_is_left_out_and_the_figures_are_right(void **state)
{
	enum { LABELS = 65536 };
	float *logits = calloc(LABELS, sizeof *logits);
	struct metrics metrics;
	struct error error = {0};

	(void)state;
	assert_true(metrics_init(&metrics, LABELS, &error));
	assert_null(metrics.confusion);
	logits[60000] = 1;
	assert_int_equal(metrics_add(&metrics, 60000, logits, false), 60000);
	assert_int_equal(metrics_add(&metrics, 3, logits, false), 60000);
	near(metrics_figures(&metrics).accuracy, 0.5);
	near(metrics_label(&metrics, 60000).precision, 0.5);
	near(metrics_label(&metrics, 60000).recall, 1);
	near(metrics_figures(&metrics).macro_recall, 0.5);
	metrics_free(&metrics);
	free(logits);
}

/* Split */

static int32_t *made_labels(size_t count)
{
	int32_t *labels = calloc(count, sizeof *labels);

	for (size_t i = 0; i < count; i++)
		labels[i] = i % 10 == 0; /* one in ten */
	return labels;
}

static uint32_t of_label(const int32_t *labels, const uint32_t *rows, uint32_t count, int32_t label)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < count; i++)
		found += labels[rows[i]] == label;
	return found;
}

static void a_share_is_held_out_of_every_label(void **state)
{
	int32_t *labels = made_labels(1000);
	struct split split = {0};
	struct error error = {0};

	(void)state;
	assert_true(split_draw(&split, labels, 1000, 2, 0.2, 0, 42, &error));
	assert_int_equal(split.held_out_count, 200);
	assert_int_equal(split.training_count, 800);
	assert_int_equal(of_label(labels, split.held_out, 200, 1), 20);
	split_free(&split);
	free(labels);
}

static void a_share_is_held_out_of_many_small_labels_too(void **state)
{
	int32_t *labels = calloc(4000, sizeof *labels);
	struct split split = {0}, other = {0};
	struct error error = {0};

	(void)state;
	for (int i = 0; i < 4000; i++)
		labels[i] = i % 1000; /* four rows each: a tenth is no row */
	assert_true(split_draw(&split, labels, 4000, 1000, 0.1, 0, 42, &error));
	assert_true(split_draw(&other, labels, 4000, 1000, 0.1, 0, 43, &error));
	assert_int_equal(split.held_out_count, 400);
	assert_int_equal(split.training_count, 3600);
	for (int32_t label = 0; label < 1000; label++)
		assert_in_range(of_label(labels, split.training, 3600, label), 3, 4);
	assert_int_equal(other.held_out_count, 400);
	assert_memory_not_equal(split.held_out, other.held_out, 400 * sizeof *split.held_out);
	split_free(&split);
	split_free(&other);
	free(labels);
}

static void a_split_loses_and_doubles_no_row(void **state)
{
	int32_t *labels = made_labels(777);
	bool seen[777] = {false};
	struct split split = {0};
	struct error error = {0};

	(void)state;
	assert_true(split_draw(&split, labels, 777, 2, 0.1, 0, 7, &error));
	for (uint32_t i = 0; i < split.training_count; i++)
		seen[split.training[i]] = true;
	for (uint32_t i = 0; i < split.held_out_count; i++) {
		assert_false(seen[split.held_out[i]]);
		seen[split.held_out[i]] = true;
	}
	for (int i = 0; i < 777; i++)
		assert_true(seen[i]);
	split_free(&split);
	free(labels);
}

static void a_split_is_a_function_of_the_seed(void **state)
{
	int32_t *labels = made_labels(500);
	struct split first = {0}, again = {0}, other = {0};
	struct error error = {0};

	(void)state;
	assert_true(split_draw(&first, labels, 500, 2, 0.1, 100, 1, &error));
	assert_true(split_draw(&again, labels, 500, 2, 0.1, 100, 1, &error));
	assert_true(split_draw(&other, labels, 500, 2, 0.1, 100, 2, &error));
	assert_int_equal(first.training_count, 100);
	assert_in_range(first.held_out_count, 9, 14);
	assert_memory_equal(first.training, again.training, 100 * sizeof *first.training);
	assert_memory_not_equal(first.training, other.training, 100 * sizeof *first.training);
	split_free(&first);
	split_free(&again);
	split_free(&other);
	free(labels);
}

static void without_a_share_all_rows_train_in_their_order(void **state)
{
	int32_t *labels = made_labels(50);
	struct split split = {0};
	struct error error = {0};

	(void)state;
	assert_true(split_draw(&split, labels, 50, 2, 0, 0, 1, &error));
	assert_int_equal(split.held_out_count, 0);
	assert_int_equal(split.training_count, 50);
	for (uint32_t i = 0; i < 50; i++)
		assert_int_equal(split.training[i], i);
	split_free(&split);
	free(labels);
}

static void a_label_of_one_row_is_trained_on(void **state)
{
	const int32_t labels[] = {0, 0, 0, 0, 1, 2, 2};
	struct split split = {0};
	struct error error = {0};

	(void)state;
	assert_true(split_draw(&split, labels, 7, 3, 0.9, 0, 1, &error));
	assert_int_equal(of_label(labels, split.training, split.training_count, 0), 1);
	assert_int_equal(of_label(labels, split.training, split.training_count, 1), 1);
	assert_int_equal(of_label(labels, split.training, split.training_count, 2), 1);
	split_free(&split);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_table),
		cmocka_unit_test(dashes_and_underscores_name_the_same_option),
		cmocka_unit_test(every_option_reads_back_what_it_formats),
		cmocka_unit_test(an_option_has_its_default_however_it_is_spelled),
		cmocka_unit_test(bad_values_are_refused_with_what_is_allowed),
		cmocka_unit_test(numbers_are_short_and_read_back_exactly),
		cmocka_unit_test(learning_rates_are_those_of_transformers),
		cmocka_unit_test(steps_are_counted_as_the_trainer_does),
		cmocka_unit_test(epochs_are_counted_by_batches_as_the_trainer_does),
		cmocka_unit_test(every_epoch_takes_every_row_once),
		cmocka_unit_test(no_rows_and_endless_epochs_are_errors),
		cmocka_unit_test(two_labels_are_measured_as_scikit_learn_does),
		cmocka_unit_test(four_labels_are_measured_as_scikit_learn_does),
		cmocka_unit_test(labels_that_never_occur_count_zero_and_not_in_the_mean),
		cmocka_unit_test(equal_logits_predict_the_first_and_large_ones_stay_finite),
		cmocka_unit_test(with_very_many_labels_the_matrix_is_left_out_and_the_figures_are_right),
		cmocka_unit_test(a_share_is_held_out_of_every_label),
		cmocka_unit_test(a_share_is_held_out_of_many_small_labels_too),
		cmocka_unit_test(a_split_loses_and_doubles_no_row),
		cmocka_unit_test(a_split_is_a_function_of_the_seed),
		cmocka_unit_test(without_a_share_all_rows_train_in_their_order),
		cmocka_unit_test(a_label_of_one_row_is_trained_on),
	};

	return cmocka_run_group_tests_name("train parts", tests, NULL, NULL);
}
