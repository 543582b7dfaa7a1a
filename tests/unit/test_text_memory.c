/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/text when memory is short: every single allocation fails once, and each time there is an error and no
 * leak. */
#include "tests/unit/text_check.h"
#include "tests/unit/failing_allocations.h"

#include "engine/base/json.h"
#include "engine/scrub.h"

static struct tokenizer *learn(struct error *error)
{
	struct vocabulary_trainer *trainer = vocabulary_trainer_new(60, 0, error);
	struct tokenizer *tokenizer = NULL;
	bool done = trainer != NULL;

	for (int i = 0; done && i < 30; i++) {
		char text[64];

		snprintf(text, sizeof text, "hello w%drld aba%d", i, 7 * i);
		done = vocabulary_trainer_add(trainer, span_of(text), error);
	}
	if (done)
		tokenizer = vocabulary_trainer_finish(trainer, NULL, error);
	vocabulary_trainer_free(trainer);
	return tokenizer;
}

static bool learn_save_open(const char *folder, struct error *error)
{
	struct tokenizer *tokenizer = learn(error), *again = NULL;
	int32_t ids[16];

	if (tokenizer && tokenizer_save(tokenizer, folder, error))
		again = tokenizer_open(folder, error);
	if (again)
		assert_int_equal(tokenizer_encode(again, span_of("[SEP]"), 16, ids, NULL, NULL), 3);
	tokenizer_free(tokenizer);
	tokenizer_free(again);
	return again != NULL;
}

/* The first allocation fails, then another one `step` later, until none does. */
static long fail_allocations(long step)
{
	char folder[256];
	long n = -step;

	check_folder(folder, sizeof folder);
	do {
		struct error error = {0};
		bool done;

		failed = false;
		allowed = n += step;
		done = learn_save_open(folder, &error);
		allowed = -1;
		assert_int_equal(done, !failed);
		assert_int_equal(done, error.text[0] == '\0');
	} while (failed);
	check_folder_remove(folder);
	return n;
}

static void every_failed_allocation_of_a_tokenizer_is_an_error(void **state)
{
	(void)state;
	assert_true(fail_allocations(1) > 200);
}

/* The same with the allocations of Jansson; there are too many to let each of them fail. */
static void a_tokenizer_that_is_written_with_short_memory_lacks_nothing(void **state)
{
	(void)state;
	json_set_alloc_funcs(__wrap_malloc, free);
	assert_true(fail_allocations(53) > 1000);
	json_set_alloc_funcs(malloc, free);
}

static void scrubbing_without_memory_gives_an_empty_text(void **state)
{
	struct scrubbed out = {0};
	bool done;

	(void)state;
	for (long n = 0; n < 2; n++) {
		allowed = n;
		done = scrub_text(&out, span_of("text"), (struct scrub_options){0});
		allowed = -1;
		assert_false(done);
		assert_string_equal(out.text, "");
		assert_int_equal(out.count, 0);
		scrubbed_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_failed_allocation_of_a_tokenizer_is_an_error),
		cmocka_unit_test(a_tokenizer_that_is_written_with_short_memory_lacks_nothing),
		cmocka_unit_test(scrubbing_without_memory_gives_an_empty_text),
	};

	return cmocka_run_group_tests_name("text memory", tests, NULL, NULL);
}
