/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/format/architecture.h: the rows agree with themselves, and a trial row is all that RoBERTa's network needs. Its
 * numbers stand in test_golden.c. */
#include "tests/unit/numeric.h"
#include "tests/unit/roberta.h"

#include "engine/base/file.h"
#include "engine/base/json.h"

enum { VOCAB = 60, POSITIONS = 22, LABELS = 2 };

static struct model_config trial_config(void)
{
	return (struct model_config){
		.architecture = &roberta, .vocab_size = VOCAB, .hidden_size = 32, .num_hidden_layers = 2,
		.num_attention_heads = 2, .intermediate_size = 48, .max_position_embeddings = POSITIONS,
		.type_vocab_size = 1, .hidden_act = ACTIVATION_GELU, .layer_norm_eps = 1e-5f, .initializer_range = 0.02f,
		.hidden_dropout_prob = 0.1f, .attention_probs_dropout_prob = 0.1f, .classifier_dropout = 0.3f,
		.pad_token_id = 1, .num_labels = LABELS,
	};
}

static void each_row_names_every_tensor_and_key_once(void **state)
{
	const struct architecture *architecture;

	(void)state;
	for (int i = 0; (architecture = architecture_at(i)); i++) {
		assert_ptr_equal(architecture_find(architecture->name), architecture);
		for (int role = 0; role < ROLE_COUNT; role++)
			for (int other = 0; other < role; other++)
				assert_true(!architecture->tensors[role] || !architecture->tensors[other] ||
				            strcmp(architecture->tensors[role], architecture->tensors[other]) != 0);
		for (int role = 0; role < ROLE_COUNT; role++)
			assert_true(architecture->tensors[role] || role == ROLE_TYPE_EMBEDDINGS || role >= ROLE_FIT_WEIGHT);
		for (int size = 0; size < SIZE_COUNT; size++)
			assert_true(architecture->sizes[size].name || architecture->sizes[size].fallback == 0);
		assert_memory_equal(architecture->layers, architecture->prefix, strlen(architecture->prefix));
	}
	assert_null(architecture_find("no such"));
}

static void a_row_of_the_table_is_found_by_role_and_layer(void **state)
{
	struct model_config config = trial_config();
	int count = 0;
	struct parameter *parameters = parameters_new(&config, &count, NULL);

	(void)state;
	assert_non_null(parameters);
	assert_int_equal(count, 5 + 2 * 16 + 4);
	for (int row = 0; row < count; row++)
		assert_ptr_equal(parameters_find(parameters, count, parameters[row].role, parameters[row].layer), &parameters[row]);
	assert_null(parameters_find(parameters, count, ROLE_QUERY_WEIGHT, 2));
	assert_null(parameters_find(parameters, count, ROLE_QUERY_WEIGHT, OUTSIDE_LAYERS));
	free(parameters);
}

static void measuring_the_table_moves_no_pointer(void **state)
{
	struct model_config config = trial_config();
	struct model *model = numeric_model(&config);
	struct numeric_batch batch = numeric_batch(VOCAB, LABELS, (int32_t[]){5, 9}, 2, 0);
	struct parameter *rows = model_parameter(model, 0);
	int count = model_parameter_rows(model);
	float *gradient;

	(void)state;
	numeric_reserve(model, &batch, true);
	gradient = rows[3].gradient;
	assert_non_null(gradient);
	assert_true(parameters_place(rows, count, NULL, true) > 0);
	assert_ptr_equal(rows[3].gradient, gradient);
	numeric_batch_free(&batch);
	model_close(model);
}

static void a_trial_row_is_saved_and_opened_again_under_its_own_names(void **state)
{
	struct model_config config = trial_config();
	struct model *model = numeric_model(&config), *again;
	struct error error = {0};
	struct span text = span_of("w7 w8 w9");
	float logits[2][LABELS], scores[2][LABELS];
	struct score score[2] = {{.logits = logits[0], .scores = scores[0]}, {.logits = logits[1], .scores = scores[1]}};
	char folder[256], path[300];
	json_t *document;

	(void)state;
	check_folder(folder, sizeof folder);
	assert_true(model_save(model, folder, &error));
	snprintf(path, sizeof path, "%s/config.json", folder);
	document = json_read(path, 1 << 20, &error);
	assert_string_equal(json_string_value(json_object_get(document, "model_type")), "roberta");
	assert_string_equal(json_string_value(json_array_get(json_object_get(document, "architectures"), 0)),
	                    "RobertaForSequenceClassification");
	json_decref(document);
	again = model_open(folder, &(struct model_options){.head_needed = true}, NULL, &error);
	if (!again)
		fail_msg("%s", error.text);
	assert_ptr_equal(model_config(again)->architecture, &roberta);
	assert_true(model_score(model, &text, 1, 0, &score[0], NULL, &error));
	assert_true(model_score(again, &text, 1, 0, &score[1], NULL, &error));
	assert_memory_equal(logits[0], logits[1], sizeof logits[0]);
	model_close(again);
	model_close(model);
	check_folder_remove(folder);
}

static void positions_that_follow_the_padding_shorten_the_longest_text(void **state)
{
	struct model_config config = trial_config();
	struct model *model = numeric_model(&config);
	struct numeric_batch longest = numeric_batch(VOCAB, LABELS, (int32_t[]){POSITIONS - 2}, 1, 0);
	float logits[LABELS];

	(void)state;
	assert_int_equal(model_max_length(model), POSITIONS - 2);
	numeric_reserve(model, &longest, false);
	network_score(model, &longest.batch, logits); /* under sanitizers: no row beyond the positions is read */
	assert_true(isfinite(logits[0]) && isfinite(logits[1]));
	numeric_batch_free(&longest);
	model_close(model);
}

static double loss_of(struct model *model, const struct numeric_batch *batch)
{
	struct train_pass pass = {.scale = 0.5f, .seed = 7, .step = 3};

	network_zero_gradients(model);
	return network_train(model, &batch->batch, &pass) * 0.5;
}

/* The dropout before the dense layer is part of the gradient: without its backward half this fails. */
static void the_head_with_dropout_on_both_sides_has_the_gradient_of_finite_differences(void **state)
{
	struct model_config config = trial_config();
	struct model *model = numeric_model(&config);
	struct numeric_batch batch = numeric_batch(VOCAB, LABELS, (int32_t[]){5, 9}, 2, 0);
	struct parameter *beta = model_find_parameter(model, ROLE_OUTPUT_NORM_BETA, 1);
	struct backend *backend = model_backend(model);
	float *gradient, *values;

	(void)state;
	numeric_reserve(model, &batch, true);
	loss_of(model, &batch);
	gradient = numeric_download(model, beta->gradient, beta->count);
	values = numeric_download(model, beta->value, beta->count);
	for (size_t i = 0; i < beta->count; i += 5) {
		const float step = 0x1p-8f, value = values[i];
		double up, down;

		values[i] = value + step;
		backend->ops->upload(backend, beta->value, values, beta->count * sizeof *values);
		up = loss_of(model, &batch);
		values[i] = value - step;
		backend->ops->upload(backend, beta->value, values, beta->count * sizeof *values);
		down = loss_of(model, &batch);
		values[i] = value;
		assert_true(fabs((up - down) / (2 * (double)step) - (double)gradient[i]) < 2e-4);
	}
	free(values);
	free(gradient);
	numeric_batch_free(&batch);
	model_close(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_names_every_tensor_and_key_once),
		cmocka_unit_test(a_row_of_the_table_is_found_by_role_and_layer),
		cmocka_unit_test(measuring_the_table_moves_no_pointer),
		cmocka_unit_test(a_trial_row_is_saved_and_opened_again_under_its_own_names),
		cmocka_unit_test(positions_that_follow_the_padding_shorten_the_longest_text),
		cmocka_unit_test(the_head_with_dropout_on_both_sides_has_the_gradient_of_finite_differences),
	};

	architecture_try(&roberta);
	return cmocka_run_group_tests_name("architecture", tests, NULL, NULL);
}
