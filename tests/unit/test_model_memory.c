/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening a model when memory is short: every single allocation fails once, and each time there is an error that says so,
 * and no leak. */
#include "tests/unit/model_forms.h"
#include "tests/unit/failing_allocations.h"

/* Opens the model again and again until no allocation is left that fails. */
static void expect_out_of_memory(const char *path, long least)
{
	long n = 0;

	do {
		struct error error = {0};
		struct model *model;

		failed = false;
		allowed = n++;
		model = model_open(path, &(struct model_options){.threads = 1}, NULL, &error);
		allowed = -1;
		if (!model != failed || (failed && !strstr(error.text, "out of memory")))
			fail_msg("%s, allocation %ld: %s", path, n, model ? "opened" : error.text);
		model_close(model);
	} while (failed);
	assert_true(n > least);
}

static void every_failed_allocation_of_opening_a_model_is_out_of_memory(void **state)
{
	char folder[256];
	struct tensor_list list;

	(void)state;
	take_weights(folder, &list);
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		write_form(folder, &forms[i], &list);
		expect_out_of_memory(folder, 50);
		remove_form(folder, &forms[i]);
	}
	free_tensors(&list);
	check_folder_remove(folder);
}

/* Labels and heads that are told of, in config.json of a folder inside a run. */
static void and_so_it_is_where_notices_are_made(void **state)
{
	static const char config_json[] =
		"{\"model_type\":\"bert\",\"vocab_size\":60,\"hidden_size\":32,\"num_hidden_layers\":2,\"num_attention_heads\":2,"
		"\"intermediate_size\":48,\"max_position_embeddings\":40,\"colour\":\"blue\",\"id2label\":{\"0\":\"a\",\"1\":\"a\"},"
		"\"label2id\":{\"b\":1},\"num_labels\":3,\"architectures\":[\"BertForMaskedLM\"]}";
	char folder[256], run[300], command[1400];

	(void)state;
	save_model(folder);
	write_file(folder, "config.json", config_json, sizeof config_json - 1);
	snprintf(run, sizeof run, "%s/run", folder);
	snprintf(command, sizeof command, "mkdir -p '%s/checkpoint-3' && cp '%s'/*.* '%s/checkpoint-3' && "
	         "echo '{\"best_model_checkpoint\":\"x/checkpoint-3\"}' >'%s/trainer_state.json'", run, folder, run, run);
	assert_int_equal(system(command), 0);
	expect_out_of_memory(run, 50);
	check_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_failed_allocation_of_opening_a_model_is_out_of_memory),
		cmocka_unit_test(and_so_it_is_where_notices_are_made),
	};

	return cmocka_run_group_tests_name("model memory", tests, NULL, NULL);
}
