/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening a model when memory is short: every single allocation fails once, and each time there is an error that says so,
 * and no leak. The linker puts __wrap_* in the place of the allocator. */
#include "tests/unit/model_forms.h"


void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);

static long allocations_left = -1; /* -1: none fails */
static bool has_failed;

static bool fails_now(void)
{
	if (allocations_left < 0 || allocations_left-- > 0)
		return false;
	has_failed = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return fails_now() ? NULL : __real_realloc(memory, size);
}

char *__wrap_strdup(const char *text)
{
	return fails_now() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t size)
{
	return fails_now() ? NULL : __real_strndup(text, size);
}

/* Opens the model again and again until no allocation is left that fails. */
static void expect_out_of_memory(const char *path, long least)
{
	long n = 0;

	do {
		struct error error = {0};
		struct model *model;

		has_failed = false;
		allocations_left = n++;
		model = model_open(path, &(struct model_options){.threads = 1}, NULL, &error);
		allocations_left = -1;
		if (!model != has_failed || (has_failed && !strstr(error.text, "out of memory")))
			fail_msg("%s, allocation %ld: %s", path, n, model ? "opened" : error.text);
		model_close(model);
	} while (has_failed);
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
