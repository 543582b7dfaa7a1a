/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train/options/options_file.c: options from files of arguments. */
#include "tests/unit/check.h"

#include "engine/base/file.h"
#include "engine/options.h"

#include <stdlib.h>

static struct train_options options;
static struct options_file file;

static bool read_text(const char *text, struct error *error)
{
	char folder[256], path[300];
	bool done;

	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/args.json", folder);
	assert_true(file_replace(path, text, strlen(text), error));
	done = train_options_read_file(path, &options, &file, error);
	check_folder_remove(folder);
	return done;
}

static void keys_of_transformers_become_options_and_others_stay(void **state)
{
	struct error error = {0};

	(void)state;
	train_options_init(&options);
	options.seed = 7;
	assert_true(read_text("{\"learning_rate\": 2e-05, \"max_seq_length\": 300, \"num_train_epochs\": 3.0, "
	                      "\"lr_scheduler_type\": \"constant\", \"validation_file\": \"dev.csv\", \"warmup_ratio\": null, "
	                      "\"model_name_or_path\": \"acme/tiny\"}", &error));
	assert_true(options.learning_rate == 2e-5);
	assert_int_equal(options.max_length, 300);
	assert_string_equal(options.lr_scheduler_type, "constant");
	assert_string_equal(options.validation, "dev.csv");
	assert_int_equal(options.seed, 7);
	assert_string_equal(file.model, "acme/tiny");
	assert_string_equal(file.unused, "");
}

/* PEFT calls it "bias", and so does run.json. */
static void what_trains_beside_adapters_is_read(void **state)
{
	struct error error = {0};

	(void)state;
	train_options_init(&options);
	assert_true(read_text("{\"peft_config\": {\"r\": 4, \"bias\": \"lora_only\", \"modules_to_save\": [\"pooler\"]}}", &error));
	assert_string_equal(options.lora_bias, "lora_only");
	assert_string_equal(options.modules_to_save, "pooler");
	assert_string_equal(file.unused, "");
	assert_false(read_text("{\"bias\": \"some\"}", &error));
}

static void objects_inside_are_read_too_and_what_has_no_use_is_listed_once(void **state)
{
	struct error error = {0};

	(void)state;
	train_options_init(&options);
	assert_true(read_text("{\"training_arguments\": {\"weight_decay\": 0.01, \"use_liger_kernel\": true, \"fsdp\": \"\", "
	                      "\"output_dir\": \"out\", \"report_to\": [\"wandb\"], \"dataloader_num_workers\": 4, \"debug\": []}, "
	                      "\"my_own\": 1, \"other\": {\"deep\": {\"deeper\": {\"x\": 1}}}}", &error));
	assert_true(options.weight_decay == 0.01);
	assert_non_null(strstr(file.unused, ": not used: use_liger_kernel, my_own, deeper"));
}

static void a_value_that_its_option_does_not_take_is_refused_with_file_and_key(void **state)
{
	static const struct {
		const char *text, *said;
	} rows[] = {
		{"{\"learning_rate\": \"fast\"}", "args.json: learning_rate: --learning-rate: \"fast\" is not a number"},
		{"{\"max_seq_length\": 1}", "args.json: max_seq_length: --max-length: 1 is out of range"},
		{"{\"seed\": [[1]]}", "seed: the value is no number, text, truth value, or list"},
		{"{\"validation\": [\"a,b\"]}", "validation: the value is no number"},
		{"{\"model_name_or_path\": 3}", "model_name_or_path: the name or the folder of a model is needed"},
		{"{\"use_dora\": true}", "use_dora: DoRA is not computed"},
		{"{\"load_in_8bit\": true}", "load_in_8bit: a base in 8 bits is not computed"},
		{"[1]", "not a JSON object of arguments"},
		{"{\"seed\": 1, \"seed\": 2}", "args.json"},
		{"", "args.json"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error error = {0};

		train_options_init(&options);
		assert_false(read_text(rows[i].text, &error));
		if (!strstr(error.text, rows[i].said))
			fail_msg("%s: %s", rows[i].text, error.text);
		assert_int_equal(error.kind, ERROR_DATA);
	}
}

static void what_is_off_is_no_refusal(void **state)
{
	struct error error = {0};

	(void)state;
	train_options_init(&options);
	assert_true(read_text("{\"use_dora\": false, \"load_in_8bit\": false, \"layers_to_transform\": null, "
	                      "\"exclude_modules\": []}", &error));
	assert_string_equal(file.unused, "");
}

static void a_flood_of_keys_is_listed_cut(void **state)
{
	struct error error = {0};
	const size_t capacity = 2 << 20;
	char *text = malloc(capacity);
	size_t used = (size_t)snprintf(text, capacity, "{\"k\": 1");

	(void)state;
	for (int i = 0; i < 20000; i++)
		used += (size_t)snprintf(text + used, capacity - used, ", \"some_long_key_that_nobody_knows_%d\": 1", i);
	snprintf(text + used, capacity - used, "}");
	train_options_init(&options);
	assert_true(read_text(text, &error));
	assert_true(strlen(file.unused) < sizeof file.unused);
	assert_string_equal(file.unused + strlen(file.unused) - 5, ", ...");
	free(text);
}

/* All that a recipe says has its option: a key that is spelled wrongly would be listed. */
static void every_recipe_is_used_whole_and_its_options_go_together(void **state)
{
	int count = 0;

	(void)state;
	for (; train_recipe_name(count); count++) {
		struct error error = {0};

		train_options_init(&options);
		if (!train_options_read_file(train_recipe_name(count), &options, &file, &error))
			fail_msg("%s", error.text);
		assert_string_equal(file.unused, "");
		assert_true(file.model[0] != '\0');
		if (!train_options_check(&options, &error))
			fail_msg("%s: %s", train_recipe_name(count), error.text);
	}
	assert_int_equal(count, 5);
}

static void a_name_that_is_neither_file_nor_recipe_lists_the_recipes(void **state)
{
	struct error error = {0};

	(void)state;
	train_options_init(&options);
	assert_false(train_options_read_file("tinybert", &options, &file, &error));
	assert_non_null(strstr(error.text, "tinybert: no such file of arguments, and no recipe: those are bert-tiny-qlora-50k, "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_transformers_become_options_and_others_stay),
		cmocka_unit_test(what_trains_beside_adapters_is_read),
		cmocka_unit_test(objects_inside_are_read_too_and_what_has_no_use_is_listed_once),
		cmocka_unit_test(a_value_that_its_option_does_not_take_is_refused_with_file_and_key),
		cmocka_unit_test(what_is_off_is_no_refusal),
		cmocka_unit_test(a_flood_of_keys_is_listed_cut),
		cmocka_unit_test(every_recipe_is_used_whole_and_its_options_go_together),
		cmocka_unit_test(a_name_that_is_neither_file_nor_recipe_lists_the_recipes),
	};

	return cmocka_run_group_tests_name("options_file", tests, NULL, NULL);
}
