/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/model against torch and transformers: the values of tests/golden/make_numeric.py. */
#include "tests/unit/numeric.h"
#include "tests/unit/roberta.h"

#include "engine/base/json.h"
#include "engine/format/config.h"
#include "engine/format/tensors.h"
#include "engine/train/optimize/optimizer.h"

#define LOGIT_TOLERANCE 2e-5
#define GRADIENT_TOLERANCE 1e-5 /* of a tensor's norm */
#define LOSS_TOLERANCE 1e-4     /* over 20 steps */
#define SEQUENCES_MAX 8

/* A key's bias moves all scores of a query by the same amount, which softmax does not see: its gradient is 0, and
 * what is computed is rounding. It is compared with this share of the norm of all gradients. */
#define ZERO_TOLERANCE 1e-7

struct golden {
	json_t *expected;
	int32_t lengths[SEQUENCES_MAX], sequences, labels;
};

static struct golden golden_read(const char *name)
{
	struct error error = {0};
	struct golden golden = {0};
	char path[256];
	json_t *lengths;

	snprintf(path, sizeof path, "tests/golden/numeric/%s", name);
	golden.expected = json_read(check_source(path), 1 << 22, &error);
	if (!golden.expected)
		fail_msg("%s", error.text);
	lengths = json_object_get(golden.expected, "lengths");
	golden.sequences = (int32_t)json_array_size(lengths);
	assert_in_range(golden.sequences, 1, SEQUENCES_MAX);
	for (int32_t s = 0; s < golden.sequences; s++)
		golden.lengths[s] = (int32_t)json_integer_value(json_array_get(lengths, (size_t)s));
	golden.labels = (int32_t)json_array_size(json_array_get(json_object_get(golden.expected, "logits"), 0));
	return golden;
}

static double golden_number(const struct golden *golden, const char *key)
{
	return json_number_value(json_object_get(golden->expected, key));
}

static struct numeric_batch golden_batch(const struct golden *golden, const struct model *model, uint32_t step)
{
	return numeric_batch(model_config(model)->vocab_size, golden->labels, golden->lengths, golden->sequences, step);
}

static void check_logits(struct model *model, const struct golden *golden)
{
	struct numeric_batch batch = golden_batch(golden, model, 0);
	json_t *rows = json_object_get(golden->expected, "logits");
	float *logits = calloc((size_t)golden->sequences * (size_t)golden->labels, sizeof *logits);

	assert_non_null(logits);
	numeric_reserve(model, &batch, false);
	network_score(model, &batch.batch, logits);
	for (int32_t s = 0; s < golden->sequences; s++)
		for (int32_t l = 0; l < golden->labels; l++) {
			double wanted = json_number_value(json_array_get(json_array_get(rows, (size_t)s), (size_t)l));
			double got = (double)logits[s * golden->labels + l];

			if (!(fabs(got - wanted) <= LOGIT_TOLERANCE))
				fail_msg("logit %d of sequence %d is %.9g, torch has %.9g", (int)l, (int)s, got, wanted);
		}
	free(logits);
	numeric_batch_free(&batch);
}

/* One pass without dropout; the mean loss. */
static double train_pass(struct model *model, const struct golden *golden, uint32_t step)
{
	struct numeric_batch batch = golden_batch(golden, model, step);
	struct train_pass pass = {.scale = 1.0f / (float)golden->sequences, .no_dropout = true};
	double loss;

	numeric_reserve(model, &batch, true);
	network_zero_gradients(model);
	loss = network_train(model, &batch.batch, &pass) / golden->sequences;
	numeric_batch_free(&batch);
	return loss;
}

/* sqrt of the sum of squares of a - b (b NULL: of a). */
static double norm_of(const float *a, const float *b, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++) {
		double difference = (double)a[i] - (b ? (double)b[i] : 0.0);

		sum += difference * difference;
	}
	return sqrt(sum);
}

static double squares_of(struct backend *backend, const struct parameter *p)
{
	struct clipping *clipping = backend->ops->alloc(backend, sizeof *clipping), found;

	assert_non_null(clipping);
	backend->ops->clip(backend, clipping, &(struct segment){.gradient = p->gradient, .count = p->count}, 1, 0, 1);
	backend->ops->download(backend, &found, clipping, sizeof found);
	backend->ops->release(backend, clipping);
	return found.squares;
}

static double gradient_norm(struct model *model)
{
	double sum = 0;

	for (int row = 0; row < model_parameter_rows(model); row++) {
		struct parameter *p = model_parameter(model, row);

		sum += squares_of(model_backend(model), p);
	}
	return sqrt(sum);
}

static void check_gradients(struct model *model, const char *name)
{
	struct error error = {0};
	char path[256];
	struct tensor_file *file;
	double all = gradient_norm(model);

	snprintf(path, sizeof path, "tests/golden/numeric/%s/gradients.safetensors", name);
	file = tensor_file_open(check_source(path), &error);
	if (!file)
		fail_msg("%s", error.text);
	assert_int_equal(tensor_file_count(file), model_parameter_rows(model));
	for (int row = 0; row < model_parameter_rows(model); row++) {
		struct parameter *p = model_parameter(model, row);
		const struct tensor *tensor = tensor_file_find(file, p->name);
		float *got = numeric_download(model, p->gradient, p->count), *wanted = calloc(p->count, sizeof *wanted);
		double difference, limit;

		assert_non_null(tensor);
		assert_int_equal(tensor->count, p->count);
		assert_true(tensor_file_read(file, tensor, wanted, &error));
		difference = norm_of(got, wanted, p->count);
		limit = GRADIENT_TOLERANCE * norm_of(wanted, NULL, p->count);
		if (numeric_ends_with(p->name, "key.bias") || numeric_ends_with(p->name, "k_lin.bias"))
			limit = ZERO_TOLERANCE * all;
		if (!(difference <= limit))
			fail_msg("gradient of %s: %.3g from torch's, %.3g allowed", p->name, difference, limit);
		free(got);
		free(wanted);
	}
	tensor_file_close(file);
}

/* AdamW with linear schedule and clipping, as make_numeric.py's train(). */
static void check_losses(struct model *model, const struct golden *golden)
{
	json_t *losses = json_object_get(golden->expected, "losses");
	int steps = (int)json_array_size(losses);
	struct optimizer_settings settings = {.weight_decay = 0.01, .max_grad_norm = 1};
	struct optimizer optimizer;
	struct error error = {0};
	double norm;

	assert_true(optimizer_init(&optimizer, model, NULL, &error));
	assert_int_equal(steps, 20);
	for (int step = 0; step < steps; step++) {
		double loss = train_pass(model, golden, (uint32_t)step);
		double wanted = json_number_value(json_array_get(losses, (size_t)step));

		if (!(fabs(loss - wanted) <= LOSS_TOLERANCE))
			fail_msg("loss of step %d is %.9g, torch has %.9g", step, loss, wanted);
		settings.learning_rate = 1e-3 * (steps - step) / steps;
		assert_true(optimizer_step(&optimizer, &settings, &norm));
	}
	optimizer_free(&optimizer);
}

static void small_model_equals_torch(void **state)
{
	const char *name = *state;
	char file[128], folder[128];
	struct error error = {0};
	struct hf_config config = {0};
	struct golden golden;
	struct model *model;

	snprintf(file, sizeof file, "%s/expected.json", name);
	golden = golden_read(file);
	snprintf(folder, sizeof folder, "tests/golden/numeric/%s", name);
	if (!hf_config_read(check_source(folder), NULL, &config, &error))
		fail_msg("%s", error.text);
	config.model.num_labels = golden.labels;
	model = numeric_model(&config.model);
	hf_config_free(&config);

	check_logits(model, &golden);
	assert_true(fabs(train_pass(model, &golden, 0) - golden_number(&golden, "loss")) <= LOGIT_TOLERANCE);
	check_gradients(model, name);
	check_losses(model, &golden);
	model_close(model);
	json_decref(golden.expected);
}

/* A sampled gradient: its norm and some elements. */
static void check_sample(struct model *model, const struct parameter *p, const json_t *sample, double all)
{
	json_t *index = json_object_get(sample, "index"), *value = json_object_get(sample, "value");
	size_t count = json_array_size(index);
	float *gradient = numeric_download(model, p->gradient, p->count);
	double norm = json_number_value(json_object_get(sample, "norm")), squares = 0, wanted_squares = 0;
	double limit;

	assert_true(count > 0);
	for (size_t i = 0; i < count; i++) {
		double wanted = json_number_value(json_array_get(value, i));
		double got = (double)gradient[json_integer_value(json_array_get(index, i))];

		squares += (got - wanted) * (got - wanted);
		wanted_squares += wanted * wanted;
	}
	limit = GRADIENT_TOLERANCE * sqrt(wanted_squares);
	if (numeric_ends_with(p->name, "key.bias"))
		limit = norm = ZERO_TOLERANCE * all;
	else if (fabs(norm_of(gradient, NULL, p->count) - norm) > GRADIENT_TOLERANCE * norm)
		fail_msg("gradient of %s: its norm is not torch's %.9g", p->name, norm);
	if (!(sqrt(squares) <= limit))
		fail_msg("gradient of %s: %.3g from torch's, %.3g allowed", p->name, sqrt(squares), limit);
	free(gradient);
}

static void real_model_equals_torch(void **state)
{
	const char *name = *state, *config;
	char path[256], folder[4096];
	static const char *const labels[] = {"negative", "positive"};
	struct error error = {0};
	struct golden golden;
	struct model *model;
	double all;

	snprintf(path, sizeof path, "%s/config.json", name);
	config = check_real("REVUE_MODELS", path);
	if (!config)
		skip();
	snprintf(folder, sizeof folder, "%.*s", (int)(strlen(config) - strlen("/config.json")), config);
	snprintf(path, sizeof path, "%s.json", name);
	golden = golden_read(path);
	model = model_open(folder, &(struct model_options){0}, NULL, &error);
	if (!model || !model_set_labels(model, labels, 2, 1, &error))
		fail_msg("%s", error.text);
	numeric_fill(model, "classifier");

	check_logits(model, &golden);
	assert_true(fabs(train_pass(model, &golden, 0) - golden_number(&golden, "loss")) <= LOGIT_TOLERANCE);
	all = gradient_norm(model);
	for (int row = 0; row < model_parameter_rows(model); row++) {
		struct parameter *p = model_parameter(model, row);

		check_sample(model, p, json_object_get(json_object_get(golden.expected, "gradients"), p->name), all);
	}
	model_close(model);
	json_decref(golden.expected);
}

#define SMALL(name) {name ": logits, gradients and 20 steps are those of torch", small_model_equals_torch, NULL, NULL, name}
#define REAL(name) {name ": logits and gradients are those of torch", real_model_equals_torch, NULL, NULL, name}

int main(void)
{
	static char names[][32] = {"bert-26", "bert-32", "bert-64", "distilbert-26", "distilbert-32", "distilbert-64",
	                           "roberta-26", "minilm-l6-384", "bert-tiny-toxicity"};
	enum { COUNT = sizeof names / sizeof names[0], REAL = 7 };
	struct CMUnitTest tests[COUNT];
	char titles[COUNT][128];

	architecture_try(&roberta);
	check_filter();
	for (int i = 0; i < COUNT; i++) {
		snprintf(titles[i], sizeof titles[i], "%.31s: logits, gradients%s are those of torch", names[i],
		         i < REAL ? " and losses" : "");
		tests[i] = (struct CMUnitTest){titles[i], i < REAL ? small_model_equals_torch : real_model_equals_torch, NULL,
		                               NULL, names[i]};
	}
	return cmocka_run_group_tests_name("golden", tests, NULL, NULL);
}
