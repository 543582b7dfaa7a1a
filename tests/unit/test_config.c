/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/format: config.json in and out. */
#include "tests/unit/check.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/format/config.h"

#include <libgen.h>
#include <unistd.h>

/* Reads `text` as a folder's config.json. */
static bool read_text(const char *text, struct hf_config *config, struct error *error)
{
	char folder[256], path[300];
	bool done;

	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/config.json", folder);
	assert_true(file_replace(path, text, strlen(text), error));
	done = hf_config_read(folder, NULL, config, error);
	check_folder_remove(folder);
	return done;
}

static void bert_without_anything_else_has_the_defaults_of_hugging_face(void **state)
{
	struct hf_config config;
	struct error error = {0};

	(void)state;
	assert_true(read_text("{\"model_type\":\"bert\",\"num_attention_heads\":12}", &config, &error));
	assert_int_equal(config.model.architecture, ARCHITECTURE_BERT);
	assert_int_equal(config.model.vocab_size, 30522);
	assert_int_equal(config.model.hidden_size, 768);
	assert_int_equal(config.model.num_hidden_layers, 12);
	assert_int_equal(config.model.intermediate_size, 3072);
	assert_int_equal(config.model.max_position_embeddings, 512);
	assert_int_equal(config.model.type_vocab_size, 2);
	assert_int_equal(config.model.hidden_act, ACTIVATION_GELU);
	assert_true(config.model.layer_norm_eps == 1e-12f);
	assert_true(config.model.classifier_dropout == 0.1f);
	assert_int_equal(config.model.num_labels, 0);
	assert_null(config.labels);
	assert_int_equal(config.ignored_count, 0);
	hf_config_free(&config);
}

static void real_configurations_are_read(void **state)
{
	static const struct {
		const char *path, *label;
		int hidden, heads, labels;
	} rows[] = {
		{"bert-tiny-toxicity/config.json", "toxic", 128, 2, 2},
		{"minilm-l6-384/config.json", NULL, 384, 12, 0},
		{"tinybert-4l-312-config-only/config.json", "positive", 312, 12, 2},
	};
	struct hf_config config;
	struct error error = {0};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const char *path = check_real("REVUE_MODELS", rows[i].path);
		char folder[4096];
		if (!path)
			skip();
		snprintf(folder, sizeof folder, "%s", path);
		assert_true(hf_config_read(dirname(folder), NULL, &config, &error));
		assert_int_equal(config.model.hidden_size, rows[i].hidden);
		assert_int_equal(config.model.num_attention_heads, rows[i].heads);
		assert_int_equal(config.model.num_labels, rows[i].labels);
		if (rows[i].label)
			assert_string_equal(config.labels[1], rows[i].label);
		hf_config_free(&config);
	}
}

static void writing_keeps_what_the_base_said_beside(void **state)
{
	const char *const labels[] = {"neg", "neu", "pos"};
	struct hf_config config, again;
	struct error error = {0};
	char folder[256];

	(void)state;
	assert_true(read_text("{\"model_type\":\"distilbert\",\"dim\":128,\"n_heads\":2,\"custom\":[1,{\"x\":0.1}],"
	                      "\"activation\":\"gelu_pytorch_tanh\",\"num_labels\":2,\"auto_map\":{\"AutoModel\":\"x.y\"}}",
	                      &config, &error));
	check_folder(folder, sizeof folder);
	config.model.num_labels = 3;
	assert_true(hf_config_write(folder, &config.model, labels, config.document, &error));
	assert_true(hf_config_read(folder, NULL, &again, &error));
	assert_int_equal(again.model.num_labels, 3);
	assert_string_equal(again.labels[2], "pos");
	assert_int_equal(again.model.hidden_size, 128);
	assert_int_equal(again.model.hidden_act, ACTIVATION_GELU_NEW);
	assert_true(again.model.hidden_dropout_prob == config.model.hidden_dropout_prob);
	assert_true(json_equal(json_object_get(again.document, "custom"), json_object_get(config.document, "custom")));
	assert_null(json_object_get(again.document, "auto_map"));
	assert_null(json_object_get(again.document, "num_labels"));
	assert_int_equal(again.ignored_count, 1);
	assert_string_equal(again.ignored[0], "custom");
	hf_config_free(&again);
	hf_config_free(&config);
	check_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bert_without_anything_else_has_the_defaults_of_hugging_face),
		cmocka_unit_test(real_configurations_are_read),
		cmocka_unit_test(writing_keeps_what_the_base_said_beside),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
