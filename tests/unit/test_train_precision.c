/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Trainings in bf16 and f16, on a device: the one of REVUE_TEST_BACKEND, else the foreign one, whose operations are the
 * reference's. The schedule, the optimizer and the checkpoints around a step that is not made are those of transformers' Trainer
 * with torch's GradScaler. */
#include "tests/unit/foreign.h"
#include "tests/unit/train_check.h"

#include "engine/train/optimize/loss_scale.h"

static void set_precision(struct train_folder *folder, const char *name)
{
	train_set(&folder->options, "bf16", strcmp(name, "bf16") == 0 ? "true" : "false");
	train_set(&folder->options, "fp16", strcmp(name, "fp16") == 0 ? "true" : "false");
}

/* Small enough for an emulated device. */
static int setup(void **state)
{
	struct train_folder *folder;

	setenv("REVUE_TEST_BACKEND", "foreign", 0);
	if (train_setup(state) != 0)
		return -1;
	folder = *state;
	foreign_overflow(0, 0);
	train_set(&folder->options, "max-steps", "12");
	train_set(&folder->options, "validation", "16");
	train_set(&folder->options, "save-steps", "4");
	return 0;
}

static int teardown(void **state)
{
	foreign_overflow(0, 0);
	return train_teardown(state);
}

static struct run_point *points_of(const char *path, size_t *count)
{
	struct run *run = run_open(path, NULL);
	const struct run_point *points;
	struct run_point *copy;

	assert_non_null(run);
	points = run_points(run, count);
	copy = calloc(*count + 1, sizeof *copy);
	assert_non_null(copy);
	memcpy(copy, points, *count * sizeof *copy);
	run_close(run);
	return copy;
}

/* As near as two seeds are to each other, and nearer; but not the same numbers. */
static void check_follows(struct train_folder *folder, const char *precision, double tolerance)
{
	size_t count, same;
	struct run_point *exact, *half;
	double difference = 0;

	set_precision(folder, "f32");
	train_whole(folder, folder->run);
	set_precision(folder, precision);
	train_whole(folder, folder->other);
	exact = points_of(folder->run, &count);
	half = points_of(folder->other, &same);
	assert_int_equal(count, 12);
	assert_int_equal(same, 12);
	for (size_t i = 0; i < count; i++) {
		if (!(fabs(exact[i].loss - half[i].loss) <= tolerance))
			fail_msg("step %zu: loss %.6f, in f32 %.6f", i + 1, half[i].loss, exact[i].loss);
		if (!(fabs(half[i].grad_norm / exact[i].grad_norm - 1) <= 20 * tolerance))
			fail_msg("step %zu: norm of the gradients %.6f, in f32 %.6f", i + 1, half[i].grad_norm, exact[i].grad_norm);
		difference += fabs(exact[i].loss - half[i].loss);
	}
	assert_true(difference > 0);
	assert_true(half[count - 1].loss < half[0].loss);
	free(exact);
	free(half);
}

static void bf16_follows_f32(void **state)
{
	check_follows(*state, "bf16", 5e-3);
}

static void f16_follows_f32(void **state)
{
	check_follows(*state, "fp16", 1e-3);
}

/* Of a newest checkpoint. */
static struct loss_scale scale_of(const char *run)
{
	struct checkpoint_state found;
	char name[CHECKPOINT_NAME];

	assert_true(checkpoint_newest(run, name, &found, NULL));
	return found.scaling;
}

static void the_scale_follows_the_rules_of_gradscaler(void **state)
{
	struct loss_scale scale = {.scale = LOSS_SCALE_FIRST};

	(void)state;
	for (int i = 1; i < LOSS_SCALE_INTERVAL; i++)
		loss_scale_update(&scale, false);
	assert_true(scale.scale == 65536 && scale.good == 1999);
	loss_scale_update(&scale, false);
	assert_true(scale.scale == 131072 && scale.good == 0 && scale.skipped == 0);
	loss_scale_update(&scale, false);
	loss_scale_update(&scale, true);
	assert_true(scale.scale == 65536 && scale.good == 0 && scale.skipped == 1);
	scale.scale = 0x1p127;
	scale.good = LOSS_SCALE_INTERVAL - 1;
	loss_scale_update(&scale, false);
	assert_true(scale.scale == 0x1p127 && scale.good == 0);
}

/* Gradients that are not finite: the weights stay, the count of steps goes on, the learning rate waits, the scale halves. */
static void a_step_beyond_f16_is_not_made(void **state)
{
	struct train_folder *folder = *state;
	struct run_point *points;
	struct loss_scale scale;
	size_t count;

	set_precision(folder, "fp16");
	foreign_overflow(3, 1);
	train_whole(folder, folder->run);
	points = points_of(folder->run, &count);
	assert_int_equal(count, 12);
	assert_true(!isfinite(points[2].grad_norm) && isfinite(points[1].grad_norm) && isfinite(points[3].grad_norm));
	for (size_t i = 1; i < count; i++)
		assert_int_equal(points[i].learning_rate < points[i - 1].learning_rate, i != 3);
	assert_true(points[3].learning_rate == points[2].learning_rate);
	assert_true(train_has_event(folder->run, "step 3 is not made: its gradients are beyond f16; the loss is scaled by 32768 now"));
	scale = scale_of(folder->run);
	assert_true(scale.scale == 32768 && scale.good == 9 && scale.skipped == 1);
	free(points);
}

static void assert_same_file(const char *run, const char *file)
{
	char path[400], one[65], two[65];
	struct error error = {0};

	snprintf(path, sizeof path, "%s/checkpoint-000001/%s", run, file);
	assert_true(file_sha256(path, one, &error));
	snprintf(path, sizeof path, "%s/checkpoint-000002/%s", run, file);
	assert_true(file_sha256(path, two, &error));
	assert_string_equal(one, two);
}

static void a_step_that_is_not_made_changes_no_weight_and_no_moment(void **state)
{
	struct train_folder *folder = *state;

	set_precision(folder, "fp16");
	train_set(&folder->options, "max-steps", "2");
	train_set(&folder->options, "save-steps", "1");
	foreign_overflow(2, 1);
	train_whole(folder, folder->run);
	assert_same_file(folder->run, CHECKPOINT_WEIGHTS);
	assert_same_file(folder->run, CHECKPOINT_MOMENTS);
}

/* The scale, its counter and the optimizer's own count of steps with it. */
static void a_run_in_f16_goes_on_to_the_bit(void **state)
{
	struct train_folder *folder = *state;

	set_precision(folder, "fp16");
	foreign_overflow(2, 1);
	train_whole(folder, folder->run);
	foreign_overflow(2, 1);
	train_until(folder, folder->other, 6);
	foreign_overflow(0, 0);
	train_resume_whole(folder->other);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
	assert_true(scale_of(folder->other).scale == 32768 && scale_of(folder->other).good == 10);
}

static void a_run_that_never_fits_ends(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};

	set_precision(folder, "fp16");
	train_set(&folder->options, "max-steps", "60");
	train_set(&folder->options, "eval-strategy", "no");
	foreign_overflow(1, 1000);
	train_fails(train_start(folder, folder->run, &error), &error, ERROR_FAILED, "take --bf16 instead of --fp16");
	assert_true(train_has_event(folder->run, "step 29 is not made"));
	assert_false(train_has_event(folder->run, "step 30 is not made"));
}

/* In bf16 and f32 the scale would not help. */
static void an_infinite_gradient_ends_other_runs(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};

	set_precision(folder, "bf16");
	foreign_overflow(2, 1);
	train_fails(train_start(folder, folder->run, &error), &error, ERROR_FAILED, "step 2: the gradient of ");
}

#define TRAIN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRAIN(bf16_follows_f32),
		TRAIN(f16_follows_f32),
		cmocka_unit_test(the_scale_follows_the_rules_of_gradscaler),
		TRAIN(a_step_beyond_f16_is_not_made),
		TRAIN(a_step_that_is_not_made_changes_no_weight_and_no_moment),
		TRAIN(a_run_in_f16_goes_on_to_the_bit),
		TRAIN(a_run_that_never_fits_ends),
		TRAIN(an_infinite_gradient_ends_other_runs),
	};

	check_filter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
