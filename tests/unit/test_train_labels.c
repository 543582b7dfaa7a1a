/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/train: trainings on reviews that have several labels, or none. */
#include "tests/unit/train_check.h"

#include "engine/evaluate.h"

/* `rows` reviews as JSON lines; the words tell the labels. `most`: labels that one may have. */
static void write_sets(const char *path, int rows, int most)
{
	static const char *const labels[] = {"good", "bad", "food"};
	static const int word_of[] = {0, 3, 8};
	FILE *file = fopen(path, "w");
	unsigned seed = 3;

	assert_non_null(file);
	for (int i = 0; i < rows; i++) {
		unsigned set = (seed = seed * 1103515245u + 12345u) >> 16 & 7;
		int left = most;
		const char *between = "";

		set = most == 1 ? 1u << i % 3 : set;
		fprintf(file, "{\"text\": \"%s", set ? "" : "the story and it");
		for (int l = 0; l < 3; l++)
			if (set >> l & 1)
				fprintf(file, " %s %s", train_words[word_of[l]], train_words[word_of[l]]);
		fprintf(file, "\", \"labels\": [");
		for (int l = 0; l < 3; l++)
			if ((set >> l & 1) && left-- > 0) {
				fprintf(file, "%s\"%s\"", between, labels[l]);
				between = ", ";
			}
		fprintf(file, "]}\n");
	}
	fclose(file);
}

static void use_sets(struct train_folder *folder, int most)
{
	snprintf(folder->data, sizeof folder->data, "%s/sets.jsonl", folder->path);
	write_sets(folder->data, 120, most);
}

static struct model *open_trained(const char *run)
{
	struct error error = {0};
	struct model *model = model_open(run, &(struct model_options){.head_needed = true}, NULL, &error);

	if (!model)
		fail_msg("%s", error.text);
	return model;
}

static struct metric_figures measure(struct model *model, const char *data, char separator)
{
	struct error error = {0};
	struct dataset *dataset = dataset_open(data, &(struct dataset_options){.dialect.label_separator = separator}, &error);
	struct evaluation evaluation = {0};
	struct metric_figures figures;

	assert_non_null(dataset);
	if (!evaluate(model, dataset, 0, &evaluation, NULL, &error))
		fail_msg("%s", error.text);
	figures = metrics_figures(&evaluation.metrics);
	evaluation_free(&evaluation);
	dataset_close(dataset);
	return figures;
}

static void several_labels_are_learned_and_the_model_says_so(void **state)
{
	struct train_folder *folder = *state;
	struct metric_figures figures;
	struct model *model;

	train_write_reviews(folder->data, 150, "poor", "fine|short");
	train_set(&folder->options, "label-separator", "|");
	train_set(&folder->options, "num-train-epochs", "6");
	train_whole(folder, folder->run);
	model = open_trained(folder->run);
	assert_true(model_config(model)->independent_labels);
	assert_int_equal(model_config(model)->num_labels, 3);
	figures = measure(model, folder->data, '|');
	assert_true(figures.accuracy > 0.9 && figures.micro_f1 > 0.95 && figures.hamming_loss < 0.05);
	model_close(model);
}

/* Six labels, each by one of two words that stand for it, among words that stand for none; some rows have no label.
 * The words of the fifth and sixth come together more often than not. */
static void write_many(const char *path, int rows, unsigned seed)
{
	static const char *const labels[] = {"plot", "cast", "music", "price", "place", "staff"};
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	for (int i = 0; i < rows; i++) {
		unsigned set = (seed = seed * 1103515245u + 12345u) >> 16 & 63;
		const char *between = "";
		if (set >> 4 & 1 && (seed >> 24) % 4)
			set |= 32;
		fprintf(file, "{\"text\": \"it");
		for (int l = 0; l < 6; l++) {
			seed = seed * 1103515245u + 12345u;
			fprintf(file, " %s", train_words[12 + (seed >> 16) % 4]);
			if (set >> l & 1)
				fprintf(file, " %s", train_words[2 * l + (int)((seed >> 20) & 1)]);
		}
		fprintf(file, "\", \"labels\": [");
		for (int l = 0; l < 6; l++)
			if (set >> l & 1) {
				fprintf(file, "%s\"%s\"", between, labels[l]);
				between = ", ";
			}
		fprintf(file, "]}\n");
	}
	fclose(file);
}

/* Four layers of 64, eight times as many numbers in a layer as the model of the other tests has. */
static void write_wide_model(const char *folder, const char *vocabulary)
{
	struct error error = {0};
	const struct model_config config = {
		.architecture = &architecture_bert, .vocab_size = TRAIN_WORDS + 5, .hidden_size = 64,
		.num_hidden_layers = 4, .num_attention_heads = 4, .intermediate_size = 128,
		.max_position_embeddings = 32, .type_vocab_size = 2, .hidden_act = ACTIVATION_GELU,
		.layer_norm_eps = 1e-12f, .initializer_range = 0.05f, .hidden_dropout_prob = 0.1f,
		.attention_probs_dropout_prob = 0.1f, .classifier_dropout = 0.1f, .num_labels = 2,
	};
	struct model *model = model_new(&config, tokenizer_open(vocabulary, &error), 7, &error);

	assert_non_null(model);
	assert_true(model_save(model, folder, &error));
	model_close(model);
}

/* The best micro F1 of who says the same of every review: of the labels with the most rows so many as serve it best. */
static double trivial_f1(const struct metrics *metrics)
{
	uint64_t support[8], hits = 0, all = 0;
	double best = 0;

	for (int32_t i = 0; i < metrics->labels; i++)
		all += support[i] = metrics->tally.support[i];
	for (int32_t said = 1; said <= metrics->labels; said++) {
		int32_t most = 0;
		for (int32_t i = 1; i < metrics->labels; i++)
			most = support[i] > support[most] ? i : most;
		hits += support[most];
		support[most] = 0;
		best = fmax(best, 2.0 * (double)hits / (double)((uint64_t)said * metrics->count + all));
	}
	return best;
}

/* On rows that it never saw. */
static void a_wider_model_learns_several_labels_far_beyond_saying_the_same(void **state)
{
	struct train_folder *folder = *state;
	struct evaluation evaluation = {0};
	struct error error = {0};
	struct metric_figures figures;
	struct dataset *dataset;
	struct model *model;
	char unseen[300];
	double trivial;

	snprintf(folder->data, sizeof folder->data, "%s/many.jsonl", folder->path);
	snprintf(unseen, sizeof unseen, "%s/unseen.jsonl", folder->path);
	write_many(unseen, 300, 12345);
	write_many(folder->data, 600, 11);
	write_wide_model(folder->model, folder->path);
	train_set(&folder->options, "learning-rate", "1e-3");
	train_set(&folder->options, "per-device-train-batch-size", "16");
	train_set(&folder->options, "num-train-epochs", "5");
	train_set(&folder->options, "validation", "0");
	train_whole(folder, folder->run);
	model = open_trained(folder->run);
	assert_int_equal(model_config(model)->num_labels, 6);
	dataset = dataset_open(unseen, &(struct dataset_options){0}, &error);
	assert_true(evaluate(model, dataset, 0, &evaluation, NULL, &error));
	figures = metrics_figures(&evaluation.metrics);
	trivial = trivial_f1(&evaluation.metrics);
	assert_true(trivial > 0.5 && trivial < 0.75);
	if (figures.micro_f1 < 0.95 || figures.accuracy < 0.8 || figures.macro_f1 < 0.95)
		fail_msg("micro F1 %.4f, macro F1 %.4f, accuracy %.4f; who says the same of all has %.4f", figures.micro_f1,
		         figures.macro_f1, figures.accuracy, trivial);
	evaluation_free(&evaluation);
	dataset_close(dataset);
	model_close(model);
}

static void a_resumed_training_of_sets_equals_an_uninterrupted_one(void **state)
{
	struct train_folder *folder = *state;

	use_sets(folder, 3);
	train_whole(folder, folder->run);
	train_until(folder, folder->other, 9);
	train_resume_whole(folder->other);
	train_assert_same_weights(folder->run, folder->other);
	train_assert_same_curves(folder->run, folder->other);
}

static void threads_do_not_change_a_training_of_sets(void **state)
{
	struct train_folder *folder = *state;

	use_sets(folder, 3);
	train_whole(folder, folder->run);
	train_set(&folder->options, "threads", "2");
	train_whole(folder, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

static void lists_of_one_label_each_exclude_each_other(void **state)
{
	struct train_folder *folder = *state;
	struct model *model;

	use_sets(folder, 1);
	train_set(&folder->options, "num-train-epochs", "20");
	train_set(&folder->options, "learning-rate", "1e-2");
	train_whole(folder, folder->run);
	model = open_trained(folder->run);
	assert_false(model_config(model)->independent_labels);
	assert_true(measure(model, folder->data, 0).accuracy > 0.5);
	model_close(model);
	assert_true(train_has_event(folder->run, "every review has exactly one label: they exclude each other "
	                                         "(single_label_classification)"));
}

static void one_label_each_can_be_trained_as_independent(void **state)
{
	struct train_folder *folder = *state;
	struct metric_figures figures;
	struct model *model;

	train_set(&folder->options, "problem-type", "multi_label_classification");
	train_set(&folder->options, "num-train-epochs", "6");
	train_whole(folder, folder->run);
	model = open_trained(folder->run);
	assert_true(model_config(model)->independent_labels);
	figures = measure(model, folder->data, 0); /* one label a review is a set of one */
	assert_true(figures.accuracy > 0.9 && !isnan(figures.hamming_loss));
	model_close(model);
}

static void several_labels_are_refused_where_one_is_wanted(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};

	use_sets(folder, 3);
	train_set(&folder->options, "problem-type", "single_label_classification");
	train_fails(train_start(folder, folder->run, &error), &error, ERROR_DATA, "but one label a review is trained");
}

static void the_same_set_everywhere_is_refused(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	FILE *file;

	snprintf(folder->data, sizeof folder->data, "%s/same.jsonl", folder->path);
	file = fopen(folder->data, "w");
	for (int i = 0; i < 10; i++)
		fputs("{\"text\": \"the film\", \"labels\": [\"a\", \"b\"]}\n", file);
	fclose(file);
	train_fails(train_start(folder, folder->run, &error), &error, ERROR_DATA, "every row has the same labels");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, train_setup, train_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(several_labels_are_learned_and_the_model_says_so),
		TEST(a_wider_model_learns_several_labels_far_beyond_saying_the_same),
		TEST(a_resumed_training_of_sets_equals_an_uninterrupted_one),
		TEST(threads_do_not_change_a_training_of_sets),
		TEST(lists_of_one_label_each_exclude_each_other),
		TEST(one_label_each_can_be_trained_as_independent),
		TEST(several_labels_are_refused_where_one_is_wanted),
		TEST(the_same_set_everywhere_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
