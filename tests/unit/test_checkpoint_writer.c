/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train: checkpoints that are written beside the steps hold the values of the moment that they were begun at. */
#include "tests/unit/train_check.h"

#include "engine/train/run/checkpoint_writer.h"

/* The linker puts these before the engine's own: no memory for copies, and a disk that is slow. */
static bool without_memory;
static unsigned slowness; /* microseconds that a write takes longer */

struct checkpoint_tensors *__real_checkpoint_tensors_new(const struct optimizer *optimizer, struct error *error);
struct checkpoint_tensors *__wrap_checkpoint_tensors_new(const struct optimizer *optimizer, struct error *error);
bool __real_checkpoint_write_copy(const char *run, const struct checkpoint_state *state,
                                  const struct checkpoint_tensors *copy, int64_t keep, struct error *error);
bool __wrap_checkpoint_write_copy(const char *run, const struct checkpoint_state *state,
                                  const struct checkpoint_tensors *copy, int64_t keep, struct error *error);

struct checkpoint_tensors *__wrap_checkpoint_tensors_new(const struct optimizer *optimizer, struct error *error)
{
	if (!without_memory)
		return __real_checkpoint_tensors_new(optimizer, error);
	error_memory(error, "making room for a copy of a checkpoint");
	return NULL;
}

bool __wrap_checkpoint_write_copy(const char *run, const struct checkpoint_state *state,
                                  const struct checkpoint_tensors *copy, int64_t keep, struct error *error)
{
	usleep(slowness);
	return __real_checkpoint_write_copy(run, state, copy, keep, error);
}

/* An untrained model with all that a checkpoint of it needs. */
struct bench {
	struct train_folder *folder;
	struct model *model;
	struct optimizer optimizer;
	struct journal journal;
	struct checkpoint_writer writer;
	struct checkpoint_place place;
};

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof *bench);
	struct error error = {0};
	void *folder;

	train_setup(&folder);
	bench->folder = folder;
	bench->model = model_open(bench->folder->model, &(struct model_options){.threads = 1}, NULL, &error);
	assert_non_null(bench->model);
	assert_true(optimizer_init(&bench->optimizer, bench->model, NULL, &error));
	assert_true(folder_make(bench->folder->run, &error));
	assert_true(journal_open(&bench->journal, bench->folder->run, &error));
	bench->place = (struct checkpoint_place){.run = bench->folder->run, .journal = &bench->journal,
	                                         .optimizer = &bench->optimizer, .keep = 2};
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;
	void *folder = bench->folder;

	checkpoint_writer_free(&bench->writer);
	journal_close(&bench->journal);
	optimizer_free(&bench->optimizer);
	model_close(bench->model);
	free(bench);
	return train_teardown(&folder);
}

/* The first value of a parameter that trains, and of its moment. */
static void set_values(struct bench *bench, float weight, float moment)
{
	struct backend *backend = model_backend(bench->model);
	struct optimizer_state states[OPTIMIZER_STATES];

	assert_int_equal(optimizer_states(&bench->optimizer, 3, states), 2);
	backend->ops->upload(backend, model_parameter(bench->model, 3)->value, &weight, sizeof weight);
	backend->ops->upload(backend, states[1].values, &moment, sizeof moment);
}

/* What a checkpoint holds of both. */
static void assert_holds(struct bench *bench, uint64_t step, float weight, float moment)
{
	struct backend *backend = model_backend(bench->model);
	struct optimizer_state states[OPTIMIZER_STATES];
	struct checkpoint_state found;
	struct error error = {0};
	char name[CHECKPOINT_NAME];
	float got[2];

	checkpoint_name(name, step);
	assert_true(checkpoint_verify(bench->folder->run, name, &found, &error));
	assert_true(checkpoint_load(bench->folder->run, name, &found, &bench->optimizer, &error));
	optimizer_states(&bench->optimizer, 3, states);
	backend->ops->download(backend, &got[0], model_parameter(bench->model, 3)->value, sizeof got[0]);
	backend->ops->download(backend, &got[1], states[1].values, sizeof got[1]);
	assert_true(got[0] == weight && got[1] == moment);
}

static void what_is_written_is_the_moment_of_the_copy(void **state)
{
	struct bench *bench = *state;
	struct checkpoint_state now = {.step = 7, .seconds = 1.5, .mark = {.begun = true, .step = 7, .saved = 7}}, found;
	struct error error = {0};

	assert_true(checkpoint_writer_init(&bench->writer, &bench->place, true, &error));
	set_values(bench, 0.25f, 0.5f);
	checkpoint_writer_begin(&bench->writer, &now);
	set_values(bench, 3, 4);
	now.seconds = 9;
	now.mark.saved = 0;
	assert_true(checkpoint_writer_finish(&bench->writer, &error));
	assert_false(bench->writer.begun);
	assert_holds(bench, 7, 0.25f, 0.5f);
	assert_true(checkpoint_verify(bench->folder->run, "checkpoint-000007", &found, &error));
	assert_true(found.seconds == 1.5 && found.mark.saved == 7);
}

/* The one from copies and the one from the model itself are the same files. */
static void a_copy_is_written_to_the_same_bits(void **state)
{
	static const char *const files[] = {"model.safetensors", "optimizer.safetensors", "state.json"};
	struct bench *bench = *state;
	struct checkpoint_state now = {.step = 7};
	struct error error = {0};
	char path[500], one[65], two[65];

	assert_true(checkpoint_writer_init(&bench->writer, &bench->place, true, &error));
	checkpoint_writer_begin(&bench->writer, &now);
	assert_true(checkpoint_writer_finish(&bench->writer, &error));
	assert_true(folder_make(bench->folder->other, &error));
	assert_true(checkpoint_write(bench->folder->other, &now, &bench->optimizer, 1, &error));
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s/checkpoint-000007/%s", bench->folder->run, files[i]);
		assert_true(file_sha256(path, one, &error));
		snprintf(path, sizeof path, "%s/checkpoint-000007/%s", bench->folder->other, files[i]);
		assert_true(file_sha256(path, two, &error));
		assert_string_equal(one, two);
	}
}

static void without_copies_it_is_written_when_it_is_waited_for(void **state)
{
	struct bench *bench = *state;
	struct checkpoint_state now = {.step = 7};
	struct error error = {0};

	assert_true(checkpoint_writer_init(&bench->writer, &bench->place, false, &error));
	set_values(bench, 0.25f, 0.5f);
	checkpoint_writer_begin(&bench->writer, &now);
	assert_false(checkpoint_writer_is_busy(&bench->writer));
	assert_false(checkpoint_is_there(bench->folder->run, 7));
	assert_true(checkpoint_writer_finish(&bench->writer, &error));
	assert_holds(bench, 7, 0.25f, 0.5f);
}

/* The place of the run comes back, as room on a disk does. */
static void a_write_that_failed_is_made_again_from_the_same_copy(void **state)
{
	struct bench *bench = *state;
	struct checkpoint_state now = {.step = 7};
	struct error error = {0};
	char place[400];

	assert_true(checkpoint_writer_init(&bench->writer, &bench->place, true, &error));
	snprintf(place, sizeof place, "%s.away", bench->folder->run);
	set_values(bench, 0.25f, 0.5f);
	assert_int_equal(rename(bench->folder->run, place), 0);
	checkpoint_writer_begin(&bench->writer, &now);
	set_values(bench, 3, 4);
	for (int i = 0; i < 2; i++) {
		error = (struct error){0};
		assert_false(checkpoint_writer_finish(&bench->writer, &error));
		assert_int_equal(error.kind, ERROR_IO);
		assert_true(bench->writer.begun);
	}
	assert_int_equal(rename(place, bench->folder->run), 0);
	assert_true(checkpoint_writer_finish(&bench->writer, &error));
	assert_holds(bench, 7, 0.25f, 0.5f);
}

static void values_that_are_not_finite_are_refused_and_the_last_good_one_stays(void **state)
{
	struct bench *bench = *state;
	struct checkpoint_state now = {.step = 7};
	struct error error = {0};

	assert_true(checkpoint_writer_init(&bench->writer, &bench->place, true, &error));
	set_values(bench, 0.25f, 0.5f);
	checkpoint_writer_begin(&bench->writer, &now);
	assert_true(checkpoint_writer_finish(&bench->writer, &error));
	set_values(bench, 0.25f, INFINITY);
	now.step = 8;
	checkpoint_writer_begin(&bench->writer, &now);
	assert_false(checkpoint_writer_finish(&bench->writer, &error));
	assert_int_equal(error.kind, ERROR_DATA);
	checkpoint_writer_drop(&bench->writer);
	assert_false(checkpoint_is_there(bench->folder->run, 8));
	assert_holds(bench, 7, 0.25f, 0.5f);
}

/* The best one stays however old it is, by the mark of the moment of the copy. */
static void rotation_keeps_the_best_and_the_newest(void **state)
{
	struct bench *bench = *state;
	struct error error = {0};

	bench->place.keep = 1;
	assert_true(checkpoint_writer_init(&bench->writer, &bench->place, true, &error));
	for (uint64_t step = 1; step <= 5; step++) {
		const struct checkpoint_state now = {.step = step, .mark = {.step = step < 2 ? 1 : 2, .saved = step < 2 ? 1 : 2}};

		checkpoint_writer_begin(&bench->writer, &now);
		assert_true(checkpoint_writer_finish(&bench->writer, &error));
	}
	for (uint64_t step = 1; step <= 5; step++)
		assert_int_equal(checkpoint_is_there(bench->folder->run, step), step == 2 || step == 5);
}

/* In a whole training */

/* The step at which a checkpoint was told to be written. */
static uint64_t told_at(const char *run, const char *text)
{
	struct run *reader = run_open(run, NULL);
	const struct run_event *events;
	uint64_t step = 0;
	size_t count;

	events = run_events(reader, &count);
	for (size_t i = 0; i < count; i++)
		if (strcmp(events[i].text, text) == 0)
			step = events[i].step;
	run_close(reader);
	return step;
}

static void steps_go_on_while_a_checkpoint_is_written(void **state)
{
	struct train_folder *folder = *state;
	struct checkpoint_state found;
	struct error error = {0};

	train_set(&folder->options, "save-steps", "10");
	train_set(&folder->options, "save-total-limit", "20");
	train_whole(folder, folder->run);
	slowness = 200000;
	train_whole(folder, folder->other);
	slowness = 0;
	assert_true(told_at(folder->other, "checkpoint-000010 written") > 10);
	assert_true(checkpoint_verify(folder->other, "checkpoint-000010", &found, &error));
	/* The last one is waited for. */
	assert_int_equal(told_at(folder->other, "checkpoint-000034 written"), 34);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

static void a_stop_waits_for_the_checkpoint_on_its_way_and_for_its_own(void **state)
{
	struct train_folder *folder = *state;
	char name[CHECKPOINT_NAME];

	train_whole(folder, folder->run);
	slowness = 150000;
	train_until(folder, folder->other, 5);
	slowness = 0;
	assert_true(train_newest(folder->other, name) >= 5);
	assert_true(train_has_event(folder->other, "checkpoint-000004 written"));
	train_resume_whole(folder->other);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

static void without_memory_for_copies_steps_wait_and_that_is_said(void **state)
{
	struct train_folder *folder = *state;

	train_whole(folder, folder->run);
	assert_false(train_has_event(folder->run, "steps wait for checkpoints"));
	without_memory = true;
	train_whole(folder, folder->other);
	without_memory = false;
	assert_true(train_has_event(folder->other, "steps wait for checkpoints: to write them beside the training needs "));
	assert_int_equal(told_at(folder->other, "checkpoint-000004 written"), 4);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

#define TRAIN(test) cmocka_unit_test_setup_teardown(test, train_setup, train_teardown)
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_written_is_the_moment_of_the_copy),
		TEST(a_copy_is_written_to_the_same_bits),
		TEST(without_copies_it_is_written_when_it_is_waited_for),
		TEST(a_write_that_failed_is_made_again_from_the_same_copy),
		TEST(values_that_are_not_finite_are_refused_and_the_last_good_one_stays),
		TEST(rotation_keeps_the_best_and_the_newest),
		TRAIN(steps_go_on_while_a_checkpoint_is_written),
		TRAIN(a_stop_waits_for_the_checkpoint_on_its_way_and_for_its_own),
		TRAIN(without_memory_for_copies_steps_wait_and_that_is_said),
	};

	return cmocka_run_group_tests_name("checkpoint_writer", tests, NULL, NULL);
}
