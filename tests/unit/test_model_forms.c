/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models as people have them: the forms of weights that transformers loads, the labels as their config.json spells them,
 * heads that are for something else. */
#include "tests/unit/model_forms.h"

static void assert_container(const char *folder, const char *container)
{
	struct error error = {0};
	struct tensor_file *file = tensor_file_open_folder(folder, &error);

	if (!file)
		fail_msg("%s", error.text);
	assert_string_equal(tensor_file_container(file), container);
	tensor_file_close(file);
}

static void the_logits_are_the_same_in_every_form_of_the_weights(void **state)
{
	char folder[256];
	float wanted[LABELS], got[LABELS];
	struct tensor_list list;

	(void)state;
	take_weights(folder, &list);
	expected_logits(wanted);
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct model *model;

		write_form(folder, &forms[i], &list);
		assert_container(folder, forms[i].container);
		model = open_model(folder, true);
		score_one(model, got);
		assert_memory_equal(wanted, got, sizeof wanted);
		assert_string_equal(model_weights_name(model), forms[i].index ? forms[i].index : forms[i].names[0]);
		assert_int_equal(model_notice_count(model), 0);
		model_close(model);
		remove_form(folder, &forms[i]);
	}
	free_tensors(&list);
	check_folder_remove(folder);
}

static void the_hash_follows_every_shard(void **state)
{
	struct error error = {0};
	char folder[256], before[65], after[65];
	struct tensor_list list;
	float *first;

	(void)state;
	take_weights(folder, &list);
	write_form(folder, &forms[5], &list);
	assert_true(model_hash(folder, before, NULL, &error));
	first = (float *)(uintptr_t)list.out[list.count - 1].data;
	*first += 1;
	write_form(folder, &forms[5], &list);
	assert_true(model_hash(folder, after, NULL, &error));
	assert_string_not_equal(before, after);
	free_tensors(&list);
	check_folder_remove(folder);
}

static void the_hash_that_is_taken_while_loading_is_that_of_the_files_in_every_form(void **state)
{
	struct tensor_list list;
	char folder[256];

	(void)state;
	take_weights(folder, &list);
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct error error = {0};
		char loading[65] = "", after[65] = "";
		struct model *model;

		write_form(folder, &forms[i], &list);
		model = model_open(folder, &(struct model_options){.threads = 1, .hash = loading}, NULL, &error);
		assert_non_null(model);
		model_close(model);
		assert_true(model_hash(folder, after, NULL, &error));
		assert_string_equal(loading, after);
	}
	free_tensors(&list);
	check_folder_remove(folder);
}

static void an_index_of_torch_shards_names_plain_files_that_hold_what_it_says(void **state)
{
	static const char *const rows[][2] = {
		{"\"../x.bin\"", "its shard is not the name of a file in the same folder"},
		{"\"/etc/passwd\"", "its shard is not the name of a file in the same folder"},
		{"\"sub/x.bin\"", "its shard is not the name of a file in the same folder"},
		{"\"..\"", "its shard is not the name of a file in the same folder"},
		{"7", "its shard is not the name of a file in the same folder"},
		{"\"absent.bin\"", "absent.bin: could not open"},
		{"\"config.json\"", "config.json is JSON text, not weights"},
		{"\"pytorch_model-00002-of-00002.bin\"", "tensor w is not in pytorch_model-00002-of-00002.bin"},
	};
	char folder[256], index[200];
	struct tensor_list list;

	(void)state;
	take_weights(folder, &list);
	write_form(folder, &forms[5], &list);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		snprintf(index, sizeof index, "{\"weight_map\":{\"w\":%s}}", rows[i][0]);
		write_file(folder, forms[5].index, index, strlen(index));
		assert_non_null(strstr(open_error(folder, true), rows[i][1]));
	}
	free_tensors(&list);
	check_folder_remove(folder);
}

/* Labels */

/* Sets members of config.json from JSON text. */
static void set_config(const char *folder, const char *members)
{
	struct error error = {0};
	char path[300];
	json_t *document, *more = json_parse(span_of(members), "members", &error);

	assert_non_null(more);
	snprintf(path, sizeof path, "%s/config.json", folder);
	document = json_read(path, 1 << 20, &error);
	assert_non_null(document);
	assert_int_equal(json_object_update(document, more), 0);
	assert_true(json_write(path, document, &error));
	json_decref(document);
	json_decref(more);
}

static void label2id_of_any_spelling_is_no_reason_to_refuse(void **state)
{
	static const char *const rows[][2] = {
		{"{\"label2id\":{\"bad\":\"0\",\"good\":\"1\"}}", "label2id has its ids as texts, id2label counts"},
		{"{\"label2id\":{\"BAD\":0,\"GOOD\":1}}", "label2id has another id or name for bad, id2label counts"},
		{"{\"label2id\":{\"bad\":1,\"good\":0}}", "label2id has another id or name for bad, id2label counts"},
		{"{\"label2id\":{\"bad\":0}}", "label2id has another id or name for good, id2label counts"},
		{"{\"label2id\":{\"bad\":0,\"good\":1,\"so so\":2}}", "label2id has more labels, id2label counts"},
		{"{\"label2id\":{\"LABEL_0\":0,\"LABEL_1\":1}}", "label2id has only default names, id2label counts"},
		{"{\"label2id\":[0,1]}", "label2id is no JSON object, id2label counts"},
		{"{\"label2id\":null}", NULL},
		{"{\"label2id\":{\"bad\":0,\"good\":1},\"_num_labels\":7}", NULL},
	};
	char folder[256];
	float wanted[LABELS], got[LABELS];

	(void)state;
	save_model(folder);
	expected_logits(wanted);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct model *model;

		set_config(folder, rows[i][0]);
		model = open_model(folder, true);
		score_one(model, got);
		assert_memory_equal(wanted, got, sizeof wanted);
		assert_string_equal(model_label(model, 0), "bad");
		assert_string_equal(model_label(model, 1), "good");
		assert_int_equal(model_notice_count(model), rows[i][1] != NULL);
		if (rows[i][1])
			assert_notice(model, rows[i][1]);
		model_close(model);
	}
	check_folder_remove(folder);
}

static void without_id2label_the_names_come_from_a_label2id_that_makes_sense(void **state)
{
	static const struct {
		const char *members, *second, *notice;
	} rows[] = {
		{"{\"id2label\":{},\"label2id\":{\"no\":0,\"yes\":1}}", "yes", NULL},
		{"{\"label2id\":{\"no\":\"0\",\"yes\":\"1\"}}", "yes", NULL},
		{"{\"label2id\":{\"no\":1,\"yes\":2}}", "LABEL_1", "label2id does not number its labels from 0"},
		{"{\"label2id\":{\"no\":0,\"yes\":0}}", "LABEL_1", "label2id does not number its labels from 0"},
	};
	char folder[256];

	(void)state;
	save_model(folder);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct model *model;

		set_config(folder, rows[i].members);
		model = open_model(folder, true);
		assert_int_equal(model_config(model)->num_labels, 2);
		assert_string_equal(model_label(model, 1), rows[i].second);
		if (rows[i].notice)
			assert_notice(model, rows[i].notice);
		model_close(model);
	}
	check_folder_remove(folder);
}

static void num_labels_of_another_count_makes_default_names_as_in_transformers(void **state)
{
	char folder[256];
	struct model *model;

	(void)state;
	save_model(folder);
	set_config(folder, "{\"id2label\":{\"0\":\"bad\",\"1\":\"so so\",\"2\":\"good\"},\"label2id\":null,\"num_labels\":2}");
	model = open_model(folder, true);
	assert_int_equal(model_config(model)->num_labels, 2);
	assert_string_equal(model_label(model, 0), "LABEL_0");
	assert_string_equal(model_label(model, 1), "LABEL_1");
	assert_notice(model, "num_labels is 2 beside the names of 3 labels: it counts");
	model_close(model);
	check_folder_remove(folder);
}

static void two_labels_of_one_name_are_scored_and_saved_as_they_are(void **state)
{
	struct error error = {0};
	char folder[256], again[300];
	float wanted[LABELS], got[LABELS];
	struct model *model;

	(void)state;
	save_model(folder);
	set_config(folder, "{\"id2label\":{\"0\":\"good\",\"1\":\"good\"},\"label2id\":null}");
	expected_logits(wanted);
	model = open_model(folder, true);
	assert_notice(model, "two labels have the same name: good");
	assert_true(model_config(model)->twin_labels);
	snprintf(again, sizeof again, "%s/again", folder);
	assert_true(model_save(model, again, &error));
	model_close(model);
	model = open_model(again, true);
	score_one(model, got);
	assert_memory_equal(wanted, got, sizeof wanted);
	assert_string_equal(model_label(model, 0), "good");
	assert_string_equal(model_label(model, 1), "good");
	assert_true(model_set_labels(model, words, LABELS, 1, &error));
	assert_false(model_config(model)->twin_labels);
	model_close(model);
	check_folder_remove(folder);
}

/* Heads */

static void a_head_for_another_task_is_named_and_never_scored(void **state)
{
	static const char *const rows[][2] = {
		{"BertForTokenClassification", "token classification"},
		{"DistilBertForTokenClassification", "token classification"},
		{"BertForQuestionAnswering", "question answering"},
		{"BertForMultipleChoice", "multiple choice"},
		{"BertForNextSentencePrediction", "next sentence prediction"},
		{"BertForMaskedLM", "masked language"},
		{"BertForPreTraining", "pre-training"},
		{"BertLMHeadModel", "language"},
	};
	struct error error = {0};
	char folder[256], members[100], wanted[500];

	(void)state;
	save_model(folder);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct model *model;

		snprintf(members, sizeof members, "{\"architectures\":[\"%s\"]}", rows[i][0]);
		set_config(folder, members);
		snprintf(wanted, sizeof wanted, "%s is a %s model (%s): revue train makes a classifier of it", folder, rows[i][1],
		         rows[i][0]);
		assert_string_equal(open_error(folder, true), wanted);
		model = open_model(folder, false);
		assert_false(model_has_head(model));
		assert_int_equal(model_config(model)->num_labels, 0);
		snprintf(wanted, sizeof wanted, "a %s model (%s): only its encoder is used, training makes a head", rows[i][1],
		         rows[i][0]);
		assert_notice(model, wanted);
		assert_true(model_set_labels(model, words, LABELS, 1, &error));
		model_close(model);
	}
	check_folder_remove(folder);
}

static void a_class_of_somebodys_own_is_what_its_weights_are(void **state)
{
	static const char *const rows[] = {
		"{\"architectures\":[\"BertForReviews\"]}", "{\"architectures\":[\"BertModel\"]}", "{\"architectures\":null}",
		"{\"architectures\":[]}", "{\"architectures\":\"BertForMaskedLM\"}", "{\"architectures\":[7]}",
	};
	char folder[256];

	(void)state;
	save_model(folder);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		set_config(folder, rows[i]);
		model_close(open_model(folder, true));
	}
	check_folder_remove(folder);
}

static void a_head_of_another_size_says_which_sizes(void **state)
{
	char folder[256], wanted[500];

	(void)state;
	save_model(folder);
	set_config(folder, "{\"id2label\":{\"0\":\"bad\",\"1\":\"so so\",\"2\":\"good\"},\"label2id\":null}");
	snprintf(wanted, sizeof wanted, "%s: classifier.weight is [2, 32] in the weights, config.json says [3, 32]: set the labels "
	         "in config.json right, or train it first with revue train", folder);
	assert_string_equal(open_error(folder, true), wanted);
	model_close(open_model(folder, false));
	check_folder_remove(folder);
}

/* The tokenizer */

static void a_class_of_tokenizers_that_config_json_names_counts(void **state)
{
	struct error error = {0};
	char folder[256], path[300];
	struct tokenizer *tokenizer;

	(void)state;
	save_model(folder);
	set_config(folder, "{\"tokenizer_class\":\"BertJapaneseTokenizer\"}");
	model_close(open_model(folder, true)); /* tokenizer_config.json, which was saved with it, goes before */
	write_file(folder, "tokenizer_config.json", "{\"word_tokenizer_type\":\"mecab\"}", 31);
	assert_non_null(strstr(open_error(folder, true), "config.json: a tokenizer of class BertJapaneseTokenizer; only "
	                                                 "BertTokenizer and DistilBertTokenizer are known"));
	assert_null(tokenizer_open(folder, &error));
	assert_non_null(strstr(error.text, "BertJapaneseTokenizer"));
	set_config(folder, "{\"tokenizer_class\":\"BertTokenizer\"}");
	model_close(open_model(folder, true));
	snprintf(path, sizeof path, "%s/config.json", folder);
	assert_int_equal(unlink(path), 0);
	tokenizer = tokenizer_open(folder, &error);
	assert_non_null(tokenizer);
	tokenizer_free(tokenizer);
	check_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_logits_are_the_same_in_every_form_of_the_weights),
		cmocka_unit_test(the_hash_follows_every_shard),
		cmocka_unit_test(the_hash_that_is_taken_while_loading_is_that_of_the_files_in_every_form),
		cmocka_unit_test(an_index_of_torch_shards_names_plain_files_that_hold_what_it_says),
		cmocka_unit_test(label2id_of_any_spelling_is_no_reason_to_refuse),
		cmocka_unit_test(without_id2label_the_names_come_from_a_label2id_that_makes_sense),
		cmocka_unit_test(num_labels_of_another_count_makes_default_names_as_in_transformers),
		cmocka_unit_test(two_labels_of_one_name_are_scored_and_saved_as_they_are),
		cmocka_unit_test(a_head_for_another_task_is_named_and_never_scored),
		cmocka_unit_test(a_class_of_somebodys_own_is_what_its_weights_are),
		cmocka_unit_test(a_head_of_another_size_says_which_sizes),
		cmocka_unit_test(a_class_of_tokenizers_that_config_json_names_counts),
	};

	return cmocka_run_group_tests_name("model forms", tests, NULL, NULL);
}
