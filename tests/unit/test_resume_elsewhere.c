/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train: a run whose data, model or validation file lie elsewhere by now, or whose run.json was edited. */
#include "tests/unit/train_check.h"

#include "engine/base/json.h"

#include <sys/stat.h>

static void remove_path(const char *path)
{
	check_folder_remove(path);
	assert_false(file_exists(path));
}

static void move(const char *from, const char *to)
{
	assert_int_equal(rename(from, to), 0);
}

static void resume_from(const struct trainer_request *request)
{
	struct error error = {0};
	struct trainer *trainer = trainer_resume(request, NULL, &error);

	if (!trainer || !trainer_join(trainer, &error) || error.kind != ERROR_NONE)
		fail_msg("%s", error.text);
}

static void refuses(const struct trainer_request *request, enum error_kind kind, const char *said)
{
	struct error error = {0};

	train_fails(trainer_resume(request, NULL, &error), &error, kind, said);
}

/* Stops before the first step, so that there is no checkpoint. */
static void start_only(struct train_folder *folder, const char *run)
{
	struct error error = {0};
	struct trainer *trainer = train_start(folder, run, &error);

	assert_non_null(trainer);
	trainer_stop(trainer);
	assert_true(trainer_join(trainer, &error));
}

static void assert_same_file(const char *run, const char *other, const char *name)
{
	char path[500], one[65], two[65];
	struct error error = {0};

	snprintf(path, sizeof path, "%s/model/%s", run, name);
	assert_true(file_sha256(path, one, &error));
	snprintf(path, sizeof path, "%s/model/%s", other, name);
	assert_true(file_sha256(path, two, &error));
	assert_string_equal(one, two);
}

static void data_that_was_moved_is_named_and_the_run_goes_on_to_the_bit(void **state)
{
	struct train_folder *folder = *state;
	struct run_record before = {0}, after = {0};
	struct error error = {0};
	char moved[400];

	train_whole(folder, folder->run);
	train_until(folder, folder->other, 6);
	assert_true(run_record_read(folder->other, &before, &error));
	snprintf(moved, sizeof moved, "%s/moved.csv", folder->path);
	move(folder->data, moved);
	refuses(&(struct trainer_request){.run = folder->other}, ERROR_IO, " --data FILE");
	resume_from(&(struct trainer_request){.run = folder->other, .data = moved});
	train_assert_same_weights(folder->run, folder->other);
	assert_true(run_record_read(folder->other, &after, &error));
	assert_string_equal(strrchr(after.data.path, '/'), "/moved.csv");
	assert_string_equal(after.data.first_path, before.data.path);
	assert_string_equal(after.data.hash, before.data.hash);
	run_record_free(&before);
	run_record_free(&after);
}

static void a_file_that_is_not_the_runs_data_is_refused_by_name(void **state)
{
	struct train_folder *folder = *state;
	struct run_record record = {0};
	struct error error = {0};
	char other[400];

	train_until(folder, folder->run, 2);
	snprintf(other, sizeof other, "%s/others.csv", folder->path);
	train_write_reviews(other, 151, "negative", "positive");
	refuses(&(struct trainer_request){.run = folder->run, .data = other}, ERROR_DATA, "others.csv is not the data of");
	assert_true(run_record_read(folder->run, &record, &error));
	assert_string_equal(strrchr(record.data.path, '/'), "/reviews.csv");
	run_record_free(&record);
	refuses(&(struct trainer_request){.run = folder->run, .data = "/nowhere/at/all.csv"}, ERROR_IO, "/nowhere/at/all.csv");
	train_resume_whole(folder->run);
}

static void from_a_checkpoint_a_run_goes_on_without_its_base(void **state)
{
	static const char *const files[] = {"config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt",
	                                    "special_tokens_map.json", "model.safetensors"};
	struct train_folder *folder = *state;

	train_whole(folder, folder->run);
	train_until(folder, folder->other, 6);
	remove_path(folder->model);
	train_resume_whole(folder->other);
	train_assert_same_curves(folder->run, folder->other);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		assert_same_file(folder->run, folder->other, files[i]);
}

/* What a resume read again would be what the log has already. */
static void what_the_log_has_from_the_start_is_not_noted_again(void **state)
{
	struct train_folder *folder = *state;
	const struct run_event *events;
	struct run *run;
	size_t count, notes = 0;

	train_until(folder, folder->run, 6);
	train_resume_whole(folder->run);
	run = run_open(folder->run, NULL);
	events = run_events(run, &count);
	for (size_t i = 0; i < count; i++)
		notes += strstr(events[i].text, "reviews to train on") != NULL;
	assert_int_equal(notes, 1);
	for (size_t i = 0; i + 1 < count; i++)
		if (strcmp(events[i].text, "is resumed") == 0)
			assert_non_null(strstr(events[i + 1].text, "goes on from checkpoint-"));
	run_close(run);
}

static void without_a_checkpoint_the_base_is_needed_and_may_lie_elsewhere(void **state)
{
	struct train_folder *folder = *state;
	char moved[500], wrong[500];

	start_only(folder, folder->run);
	snprintf(moved, sizeof moved, "%s/moved", folder->path);
	snprintf(wrong, sizeof wrong, "%s/wrong", folder->path);
	move(folder->model, moved);
	refuses(&(struct trainer_request){.run = folder->run}, ERROR_IO, " -m MODEL");
	train_write_model(wrong, folder->path, 0.2f);
	refuses(&(struct trainer_request){.run = folder->run, .data = folder->data, .model = folder->data}, ERROR_USAGE,
	        "a model is a folder");
	resume_from(&(struct trainer_request){.run = folder->run, .model = moved});
}

static void a_model_that_is_not_the_runs_base_is_refused_by_name(void **state)
{
	struct train_folder *folder = *state;
	char wrong[500];

	train_until(folder, folder->run, 2);
	snprintf(wrong, sizeof wrong, "%s/wrong", folder->path);
	train_write_model(wrong, folder->path, 0.2f);
	refuses(&(struct trainer_request){.run = folder->run, .model = wrong}, ERROR_DATA, "wrong is not the model that");
	resume_from(&(struct trainer_request){.run = folder->run, .model = folder->model});
}

/* A tokenizer that somebody edited there would give other ids. */
static void a_kept_base_that_was_changed_is_not_used(void **state)
{
	struct train_folder *folder = *state;
	char path[500], moved[500];
	FILE *file;

	train_whole(folder, folder->other);
	train_until(folder, folder->run, 6);
	snprintf(path, sizeof path, "%s/" BASE_FOLDER "/vocab.txt", folder->run);
	file = fopen(path, "a");
	assert_non_null(file);
	fputs("surprise\n", file);
	fclose(file);
	snprintf(moved, sizeof moved, "%s/moved", folder->path);
	move(folder->model, moved);
	refuses(&(struct trainer_request){.run = folder->run}, ERROR_IO, " -m MODEL");
	resume_from(&(struct trainer_request){.run = folder->run, .model = moved});
	train_assert_same_weights(folder->run, folder->other);
}

static void a_run_of_an_earlier_version_goes_on_from_its_base(void **state)
{
	struct train_folder *folder = *state;
	struct run_record record = {0};
	struct error error = {0};
	char path[500];

	train_whole(folder, folder->other);
	train_until(folder, folder->run, 6);
	snprintf(path, sizeof path, "%s/" BASE_FOLDER, folder->run);
	remove_path(path);
	assert_true(run_record_read(folder->run, &record, &error));
	record.base_hash[0] = '\0';
	assert_true(run_record_write(folder->run, &record, &error));
	run_record_free(&record);
	train_resume_whole(folder->run);
	train_assert_same_weights(folder->run, folder->other);
}

static void a_validation_file_may_lie_elsewhere_too(void **state)
{
	struct train_folder *folder = *state;
	char before[400], after[400];

	snprintf(before, sizeof before, "%s/held.csv", folder->path);
	snprintf(after, sizeof after, "%s/moved.csv", folder->path);
	train_write_reviews(before, 20, "negative", "positive");
	train_set(&folder->options, "validation", before);
	train_until(folder, folder->run, 2);
	move(before, after);
	refuses(&(struct trainer_request){.run = folder->run}, ERROR_IO, " --validation FILE");
	resume_from(&(struct trainer_request){.run = folder->run, .validation = after});
	train_set(&folder->options, "validation", "0.1");
	train_until(folder, folder->other, 2);
	refuses(&(struct trainer_request){.run = folder->other, .validation = after}, ERROR_USAGE, "measures on a share");
}

static void where_no_checkpoint_verifies_the_base_is_asked_for(void **state)
{
	struct train_folder *folder = *state;
	char path[500], moved[500], name[CHECKPOINT_NAME];
	FILE *file;

	train_whole(folder, folder->other);
	train_set(&folder->options, "save-total-limit", "1");
	train_until(folder, folder->run, 2);
	train_newest(folder->run, name);
	snprintf(path, sizeof path, "%s/%s/model.safetensors", folder->run, name);
	file = fopen(path, "r+");
	assert_non_null(file);
	assert_int_equal(fseek(file, -1, SEEK_END), 0);
	fputc('x', file);
	fclose(file);
	snprintf(moved, sizeof moved, "%s/moved", folder->path);
	move(folder->model, moved);
	refuses(&(struct trainer_request){.run = folder->run}, ERROR_IO, " -m MODEL");
	resume_from(&(struct trainer_request){.run = folder->run, .model = moved});
	train_assert_same_weights(folder->run, folder->other);
}

static void a_model_that_is_found_in_what_a_resume_names_is_told(void **state)
{
	struct train_folder *folder = *state;
	char base[500];

	train_until(folder, folder->run, 2);
	snprintf(base, sizeof base, "%s/config.json", folder->model);
	resume_from(&(struct trainer_request){.run = folder->run, .model = base});
	assert_true(train_has_event(folder->run, "the folder of this file"));
}

static void data_that_is_back_where_it_was_has_lain_nowhere_else(void **state)
{
	struct train_folder *folder = *state;
	struct run_record record = {0};
	struct error error = {0};
	struct trainer *trainer;
	char moved[500];

	train_set(&folder->options, "num-train-epochs", "20");
	train_until(folder, folder->run, 2);
	snprintf(moved, sizeof moved, "%s/moved.csv", folder->path);
	move(folder->data, moved);
	trainer = trainer_resume(&(struct trainer_request){.run = folder->run, .data = moved, .paused = true}, NULL, &error);
	assert_non_null(trainer);
	for (int i = 0; i < 1000 && !train_has_event(folder->run, "paused after"); i++)
		usleep(5000);
	trainer_stop(trainer);
	assert_true(trainer_join(trainer, &error));
	move(moved, folder->data);
	resume_from(&(struct trainer_request){.run = folder->run, .data = folder->data});
	assert_true(run_record_read(folder->run, &record, &error));
	assert_string_equal(record.data.path, folder->data);
	assert_string_equal(record.data.first_path, "");
	run_record_free(&record);
}

/* Another version */

/* Rewrites run.json by what `edit` makes of it. */
static void edit_record(const char *run, void (*edit)(struct run_record *record))
{
	struct run_record record = {0};
	struct error error = {0};

	assert_true(run_record_read(run, &record, &error));
	edit(&record);
	assert_true(run_record_write(run, &record, &error));
	run_record_free(&record);
}

static void began_with_other_words(struct run_record *record)
{
	assert_int_equal(strlen(record->examples_hash), 64);
	memset(record->examples_hash, 'a', 64);
}

static void began_with_fewer_rows(struct run_record *record)
{
	record->examples_hash[0] = record->base_hash[0] = '\0';
	record->rows_used--;
}

static void data_that_this_version_reads_another_way_is_refused(void **state)
{
	struct train_folder *folder = *state;

	train_until(folder, folder->run, 2);
	edit_record(folder->run, began_with_other_words);
	refuses(&(struct trainer_request){.run = folder->run}, ERROR_DATA, "reads other words in its data than the one that it began");
	edit_record(folder->run, began_with_fewer_rows);
	refuses(&(struct trainer_request){.run = folder->run}, ERROR_DATA, "(150 of 150 rows are used now, 149 of 150 then)");
}

static void began_before_hashes(struct run_record *record)
{
	record->examples_hash[0] = record->base_hash[0] = '\0';
}

/* A version that wrote no hash of the words did not convert files either. */
static void data_that_an_earlier_version_did_not_convert_is_refused(void **state)
{
	struct train_folder *folder = *state;
	FILE *file;

	file = fopen(folder->data, "a");
	assert_non_null(file);
	for (int i = 0; i < 20; i++)
		fputs("a caf\xe9 that was very good d\xe9j\xe0,positive\n", file);
	fclose(file);
	train_set(&folder->options, "encoding", "ISO-8859-2");
	train_until(folder, folder->run, 2);
	edit_record(folder->run, began_before_hashes);
	refuses(&(struct trainer_request){.run = folder->run}, ERROR_DATA, "reads other words in its data");
}

/* run.json */

static void edit_option(const char *run, const char *key, json_t *value)
{
	struct error error = {0};
	char path[400];
	json_t *document;

	snprintf(path, sizeof path, "%s/run.json", run);
	document = json_read(path, 1 << 20, &error);
	assert_non_null(document);
	assert_int_equal(json_object_set_new(json_object_get(document, "options"), key, value), 0);
	assert_true(json_write(path, document, &error));
	json_decref(document);
}

static void an_option_that_was_edited_in_run_json_is_refused_by_its_name(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};

	train_whole(folder, folder->other);
	train_until(folder, folder->run, 6);
	edit_option(folder->run, "num_train_epochs", json_integer(5));
	train_fails(train_resume(folder->run, &error), &error, ERROR_DATA, "run.json says num_train_epochs 5, but checkpoint-");
	assert_non_null(strstr(error.text, "was made with 2: put that back"));
	edit_option(folder->run, "num_train_epochs", json_integer(2));
	edit_option(folder->run, "seed", json_integer(7));
	train_fails(train_resume(folder->run, &error), &error, ERROR_DATA, "run.json says seed 7");
	edit_option(folder->run, "seed", json_integer(42));
	train_resume_whole(folder->run);
	train_assert_same_weights(folder->run, folder->other);
}

static void an_option_that_changes_no_step_may_be_edited_and_that_is_said(void **state)
{
	struct train_folder *folder = *state;

	train_whole(folder, folder->other);
	train_until(folder, folder->run, 6);
	edit_option(folder->run, "save_steps", json_integer(9));
	edit_option(folder->run, "threads", json_integer(2));
	train_resume_whole(folder->run);
	train_assert_same_weights(folder->run, folder->other);
	assert_true(train_has_event(folder->run, "save_steps is 9 now, in run.json; it was 4"));
	assert_true(train_has_event(folder->run, "threads is 2 now"));
}

#define TRAIN(test) cmocka_unit_test_setup_teardown(test, train_setup, train_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRAIN(data_that_was_moved_is_named_and_the_run_goes_on_to_the_bit),
		TRAIN(a_file_that_is_not_the_runs_data_is_refused_by_name),
		TRAIN(from_a_checkpoint_a_run_goes_on_without_its_base),
		TRAIN(what_the_log_has_from_the_start_is_not_noted_again),
		TRAIN(without_a_checkpoint_the_base_is_needed_and_may_lie_elsewhere),
		TRAIN(a_model_that_is_not_the_runs_base_is_refused_by_name),
		TRAIN(a_kept_base_that_was_changed_is_not_used),
		TRAIN(a_run_of_an_earlier_version_goes_on_from_its_base),
		TRAIN(a_validation_file_may_lie_elsewhere_too),
		TRAIN(where_no_checkpoint_verifies_the_base_is_asked_for),
		TRAIN(a_model_that_is_found_in_what_a_resume_names_is_told),
		TRAIN(data_that_is_back_where_it_was_has_lain_nowhere_else),
		TRAIN(data_that_this_version_reads_another_way_is_refused),
		TRAIN(data_that_an_earlier_version_did_not_convert_is_refused),
		TRAIN(an_option_that_was_edited_in_run_json_is_refused_by_its_name),
		TRAIN(an_option_that_changes_no_step_may_be_edited_and_that_is_said),
	};

	return cmocka_run_group_tests_name("resume_elsewhere", tests, NULL, NULL);
}
