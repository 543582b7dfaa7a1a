/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/model/masked_head.c against torch and transformers (tests/golden/make_masked.py), and what a model with that head is
 * as a folder. */
#include "tests/unit/model_check.h"

#include "engine/format/config.h"
#include "engine/model/inside.h"
#include "engine/train/optimize/optimizer.h"

#define TOLERANCE 1e-5          /* of losses and logits; of gradients as a share of a tensor's norm */
#define LOSS_TOLERANCE 2e-5     /* over 20 steps */
#define ZERO_TOLERANCE 1e-7     /* of the bias of keys, whose gradient is 0: of the norm of all gradients */

enum { SEQUENCES_MAX = 8, MASK = 4 };

/* A batch with masked tokens. */
struct masked_batch {
	struct numeric_batch of;
	int32_t *rows, *ids, *starts;
};

/* As make_masked.py's hidden(): the first sequence has none. */
static struct masked_batch masked_batch(int32_t vocab, const int32_t *lengths, int32_t count)
{
	struct masked_batch b = {.of = numeric_batch(vocab, 2, lengths, count, 0)};
	int32_t found = 0;

	b.rows = calloc((size_t)b.of.tokens, sizeof *b.rows);
	b.ids = calloc((size_t)b.of.tokens, sizeof *b.ids);
	b.starts = calloc((size_t)count + 1, sizeof *b.starts);
	assert_true(b.rows && b.ids && b.starts);
	for (int32_t s = 0; s < count; s++) {
		for (int32_t t = b.of.starts[s]; t < b.of.starts[s + 1]; t++) {
			const uint32_t place = (uint32_t)t, fate = numeric_mix(place + 888) % 10;

			if (s == 0 || numeric_mix(place + 777) % 4 != 0)
				continue;
			b.rows[found] = t;
			b.ids[found++] = b.of.ids[t];
			if (fate < 8)
				b.of.ids[t] = MASK;
			else if (fate == 8)
				b.of.ids[t] = (int32_t)(5 + numeric_mix(place + 999) % (uint32_t)(vocab - 5));
		}
		b.starts[s + 1] = found;
	}
	b.of.batch.labels = NULL;
	b.of.batch.masked = (struct masked_tokens){b.rows, b.ids, b.starts, found};
	return b;
}

static void masked_batch_free(struct masked_batch *b)
{
	numeric_batch_free(&b->of);
	free(b->rows);
	free(b->ids);
	free(b->starts);
}

static void reserve(struct model *model, const struct masked_batch *b, bool training)
{
	network_mask(model, 1);
	numeric_reserve(model, &b->of, training);
}

/* Golden values */

struct golden {
	json_t *expected;
	int32_t lengths[SEQUENCES_MAX], sequences;
	const char *name;
};

static struct golden golden_read(const char *name)
{
	struct error error = {0};
	struct golden golden = {.name = name};
	char path[256];
	json_t *lengths;

	snprintf(path, sizeof path, "tests/golden/masked/%s/expected.json", name);
	golden.expected = json_read(check_source(path), 1 << 22, &error);
	if (!golden.expected)
		fail_msg("%s", error.text);
	lengths = json_object_get(golden.expected, "lengths");
	golden.sequences = (int32_t)json_array_size(lengths);
	assert_in_range(golden.sequences, 1, SEQUENCES_MAX);
	for (int32_t s = 0; s < golden.sequences; s++)
		golden.lengths[s] = (int32_t)json_integer_value(json_array_get(lengths, (size_t)s));
	return golden;
}

static struct model *golden_model(const char *name)
{
	struct hf_config read = {0};
	struct error error = {0};
	struct model *model;
	char folder[128];

	snprintf(folder, sizeof folder, "tests/golden/masked/%s", name);
	if (!hf_config_read(check_source(folder), NULL, &read, &error))
		fail_msg("%s", error.text);
	read.model.masked_lm = true;
	model = numeric_model(&read.model);
	hf_config_free(&read);
	return model;
}

static void check_near(double got, double wanted, double tolerance, const char *what)
{
	if (!(fabs(got - wanted) <= tolerance))
		fail_msg("%s is %.9g, torch has %.9g", what, got, wanted);
}

/* Logits of the first masked tokens, where the pass has left them. */
static void check_logits(struct model *model, const struct golden *golden)
{
	const json_t *rows = json_object_get(golden->expected, "logits");
	const size_t shown = json_array_size(rows), vocab = (size_t)model_config(model)->vocab_size;
	float *logits = numeric_download(model, model->network.activations.predictions, shown * vocab);

	assert_int_equal(shown, 3);
	for (size_t r = 0; r < shown; r++)
		for (size_t c = 0; c < vocab; c++)
			check_near((double)logits[r * vocab + c], json_number_value(json_array_get(json_array_get(rows, r), c)),
			           2 * TOLERANCE, "a logit");
	free(logits);
}

static void check_measure(struct model *model, const struct golden *golden, const struct masked_batch *b)
{
	const json_t *losses = json_object_get(golden->expected, "token_losses"), *right = json_object_get(golden->expected, "right");
	const size_t count = (size_t)b->of.batch.masked.count;
	float *got = calloc(count, sizeof *got);
	bool *hit = calloc(count, sizeof *hit);
	double sum = 0;

	assert_true(got && hit);
	assert_int_equal(count, json_array_size(losses));
	reserve(model, b, false);
	network_measure_masked(model, &b->of.batch, got, hit);
	for (size_t i = 0; i < count; i++) {
		check_near((double)got[i], json_number_value(json_array_get(losses, i)), 2 * TOLERANCE, "the loss of a masked token");
		assert_int_equal(hit[i], json_is_true(json_array_get(right, i)));
		sum += (double)got[i];
	}
	check_near(exp(sum / (double)count) / json_number_value(json_object_get(golden->expected, "perplexity")), 1, TOLERANCE,
	           "the perplexity, as a share of torch's,");
	check_logits(model, golden);
	free(got);
	free(hit);
}

static double train_once(struct model *model, const struct masked_batch *b)
{
	const double count = b->of.batch.masked.count;
	const struct train_pass pass = {.scale = (float)(1 / count), .no_dropout = true};

	network_zero_gradients(model);
	return network_train(model, &b->of.batch, &pass) / count;
}

static double norm_of(const float *a, const float *b, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += pow((double)a[i] - (b ? (double)b[i] : 0.0), 2);
	return sqrt(sum);
}

static double gradient_norm(struct model *model)
{
	double sum = 0;

	for (int row = 0; row < model_parameter_rows(model); row++) {
		const struct parameter *p = model_parameter(model, row);
		float *gradient = numeric_download(model, p->gradient, p->count);

		sum += pow(norm_of(gradient, NULL, p->count), 2);
		free(gradient);
	}
	return sqrt(sum);
}

/* All of them: of the embeddings of words the sum of both uses. */
static void check_gradients(struct model *model, const struct golden *golden)
{
	const double all = gradient_norm(model);
	struct error error = {0};
	struct tensor_file *file;
	char path[256];

	snprintf(path, sizeof path, "tests/golden/masked/%s/gradients.safetensors", golden->name);
	file = tensor_file_open(check_source(path), &error);
	assert_non_null(file);
	assert_int_equal(tensor_file_count(file), model_parameter_rows(model));
	for (int row = 0; row < model_parameter_rows(model); row++) {
		const struct parameter *p = model_parameter(model, row);
		const struct tensor *tensor = tensor_file_find(file, p->name);
		float *got = numeric_download(model, p->gradient, p->count), *wanted = calloc(p->count, sizeof *wanted);
		double limit, difference;

		if (!tensor)
			fail_msg("torch has no %s", p->name);
		assert_true(wanted && tensor_file_read(file, tensor, wanted, &error));
		difference = norm_of(got, wanted, p->count);
		limit = TOLERANCE * norm_of(wanted, NULL, p->count);
		if (numeric_ends_with(p->name, "key.bias") || numeric_ends_with(p->name, "k_lin.bias"))
			limit = ZERO_TOLERANCE * all;
		if (!(difference <= limit))
			fail_msg("gradient of %s: %.3g from torch's, %.3g allowed", p->name, difference, limit);
		free(got);
		free(wanted);
	}
	tensor_file_close(file);
}

static void check_losses(struct model *model, const struct golden *golden, const struct masked_batch *b)
{
	const json_t *losses = json_object_get(golden->expected, "losses");
	const size_t steps = json_array_size(losses);
	struct optimizer_settings settings = {.weight_decay = 0.01, .max_grad_norm = 1};
	struct optimizer optimizer;
	struct error error = {0};
	double norm;

	assert_int_equal(steps, 20);
	assert_true(optimizer_init(&optimizer, model, NULL, &error));
	for (size_t step = 0; step < steps; step++) {
		const double wanted = json_number_value(json_array_get(losses, step));

		check_near(train_once(model, b), wanted, LOSS_TOLERANCE, "the loss of a step");
		settings.learning_rate = 1e-3 * (double)(steps - step) / (double)steps;
		assert_true(optimizer_step(&optimizer, &settings, &norm));
	}
	optimizer_free(&optimizer);
}

static void equals_torch(void **state)
{
	struct golden golden = golden_read(*state);
	struct model *model = golden_model(golden.name);
	struct masked_batch b = masked_batch(model_config(model)->vocab_size, golden.lengths, golden.sequences);

	check_measure(model, &golden, &b);
	reserve(model, &b, true);
	check_near(train_once(model, &b), json_number_value(json_object_get(golden.expected, "loss")), TOLERANCE, "the loss");
	check_gradients(model, &golden);
	check_losses(model, &golden, &b);
	masked_batch_free(&b);
	model_close(model);
	json_decref(golden.expected);
}

/* Parts of the logits */

/* The gradients of a part of the masked tokens, those of other sequences left out; added up in `sums`, row after row. */
static void add_gradients(struct model *model, const struct masked_batch *b, int32_t first, int32_t end, float *sums)
{
	const struct train_pass pass = {.scale = 1, .no_dropout = true};
	struct batch batch = b->of.batch;
	int32_t starts[SEQUENCES_MAX + 1];

	for (int32_t s = 0; s <= batch.sequences; s++) {
		const int32_t at = b->starts[s] < first ? first : b->starts[s] > end ? end : b->starts[s];
		starts[s] = at - first;
	}
	batch.masked = (struct masked_tokens){b->rows + first, b->ids + first, starts, end - first};
	network_zero_gradients(model);
	network_train(model, &batch, &pass);
	for (int row = 0; row < model_parameter_rows(model); row++) {
		const struct parameter *p = model_parameter(model, row);
		float *gradient = numeric_download(model, p->gradient, p->count);

		for (size_t i = 0; i < p->count; i++)
			*sums++ += gradient[i];
		free(gradient);
	}
}

static void logits_in_parts_give_the_gradients_of_the_whole(void **state)
{
	static const int32_t lengths[] = {2, 200, 150};
	struct model_config large = config;
	struct model *model;
	struct masked_batch b;
	size_t count = 0;
	float *whole, *sums;

	(void)state;
	large.vocab_size = 150000;
	large.hidden_size = 8;
	large.num_labels = 0;
	large.masked_lm = true;
	large.max_position_embeddings = 200;
	model = numeric_model(&large);
	b = masked_batch(large.vocab_size, lengths, 3);
	assert_true(b.of.batch.masked.count > MASKED_ROWS_LEAST);
	assert_int_equal(masked_at_once(&large, b.of.batch.masked.count), MASKED_ROWS_LEAST);
	reserve(model, &b, true);
	for (int row = 0; row < model_parameter_rows(model); row++)
		count += model_parameter(model, row)->count;
	whole = calloc(count, sizeof *whole);
	sums = calloc(count, sizeof *sums);
	assert_true(whole && sums);
	add_gradients(model, &b, 0, b.of.batch.masked.count, whole);
	for (int32_t first = 0; first < b.of.batch.masked.count; first += 20)
		add_gradients(model, &b, first, first + 20 < b.of.batch.masked.count ? first + 20 : b.of.batch.masked.count, sums);
	assert_true(norm_of(whole, NULL, count) > 1);
	assert_true(norm_of(whole, sums, count) <= 1e-5 * norm_of(whole, NULL, count));
	free(whole);
	free(sums);
	masked_batch_free(&b);
	model_close(model);
}

/* Folders */

static struct model *open_masked(const char *folder)
{
	struct error error = {0};
	struct model *model = model_open(folder, &(struct model_options){.masked_lm = true}, NULL, &error);

	if (!model)
		fail_msg("%s", error.text);
	return model;
}

static bool has_tensor(const char *folder, const char *name)
{
	struct error error = {0};
	struct tensor_file *file = tensor_file_open_folder(folder, &error);
	bool found;

	assert_non_null(file);
	found = tensor_file_find(file, name) != NULL;
	tensor_file_close(file);
	return found;
}

static void check_class(const char *folder, const char *class)
{
	struct error error = {0};
	char path[300];
	json_t *document;

	snprintf(path, sizeof path, "%s/config.json", folder);
	document = json_read(path, 1 << 20, &error);
	assert_non_null(document);
	assert_string_equal(json_string_value(json_array_get(json_object_get(document, "architectures"), 0)), class);
	assert_null(json_object_get(document, "id2label"));
	json_decref(document);
}

/* A classifier becomes a model for masked words, and that one a base to classify with again. */
static void a_classifier_gets_the_head_and_loses_its_own(void **state)
{
	struct error error = {0};
	char folder[256], masked[256];
	struct model *model;

	(void)state;
	save_model(folder);
	check_folder(masked, sizeof masked);
	model = open_masked(folder);
	assert_notice(model, "tensors not used: ");
	assert_notice(model, "classifier.weight");
	assert_notice(model, "newly initialised, to be trained before use: cls.predictions.transform.dense.weight");
	assert_int_equal(model_config(model)->num_labels, 0);
	numeric_fill(model, "");
	assert_true(model_save(model, masked, &error));
	model_close(model);
	check_class(masked, "BertForMaskedLM");
	assert_true(has_tensor(masked, "cls.predictions.bias"));
	assert_true(has_tensor(masked, "cls.predictions.transform.LayerNorm.weight"));
	assert_false(has_tensor(masked, "cls.predictions.decoder.weight"));
	assert_false(has_tensor(masked, "classifier.weight"));
	model = open_masked(masked);
	assert_int_equal(model_notice_count(model), 0);
	model_close(model);
	model = open_model(masked, false);
	assert_notice(model, "a masked language model (BertForMaskedLM): only its encoder is used");
	model_close(model);
	check_folder_remove(folder);
	check_folder_remove(masked);
}

static void write_again(const char *folder, struct tensor_list *list)
{
	struct error error = {0};
	char path[300];

	snprintf(path, sizeof path, "%s/model.safetensors", folder);
	assert_true(safetensors_write(path, list->out, list->count, &error));
}

/* As older versions of transformers wrote it: the decoder with its tied weight and bias. */
static void the_bias_of_the_decoder_has_two_names(void **state)
{
	struct error error = {0};
	struct model_config masked = config;
	struct tensor_list list = {0};
	char folder[256];
	struct model *model, *again;
	int row = 0;

	(void)state;
	masked.num_labels = 0;
	masked.masked_lm = true;
	model = numeric_model(&masked);
	check_folder(folder, sizeof folder);
	assert_true(model_save(model, folder, &error));
	read_tensors(&list, folder);
	for (size_t i = 0; i < list.count; i++)
		if (strcmp(list.out[i].name, "cls.predictions.bias") == 0)
			list.out[i].name = "cls.predictions.decoder.bias";
	write_again(folder, &list);
	free_tensors(&list);
	again = open_masked(folder);
	while (model_parameter(again, row)->role != ROLE_DECODER_BIAS)
		row++;
	numeric_assert_same(model, model_parameter(model, row)->value, again, model_parameter(again, row)->value, VOCAB);
	assert_int_equal(model_notice_count(again), 0);
	model_close(again);
	model_close(model);
	check_folder_remove(folder);
}

static void a_decoder_of_its_own_is_refused(void **state)
{
	struct error error = {0};
	char folder[256], path[300];
	json_t *document;

	(void)state;
	save_model(folder);
	snprintf(path, sizeof path, "%s/config.json", folder);
	document = json_read(path, 1 << 20, &error);
	json_object_set_new(document, "tie_word_embeddings", json_false());
	assert_int_equal(json_dump_file(document, path, 0), 0);
	json_decref(document);
	assert_null(model_open(folder, &(struct model_options){.masked_lm = true}, NULL, &error));
	assert_non_null(strstr(error.text, "tie_word_embeddings false"));
	check_folder_remove(folder);
}

int main(void)
{
	static char bert[] = "bert", distilbert[] = "distilbert";
	const struct CMUnitTest tests[] = {
		{"bert: losses, logits, gradients and 20 steps are those of torch", equals_torch, NULL, NULL, bert},
		{"distilbert: losses, logits, gradients and 20 steps are those of torch", equals_torch, NULL, NULL, distilbert},
		cmocka_unit_test(logits_in_parts_give_the_gradients_of_the_whole),
		cmocka_unit_test(a_classifier_gets_the_head_and_loses_its_own),
		cmocka_unit_test(the_bias_of_the_decoder_has_two_names),
		cmocka_unit_test(a_decoder_of_its_own_is_refused),
	};

	check_filter();
	return cmocka_run_group_tests_name("masked", tests, NULL, NULL);
}
