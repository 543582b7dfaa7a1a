/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train/run/card: the model card of a run, and names from strangers in it. */
#include "tests/unit/train_check.h"

#include "engine/base/json.h"
#include "engine/train/run/card.h"

#include <math.h>

static void assert_text(void (*put)(struct card_text *, const char *), const char *text, const char *wanted)
{
	struct card_text card = {.text.maximum = CARD_BYTES_MAX, .made = true};

	put(&card, text);
	assert_true(card.made);
	assert_string_equal(card.text.data, wanted);
	buffer_free(&card.text);
}

static void yaml_texts_stay_texts(void **state)
{
	(void)state;
	assert_text(card_put_quoted, "no", "\"no\"");
	assert_text(card_put_quoted, "1.5", "\"1.5\"");
	assert_text(card_put_quoted, "a: b # c", "\"a: b # c\"");
	assert_text(card_put_quoted, "say \"\\n\"", "\"say \\\"\\\\n\\\"\"");
	assert_text(card_put_quoted, "two\nlines", "\"two lines\"");
	assert_text(card_put_quoted, "", "\"\"");
}

static void code_holds_markdown_and_html_without_being_either(void **state)
{
	(void)state;
	assert_text(card_put_code, "<script>*x*</script>", "`<script>*x*</script>`");
	assert_text(card_put_code, "a`b``c", "``` a`b``c ```");
	assert_text(card_put_code, " x", "`  x `");
	assert_text(card_put_code, "- x\n# y", "`- x # y`");
}

static void control_characters_and_length_are_bounded(void **state)
{
	struct card_text card = {.text.maximum = CARD_BYTES_MAX, .made = true};
	char text[10001];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	memcpy(text, "\033[2J\xff\x01\xe2\x80\xae", 9);
	card_put_quoted(&card, text);
	assert_true(card.made && card.text.size < 1024);
	for (size_t i = 0; i < card.text.size; i++)
		assert_true((unsigned char)card.text.data[i] >= 0x20 && card.text.data[i] != 0x7f);
	assert_null(strstr(card.text.data, "\xe2\x80\xae"));
	buffer_free(&card.text);
}

static void identifiers_and_hub_names_are_plain(void **state)
{
	(void)state;
	assert_text(card_put_identifier, "my reviews.csv", "my-reviews.csv");
	assert_text(card_put_identifier, "", "data");
	assert_true(card_is_hub_name("sentence-transformers/all-MiniLM-L6-v2"));
	assert_false(card_is_hub_name("bert-base-uncased"));
	assert_false(card_is_hub_name("/models/base"));
	assert_false(card_is_hub_name("../base"));
	assert_false(card_is_hub_name("a/b/c"));
	assert_false(card_is_hub_name("a/b c"));
	assert_false(card_is_hub_name("a/b\n"));
	assert_false(card_is_hub_name("a/"));
}

static char *read_card(const char *run)
{
	char path[400];
	struct error error = {0};
	size_t size;
	char *text;

	snprintf(path, sizeof path, "%s/model/README.md", run);
	text = file_read(path, CARD_BYTES_MAX, &size, &error);
	assert_non_null(text);
	assert_int_equal(size, strlen(text));
	return text;
}

static void assert_has(const char *text, const char *piece)
{
	if (!strstr(text, piece))
		fail_msg("\"%s\" is not in:\n%s", piece, text);
}

static void a_card_has_the_figures_of_the_weights_that_were_saved(void **state)
{
	struct train_folder *folder = *state;
	const struct run_evaluation *evaluations;
	char piece[200], *text;
	struct run *run;
	size_t count;

	train_whole(folder, folder->run);
	text = read_card(folder->run);
	run = run_open(folder->run, NULL);
	evaluations = run_evaluations(run, &count);
	assert_int_equal(count, 2);
	snprintf(piece, sizeof piece, "    - type: accuracy\n      value: %.4f\n", evaluations[1].accuracy);
	assert_has(text, piece);
	snprintf(piece, sizeof piece, "\n- Loss: %.4f\n", evaluations[1].loss);
	assert_has(text, piece);
	for (size_t i = 0; i < count; i++) {
		snprintf(piece, sizeof piece, "| %.2f | %d | %.4f |", evaluations[i].epoch, (int)evaluations[i].step,
		         evaluations[i].loss);
		assert_has(text, piece);
	}
	assert_has(text, "- name: \"run\"\n");
	assert_has(text, "name: \"reviews.csv\"\n      type: \"reviews.csv\"\n");
	assert_has(text, "\n- learning_rate: 0.005\n");
	assert_has(text, "\n- per_device_train_batch_size: 8\n");
	assert_has(text, "\n- trained on: 135 reviews\n");
	run_close(run);
	free(text);
}

static void a_card_tells_nothing_of_the_users_folders(void **state)
{
	struct train_folder *folder = *state;
	char path[400], *text;

	snprintf(path, sizeof path, "%s/held out.csv", folder->path);
	train_write_reviews(path, 20, "negative", "positive");
	train_set(&folder->options, "validation", path);
	train_set(&folder->options, "num-train-epochs", "0.2");
	train_whole(folder, folder->run);
	text = read_card(folder->run);
	assert_null(strstr(text, folder->path));
	assert_null(strstr(text, strrchr(folder->path, '/')));
	assert_has(text, "\n- validation: `held out.csv`\n");
	assert_has(text, "name: \"held out.csv\"\n      type: \"held-out.csv\"\n");
	free(text);
}

static void without_validation_there_is_no_model_index(void **state)
{
	struct train_folder *folder = *state;
	char *text;

	train_set(&folder->options, "validation", "0");
	train_set(&folder->options, "num-train-epochs", "0.2");
	train_whole(folder, folder->run);
	text = read_card(folder->run);
	assert_null(strstr(text, "model-index"));
	assert_null(strstr(text, "metrics:"));
	assert_null(strstr(text, "Accuracy"));
	assert_has(text, "were not measured");
	assert_int_equal(strncmp(text, "---\nlibrary_name: transformers\n", 31), 0);
	free(text);
}

/* In the words of the Hub's metrics, and each what it is a mean over. */
static void assert_metrics(bool several, int labels, const char *metrics)
{
	const struct run_evaluation evaluation = {.step = 10, .epoch = 1, .loss = 0.5, .accuracy = 0.75, .f1 = 0.7, .precision = 0.6,
	                                          .recall = 0.4, .f1_macro = several ? 0.3 : (double)NAN,
	                                          .mean_absolute_error = labels == 5 ? 0.2 : (double)NAN, .metric = NAN,
	                                          .runtime = 2, .samples_per_second = 50, .steps_per_second = 5};
	struct run_record record = {.data.path = "/d/reviews.csv", .model.path = "/m/base"};
	struct card card = {.name = "x", .origin = "", .architecture = "bert", .step = 10, .record = &record,
	                    .independent_labels = several, .evaluations = &evaluation, .evaluation_count = 1};
	struct buffer text = {.maximum = CARD_BYTES_MAX};
	static char *names[5] = {"1", "2", "3", "4", "5"};
	struct error error = {0};

	train_options_init(&record.options);
	record.label_count = labels;
	record.labels = names;
	assert_true(card_format(&card, &text, &error));
	assert_has(text.data, metrics);
	buffer_free(&text);
}

#define METRIC(type, value, name) "    - type: " type "\n      value: " value "\n      name: " name "\n"
#define MEAN(type, value, name, over) METRIC(type, value, name " (" over ")") "      args:\n        average: " over "\n"

static void a_model_index_has_all_figures_that_were_measured(void **state)
{
	(void)state;
	assert_metrics(false, 2, "metrics:\n- accuracy\n- f1\n- precision\n- recall\nmodel-index:");
	assert_metrics(false, 2, "    metrics:\n" METRIC("loss", "0.5000", "Loss") METRIC("accuracy", "0.7500", "Accuracy")
	               METRIC("f1", "0.7000", "F1") METRIC("precision", "0.6000", "Precision")
	               METRIC("recall", "0.4000", "Recall") "---\n");
	assert_metrics(false, 5, "- recall\n- mae\nmodel-index:");
	assert_metrics(false, 5, MEAN("f1", "0.7000", "F1", "macro") MEAN("precision", "0.6000", "Precision", "macro")
	               MEAN("recall", "0.4000", "Recall", "macro") METRIC("mae", "0.2000", "Mean absolute error") "---\n");
	assert_metrics(true, 3, METRIC("accuracy", "0.7500", "Accuracy (every label right)") MEAN("f1", "0.7000", "F1", "micro")
	               MEAN("f1", "0.3000", "F1", "macro") MEAN("precision", "0.6000", "Precision", "micro"));
	assert_metrics(true, 3, "- accuracy\n- f1\n- precision\n- recall\nmodel-index:");
	assert_metrics(true, 3, "\n- F1 (macro): 0.3000\n- Precision (micro): 0.6000\n");
}

static void an_evaluation_of_other_weights_is_no_result(void **state)
{
	const struct run_evaluation evaluation = {.step = 10, .epoch = 1, .loss = 0.5, .accuracy = 0.75, .f1 = 0.7};
	struct run_record record = {.data.path = "/d/reviews.csv", .model.path = "/m/base"};
	struct card card = {.name = "x", .origin = "", .architecture = "bert", .step = 12, .record = &record,
	                    .evaluations = &evaluation, .evaluation_count = 1};
	struct buffer text = {.maximum = CARD_BYTES_MAX};
	struct error error = {0};

	(void)state;
	train_options_init(&record.options);
	assert_true(card_format(&card, &text, &error));
	assert_null(strstr(text.data, "model-index"));
	text.size = 0;
	card.step = 10;
	assert_true(card_format(&card, &text, &error));
	assert_has(text.data, "value: 0.7500\n");
	buffer_free(&text);
	text.maximum = 500;
	assert_false(card_format(&card, &text, &error));
	buffer_free(&text);
}

static void assert_optimizer(const char *optim, const char *arguments, const char *line)
{
	struct run_record record = {.data.path = "/d/reviews.csv", .model.path = "/m/base"};
	const struct card card = {.name = "x", .origin = "", .architecture = "bert", .record = &record};
	struct buffer text = {.maximum = CARD_BYTES_MAX};
	struct error error = {0};

	train_options_init(&record.options);
	train_set(&record.options, "optim", optim);
	train_set(&record.options, "optim-args", arguments);
	train_set(&record.options, "adam-beta2", "0.99");
	assert_true(card_format(&card, &text, &error));
	assert_has(text.data, line);
	buffer_free(&text);
}

static void the_optimizer_is_the_one_that_trained(void **state)
{
	(void)state;
	assert_optimizer("adamw_torch", "", "\n- optimizer: AdamW with betas=(0.9,0.99) and epsilon=1e-08\n");
	assert_optimizer("sgd", "momentum=0.9,nesterov=true", "\n- optimizer: SGD with momentum=0.9, dampening=0 and nesterov=true\n");
	assert_optimizer("lion_32bit", "", "\n- optimizer: Lion with betas=(0.9,0.99)\n");
	assert_optimizer("adafactor", "", "\n- optimizer: Adafactor\n");
}

static void hostile_labels_stay_in_their_places(void **state)
{
	struct train_folder *folder = *state;
	char *text;

	train_write_reviews(folder->data, 150, "no", "<img src=x>`on`");
	train_set(&folder->options, "num-train-epochs", "0.2");
	train_whole(folder, folder->run);
	text = read_card(folder->run);
	assert_has(text, "\n- 0: `` <img src=x>`on` ``\n- 1: `no`\n");
	free(text);
}

/* The base's config.json is what tells its name on the Hub. */
static void the_base_is_linked_where_its_config_names_it(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	char path[450], *text;
	json_t *config;

	snprintf(path, sizeof path, "%s/config.json", folder->model);
	config = json_read(path, 1 << 20, &error);
	json_object_set_new(config, "_name_or_path", json_string("org/small-bert"));
	assert_true(json_write(path, config, &error));
	json_decref(config);
	train_set(&folder->options, "num-train-epochs", "0.2");
	train_whole(folder, folder->run);
	text = read_card(folder->run);
	assert_has(text, "\nbase_model: \"org/small-bert\"\n");
	assert_has(text, "[org/small-bert](https://huggingface.co/org/small-bert)");
	free(text);
}

#define TRAIN(test) cmocka_unit_test_setup_teardown(test, train_setup, train_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(yaml_texts_stay_texts),
		cmocka_unit_test(code_holds_markdown_and_html_without_being_either),
		cmocka_unit_test(control_characters_and_length_are_bounded),
		cmocka_unit_test(identifiers_and_hub_names_are_plain),
		TRAIN(a_card_has_the_figures_of_the_weights_that_were_saved),
		TRAIN(a_card_tells_nothing_of_the_users_folders),
		TRAIN(without_validation_there_is_no_model_index),
		cmocka_unit_test(the_optimizer_is_the_one_that_trained),
		cmocka_unit_test(a_model_index_has_all_figures_that_were_measured),
		cmocka_unit_test(an_evaluation_of_other_weights_is_no_result),
		TRAIN(hostile_labels_stay_in_their_places),
		TRAIN(the_base_is_linked_where_its_config_names_it),
	};

	return cmocka_run_group_tests_name("card", tests, NULL, NULL);
}
