/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train: all runs below a folder, what is told of each, what is done with one; the scores of held-out reviews. */
#include "tests/unit/train_check.h"

#include "engine/base/file.h"
#include "engine/held_out.h"
#include "engine/runs.h"
#include "engine/steering.h"
#include "engine/train/commands.h"
#include "engine/train/optimize/schedule.h"
#include "engine/train/run/lock.h"

#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>

struct folder {
	char path[256];
};

static int make_folder(void **state)
{
	struct folder *folder = calloc(1, sizeof *folder);

	check_folder(folder->path, sizeof folder->path);
	*state = folder;
	return 0;
}

static int remove_folder(void **state)
{
	struct folder *folder = *state;

	check_folder_remove(folder->path);
	free(folder);
	return 0;
}

/* PATH/NAME in `out`. */
static const char *below(char out[512], const struct folder *folder, const char *name)
{
	snprintf(out, 512, "%s/%s", folder->path, name);
	return out;
}

static void make_run(const struct folder *folder, const char *name)
{
	char path[512];

	assert_true(folder_make(below(path, folder, name), NULL));
	train_write_record(path, 1e-4, 0);
}

static void write_text(const struct folder *folder, const char *name, const char *text)
{
	char path[512];

	assert_true(file_replace(below(path, folder, name), text, strlen(text), NULL));
}

/* Finding */

struct found {
	struct run_row *rows[16];
	size_t count;
};

static void take(void *context, struct run_row *row)
{
	struct found *found = context;

	assert_true(found->count < 16);
	found->rows[found->count++] = row;
}

static const struct run_row *find(const struct found *found, const char *name)
{
	for (size_t i = 0; i < found->count; i++)
		if (strcmp(found->rows[i]->name, name) == 0)
			return found->rows[i];
	return NULL;
}

static void forget(struct found *found)
{
	while (found->count > 0)
		run_row_free(found->rows[--found->count]);
}

static void runs_are_found_below_a_folder_and_not_in_runs_or_past_links(void **state)
{
	const struct folder *folder = *state;
	struct found found = {.count = 0};
	struct error error = {0};
	char path[512];

	make_run(folder, "one");
	make_run(folder, "deep/er/two");
	make_run(folder, "one/checkpoint-000001"); /* whatever lies in a run is a part of it */
	make_run(folder, ".hidden/three");
	assert_int_equal(symlink("one", below(path, folder, "link")), 0);
	assert_int_equal(symlink(".", below(path, folder, "circle")), 0);
	assert_true(runs_find(folder->path, take, &found, NULL, &error));
	assert_int_equal(found.count, 2);
	assert_non_null(find(&found, "one"));
	assert_true(find(&found, "deep/er/two")->readable);
	forget(&found);
	assert_false(runs_find(below(path, folder, "nothing"), take, &found, NULL, &error));
	assert_int_equal(error.kind, ERROR_IO);
}

static void a_hostile_run_json_is_listed_with_what_is_wrong_and_hurts_nobody(void **state)
{
	static const char *const texts[] = {
		"", "{", "[]", "null", "{\"options\":7}", "{\"options\":{\"learning_rate\":\"\\u001b[2J\"}}",
		"{\"data\":{\"path\":1},\"steps\":-5,\"labels\":{}}", "{\"options\":{},\"labels\":[1,2],\"report\":[[[[]]]]}",
	};
	const struct folder *folder = *state;
	struct found found = {.count = 0};
	struct run_cell cell;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		char name[64], path[512];

		snprintf(name, sizeof name, "bad%zu", i);
		assert_true(folder_make(below(path, folder, name), NULL));
		snprintf(name, sizeof name, "bad%zu/run.json", i);
		write_text(folder, name, texts[i]);
	}
	make_run(folder, "good");
	assert_true(runs_find(folder->path, take, &found, NULL, NULL));
	assert_int_equal(found.count, sizeof texts / sizeof *texts + 1);
	assert_true(find(&found, "good")->readable);
	assert_false(find(&found, "bad1")->readable);
	assert_true(find(&found, "bad1")->problem[0]);
	for (size_t i = 0; i < found.count; i++)
		for (int column = 0; column < run_column_count(); column++)
			run_column_value(found.rows[i], column, &cell);
	run_column_value(find(&found, "bad1"), RUN_COLUMN_STATE, &cell);
	assert_string_equal(cell.text, "unreadable");
	forget(&found);
}

static void columns_are_results_and_settings_and_dashes_are_underscores(void **state)
{
	const struct folder *folder = *state;
	struct found found = {.count = 0};
	struct run_cell cell;

	make_run(folder, "one");
	write_text(folder, "one/notes", "a first try\nmore\n");
	assert_true(runs_find(folder->path, take, &found, NULL, NULL));
	assert_int_equal(run_column_find("learning-rate"), run_column_find("learning_rate"));
	assert_int_equal(run_column_find("no-such"), -1);
	for (int column = 0; column < run_column_count(); column++)
		assert_int_equal(run_column_find(run_column_name(column)), column); /* no name comes twice */
	run_column_value(found.rows[0], run_column_find("learning_rate"), &cell);
	assert_true(cell.is_number && cell.number == 1e-4);
	run_column_value(found.rows[0], run_column_find("lr-scheduler-type"), &cell);
	assert_string_equal(cell.text, "linear"); /* a default */
	run_column_value(found.rows[0], RUN_COLUMN_NOTE, &cell);
	assert_string_equal(cell.text, "a first try");
	run_column_value(found.rows[0], RUN_COLUMN_ACCURACY, &cell);
	assert_false(cell.there);
	forget(&found);
}

/* What is done with a run */

static void a_note_is_written_read_and_taken_away(void **state)
{
	const struct folder *folder = *state;
	char path[512], note[RUN_NOTE_MAX], large[RUN_NOTE_MAX + 1];
	struct error error = {0};

	make_run(folder, "one");
	below(path, folder, "one");
	assert_true(run_note_write(path, "two\nlines", &error));
	run_note_read(path, note);
	assert_string_equal(note, "two lines");
	assert_true(run_note_write(path, "", &error));
	run_note_read(path, note);
	assert_string_equal(note, "");
	memset(large, 'x', RUN_NOTE_MAX);
	large[RUN_NOTE_MAX] = '\0';
	assert_false(run_note_write(path, large, &error));
	assert_false(run_note_write(folder->path, "not a run", &error));
}

static void a_run_gets_another_name_but_not_that_of_something_else(void **state)
{
	const struct folder *folder = *state;
	char path[512], now[512], other[512];
	struct error error = {0};

	make_run(folder, "one");
	make_run(folder, "two");
	below(path, folder, "one");
	assert_false(run_rename(path, "two", now, sizeof now, &error));
	assert_non_null(strstr(error.text, "is there already"));
	assert_false(run_rename(path, "../away", now, sizeof now, &error));
	assert_false(run_rename(path, "", now, sizeof now, &error));
	assert_true(run_rename(path, "three", now, sizeof now, &error));
	assert_string_equal(now, below(other, folder, "three"));
	assert_true(file_exists(below(other, folder, "three/run.json")));
	assert_false(file_exists(path));
}

static void a_run_is_deleted_but_neither_one_in_use_nor_what_a_link_leads_to(void **state)
{
	const struct folder *folder = *state;
	char path[512], other[512];
	struct error error = {0};
	struct run_lock lock;

	make_run(folder, "one");
	make_run(folder, "one/model");
	write_text(folder, "kept", "this stays");
	assert_int_equal(symlink("../kept", below(other, folder, "one/link")), 0);
	assert_int_equal(symlink("..", below(other, folder, "one/up")), 0);
	below(path, folder, "one");
	assert_true(run_lock_take(&lock, path, &error));
	assert_false(run_delete(path, &error));
	assert_non_null(strstr(error.text, "in use"));
	run_lock_release(&lock);
	assert_false(run_delete(folder->path, &error)); /* no run */
	assert_true(file_exists(below(other, folder, "one/model/run.json")));
	assert_true(run_delete(path, &error));
	assert_false(file_exists(path));
	assert_true(file_exists(below(other, folder, "kept")));
}

/* Scores */

static struct held_out example(void)
{
	static char *names[] = {"no", "yes"};
	static uint64_t numbers[] = {4, 9, 12}, places[] = {6, 11, 15};
	static int32_t truths[] = {0, 1, 1};
	static float logits[] = {2, -1, 0.5f, 0.25f, -3, 3};

	return (struct held_out){.step = 7, .rows = 3, .labels = 2, .names = names, .numbers = numbers, .places = places,
	                         .truths = truths, .logits = logits};
}

static void scores_read_back_as_they_were_written(void **state)
{
	const struct folder *folder = *state;
	const struct held_out written = example();
	struct held_out read;
	struct error error = {0};
	char path[512];

	make_run(folder, "one");
	below(path, folder, "one");
	assert_false(held_out_read(path, &read, &error));
	assert_int_equal(error.kind, ERROR_IO);
	assert_true(held_out_write(path, &written, &error));
	assert_true(held_out_read(path, &read, &error));
	assert_int_equal(read.step, 7);
	assert_int_equal(read.rows, 3);
	assert_string_equal(read.names[1], "yes");
	assert_memory_equal(read.numbers, written.numbers, sizeof(uint64_t) * 3);
	assert_memory_equal(read.logits, written.logits, sizeof(float) * 6);
	assert_int_equal(read.predictions[0], 0);
	assert_int_equal(read.predictions[1], 0);
	assert_int_equal(read.predictions[2], 1);
	assert_true(fabs(read.scores[0] - 1 / (1 + exp(-3))) < 1e-9);
	assert_true(held_out_check_same(&read, &read, &error));
	read.numbers[1] = 10;
	assert_true(held_out_write(path, &written, &error));
	struct held_out again;
	assert_true(held_out_read(path, &again, &error));
	assert_false(held_out_check_same(&read, &again, &error));
	assert_non_null(strstr(error.text, "different rows"));
	held_out_free(&again);
	held_out_free(&read);
}

/* Every byte another, and every length. */
static void damaged_scores_are_refused_or_are_still_scores(void **state)
{
	const struct folder *folder = *state;
	const struct held_out written = example();
	char path[512], file[512], *text, *copy;
	struct held_out read;
	struct error error = {0};
	size_t size;

	make_run(folder, "one");
	below(path, folder, "one");
	assert_true(held_out_write(path, &written, &error));
	text = file_read(below(file, folder, "one/" HELD_OUT_FILE), 1 << 20, &size, &error);
	copy = malloc(size);
	for (size_t i = 0; i < size; i++) {
		assert_true(file_replace(file, text, i, &error));
		assert_false(held_out_read(path, &read, &error));
		memcpy(copy, text, size);
		copy[i] ^= 0x41;
		assert_true(file_replace(file, copy, size, &error));
		if (held_out_read(path, &read, &error))
			held_out_free(&read);
	}
	write_text(folder, "one/" HELD_OUT_FILE, "{\"format\":1,\"rows\":4611686018427387904,\"labels\":[\"a\"],\"step\":1}\n");
	assert_false(held_out_read(path, &read, &error));
	free(copy);
	free(text);
}

static void a_training_keeps_the_scores_of_its_result(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct held_out held;
	struct trainer *trainer;
	struct run *run;
	const struct run_evaluation *evaluations;
	size_t count, right = 0;

	train_set(&folder->options, "validation", "0.25");
	trainer = train_start(folder, folder->run, &error);
	assert_non_null(trainer);
	assert_true(trainer_join(trainer, &error));
	run = run_open(folder->run, &error);
	evaluations = run_evaluations(run, &count);
	assert_true(held_out_read(folder->run, &held, &error));
	assert_int_equal(held.step, evaluations[count - 1].step);
	for (size_t i = 0; i < held.rows; i++)
		right += held.predictions[i] == held.truths[i];
	assert_true(fabs((double)right / (double)held.rows - evaluations[count - 1].accuracy) < 1e-12);
	assert_string_equal(held.path, run_data(run));
	held_out_free(&held);
	run_close(run);
}

/* Orders */

static void orders_are_read_with_their_range(void **state)
{
	static const char *const wrong[] = {"", "rat", "rate", "rate x", "rate 0", "rate -1", "rate 11", "rate nan", "rate 1e-5 2",
	                                    "pause now", "epochs 0", "epochs 1e7"};
	struct run_order order;
	struct error error = {0};
	char text[RUN_ORDER_MAX];

	(void)state;
	assert_true(run_order_parse("rate 2e-5", &order, &error));
	assert_int_equal(order.command, RUN_COMMAND_RATE);
	assert_true(order.value == 2e-5);
	run_order_format(&order, text);
	assert_string_equal(text, "rate 2e-05");
	assert_true(run_order_parse("pause", &order, &error));
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(run_order_parse(wrong[i], &order, &error));
}

static void what_is_not_possible_now_is_refused(void **state)
{
	struct commands commands;
	struct run_steering steering;
	struct error error = {0};
	const struct run_order rate = {RUN_COMMAND_RATE, 1e-4}, two = {RUN_COMMAND_EPOCHS, 2}, look = {.command = RUN_COMMAND_EVALUATE};

	(void)state;
	commands_init(&commands, NULL);
	assert_false(commands_give(&commands, &rate, &error));
	assert_non_null(strstr(error.text, "still reads its data"));
	commands_set_plan(&commands, &(struct commands_plan){.known = true, .steps_per_epoch = 10, .step = 19});
	assert_true(commands_give(&commands, &two, &error));
	assert_true(commands_give(&commands, &rate, &error));
	assert_false(commands_give(&commands, &look, &error));
	assert_true(commands_take_steering(&commands, &steering));
	assert_true(steering.rate == 1e-4 && steering.epochs == 2);
	assert_false(commands_take_steering(&commands, &steering));
	commands_set_step(&commands, 20, false);
	assert_false(commands_give(&commands, &two, &error));
	commands_set_plan(&commands, &(struct commands_plan){.known = true, .steps_per_epoch = 10, .max_steps = 50});
	assert_false(commands_give(&commands, &two, &error));
	assert_non_null(strstr(error.text, "--max-steps"));
	commands_free(&commands);
}

static void a_rate_scales_the_schedule_and_epochs_stretch_it(void **state)
{
	struct train_options options;
	struct schedule schedule, before;
	struct error error = {0};

	(void)state;
	train_options_init(&options);
	train_set(&options, "learning-rate", "1e-3");
	train_set(&options, "num-train-epochs", "2");
	train_set(&options, "per-device-train-batch-size", "10");
	train_set(&options, "warmup-steps", "4");
	assert_true(schedule_plan(&schedule, &options, 100, &error));
	before = schedule;
	assert_true(schedule_steer(&schedule, &options, &(struct run_steering){.rate = 5e-4}, &error));
	for (uint64_t step = 0; step < 20; step++)
		assert_true(fabs((schedule_rate(&schedule, step) - schedule_rate(&before, step) / 2)) < 1e-18);
	schedule = before;
	assert_true(schedule_steer(&schedule, &options, &(struct run_steering){.epochs = 4}, &error));
	assert_int_equal(schedule.steps, 40);
	assert_true(fabs((schedule_rate(&schedule, 2) - schedule_rate(&before, 2))) < 1e-18);  /* the warm-up stays */
	assert_true(fabs((schedule_rate(&schedule, 22) - 1e-3 * 18 / 36)) < 1e-18);
	train_set(&options, "lr-scheduler-type", "polynomial");
	assert_true(schedule_plan(&schedule, &options, 100, &error));
	assert_false(schedule_steer(&schedule, &options, &(struct run_steering){.rate = 1e-8}, &error)); /* below lr_end */
	train_set(&options, "max-steps", "30");
	assert_false(schedule_steer(&schedule, &options, &(struct run_steering){.epochs = 4}, &error));
}

#define TRAIN(test) cmocka_unit_test_setup_teardown(test, train_setup, train_teardown)
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(runs_are_found_below_a_folder_and_not_in_runs_or_past_links),
		IN_FOLDER(a_hostile_run_json_is_listed_with_what_is_wrong_and_hurts_nobody),
		IN_FOLDER(columns_are_results_and_settings_and_dashes_are_underscores),
		IN_FOLDER(a_note_is_written_read_and_taken_away),
		IN_FOLDER(a_run_gets_another_name_but_not_that_of_something_else),
		IN_FOLDER(a_run_is_deleted_but_neither_one_in_use_nor_what_a_link_leads_to),
		IN_FOLDER(scores_read_back_as_they_were_written),
		IN_FOLDER(damaged_scores_are_refused_or_are_still_scores),
		TRAIN(a_training_keeps_the_scores_of_its_result),
		cmocka_unit_test(orders_are_read_with_their_range),
		cmocka_unit_test(what_is_not_possible_now_is_refused),
		cmocka_unit_test(a_rate_scales_the_schedule_and_epochs_stretch_it),
	};

	return cmocka_run_group_tests_name("runs", tests, NULL, NULL);
}
