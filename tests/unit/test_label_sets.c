/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train and engine/model: sets of labels, their loss and gradients and their metrics, against transformers and
 * scikit-learn by the values of tests/golden/make_labels.py. */
#include "tests/unit/numeric.h"

#include "engine/base/json.h"
#include "engine/evaluate.h"
#include "engine/format/config.h"
#include "engine/train/rows/label_sets.h"

#define TOLERANCE 1e-5

static json_t *golden(void)
{
	struct error error = {0};
	json_t *document = json_read(check_source("tests/golden/labels.json"), 1 << 22, &error);

	if (!document)
		fail_msg("%s", error.text);
	return document;
}

static double number(const json_t *object, const char *key)
{
	assert_true(json_is_number(json_object_get(object, key)));
	return json_number_value(json_object_get(object, key));
}

/* Sets */

static void a_set_has_one_number_whatever_the_order_of_its_labels(void **state)
{
	struct label_sets sets = {0};
	float targets[4];

	(void)state;
	assert_int_equal(label_sets_add(&sets, (int32_t[]){3, 1}, 2), 0);
	assert_int_equal(label_sets_add(&sets, (int32_t[]){0}, 0), 1);
	assert_int_equal(label_sets_add(&sets, (int32_t[]){1, 3}, 2), 0);
	assert_int_equal(label_sets_add(&sets, (int32_t[]){1}, 1), 2);
	assert_int_equal(label_sets_add(&sets, (int32_t[]){2}, 0), 1);
	label_sets_fill(&sets, 0, targets, 4);
	assert_true(targets[0] == 0 && targets[1] == 1 && targets[2] == 0 && targets[3] == 1);
	label_sets_fill(&sets, 1, targets, 4);
	assert_true(targets[0] == 0 && targets[1] == 0 && targets[2] == 0 && targets[3] == 0);
	label_sets_free(&sets);
}

static void renamed_labels_that_become_one_stand_once_in_their_set(void **state)
{
	struct label_sets sets = {0};

	(void)state;
	label_sets_add(&sets, (int32_t[]){0, 1, 2}, 3);
	label_sets_add(&sets, (int32_t[]){2}, 1);
	label_sets_rename(&sets, (int32_t[]){5, 0, 5});
	assert_int_equal(sets.starts[1], 2);
	assert_int_equal(sets.members[0], 0);
	assert_int_equal(sets.members[1], 5);
	assert_int_equal(sets.starts[2], 3);
	assert_int_equal(sets.members[2], 5);
	label_sets_free(&sets);
}

static void many_sets_keep_their_numbers_as_the_table_grows(void **state)
{
	struct label_sets sets = {0};

	(void)state;
	for (int round = 0; round < 2; round++)
		for (int32_t i = 0; i < 5000; i++)
			assert_int_equal(label_sets_add(&sets, (int32_t[]){i, 5000 + i % 7}, 2), i);
	label_sets_free(&sets);
}

static void rare_sets_are_one_class_and_the_others_each_their_own(void **state)
{
	enum { ROWS = 60 };
	struct label_sets sets = {0};
	int32_t set_of[ROWS], classes[ROWS];

	(void)state;
	for (int i = 0; i < ROWS; i++)
		set_of[i] = label_sets_add(&sets, (int32_t[]){i < 20 ? 0 : i < 39 ? 1 : i < 59 ? 2 : 3}, 1);
	assert_int_equal(label_sets_classes(&sets, set_of, ROWS, classes), 3);
	assert_int_equal(classes[0], 0);
	assert_int_equal(classes[20], 2);
	assert_int_equal(classes[39], 1);
	assert_int_equal(classes[59], 2);
	label_sets_free(&sets);
}

static void never_more_than_a_thousand_sets_are_classes(void **state)
{
	enum { SETS = 3000, EACH = 21, ROWS = SETS * EACH + 50 };
	struct label_sets sets = {0};
	int32_t *set_of = calloc(ROWS, sizeof *set_of), *classes = calloc(ROWS, sizeof *classes);

	(void)state;
	for (int32_t i = 0; i < ROWS; i++)
		set_of[i] = label_sets_add(&sets, (int32_t[]){i < SETS * EACH ? i % SETS : 0}, 1);
	assert_int_equal(label_sets_classes(&sets, set_of, ROWS, classes), 2);
	assert_int_equal(classes[0], 0);
	assert_int_equal(classes[1], 1);
	free(set_of);
	free(classes);
	label_sets_free(&sets);
}

/* Loss and gradients */

/* As targets() of make_labels.py. */
static float *numeric_targets(int32_t sequences, int32_t labels)
{
	float *targets = calloc((size_t)sequences * (size_t)labels, sizeof *targets);

	assert_non_null(targets);
	for (uint32_t i = 0; i < (uint32_t)(sequences * labels); i++)
		targets[i] = (float)(numeric_mix(i + 7) & 1);
	return targets;
}

static struct model *model_of(const json_t *object)
{
	struct error error = {0};
	struct hf_config config = {0};
	struct model_config sizes;
	struct model *model;
	char folder[200];

	snprintf(folder, sizeof folder, "tests/golden/numeric/%s", json_string_value(json_object_get(object, "name")));
	if (!hf_config_read(check_source(folder), NULL, &config, &error))
		fail_msg("%s", error.text);
	sizes = config.model;
	sizes.num_labels = (int32_t)number(object, "labels");
	model = numeric_model(&sizes);
	hf_config_free(&config);
	return model;
}

static void check_gradient(struct model *model, const struct parameter *parameter, const json_t *sample)
{
	const json_t *index = json_object_get(sample, "index"), *value = json_object_get(sample, "value");
	float *gradient = numeric_download(model, parameter->gradient, parameter->count);
	double norm = number(sample, "norm"), squares = 0, difference = 0;

	for (size_t i = 0; i < parameter->count; i++)
		squares += (double)gradient[i] * (double)gradient[i];
	for (size_t i = 0; i < json_array_size(index); i++) {
		double one = (double)gradient[json_integer_value(json_array_get(index, i))] - json_number_value(json_array_get(value, i));

		difference += one * one;
	}
	/* A key's bias has a gradient of 0, and what is computed is rounding. */
	if (!numeric_ends_with(parameter->name, "key.bias") && !numeric_ends_with(parameter->name, "k_lin.bias") &&
	    !(sqrt(difference) <= TOLERANCE * norm && fabs(sqrt(squares) - norm) <= TOLERANCE * norm))
		fail_msg("gradient of %s: %.9g, transformers has %.9g", parameter->name, sqrt(squares), norm);
	free(gradient);
}

static void check_model(const json_t *object)
{
	struct model *model = model_of(object);
	int32_t lengths[8], count = (int32_t)json_array_size(json_object_get(object, "lengths")), labels;
	struct train_pass pass = {.scale = 1.0f / (float)count, .no_dropout = true};
	struct numeric_batch batch;
	float *targets;
	double loss;

	assert_in_range(count, 1, 8);
	for (int32_t i = 0; i < count; i++)
		lengths[i] = (int32_t)json_integer_value(json_array_get(json_object_get(object, "lengths"), (size_t)i));
	labels = model_config(model)->num_labels;
	batch = numeric_batch(model_config(model)->vocab_size, labels, lengths, count, 0);
	batch.batch.targets = targets = numeric_targets(count, labels);
	numeric_reserve(model, &batch, true);
	network_zero_gradients(model);
	loss = network_train(model, &batch.batch, &pass) / count;
	if (!(fabs(loss - number(object, "loss")) <= TOLERANCE))
		fail_msg("the loss is %.9g, transformers has %.9g", loss, number(object, "loss"));
	for (int row = 0; row < model_parameter_rows(model); row++) {
		const struct parameter *parameter = model_parameter(model, row);

		check_gradient(model, parameter, json_object_get(json_object_get(object, "gradients"), parameter->name));
	}
	numeric_batch_free(&batch);
	free(targets);
	model_close(model);
}

static void loss_and_gradients_equal_transformers_with_multi_label_classification(void **state)
{
	json_t *document = golden();
	const json_t *models = json_object_get(document, "models");

	(void)state;
	assert_int_equal(json_array_size(models), 2);
	for (size_t i = 0; i < json_array_size(models); i++)
		check_model(json_array_get(models, i));
	json_decref(document);
}

/* Metrics */

static void assert_figure(const json_t *object, const char *key, double got)
{
	if (!(fabs(got - number(object, key)) <= 1e-9))
		fail_msg("%s is %.12g, scikit-learn has %.12g", key, got, number(object, key));
}

static void check_sets(const json_t *object)
{
	const json_t *logits = json_object_get(object, "logits"), *truth = json_object_get(object, "truth");
	int32_t labels = (int32_t)json_array_size(json_array_get(logits, 0));
	float x[8], y[8];
	struct metrics metrics;
	struct metric_figures figures;

	assert_true(metrics_init_sets(&metrics, labels, NULL));
	for (size_t row = 0; row < json_array_size(logits); row++) {
		for (size_t i = 0; i < (size_t)labels; i++) {
			x[i] = (float)json_number_value(json_array_get(json_array_get(logits, row), i));
			y[i] = (float)json_number_value(json_array_get(json_array_get(truth, row), i));
			metrics.on[i] = x[i] > 0;
		}
		metrics_add_set(&metrics, y, x, false);
	}
	figures = metrics_figures(&metrics);
	assert_figure(object, "accuracy", figures.accuracy);
	assert_figure(object, "hamming_loss", figures.hamming_loss);
	assert_figure(object, "micro_f1", figures.micro_f1);
	assert_figure(object, "macro_f1", figures.macro_f1);
	assert_figure(object, "macro_precision", figures.macro_precision);
	assert_figure(object, "macro_recall", figures.macro_recall);
	assert_true(fabs(figures.loss - number(object, "loss")) < 1e-6); /* logits are floats here */
	assert_true(isnan(figures.mean_absolute_error));
	metrics_free(&metrics);
}

static void metrics_of_sets_equal_scikit_learn(void **state)
{
	json_t *document = golden();
	const json_t *sets = json_object_get(document, "sets");

	(void)state;
	assert_int_equal(json_array_size(sets), 40);
	for (size_t i = 0; i < json_array_size(sets); i++)
		check_sets(json_array_get(sets, i));
	json_decref(document);
}

static struct model *model_with_labels(const char *const *labels, int32_t count)
{
	struct error error = {0};
	json_t *object = json_pack("{s:s, s:i}", "name", "bert-32", "labels", (int)count);
	struct model *model = model_of(object);

	assert_true(model_set_labels(model, labels, count, 1, &error));
	json_decref(object);
	return model;
}

static void ordered_labels_have_the_mean_absolute_error_of_scikit_learn(void **state)
{
	static const char *const stars[] = {"1 star", "2 stars", "3 stars", "4 stars", "5 stars"};
	struct model *model = model_with_labels(stars, 5);
	json_t *document = golden();
	const json_t *cases = json_object_get(document, "ordered");

	(void)state;
	for (size_t i = 0; i < json_array_size(cases); i++) {
		const json_t *object = json_array_get(cases, i), *truth = json_object_get(object, "truth");
		const json_t *prediction = json_object_get(object, "prediction");
		struct metrics metrics;

		assert_true(metrics_init(&metrics, 5, NULL) && metrics_order(&metrics, model, NULL));
		for (size_t row = 0; row < json_array_size(truth); row++) {
			float logits[5] = {0};

			logits[json_integer_value(json_array_get(prediction, row)) - 1] = 1;
			metrics_add(&metrics, (int32_t)json_integer_value(json_array_get(truth, row)) - 1, logits, false);
		}
		assert_figure(object, "mean_absolute_error", metrics_figures(&metrics).mean_absolute_error);
		metrics_free(&metrics);
	}
	json_decref(document);
	model_close(model);
}

static void words_and_two_numbers_are_not_ordered(void **state)
{
	static const char *const words[] = {"1", "2", "good"}, *const two[] = {"0", "1"}, *const twins[] = {"1", "1.0", "2"};
	static const struct {
		const char *const *labels;
		int32_t count;
	} rows[] = {{words, 3}, {two, 2}, {twins, 3}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct model *model = model_with_labels(rows[i].labels, rows[i].count);
		struct metrics metrics;

		assert_true(metrics_init(&metrics, rows[i].count, NULL) && metrics_order(&metrics, model, NULL));
		assert_null(metrics.values);
		metrics_free(&metrics);
		model_close(model);
	}
}

/* Scores */

static void a_scored_review_has_the_labels_that_are_above_a_half(void **state)
{
	static const char *const names[] = {"joy", "anger", "fear"};
	struct model *model = model_with_labels(names, 3);
	float logits[] = {1, -1, 2}, scores[] = {0.7f, 0.5f, 0.9f};
	struct score score = {.label = 2, .score = 0.9f, .logits = logits, .scores = scores};
	char text[20];

	(void)state;
	assert_int_equal(score_labels(model, &score, "|", text, sizeof text), 4);
	assert_string_equal(text, "fear");
	model_set_independent_labels(model, true);
	score_labels(model, &score, "|", text, sizeof text);
	assert_string_equal(text, "joy|fear");
	assert_int_equal(score_labels(model, &score, "|", text, 7), 6);
	assert_string_equal(text, "joy|fe");
	scores[0] = scores[2] = 0.5f;
	assert_int_equal(score_labels(model, &score, "|", text, sizeof text), 0);
	assert_string_equal(text, "");
	model_close(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_has_one_number_whatever_the_order_of_its_labels),
		cmocka_unit_test(renamed_labels_that_become_one_stand_once_in_their_set),
		cmocka_unit_test(many_sets_keep_their_numbers_as_the_table_grows),
		cmocka_unit_test(rare_sets_are_one_class_and_the_others_each_their_own),
		cmocka_unit_test(never_more_than_a_thousand_sets_are_classes),
		cmocka_unit_test(loss_and_gradients_equal_transformers_with_multi_label_classification),
		cmocka_unit_test(metrics_of_sets_equal_scikit_learn),
		cmocka_unit_test(ordered_labels_have_the_mean_absolute_error_of_scikit_learn),
		cmocka_unit_test(words_and_two_numbers_are_not_ordered),
		cmocka_unit_test(a_scored_review_has_the_labels_that_are_above_a_half),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
