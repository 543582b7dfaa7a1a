/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train: AdamW is torch's, also where the backend's memory is not the host's. */
#include "tests/unit/train_check.h"

#include "engine/train/optimize/optimizer.h"

/* AdamW: the model and the numbers of tests/golden/train.py */

static float pattern(size_t i, size_t a, size_t b, size_t modulus, int middle, float divisor)
{
	return (float)((int)((i * a + b) % modulus) - middle) / divisor;
}

static void fill_values(struct model *model)
{
	struct backend *backend = model_backend(model);

	for (int row = 0; row < model_parameter_rows(model); row++) {
		struct parameter *parameter = model_parameter(model, row);
		float *values = calloc(parameter->count, sizeof *values);
		for (size_t i = 0; i < parameter->count; i++)
			values[i] = pattern(i, 7, strlen(parameter->name) * 3, 13, 6, 8);
		backend->ops->upload(backend, parameter->value, values, parameter->count * sizeof *values);
		free(values);
	}
}

static void fill_gradients(struct model *model, size_t step)
{
	struct backend *backend = model_backend(model);

	for (int row = 0; row < model_parameter_rows(model); row++) {
		struct parameter *parameter = model_parameter(model, row);
		float *values = calloc(parameter->count, sizeof *values);
		bool words = strstr(parameter->name, "word_embeddings");
		for (size_t i = 0; i < parameter->count && !words; i++)
			values[i] = pattern(i, 5, strlen(parameter->name) + step * 11, 17, 8, 64);
		backend->ops->upload(backend, parameter->gradient, values, parameter->count * sizeof *values);
		free(values);
	}
}

static void assert_values(struct model *model, const char *name, const float expected[4])
{
	struct backend *backend = model_backend(model);
	float values[4];

	for (int row = 0; row < model_parameter_rows(model); row++) {
		struct parameter *parameter = model_parameter(model, row);
		if (strcmp(parameter->name, name) != 0)
			continue;
		backend->ops->download(backend, values, parameter->value, sizeof values);
		for (int i = 0; i < 4; i++)
			assert_true(fabsf(values[i] - expected[i]) < 1e-6f);
		return;
	}
	fail_msg("no parameter %s", name);
}

static struct model *golden_model(const char *vocabulary)
{
	struct error error = {0};
	struct model_config config = {
		.architecture = &architecture_bert, .vocab_size = 100, .hidden_size = 8, .num_hidden_layers = 1,
		.num_attention_heads = 2, .intermediate_size = 16, .max_position_embeddings = 32, .type_vocab_size = 2,
		.hidden_act = ACTIVATION_GELU, .layer_norm_eps = 1e-12f, .initializer_range = 0.02f, .num_labels = 2,
	};
	struct model *model = model_new(&config, tokenizer_open(vocabulary, &error), 7, &error);

	assert_non_null(model);
	assert_true(network_reserve(model, 8, 2, 4, true, 0, &error));
	return model;
}

static void three_steps_of_adamw_with_clipping_are_those_of_torch(void **state)
{
	static const double norms[] = {2.39664268, 2.38873506, 2.39654088};
	struct train_folder *folder = *state;
	struct model *model = golden_model(folder->path);
	struct optimizer optimizer;
	struct optimizer_settings settings = {.learning_rate = 0.01, .weight_decay = 0.1, .max_grad_norm = 1};
	struct error error = {0};
	double norm;

	assert_true(optimizer_init(&optimizer, model, NULL, &error));
	fill_values(model);
	for (size_t step = 0; step < 3; step++) {
		fill_gradients(model, step);
		assert_true(optimizer_step(&optimizer, &settings, &norm));
		assert_true(fabs(norm - norms[step]) < 1e-6);
	}
	assert_values(model, "bert.embeddings.word_embeddings.weight",
	              (const float[]){0.498501539f, -0.24925077f, 0.623126864f, -0.124625385f});
	assert_values(model, "bert.encoder.layer.0.attention.self.query.weight",
	              (const float[]){-0.638941884f, 0.26068607f, -0.477761984f, 0.365825027f});
	assert_values(model, "bert.encoder.layer.0.attention.self.query.bias",
	              (const float[]){0.241926253f, -0.481571585f, 0.375439048f, -0.385175884f});
	assert_values(model, "bert.encoder.layer.0.attention.output.LayerNorm.weight",
	              (const float[]){0.00743703544f, -0.7422176f, 0.112738319f, -0.609769225f});
	assert_values(model, "classifier.weight",
	              (const float[]){0.766157031f, 0.000423713122f, -0.757911861f, 0.105803199f});
	optimizer_free(&optimizer);
	model_close(model);
}

/* 1 - beta2 in f32 arithmetic would be 1.3e-5 too small, and every step larger than torch's. */
static void the_moments_of_one_step_are_a_tenth_and_a_thousandth(void **state)
{
	struct train_folder *folder = *state;
	struct model *model = golden_model(folder->path);
	struct parameter *parameter = model_parameter(model, 0);
	struct backend *backend = model_backend(model);
	struct optimizer optimizer;
	struct optimizer_settings settings = {.learning_rate = 0.01};
	struct error error = {0};
	const float one = 1;
	float average, square;
	double norm;

	assert_true(optimizer_init(&optimizer, model, NULL, &error));
	network_zero_gradients(model);
	backend->ops->upload(backend, parameter->gradient, &one, sizeof one);
	assert_true(optimizer_step(&optimizer, &settings, &norm));
	assert_true(norm == 1);
	backend->ops->download(backend, &average, optimizer.moments[0].average, sizeof average);
	backend->ops->download(backend, &square, optimizer.moments[0].square, sizeof square);
	assert_true(average == 0.1f);
	assert_true(square == 0.001f);
	optimizer_free(&optimizer);
	model_close(model);
}

static void a_checkpoint_is_the_same_from_a_backend_whose_memory_is_not_the_hosts(void **state)
{
	static const char *const names[] = {"model.safetensors", "optimizer.safetensors"};
	struct train_folder *folder = *state;
	struct model *model = golden_model(folder->path);
	struct backend *backend = model_backend(model);
	struct backend_operations remote = *backend->ops;
	struct checkpoint_state first = {.step = 1}, second = {.step = 2};
	struct optimizer optimizer;
	struct error error = {0};
	char run[256], path[400], one[65], two[65];

	check_folder(run, sizeof run);
	assert_true(optimizer_init(&optimizer, model, NULL, &error));
	assert_true(checkpoint_write(run, &first, &optimizer, 2, &error));
	remote.host_memory = false;
	backend->ops = &remote;
	assert_true(checkpoint_write(run, &second, &optimizer, 2, &error));
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/checkpoint-000001/%s", run, names[i]);
		assert_true(file_sha256(path, one, &error));
		snprintf(path, sizeof path, "%s/checkpoint-000002/%s", run, names[i]);
		assert_true(file_sha256(path, two, &error));
		assert_string_equal(one, two);
	}
	optimizer_free(&optimizer);
	model_close(model);
	check_folder_remove(run);
}

static void a_gradient_that_is_not_finite_changes_nothing(void **state)
{
	struct train_folder *folder = *state;
	struct model *model = golden_model(folder->path);
	struct backend *backend = model_backend(model);
	struct optimizer optimizer;
	struct optimizer_settings settings = {.learning_rate = 0.01, .max_grad_norm = 1};
	struct error error = {0};
	const float infinite = INFINITY;
	double norm;

	assert_true(optimizer_init(&optimizer, model, NULL, &error));
	fill_values(model);
	fill_gradients(model, 0);
	backend->ops->upload(backend, model_parameter(model, 5)->gradient, &infinite, sizeof infinite);
	assert_false(optimizer_step(&optimizer, &settings, &norm));
	assert_int_equal(optimizer.steps, 0);
	assert_values(model, "bert.encoder.layer.0.attention.self.query.bias",
	              (const float[]){0.25f, -0.5f, 0.375f, -0.375f});
	optimizer_free(&optimizer);
	model_close(model);
}

#define TRAIN(test) cmocka_unit_test_setup_teardown(test, train_setup, train_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRAIN(three_steps_of_adamw_with_clipping_are_those_of_torch),
		TRAIN(the_moments_of_one_step_are_a_tenth_and_a_thousandth),
		TRAIN(a_checkpoint_is_the_same_from_a_backend_whose_memory_is_not_the_hosts),
		TRAIN(a_gradient_that_is_not_finite_changes_nothing),
	};

	return cmocka_run_group_tests_name("optimizer", tests, NULL, NULL);
}
