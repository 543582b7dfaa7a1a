/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train: optimizers, losses, frozen tensors, learning rates by layer and NEFTune in trainings, which are stopped and
 * go on to the bit; and the options that ask for them. */
#include "tests/unit/train_check.h"

#include "engine/base/json.h"
#include "engine/format/tensors.h"
#include "engine/train/optimize/loss.h"
#include "engine/train/optimize/optimizer_options.h"

/* ---- trainings */

static void stop_and_go_on(struct train_folder *folder)
{
	train_whole(folder, folder->run);
	train_until(folder, folder->other, 6);
	train_resume_whole(folder->other);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

static double last_loss(const char *path)
{
	struct run *run = run_open(path, NULL);
	const struct run_point *points;
	size_t count;
	double loss;

	points = run_points(run, &count);
	assert_true(count > 0);
	loss = points[count - 1].loss;
	run_close(run);
	return loss;
}

/* Who only guesses has a loss of ln 2 = 0.69. */
static void assert_learnt(const char *path)
{
	if (!(last_loss(path) < 0.65))
		fail_msg("the loss is %g", last_loss(path));
}

static void a_run_of_sgd_goes_on_to_the_bit(void **state)
{
	struct train_folder *folder = *state;

	train_set(&folder->options, "optim", "sgd");
	train_set(&folder->options, "learning-rate", "0.1");
	stop_and_go_on(folder);
}

static void a_run_of_sgd_with_momentum_goes_on_to_the_bit(void **state)
{
	struct train_folder *folder = *state;

	train_set(&folder->options, "optim", "sgd");
	train_set(&folder->options, "optim-args", "momentum=0.9, nesterov=True");
	train_set(&folder->options, "learning-rate", "0.1");
	train_set(&folder->options, "num-train-epochs", "6");
	stop_and_go_on(folder);
	assert_learnt(folder->run);
}

static void a_run_of_lion_goes_on_to_the_bit(void **state)
{
	struct train_folder *folder = *state;

	train_set(&folder->options, "optim", "lion_32bit");
	train_set(&folder->options, "adam-beta2", "0.99");
	train_set(&folder->options, "learning-rate", "1e-3");
	train_set(&folder->options, "num-train-epochs", "6");
	train_set(&folder->options, "weight-decay", "0.1");
	stop_and_go_on(folder);
	assert_learnt(folder->run);
}

static void a_run_of_adafactor_goes_on_to_the_bit(void **state)
{
	struct train_folder *folder = *state;

	train_set(&folder->options, "optim", "adafactor");
	stop_and_go_on(folder);
	assert_learnt(folder->run);
}

static void a_run_with_everything_goes_on_to_the_bit(void **state)
{
	struct train_folder *folder = *state;

	train_set(&folder->options, "neftune-noise-alpha", "5");
	train_set(&folder->options, "label-smoothing-factor", "0.1");
	train_set(&folder->options, "class-weights", "balanced");
	train_set(&folder->options, "layerwise-lr-decay", "0.8");
	train_set(&folder->options, "freeze", "*word_embeddings*");
	train_set(&folder->options, "freeze-layers", "0");
	train_set(&folder->options, "gradient-accumulation-steps", "2");
	train_set(&folder->options, "adam-beta1", "0.8");
	train_set(&folder->options, "fp16", "true");
	train_set(&folder->options, "tf32", "true");
	stop_and_go_on(folder);
	assert_int_equal(train_has_event(folder->run, "--fp16: computed in f32 all the same"), !getenv("REVUE_TEST_BACKEND"));
	assert_true(train_has_event(folder->run, "class weights: "));
	assert_true(train_has_event(folder->run, "frozen: 17 of 41 tensors, "));
}

static void adafactor_keeps_a_factor_a_row_and_a_column(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct tensor_file *file;
	const struct tensor *tensor;
	struct checkpoint_state found;
	char path[500], name[CHECKPOINT_NAME];

	train_set(&folder->options, "optim", "adafactor");
	train_until(folder, folder->run, 6);
	assert_true(checkpoint_newest(folder->run, name, &found, NULL));
	snprintf(path, sizeof path, "%s/%s/optimizer.safetensors", folder->run, name);
	file = tensor_file_open(path, &error);
	if (!file)
		fail_msg("%s", error.text);
	tensor = tensor_file_find(file, "exp_avg_sq_row.bert.embeddings.word_embeddings.weight");
	assert_non_null(tensor);
	assert_int_equal(tensor->count, TRAIN_WORDS + 5);
	assert_int_equal(tensor_file_find(file, "exp_avg_sq_col.bert.embeddings.word_embeddings.weight")->count, 16);
	assert_int_equal(tensor_file_find(file, "exp_avg_sq.classifier.bias")->count, 2);
	assert_null(tensor_file_find(file, "exp_avg.classifier.bias"));
	tensor_file_close(file);
}

static float *read_tensor(const char *folder, const char *name, size_t *count)
{
	struct error error = {0};
	char path[500];
	struct tensor_file *file;
	const struct tensor *tensor;
	float *values;

	snprintf(path, sizeof path, "%s/model.safetensors", folder);
	file = tensor_file_open(path, &error);
	assert_non_null(file);
	tensor = tensor_file_find(file, name);
	assert_non_null(tensor);
	*count = (size_t)tensor->count;
	values = calloc(*count, sizeof *values);
	assert_true(tensor_file_read(file, tensor, values, &error));
	tensor_file_close(file);
	return values;
}

/* The largest difference of a tensor in two model folders. */
static double tensor_difference(const char *a, const char *b, const char *name)
{
	size_t count, same;
	float *x = read_tensor(a, name, &count), *y = read_tensor(b, name, &same);
	double worst = 0;

	assert_int_equal(count, same);
	for (size_t i = 0; i < count; i++)
		worst = fmax(worst, fabs((double)x[i] - (double)y[i]));
	free(x);
	free(y);
	return worst;
}

static void frozen_tensors_stay_and_the_others_learn(void **state)
{
	struct train_folder *folder = *state;
	char trained[400];

	train_set(&folder->options, "freeze", "embeddings");
	train_set(&folder->options, "freeze-layers", "0");
	train_whole(folder, folder->run);
	snprintf(trained, sizeof trained, "%s/model", folder->run);
	assert_true(tensor_difference(folder->model, trained, "bert.embeddings.word_embeddings.weight") == 0);
	assert_true(tensor_difference(folder->model, trained, "bert.embeddings.LayerNorm.weight") == 0);
	assert_true(tensor_difference(folder->model, trained, "bert.encoder.layer.0.output.dense.weight") == 0);
	assert_true(tensor_difference(folder->model, trained, "bert.encoder.layer.1.output.dense.weight") > 0);
}

static void a_lower_layer_learns_less_with_layerwise_decay(void **state)
{
	struct train_folder *folder = *state;
	static const char *const names[] = {"bert.encoder.layer.1.intermediate.dense.bias",
	                                    "bert.encoder.layer.0.intermediate.dense.bias", "bert.embeddings.LayerNorm.bias"};
	double moved[3];
	char trained[400];

	/* One step of Lion moves every element by the learning rate of its layer. */
	train_set(&folder->options, "optim", "lion");
	train_set(&folder->options, "learning-rate", "0.001");
	train_set(&folder->options, "layerwise-lr-decay", "0.5");
	train_set(&folder->options, "lr-scheduler-type", "constant");
	train_set(&folder->options, "num-train-epochs", "0.05");
	train_set(&folder->options, "validation", "0");
	train_whole(folder, folder->run);
	snprintf(trained, sizeof trained, "%s/model", folder->run);
	for (int i = 0; i < 3; i++)
		moved[i] = tensor_difference(folder->model, trained, names[i]);
	assert_true(fabs(moved[0] - 0.001) < 1e-7 && fabs(moved[1] - 0.0005) < 1e-7 && fabs(moved[2] - 0.00025) < 1e-7);
}

/* With dropout off: batches of 8, or two of 4 whose rows weigh differently. */
static void weighted_batches_that_are_accumulated_are_one_large_one(void **state)
{
	struct train_folder *folder = *state;
	char one[400], two[400];

	train_write_model(folder->model, folder->path, 0);
	train_set(&folder->options, "class-weights", "negative=5,positive=0.25");
	train_set(&folder->options, "label-smoothing-factor", "0.2");
	train_set(&folder->options, "learning-rate", "1e-3");
	train_set(&folder->options, "optim", "sgd");
	train_set(&folder->options, "max-grad-norm", "0");
	train_whole(folder, folder->run);
	train_set(&folder->options, "per-device-train-batch-size", "4");
	train_set(&folder->options, "gradient-accumulation-steps", "2");
	train_whole(folder, folder->other);
	snprintf(one, sizeof one, "%s/model", folder->run);
	snprintf(two, sizeof two, "%s/model", folder->other);
	assert_true(tensor_difference(one, two, "bert.encoder.layer.0.attention.self.query.weight") < 1e-6);
	assert_true(tensor_difference(one, two, "classifier.weight") < 1e-6);
	assert_true(tensor_difference(one, folder->model, "bert.encoder.layer.0.output.dense.weight") > 1e-5);
	assert_true(fabs(last_loss(folder->run) - last_loss(folder->other)) < 1e-5);
}

static void evaluate_with(struct train_folder *folder, const char *run, const char *smoothing, const char *weights,
                          struct run_evaluation *evaluation)
{
	const struct run_evaluation *all;
	struct run *reader;
	size_t count;

	train_set(&folder->options, "label-smoothing-factor", smoothing);
	train_set(&folder->options, "class-weights", weights);
	train_whole(folder, run);
	reader = run_open(run, NULL);
	all = run_evaluations(reader, &count);
	assert_true(count > 0);
	*evaluation = all[0];
	run_close(reader);
}

/* Nothing is learnt at a learning rate of 0: the same model is measured with each loss. The logits of an untrained head are
 * small, so that the losses are ln 2 nearly, and with a weight of 3 for both labels the mean stays what it was. */
static void evaluations_measure_the_loss_that_is_trained(void **state)
{
	struct train_folder *folder = *state;
	struct run_evaluation plain, smoothed, weighted, same;
	char third[400], fourth[400];

	snprintf(third, sizeof third, "%s/third", folder->path);
	snprintf(fourth, sizeof fourth, "%s/fourth", folder->path);
	train_set(&folder->options, "learning-rate", "0");
	train_set(&folder->options, "num-train-epochs", "1");
	evaluate_with(folder, folder->run, "0", "none", &plain);
	evaluate_with(folder, folder->other, "1", "none", &smoothed);
	evaluate_with(folder, third, "0", "negative=3,positive=3", &same);
	evaluate_with(folder, fourth, "0", "negative=3,positive=0", &weighted);
	assert_true(plain.accuracy == smoothed.accuracy);
	assert_true(plain.loss != smoothed.loss && fabs(plain.loss - smoothed.loss) < 0.2);
	assert_true(smoothed.loss >= 0.693147); /* the least that evenly spread labels can have */
	assert_true(fabs(plain.loss - same.loss) < 1e-9);
	assert_true(fabs(plain.loss - weighted.loss) > 1e-6);
}

static void noise_changes_the_training_and_not_the_scores(void **state)
{
	struct train_folder *folder = *state;
	struct run_evaluation quiet, noisy;

	train_write_model(folder->model, folder->path, 0);
	train_set(&folder->options, "learning-rate", "0");
	train_set(&folder->options, "num-train-epochs", "1");
	evaluate_with(folder, folder->run, "0", "none", &quiet);
	train_set(&folder->options, "neftune-noise-alpha", "15");
	evaluate_with(folder, folder->other, "0", "none", &noisy);
	assert_true(quiet.loss == noisy.loss);
	assert_true(last_loss(folder->run) != last_loss(folder->other));
}

static void impossible_choices_are_refused_when_the_data_is_known(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};

	train_set(&folder->options, "class-weights", "1,2,3");
	train_fails(train_start(folder, folder->run, &error), &error, ERROR_USAGE,
	            "--class-weights: 3 numbers for 2 labels: one each, the first for \"negative\"");
	error = (struct error){0};
	train_set(&folder->options, "class-weights", "none");
	train_set(&folder->options, "freeze", "nothing.such");
	train_fails(train_start(folder, folder->other, &error), &error, ERROR_USAGE, "--freeze: \"nothing.such\" is neither");
}

/* ---- options */

static void assert_check_refuses(const char *const settings[][2], size_t count, const char *said)
{
	struct train_options options;
	struct error error = {0};

	train_options_init(&options);
	for (size_t i = 0; i < count; i++)
		train_set(&options, settings[i][0], settings[i][1]);
	assert_false(train_options_check(&options, &error));
	if (!strstr(error.text, said))
		fail_msg("\"%s\" does not say \"%s\"", error.text, said);
}

#define REFUSED(said, ...) \
	do { \
		const char *const settings[][2] = {__VA_ARGS__}; \
		assert_check_refuses(settings, sizeof settings / sizeof *settings, said); \
	} while (0)

static void combinations_without_sense_are_refused_by_name(void **state)
{
	(void)state;
	REFUSED("--fp16 and --bf16: at most one", {"fp16", "true"}, {"bf16", "true"});
	REFUSED("--fp16-full-eval and --bf16-full-eval", {"fp16-full-eval", "true"}, {"bf16-full-eval", "true"});
	REFUSED("--load-in-4bit leaves the matrices of the base as they are: give --lora-r", {"load-in-4bit", "true"});
	REFUSED("--optim-args are those of --optim sgd", {"optim-args", "momentum=0.9"});
	REFUSED("nesterov needs a momentum", {"optim", "sgd"}, {"optim-args", "nesterov=true"});
	REFUSED("no dampening", {"optim", "sgd"}, {"optim-args", "nesterov=1,momentum=0.9,dampening=0.1"});
	REFUSED("\"weight_decay\" is neither momentum, dampening nor nesterov: that is --weight-decay", {"optim", "sgd"},
	        {"optim-args", "weight_decay=0.1"});
	REFUSED("--label-smoothing-factor is for labels of which a review has one", {"label-smoothing-factor", "0.1"},
	        {"problem-type", "multi_label_classification"});
	REFUSED("--class-weights: \"much\" is not a number from 0 to", {"class-weights", "1,much"});
	REFUSED("--class-weights: \"-1\" is not a number", {"class-weights", "negative=1,positive=-1"});
	REFUSED("--class-weights: either numbers alone or label=number alone", {"class-weights", "1,positive=2"});
	REFUSED("--class-weights: 1 number: each of two or more labels needs one", {"class-weights", "[3]"});
	REFUSED("--class-weights: 0 numbers", {"class-weights", "[]"});
	REFUSED("--class-weights: no label counts", {"class-weights", "0, 0"});
	REFUSED("momentum=two: a number from 0 to 1", {"optim", "sgd"}, {"optim-args", "momentum=two"});
	REFUSED("\"momentum\" is not as momentum=0.9", {"optim", "sgd"}, {"optim-args", "momentum"});
}

/* 0 divides nothing by nothing. */
static void an_epsilon_of_zero_is_refused(void **state)
{
	struct train_options options;
	struct error error = {0};

	(void)state;
	train_options_init(&options);
	assert_false(train_option_set(&options, train_option_find("adam-epsilon"), "0", &error));
	assert_non_null(strstr(error.text, "adam-epsilon"));
	assert_non_null(strstr(error.text, "1e-20"));
	train_set(&options, "adam-epsilon", "1e-20");
}

static void the_plan_is_what_the_options_say(void **state)
{
	struct train_options options;
	struct optimizer_plan plan;
	struct error error = {0};

	(void)state;
	train_options_init(&options);
	assert_true(train_options_check(&options, &error) && optimizer_plan_read(&plan, &options, &error));
	assert_true(plan.kind == OPTIMIZER_ADAMW && plan.beta1 == 0.9 && plan.beta2 == 0.999 && plan.epsilon == 1e-8);
	train_set(&options, "optim", "sgd");
	train_set(&options, "optim-args", " momentum = 0.9 ,dampening=0.5,nesterov=no");
	assert_true(optimizer_plan_read(&plan, &options, &error));
	assert_true(plan.kind == OPTIMIZER_SGD && plan.momentum == 0.9 && plan.dampening == 0.5 && !plan.nesterov);
	train_set(&options, "optim-args", "");
	train_set(&options, "optim", "lion");
	assert_true(optimizer_plan_read(&plan, &options, &error) && plan.kind == OPTIMIZER_LION);
	train_set(&options, "optim", "adamw_torch_fused");
	assert_true(optimizer_plan_read(&plan, &options, &error) && plan.kind == OPTIMIZER_ADAMW);
}

/* ---- weights of labels */

static const char *const four[] = {"a", "b=c", "3", "d"};
static const uint64_t having[] = {7, 1, 20, 4};

static bool weigh(struct train_loss *loss, const char *text, bool independent, struct error *error)
{
	const struct loss_labels labels = {four, having, 32, 4, independent};
	struct train_options options;

	*loss = (struct train_loss){0};
	train_options_init(&options);
	train_set(&options, "class-weights", text);
	return train_loss_check(&options, error) && train_loss_init(loss, &options, &labels, error);
}

static void balanced_weights_are_those_of_scikit_learn(void **state)
{
	struct error error = {0};
	struct train_loss loss;
	json_t *golden = json_read(check_source("tests/golden/optim.json"), 1 << 20, &error);

	(void)state;
	assert_non_null(golden);
	assert_true(weigh(&loss, "balanced", false, &error));
	for (size_t i = 0; i < 4; i++)
		assert_true(fabs((double)loss.weights[i] -
		                 json_number_value(json_array_get(json_object_get(golden, "balanced"), i))) < 1e-6);
	train_loss_free(&loss);
	json_decref(golden);
	assert_true(weigh(&loss, "balanced", true, &error)); /* rows without the label for each with it */
	assert_true(loss.weights[1] == 31 && loss.weights[3] == 7);
	train_loss_free(&loss);
}

static void weights_are_numbers_or_named(void **state)
{
	struct error error = {0};
	struct train_loss loss;

	(void)state;
	assert_true(weigh(&loss, "1,2.5, 0 ,1e2", false, &error));
	assert_true(loss.weights[0] == 1 && loss.weights[1] == 2.5f && loss.weights[2] == 0 && loss.weights[3] == 100);
	train_loss_free(&loss);
	assert_true(weigh(&loss, "[1, 2, 3, 4]", false, &error));
	assert_true(loss.weights[3] == 4);
	train_loss_free(&loss);
	assert_true(weigh(&loss, "b=c=7,3=0.5", false, &error));
	assert_true(loss.weights[0] == 1 && loss.weights[1] == 7 && loss.weights[2] == 0.5f && loss.weights[3] == 1);
	train_loss_free(&loss);
	assert_true(weigh(&loss, "none", false, &error) && !loss.weights);
}

static void weights_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{"1,2", "2 numbers for 4 labels"}, {"1,2,3,4,5", "5 numbers for 4 labels"}, {"1,2,3,-4", "\"-4\" is not a number from 0"},
		{"1,2,3,nan", "\"nan\" is not a number"}, {"1,2,3,inf", "\"inf\" is not a number"},
		{"e=1", "\"e\" is not one of the labels, such as \"a\""}, {"a=1,2", "either numbers alone or label=number alone"},
		{"a=x", "\"x\" is not a number"}, {"a=0,b=c=0,3=0,d=0", "no row that trains has a label that counts"},
		{"0,0,0,0", "no label counts"}, {",", "0 numbers: each of two or more labels needs one"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct error error = {0};
		struct train_loss loss;

		assert_false(weigh(&loss, cases[i].text, false, &error));
		if (!strstr(error.text, cases[i].said))
			fail_msg("\"%s\" does not say \"%s\"", error.text, cases[i].said);
		assert_null(loss.weights);
	}
}

static void smoothing_is_not_for_several_labels(void **state)
{
	const struct loss_labels labels = {four, having, 32, 4, true};
	struct train_options options;
	struct train_loss loss;
	struct error error = {0};

	(void)state;
	train_options_init(&options);
	train_set(&options, "label-smoothing-factor", "0.1");
	assert_false(train_loss_init(&loss, &options, &labels, &error));
	assert_non_null(strstr(error.text, "--label-smoothing-factor is for labels of which a review has one"));
}

#define TRAIN(test) cmocka_unit_test_setup_teardown(test, train_setup, train_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRAIN(a_run_of_sgd_goes_on_to_the_bit),
		TRAIN(a_run_of_sgd_with_momentum_goes_on_to_the_bit),
		TRAIN(a_run_of_lion_goes_on_to_the_bit),
		TRAIN(a_run_of_adafactor_goes_on_to_the_bit),
		TRAIN(a_run_with_everything_goes_on_to_the_bit),
		TRAIN(adafactor_keeps_a_factor_a_row_and_a_column),
		TRAIN(frozen_tensors_stay_and_the_others_learn),
		TRAIN(a_lower_layer_learns_less_with_layerwise_decay),
		TRAIN(weighted_batches_that_are_accumulated_are_one_large_one),
		TRAIN(evaluations_measure_the_loss_that_is_trained),
		TRAIN(noise_changes_the_training_and_not_the_scores),
		TRAIN(impossible_choices_are_refused_when_the_data_is_known),
		cmocka_unit_test(combinations_without_sense_are_refused_by_name),
		cmocka_unit_test(an_epsilon_of_zero_is_refused),
		cmocka_unit_test(the_plan_is_what_the_options_say),
		cmocka_unit_test(balanced_weights_are_those_of_scikit_learn),
		cmocka_unit_test(weights_are_numbers_or_named),
		cmocka_unit_test(weights_that_make_no_sense_are_refused),
		cmocka_unit_test(smoothing_is_not_for_several_labels),
	};

	return cmocka_run_group_tests_name("train_choices", tests, NULL, NULL);
}
