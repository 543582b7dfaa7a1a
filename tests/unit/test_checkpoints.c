/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train: checkpoints that are damaged, rotated or find no room, and numbers that are not finite: a good checkpoint is
 * always there and known. */
#include "tests/unit/train_check.h"

#include <ctype.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum damage { FLIPPED_BIT, CUT_IN_HALF, EMPTY, NO_STATE, CHANGED_STATE };

static void damage(const char *run, const char *name, enum damage kind)
{
	char path[500];
	const char *file = kind == NO_STATE || kind == CHANGED_STATE ? "state.json"
	                 : kind == CUT_IN_HALF                       ? "optimizer.safetensors"
	                                                             : "model.safetensors";
	struct stat status;
	char byte;
	int fd;

	snprintf(path, sizeof path, "%s/%s/%s", run, name, file);
	assert_int_equal(stat(path, &status), 0);
	if (kind == NO_STATE)
		assert_int_equal(unlink(path), 0);
	if (kind == CUT_IN_HALF || kind == EMPTY)
		assert_int_equal(truncate(path, kind == EMPTY ? 0 : status.st_size / 2), 0);
	if (kind != FLIPPED_BIT && kind != CHANGED_STATE)
		return;
	fd = open(path, O_RDWR);
	off_t at = kind == FLIPPED_BIT ? status.st_size - 9 : 40; /* 40: in the step's number or beside it */
	for (; kind == CHANGED_STATE; at++) {
		assert_int_equal(pread(fd, &byte, 1, at), 1);
		if (byte >= '1' && byte <= '8')
			break;
	}
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte = (char)(byte ^ 1);
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static void a_damaged_newest_checkpoint_is_passed_over_and_that_is_said(void **state)
{
	struct train_folder *folder = *state;

	train_whole(folder, folder->run);
	for (int kind = FLIPPED_BIT; kind <= CHANGED_STATE; kind++) {
		char name[CHECKPOINT_NAME], good[CHECKPOINT_NAME], said[200];
		uint64_t step;
		check_folder_remove(folder->other);
		train_until(folder, folder->other, 10);
		step = train_newest(folder->other, name);
		damage(folder->other, name, (enum damage)kind);
		assert_true(train_newest(folder->other, good) < step);
		train_resume_whole(folder->other);
		snprintf(said, sizeof said, "%s is not used: ", name);
		assert_true(train_has_event(folder->other, said));
		snprintf(said, sizeof said, "goes on from %s", good);
		assert_true(train_has_event(folder->other, said));
		train_assert_same_curves(folder->run, folder->other);
		train_assert_same_weights(folder->run, folder->other);
	}
}

/* A checkpoint of an untrained model; the optimizer and model that it was made from are freed with end_small. */
struct small {
	struct model *model;
	struct optimizer optimizer;
	struct checkpoint_state state;
};

static void make_small(struct small *small, struct train_folder *folder)
{
	struct error error = {0};

	*small = (struct small){.state = {.step = 5, .seconds = 0.1, .total_loss = 1.0 / 3, .trainer_state = "{\"global_step\": 5}\n"}};
	small->model = model_open(folder->model, &(struct model_options){.threads = 1}, NULL, &error);
	assert_non_null(small->model);
	assert_true(optimizer_init(&small->optimizer, small->model, NULL, &error));
	assert_true(folder_make(folder->run, &error));
	assert_true(checkpoint_write(folder->run, &small->state, &small->optimizer, 2, &error));
}

static void end_small(struct small *small)
{
	optimizer_free(&small->optimizer);
	model_close(small->model);
}

/* So that a run that goes on shows the best as it was. */
static void the_figures_of_evaluations_are_kept(void **state)
{
	const struct run_evaluation stars = {.step = 4, .epoch = 0.8, .time = 2, .loss = 1.0 / 3, .accuracy = 0.25, .f1 = 1.0 / 7,
	                                     .metric = NAN, .precision = 1.0 / 9, .recall = 1.0 / 11, .f1_macro = NAN,
	                                     .mean_absolute_error = 2.0 / 3, .runtime = 0.1, .samples_per_second = 70,
	                                     .steps_per_second = 1.0 / 13};
	struct train_folder *folder = *state;
	struct checkpoint_state found;
	struct error error = {0};
	struct small small;

	make_small(&small, folder);
	small.state.step = 6;
	small.state.best = stars;
	assert_true(checkpoint_write(folder->run, &small.state, &small.optimizer, 2, &error));
	assert_true(checkpoint_verify(folder->run, "checkpoint-000006", &found, &error));
	assert_true(found.best.step == 4 && found.best.mean_absolute_error == 2.0 / 3 && found.best.precision == 1.0 / 9);
	assert_true(found.best.recall == 1.0 / 11 && isnan(found.best.f1_macro) && isnan(found.best.metric));
	assert_true(found.best.runtime == 0.1 && found.best.samples_per_second == 70 && found.best.steps_per_second == 1.0 / 13);
	assert_int_equal(found.last.step, 0);
	end_small(&small);
}

static void flip(const char *path, off_t at, int bit)
{
	int fd = open(path, O_RDWR);
	char byte;

	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte = (char)(byte ^ (1 << bit));
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static void a_flipped_bit_anywhere_is_seen(void **state)
{
	static const char *const files[] = {"state.json", "model.safetensors", "optimizer.safetensors", "trainer_state.json"};
	struct train_folder *folder = *state;
	struct checkpoint_state found;
	struct small small;

	make_small(&small, folder);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct stat status;
		char path[400];
		snprintf(path, sizeof path, "%s/checkpoint-000005/%s", folder->run, files[i]);
		assert_int_equal(stat(path, &status), 0);
		for (off_t at = 0; at < status.st_size; at += status.st_size < 4000 ? 1 : status.st_size / 40) {
			flip(path, at, (int)(at % 7));
			/* The last digit of a number that still reads as the same one is no damage. */
			if (checkpoint_verify(folder->run, "checkpoint-000005", &found, NULL))
				assert_true(i == 0 && found.step == 5 && found.seconds == 0.1 && found.total_loss == 1.0 / 3);
			flip(path, at, (int)(at % 7));
		}
	}
	assert_true(checkpoint_verify(folder->run, "checkpoint-000005", &found, NULL));
	end_small(&small);
}

/* It is no part of what a run goes on from, but it is checked where it is told of. */
static void trainer_state_may_be_missing_from_the_start_but_not_later(void **state)
{
	struct train_folder *folder = *state;
	struct checkpoint_state found;
	struct error error = {0};
	struct small small;
	char path[400];

	make_small(&small, folder);
	snprintf(path, sizeof path, "%s/checkpoint-000005/trainer_state.json", folder->run);
	assert_int_equal(unlink(path), 0);
	assert_false(checkpoint_verify(folder->run, "checkpoint-000005", &found, &error));
	assert_non_null(strstr(error.text, "trainer_state.json"));
	small.state.step = 6;
	small.state.trainer_state = NULL; /* as in a checkpoint of an earlier version */
	assert_true(checkpoint_write(folder->run, &small.state, &small.optimizer, 2, &error));
	snprintf(path, sizeof path, "%s/checkpoint-000006/trainer_state.json", folder->run);
	assert_false(file_exists(path));
	assert_true(checkpoint_verify(folder->run, "checkpoint-000006", &found, &error));
	end_small(&small);
}

/* Writes a state.json as earlier versions did. */
static void make_old(const char *run, const char *name)
{
	struct checkpoint_hashes hashes = {.trainer_state = ""};
	struct checkpoint_state state;
	struct error error = {0};
	char folder[400], path[500];

	assert_true(checkpoint_verify(run, name, &state, &error));
	snprintf(folder, sizeof folder, "%s/%s", run, name);
	snprintf(path, sizeof path, "%s/trainer_state.json", folder);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof path, "%s/model.safetensors", folder);
	assert_true(file_sha256(path, hashes.weights, &error));
	snprintf(path, sizeof path, "%s/optimizer.safetensors", folder);
	assert_true(file_sha256(path, hashes.moments, &error));
	assert_true(checkpoint_write_state(folder, &state, &hashes, &error));
}

static void a_checkpoint_of_an_earlier_version_is_gone_on_from(void **state)
{
	struct train_folder *folder = *state;
	char name[CHECKPOINT_NAME], said[200];

	train_whole(folder, folder->run);
	train_until(folder, folder->other, 10);
	train_newest(folder->other, name);
	make_old(folder->other, name);
	train_resume_whole(folder->other);
	snprintf(said, sizeof said, "goes on from %s", name);
	assert_true(train_has_event(folder->other, said));
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

/* A log that somebody took away costs the checkpoint its trainer_state.json, and nothing else. */
static void without_its_log_a_checkpoint_counts_and_that_is_said(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct trainer *trainer = train_start(folder, folder->run, &error);
	char log[400], aside[400], name[CHECKPOINT_NAME], path[500];
	struct run *run = run_open(folder->run, &error);
	struct trainer_status status;
	uint64_t before;

	train_wait_step(run, 1);
	trainer_pause(trainer);
	train_wait_state(run, RUN_PAUSED);
	snprintf(log, sizeof log, "%s/metrics.jsonl", folder->run);
	snprintf(aside, sizeof aside, "%s/aside", folder->run);
	assert_int_equal(rename(log, aside), 0);
	trainer_status(trainer, &status);
	before = status.done;
	trainer_continue(trainer);
	for (int i = 0; i < 20000 && (status.phase == TRAINER_PAUSED || status.done <= before); i++) {
		usleep(500);
		trainer_status(trainer, &status);
	}
	trainer_stop(trainer);
	trainer_join(trainer, &error);
	assert_int_equal(rename(aside, log), 0);
	assert_true(train_newest(folder->run, name) > before);
	snprintf(path, sizeof path, "%s/%s/trainer_state.json", folder->run, name);
	assert_false(file_exists(path));
	assert_true(train_has_event(folder->run, "written, without trainer_state.json: "));
	run_close(run);
	train_resume_whole(folder->run);
}

/* Whatever the place where the disk is full, the checkpoint before it stays good. */
static void a_disk_that_fills_up_anywhere_costs_no_checkpoint(void **state)
{
	struct train_folder *folder = *state;
	struct checkpoint_state found;
	char name[CHECKPOINT_NAME];
	struct small small;

	make_small(&small, folder);
	small.state.step = 6;
	for (rlim_t limit = 0; limit < 60000; limit += 3000) {
		pid_t child = fork();
		if (child == 0) {
			struct error error = {0};
			signal(SIGXFSZ, SIG_IGN);
			setrlimit(RLIMIT_FSIZE, &(struct rlimit){limit, limit});
			checkpoint_write(folder->run, &small.state, &small.optimizer, 1, &error);
			_exit(0);
		}
		assert_int_equal(train_end_of(child), 0);
		assert_true(checkpoint_newest(folder->run, name, &found, NULL));
		assert_true(found.step == 5 || found.step == 6);
		if (limit == 0)
			assert_int_equal(found.step, 5);
	}
	assert_int_equal(found.step, 6);
	end_small(&small);
}

static void without_any_good_checkpoint_a_run_starts_again(void **state)
{
	struct train_folder *folder = *state;
	char name[CHECKPOINT_NAME];
	struct checkpoint_state found;

	train_whole(folder, folder->run);
	train_until(folder, folder->other, 10);
	while (checkpoint_newest(folder->other, name, &found, NULL))
		damage(folder->other, name, FLIPPED_BIT);
	train_resume_whole(folder->other);
	assert_true(train_has_event(folder->other, "there is no checkpoint to go on from"));
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

static void so_many_checkpoints_are_kept_as_were_asked_for(void **state)
{
	struct train_folder *folder = *state;
	struct checkpoint_state found;
	char name[CHECKPOINT_NAME], path[400];

	train_set(&folder->options, "save-total-limit", "3");
	train_whole(folder, folder->run);
	assert_int_equal(train_newest(folder->run, name), 34);
	assert_true(checkpoint_verify(folder->run, "checkpoint-000032", &found, NULL));
	assert_true(checkpoint_verify(folder->run, "checkpoint-000028", &found, NULL));
	snprintf(path, sizeof path, "%s/checkpoint-000024", folder->run);
	assert_false(file_exists(path));
	train_set(&folder->options, "save-total-limit", "1");
	train_whole(folder, folder->other);
	assert_int_equal(train_newest(folder->other, name), 34);
	snprintf(path, sizeof path, "%s/checkpoint-000032", folder->other);
	assert_false(file_exists(path));
}

/* Numbers that are not finite */

static void poison(const char *folder)
{
	struct error error = {0};
	struct model *model = model_open(folder, &(struct model_options){.threads = 1}, NULL, &error);
	struct parameter *parameter = model_parameter(model, 4);
	struct backend *backend = model_backend(model);
	const float huge = 3e38f; /* finite in the file, too large for the products that follow */

	backend->ops->upload(backend, parameter->value, &huge, sizeof huge);
	assert_true(model_save(model, folder, &error));
	model_close(model);
}

static void a_loss_that_is_not_finite_ends_the_run_and_names_the_step(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct checkpoint_state found;
	char name[CHECKPOINT_NAME];
	struct run *run;

	poison(folder->model);
	train_fails(train_start(folder, folder->run, &error), &error, ERROR_FAILED, "step 1: the loss of the reviews on lines ");
	assert_non_null(strstr(error.text, " and 3 more is not finite: no step was made yet"));
	run = run_open(folder->run, NULL);
	assert_int_equal(run_state(run), RUN_FAILED);
	run_close(run);
	assert_false(checkpoint_newest(folder->run, name, &found, NULL));
}

/* The lines that an error names, as far as it names them. */
static size_t lines_named(const char *text, uint64_t lines[8])
{
	const char *at = strstr(text, "on lines ");
	size_t count = 0;

	assert_non_null(at);
	for (at += strlen("on lines "); count < 8 && isdigit((unsigned char)*at); count++) {
		char *end;

		lines[count] = strtoull(at, &end, 10);
		at = strncmp(end, ", ", 2) == 0 ? end + 2 : end;
	}
	return count;
}

static void a_learning_rate_that_is_too_high_is_told_with_the_rows_of_its_step(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct checkpoint_state found;
	char name[CHECKPOINT_NAME], last[40];
	uint64_t lines[8], failed;

	train_set(&folder->options, "learning-rate", "10");
	train_set(&folder->options, "weight-decay", "10"); /* each step makes weights 99 times as large */
	train_set(&folder->options, "save-steps", "1");
	train_set(&folder->options, "train-sampling-strategy", "sequential");
	train_set(&folder->options, "validation", "0");
	train_fails(train_start(folder, folder->run, &error), &error, ERROR_FAILED, "is not finite: start a new run with a lower "
	            "--learning-rate than 10, or with --warmup-ratio 0.1");
	failed = strtoull(error.text + strlen("step "), NULL, 10);
	assert_true(failed > 1);
	/* The file's first line is its header, and batches are of eight rows. */
	assert_int_equal(lines_named(error.text, lines), 5);
	for (uint64_t i = 0; i < 5; i++)
		assert_int_equal(lines[i], 2 + 8 * (failed - 1) + i);
	snprintf(last, sizeof last, "checkpoints up to step %u are kept", (unsigned)(failed - 1));
	assert_non_null(strstr(error.text, last));
	assert_true(checkpoint_newest(folder->run, name, &found, NULL));
	assert_int_equal(found.step, failed - 1);
}

static void weights_that_are_not_finite_are_never_saved(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct model *model = model_open(folder->model, &(struct model_options){.threads = 1}, NULL,
	                                 &error);
	struct backend *backend = model_backend(model);
	struct checkpoint_state good = {.step = 5}, found;
	struct optimizer optimizer;
	const float infinite = -INFINITY;
	char name[CHECKPOINT_NAME];

	assert_true(folder_make(folder->run, &error));
	assert_true(optimizer_init(&optimizer, model, NULL, &error));
	assert_true(checkpoint_write(folder->run, &good, &optimizer, 1, &error));
	backend->ops->upload(backend, model_parameter(model, 3)->value, &infinite, sizeof infinite);
	good.step = 6;
	assert_false(checkpoint_write(folder->run, &good, &optimizer, 1, &error));
	assert_int_equal(error.kind, ERROR_DATA);
	assert_non_null(strstr(error.text, "not finite"));
	assert_true(checkpoint_newest(folder->run, name, &found, NULL));
	assert_int_equal(found.step, 5);
	optimizer_free(&optimizer);
	model_close(model);
}

#define TRAIN(test) cmocka_unit_test_setup_teardown(test, train_setup, train_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRAIN(a_damaged_newest_checkpoint_is_passed_over_and_that_is_said),
		TRAIN(the_figures_of_evaluations_are_kept),
		TRAIN(a_flipped_bit_anywhere_is_seen),
		TRAIN(trainer_state_may_be_missing_from_the_start_but_not_later),
		TRAIN(a_checkpoint_of_an_earlier_version_is_gone_on_from),
		TRAIN(without_its_log_a_checkpoint_counts_and_that_is_said),
		TRAIN(a_disk_that_fills_up_anywhere_costs_no_checkpoint),
		TRAIN(without_any_good_checkpoint_a_run_starts_again),
		TRAIN(so_many_checkpoints_are_kept_as_were_asked_for),
		TRAIN(a_loss_that_is_not_finite_ends_the_run_and_names_the_step),
		TRAIN(a_learning_rate_that_is_too_high_is_told_with_the_rows_of_its_step),
		TRAIN(weights_that_are_not_finite_are_never_saved),
	};

	return cmocka_run_group_tests_name("checkpoints", tests, NULL, NULL);
}
