/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train: what a training learns, and that it is exact: batches, threads, labels, evaluation. */
#include "tests/unit/train_check.h"

#include "engine/base/json.h"
#include "engine/evaluate.h"
#include "engine/train/rows/examples.h"

#include <sys/stat.h>

static void the_loss_falls_and_two_labels_are_learnt(void **state)
{
	struct train_folder *folder = *state;
	const struct run_evaluation *evaluations;
	const struct run_point *points;
	struct run *run;
	size_t count;

	train_set(&folder->options, "num-train-epochs", "6");
	train_whole(folder, folder->run);
	run = run_open(folder->run, NULL);
	assert_int_equal(run_state(run), RUN_FINISHED);
	points = run_points(run, &count);
	assert_int_equal(count, 6 * 17); /* 135 rows of 150, in batches of 8 */
	assert_true(points[0].loss > 0.6 && points[0].loss < 0.8);
	assert_true(points[count - 1].loss < 0.2);
	evaluations = run_evaluations(run, &count);
	assert_int_equal(count, 6);
	assert_true(evaluations[5].accuracy > 0.95 && evaluations[5].f1 > 0.95);
	assert_true(evaluations[5].step == 102 && evaluations[5].epoch == 6);
	run_close(run);
}

/* The words are plain and no dropout disturbs: what differs is the order of additions alone. */
static void accumulated_batches_equal_one_large_batch(void **state)
{
	struct train_folder *folder = *state;
	const struct run_point *p, *q;
	struct run *a, *b;
	size_t count, same;

	train_write_model(folder->model, folder->path, 0);
	train_set(&folder->options, "learning-rate", "1e-3");
	train_set(&folder->options, "num-train-epochs", "1");
	train_whole(folder, folder->run);
	train_set(&folder->options, "per-device-train-batch-size", "2");
	train_set(&folder->options, "gradient-accumulation-steps", "4");
	train_whole(folder, folder->other);
	a = run_open(folder->run, NULL);
	b = run_open(folder->other, NULL);
	p = run_points(a, &count);
	q = run_points(b, &same);
	assert_int_equal(count, 17);
	assert_int_equal(same, 17);
	for (size_t i = 0; i < count; i++) {
		assert_true(fabs(p[i].loss - q[i].loss) < 1e-6);
		assert_true(fabs(p[i].grad_norm - q[i].grad_norm) < 1e-5 * p[i].grad_norm);
	}
	run_close(a);
	run_close(b);
}

static void one_thread_and_two_give_the_same_bits(void **state)
{
	struct train_folder *folder = *state;

	train_whole(folder, folder->run);
	train_set(&folder->options, "threads", "2");
	train_whole(folder, folder->other);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

static void another_seed_gives_another_run(void **state)
{
	struct train_folder *folder = *state;
	char path[400], one[65], two[65];
	struct error error = {0};

	train_set(&folder->options, "num-train-epochs", "0.2");
	train_whole(folder, folder->run);
	train_set(&folder->options, "seed", "43");
	train_whole(folder, folder->other);
	snprintf(path, sizeof path, "%s/model/model.safetensors", folder->run);
	assert_true(file_sha256(path, one, &error));
	snprintf(path, sizeof path, "%s/model/model.safetensors", folder->other);
	assert_true(file_sha256(path, two, &error));
	assert_string_not_equal(one, two);
}

static void logging_every_third_step_gives_the_mean_of_three(void **state)
{
	struct train_folder *folder = *state;
	const struct run_point *each, *third;
	struct run *a, *b;
	size_t count;

	train_set(&folder->options, "num-train-epochs", "1");
	train_whole(folder, folder->run);
	train_set(&folder->options, "logging-steps", "3");
	train_whole(folder, folder->other);
	a = run_open(folder->run, NULL);
	b = run_open(folder->other, NULL);
	each = run_points(a, &count);
	third = run_points(b, &count);
	assert_int_equal(count, 6); /* 3, 6, ... 15 and the last, 17 */
	assert_int_equal(third[5].step, 17);
	assert_true(fabs(third[0].loss - (each[0].loss + each[1].loss + each[2].loss) / 3) < 1e-12);
	run_close(a);
	run_close(b);
}

/* Labels and rows */

static void other_labels_make_a_new_head_and_that_is_said(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct model_options options = {.threads = 1, .head_needed = true};
	struct model *model;
	char path[400];

	train_set(&folder->options, "num-train-epochs", "0.1");
	train_write_reviews(folder->data, 60, "zero stars", "five stars");
	train_whole(folder, folder->run);
	assert_true(train_has_event(folder->run, "new classifier head for 2 labels (five stars, zero stars)"));
	snprintf(path, sizeof path, "%s/model", folder->run);
	model = model_open(path, &options, NULL, &error);
	assert_non_null(model);
	assert_true(model_has_head(model));
	assert_string_equal(model_label(model, 0), "five stars");
	model_close(model);
}

static void labels_that_the_model_has_keep_its_head(void **state)
{
	struct train_folder *folder = *state;
	char path[400];

	train_set(&folder->options, "num-train-epochs", "0.1");
	train_whole(folder, folder->run);
	snprintf(path, sizeof path, "%s/model", folder->run);
	memcpy(folder->model, path, strlen(path) + 1);
	train_write_reviews(folder->data, 60, "Negative", "Positive");
	train_whole(folder, folder->other);
	assert_false(train_has_event(folder->other, "new classifier head"));
}

static void one_label_is_nothing_to_learn(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct run *run;

	train_write_reviews(folder->data, 30, "same", "same");
	train_fails(train_start(folder, folder->run, &error), &error, ERROR_DATA, "every row has the same label, \"same\"");
	run = run_open(folder->run, NULL);
	assert_int_equal(run_state(run), RUN_FAILED);
	assert_non_null(strstr(run_message(run), "every row has the same label"));
	run_close(run);
}

static void skipped_and_truncated_rows_are_counted_and_said(void **state)
{
	struct train_folder *folder = *state;
	FILE *file = fopen(folder->data, "a");

	fputs("the film was dull,\nragged,a,b\n\"good good good good good good good good good good good\",positive\n", file);
	fclose(file);
	train_set(&folder->options, "num-train-epochs", "0.1");
	train_set(&folder->options, "max-length", "12");
	train_set(&folder->options, "validation", "0");
	train_whole(folder, folder->run);
	assert_true(train_has_event(folder->run, "153 rows: 151 used, 2 skipped"));
	assert_true(train_has_event(folder->run, "151 reviews to train on ("));
	assert_false(train_has_event(folder->run, "(0 truncated at 12 tokens)"));
	assert_true(train_has_event(folder->run, "truncated at 12 tokens), 0 to measure on"));
}

static void so_many_rows_are_drawn_as_were_asked_for(void **state)
{
	struct train_folder *folder = *state;

	train_set(&folder->options, "max-train-samples", "64");
	train_set(&folder->options, "num-train-epochs", "0.1");
	train_whole(folder, folder->run);
	assert_true(train_has_event(folder->run, "64 reviews to train on"));
}

static void a_validation_file_is_measured_as_eval_does(void **state)
{
	struct train_folder *folder = *state;
	char held_out[400], path[400];
	struct evaluation evaluation = {0};
	struct dataset *dataset;
	struct model *model;
	struct error error = {0};
	const struct run_evaluation *evaluations;
	struct metric_figures figures;
	struct run *run;
	size_t count;

	snprintf(held_out, sizeof held_out, "%s/held_out.csv", folder->path);
	train_write_reviews(held_out, 77, "negative", "positive");
	train_set(&folder->options, "validation", held_out);
	train_whole(folder, folder->run);
	snprintf(path, sizeof path, "%s/model", folder->run);
	model = model_open(path, &(struct model_options){.threads = 1}, NULL, &error);
	dataset = dataset_open(held_out, &(struct dataset_options){0}, &error);
	assert_true(evaluate(model, dataset, 0, &evaluation, NULL, &error));
	assert_int_equal(evaluation.survey.used, 77);
	figures = metrics_figures(&evaluation.metrics);
	run = run_open(folder->run, NULL);
	evaluations = run_evaluations(run, &count);
	assert_int_equal(count, 2);
	assert_true(evaluations[1].accuracy == figures.accuracy && evaluations[1].f1 == figures.f1);
	assert_true(fabs(evaluations[1].loss - figures.loss) < 1e-9);
	run_close(run);
	evaluation_free(&evaluation);
	dataset_close(dataset);
	model_close(model);
}

/* Whoever opens a cell of the matrix sees its rows: as many as it counts, each of that label. */
static void an_evaluation_keeps_the_rows_of_every_cell(void **state)
{
	struct train_folder *folder = *state;
	struct evaluation evaluation = {.keep_rows = true};
	struct error error = {0};
	uint64_t rows[150], seen = 0;
	struct row *row = row_new(&error);
	struct dataset *dataset;
	struct model *model;
	char path[400];

	train_set(&folder->options, "num-train-epochs", "0.5");
	train_whole(folder, folder->run);
	snprintf(path, sizeof path, "%s/model", folder->run);
	model = model_open(path, &(struct model_options){.threads = 1}, NULL, &error);
	dataset = dataset_open(folder->data, &(struct dataset_options){0}, &error);
	assert_true(evaluate(model, dataset, 0, &evaluation, NULL, &error));
	assert_int_equal(evaluation.kept_count, 150);
	for (int32_t truth = 0; truth < 2; truth++) {
		for (int32_t prediction = 0; prediction < 2; prediction++) {
			size_t count = evaluation_cell_rows(&evaluation, truth, prediction, rows, 150);
			assert_int_equal(count, evaluation.metrics.confusion[2 * truth + prediction]);
			assert_int_equal(evaluation_cell_rows(&evaluation, truth, prediction, NULL, 0), count);
			for (size_t i = 0; i < count; i++, seen++) {
				assert_true(i == 0 || rows[i] > rows[i - 1]);
				assert_true(dataset_read(dataset, rows[i], row, &error));
				assert_int_equal(label_match(model, row->label), truth);
			}
		}
	}
	assert_int_equal(seen, 150);
	for (size_t i = 0; i < 150; i++)
		assert_true(evaluation.kept[i].row == i && evaluation.kept[i].score >= 0.5f);
	evaluation_free(&evaluation);
	assert_int_equal(evaluation_cell_rows(&evaluation, 0, 0, rows, 150), 0);
	row_free(row);
	dataset_close(dataset);
	model_close(model);
}

static void a_label_that_the_model_lacks_ends_eval_and_both_sides_are_listed(void **state)
{
	struct train_folder *folder = *state;
	struct evaluation evaluation = {0};
	struct dataset *dataset;
	struct model *model;
	struct error error = {0};
	char path[400];

	train_set(&folder->options, "num-train-epochs", "0.1");
	train_whole(folder, folder->run);
	snprintf(path, sizeof path, "%s/model", folder->run);
	model = model_open(path, &(struct model_options){.threads = 1}, NULL, &error);
	train_write_reviews(folder->data, 20, "negative", "neutral");
	dataset = dataset_open(folder->data, &(struct dataset_options){0}, &error);
	assert_false(evaluate(model, dataset, 0, &evaluation, NULL, &error));
	assert_int_equal(error.kind, ERROR_DATA);
	assert_non_null(strstr(error.text, "the file has negative, neutral; the model has negative, positive"));
	evaluation_free(&evaluation);
	dataset_close(dataset);
	model_close(model);
}

static void labels_that_differ_only_in_case_are_two_and_that_is_said(void **state)
{
	struct train_folder *folder = *state;
	FILE *file;

	train_set(&folder->options, "num-train-epochs", "0.1");
	train_whole(folder, folder->run);
	assert_false(train_has_event(folder->run, "are trained as two"));
	file = fopen(folder->data, "a");
	fputs("good food,Positive\nbad food, negative \n", file);
	fclose(file);
	train_whole(folder, folder->other);
	assert_true(train_has_event(folder->other, "the labels \"Positive\" and \"positive\" are trained as two"));
	assert_true(train_has_event(folder->other, "new classifier head for 3 labels (Positive, negative, positive)"));
}

static void labels_match_by_word_by_case_and_by_value(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct model *model = model_open(folder->model, &(struct model_options){.threads = 1}, NULL, &error);

	assert_true(model_set_labels(model, (const char *const[]){"negative", "positive"}, 2, 1, &error));
	assert_int_equal(label_match(model, span_of("positive")), 1);
	assert_int_equal(label_match(model, span_of("Positive")), 1);
	assert_int_equal(label_match(model, span_of("1")), 1);
	assert_int_equal(label_match(model, span_of("0.0")), 0);
	assert_int_equal(label_match(model, span_of("True")), 1);
	assert_int_equal(label_match(model, span_of("FALSE")), 0);
	assert_int_equal(label_match(model, span_of("2")), -1);
	assert_int_equal(label_match(model, span_of("-1")), -1);
	assert_int_equal(label_match(model, span_of("0.5")), -1);
	assert_int_equal(label_match(model, span_of("neutral")), -1);
	assert_int_equal(label_match(model, span_of("")), -1);
	assert_true(model_set_labels(model, (const char *const[]){"1", "2"}, 2, 1, &error));
	assert_int_equal(label_match(model, span_of("1")), 0);
	assert_int_equal(label_match(model, span_of("0")), -1); /* not the first: the labels are numbers */
	assert_int_equal(label_match(model, span_of("2.0")), 1);
	assert_int_equal(label_match(model, span_of("true")), 0);
	assert_true(model_set_labels(model, (const char *const[]){"-1", "0", "0.5"}, 3, 1, &error));
	assert_int_equal(label_match(model, span_of("-1.0")), 0);
	assert_int_equal(label_match(model, span_of("-0.0")), 1);
	assert_int_equal(label_match(model, span_of(".50")), 2);
	assert_int_equal(label_match(model, span_of("1")), -1);
	assert_int_equal(label_match(model, span_of("-2")), -1);
	assert_true(model_set_labels(model, (const char *const[]){"1 star", "2 stars", "3 stars"}, 3, 1, &error));
	assert_int_equal(label_match(model, span_of("1")), 0);
	assert_int_equal(label_match(model, span_of("3.0")), 2);
	assert_int_equal(label_match(model, span_of("0")), -1);
	assert_true(model_set_labels(model, (const char *const[]){"0.0", "1.0"}, 2, 1, &error));
	assert_int_equal(label_match(model, span_of("1")), 1);
	model_close(model);
}

/* Mistakes that are told before anything is done */

static void requests_that_cannot_work_are_refused_at_once(void **state)
{
	struct train_folder *folder = *state;
	struct trainer_request request = {.data = "-", .model = folder->model, .run = folder->run,
	                                  .options = &folder->options};
	struct error error = {0};

	assert_null(trainer_start(&request, NULL, &error));
	assert_int_equal(error.kind, ERROR_USAGE);
	request.data = "/nowhere/reviews.csv";
	assert_null(trainer_start(&request, NULL, &error));
	assert_int_equal(error.kind, ERROR_IO);
	request.data = folder->data;
	request.model = folder->data;
	assert_null(trainer_start(&request, NULL, &error));
	assert_non_null(strstr(error.text, "a model is a folder"));
	request.model = folder->model;
	train_set(&folder->options, "validation", "1.5");
	assert_null(trainer_start(&request, NULL, &error));
	assert_non_null(strstr(error.text, "no share"));
	train_set(&folder->options, "validation", "held_out.csv");
	assert_null(trainer_start(&request, NULL, &error));
	assert_non_null(strstr(error.text, "--validation"));
	assert_false(folder_exists(folder->run));
}

/* A run's model that another program reads, and the state that transformers reads. */
static void trainer_state_has_the_keys_that_transformers_reads(void **state)
{
	static const char *const keys[] = {"best_metric", "epoch", "global_step", "log_history", "max_steps",
	                                   "num_train_epochs", "stateful_callbacks", "total_flos", "train_batch_size"};
	struct train_folder *folder = *state;
	struct error error = {0};
	json_t *document, *history;
	char path[400];

	train_whole(folder, folder->run);
	snprintf(path, sizeof path, "%s/trainer_state.json", folder->run);
	document = json_read(path, 1 << 20, &error);
	assert_non_null(document);
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		assert_non_null(json_object_get(document, keys[i]));
	assert_int_equal(json_integer_value(json_object_get(document, "global_step")), 34);
	history = json_object_get(document, "log_history");
	assert_int_equal(json_array_size(history), 34 + 2 + 1);
	assert_non_null(json_object_get(json_array_get(history, 17), "eval_accuracy"));
	assert_non_null(json_object_get(json_array_get(history, 36), "train_loss"));
	json_decref(document);
}

static const char *const state_keys[] = {
	"best_global_step", "best_metric", "best_model_checkpoint", "epoch", "eval_steps", "global_step", "is_hyper_param_search",
	"is_local_process_zero", "is_world_process_zero", "log_history", "logging_steps", "max_steps", "num_input_tokens_seen",
	"num_train_epochs", "save_steps", "stateful_callbacks", "total_flos", "train_batch_size", "trial_name", "trial_params",
};

static json_int_t count_of(const json_t *document, const char *key)
{
	return json_integer_value(json_object_get(document, key));
}

/* With the keys of TrainerState and no other, and the log up to its step. */
static json_t *read_checkpoint_state(const char *run, uint64_t step)
{
	char name[CHECKPOINT_NAME], path[500];
	struct error error = {0};
	json_t *document, *history;

	checkpoint_name(name, step);
	snprintf(path, sizeof path, "%s/%s/trainer_state.json", run, name);
	document = json_read(path, 1 << 20, &error);
	if (!document)
		fail_msg("%s", error.text);
	assert_int_equal(json_object_size(document), sizeof state_keys / sizeof state_keys[0]);
	for (size_t i = 0; i < sizeof state_keys / sizeof state_keys[0]; i++)
		assert_non_null(json_object_get(document, state_keys[i]));
	assert_int_equal(count_of(document, "global_step"), step);
	history = json_object_get(document, "log_history");
	assert_int_equal(count_of(json_array_get(history, json_array_size(history) - 1), "step"), step);
	return document;
}

/* The first one is of the best evaluation, by a metric that gets worse from then on. */
static void every_checkpoint_tells_how_the_run_stood(void **state)
{
	struct train_folder *folder = *state;
	json_t *document, *history, *evaluation;
	char path[500];

	train_set(&folder->options, "metric-for-best-model", "loss");
	train_set(&folder->options, "greater-is-better", "true"); /* of the first evaluation, then, the loss being to fall */
	train_set(&folder->options, "save-steps", "17");
	train_set(&folder->options, "logging-steps", "5");
	train_set(&folder->options, "load-best-model-at-end", "true");
	train_whole(folder, folder->run);
	document = read_checkpoint_state(folder->run, 17);
	history = json_object_get(document, "log_history");
	assert_int_equal(json_array_size(history), 3 + 1);
	assert_int_equal(count_of(json_array_get(history, 2), "step"), 15);
	evaluation = json_array_get(history, 3);
	assert_true(json_real_value(json_object_get(document, "best_metric")) ==
	            json_real_value(json_object_get(evaluation, "eval_loss")));
	assert_true(json_real_value(json_object_get(evaluation, "eval_runtime")) > 0);
	assert_true(json_real_value(json_object_get(evaluation, "eval_samples_per_second")) > 0);
	assert_true(json_real_value(json_object_get(evaluation, "eval_steps_per_second")) > 0);
	assert_non_null(json_object_get(evaluation, "eval_precision"));
	assert_int_equal(count_of(document, "best_global_step"), 17);
	snprintf(path, sizeof path, "%s/checkpoint-000017", folder->run);
	assert_string_equal(json_string_value(json_object_get(document, "best_model_checkpoint")), path);
	assert_true(json_number_value(json_object_get(document, "epoch")) == 1);
	assert_true(count_of(document, "max_steps") == 34 && count_of(document, "num_train_epochs") == 2);
	assert_true(count_of(document, "train_batch_size") == 8 && count_of(document, "save_steps") == 17);
	assert_true(count_of(document, "logging_steps") == 5 && count_of(document, "eval_steps") == 17);
	json_decref(document);
	document = read_checkpoint_state(folder->run, 34);
	assert_int_equal(json_array_size(json_object_get(document, "log_history")), 7 + 2);
	assert_int_equal(count_of(document, "best_global_step"), 17);
	json_decref(document);
}

static void an_estimate_counts_steps_and_grows_with_the_batch(void **state)
{
	struct train_folder *folder = *state;
	struct trainer_request request = {.data = folder->data, .model = folder->model, .run = folder->run,
	                                  .options = &folder->options};
	struct train_estimate estimate, larger;
	struct error error = {0};

	assert_true(train_estimate(&request, 150, &estimate, &error));
	assert_int_equal(estimate.steps, 34);
	assert_true(estimate.memory_bytes > 16 * 4 * 1000);
	train_set(&folder->options, "per-device-train-batch-size", "64");
	assert_true(train_estimate(&request, 150, &larger, &error));
	assert_true(larger.memory_bytes > 4 * estimate.memory_bytes);
	assert_int_equal(larger.steps, 6);
}

#define TRAIN(test) cmocka_unit_test_setup_teardown(test, train_setup, train_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRAIN(the_loss_falls_and_two_labels_are_learnt),
		TRAIN(accumulated_batches_equal_one_large_batch),
		TRAIN(one_thread_and_two_give_the_same_bits),
		TRAIN(another_seed_gives_another_run),
		TRAIN(logging_every_third_step_gives_the_mean_of_three),
		TRAIN(other_labels_make_a_new_head_and_that_is_said),
		TRAIN(labels_that_the_model_has_keep_its_head),
		TRAIN(one_label_is_nothing_to_learn),
		TRAIN(skipped_and_truncated_rows_are_counted_and_said),
		TRAIN(so_many_rows_are_drawn_as_were_asked_for),
		TRAIN(a_validation_file_is_measured_as_eval_does),
		TRAIN(an_evaluation_keeps_the_rows_of_every_cell),
		TRAIN(a_label_that_the_model_lacks_ends_eval_and_both_sides_are_listed),
		TRAIN(labels_that_differ_only_in_case_are_two_and_that_is_said),
		TRAIN(labels_match_by_word_by_case_and_by_value),
		TRAIN(requests_that_cannot_work_are_refused_at_once),
		TRAIN(trainer_state_has_the_keys_that_transformers_reads),
		TRAIN(every_checkpoint_tells_how_the_run_stood),
		TRAIN(an_estimate_counts_steps_and_grows_with_the_batch),
	};

	return cmocka_run_group_tests_name("train", tests, NULL, NULL);
}
