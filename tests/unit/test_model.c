/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/model.h: folders, labels, the hash, new parameters. */
#include "tests/unit/model_check.h"

static void a_saved_model_opens_with_the_same_logits_to_the_bit(void **state)
{
	char folder[256];
	float before[LABELS], after[LABELS];
	struct model *model;

	(void)state;
	save_model(folder);
	expected_logits(before);
	model = open_model(folder, true);
	score_one(model, after);
	assert_memory_equal(before, after, sizeof before);
	assert_string_equal(model_label(model, 0), "bad");
	assert_string_equal(model_label(model, 1), "good");
	assert_string_equal(model_label(model, 2), "");
	assert_string_equal(model_folder(model), folder);
	assert_int_equal(model_notice_count(model), 0);
	assert_int_equal(model_max_length(model), 40);
	model_close(model);
	check_folder_remove(folder);
}

static void unknown_keys_of_config_are_kept_and_named(void **state)
{
	struct error error = {0};
	char folder[256], again[300], path[320];
	struct model *model;
	json_t *document;

	(void)state;
	save_model(folder);
	snprintf(path, sizeof path, "%s/config.json", folder);
	document = json_read(path, 1 << 20, &error);
	assert_non_null(document);
	json_object_set_new(document, "colour", json_string("blue"));
	assert_true(json_write(path, document, &error));
	json_decref(document);

	model = open_model(folder, true);
	assert_notice(model, "colour");
	snprintf(again, sizeof again, "%s/again", folder);
	assert_true(model_save(model, again, &error));
	model_close(model);
	snprintf(path, sizeof path, "%s/config.json", again);
	document = json_read(path, 1 << 20, &error);
	assert_non_null(document);
	assert_string_equal(json_string_value(json_object_get(document, "colour")), "blue");
	json_decref(document);
	check_folder_remove(folder);
}

static void a_head_that_nobody_trained_is_not_saved(void **state)
{
	struct error error = {0};
	char folder[256];
	struct model *model = model_new(&config, numeric_tokenizer(VOCAB), 1, &error);
	struct tensor_file *file;

	(void)state;
	assert_non_null(model);
	check_folder(folder, sizeof folder);
	assert_true(model_save(model, folder, &error));
	model_close(model);
	file = tensor_file_open_folder(folder, &error);
	assert_non_null(file);
	assert_non_null(tensor_file_find(file, "bert.encoder.layer.1.output.dense.weight"));
	assert_null(tensor_file_find(file, "bert.pooler.dense.weight"));
	assert_null(tensor_file_find(file, "classifier.weight"));
	tensor_file_close(file);
	assert_non_null(strstr(open_error(folder, true), "has no trained classification head"));
	check_folder_remove(folder);
}

static void a_vocabulary_beyond_the_embeddings_is_refused(void **state)
{
	char folder[256], path[300];

	(void)state;
	save_model(folder);
	snprintf(path, sizeof path, "%s/tokenizer.json", folder);
	remove(path);
	numeric_write_vocabulary(folder, VOCAB + 1);
	assert_non_null(strstr(open_error(folder, false), "the tokenizer has 61 pieces, but there are embeddings for 60"));
	check_folder_remove(folder);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
	(void)state;
	assert_string_equal(open_error("/nonexistent/model", false), "/nonexistent/model: no such model folder");
}

static void new_parameters_start_as_bert_does(void **state)
{
	struct error error = {0};
	struct model_config other = config;
	struct model *model;

	(void)state;
	other.pad_token_id = 3;
	model = model_new(&other, numeric_tokenizer(VOCAB), 5, &error);
	assert_non_null(model);
	for (int row = 0; row < model_parameter_rows(model); row++) {
		struct parameter *p = model_parameter(model, row);
		float *values = numeric_download(model, p->value, p->count);
		double squares = 0;

		for (size_t i = 0; i < p->count; i++)
			squares += (double)values[i] * (double)values[i];
		if (p->shape[1] > 0)
			assert_true(fabs(sqrt(squares / (double)p->count) - 0.02) < 0.002 || p->count < 200);
		else
			assert_true(squares == (numeric_ends_with(p->name, "weight") ? (double)p->count : 0.0));
		assert_int_equal(p->decay, p->shape[1] > 0);
		assert_true(p->fresh && p->trainable);
		for (int i = 0; row == 0 && i < 32; i++)
			assert_true(values[3 * 32 + i] == 0.0f);
		free(values);
	}
	assert_false(model_has_head(model));
	assert_int_equal(model_embedding_parameter_count(model), (VOCAB + 40 + 2) * 32);
	model_close(model);
}

static void new_labels_bring_a_new_classifier_and_keep_the_rest(void **state)
{
	static const char *const three[] = {"bad", "so so", "good"};
	struct error error = {0};
	struct model *model = numeric_model(&config);
	int rows = model_parameter_rows(model);
	float *word = numeric_download(model, model_parameter(model, 0)->value, VOCAB * 32);
	float *classifier, *now;

	(void)state;
	assert_true(model_set_labels(model, three, 3, 9, &error));
	assert_int_equal(model_config(model)->num_labels, 3);
	assert_int_equal(model_parameter_rows(model), rows);
	now = numeric_download(model, model_parameter(model, 0)->value, VOCAB * 32);
	assert_memory_equal(now, word, VOCAB * 32 * sizeof *word);
	free(now);
	assert_string_equal(model_label(model, 1), "so so");
	assert_int_equal(model_parameter(model, rows - 2)->shape[0], 3);
	assert_true(model_parameter(model, rows - 2)->fresh);
	assert_false(model_has_head(model));

	classifier = numeric_download(model, model_parameter(model, rows - 2)->value, 3 * 32);
	assert_true(model_set_labels(model, three, 3, 9, &error));
	now = numeric_download(model, model_parameter(model, rows - 2)->value, 3 * 32);
	assert_memory_equal(now, classifier, 3 * 32 * sizeof *classifier);
	free(now);
	assert_true(model_set_labels(model, three, 3, 10, &error));
	now = numeric_download(model, model_parameter(model, rows - 2)->value, 3 * 32);
	assert_memory_not_equal(now, classifier, 3 * 32 * sizeof *classifier);
	free(now);
	network_values_changed(model);
	assert_true(model_has_head(model));
	free(classifier);
	free(word);
	model_close(model);
}

static void labels_are_found_exactly_then_without_case(void **state)
{
	static const char *const names[] = {"Good", "good", "BAD"};
	struct error error = {0};
	struct model *model = numeric_model(&config);

	(void)state;
	assert_true(model_set_labels(model, names, 3, 1, &error));
	assert_int_equal(model_find_label(model, span_of("good")), 1);
	assert_int_equal(model_find_label(model, span_of("GOOD")), 0);
	assert_int_equal(model_find_label(model, span_of("bad")), 2);
	assert_int_equal(model_find_label(model, span_of("ba")), -1);
	model_close(model);
}

/* `sha256sum FILES... | sha256sum` of the files that a model is made of, in name order. */
static void the_hash_is_that_of_sha256sum_and_follows_every_file(void **state)
{
	struct error error = {0};
	char folder[256], command[700], wanted[65], got[65], changed[65];
	FILE *pipe;

	(void)state;
	save_model(folder);
	snprintf(command, sizeof command, "cd '%s' && touch README.md && echo '{}' > added_tokens.json && ls | grep -v README | LC_ALL=C sort | "
	         "xargs sha256sum | sha256sum", folder);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_int_equal(fscanf(pipe, "%64s", wanted), 1);
	pclose(pipe);
	assert_true(model_hash(folder, got, NULL, &error));
	assert_string_equal(got, wanted);
	snprintf(command, sizeof command, "echo ' ' >> '%s/config.json'", folder);
	assert_int_equal(system(command), 0);
	assert_true(model_hash(folder, changed, NULL, &error));
	assert_string_not_equal(got, changed);
	check_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_saved_model_opens_with_the_same_logits_to_the_bit),
		cmocka_unit_test(unknown_keys_of_config_are_kept_and_named),
		cmocka_unit_test(a_head_that_nobody_trained_is_not_saved),
		cmocka_unit_test(a_vocabulary_beyond_the_embeddings_is_refused),
		cmocka_unit_test(a_folder_that_is_not_there_is_named),
		cmocka_unit_test(new_parameters_start_as_bert_does),
		cmocka_unit_test(new_labels_bring_a_new_classifier_and_keep_the_rest),
		cmocka_unit_test(labels_are_found_exactly_then_without_case),
		cmocka_unit_test(the_hash_is_that_of_sha256sum_and_follows_every_file),
	};

	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
