/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/data: folders of reviews as they come out of archives, and folders of something else. */
#include "tests/unit/dataset_check.h"

#include "engine/train/rows/source.h"

static void make(const char *path, const char *text)
{
	if (text)
		data_write(path, text, strlen(text));
	else
		assert_int_equal(mkdir(data_path(path), 0777), 0);
}

static struct dataset *open_folder(const char *name)
{
	struct error error = {0};
	struct dataset *dataset = dataset_open(data_path(name), NULL, &error);

	if (!dataset)
		fail_msg("%s", error.text);
	return dataset;
}

/* The message after the path. */
static const char *refused(const char *name)
{
	static struct error error;
	const char *path = data_path(name);

	assert_null(dataset_open(path, NULL, &error));
	assert_int_equal(error.kind, ERROR_DATA);
	assert_int_equal(strncmp(error.text, path, strlen(path)), 0);
	return error.text + strlen(path) + 2;
}

static void make_part(const char *set, const char *part, int unsup)
{
	static const char *const labels[] = {"neg", "pos", "unsup"};
	char path[200];

	snprintf(path, sizeof path, "%s/%s", set, part);
	make(path, NULL);
	for (int i = 0; i < 2 + unsup; i++) {
		snprintf(path, sizeof path, "%s/%s/%s", set, part, labels[i]);
		make(path, NULL);
		snprintf(path, sizeof path, "%s/%s/%s/0_1.txt", set, part, labels[i]);
		make(path, labels[i]);
		snprintf(path, sizeof path, "%s/%s/urls_%s.txt", set, part, labels[i]);
		make(path, "http://www.example.org/1\n");
	}
}

static void of_train_and_test_the_first_is_read_and_the_other_told(void **state)
{
	struct dataset *dataset;
	char told[1200];

	(void)state;
	make("imdb", NULL);
	make("imdb/README", "a set");
	make("imdb/imdb.vocab", "the\n");
	make_part("imdb", "train", 1);
	make_part("imdb", "test", 0);
	dataset = open_folder("imdb");
	assert_rows(dataset, "0:neg|neg\n0:pos|pos\n0!no label\n");
	assert_int_equal(dataset_notice_count(dataset), 1);
	snprintf(told, sizeof told, "reads train/; test/ beside it has 2 reviews: open %s/imdb/test for those, or --validation "
	         "%s/imdb/test", data_folder, data_folder);
	assert_string_equal(dataset_notice(dataset, 0), told);
	dataset_close(dataset);

	dataset = open_folder("imdb/test");
	assert_rows(dataset, "0:neg|neg\n0:pos|pos\n");
	assert_int_equal(dataset_notice_count(dataset), 0);
	dataset_close(dataset);
}

static void hash_of(const char *name, char out[65])
{
	struct source_hash hash = {.done = 0};
	struct dataset *dataset = open_folder(name);

	assert_true(source_hash_begin(&hash, NULL));
	assert_true(source_hash_end(&hash, dataset, out, NULL, NULL));
	dataset_close(dataset);
}

static void a_changed_review_of_a_part_changes_the_hash_by_which_a_run_knows_its_data(void **state)
{
	char before[65], after[65];

	(void)state;
	make("hashed", NULL);
	make_part("hashed", "train", 0);
	hash_of("hashed", before);
	make("hashed/train/neg/0_1.txt", "NEG");
	hash_of("hashed", after);
	assert_string_not_equal(before, after);
}

static void a_folder_around_the_set_is_passed_through(void **state)
{
	struct dataset *dataset;

	(void)state;
	make("around", NULL);
	make_part("around", "set", 0);
	dataset = open_folder("around");
	assert_rows(dataset, "0:neg|neg\n0:pos|pos\n");
	assert_string_equal(dataset_notice(dataset, 0), "reads set/ in it");
	dataset_close(dataset);
}

static void several_sets_of_which_none_is_for_training_are_listed(void **state)
{
	(void)state;
	make("several", NULL);
	make_part("several", "books", 0);
	make_part("several", "films", 0);
	assert_string_equal(refused("several"), "has several sets of reviews in it; open one of them: books, films");
}

static void label_folders_with_folders_in_them_stay_labels(void **state)
{
	struct dataset *dataset;

	(void)state;
	make("deep", NULL);
	make("deep/neg", NULL);
	make("deep/neg/1.txt", "bad");
	make("deep/pos", NULL);
	make("deep/pos/1.txt", "good");
	make("deep/pos/more", NULL);
	make("deep/pos/more/2.txt", "deeper");
	dataset = open_folder("deep");
	assert_rows(dataset, "0:bad|neg\n0:good|pos\n");
	dataset_close(dataset);
}

static void files_that_are_named_by_a_number_are_reviews_if_they_are_text(void **state)
{
	struct dataset *dataset;

	(void)state;
	make("news", NULL);
	make("news/alt.atheism", NULL);
	make("news/alt.atheism/53366", "From: a\n\ntext one");
	make("news/alt.atheism/README", "no review");
	make("news/rec.autos", NULL);
	make("news/rec.autos/101551", "From: b\n\ntext two");
	make("news/rec.autos/notes.html", "no review");
	make("news/binary", NULL);
	data_write("news/binary/1", "a\0b", 3);
	dataset = open_folder("news");
	assert_rows(dataset, "0:From: a\n\ntext one|alt.atheism\n0:From: b\n\ntext two|rec.autos\n");
	dataset_close(dataset);
}

static void a_folder_of_tables_is_refused_with_their_names(void **state)
{
	(void)state;
	make("tables", NULL);
	make("tables/train.csv", "text,label\n");
	make("tables/test.csv", "text,label\n");
	make("tables/README.md", "a set");
	assert_string_equal(refused("tables"), "is a folder; open one of its files: test.csv, train.csv");
}

static void folders_of_models_and_runs_are_named(void **state)
{
	(void)state;
	make("model", NULL);
	make("model/config.json", "{}");
	make("model/model.safetensors", "x");
	assert_string_equal(refused("model"), "is a model's folder, which -m takes; reviews are needed here");
	make("run", NULL);
	make("run/run.json", "{}");
	assert_string_equal(refused("run"), "is the folder of a training; reviews are needed here");
}

static void a_folder_with_nothing_usable_is_refused_with_what_is_needed(void **state)
{
	(void)state;
	make("photos", NULL);
	make("photos/2020", NULL);
	make("photos/2020/a.jpg", "x");
	assert_string_equal(refused("photos"), "has no LABEL/*.txt in it (a folder of reviews has one sub-folder for each label)");
}

static void the_encoding_of_a_folder_is_guessed_and_told(void **state)
{
	struct dataset *dataset;

	(void)state;
	make("latin", NULL);
	make("latin/pos", NULL);
	make("latin/pos/1.txt", "caf\xE9 cr\xE8me tr\xE8s bon \xE0 c\xF4t\xE9");
	dataset = open_folder("latin");
	assert_string_equal(dataset_encoding_name(dataset), "Windows-1252");
	assert_string_equal(dataset_notice(dataset, 0), "read as Windows-1252");
	assert_rows(dataset, "0:café crème très bon à côté|pos\n");
	dataset_close(dataset);

	make("russian", NULL);
	make("russian/neg", NULL);
	make("russian/neg/1.txt", "\xCE\xF7\xE5\xED\xFC \xEF\xEB\xEE\xF5\xEE\xE9 \xEE\xF2\xE5\xEB\xFC");
	assert_string_equal(refused("russian"), "is neither UTF-8 nor Latin-1 text, probably Windows-1251: --encoding Windows-1251 "
	                                        "reads it");
}

/* Gives up at the first report. */
static bool give_up(void *context, const char *what, uint64_t done, uint64_t total)
{
	(void)what, (void)done, (void)total;
	++*(int *)context;
	return false;
}

static void finding_the_files_of_a_folder_can_be_given_up(void **state)
{
	int reports = 0;
	const struct progress progress = {give_up, &reports};
	struct error error = {0};
	char path[64];

	(void)state;
	make("many", NULL);
	make("many/pos", NULL);
	for (int i = 0; i < 600; i++) {
		snprintf(path, sizeof path, "many/pos/%d.txt", i);
		make(path, "good");
	}
	assert_null(dataset_open(data_path("many"), &(struct dataset_options){.progress = &progress}, &error));
	assert_int_equal(error.kind, ERROR_INTERRUPTED);
	assert_int_equal(reports, 1);
	dataset_close(open_folder("many"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_train_and_test_the_first_is_read_and_the_other_told),
		cmocka_unit_test(a_changed_review_of_a_part_changes_the_hash_by_which_a_run_knows_its_data),
		cmocka_unit_test(a_folder_around_the_set_is_passed_through),
		cmocka_unit_test(several_sets_of_which_none_is_for_training_are_listed),
		cmocka_unit_test(label_folders_with_folders_in_them_stay_labels),
		cmocka_unit_test(files_that_are_named_by_a_number_are_reviews_if_they_are_text),
		cmocka_unit_test(a_folder_of_tables_is_refused_with_their_names),
		cmocka_unit_test(folders_of_models_and_runs_are_named),
		cmocka_unit_test(a_folder_with_nothing_usable_is_refused_with_what_is_needed),
		cmocka_unit_test(the_encoding_of_a_folder_is_guessed_and_told),
		cmocka_unit_test(finding_the_files_of_a_folder_can_be_given_up),
	};

	return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
