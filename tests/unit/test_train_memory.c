/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train and engine/model on a device whose memory is too small for a whole batch: it is computed in parts, the steps stay
 * what they are, and so do the scores. The device is that of foreign.h, with less memory than it has. */
#include "tests/unit/train_check.h"

#include "tests/unit/foreign.h"

#include <stdlib.h>

enum { LONGEST = 13 }; /* tokens of train_write_reviews */

/* Bytes that suffice for so many reviews at once, and for no more. */
static uint64_t memory_for(struct train_folder *folder, int32_t rows)
{
	struct error error = {0};
	struct model *model = model_open(folder->model, &(struct model_options){.threads = 1}, NULL, &error);
	const struct parameter *parameters = model_parameter(model, 0);
	const uint64_t state = optimizer_memory(parameters, model_parameter_rows(model), NULL);
	struct network_usage usage;

	assert_true(network_reserve(model, rows * LONGEST, rows, LONGEST, true, state, &error));
	network_usage(model, &usage);
	model_close(model);
	return usage.activations + usage.gradients + state;
}

static int setup(void **state)
{
	struct train_folder *folder;

	setenv("REVUE_TEST_BACKEND", "foreign", 1);
	train_setup(state);
	folder = *state;
	train_set(&folder->options, "max-length", "32");
	train_set(&folder->options, "validation", "0.2");
	train_set(&folder->options, "max-train-samples", "96");
	return 0;
}

static int teardown(void **state)
{
	foreign_limit_memory(0);
	foreign_fail_at(0);
	return train_teardown(state);
}

static uint64_t part_of(const char *run)
{
	struct run_record record = {0};
	struct error error = {0};
	uint64_t part;

	assert_true(run_record_read(run, &record, &error));
	part = record.part;
	run_record_free(&record);
	return part;
}

/* A part of a batch draws dropout as a batch of its size, and the sums have the same order. */
static void a_batch_in_parts_is_to_the_bit_what_gradient_accumulation_makes(void **state)
{
	struct train_folder *folder = *state;

	foreign_limit_memory(memory_for(folder, 4));
	train_whole(folder, folder->run);
	foreign_limit_memory(0);
	train_set(&folder->options, "per-device-train-batch-size", "4");
	train_set(&folder->options, "gradient-accumulation-steps", "2");
	train_whole(folder, folder->other);
	assert_int_equal(part_of(folder->run), 4);
	assert_int_equal(part_of(folder->other), 0);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

static void the_parts_are_said(void **state)
{
	struct train_folder *folder = *state;

	foreign_limit_memory(memory_for(folder, 2));
	train_whole(folder, folder->run);
	assert_true(train_has_event(folder->run, "the GPU has no room for 8 reviews at once: batches are computed in parts of 2, "
	                                         "their gradients are added up, and the steps stay what they are"));
	foreign_limit_memory(0);
	train_whole(folder, folder->other);
	assert_false(train_has_event(folder->other, "no room"));
}

/* The last batches of an epoch are smaller than others, and so are parts of those whose size they do not divide. */
static void without_dropout_the_mean_is_that_of_the_whole_batch(void **state)
{
	struct train_folder *folder = *state;
	struct run *a, *b;
	const struct run_point *p, *q;
	size_t count, same;

	train_write_model(folder->model, folder->path, 0);
	train_set(&folder->options, "max-train-samples", "83");
	train_set(&folder->options, "per-device-train-batch-size", "6");
	train_set(&folder->options, "class-weights", "balanced");
	train_set(&folder->options, "logging-steps", "1");
	foreign_limit_memory(memory_for(folder, 3));
	train_whole(folder, folder->run);
	assert_int_equal(part_of(folder->run), 3);
	foreign_limit_memory(0);
	train_whole(folder, folder->other);
	a = run_open(folder->run, NULL);
	b = run_open(folder->other, NULL);
	p = run_points(a, &count);
	q = run_points(b, &same);
	assert_int_equal(count, same);
	for (size_t i = 0; i < count; i++) {
		assert_true(fabs(p[i].loss - q[i].loss) < 1e-4);
		assert_true(fabs(p[i].grad_norm - q[i].grad_norm) < 1e-3 * q[i].grad_norm);
	}
	run_close(a);
	run_close(b);
}

/* Also where there is room by then, as on another machine. */
static void a_run_in_parts_goes_on_in_them_to_the_bit(void **state)
{
	struct train_folder *folder = *state;

	foreign_limit_memory(memory_for(folder, 4));
	train_whole(folder, folder->run);
	train_until(folder, folder->other, 6);
	foreign_limit_memory(0);
	train_resume_whole(folder->other);
	assert_int_equal(part_of(folder->other), 4);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

static void a_run_that_goes_on_with_less_memory_says_what_differs(void **state)
{
	struct train_folder *folder = *state;

	train_until(folder, folder->run, 6);
	foreign_limit_memory(memory_for(folder, 4));
	train_resume_whole(folder->run);
	assert_int_equal(part_of(folder->run), 4);
	assert_true(train_has_event(folder->run, "the GPU has no room for 8 reviews at once: batches are computed in parts of 4; "
	                                         "dropout is drawn in another way from here on"));
}

static void one_row_without_room_ends_the_training_with_its_line(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};

	foreign_limit_memory(40000);
	train_fails(train_start(folder, folder->run, &error), &error, ERROR_FAILED, "are free: use a smaller --max-length, or --device cpu");
}

/* Scores */

enum { TEXTS = 40 };

static void score_texts(struct train_folder *folder, struct score *scores, float *numbers, int count, uint64_t memory,
                        struct error *error)
{
	struct span texts[TEXTS];
	struct model *model;

	foreign_limit_memory(memory > 0 ? 1 << 20 : 0); /* for the model itself */
	model = model_open(folder->model, &(struct model_options){.threads = 1}, NULL, error);
	if (!model)
		fail_msg("%s", error->text);
	foreign_limit_memory(memory);
	for (int i = 0; i < count; i++) {
		texts[i] = span_of(i % 3 ? "the film was a very lovely place" : "food was awful and it was dull and bad");
		scores[i] = (struct score){.logits = numbers + 4 * i, .scores = numbers + 4 * i + 2};
	}
	model_score(model, texts, (size_t)count, 32, scores, NULL, error);
	model_close(model);
}

static void scoring_takes_fewer_texts_at_once_where_memory_is_short(void **state)
{
	static float whole[4 * TEXTS], parts[4 * TEXTS];
	struct train_folder *folder = *state;
	struct score scores[TEXTS];
	struct error error = {0};

	train_whole(folder, folder->run);
	snprintf(folder->model, sizeof folder->model, "%s/model", folder->run);
	score_texts(folder, scores, whole, TEXTS, 0, &error);
	score_texts(folder, scores, parts, TEXTS, 30000, &error);
	assert_string_equal(error.text, "");
	assert_memory_equal(whole, parts, sizeof whole);
	score_texts(folder, scores, parts, TEXTS, 1000, &error);
	assert_non_null(strstr(error.text, "scoring: "));
	assert_non_null(strstr(error.text, " are free: use a smaller --max-length, or --device cpu"));
}

int main(void)
{
#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(a_batch_in_parts_is_to_the_bit_what_gradient_accumulation_makes),
		WITH_FOLDER(the_parts_are_said),
		WITH_FOLDER(without_dropout_the_mean_is_that_of_the_whole_batch),
		WITH_FOLDER(a_run_in_parts_goes_on_in_them_to_the_bit),
		WITH_FOLDER(a_run_that_goes_on_with_less_memory_says_what_differs),
		WITH_FOLDER(one_row_without_room_ends_the_training_with_its_line),
		WITH_FOLDER(scoring_takes_fewer_texts_at_once_where_memory_is_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
