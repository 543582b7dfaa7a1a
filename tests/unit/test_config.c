/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/format: config.json in and out. */
#include "tests/unit/check.h"
#include "tests/unit/craft.h"

#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/clock.h"
#include "engine/format/architecture.h"
#include "engine/format/config.h"
#include "engine/format/config_labels.h"
#include "engine/format/config_write.h"

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
	assert_ptr_equal(config.model.architecture, &architecture_bert);
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

/* What is wrong in one place, the words it is refused with; NULL: it is allowed. */
static const struct {
	const char *text, *fragment;
} rows[] = {
#define BERT(more) "{\"model_type\":\"bert\",\"num_attention_heads\":12" more "}"
#define TWO(thresholds) BERT(",\"num_labels\":2,\"revue\":{\"thresholds\":" thresholds "}")
#define SEVERAL(thresholds) \
	BERT(",\"num_labels\":3,\"problem_type\":\"multi_label_classification\",\"revue\":{\"thresholds\":" thresholds "}")
#define DISTIL(more) "{\"model_type\":\"distilbert\",\"n_heads\":12" more "}"
	{BERT(""), NULL},
	{DISTIL(""), NULL},
	{BERT(", \"revue\": {}"), NULL},
	{BERT(", \"revue\": 3"), "revue: is not an object"},
	{BERT(", \"revue\": {\"temperature\": 0}"), "temperature: a number from 0.01 to 100"},
	{BERT(", \"revue\": {\"temperature\": \"1\"}"), "temperature: a number"},
	{BERT(", \"revue\": {\"temperature\": 1e300}"), "temperature: a number"},
	{TWO("[0.5]"), NULL},
	{TWO("[0]"), NULL},
	{TWO("[1]"), NULL},
	{TWO("[]"), "thresholds: a list of 1 to 512 numbers is needed"},
	{TWO("0.5"), "thresholds: a list of 1 to 512"},
	{TWO("null"), "thresholds: a list of 1 to 512"},
	{TWO("{\"0\": 0.5}"), "thresholds: a list of 1 to 512"},
	{TWO("[\"0.5\"]"), "thresholds: number 1 is not from 0 to 1"},
	{TWO("[[0.5]]"), "thresholds: number 1 is not from 0 to 1"},
	{TWO("[true]"), "thresholds: number 1 is not from 0 to 1"},
	{TWO("[-1e-9]"), "thresholds: number 1 is not from 0 to 1"},
	{TWO("[1.0000001]"), "thresholds: number 1 is not from 0 to 1"},
	{TWO("[1e300]"), "thresholds: number 1 is not from 0 to 1"},
	{TWO("[99999999999999999999]"), "thresholds: number 1 is not from 0 to 1"},
	{TWO("[NaN]"), "not valid JSON"},
	{TWO("[0.5, 0.5]"), "thresholds: 2 where the labels of the model want 1"},
	{SEVERAL("[0.1, 0.2, 0.3]"), NULL},
	{SEVERAL("[0.1, 0.2, 2]"), "thresholds: number 3 is not from 0 to 1"},
	{SEVERAL("[0.5]"), "thresholds: 1 where the labels of the model want 3"},
	{SEVERAL("[0.1, 0.2, 0.3, 0.4]"), "thresholds: 4 where the labels of the model want 3"},
	{BERT(",\"num_labels\":3,\"revue\":{\"thresholds\":[0.5]}"), "thresholds: a model with one of 3 labels a review has none"},
	{BERT(",\"hidden_act\":\"gelu_python\""), NULL},
	{BERT(",\"hidden_act\":\"gelu_pytorch_tanh\""), NULL},
	{BERT(",\"hidden_act\":\"relu\""), NULL},
	{BERT(",\"hidden_act\":\"silu\""), "hidden_act is \"silu\": gelu, gelu_python, gelu_new, gelu_pytorch_tanh or relu"},
	{BERT(",\"hidden_act\":\"GELU\""), "hidden_act is \"GELU\""},
	{BERT(",\"hidden_act\":7"), "hidden_act is 7"},
	{BERT(",\"hidden_act\":null"), "hidden_act is null"},
	{DISTIL(",\"activation\":\"tanh\""), "activation is \"tanh\""},
	{"{\"model_type\":\"roberta\"}", "model_type is \"roberta\": bert and distilbert can be computed"},
	{"{\"model_type\":\"BERT\"}", "model_type is \"BERT\""},
	{"{\"model_type\":7}", "model_type is 7"},
	{"{}", "model_type is missing"},
	{"[]", "not a JSON object"},
	{"7", "not valid JSON"},
	{"", "not valid JSON"},
	{"{\"model_type\":\"bert\"", "not valid JSON"},
	{BERT("") "x", "not valid JSON"},
	{"\xef\xbb\xbf" BERT(""), "not valid JSON"},
	{BERT(",\"hidden_size\":1,\"hidden_size\":768"), "duplicate"},
	{BERT(",\"x\":NaN"), "not valid JSON"},
	{BERT(",\"x\":Infinity"), "not valid JSON"},
	{BERT(",\"x\":1e999"), "not valid JSON"},
	{BERT(",\"hidden_size\":99999999999999999999999999999999"), "hidden_size"},
	{BERT(",\"x\":01"), "not valid JSON"},
	{BERT(",\"x\":\"\\u0000\""), "\\u0000"},
	{BERT(",\"x\":\"\\ud800\""), "not valid JSON"},
	{BERT(",\"x\":\"\xff\""), "not valid JSON"},
	{BERT(",\"hidden_size\":770"), "a hidden size of 770 cannot be divided among 12 heads"},
	{BERT(",\"hidden_size\":768.0"), "hidden_size is 768.0: a whole number from 1 to 65536 is needed"},
	{BERT(",\"hidden_size\":\"768\""), "hidden_size is \"768\": a whole number"},
	{BERT(",\"hidden_size\":null"), "hidden_size is null: a whole number"},
	{BERT(",\"hidden_size\":true"), "hidden_size is true: a whole number"},
	{BERT(",\"hidden_size\":[768]"), "hidden_size is [768]: a whole number"},
	{BERT(",\"hidden_size\":0"), "hidden_size is 0"},
	{BERT(",\"hidden_size\":-768"), "hidden_size is -768"},
	{BERT(",\"hidden_size\":65537"), "hidden_size is 65537"},
	{BERT(",\"hidden_size\":2147483648"), "hidden_size is 2147483648"},
	{BERT(",\"hidden_size\":4294968064"), "hidden_size is 4294968064"},
	{DISTIL(",\"dim\":0"), "dim is 0"},
	{DISTIL(",\"hidden_size\":0"), "hidden_size is 0"},
	{"{\"model_type\":\"bert\",\"num_attention_heads\":0}", "num_attention_heads is 0"},
	{"{\"model_type\":\"bert\",\"num_attention_heads\":-1}", "num_attention_heads is -1"},
	{"{\"model_type\":\"bert\",\"num_attention_heads\":65537}", "num_attention_heads is 65537"},
	{"{\"model_type\":\"bert\",\"hidden_size\":312}", "num_attention_heads is missing and cannot be guessed"},
	{"{\"model_type\":\"bert\",\"hidden_size\":63}", "num_attention_heads is missing and cannot be guessed"},
	{"{\"model_type\":\"distilbert\",\"dim\":312}", "n_heads is missing and cannot be guessed"},
	{BERT(",\"num_hidden_layers\":0"), "num_hidden_layers is 0"},
	{BERT(",\"num_hidden_layers\":1000"), NULL},
	{BERT(",\"num_hidden_layers\":1001"), "num_hidden_layers is 1001: a whole number from 1 to 1000"},
	{BERT(",\"num_hidden_layers\":1000000000"), "num_hidden_layers is 1000000000"},
	{DISTIL(",\"n_layers\":0"), "n_layers is 0"},
	{BERT(",\"vocab_size\":0"), "vocab_size is 0"},
	{BERT(",\"vocab_size\":16777217"), "vocab_size is 16777217"},
	{BERT(",\"vocab_size\":2147483648"), "vocab_size is 2147483648"},
	{BERT(",\"max_position_embeddings\":0"), "max_position_embeddings is 0"},
	{BERT(",\"max_position_embeddings\":1099511627776"), "max_position_embeddings is 1099511627776"},
	{BERT(",\"intermediate_size\":0"), "intermediate_size is 0"},
	{BERT(",\"type_vocab_size\":0"), "type_vocab_size is 0"},
	{BERT(",\"pad_token_id\":30522"), "pad_token_id is 30522, the vocabulary has 30522 entries"},
	{BERT(",\"pad_token_id\":-1"), "pad_token_id is -1"},
	{BERT(",\"pad_token_id\":null"), NULL},
	{BERT(",\"layer_norm_eps\":0"), "layer_norm_eps is 0"},
	{BERT(",\"layer_norm_eps\":-1e-12"), "layer_norm_eps is -1"},
	{BERT(",\"layer_norm_eps\":1"), "layer_norm_eps is 1"},
	{BERT(",\"layer_norm_eps\":1e-50"), "layer_norm_eps is 1"},
	{BERT(",\"layer_norm_eps\":\"1e-12\""), "layer_norm_eps is \"1e-12\": a number from"},
	{BERT(",\"layer_norm_eps\":null"), "layer_norm_eps is null"},
	{BERT(",\"initializer_range\":-0.1"), "initializer_range is -0.1"},
	{BERT(",\"hidden_dropout_prob\":0"), NULL},
	{BERT(",\"hidden_dropout_prob\":-0.1"), "hidden_dropout_prob is -0.1"},
	{BERT(",\"hidden_dropout_prob\":1"), "hidden_dropout_prob is 1: a number from 0 to less than 1"},
	{BERT(",\"hidden_dropout_prob\":0.9999999999"), "hidden_dropout_prob is 0.99"},
	{BERT(",\"attention_probs_dropout_prob\":2"), "attention_probs_dropout_prob is 2"},
	{BERT(",\"classifier_dropout\":null"), NULL},
	{BERT(",\"classifier_dropout\":1"), "classifier_dropout is 1"},
	{DISTIL(",\"seq_classif_dropout\":1.5"), "seq_classif_dropout is 1.5"},
	{BERT(",\"position_embedding_type\":\"absolute\""), NULL},
	{BERT(",\"position_embedding_type\":null"), NULL},
	{BERT(",\"position_embedding_type\":\"relative_key\""), "position_embedding_type is \"relative_key\": only absolute"},
	{BERT(",\"position_embedding_type\":1"), "position_embedding_type is 1"},
	{BERT(",\"quantization_config\":{\"load_in_4bit\":true}"), NULL},
	{BERT(",\"quantization_config\":{\"quant_method\":\"bitsandbytes\",\"load_in_4bit\":true}"), NULL},
	{BERT(",\"quantization_config\":{\"quant_method\":\"bitsandbytes\",\"load_in_8bit\":true}"), "8 bits (load_in_8bit)"},
	{BERT(",\"quantization_config\":{\"quant_method\":\"gptq\",\"bits\":4}"), "weights by gptq are not read"},
	{BERT(",\"quantization_config\":{\"quant_method\":\"awq\"}"), "weights by awq are not read"},
	{BERT(",\"quantization_config\":{\"bits\":3}"), "quantization_config is {\"bits\":3}"},
	{BERT(",\"quantization_config\":null"), NULL},
	{BERT(",\"is_decoder\":true"), "is_decoder is true: only encoders"},
	{BERT(",\"is_decoder\":false"), NULL},
	{BERT(",\"add_cross_attention\":true"), "add_cross_attention is true"},
	{BERT(",\"pruned_heads\":{}"), NULL},
	{BERT(",\"pruned_heads\":{\"1\":[0]}"), "pruned_heads is"},
	{BERT(",\"id2label\":{\"0\":\"a\",\"1\":\"b\"},\"label2id\":{\"a\":0,\"b\":1}"), NULL},
	{BERT(",\"id2label\":{\"1\":\"b\",\"0\":\"a\"}"), NULL},
	{BERT(",\"label2id\":{\"a\":0,\"b\":1}"), NULL},
	{BERT(",\"id2label\":{\"0\":0,\"1\":1}"), NULL},
	{BERT(",\"id2label\":null,\"label2id\":null"), NULL},
	{BERT(",\"id2label\":{\"0\":\"a\",\"1\":\"b\"},\"label2id\":{\"LABEL_0\":0,\"LABEL_1\":1}"), NULL},
	{BERT(",\"id2label\":{\"0\":\"a\",\"1\":\"b\",\"2\":\"c\"},\"label2id\":{\"LABEL_0\":0,\"LABEL_1\":1}"), NULL},
	{BERT(",\"id2label\":{\"0\":\"a\",\"1\":\"b\"},\"label2id\":{\"a\":1,\"b\":0}"), NULL},
	{BERT(",\"id2label\":{\"0\":\"a\",\"1\":\"b\"},\"label2id\":{\"a\":0}"), NULL},
	{BERT(",\"id2label\":{\"0\":\"a\",\"1\":\"b\"},\"label2id\":{\"a\":0,\"c\":1}"), NULL},
	{BERT(",\"id2label\":{\"0\":\"a\",\"1\":\"b\"},\"label2id\":{\"a\":0,\"b\":\"1\"}"), NULL},
	{BERT(",\"id2label\":{\"0\":\"a\",\"2\":\"b\"}"), "the ids of 2 labels must be 0 to 1"},
	{BERT(",\"id2label\":{\"1\":\"a\",\"2\":\"b\"}"), "the ids of 2 labels must be 0 to 1"},
	{BERT(",\"id2label\":{\"0\":\"a\",\"00\":\"b\"}"), "the ids of 2 labels must be 0 to 1"},
	{BERT(",\"id2label\":{\"0\":\"a\",\"-1\":\"b\"}"), "the ids of 2 labels must be 0 to 1"},
	{BERT(",\"id2label\":{\"0\":\"a\",\"x\":\"b\"}"), "the ids of 2 labels must be 0 to 1"},
	{BERT(",\"id2label\":{\"0\":\"a\",\"4294967297\":\"b\"}"), "the ids of 2 labels must be 0 to 1"},
	{BERT(",\"id2label\":{\"\":\"a\"}"), "the ids of 1 labels must be 0 to 0"},
	{BERT(",\"id2label\":{\"0\":\"a\",\"1\":\"a\"}"), NULL},
	{BERT(",\"id2label\":{\"0\":\"\"}"), "the name of label 0 must be text of 1 to 1024 bytes"},
	{BERT(",\"id2label\":{\"0\":null}"), "the name of label 0 must be text"},
	{BERT(",\"id2label\":{\"0\":[\"a\"]}"), "the name of label 0 must be text"},
	{BERT(",\"id2label\":{}"), NULL},
	{BERT(",\"id2label\":[\"a\",\"b\"]"), "id2label is not a JSON object"},
	{BERT(",\"label2id\":[]"), NULL},
	{BERT(",\"label2id\":{\"a\":0,\"b\":0}"), NULL},
	{BERT(",\"label2id\":{\"a\":0,\"b\":1.0}"), NULL},
	{BERT(",\"label2id\":{\"a\":-1}"), NULL},
	{BERT(",\"label2id\":{\"a\":4294967296}"), NULL},
	{BERT(",\"num_labels\":3"), NULL},
	{BERT(",\"_num_labels\":3,\"num_labels\":3"), NULL},
	{BERT(",\"_num_labels\":3,\"num_labels\":2"), NULL},
	{BERT(",\"id2label\":{\"0\":\"a\"},\"num_labels\":2"), NULL},
	{BERT(",\"num_labels\":0"), "num_labels must be a whole number from 1 to 65536"},
	{BERT(",\"num_labels\":1000000000"), "num_labels must be a whole number"},
	{BERT(",\"num_labels\":4294967298"), "num_labels must be a whole number"},
	{BERT(",\"num_labels\":\"2\""), "num_labels must be a whole number"},
	{BERT(",\"problem_type\":\"multi_label_classification\""), NULL},
	{BERT(",\"problem_type\":\"single_label_classification\""), NULL},
	{BERT(",\"problem_type\":\"regression\",\"id2label\":{\"0\":\"a\"}"), NULL},
	{BERT(",\"problem_type\":null"), NULL},
	{BERT(",\"problem_type\":\"ranking\""), "problem_type is \"ranking\""},
	{BERT(",\"problem_type\":1"), "problem_type is 1"},
};

static void values_that_cannot_be_are_refused_by_their_key(void **state)
{
	int failures = 0;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct hf_config config;
		struct error error = {0};
		bool taken = read_text(rows[i].text, &config, &error);
		failures += !craft_verdict(rows[i].text, taken, error.text, rows[i].fragment);
		if (!taken && (error.kind != ERROR_DATA || !strstr(error.text, "/config.json")))
			failures++;
		if (taken)
			hf_config_free(&config);
	}
	assert_int_equal(failures, 0);
}

static void a_file_that_is_missing_or_a_folder_is_an_error_of_input(void **state)
{
	struct hf_config config;
	struct error error = {0};
	char folder[256], path[300];

	(void)state;
	check_folder(folder, sizeof folder);
	assert_false(hf_config_read(folder, NULL, &config, &error));
	assert_int_equal(error.kind, ERROR_IO);
	snprintf(path, sizeof path, "%s/config.json", folder);
	assert_true(folder_make(path, &error));
	assert_false(hf_config_read(folder, NULL, &config, &error));
	assert_non_null(strstr(error.text, "is a directory"));
	check_folder_remove(folder);
}

static void floods_of_json_are_stopped_by_limits(void **state)
{
	struct buffer text = {.maximum = CRAFT_MAX};
	struct hf_config config;
	struct error error = {0};

	(void)state;
	for (int i = 0; i < 1000000; i++)
		craft_add(&text, "{\"a\":", 5);
	assert_false(read_text(text.data, &config, &error));
	assert_non_null(strstr(error.text, "nested deeper than 64"));
	text.size = 0;
	assert_true(buffer_add_text(&text, "{\"model_type\":"));
	for (int i = 0; i < 1000000; i++)
		craft_add(&text, "9", 1);
	craft_add(&text, "}", 1);
	assert_false(read_text(text.data, &config, &error));
	text.size = 0;
	for (int i = 0; i < 17 << 20; i++)
		craft_add(&text, " ", 1);
	assert_false(read_text(text.data, &config, &error));
	assert_non_null(strstr(error.text, "more than the 16777216 that are read"));
	buffer_free(&text);
}

/* jansson seeds its hash, so that no file can make all keys collide. */
static void a_hundred_thousand_keys_are_read_quickly(void **state)
{
	struct buffer text = {.maximum = CRAFT_MAX};
	struct hf_config config;
	struct error error = {0};
	double start;

	(void)state;
	assert_true(buffer_add_text(&text, "{\"model_type\":\"bert\",\"num_attention_heads\":12"));
	for (int i = 0; i < 100000; i++)
		assert_true(buffer_format(&text, ",\"k%d\":%d", i, i));
	craft_add(&text, "}", 1);
	start = clock_seconds();
	assert_true(read_text(text.data, &config, &error));
	assert_true(clock_seconds() - start < 10);
	assert_int_equal(config.ignored_count, 1000);
	hf_config_free(&config);
	buffer_free(&text);
}

static void keys_that_name_code_are_ignored_and_listed(void **state)
{
	struct hf_config config;
	struct error error = {0};

	(void)state;
	assert_true(read_text(BERT(",\"auto_map\":{\"AutoModel\":\"evil.py\"},\"trust_remote_code\":true,"
	                           "\"_attn_implementation_internal\":\"x/y\",\"use_cache\":true,\"emb_size\":312"),
	                      &config, &error));
	assert_int_equal(config.ignored_count, 4);
	assert_string_equal(config.ignored[0], "auto_map");
	assert_string_equal(config.ignored[1], "trust_remote_code");
	assert_string_equal(config.ignored[2], "_attn_implementation_internal");
	assert_string_equal(config.ignored[3], "emb_size");
	hf_config_free(&config);
}

static void label_names_come_from_either_map_in_id_order(void **state)
{
	struct hf_config config;
	struct error error = {0};

	(void)state;
	assert_true(read_text(BERT(",\"label2id\":{\"pos\":1,\"neg\":0}"), &config, &error));
	assert_int_equal(config.model.num_labels, 2);
	assert_string_equal(config.labels[0], "neg");
	assert_string_equal(config.labels[1], "pos");
	hf_config_free(&config);
	assert_true(read_text(BERT(",\"id2label\":{\"1\":\"b\",\"0\":\"a\"},\"label2id\":{\"LABEL_0\":0,\"LABEL_1\":1}"),
	                      &config, &error));
	assert_string_equal(config.labels[1], "b");
	assert_int_equal(config.notices.count, 1);
	assert_non_null(strstr(config.notices.lines[0], "label2id has only default names"));
	hf_config_free(&config);
}

/* prajjwal1/bert-tiny and TinyBERT say no model_type, and neither says what the tensors say already. */
static void what_is_missing_is_inferred_from_the_tensors(void **state)
{
	static const float zeros[4 * 64 * 64];
	static const struct tensor_out bert[] = {
		{"module.bert.embeddings.word_embeddings.weight", 2, {50, 128}, zeros},
		{"module.bert.embeddings.position_embeddings.weight", 2, {40, 128}, zeros},
		{"module.bert.embeddings.token_type_embeddings.weight", 2, {3, 128}, zeros},
		{"module.bert.encoder.layer.0.attention.self.query.weight", 2, {128, 128}, zeros},
		{"module.bert.encoder.layer.0.intermediate.dense.weight", 2, {100, 128}, zeros},
		{"module.bert.encoder.layer.10.attention.self.query.bias", 1, {128}, zeros},
		{"module.classifier.weight", 2, {5, 128}, zeros},
	};
	static const struct tensor_out distilbert[] = {
		{"embeddings.word_embeddings.weight", 2, {50, 64}, zeros},
		{"embeddings.position_embeddings.weight", 2, {40, 64}, zeros},
		{"transformer.layer.0.attention.q_lin.weight", 2, {64, 64}, zeros},
		{"transformer.layer.0.ffn.lin1.weight", 2, {100, 64}, zeros},
		{"transformer.layer.1.ffn.lin1.weight", 2, {100, 64}, zeros},
	};
	static const struct {
		const struct tensor_out *tensors;
		size_t count;
		struct model_config expected;
	} cases[] = {
		{bert, 7, {.architecture = &architecture_bert, .vocab_size = 50, .hidden_size = 128, .num_hidden_layers = 11,
		           .num_attention_heads = 2, .intermediate_size = 100, .max_position_embeddings = 40,
		           .type_vocab_size = 3, .num_labels = 5}},
		{distilbert, 5, {.architecture = &architecture_distilbert, .vocab_size = 50, .hidden_size = 64,
		                 .num_hidden_layers = 2, .num_attention_heads = 1, .intermediate_size = 100,
		                 .max_position_embeddings = 40}},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct model_config *expected = &cases[i].expected;
		struct hf_config config;
		struct error error = {0};
		struct tensor_file *tensors;
		char folder[256], path[300];
		check_folder(folder, sizeof folder);
		snprintf(path, sizeof path, "%s/config.json", folder);
		assert_true(file_replace(path, "{}", 2, &error));
		snprintf(path, sizeof path, "%s/model.safetensors", folder);
		assert_true(safetensors_write(path, cases[i].tensors, cases[i].count, &error));
		tensors = tensor_file_open_folder(folder, &error);
		assert_non_null(tensors);
		assert_true(hf_config_read(folder, tensors, &config, &error));
		assert_ptr_equal(config.model.architecture, expected->architecture);
		assert_int_equal(config.model.vocab_size, expected->vocab_size);
		assert_int_equal(config.model.hidden_size, expected->hidden_size);
		assert_int_equal(config.model.num_hidden_layers, expected->num_hidden_layers);
		assert_int_equal(config.model.num_attention_heads, expected->num_attention_heads);
		assert_int_equal(config.model.intermediate_size, expected->intermediate_size);
		assert_int_equal(config.model.max_position_embeddings, expected->max_position_embeddings);
		assert_int_equal(config.model.type_vocab_size, expected->type_vocab_size);
		assert_int_equal(config.model.num_labels, expected->num_labels);
		assert_int_equal(config.notices.count, 1);
		assert_non_null(strstr(config.notices.lines[0], "hidden size / 64"));
		hf_config_free(&config);
		tensor_file_close(tensors);
		check_folder_remove(folder);
	}
}

static void a_model_type_that_the_weights_contradict_is_refused(void **state)
{
	static const float zeros[64 * 64];
	static const struct tensor_out tensor = {"transformer.layer.0.attention.q_lin.weight", 2, {64, 64}, zeros};
	struct hf_config config;
	struct error error = {0};
	struct tensor_file *tensors;
	char folder[256], path[300];

	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/config.json", folder);
	assert_true(file_replace(path, BERT(""), sizeof BERT("") - 1, &error));
	snprintf(path, sizeof path, "%s/model.safetensors", folder);
	assert_true(safetensors_write(path, &tensor, 1, &error));
	tensors = tensor_file_open_folder(folder, &error);
	assert_false(hf_config_read(folder, tensors, &config, &error));
	assert_non_null(strstr(error.text, "model_type is bert, but the weights are DistilBERT's"));
	tensor_file_close(tensors);
	check_folder_remove(folder);
}

/* What the Hugging Face tools would read: their spelling, plain decimals, no key that is left over. */
static void what_is_written_is_spelled_as_hugging_face_spells_it(void **state)
{
	static const char *const labels[] = {"negative", "positive"};
	struct hf_config config;
	struct error error = {0};
	char folder[256], path[300];
	json_t *document;
	char *text;
	size_t size;

	(void)state;
	assert_true(read_text(BERT(",\"dtype\":\"bfloat16\",\"my_number\":0.3"), &config, &error));
	config.model.num_labels = 2;
	check_folder(folder, sizeof folder);
	assert_true(hf_config_write(folder, &config.model, labels, config.document, &error));
	snprintf(path, sizeof path, "%s/config.json", folder);
	text = file_read(path, 1 << 20, &size, &error);
	assert_non_null(strstr(text, "\"layer_norm_eps\": 1e-12,\n"));
	assert_non_null(strstr(text, "\"hidden_dropout_prob\": 0.1,\n"));
	assert_non_null(strstr(text, "\"my_number\": 0.3,\n"));
	assert_int_equal(text[size - 1], '\n');
	free(text);
	document = json_read(path, 1 << 20, &error);
	assert_string_equal(json_string_value(json_array_get(json_object_get(document, "architectures"), 0)),
	                    "BertForSequenceClassification");
	assert_string_equal(json_string_value(json_object_get(document, "torch_dtype")), "float32");
	assert_string_equal(json_string_value(json_object_get(document, "problem_type")), "single_label_classification");
	assert_string_equal(json_string_value(json_object_get(json_object_get(document, "id2label"), "1")), "positive");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(document, "label2id"), "positive")), 1);
	assert_null(json_object_get(document, "dtype"));
	json_decref(document);
	hf_config_free(&config);
	check_folder_remove(folder);
}

static void labels_that_cannot_be_told_apart_are_not_written(void **state)
{
	static const char *const labels[] = {"same", "same"};
	struct hf_config config;
	struct error error = {0};
	char folder[256], path[300];

	(void)state;
	assert_true(read_text(BERT(""), &config, &error));
	config.model.num_labels = 2;
	check_folder(folder, sizeof folder);
	assert_false(hf_config_write(folder, &config.model, labels, NULL, &error));
	assert_non_null(strstr(error.text, "two labels are named same"));
	snprintf(path, sizeof path, "%s/config.json", folder);
	assert_false(file_exists(path));
	hf_config_free(&config);
	check_folder_remove(folder);
}

static void what_is_revues_own_goes_with_the_model_and_other_keys_stay(void **state)
{
	static const char base[] = BERT(", \"my_number\": 0.3, \"revue\": {\"temperature\": 2, \"of a later version\": 1}");
	const struct model_own other = {.temperature = 1.25}, none = {0};
	struct hf_config config;
	struct error error = {0};
	char folder[256], path[300];

	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/config.json", folder);
	assert_true(file_replace(path, base, strlen(base), &error));
	assert_true(hf_config_read(folder, NULL, &config, &error));
	assert_true(config.model.own.temperature == 2);
	hf_config_free(&config);
	assert_true(model_keep_own(folder, &other, &error));
	assert_true(hf_config_read(folder, NULL, &config, &error));
	assert_true(config.model.own.temperature == 1.25);
	assert_true(json_number_value(json_object_get(config.document, "my_number")) == 0.3);
	config.model.own = none;
	assert_true(hf_config_write(folder, &config.model, NULL, config.document, &error));
	hf_config_free(&config);
	assert_true(hf_config_read(folder, NULL, &config, &error));
	assert_null(json_object_get(config.document, "revue"));
	hf_config_free(&config);
	check_folder_remove(folder);
}

/* Reads what was kept; `out` gets it. */
static void keep_and_read(const char *folder, const struct model_own *own, struct model_own *out)
{
	struct hf_config config;
	struct error error = {0};

	assert_true(model_keep_own(folder, own, &error));
	assert_true(hf_config_read(folder, NULL, &config, &error));
	*out = config.model.own;
	hf_config_free(&config);
}

static void thresholds_read_back_as_they_were(void **state)
{
	static const char base[] = BERT(",\"num_labels\":3,\"problem_type\":\"multi_label_classification\"");
	static struct model_own kept = {.threshold_count = 3, .thresholds = {0.1f, 1.0f / 3, 1}}, read, none;
	struct error error = {0};
	char folder[256], path[300], *text;
	size_t size;

	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/config.json", folder);
	assert_true(file_replace(path, base, strlen(base), &error));
	keep_and_read(folder, &kept, &read);
	assert_int_equal(read.threshold_count, 3);
	for (int i = 0; i < 3; i++)
		assert_true(read.thresholds[i] == kept.thresholds[i]);
	assert_true(read.temperature == 0);
	text = file_read(path, 1 << 16, &size, &error); /* as short as they read back */
	assert_non_null(strstr(text, "0.1,"));
	assert_null(strstr(text, "0.10000000149"));
	free(text);
	keep_and_read(folder, &none, &read);
	assert_int_equal(read.threshold_count, 0);
	text = file_read(path, 1 << 16, &size, &error);
	assert_null(strstr(text, "revue"));
	free(text);
	check_folder_remove(folder);
}

/* More of them than there is room for size nothing. */
static void too_many_thresholds_are_refused(void **state)
{
	struct hf_config config;
	struct error error = {0};
	char list[5 * MODEL_THRESHOLDS_MAX + 1], text[sizeof list + 200];

	(void)state;
	for (int i = 0; i < MODEL_THRESHOLDS_MAX; i++)
		snprintf(list + 4 * i, sizeof list - 4 * (size_t)i, ",0.5");
	snprintf(text, sizeof text, BERT(",\"num_labels\":513,\"problem_type\":\"multi_label_classification\","
	                                 "\"revue\":{\"thresholds\":[0.5%s]}"), list);
	assert_false(read_text(text, &config, &error));
	assert_non_null(strstr(error.text, "thresholds: a list of 1 to 512 numbers is needed"));
}

static void check_reading(const char *object, const char *wanted)
{
	struct hf_config config;
	struct error error = {0};
	char folder[256], path[300], base[1200];

	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/config.json", folder);
	snprintf(base, sizeof base, BERT(", \"revue\": %s"), object);
	assert_true(file_replace(path, base, strlen(base), &error));
	if (!hf_config_read(folder, NULL, &config, &error)) {
		if (!strstr(error.text, wanted))
			fail_msg("\"%s\" does not say \"%s\"", error.text, wanted);
	} else {
		assert_string_equal(reading_words(&config.model.own.reading.cut, config.model.own.reading.pooling).text, wanted);
		assert_true(hf_config_write(folder, &config.model, NULL, config.document, &error));
		hf_config_free(&config);
		assert_true(hf_config_read(folder, NULL, &config, &error));
		assert_string_equal(reading_words(&config.model.own.reading.cut, config.model.own.reading.pooling).text, wanted);
		hf_config_free(&config);
	}
	check_folder_remove(folder);
}

static void how_long_reviews_are_read_goes_with_the_model(void **state)
{
	(void)state;
	check_reading("{\"truncation\": \"tail\", \"max_length\": 128}", "the last 128 tokens");
	check_reading("{\"truncation\": \"head+tail\", \"max_length\": 512}", "the first 128 tokens and the last, 512 in all");
	check_reading("{\"truncation\": \"head+tail\", \"max_length\": 512, \"head_tokens\": 100}",
	              "the first 100 tokens and the last, 512 in all");
	check_reading("{\"truncation\": \"windows\", \"max_length\": 256}", "windows of 256 tokens, stride 0.8, mean of their logits");
	check_reading("{\"truncation\": \"windows\", \"max_length\": 64, \"stride\": 40, \"pooling\": \"max\", \"max_windows\": 3}",
	              "at most 3 windows of 64 tokens, stride 40, maximum of their logits");
	check_reading("{\"truncation\": \"middle\"}", "truncation: one of head|tail|head+tail|windows is needed");
	check_reading("{\"truncation\": 1}", "truncation: one of");
	check_reading("{\"max_length\": -5}", "max_length: a whole number from 0 to 65536 is needed");
	check_reading("{\"max_windows\": 1.5}", "max_windows: a whole number");
	check_reading("{\"stride\": 0}", "stride: a number above 0");
	check_reading("{\"stride\": \"wide\"}", "stride: a number above 0");
	check_reading("{\"pooling\": \"sum\"}", "pooling: one of mean|max is needed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(how_long_reviews_are_read_goes_with_the_model),
		cmocka_unit_test(bert_without_anything_else_has_the_defaults_of_hugging_face),
		cmocka_unit_test(real_configurations_are_read),
		cmocka_unit_test(writing_keeps_what_the_base_said_beside),
		cmocka_unit_test(values_that_cannot_be_are_refused_by_their_key),
		cmocka_unit_test(a_file_that_is_missing_or_a_folder_is_an_error_of_input),
		cmocka_unit_test(floods_of_json_are_stopped_by_limits),
		cmocka_unit_test(a_hundred_thousand_keys_are_read_quickly),
		cmocka_unit_test(keys_that_name_code_are_ignored_and_listed),
		cmocka_unit_test(label_names_come_from_either_map_in_id_order),
		cmocka_unit_test(what_is_missing_is_inferred_from_the_tensors),
		cmocka_unit_test(a_model_type_that_the_weights_contradict_is_refused),
		cmocka_unit_test(what_is_written_is_spelled_as_hugging_face_spells_it),
		cmocka_unit_test(labels_that_cannot_be_told_apart_are_not_written),
		cmocka_unit_test(thresholds_read_back_as_they_were),
		cmocka_unit_test(too_many_thresholds_are_refused),
		cmocka_unit_test(what_is_revues_own_goes_with_the_model_and_other_keys_stay),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
