/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models of a run besides its result: weights that a training lends while it goes on, checkpoints opened as models. */
#include "tests/unit/train_check.h"

#include "engine/train/run/journal.h"

#include <math.h>

/* The logits of a text. */
static void score_text(struct model *model, float logits[2])
{
	struct span text = span_of("the film was good and the food was awful");
	float scores[2];
	struct score score = {.logits = logits, .scores = scores};
	struct error error = {0};

	if (!model_score(model, &text, 1, 0, &score, NULL, &error))
		fail_msg("%s", error.text);
}

static struct model *open_base(const char *run)
{
	struct error error = {0};
	struct model *model = run_open_base(run, &(struct model_options){.threads = 1}, &error);

	if (!model)
		fail_msg("%s", error.text);
	return model;
}

/* Asks for the weights until they are there. */
static uint64_t borrow(struct trainer *trainer, struct model *into)
{
	struct error error = {0};
	uint64_t step = 0;

	trainer_lend(trainer, into);
	for (int i = 0; i < 4000; i++) {
		if (trainer_has_lent(trainer, &step, &error)) {
			if (error.kind)
				fail_msg("%s", error.text);
			assert_false(trainer_has_lent(trainer, &step, &error)); /* once */
			return step;
		}
		usleep(5000);
	}
	fail_msg("nothing was lent");
	return 0;
}

/* In a pause the weights are those of the checkpoint that is written then, and none changes while they are tried. */
static void a_paused_training_lends_what_it_would_save(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct trainer *trainer;
	struct model *lent, *saved;
	struct run *run;
	float a[2], b[2];
	uint64_t step, steps[8];
	size_t count;

	train_set(&folder->options, "num-train-epochs", "2000");
	train_set(&folder->options, "save-steps", "0");
	trainer = train_start(folder, folder->run, &error);
	run = run_open(folder->run, &error);
	train_wait_step(run, 3);
	trainer_pause(trainer);
	train_wait_state(run, RUN_PAUSED);
	lent = open_base(folder->run);
	step = borrow(trainer, lent);
	trainer_save(trainer);
	trainer_stop(trainer);
	assert_true(trainer_join(trainer, &error));
	count = run_checkpoints(folder->run, steps, 8);
	assert_true(count == 1 && steps[0] == step && step >= 3);
	saved = run_open_checkpoint(folder->run, step, &(struct model_options){.threads = 1}, &error);
	assert_non_null(saved);
	score_text(lent, a);
	score_text(saved, b);
	assert_memory_equal(a, b, sizeof a);
	assert_true(a[0] != a[1]);
	assert_int_equal(model_reading(lent)->cut.max_length, model_reading(saved)->cut.max_length);
	model_close(lent);
	model_close(saved);
	run_close(run);
}

/* The result is the same to the bit whether somebody looked on or not. */
static void lending_changes_nothing(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct trainer *trainer;
	struct run *run;
	struct model *lent;

	train_set(&folder->options, "num-train-epochs", "30");
	trainer = train_start(folder, folder->run, &error);
	run = run_open(folder->run, &error);
	train_wait_step(run, 1);
	lent = open_base(folder->run);
	for (int i = 0; i < 5; i++)
		borrow(trainer, lent);
	model_close(lent);
	run_close(run);
	assert_true(trainer_join(trainer, &error));
	trainer = train_start(folder, folder->other, &error);
	assert_true(trainer_join(trainer, &error));
	train_assert_same_weights(folder->run, folder->other);
	train_assert_same_curves(folder->run, folder->other);
}

/* Of adapters the merged weights are lent, and a checkpoint of them with the base is that model, to the bit. */
static void check_adapters(struct train_folder *folder, const char *run_path)
{
	struct error error = {0};
	struct trainer *trainer = train_start(folder, run_path, &error);
	struct run *run = run_open(run_path, &error);
	struct model *lent, *saved;
	uint64_t step, saved_step;
	float a[2], b[2];

	train_wait_step(run, 5);
	trainer_pause(trainer);
	train_wait_state(run, RUN_PAUSED);
	lent = open_base(run_path);
	step = borrow(trainer, lent);
	trainer_save(trainer);
	trainer_stop(trainer);
	assert_true(trainer_join(trainer, &error));
	assert_true(run_checkpoints(run_path, &saved_step, 1) == 1 && saved_step == step);
	saved = run_open_checkpoint(run_path, step, &(struct model_options){.threads = 1}, &error);
	if (!saved)
		fail_msg("%s", error.text);
	score_text(lent, a);
	score_text(saved, b);
	assert_true(isfinite(a[0]) && isfinite(a[1]) && a[0] != a[1]);
	assert_memory_equal(a, b, sizeof a);
	model_close(lent);
	model_close(saved);
	run_close(run);
}

static void set_adapters(struct train_folder *folder)
{
	train_set(&folder->options, "num-train-epochs", "2000");
	train_set(&folder->options, "save-steps", "0");
	train_set(&folder->options, "lora-r", "4");
}

static void adapters_are_lent_merged(void **state)
{
	struct train_folder *folder = *state;

	set_adapters(folder);
	check_adapters(folder, folder->run);
	train_set(&folder->options, "use-rslora", "true");
	train_set(&folder->options, "freeze", "head"); /* a head that is new and not in the checkpoint */
	check_adapters(folder, folder->other);
}

static void adapters_on_four_bits_are_lent_merged(void **state)
{
	struct train_folder *folder = *state;

	set_adapters(folder);
	train_set(&folder->options, "target-modules", "all-linear");
	train_set(&folder->options, "load-in-4bit", "true");
	check_adapters(folder, folder->run);
}

static void adapters_need_the_base_that_they_began_with(void **state)
{
	const struct model_options elsewhere = {.threads = 1, .base = "nowhere"};
	struct train_folder *folder = *state;
	struct error error = {0};
	char moved[420], path[520];
	struct model *model;
	uint64_t step;
	FILE *file;

	set_adapters(folder);
	check_adapters(folder, folder->run);
	assert_int_equal(run_checkpoints(folder->run, &step, 1), 1);
	assert_null(run_open_checkpoint(folder->run, step, &elsewhere, &error));
	assert_non_null(strstr(error.text, "its base nowhere is not on this machine: say where it is with --base FOLDER"));
	snprintf(moved, sizeof moved, "%s-moved", folder->model);
	assert_int_equal(rename(folder->model, moved), 0);
	assert_null(run_open_checkpoint(folder->run, step, &(struct model_options){.threads = 1}, &error));
	assert_non_null(strstr(error.text, "is not on this machine"));
	model = run_open_checkpoint(folder->run, step, &(struct model_options){.threads = 1, .base = moved}, &error);
	assert_non_null(model);
	model_close(model);
	snprintf(path, sizeof path, "%s/vocab.txt", moved);
	file = fopen(path, "a");
	assert_non_null(file);
	fputs("another\n", file);
	fclose(file);
	assert_null(run_open_checkpoint(folder->run, step, &(struct model_options){.threads = 1, .base = moved}, &error));
	assert_non_null(strstr(error.text, "is not the base that these adapters train on"));
}

static void a_checkpoint_is_known_by_its_path(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct trainer *trainer = train_start(folder, folder->run, &error);
	char path[400], run[400];
	uint64_t steps[8], step;
	size_t count;

	assert_true(trainer_join(trainer, &error));
	count = run_checkpoints(folder->run, steps, 8);
	assert_true(count >= 2 && steps[0] < steps[1]);
	assert_true(run_checkpoint_path(folder->run, steps[1], path, sizeof path));
	assert_true(run_is_checkpoint(path, run, sizeof run, &step));
	assert_true(step == steps[1] && strcmp(run, folder->run) == 0);
	snprintf(path + strlen(path), sizeof path - strlen(path), "/");
	assert_true(run_is_checkpoint(path, run, sizeof run, &step));
	assert_false(run_is_checkpoint(folder->run, run, sizeof run, &step));
	assert_false(run_is_checkpoint("", run, sizeof run, &step));
	assert_false(run_is_checkpoint("checkpoint-3", run, sizeof run, &step));
	snprintf(path, sizeof path, "%s/checkpoint-%06d/model.safetensors", folder->run, (int)steps[0]);
	assert_int_equal(truncate(path, 100), 0);
	assert_null(run_open_checkpoint(folder->run, steps[0], &(struct model_options){0}, &error));
	assert_true(error.text[0] != '\0');
}

/* What a probe says at the end is what the model says, and the training is what it is without. */
static void probes_follow_the_model_and_change_nothing(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	const struct run_probe *points;
	struct model *model;
	char path[400];
	struct run *run;
	float logits[2];
	size_t count, steps;

	train_set(&folder->options, "eval-strategy", "steps");
	train_set(&folder->options, "eval-steps", "7");
	train_whole(folder, folder->other);
	assert_true(train_option_add(&folder->options, train_option_find("probe"), "the film was good and the food was awful", &error));
	assert_true(train_option_add(&folder->options, train_option_find("probe"),
	                             "a very lovely story about the place and it was great and it was great and it was great and it was", &error));
	train_whole(folder, folder->run);
	train_assert_same_weights(folder->run, folder->other);
	train_assert_same_curves(folder->run, folder->other);
	run = run_open(folder->run, &error);
	run_points(run, &steps);
	points = run_probes(run, 0, &count);
	assert_int_equal(count, steps + 1);
	assert_int_equal(points[0].step, 0);
	assert_true(points[count - 1].step == steps && points[count - 1].epoch == 2);
	assert_string_equal(run_probe_text(run, 0), "the film was good and the food was awful");
	assert_string_equal(run_probe_label(run, 0), "positive");
	snprintf(path, sizeof path, "%s/model", folder->run);
	model = model_open(path, &(struct model_options){.threads = 1}, NULL, &error);
	assert_non_null(model);
	score_text(model, logits);
	assert_true(fabs(points[count - 1].score - 1 / (1 + exp((double)logits[0] - (double)logits[1]))) < 1e-6);
	run_probes(run, 1, &count);
	assert_int_equal(count, steps + 1);
	assert_null(run_probes(run, 2, &count));
	model_close(model);
	run_close(run);
}

static void a_probe_can_be_added_on_the_way(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	struct trainer *trainer;
	struct run *run;
	size_t count = 0, first;

	train_set(&folder->options, "num-train-epochs", "2000");
	train_set(&folder->options, "save-steps", "0");
	trainer = train_start(folder, folder->run, &error);
	run = run_open(folder->run, &error);
	train_wait_step(run, 3);
	assert_null(run_probes(run, 0, &count));
	assert_true(run_add_probe(folder->run, "good\nfilm", &error));
	for (int i = 0; i < 2000 && !run_probes(run, 0, &first); i++) {
		usleep(5000);
		run_update(run);
	}
	/* The line of step 3 may have been seen before the probes of that step were looked for. */
	assert_true(run_probes(run, 0, &count)[0].step >= 3);
	assert_string_equal(run_probe_text(run, 0), "good film");
	for (int i = 1; i < RUN_PROBES_MAX; i++)
		assert_true(run_add_probe(folder->run, "bad", &error));
	assert_false(run_add_probe(folder->run, "one too many", &error));
	assert_non_null(strstr(error.text, "8 probes at most"));
	assert_false(run_add_probe(folder->run, " ", &error));
	trainer_stop(trainer);
	assert_true(trainer_join(trainer, &error));
	run_close(run);
}

/* A log may come from anywhere. */
static void a_line_that_is_no_probe_is_damaged(void **state)
{
	static const char *const lines[] = {
		"{\"type\":\"probe\",\"step\":1,\"probe\":9,\"score\":0.5}",
		"{\"type\":\"probe\",\"step\":1,\"probe\":0,\"score\":0.5}",
		"{\"type\":\"probe\",\"step\":1,\"probe\":-1,\"score\":0.5}",
		"{\"type\":\"probe\",\"step\":1,\"probe\":1}",
		"{\"type\":\"probe\",\"step\":1,\"probe\":1,\"score\":\"high\"}",
	};
	struct journal_line line;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		journal_parse(span_of(lines[i]), &line);
		assert_int_equal(line.kind, JOURNAL_DAMAGED);
	}
	journal_parse(span_of("{\"type\":\"probe\",\"step\":1,\"probe\":8,\"score\":0.5,\"text\":7}"), &line);
	assert_true(line.kind == JOURNAL_PROBE && line.probe.index == 7 && line.probe.text[0] == '\0');
}

/* Of a file with these bytes; "": it has no fault. */
static void assert_probes(const struct train_folder *folder, const char *bytes, size_t size, const char *lines, const char *fault)
{
	char path[400], read[OPTION_TEXT_MAX];
	struct error error = {0};
	FILE *file;

	snprintf(path, sizeof path, "%s/sentences.txt", folder->path);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
	assert_int_equal(run_read_probes(path, read, &error), fault[0] == '\0');
	if (fault[0])
		assert_non_null(strstr(error.text, fault));
	else
		assert_string_equal(read, lines);
	assert_true(fault[0] == '\0' || strncmp(error.text, path, strlen(path)) == 0);
}

static void probes_come_from_a_file(void **state)
{
	static const char utf16[] = {'g', 0, 'o', 0, 'o', 0, 'd', 0};
	static char many[16384];
	struct train_folder *folder = *state;
	struct error error = {0};
	char read[OPTION_TEXT_MAX];

#define PROBES(bytes, lines, fault) assert_probes(folder, bytes, sizeof bytes - 1, lines, fault)
	PROBES("a good film\n\n  bad food \r\n", "a good film\nbad food", "");
	PROBES("\xEF\xBB\xBFno end, caf\xC3\xA9", "no end, caf\xC3\xA9", "");
	PROBES("1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\n5\n6\n7\n8", "");
	PROBES("1\n2\n3\n4\n\n5\n6\n7\n8\n9\n", "", "line 10: one sentence too many: 8 are followed at most");
	PROBES("", "", "no sentence in it");
	PROBES(" \n\t\n", "", "no sentence in it");
	PROBES("caf\xE9\n", "", "not a text in UTF-8");
	assert_probes(folder, utf16, sizeof utf16, "", "not a text in UTF-8");
	memset(many, 'x', sizeof many);
	assert_probes(folder, many, 1001, "", "line 1: the sentence has more than 1000 bytes");
	for (size_t i = 999; i < sizeof many; i += 1000)
		many[i] = '\n';
	assert_probes(folder, many, 8000, "", "line 5: the sentences have more than 4095 bytes together");
	assert_false(run_read_probes("nowhere.txt", read, &error));
	assert_non_null(strstr(error.text, "nowhere.txt"));
}

static void no_more_than_eight_probes_are_taken(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};

	for (int i = 0; i < 8; i++)
		assert_true(train_option_add(&folder->options, train_option_find("probe"), "good", &error));
	assert_false(train_option_add(&folder->options, train_option_find("probe"), "good", &error));
	assert_string_equal(error.text, "--probe: 8 at most");
	assert_true(train_option_add(&folder->options, train_option_find("validation"), "0.2", &error)); /* others are replaced */
	assert_string_equal(folder->options.validation, "0.2");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, train_setup, train_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(a_paused_training_lends_what_it_would_save),
		TEST(lending_changes_nothing),
		TEST(adapters_are_lent_merged),
		TEST(adapters_on_four_bits_are_lent_merged),
		TEST(adapters_need_the_base_that_they_began_with),
		TEST(a_checkpoint_is_known_by_its_path),
		TEST(probes_follow_the_model_and_change_nothing),
		TEST(a_probe_can_be_added_on_the_way),
		TEST(probes_come_from_a_file),
		TEST(no_more_than_eight_probes_are_taken),
		TEST(a_line_that_is_no_probe_is_damaged),
	};

	check_filter();
	return cmocka_run_group_tests_name("lending", tests, NULL, NULL);
}
