/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a model asks of its backend: to be of this version, to have the memory, and to say so when it fails. */
#include "tests/unit/train_check.h"

#include "engine/backend/open.h"
#include "engine/backend/peak.h"
#include "engine/train/optimize/optimizer.h"
#include "tests/unit/foreign.h"

/* Of the module that `main` names. */
#define NO_MODULE "--device cuda: the CUDA module could not be opened: "

static struct model *open_model(struct train_folder *folder)
{
	struct error error = {0};
	struct model *model = model_open(folder->model, &(struct model_options){.threads = 1}, NULL, &error);

	if (!model)
		fail_msg("%s", error.text);
	return model;
}

static int setup(void **state)
{
	return train_setup(state);
}

static int teardown(void **state)
{
	foreign_fail_at(0);
	foreign_limit_memory(0);
	return train_teardown(state);
}

static void a_device_goes_by_its_word(void **state)
{
	(void)state;
	assert_int_equal(device_find("auto"), DEVICE_AUTO);
	assert_int_equal(device_find("cpu"), DEVICE_CPU);
	assert_int_equal(device_find("cuda"), DEVICE_CUDA);
	assert_int_equal(device_find(NULL), DEVICE_AUTO);
}

static int tflops(const char *device, enum precision precision)
{
	return (int)lrint(backend_peak(device, precision) / 1e12);
}

static void the_peak_of_a_gpu_goes_by_its_name(void **state)
{
	(void)state;
	assert_int_equal(tflops("NVIDIA H200", PRECISION_F32), 67);
	assert_int_equal(tflops("NVIDIA H200", PRECISION_TF32), 495);
	assert_true(backend_peak("NVIDIA H200", PRECISION_BF16) == backend_peak("NVIDIA H200", PRECISION_F16));
	assert_int_equal(tflops("NVIDIA A100-SXM4-80GB", PRECISION_BF16), 312);
	assert_int_equal(tflops("NVIDIA A10", PRECISION_BF16), 125);
	/* Others, which have less: of a notebook, of an export version, a slice; and the processor. */
	assert_true(backend_peak("NVIDIA GeForce RTX 4090", PRECISION_F32) > 0);
	assert_true(backend_peak("NVIDIA GeForce RTX 4090 Laptop GPU", PRECISION_F32) == 0);
	assert_true(backend_peak("NVIDIA A10G", PRECISION_F32) == 0);
	assert_true(backend_peak("NVIDIA H200 MIG 1g.18gb", PRECISION_F32) == 0);
	assert_true(backend_peak("", PRECISION_F32) == 0);
}

static void why_there_is_no_gpu_is_said(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};

	assert_null(backend_open(DEVICE_CUDA, 1, &error));
	assert_int_equal(strncmp(error.text, NO_MODULE, strlen(NO_MODULE)), 0);
	assert_null(model_open(folder->model, &(struct model_options){.device = DEVICE_CUDA}, NULL, &error));
	train_set(&folder->options, "device", "cuda");
	error = (struct error){0};
	train_fails(train_start(folder, folder->run, &error), &error, ERROR_FAILED, NO_MODULE);
}

static void a_backend_of_another_version_or_without_an_operation_is_refused(void **state)
{
	struct error error = {0};
	struct backend *b = backend_open(DEVICE_AUTO, 1, &error);
	struct backend_operations older, shorter;

	(void)state;
	assert_non_null(b);
	assert_true(backend_check_table(b, &error));
	older = *b->ops;
	older.version--;
	b->ops = &older;
	assert_false(backend_check_table(b, &error));
	assert_non_null(strstr(error.text, "the backend is of version"));
	shorter = older;
	shorter.version++;
	shorter.adafactor = NULL;
	b->ops = &shorter;
	assert_false(backend_check_table(b, &error));
	assert_non_null(strstr(error.text, "lacks operation"));
	b->ops->close(b);
}

/* 150 reviews less the held-out 15 in batches of 8: 17 steps in the first epoch, of which each asks for its
 * pass and for its update. */
static void a_device_that_fails_at_a_step_ends_the_training_with_its_line(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	char path[400];

	foreign_fail_at(11); /* the pass of the sixth step */
	train_fails(train_start(folder, folder->run, &error), &error, ERROR_FAILED, "the device fell off the bus");
	assert_true(train_has_event(folder->run, "the device fell off the bus"));
	assert_int_equal(train_has_event(folder->run, "; checkpoint-000004 stands: go on in a new process with revue train --resume "),
	                 foreign_wanted());
	/* What was good is kept, what was computed on the way is not: five steps are logged, one checkpoint is there. */
	snprintf(path, sizeof path, "%s/checkpoint-000004/state.json", folder->run);
	assert_int_equal(access(path, F_OK), 0);
	snprintf(path, sizeof path, "%s/checkpoint-000008/state.json", folder->run);
	assert_int_not_equal(access(path, F_OK), 0);
	foreign_fail_at(0);
	train_resume_whole(folder->run);
}

static void a_device_that_fails_while_measuring_ends_the_training_with_its_line(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};

	foreign_fail_at(35); /* steps ask 34 times before the first measuring */
	train_fails(train_start(folder, folder->run, &error), &error, ERROR_FAILED, "the device fell off the bus");
	assert_false(train_has_event(folder->run, "finished"));
}

static void a_device_that_fails_ends_scoring_with_its_line(void **state)
{
	const struct span text = span_of("a lovely film");
	float logits[2], scores[2];
	struct score score = {.logits = logits, .scores = scores};
	struct error error = {0};
	struct model *model;

	foreign_fail_at(2);
	model = open_model(*state);
	assert_true(model_score(model, &text, 1, 0, &score, NULL, &error));
	assert_false(model_score(model, &text, 1, 0, &score, NULL, &error));
	assert_int_equal(error.kind, ERROR_FAILED);
	assert_string_equal(error.text, "scoring: the device fell off the bus: start again");
	model_close(model);
}

/* The moments are taken after network_reserve, but counted in it. */
static void the_memory_of_the_optimizer_is_in_the_sum_that_is_checked(void **state)
{
	struct error error = {0};
	struct model *model;
	uint64_t state_bytes;

	foreign_limit_memory((uint64_t)1 << 30);
	model = open_model(*state);
	state_bytes = optimizer_memory(model_parameter(model, 0), model_parameter_rows(model), NULL);
	assert_true(state_bytes >= 2 * sizeof(float) * model_parameter_count(model));
	assert_false(network_reserve(model, 8, 2, 4, true, (uint64_t)1 << 30, &error));
	assert_int_equal(strncmp(error.text, "needs 1.1 GB (activations ", 26), 0);
	assert_non_null(strstr(error.text, ", gradients "));
	assert_non_null(strstr(error.text, ", optimizer 1.1 GB), 1.1 GB are free"));
	assert_true(network_reserve(model, 8, 2, 4, true, state_bytes, &error));
	/* Also when the rest is there already. */
	assert_false(network_reserve(model, 8, 2, 4, true, ((uint64_t)1 << 30) + 1, &error));
	assert_true(network_reserve(model, 8, 2, 4, true, 0, &error));
	model_close(model);
}

static void a_training_counts_its_moments_before_it_begins(void **state)
{
	struct train_folder *folder = *state;
	struct model *model = open_model(folder);
	uint64_t values = model_parameter_count(model) * sizeof(float);
	struct error error = {0};

	model_close(model);
	foreign_limit_memory(values + values / 2);
	train_fails(train_start(folder, folder->run, &error), &error, ERROR_FAILED, "optimizer");
	/* On a device no batch is too large that has room in parts. */
	assert_non_null(strstr(error.text, foreign_wanted() ? "use a smaller --max-length, or --device cpu"
	                                                    : "use a smaller --per-device-train-batch-size"));
}

static void the_estimate_tells_the_memory_of_the_backend(void **state)
{
	struct train_folder *folder = *state;
	struct trainer_request request = {.data = folder->data, .model = folder->model, .run = folder->run,
	                                  .options = &folder->options};
	struct train_estimate estimate;
	uint64_t exact;
	struct error error = {0};

	foreign_limit_memory(123456789);
	assert_true(train_estimate(&request, 150, &estimate, &error));
	assert_int_equal(estimate.memory_available, 123456789);
	assert_true(estimate.memory_bytes > 0);
	/* What is rounded to 16 bits is kept beside what it was. */
	exact = estimate.memory_bytes;
	train_set(&folder->options, "bf16", "true");
	assert_true(train_estimate(&request, 150, &estimate, &error));
	assert_true(estimate.memory_bytes > exact + 3 * sizeof(float) * 8 * 32 * 48); /* arrays of a batch of 8, 32 tokens, 48 columns */
	train_set(&folder->options, "device", "cuda");
	assert_false(train_estimate(&request, 150, &estimate, &error));
	assert_non_null(strstr(error.text, NO_MODULE));
}

int main(void)
{
#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_goes_by_its_word),
		cmocka_unit_test(the_peak_of_a_gpu_goes_by_its_name),
		WITH_FOLDER(why_there_is_no_gpu_is_said),
		cmocka_unit_test(a_backend_of_another_version_or_without_an_operation_is_refused),
		WITH_FOLDER(a_device_that_fails_at_a_step_ends_the_training_with_its_line),
		WITH_FOLDER(a_device_that_fails_while_measuring_ends_the_training_with_its_line),
		WITH_FOLDER(a_device_that_fails_ends_scoring_with_its_line),
		WITH_FOLDER(the_memory_of_the_optimizer_is_in_the_sum_that_is_checked),
		WITH_FOLDER(a_training_counts_its_moments_before_it_begins),
		WITH_FOLDER(the_estimate_tells_the_memory_of_the_backend),
	};

	setenv("REVUE_CUDA_MODULE", "/nothing.so", 1);
	return cmocka_run_group_tests_name("backend", tests, NULL, NULL);
}
