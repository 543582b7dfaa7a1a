/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/model.h: which labels a model may have, what its head means, and when it may score. */
#include "tests/unit/numeric.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/format/architecture.h"
#include "engine/format/tensors.h"

#include <math.h>

enum { VOCAB = 60, LABELS = 3 };
static const char *const words[LABELS] = {"rude", "funny", "long"};

static const struct model_config config = {
	.architecture = &architecture_bert,
	.vocab_size = VOCAB,
	.hidden_size = 32,
	.num_hidden_layers = 2,
	.num_attention_heads = 2,
	.intermediate_size = 48,
	.max_position_embeddings = 40,
	.type_vocab_size = 2,
	.hidden_act = ACTIVATION_GELU,
	.layer_norm_eps = 1e-12f,
	.initializer_range = 0.02f,
	.num_labels = LABELS,
};

/* A trained model of the first `count` words in a fresh folder; its config.json says this problem_type (NULL: none). */
static void save_model(char folder[256], int32_t count, const char *problem)
{
	struct error error = {0};
	struct model *model = numeric_model(&config);
	json_t *document;
	char path[300];

	assert_true(model_set_labels(model, words, count, 1, &error));
	numeric_fill(model, "");
	check_folder(folder, 256);
	assert_true(model_save(model, folder, &error));
	model_close(model);
	snprintf(path, sizeof path, "%s/config.json", folder);
	document = json_read(path, 1 << 20, &error);
	assert_non_null(document);
	json_object_set_new(document, "problem_type", problem ? json_string(problem) : json_null());
	assert_true(json_write(path, document, &error));
	json_decref(document);
}

/* Writes the weights of the folder without the tensor of this name. */
static void drop_tensor(const char *folder, const char *name)
{
	struct tensor_out out[64];
	struct error error = {0};
	struct tensor_file *file = tensor_file_open_folder(folder, &error);
	size_t count = 0;
	char path[300];

	assert_non_null(file);
	assert_in_range(tensor_file_count(file), 1, 64);
	for (size_t i = 0; i < tensor_file_count(file); i++) {
		const struct tensor *tensor = tensor_file_at(file, i);
		float *data;

		if (strcmp(tensor->name, name) == 0)
			continue;
		data = calloc(tensor->count, sizeof *data);
		assert_true(data && tensor_file_read(file, tensor, data, &error));
		out[count] = (struct tensor_out){.name = tensor->name, .rank = tensor->rank, .data = data};
		memcpy(out[count++].shape, tensor->shape, sizeof tensor->shape);
	}
	assert_int_equal(count + 1, tensor_file_count(file));
	snprintf(path, sizeof path, "%s/model.safetensors", folder);
	assert_true(safetensors_write(path, out, count, &error));
	for (size_t i = 0; i < count; i++)
		free((void *)(uintptr_t)out[i].data);
	tensor_file_close(file);
}

static struct model *open_model(const char *folder, bool head_needed)
{
	struct error error = {0};
	struct model *model = model_open(folder, &(struct model_options){.head_needed = head_needed}, NULL, &error);

	if (!model)
		fail_msg("%s", error.text);
	return model;
}

static void assert_notice(const struct model *model, const char *text)
{
	for (int i = 0; i < model_notice_count(model); i++)
		if (strstr(model_notice(model, i), text))
			return;
	fail_msg("no notice says: %s", text);
}

/* One score with memory of its own. */
struct one {
	struct score score;
	float logits[LABELS], scores[LABELS];
};

static bool score_one(struct model *model, struct one *one, struct error *error)
{
	struct span text = span_of("w7 w8 w9 w30");

	one->score = (struct score){.logits = one->logits, .scores = one->scores};
	return model_score(model, &text, 1, 0, &one->score, NULL, error);
}

static void the_labels_of_a_multi_label_model_are_scored_each_for_itself(void **state)
{
	struct error error = {0};
	struct model *model;
	struct one one;
	char folder[256];

	(void)state;
	save_model(folder, LABELS, "multi_label_classification");
	model = open_model(folder, true);
	assert_notice(model, "each label has a score of its own");
	assert_true(score_one(model, &one, &error));
	for (int i = 0; i < LABELS; i++) {
		double wanted = 1 / (1 + exp(-(double)one.logits[i]));

		assert_true(fabs(wanted - (double)one.scores[i]) < 1e-6);
		assert_true(one.logits[i] <= one.logits[one.score.label]);
	}
	assert_true(one.score.score == one.scores[one.score.label]);
	model_close(model);
	check_folder_remove(folder);
}

static void the_score_of_an_only_label_is_not_always_one(void **state)
{
	struct error error = {0};
	struct model *model;
	struct one one;
	char folder[256];

	(void)state;
	save_model(folder, 1, NULL);
	model = open_model(folder, true);
	assert_true(score_one(model, &one, &error));
	assert_true(fabs(1 / (1 + exp(-(double)one.logits[0])) - (double)one.score.score) < 1e-6);
	assert_true(one.score.score < 0.999f);
	model_close(model);
	check_folder_remove(folder);
}

static void training_makes_a_softmax_of_independent_labels(void **state)
{
	struct error error = {0};
	struct model *model, *again;
	struct one one;
	char folder[256], path[300];

	(void)state;
	save_model(folder, LABELS, "multi_label_classification");
	model = open_model(folder, true);
	assert_true(model_config(model)->independent_labels);
	network_values_changed(model);
	snprintf(path, sizeof path, "%s/again", folder);
	assert_true(model_save(model, path, &error));
	again = open_model(path, true);
	assert_false(model_config(again)->independent_labels);
	assert_true(score_one(again, &one, &error));
	assert_true(fabs((double)one.scores[0] + (double)one.scores[1] + (double)one.scores[2] - 1) < 1e-6);
	model_close(again);
	model_close(model);
	check_folder_remove(folder);
}

static void a_head_that_predicts_a_number_is_not_used(void **state)
{
	struct error error = {0};
	struct model *model;
	char folder[256];

	(void)state;
	save_model(folder, 1, "regression");
	assert_null(model_open(folder, &(struct model_options){.head_needed = true}, NULL, &error));
	assert_non_null(strstr(error.text, "predicts a number (problem_type regression), not a label"));
	model = open_model(folder, false);
	assert_int_equal(model_config(model)->num_labels, 0);
	assert_notice(model, "problem_type regression");
	assert_true(model_set_labels(model, words, 2, 1, &error));
	model_close(model);
	check_folder_remove(folder);
}

static void an_only_row_without_a_name_is_no_head(void **state)
{
	struct model *model;
	json_t *document;
	char folder[256], path[300];
	struct error error = {0};

	(void)state;
	save_model(folder, 1, NULL);
	snprintf(path, sizeof path, "%s/config.json", folder);
	document = json_read(path, 1 << 20, &error);
	assert_non_null(document);
	json_object_del(document, "id2label");
	json_object_del(document, "label2id");
	assert_true(json_write(path, document, &error));
	json_decref(document);
	model = open_model(folder, false);
	assert_int_equal(model_config(model)->num_labels, 0);
	assert_false(model_has_head(model));
	model_close(model);
	check_folder_remove(folder);
}

static void a_body_with_a_part_missing_may_be_trained_but_not_score(void **state)
{
	static const char name[] = "bert.encoder.layer.1.attention.self.key.weight";
	struct error error = {0};
	struct model *model;
	char folder[256];

	(void)state;
	save_model(folder, 2, NULL);
	drop_tensor(folder, name);
	assert_null(model_open(folder, &(struct model_options){.head_needed = true}, NULL, &error));
	assert_non_null(strstr(error.text, "the weights lack bert.encoder.layer.1.attention.self.key.weight"));
	model = open_model(folder, false);
	assert_notice(model, name);
	model_close(model);
	check_folder_remove(folder);
}

/* Weights that are finite, but whose products are not. */
static void scores_that_are_no_numbers_are_an_error(void **state)
{
	struct error error = {0};
	struct model *model = numeric_model(&config);
	struct parameter *weight = model_parameter(model, model_parameter_rows(model) - 2);
	float *values = numeric_download(model, weight->value, weight->count);
	struct one one;

	(void)state;
	for (size_t i = 0; i < weight->count; i++)
		values[i] = i % 2 ? 3e38f : -3e38f;
	numeric_upload(model, weight->value, values, weight->count);
	free(values);
	network_values_changed(model);
	assert_false(score_one(model, &one, &error));
	assert_int_equal(error.kind, ERROR_DATA);
	assert_non_null(strstr(error.text, "scores are not finite"));
	model_close(model);
}

static void labels_that_no_config_could_hold_are_refused(void **state)
{
	static char large[1026];
	const char *const names[][2] = {{"good", large}, {"good", ""}, {"good", "good"}};
	static const char *const messages[] = {
		"the name of label 1 must be text of 1 to 1024 bytes: it has 1025",
		"the name of label 1 must be text of 1 to 1024 bytes: it has 0", "two labels are named good",
	};
	struct model *model = numeric_model(&config);

	(void)state;
	memset(large, 'x', sizeof large - 1);
	for (size_t i = 0; i < 3; i++) {
		struct error error = {0};

		assert_false(model_set_labels(model, names[i], 2, 1, &error));
		assert_int_equal(error.kind, ERROR_DATA);
		assert_string_equal(error.text, messages[i]);
		assert_int_equal(model_config(model)->num_labels, LABELS);
	}
	model_close(model);
}

/* What the backend took for the sizes of before is too small for so many labels. */
static void more_labels_than_features_are_scored_after_a_score_of_few(void **state)
{
	enum { MANY = 900 };
	static char text[MANY][16];
	static const char *names[MANY];
	static float logits[MANY], scores[MANY];
	struct score score = {.logits = logits, .scores = scores};
	struct model *model = numeric_model(&config);
	struct span review = span_of("w7 w8");
	struct error error = {0};
	struct one one;

	(void)state;
	assert_true(network_reserve(model, 400, 100, 40, true, 0, &error));
	assert_true(score_one(model, &one, &error));
	for (int i = 0; i < MANY; i++) {
		snprintf(text[i], sizeof text[i], "%d", i);
		names[i] = text[i];
	}
	assert_true(model_set_labels(model, names, MANY, 1, &error));
	assert_true(model_score(model, &review, 1, 0, &score, NULL, &error));
	assert_true(score.scores[MANY - 1] > 0 && score.score < 1);
	model_close(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_labels_of_a_multi_label_model_are_scored_each_for_itself),
		cmocka_unit_test(the_score_of_an_only_label_is_not_always_one),
		cmocka_unit_test(training_makes_a_softmax_of_independent_labels),
		cmocka_unit_test(a_head_that_predicts_a_number_is_not_used),
		cmocka_unit_test(an_only_row_without_a_name_is_no_head),
		cmocka_unit_test(a_body_with_a_part_missing_may_be_trained_but_not_score),
		cmocka_unit_test(scores_that_are_no_numbers_are_an_error),
		cmocka_unit_test(labels_that_no_config_could_hold_are_refused),
		cmocka_unit_test(more_labels_than_features_are_scored_after_a_score_of_few),
	};

	return cmocka_run_group_tests_name("model labels", tests, NULL, NULL);
}
