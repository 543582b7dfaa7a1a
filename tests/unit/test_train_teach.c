/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/teach and its way into a training: what other models say of the rows, texts without labels, and what is kept. */
#include "tests/unit/train_check.h"

#include "engine/teach/answers.h"
#include "engine/teach/soft_targets.h"
#include "engine/teach/teacher_labels.h"
#include "engine/teach/teacher_wish.h"
#include "engine/train/training_inside.h"

#include <dirent.h>
#include <sys/stat.h>

static int setup(void **state)
{
	struct train_folder *folder;
	char path[400];

	if (train_setup(state) != 0)
		return -1;
	folder = *state;
	snprintf(path, sizeof path, "%s/cache", folder->path);
	setenv("XDG_CACHE_HOME", path, 1);
	unsetenv("REVUE_HISTORY");
	snprintf(path, sizeof path, "%s/teacher", folder->path);
	train_write_teacher(path, folder->path, "positive", "negative");
	train_set(&folder->options, "teacher", path);
	train_set(&folder->options, "baseline", "false");
	return 0;
}

static struct model *open_model(const char *path)
{
	struct error error = {0};
	struct model *model = model_open(path, NULL, NULL, &error);

	if (!model)
		fail_msg("%s", error.text);
	return model;
}

/* The one file of answers that is kept. */
static void find_answers(const struct train_folder *folder, char out[1024])
{
	char path[600];
	struct dirent *entry;
	int found = 0;
	DIR *list;

	snprintf(path, sizeof path, "%s/cache/revue/answers", folder->path);
	list = opendir(path);
	assert_non_null(list);
	while ((entry = readdir(list)))
		if (entry->d_name[0] != '.') {
			snprintf(out, 1024, "%s/%s", path, entry->d_name);
			found++;
		}
	closedir(list);
	assert_int_equal(found, 1);
}

static void use_unlabelled(struct train_folder *folder, int rows)
{
	char path[400];

	snprintf(path, sizeof path, "%s/more.csv", folder->path);
	train_write_reviews(path, rows, "x", "y");
	train_set(&folder->options, "unlabelled", path);
}

/* ---- what the option says */

static void a_teacher_may_have_a_weight(void **state)
{
	struct teacher_wish wishes[TEACHERS_MAX];
	struct error error = {0};
	char lines[200] = "";

	(void)state;
	assert_int_equal(teacher_wishes("a/b:0.25\nc:d\ne", wishes, &error), 3);
	assert_string_equal(wishes[0].path, "a/b");
	assert_true(wishes[0].weight == 0.25);
	assert_string_equal(wishes[1].path, "c:d");
	assert_true(wishes[1].weight == 1 && wishes[2].weight == 1);
	assert_true(teacher_wish_add(lines, sizeof lines, &wishes[0]) && teacher_wish_add(lines, sizeof lines, &wishes[1]));
	assert_string_equal(lines, "a/b:0.25\nc:d");
	assert_int_equal(teacher_wishes("a:0", wishes, &error), 0);
	assert_non_null(strstr(error.text, "--teacher: 0 is out of range"));
	assert_int_equal(teacher_wishes(":2", wishes, &error), 0);
	assert_non_null(strstr(error.text, "names no model"));
}

static void a_teacher_may_have_lengths(void **state)
{
	struct teacher_wish wishes[TEACHERS_MAX];
	struct error error = {0};
	char lines[200] = "";

	(void)state;
	assert_int_equal(teacher_wishes("a:0.5:5-80\nb:81-\nc:-7\nd-e:-\nf:3-a", wishes, &error), 5);
	assert_true(wishes[0].weight == 0.5 && wishes[0].lengths.least == 5 && wishes[0].lengths.most == 80);
	assert_true(wishes[1].weight == 1 && wishes[1].lengths.least == 81 && wishes[1].lengths.most == UINT32_MAX);
	assert_true(wishes[2].lengths.least == 0 && wishes[2].lengths.most == 7);
	assert_string_equal(wishes[2].path, "c");
	assert_string_equal(wishes[3].path, "d-e:-");
	assert_string_equal(wishes[4].path, "f:3-a");
	for (int i = 0; i < 3; i++)
		assert_true(teacher_wish_add(lines, sizeof lines, &wishes[i]));
	assert_string_equal(lines, "a:0.5:5-80\nb:81-\nc:-7");
	assert_int_equal(teacher_wishes("a:9-8", wishes, &error), 0);
	assert_non_null(strstr(error.text, "--teacher: no text has 9-8 words"));
	assert_int_equal(teacher_wishes("a:99999999999999999999-", wishes, &error), 1);
	assert_true(wishes[0].lengths.least == UINT32_MAX);
}

static void labels_go_by_their_names(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	int32_t label_of[2];
	struct model *teacher = open_model(folder->options.teacher), *student, *stranger;

	train_write_teacher(folder->other, folder->path, "Negative", "positive");
	student = open_model(folder->other);
	assert_true(teacher_labels(teacher, student, label_of, &error));
	assert_int_equal(label_of[0], 1);
	assert_int_equal(label_of[1], 0);
	train_write_teacher(folder->run, folder->path, "bad", "good");
	stranger = open_model(folder->run);
	assert_false(teacher_labels(stranger, student, label_of, &error));
	assert_non_null(strstr(error.text, "its labels are bad, good"));
	assert_non_null(strstr(error.text, "are Negative, positive:"));
	model_close(stranger);
	model_close(student);
	model_close(teacher);
}

static void several_teachers_are_mixed_by_their_weights(void **state)
{
	const float sure[] = {2, 0}, other[] = {0, 4};
	struct soft_targets targets = {.temperature = 2};
	struct error error = {0};
	const double p = 1 / (1 + exp(-1.0)), q = 1 / (1 + exp(2.0));

	(void)state;
	assert_true(soft_targets_init(&targets, 1, 2, &error));
	soft_targets_add(&targets, sure, NULL, 3);
	soft_targets_add(&targets, other, NULL, 1);
	soft_targets_finish(&targets);
	assert_true(fabs((double)targets.probabilities[0] - (3 * p + q) / 4) < 1e-6);
	assert_true(fabs((double)(targets.probabilities[0] + targets.probabilities[1]) - 1) < 1e-6);
	soft_targets_free(&targets);
	targets = (struct soft_targets){.temperature = 1, .hard = true};
	assert_true(soft_targets_init(&targets, 1, 2, &error));
	soft_targets_add(&targets, sure, NULL, 1);
	soft_targets_finish(&targets);
	assert_true(targets.probabilities[0] == 1 && targets.probabilities[1] == 0);
	soft_targets_free(&targets);
}

/* ---- trainings */

#define MIDDLE 7 /* of 3 to 11 words */

/* Two teachers of different lengths say what each says alone of its own, and a length of none is refused. */
static void teachers_are_asked_about_their_lengths(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	char path[400], lines[1000], third[500];

	train_whole(folder, folder->other);
	snprintf(path, sizeof path, "%s/teacher", folder->path);
	snprintf(lines, sizeof lines, "%s:2:-%d\n%s:4:%d-", path, MIDDLE, path, MIDDLE + 1);
	train_set(&folder->options, "teacher", lines);
	train_whole(folder, folder->run);
	train_assert_same_weights(folder->run, folder->other);
	snprintf(lines, sizeof lines, "%s:-%d", path, MIDDLE);
	train_set(&folder->options, "teacher", lines);
	snprintf(third, sizeof third, "%s/third", folder->path);
	train_fails(train_start(folder, third, &error), &error, ERROR_USAGE,
	            "--teacher: none is asked about texts as long as that in row ");
}

/* A student that learns from the teacher alone comes to say what that says. */
static void a_student_learns_from_its_teacher(void **state)
{
	struct train_folder *folder = *state;
	char teacher[400];
	struct run *run;
	const struct run_point *points;
	size_t count;

	train_set(&folder->options, "teacher", "");
	train_set(&folder->options, "num-train-epochs", "4");
	train_whole(folder, folder->other);
	snprintf(teacher, sizeof teacher, "%s/model:2", folder->other);
	train_set(&folder->options, "teacher", teacher);
	train_set(&folder->options, "distillation-alpha", "1");
	use_unlabelled(folder, 60);
	train_whole(folder, folder->run);
	run = run_open(folder->run, NULL);
	points = run_points(run, &count);
	assert_true(count > 10);
	assert_true(points[count - 1].loss < points[0].loss / 3);
	run_close(run);
}

static void texts_without_labels_take_part_and_those_held_out_do_not(void **state)
{
	struct train_folder *folder = *state;
	struct run_record record = {0};
	struct error error = {0};

	train_set(&folder->options, "unlabelled", folder->data);
	train_set(&folder->options, "validation", "30");
	train_whole(folder, folder->run);
	assert_true(run_record_read(folder->run, &record, &error));
	assert_int_equal(record.held_out, 30);
	assert_true(record.training > 120 && record.training <= 240); /* 120 with labels, at most 120 without */
	assert_true(train_has_event(folder->run, "are held out too, and left out here"));
	assert_true(train_has_event(folder->run, "unlabelled: text \"text\""));
	assert_true(train_has_event(folder->run, "teachers: 1, of "));
	run_record_free(&record);
}

static void a_resumed_run_learns_the_same_to_the_bit(void **state)
{
	struct train_folder *folder = *state;

	use_unlabelled(folder, 70);
	train_set(&folder->options, "class-weights", "balanced");
	train_whole(folder, folder->other);
	train_until(folder, folder->run, 9);
	train_resume_whole(folder->run);
	train_assert_same_weights(folder->run, folder->other);
	train_assert_same_curves(folder->run, folder->other);
}

/* The losses on the inside come down, of teachers of the same and of another shape, and all of it goes on to the bit. */
static double last_loss(const char *path)
{
	struct run *run = run_open(path, NULL);
	size_t count;
	const struct run_point *points = run_points(run, &count);
	const double loss = points[count - 1].loss / points[0].loss;

	run_close(run);
	return loss;
}

static void the_inside_of_a_teacher_is_imitated(void **state)
{
	static const char *const losses[] = {"minilm", "tinybert"};
	struct train_folder *folder = *state;
	char run[600];

	train_set(&folder->options, "num-train-epochs", "6");
	train_set(&folder->options, "learning-rate", "1e-2");
	for (int i = 0; i < 2; i++) {
		train_set(&folder->options, "distill-attention", "30");
		train_set(&folder->options, "attention-loss", losses[i]);
		train_set(&folder->options, "distill-hidden", i ? "0" : "3");
		snprintf(run, sizeof run, "%s/inside-%d", folder->path, i);
		train_whole(folder, run);
		if (!(last_loss(run) < 0.85))
			fail_msg("%s: %g of the first loss is left", losses[i], last_loss(run));
	}
}

static void a_resumed_run_imitates_the_same_to_the_bit(void **state)
{
	struct train_folder *folder = *state;

	train_set(&folder->options, "distill-attention", "1");
	train_set(&folder->options, "distill-hidden", "1");
	train_set(&folder->options, "word-dropout", "0.2");
	train_set(&folder->options, "gradient-accumulation-steps", "2");
	train_whole(folder, folder->other);
	train_until(folder, folder->run, 5);
	train_resume_whole(folder->run);
	train_assert_same_weights(folder->run, folder->other);
	train_assert_same_curves(folder->run, folder->other);
}

/* Whether the layer that hidden states are projected by stands in a file. */
static void check_tensors(const char *run, const char *file, bool there)
{
	char command[700];

	snprintf(command, sizeof command, "grep -qa fit_dense %s/%s", run, file);
	if ((system(command) == 0) != there)
		fail_msg("%s: the layer that is trained beside the model is %sthere", file, there ? "not " : "");
}

static void hidden_states_of_another_width_are_projected_or_related(void **state)
{
	static const char *const losses[] = {"projection", "relations"};
	struct train_folder *folder = *state;

	train_write_wide_teacher(folder->options.teacher, folder->path, 24, "positive", "negative");
	train_set(&folder->options, "num-train-epochs", "6");
	train_set(&folder->options, "learning-rate", "1e-2");
	train_set(&folder->options, "distill-hidden", "30");
	for (int i = 0; i < 2; i++) {
		char run[300], other[300];

		train_set(&folder->options, "hidden-loss", losses[i]);
		snprintf(run, sizeof run, "%s/wide-%d", folder->path, i);
		snprintf(other, sizeof other, "%s/other-%d", folder->path, i);
		train_whole(folder, other);
		if (!(last_loss(other) < 0.85))
			fail_msg("%s: %g of the first loss is left", losses[i], last_loss(other));
		train_until(folder, run, 5);
		train_resume_whole(run);
		train_assert_same_weights(run, other);
		train_assert_same_curves(run, other);
		check_tensors(run, "model/model.safetensors", false);
		check_tensors(run, "checkpoint-*/model.safetensors", i == 0);
	}
}

/* A vocabulary of other pieces: letters, of which words are spelled. */
static void write_letters(const char *folder)
{
	char path[400];
	FILE *file;

	assert_int_equal(mkdir(folder, 0777), 0);
	snprintf(path, sizeof path, "%s/vocab.txt", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("[MASK]\n[SEP]\n[CLS]\n[UNK]\n[PAD]\n", file);
	for (int part = 0; part < 2; part++) {
		for (char c = 'a'; c <= 'z'; c++)
			fprintf(file, "%s%c\n", part ? "##" : "", c);
		for (char c = '0'; c <= '9'; c++)
			fprintf(file, "%s%c\n", part ? "##" : "", c);
	}
	assert_int_equal(fclose(file), 0);
}

static void a_teacher_with_other_tokens_is_imitated_word_by_word(void **state)
{
	struct train_folder *folder = *state;
	char letters[300], command[400];

	snprintf(letters, sizeof letters, "%s/letters", folder->path);
	write_letters(letters);
	train_write_teacher(folder->options.teacher, letters, "positive", "negative");
	train_set(&folder->options, "num-train-epochs", "6");
	train_set(&folder->options, "learning-rate", "1e-2");
	train_set(&folder->options, "distill-attention", "30");
	train_set(&folder->options, "distill-hidden", "3");
	train_set(&folder->options, "word-dropout", "0.2");
	train_whole(folder, folder->other);
	if (!(last_loss(folder->other) < 0.85))
		fail_msg("%g of the first loss is left", last_loss(folder->other));
	snprintf(command, sizeof command, "grep -rq 'word by word' '%s'", folder->other);
	assert_int_equal(system(command), 0);
	train_until(folder, folder->run, 5);
	train_resume_whole(folder->run);
	train_assert_same_weights(folder->run, folder->other);
	train_assert_same_curves(folder->run, folder->other);
}

/* Two teachers, the first of which is asked about short texts. */
static void share_out(struct train_folder *folder, const char *first, const char *second)
{
	char lines[1300];

	snprintf(lines, sizeof lines, "%s:-%d\n%s:%d-", first, MIDDLE, second, MIDDLE + 1);
	train_set(&folder->options, "teacher", lines);
}

static int64_t imitated_rows(const char *run)
{
	static const char before[] = "inside it is imitated on ";
	struct run *opened = run_open(run, NULL);
	size_t count;
	const struct run_event *events = run_events(opened, &count);
	int64_t rows = -1;

	for (size_t i = 0; i < count; i++)
		if (strstr(events[i].text, before))
			rows = strtol(strstr(events[i].text, before) + sizeof before - 1, NULL, 10);
	run_close(opened);
	return rows;
}

/* Of those that train, by the words that the file has. */
static int64_t short_rows(const struct train_folder *folder)
{
	char command[500], text[32] = "";
	FILE *counter;

	snprintf(command, sizeof command, "awk -F, 'NR > 1 && split($1, words, \" \") <= %d' '%s' | wc -l", MIDDLE, folder->data);
	counter = popen(command, "r");
	assert_non_null(fgets(text, sizeof text, counter));
	assert_int_equal(pclose(counter), 0);
	return strtol(text, NULL, 10);
}

/* Of the other texts only the answers are learnt. */
static void the_inside_is_imitated_where_a_teacher_is_asked(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	char paths[3][300], run[300], other[300], lines[700];

	train_set(&folder->options, "distill-hidden", "30");
	train_set(&folder->options, "word-dropout", "0.2");
	train_set(&folder->options, "gradient-accumulation-steps", "2");
	train_set(&folder->options, "validation", "0");
	train_whole(folder, folder->other);
	assert_int_equal(imitated_rows(folder->other), -1);
	snprintf(paths[0], sizeof paths[0], "%s/teacher", folder->path);
	snprintf(paths[1], sizeof paths[1], "%s/wide", folder->path);
	snprintf(paths[2], sizeof paths[2], "%s/letters", folder->path);
	train_write_wide_teacher(paths[1], folder->path, 24, "positive", "negative");
	write_letters(paths[2]);
	train_write_teacher(paths[2], paths[2], "positive", "negative");
	for (int i = 0; i < 3; i += 2) {
		snprintf(run, sizeof run, "%s/ranged-%d", folder->path, i);
		snprintf(other, sizeof other, "%s/ranged-other-%d", folder->path, i);
		share_out(folder, paths[i], paths[1]);
		train_whole(folder, other);
		assert_int_equal(imitated_rows(other), short_rows(folder));
		train_until(folder, run, 5);
		train_resume_whole(run);
		train_assert_same_weights(run, other);
		train_assert_same_curves(run, other);
	}
	share_out(folder, paths[0], paths[0]); /* one teacher, which is asked about all */
	train_whole(folder, folder->run);
	assert_int_equal(imitated_rows(folder->run), -1);
	train_assert_same_weights(folder->run, folder->other);
	snprintf(lines, sizeof lines, "%s:-1\n%s:2-", paths[0], paths[1]);
	train_set(&folder->options, "teacher", lines);
	snprintf(run, sizeof run, "%s/never", folder->path);
	train_fails(train_start(folder, run, &error), &error, ERROR_USAGE, "there is no text that ");
}

static double first_loss(struct train_folder *folder, const char *name)
{
	char path[300];
	struct run *run;
	size_t count;
	double loss;

	snprintf(path, sizeof path, "%s/%s", folder->path, name);
	train_whole(folder, path);
	run = run_open(path, NULL);
	loss = run_points(run, &count)[0].loss;
	run_close(run);
	return loss;
}

/* One step over all rows. The layer that the states are projected by begins as zeros, and theirs, which come out of a
 * normalisation, have a mean square of one: the loss tells of how many rows they are compared. */
static void all_rows_that_are_to_be_imitated_are(void **state)
{
	struct train_folder *folder = *state;
	double none, all, some;
	char paths[2][300];

	for (int i = 0; i < 2; i++) {
		snprintf(paths[i], sizeof paths[i], "%s/wide-%d", folder->path, i);
		train_write_wide_teacher(paths[i], folder->path, 24, "positive", "negative");
	}
	share_out(folder, paths[0], paths[1]);
	train_set(&folder->options, "validation", "0");
	train_set(&folder->options, "num-train-epochs", "1");
	train_set(&folder->options, "per-device-train-batch-size", "150");
	none = first_loss(folder, "none");
	train_set(&folder->options, "distill-hidden", "30");
	some = first_loss(folder, "some");
	train_set(&folder->options, "teacher", paths[0]);
	all = first_loss(folder, "all");
	assert_true(all > none + 30);
	if (!(fabs((some - none) / (all - none) - (double)short_rows(folder) / 150) < 0.01))
		fail_msg("%g of all, not %g", (some - none) / (all - none), (double)short_rows(folder) / 150);
}

/* [CLS], a word each, [SEP]: what is longer than eight tokens is not compared. */
static void the_inside_is_imitated_where_a_teacher_can_read(void **state)
{
	struct train_folder *folder = *state;
	char path[300];

	snprintf(path, sizeof path, "%s/near", folder->path);
	train_write_shaped_teacher(path, folder->path, &(struct train_shape){16, 2, 8, 0}, "positive", "negative");
	train_set(&folder->options, "teacher", path);
	train_set(&folder->options, "distill-hidden", "30");
	train_set(&folder->options, "validation", "0");
	train_whole(folder, folder->run);
	assert_true(imitated_rows(folder->run) > 10);
	assert_true(imitated_rows(folder->run) < short_rows(folder));
}

/* Three micro-batches of which the last one is short. */
static void what_is_imitated_comes_first_in_its_batch(void **state)
{
	static struct training training = {.schedule = {.batch = 4}};
	static bool imitated[10] = {[1] = true, [2] = true, [4] = true, [5] = true, [6] = true, [7] = true, [9] = true};
	uint32_t order[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
	static const uint32_t expected[10] = {1, 2, 0, 3, 4, 5, 6, 7, 9, 8};

	(void)state;
	training.inside.model = (struct model *)&training; /* some: nobody looks into it */
	training_inside_arrange(&training, order, 10);
	for (uint32_t i = 0; i < 10; i++) {
		assert_int_equal(order[i], i);
		assert_true(training_inside_shows(&training, i));
	}
	training.teaching.imitated = imitated;
	training_inside_arrange(&training, order, 10);
	assert_memory_equal(order, expected, sizeof order);
	training.inside.model = NULL;
	assert_false(training_inside_shows(&training, 1));
}

static uint64_t estimated(struct train_folder *folder)
{
	const struct trainer_request request = {.data = folder->data, .model = folder->model, .run = folder->run,
	                                        .options = &folder->options};
	struct train_estimate estimate;
	struct error error = {0};

	if (!train_estimate(&request, 150, &estimate, &error))
		fail_msg("%s", error.text);
	return estimate.memory_bytes;
}

/* It runs beside the model; ten layers more of it change nothing in the model. */
static void an_estimate_counts_the_teacher_whose_inside_is_imitated(void **state)
{
	enum { LAYER = 4 * 16 * 16 + 2 * 16 * 32 };
	struct train_folder *folder = *state;
	const uint64_t without = estimated(folder);
	uint64_t with, deep;
	char path[300];

	train_set(&folder->options, "distill-hidden", "1");
	with = estimated(folder);
	assert_true(with > without + 2 * LAYER * sizeof(float));
	snprintf(path, sizeof path, "%s/deep", folder->path);
	train_write_shaped_teacher(path, folder->path, &(struct train_shape){16, 12, 32, 0}, "positive", "negative");
	train_set(&folder->options, "teacher", path);
	deep = estimated(folder);
	assert_true(deep > with + 10 * LAYER * sizeof(float) && deep < with + 10 * 3 * LAYER * sizeof(float));
	train_set(&folder->options, "teacher", "/nowhere");
	assert_true(estimated(folder) == without);
}

/* A run without it was faster. */
static void a_run_that_imitates_nobody_tells_nothing_of_one_that_does(void **state)
{
	struct train_folder *folder = *state;
	const struct trainer_request request = {.data = folder->data, .model = folder->model, .run = folder->other,
	                                        .options = &folder->options};
	struct train_time time;

	train_whole(folder, folder->run);
	assert_true(train_time_of_runs(&request, folder->path, 10, NULL, &time));
	assert_true(time.seconds >= 0);
	train_set(&folder->options, "distill-hidden", "1");
	assert_false(train_time_of_runs(&request, folder->path, 10, NULL, &time));
}

static void answers_cost_a_teacher_once(void **state)
{
	struct train_folder *folder = *state;

	train_whole(folder, folder->run);
	assert_true(train_has_event(folder->run, "teacher: 0 answers were there, "));
	assert_true(train_has_event(folder->run, "asked for in"));
	train_set(&folder->options, "seed", "5");
	train_set(&folder->options, "validation", "0");
	train_whole(folder, folder->other);
	assert_false(train_has_event(folder->other, "teacher: 0 answers were there, "));
	assert_true(train_has_event(folder->other, " answers were there, "));
}

static void damaged_answers_are_made_anew_in_one_line(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	char path[1024], *data;
	size_t size;

	train_whole(folder, folder->run);
	find_answers(folder, path);
	data = file_read(path, 1 << 20, &size, &error);
	assert_non_null(data);
	data[size / 2] ^= 4;
	assert_true(file_replace(path, data, size, &error));
	free(data);
	train_whole(folder, folder->other);
	assert_true(train_has_event(folder->other, "what was kept of its answers is damaged, and made anew"));
	train_assert_same_weights(folder->run, folder->other);
}

static void a_teacher_that_changed_stops_a_resume(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};

	train_until(folder, folder->run, 5);
	train_write_teacher(folder->options.teacher, folder->path, "negative", "positive");
	train_fails(train_resume(folder->run, &error), &error, ERROR_DATA, "changed since the run began");
}

static void what_cannot_go_together_is_refused(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};

	train_set(&folder->options, "distillation-alpha", "0");
	assert_null(train_start(folder, folder->run, &error));
	assert_non_null(strstr(error.text, "--distillation-alpha 0 leaves nothing"));
	train_set(&folder->options, "teacher", "");
	assert_null(train_start(folder, folder->run, &error));
	assert_non_null(strstr(error.text, "says nothing without --teacher"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_teacher_may_have_a_weight),
		cmocka_unit_test(a_teacher_may_have_lengths),
		cmocka_unit_test(several_teachers_are_mixed_by_their_weights),
		cmocka_unit_test_setup_teardown(labels_go_by_their_names, setup, train_teardown),
		cmocka_unit_test_setup_teardown(teachers_are_asked_about_their_lengths, setup, train_teardown),
		cmocka_unit_test_setup_teardown(a_student_learns_from_its_teacher, setup, train_teardown),
		cmocka_unit_test_setup_teardown(texts_without_labels_take_part_and_those_held_out_do_not, setup, train_teardown),
		cmocka_unit_test_setup_teardown(a_resumed_run_learns_the_same_to_the_bit, setup, train_teardown),
		cmocka_unit_test_setup_teardown(the_inside_of_a_teacher_is_imitated, setup, train_teardown),
		cmocka_unit_test_setup_teardown(a_resumed_run_imitates_the_same_to_the_bit, setup, train_teardown),
		cmocka_unit_test_setup_teardown(hidden_states_of_another_width_are_projected_or_related, setup, train_teardown),
		cmocka_unit_test_setup_teardown(a_teacher_with_other_tokens_is_imitated_word_by_word, setup, train_teardown),
		cmocka_unit_test_setup_teardown(the_inside_is_imitated_where_a_teacher_is_asked, setup, train_teardown),
		cmocka_unit_test_setup_teardown(all_rows_that_are_to_be_imitated_are, setup, train_teardown),
		cmocka_unit_test_setup_teardown(the_inside_is_imitated_where_a_teacher_can_read, setup, train_teardown),
		cmocka_unit_test(what_is_imitated_comes_first_in_its_batch),
		cmocka_unit_test_setup_teardown(an_estimate_counts_the_teacher_whose_inside_is_imitated, setup, train_teardown),
		cmocka_unit_test_setup_teardown(a_run_that_imitates_nobody_tells_nothing_of_one_that_does, setup, train_teardown),
		cmocka_unit_test_setup_teardown(answers_cost_a_teacher_once, setup, train_teardown),
		cmocka_unit_test_setup_teardown(damaged_answers_are_made_anew_in_one_line, setup, train_teardown),
		cmocka_unit_test_setup_teardown(a_teacher_that_changed_stops_a_resume, setup, train_teardown),
		cmocka_unit_test_setup_teardown(what_cannot_go_together_is_refused, setup, train_teardown),
	};

	return cmocka_run_group_tests_name("train_teach", tests, NULL, NULL);
}
