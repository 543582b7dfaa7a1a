/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/outlook.h: what a training would meet; engine/train/optimize/usual_rate.h: usual learning rates. */
#include "tests/unit/check.h"

#include "engine/outlook.h"
#include "engine/train/optimize/usual_rate.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	return name;
}

static const char rows[] = "text,label\n"
                           "good,1\n"
                           "  good ,1\n"
                           "good,0\n"
                           "bad bad bad,0\n"
                           "\"   \",1\n"
                           "no label here,\n";

static struct dataset *open_rows(const char *path)
{
	struct error error = {0};
	struct dataset *dataset = dataset_open(path, &(struct dataset_options){0}, &error);

	assert_non_null(dataset);
	assert_true(dataset_index(dataset, NULL, &error));
	return dataset;
}

static int make_folder(void **state)
{
	char *folder = strdup("/tmp/revue-outlook-XXXXXX");

	*state = folder;
	return folder && mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
	unlink("rows.csv");
	unlink("other.csv");
	if (chdir("/") == 0)
		rmdir(*state);
	free(*state);
	return 0;
}

static char *pocket(void)
{
	const char *share = getenv("REVUE_SHARE");
	char *path = NULL;

	return share && asprintf(&path, "%s/models/pocket", share) > 0 ? path : NULL;
}

static void doubles_labels_and_lengths_are_counted_of_usable_rows(void **state)
{
	struct dataset *dataset = open_rows(write_file("rows.csv", rows));
	struct outlook outlook = {0};
	struct error error = {0};
	uint64_t cut, lost;
	char *model = pocket();

	(void)state;
	assert_non_null(model);
	assert_true(outlook_make(&outlook, dataset, model, NULL, NULL, &error));
	assert_int_equal(outlook.rows, 5);
	assert_int_equal(outlook.empty, 1);
	assert_int_equal(outlook.repeated, 2);
	assert_int_equal(outlook.two_labels, 1);
	/* [CLS] and [SEP] are counted; words of the vocabulary are a token each. */
	assert_int_equal(outlook.lengths[0], 2);
	assert_int_equal(outlook_quantile(&outlook, 0.5), 3);
	assert_int_equal(outlook_quantile(&outlook, 1), 5);
	assert_int_equal(outlook.tokens, 2 + 3 * 3 + 5);
	outlook_cut(&outlook, 4, &cut, &lost);
	assert_true(cut == 1 && lost == 1);
	outlook_cut(&outlook, 2, &cut, &lost);
	assert_true(cut == 4 && lost == 3 + 3);
	outlook_cut(&outlook, 5, &cut, &lost);
	assert_true(cut == 0 && lost == 0);
	outlook_free(&outlook);
	dataset_close(dataset);
	free(model);
}

static void what_another_file_shares_is_counted(void **state)
{
	struct dataset *dataset = open_rows(write_file("rows.csv", rows));
	struct outlook outlook = {0};
	struct error error = {0};
	char *model = pocket();

	(void)state;
	write_file("other.csv", "label,id,text\n0,1,bad  bad bad\n0,2,never seen\n1,3,good\n");
	assert_true(outlook_make(&outlook, dataset, model, "other.csv", NULL, &error));
	assert_int_equal(outlook.other_rows, 3);
	assert_int_equal(outlook.in_both, 2);
	assert_int_equal(outlook.rows, 5);
	assert_int_equal(outlook.repeated, 2);
	/* Labels of the other file do not matter: those of the IMDb set without one are all -1. */
	write_file("other.csv", "label,id,text\n-1,1,bad  bad bad\n-1,2,never seen\n,3,good\n");
	outlook_free(&outlook);
	assert_true(outlook_make(&outlook, dataset, model, "other.csv", NULL, &error));
	assert_int_equal(outlook.other_rows, 3);
	assert_int_equal(outlook.in_both, 2);
	outlook_free(&outlook);
	assert_false(outlook_make(&outlook, dataset, model, "nowhere.csv", NULL, &error));
	outlook_free(&outlook);
	dataset_close(dataset);
	free(model);
}

static struct usual_rate rate_of(int32_t layers, int32_t hidden, const char *name, const char *value)
{
	const struct model_config config = {.num_hidden_layers = layers, .hidden_size = hidden, .intermediate_size = 4 * hidden};
	struct train_options *options = malloc(sizeof *options);
	struct usual_rate rate;
	struct error error = {0};

	train_options_init(options);
	if (name)
		assert_true(train_option_set(options, train_option_find(name), value, &error));
	rate = usual_rate(&config, options);
	free(options);
	return rate;
}

static void small_models_take_higher_rates(void **state)
{
	(void)state;
	assert_true(rate_of(12, 768, NULL, NULL).low == 2e-5 && rate_of(12, 768, NULL, NULL).high == 5e-5);
	assert_true(rate_of(6, 384, NULL, NULL).suggested == 1e-4);
	assert_true(rate_of(2, 128, NULL, NULL).suggested == 2e-4);
	assert_true(rate_of(24, 1024, NULL, NULL).suggested == 2e-5);
	assert_true(rate_of(12, 768, "lora-r", "8").high == 5e-4);
	assert_true(rate_of(12, 768, "optim", "sgd").high == 0);
}

static void a_rate_far_from_the_usual_is_warned_of(void **state)
{
	const struct model_config config = {.num_hidden_layers = 12, .hidden_size = 768, .intermediate_size = 3072};
	struct train_options *options = malloc(sizeof *options);
	static const struct {
		double rate;
		bool warns;
	} cases[] = {{5, true}, {1e-3, true}, {4e-4, false}, {5e-5, false}, {2.1e-6, false}, {1e-6, true}, {0, true}};
	char text[256];

	(void)state;
	train_options_init(options);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		options->learning_rate = cases[i].rate;
		assert_int_equal(usual_rate_warns(&config, options, text, sizeof text), cases[i].warns);
		assert_int_equal(text[0] != '\0', cases[i].warns);
	}
	free(options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(doubles_labels_and_lengths_are_counted_of_usable_rows, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(what_another_file_shares_is_counted, make_folder, remove_folder),
		cmocka_unit_test(small_models_take_higher_rates),
		cmocka_unit_test(a_rate_far_from_the_usual_is_warned_of),
	};

	return cmocka_run_group_tests_name("outlook", tests, NULL, NULL);
}
