/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * adapter_config.json, names of tensors and of layers, as PEFT writes and reads them. */
#include "tests/unit/check.h"

#include "engine/base/json.h"
#include "engine/format/modules.h"
#include "engine/format/peft.h"

static bool means(const char *text, const char *layer)
{
	struct error error = {0};
	struct modules modules;
	bool match;

	if (!modules_parse(&modules, text, "target_modules", &error))
		fail_msg("%s", error.text);
	match = modules_match(&modules, layer);
	modules_free(&modules);
	return match;
}

#define QUERY "bert.encoder.layer.11.attention.self.query"

static void a_list_names_ends_of_layers(void **state)
{
	(void)state;
	assert_true(means("query, value", QUERY));
	assert_true(means("self.query", QUERY));
	assert_true(means(QUERY, QUERY));
	assert_false(means("uery", QUERY));
	assert_false(means("self", QUERY));
	assert_false(means("value", QUERY));
	assert_true(means("output.dense", "bert.encoder.layer.0.output.dense"));
	assert_false(means("all-linear", QUERY)); /* not a name: whoever asks decides */
}

static void an_expression_matches_the_whole_name(void **state)
{
	(void)state;
	assert_true(means(".*query", QUERY));
	assert_true(means(".*\\.layer\\.\\d+\\..*(?:query|value)", QUERY));
	assert_false(means(".*\\.layer\\.\\d\\..*query", QUERY));
	assert_true(means(".*?query$", QUERY));
	assert_false(means(".*quer", QUERY));
	assert_true(means("[a-z.]+11.*", QUERY));
	assert_true(means("((([a-z]+|\\d+)\\.?)+)", QUERY));
	assert_true(means("(.*(layer|block)\\.(\\d+)\\.)?(.*(self|cross).*)?(query|key)", QUERY));
}

static void expressions_that_could_take_for_ever_are_refused(void **state)
{
	static const char *const bad[] = {"(a{1,1000}){1,1000}", "(a)\\1", "(?i)query", "[\\d]+", "(((", "a\\",
	                                  "((((((((((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+",
	                                  "((((((((((((((((((((a*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*",
	                                  "((((((((([)]a+)+)+)+)+)+)+)+)+)", "a++++", "(.?(.*(.+)?)?)*"};
	struct modules modules;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct error error = {0};

		assert_false(modules_parse(&modules, bad[i], "target_modules", &error));
		assert_non_null(strstr(error.text, "target_modules"));
		modules_free(&modules);
	}
}

static void what_is_repeated_often_stands_alone(void **state)
{
	static const char *const good[] = {"a{1,255}b{3}", "(ab){2,}", "a\\{1,9\\}", "x{0,7}(y+)*"};
	static const char *const bad[] = {"a{1,256}", "a{1,255}{1,255}", "(a{2}){2}", "(a+){2}", "a{2}+", "a{", "a{x}", "a{1;2}"};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(expression_is_cheap(good[i], "test", NULL));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (expression_is_cheap(bad[i], "test", NULL))
			fail_msg("%s", bad[i]);
}

static void keys_are_taken_apart(void **state)
{
	static const struct {
		const char *key;
		enum peft_kind kind;
		const char *name;
	} keys[] = {
		{"base_model.model.bert.a.query.lora_A.weight", PEFT_A, "bert.a.query"},
		{"base_model.model.bert.a.query.lora_B.default.weight", PEFT_B, "bert.a.query"},
		{"base_model.model.classifier.weight", PEFT_WHOLE, "classifier.weight"},
		{"base_model.model.classifier.modules_to_save.weight", PEFT_WHOLE, "classifier.weight"},
		{"base_model.model.classifier.modules_to_save.default.bias", PEFT_WHOLE, "classifier.bias"},
		{"base_model.model.bert.a.query.base_layer.bias", PEFT_WHOLE, "bert.a.query.bias"},
		{"base_model.model.classifier.original_module.bias", PEFT_IGNORED, "classifier.original_module.bias"},
	};
	static const char *const bad[] = {"bert.a.lora_A.weight", "base_model.model.a.lora_magnitude_vector",
	                                  "base_model.model.a.lora_embedding_A", "base_model.model.a.lora_B.bias"};
	enum peft_kind kind;
	char name[256];

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct error error = {0};

		if (!peft_parse_key(keys[i].key, &kind, name, &error))
			fail_msg("%s", error.text);
		assert_int_equal(kind, keys[i].kind);
		assert_string_equal(name, keys[i].name);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct error error = {0};

		assert_false(peft_parse_key(bad[i], &kind, name, &error));
		assert_non_null(strstr(error.text, bad[i]));
	}
}

/* A folder with this adapter_config.json. */
static bool read_text(const char *text, struct peft_config *config, struct error *error)
{
	char folder[256], path[300];
	FILE *file;
	bool done;

	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/adapter_config.json", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	done = peft_config_read(folder, config, error);
	check_folder_remove(folder);
	return done;
}

#define LONG "query|query|query|query|query|query|query|query|query|query|query|query|query|"

static void what_computes_something_else_is_refused_by_name(void **state)
{
	static const struct {
		const char *text, *words;
	} bad[] = {
		{"{}", "peft_type"},
		{"[]", "no object"},
		{"{\"peft_type\": \"IA3\"}", "IA3"},
		{"{\"peft_type\": \"LORA\", \"use_dora\": true}", "use_dora"},
		{"{\"peft_type\": \"LORA\", \"fan_in_fan_out\": true}", "fan_in_fan_out"},
		{"{\"peft_type\": \"LORA\", \"lora_bias\": true}", "lora_bias"},
		{"{\"peft_type\": \"LORA\", \"init_lora_weights\": \"pissa\"}", "pissa"},
		{"{\"peft_type\": \"LORA\", \"layer_replication\": [[0, 2]]}", "layer_replication"},
		{"{\"peft_type\": \"LORA\", \"r\": 0}", "\"r\""},
		{"{\"peft_type\": \"LORA\", \"r\": 1e9}", "\"r\""},
		{"{\"peft_type\": \"LORA\", \"lora_alpha\": \"x\"}", "lora_alpha"},
		{"{\"peft_type\": \"LORA\", \"bias\": \"some\"}", "bias"},
		{"{\"peft_type\": \"LORA\", \"rank_pattern\": []}", "rank_pattern"},
		{"{\"peft_type\": \"LORA\", \"alpha_pattern\": {\"" LONG LONG LONG "\": 4}}", "alpha_pattern"},
		{"{\"peft_type\": \"LORA\", \"base_model_name_or_path\": 3}", "base_model_name_or_path"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct peft_config config;
		struct error error = {0};

		if (read_text(bad[i].text, &config, &error))
			fail_msg("%s is taken", bad[i].text);
		if (!strstr(error.text, bad[i].words))
			fail_msg("\"%s\" does not say \"%s\"", error.text, bad[i].words);
		peft_config_free(&config);
	}
}

static void ranks_and_scales_follow_their_patterns(void **state)
{
	struct peft_config config;
	struct error error = {0};
	int32_t rank;
	float scale;

	(void)state;
	assert_true(read_text("{\"peft_type\": \"LORA\", \"r\": 4, \"lora_alpha\": 8, \"use_rslora\": false, \"unknown\": 1, "
	                      "\"rank_pattern\": {\"query\": 2, \"layer.0.*value\": 16}, \"alpha_pattern\": {\"^bert.*key\": 10}}",
	                      &config, &error));
	assert_true(peft_config_layer(&config, "bert.layer.0.query", &rank, &scale, &error));
	assert_true(rank == 2 && scale == 4);
	assert_true(peft_config_layer(&config, "bert.layer.0.self.value", &rank, &scale, &error));
	assert_true(rank == 16 && scale == 0.5f);
	assert_true(peft_config_layer(&config, "bert.layer.1.self.value", &rank, &scale, &error));
	assert_true(rank == 4 && scale == 2);
	assert_true(peft_config_layer(&config, "bert.layer.1.self.key", &rank, &scale, &error));
	assert_true(rank == 4 && scale == 2.5f);
	peft_config_free(&config);
	assert_true(read_text("{\"peft_type\": \"LORA\", \"r\": 16, \"use_rslora\": true}", &config, &error));
	assert_true(peft_config_layer(&config, "x", &rank, &scale, &error));
	assert_true(rank == 16 && scale == 2);
	peft_config_free(&config);
}

/* The keys of what is written are those that peft 0.21 writes, but for some that came after 0.18. */
static void what_is_written_has_the_keys_of_peft(void **state)
{
	static const char *const later[] = {"kasa_config", "lora_ga_config", "monteclora_config", "use_bdlora", "velora_config"};
	struct error error = {0};
	char folder[256], path[300];
	json_t *theirs, *ours, *value;
	const char *key;

	(void)state;
	check_folder(folder, sizeof folder);
	assert_true(peft_config_write(folder, &(struct peft_write){.base = "base", .target_modules = "query,value",
	                              .modules_to_save = "classifier,score", .bias = "none", .rank = 4, .alpha = 8}, &error));
	snprintf(path, sizeof path, "%s/adapter_config.json", folder);
	ours = json_read(path, 1 << 20, &error);
	theirs = json_read(check_source("tests/golden/peft/bert-query-value/adapter_config.json"), 1 << 20, &error);
	assert_non_null(ours);
	assert_non_null(theirs);
	for (size_t i = 0; i < sizeof later / sizeof *later; i++)
		assert_int_equal(json_object_del(theirs, later[i]), 0);
	json_object_del(ours, "peft_version");
	json_object_del(theirs, "peft_version");
	json_object_del(theirs, "target_modules"); /* a set there: its order changes */
	assert_int_equal(json_object_size(ours), json_object_size(theirs) + 1);
	json_object_foreach(theirs, key, value)
		if (!json_equal(value, json_object_get(ours, key)))
			fail_msg("\"%s\" is not as in peft's", key);
	json_decref(ours);
	json_decref(theirs);
	check_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_names_ends_of_layers),
		cmocka_unit_test(an_expression_matches_the_whole_name),
		cmocka_unit_test(expressions_that_could_take_for_ever_are_refused),
		cmocka_unit_test(what_is_repeated_often_stands_alone),
		cmocka_unit_test(keys_are_taken_apart),
		cmocka_unit_test(what_computes_something_else_is_refused_by_name),
		cmocka_unit_test(ranks_and_scales_follow_their_patterns),
		cmocka_unit_test(what_is_written_has_the_keys_of_peft),
	};

	return cmocka_run_group_tests_name("peft", tests, NULL, NULL);
}
