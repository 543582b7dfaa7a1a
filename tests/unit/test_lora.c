/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adapters in the network: against peft (tests/golden/make_peft.py), against finite differences, against the base and the
 * merged model. */
#include "tests/unit/numeric.h"

#include "engine/base/json.h"
#include "engine/format/config.h"
#include "engine/model/adapter.h"
#include "engine/model/model.h"
#include "engine/train/optimize/optimizer.h"

#define LOGIT_TOLERANCE 2e-5
#define GRADIENT_TOLERANCE 1e-5 /* of a tensor's norm */
#define LOSS_TOLERANCE 1e-4
#define ZERO_TOLERANCE 1e-7 /* of all: a key's bias, which moves no score */

static const struct lora_settings query_value = {.rank = 4, .alpha = 8, .target_modules = "query,value", .modules_to_save = ""};

static struct model_config small_config(const char *architecture)
{
	return (struct model_config){
		.architecture = architecture_find(architecture), .vocab_size = 120, .hidden_size = 36, .num_hidden_layers = 2,
		.num_attention_heads = 3, .intermediate_size = 40, .max_position_embeddings = 48,
		.type_vocab_size = strcmp(architecture, "bert") == 0 ? 2 : 0, .hidden_act = ACTIVATION_GELU,
		.layer_norm_eps = 1e-12f, .initializer_range = 0.02f, .pad_token_id = 0, .num_labels = 2,
	};
}

/* A model that looks as if a file had given all of it. */
static struct model *base_of(const struct model_config *config)
{
	struct model *model = numeric_model(config);

	for (int row = 0; row < model_parameter_rows(model); row++)
		model_parameter(model, row)->fresh = false;
	return model;
}

static struct model *adapted(const struct model_config *config, const struct lora_settings *settings, bool fill)
{
	struct model *model = base_of(config);
	struct error error = {0};

	if (!model_add_lora(model, settings, 7, &error))
		fail_msg("%s", error.text);
	if (fill)
		numeric_fill(model, "");
	return model;
}

/* The batch that most tests take. */
static struct numeric_batch some_batch(void)
{
	static const int32_t lengths[] = {11, 1, 30};

	return numeric_batch(120, 2, lengths, 3, 0);
}

static void score_into(struct model *model, float logits[6])
{
	struct numeric_batch batch = some_batch();

	numeric_reserve(model, &batch, false);
	network_score(model, &batch.batch, logits);
	numeric_batch_free(&batch);
}

/* Against peft */

struct golden {
	json_t *expected;
	int32_t lengths[8], sequences;
	struct hf_config config;
	char folder[256]; /* in the source tree */
};

static struct golden golden_read(const char *name)
{
	struct golden golden = {0};
	struct error error = {0};
	char path[300];

	snprintf(golden.folder, sizeof golden.folder, "tests/golden/peft/%s", name);
	snprintf(path, sizeof path, "%s/expected.json", golden.folder);
	golden.expected = json_read(check_source(path), 1 << 22, &error);
	if (!golden.expected || !hf_config_read(check_source(golden.folder), NULL, &golden.config, &error))
		fail_msg("%s", error.text);
	golden.sequences = (int32_t)json_array_size(json_object_get(golden.expected, "lengths"));
	assert_in_range(golden.sequences, 1, 8);
	for (int32_t s = 0; s < golden.sequences; s++)
		golden.lengths[s] =
			(int32_t)json_integer_value(json_array_get(json_object_get(golden.expected, "lengths"), (size_t)s));
	golden.config.model.num_labels =
		(int32_t)json_array_size(json_array_get(json_object_get(golden.expected, "logits"), 0));
	return golden;
}

static void golden_free(struct golden *golden)
{
	hf_config_free(&golden->config);
	json_decref(golden->expected);
}

static void check_logits(struct model *model, const struct golden *golden)
{
	int32_t labels = golden->config.model.num_labels;
	struct numeric_batch batch = numeric_batch(120, labels, golden->lengths, golden->sequences, 0);
	json_t *rows = json_object_get(golden->expected, "logits");
	float logits[64];

	numeric_reserve(model, &batch, false);
	network_score(model, &batch.batch, logits);
	for (int32_t i = 0; i < golden->sequences * labels; i++) {
		double wanted = json_number_value(json_array_get(json_array_get(rows, (size_t)(i / labels)), (size_t)(i % labels)));

		if (!(fabs((double)logits[i] - wanted) <= LOGIT_TOLERANCE))
			fail_msg("logit %d is %.9g, peft has %.9g", (int)i, (double)logits[i], wanted);
	}
	numeric_batch_free(&batch);
}

/* The base that the golden adapters were made on, in a folder of its own. */
static void save_base(const struct golden *golden, char folder[256])
{
	struct model *model = numeric_model(&golden->config.model);
	struct error error = {0};

	check_folder(folder, 256);
	network_values_changed(model); /* its head counts as trained, or it would not be written */
	if (!model_save(model, folder, &error))
		fail_msg("%s", error.text);
	model_close(model);
}

static void an_adapter_of_peft_scores_as_in_peft(void **state)
{
	struct golden golden = golden_read(*state);
	struct error error = {0};
	char base[256];
	struct model *model;

	save_base(&golden, base);
	model = model_open(check_source(golden.folder), &(struct model_options){.base = base, .head_needed = true}, NULL, &error);
	if (!model)
		fail_msg("%s", error.text);
	check_logits(model, &golden);
	assert_non_null(model_adapter(model));
	assert_string_equal(model_adapter(model)->base, base);
	model_close(model);
	check_folder_remove(base);
	golden_free(&golden);
}

static double norm_of(const float *a, const float *b, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++) {
		double difference = (double)a[i] - (b ? (double)b[i] : 0.0);

		sum += difference * difference;
	}
	return sqrt(sum);
}

static double pass_once(struct model *model, const struct golden *golden, uint32_t step)
{
	struct numeric_batch batch = numeric_batch(120, golden->config.model.num_labels, golden->lengths, golden->sequences, step);
	struct train_pass pass = {.scale = 1.0f / (float)golden->sequences, .no_dropout = true};
	double loss;

	numeric_reserve(model, &batch, true);
	network_zero_gradients(model);
	loss = network_train(model, &batch.batch, &pass) / golden->sequences;
	numeric_batch_free(&batch);
	return loss;
}

/* What trains here is what peft trains, and has its gradients. */
static void check_gradients(struct model *model, const struct golden *golden)
{
	struct error error = {0};
	struct tensor_file *file;
	size_t trained = 0;
	char path[300];

	snprintf(path, sizeof path, "%s/gradients.safetensors", golden->folder);
	file = tensor_file_open(check_source(path), &error);
	if (!file)
		fail_msg("%s", error.text);
	for (int row = 0; row < model_parameter_rows(model); row++) {
		struct parameter *p = model_parameter(model, row);
		const struct tensor *tensor = tensor_file_find(file, p->name);
		float *got, *wanted;
		double limit;

		if (p->trainable != (tensor != NULL))
			fail_msg("%s %s here, not in peft", p->name, p->trainable ? "trains" : "is frozen");
		if (!tensor)
			continue;
		trained++;
		got = numeric_download(model, p->gradient, p->count);
		wanted = calloc(p->count, sizeof *wanted);
		assert_non_null(wanted);
		assert_int_equal(tensor->count, p->count);
		assert_true(tensor_file_read(file, tensor, wanted, &error));
		limit = GRADIENT_TOLERANCE * norm_of(wanted, NULL, p->count);
		if (numeric_ends_with(p->name, "key.bias"))
			limit = ZERO_TOLERANCE * 10;
		if (!(norm_of(got, wanted, p->count) <= limit))
			fail_msg("gradient of %s: %.3g from peft's, %.3g allowed", p->name, norm_of(got, wanted, p->count), limit);
		free(got);
		free(wanted);
	}
	assert_int_equal(trained, tensor_file_count(file));
	tensor_file_close(file);
}

static void check_losses(struct model *model, const struct golden *golden)
{
	json_t *losses = json_object_get(golden->expected, "losses");
	int steps = (int)json_array_size(losses);
	struct optimizer_settings settings = {.weight_decay = 0.01, .max_grad_norm = 1};
	struct optimizer optimizer;
	struct error error = {0};
	double norm;

	assert_true(optimizer_init(&optimizer, model, NULL, &error));
	assert_int_equal(steps, 10);
	for (int step = 0; step < steps; step++) {
		double loss = pass_once(model, golden, (uint32_t)step);
		double wanted = json_number_value(json_array_get(losses, (size_t)step));

		if (!(fabs(loss - wanted) <= LOSS_TOLERANCE))
			fail_msg("loss of step %d is %.9g, peft has %.9g", step, loss, wanted);
		settings.learning_rate = 1e-3 * (steps - step) / steps;
		assert_true(optimizer_step(&optimizer, &settings, &norm));
	}
	optimizer_free(&optimizer);
}

static void training_is_that_of_peft(struct golden golden, const struct lora_settings *settings)
{
	struct model *model = adapted(&golden.config.model, settings, true);

	check_logits(model, &golden);
	assert_true(fabs(pass_once(model, &golden, 0) - json_number_value(json_object_get(golden.expected, "loss"))) <= LOGIT_TOLERANCE);
	check_gradients(model, &golden);
	check_losses(model, &golden);
	model_close(model);
	golden_free(&golden);
}

static void query_and_value_train_as_in_peft(void **state)
{
	(void)state;
	training_is_that_of_peft(golden_read("bert-query-value"), &query_value);
}

static void all_linear_layers_and_all_biases_train_as_in_peft(void **state)
{
	(void)state;
	training_is_that_of_peft(golden_read("bert-all-linear"), &(struct lora_settings){
		.rank = 3, .alpha = 6, .rslora = true, .bias = LORA_BIAS_ALL, .target_modules = "all-linear", .modules_to_save = ""});
}

static void distilbert_and_biases_of_adapted_layers_train_as_in_peft(void **state)
{
	(void)state;
	training_is_that_of_peft(golden_read("distilbert"), &(struct lora_settings){
		.rank = 4, .alpha = 16, .bias = LORA_BIAS_LORA_ONLY, .target_modules = "q_lin,v_lin,lin1", .modules_to_save = ""});
}

/* Against finite differences, with the dropout of the adapters */

static double loss_with(struct model *model, const struct numeric_batch *batch)
{
	return network_train(model, &batch->batch, &(struct train_pass){.scale = 1, .seed = 3, .step = 5});
}

static void check_difference(struct model *model, const struct numeric_batch *batch, struct parameter *p, size_t at,
                             double gradient)
{
	float *values = numeric_download(model, p->value, p->count), kept = values[at];
	const float step = 0x1p-6f;
	double up, down, wanted;

	values[at] = kept + step;
	numeric_upload(model, p->value, values, p->count);
	up = loss_with(model, batch);
	values[at] = kept - step;
	numeric_upload(model, p->value, values, p->count);
	down = loss_with(model, batch);
	values[at] = kept;
	numeric_upload(model, p->value, values, p->count);
	free(values);
	wanted = (up - down) / (2 * (double)step);
	if (!(fabs(gradient - wanted) <= 2e-3 + 0.02 * fabs(wanted)))
		fail_msg("%s[%zu]: gradient %.6g, difference %.6g", p->name, at, gradient, wanted);
}

static void gradients_are_finite_differences(void **state)
{
	const struct lora_settings settings = {.rank = 3, .alpha = 6, .dropout = 0.4, .target_modules = "all-linear",
	                                       .modules_to_save = ""};
	struct model_config config = small_config("bert");
	struct model *model = adapted(&config, &settings, true);
	struct numeric_batch batch = some_batch();

	(void)state;
	numeric_reserve(model, &batch, true);
	for (int row = 0; row < model_parameter_rows(model); row++) {
		struct parameter *p = model_parameter(model, row);
		float *gradient;

		if (p->part == PART_BASE)
			continue;
		network_zero_gradients(model);
		loss_with(model, &batch);
		gradient = numeric_download(model, p->gradient, p->count);
		for (size_t i = 0; i < 3; i++)
			check_difference(model, &batch, p, (i * 41 + 7) % p->count, (double)gradient[(i * 41 + 7) % p->count]);
		free(gradient);
	}
	numeric_batch_free(&batch);
	model_close(model);
}

/* --freeze after the adapters were made: what is left has the same gradients, to the bit. */
static void frozen_halves_change_nothing_for_the_others(void **state)
{
	const struct lora_settings settings = {.rank = 3, .alpha = 6, .dropout = 0.4, .target_modules = "all-linear",
	                                       .modules_to_save = ""};
	struct model_config config = small_config("bert");
	struct model *all = adapted(&config, &settings, true), *some = adapted(&config, &settings, true);
	struct numeric_batch batch = some_batch();

	(void)state;
	for (int row = 0; row < model_parameter_rows(some); row++) {
		struct parameter *p = model_parameter(some, row);

		if (p->part == (p->layer == 1 ? PART_LORA_A : PART_LORA_B) || (p->part != PART_BASE && p->role == ROLE_KEY_WEIGHT))
			p->trainable = false;
	}
	numeric_reserve(all, &batch, true);
	numeric_reserve(some, &batch, true);
	assert_true(loss_with(all, &batch) == loss_with(some, &batch));
	for (int row = 0; row < model_parameter_rows(some); row++) {
		struct parameter *p = model_parameter(some, row);

		assert_true((p->gradient != NULL) == p->trainable || p->part == PART_BASE);
		if (p->trainable)
			numeric_assert_same(all, model_parameter(all, row)->gradient, some, p->gradient, p->count);
	}
	numeric_batch_free(&batch);
	model_close(all);
	model_close(some);
}

/* Against the base and the merged model */

static void with_b_zero_it_is_the_base_to_the_bit(void **state)
{
	struct model_config config = small_config("bert");
	const struct lora_settings settings = {.rank = 5, .alpha = 9, .target_modules = "all-linear", .modules_to_save = ""};
	struct model *base = base_of(&config), *model = adapted(&config, &settings, false);
	float of_base[6], of_model[6];
	struct numeric_batch batch = some_batch();
	double loss;

	(void)state;
	score_into(base, of_base);
	score_into(model, of_model);
	assert_memory_equal(of_base, of_model, sizeof of_base);
	numeric_reserve(base, &batch, true);
	numeric_reserve(model, &batch, true);
	loss = loss_with(base, &batch);
	assert_true(loss == loss_with(model, &batch));
	numeric_batch_free(&batch);
	model_close(base);
	model_close(model);
}

static void a_is_uniform_and_b_is_zero(void **state)
{
	struct model_config config = small_config("bert");
	struct model *model = adapted(&config, &query_value, false);
	struct parameter *a = NULL;
	double least = 1, most = -1;

	(void)state;
	for (int row = 0; row < model_parameter_rows(model); row++) {
		struct parameter *p = model_parameter(model, row);
		float *values = numeric_download(model, p->value, p->count);

		a = p->part == PART_LORA_A ? p : a;
		for (size_t i = 0; i < p->count && p->part != PART_BASE; i++) {
			assert_true(p->part == PART_LORA_A || values[i] == 0);
			least = fmin(least, (double)values[i]);
			most = fmax(most, (double)values[i]);
		}
		free(values);
	}
	assert_non_null(a);
	assert_int_equal(a->shape[0], 4);
	assert_int_equal(a->shape[1], 36);
	assert_true(least >= -1.0 / 6 && least < -0.16 && most <= 1.0 / 6 && most > 0.16);
	model_close(model);
}

/* Opens a folder and compares its scores with those of `model`. */
static void check_opened(struct model *model, const char *folder, const char *base, double tolerance)
{
	struct error error = {0};
	struct model *opened = model_open(folder, &(struct model_options){.base = base, .head_needed = true}, NULL, &error);
	float wanted[6], got[6];

	if (!opened)
		fail_msg("%s", error.text);
	score_into(model, wanted);
	score_into(opened, got);
	for (int i = 0; i < 6; i++)
		if (!(fabs((double)wanted[i] - (double)got[i]) <= tolerance * fmax(1, fabs((double)wanted[i]))))
			fail_msg("logit %d is %.9g, unmerged %.9g", i, (double)got[i], (double)wanted[i]);
	model_close(opened);
}

static void merged_and_adapter_folders_score_alike(struct model *model, const struct lora_settings *settings)
{
	char base[256], merged[256], folder[256];
	struct model *whole = base_of(model_config(model));
	struct error error = {0};

	check_folder(base, sizeof base);
	check_folder(merged, sizeof merged);
	check_folder(folder, sizeof folder);
	network_values_changed(whole);
	network_values_changed(model);
	if (!model_save(whole, base, &error) || !model_save(model, merged, &error) ||
	    !adapter_save(model, settings, base, folder, &error))
		fail_msg("%s", error.text);
	check_opened(model, merged, NULL, 1e-6);
	check_opened(model, folder, NULL, 1e-6);
	check_opened(model, folder, base, 1e-6);
	model_close(whole);
	check_folder_remove(base);
	check_folder_remove(merged);
	check_folder_remove(folder);
}

static void what_is_saved_scores_as_what_was_trained(void **state)
{
	static const struct lora_settings settings[] = {
		{.rank = 4, .alpha = 8, .target_modules = "query,value", .modules_to_save = ""},
		{.rank = 2, .alpha = 3, .rslora = true, .bias = LORA_BIAS_ALL, .target_modules = "all-linear", .modules_to_save = ""},
		{.rank = 3, .alpha = 3, .bias = LORA_BIAS_LORA_ONLY, .target_modules = ".*\\.layer\\.1\\..*(key|dense)",
		 .modules_to_save = "pooler"},
	};
	struct model_config config = small_config("bert");

	(void)state;
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		struct model *model = adapted(&config, &settings[i], true);

		merged_and_adapter_folders_score_alike(model, &settings[i]);
		model_close(model);
	}
}

/* A dense layer of the head that the base lacks is not the base's: it trains, and goes along. */
static void a_head_that_the_base_lacks_is_in_the_adapter(void **state)
{
	struct model_config config = small_config("bert");
	struct model *model = base_of(&config);
	struct error error = {0};

	(void)state;
	model_find_parameter(model, ROLE_HEAD_WEIGHT, OUTSIDE_LAYERS)->fresh = true;
	model_find_parameter(model, ROLE_HEAD_BIAS, OUTSIDE_LAYERS)->fresh = true;
	assert_true(model_add_lora(model, &query_value, 7, &error));
	assert_true(model_find_parameter(model, ROLE_HEAD_WEIGHT, OUTSIDE_LAYERS)->trainable);
	numeric_fill(model, "");
	merged_and_adapter_folders_score_alike(model, &query_value);
	model_close(model);
}

/* Adapters of people */

struct real {
	const char *name, *architecture;
	int32_t layers, matrices;
	bool head;
};

/* The base of a real adapter, as far as its adapter can tell: its width and its layers, the rest small and of the formula. */
static struct model *base_like(const struct real *real)
{
	struct model_config config = small_config(real->architecture);

	config.hidden_size = 768;
	config.num_attention_heads = 12;
	config.num_hidden_layers = real->layers;
	config.intermediate_size = 8;
	return base_of(&config);
}

/* How far what was added to a query matrix is from what the file alone says. */
static double largest_error(struct tensor_file *file, struct model *model, double scale, struct model *base)
{
	const struct parameter *q = parameters_find(model->parameters, model->parameter_count, ROLE_QUERY_WEIGHT, 1);
	char key[256], module[128];
	struct error error = {0};
	float *halves[2] = {NULL, NULL}, *with, *without;
	double off = 0;
	size_t rank = 0;

	lora_module_name(module, q);
	for (int half = 0; half < 2; half++) {
		const struct tensor *tensor;

		snprintf(key, sizeof key, PEFT_PREFIX "%s.lora_%c.weight", module, 'A' + half);
		tensor = tensor_file_find(file, key);
		assert_non_null(tensor);
		rank = (size_t)tensor->shape[half];
		halves[half] = calloc((size_t)tensor->count, sizeof **halves);
		assert_non_null(halves[half]);
		assert_true(tensor_file_read(file, tensor, halves[half], &error));
	}
	with = numeric_download(model, q->value, q->count);
	without = numeric_download(base, parameters_find(base->parameters, base->parameter_count, ROLE_QUERY_WEIGHT, 1)->value, q->count);
	for (size_t o = 0; o < 768; o += 101)
		for (size_t i = 0; i < 768; i++) {
			double sum = 0;

			for (size_t k = 0; k < rank; k++)
				sum += (double)halves[1][o * rank + k] * (double)halves[0][k * 768 + i];
			off = fmax(off, fabs((double)with[o * 768 + i] - (double)without[o * 768 + i] - scale * sum));
		}
	free(halves[0]);
	free(halves[1]);
	free(with);
	free(without);
	return off;
}

static void check_real_adapter(const struct real *real, const char *folder, const char *base_folder)
{
	struct model *base = base_like(real), *model;
	struct error error = {0};
	struct tensor_file *file;
	char path[4200];

	network_values_changed(base);
	assert_true(model_save(base, base_folder, &error));
	model = model_open(folder, &(struct model_options){.base = base_folder, .head_needed = true}, NULL, &error);
	if (!model)
		fail_msg("%s", error.text);
	assert_int_equal(model_adapter(model)->matrices, real->matrices);
	snprintf(path, sizeof path, "%s/%s", folder, peft_weights_name(folder));
	file = tensor_file_open(path, &error);
	assert_non_null(file);
	assert_int_equal(adapter_labels(file), real->head ? 2 : 0);
	assert_true(largest_error(file, model, model_adapter(model)->alpha / model_adapter(model)->rank, base) < 1e-6);
	tensor_file_close(file);
	model_close(model);
	model_close(base);
}

static void adapters_of_people_are_added(void **state)
{
	static const struct real reals[] = {
		{"lora-bert-base-schadow98", "bert", 12, 24, false},
		{"lora-bert-base-vykhvan", "bert", 12, 24, true}, /* a .bin */
		{"lora-distilbert-imdb-tashu014", "distilbert", 6, 12, true},
	};
	int there = 0;

	(void)state;
	for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
		char name[256], folder[4096], base[256];
		const char *config;

		snprintf(name, sizeof name, "lora/%s/adapter_config.json", reals[i].name);
		config = check_real("REVUE_MODELS", name);
		if (!config)
			continue;
		there++;
		snprintf(folder, sizeof folder, "%.*s", (int)(strlen(config) - strlen("/adapter_config.json")), config);
		check_folder(base, sizeof base);
		check_real_adapter(&reals[i], folder, base);
		check_folder_remove(base);
	}
	if (there == 0)
		skip();
}

/* The rest */

static struct model *with_threads(const struct model_config *config, int threads)
{
	struct error error = {0};
	struct model *model = model_make(config, NULL, numeric_tokenizer(config->vocab_size),
	                                 &(struct model_options){.threads = threads}, &error);
	const struct lora_settings settings = {.rank = 6, .alpha = 8, .dropout = 0.2, .bias = LORA_BIAS_ALL,
	                                       .target_modules = "all-linear", .modules_to_save = ""};

	if (!model || !model_take_values(model, &error))
		fail_msg("%s", error.text);
	for (int row = 0; row < model_parameter_rows(model); row++)
		model_parameter(model, row)->fresh = false;
	if (!model_add_lora(model, &settings, 1, &error))
		fail_msg("%s", error.text);
	numeric_fill(model, "");
	return model;
}

static void one_and_two_threads_agree_to_the_bit(void **state)
{
	struct model_config config = small_config("bert");
	struct model *one, *two;
	struct numeric_batch batch = some_batch();

	(void)state;
	config.hidden_dropout_prob = config.attention_probs_dropout_prob = config.classifier_dropout = 0.1f;
	one = with_threads(&config, 1);
	two = with_threads(&config, 2);
	numeric_reserve(one, &batch, true);
	numeric_reserve(two, &batch, true);
	assert_true(loss_with(one, &batch) == loss_with(two, &batch));
	for (int row = 0; row < model_parameter_rows(one); row++)
		if (model_parameter(one, row)->gradient)
			numeric_assert_same(one, model_parameter(one, row)->gradient, two, model_parameter(two, row)->gradient,
			                    model_parameter(one, row)->count);
	numeric_batch_free(&batch);
	model_close(one);
	model_close(two);
}

static int count_trained(struct model *model, const char *end)
{
	int count = 0;

	for (int row = 0; row < model_parameter_rows(model); row++)
		count += model_parameter(model, row)->trainable && numeric_ends_with(model_parameter(model, row)->name, end);
	return count;
}

static void the_pooler_trains_only_where_it_is_named(void **state)
{
	struct model_config config = small_config("bert"), distilbert = small_config("distilbert");
	struct lora_settings named = query_value, presets = query_value;
	struct model *model = adapted(&config, &query_value, true);

	(void)state;
	assert_int_equal(count_trained(model, "classifier.weight"), 1);
	assert_int_equal(count_trained(model, "pooler.dense.weight"), 0);
	assert_null(model_find_parameter(model, ROLE_QUERY_WEIGHT, 0)->gradient);
	model_close(model);
	named.modules_to_save = "pooler";
	model = adapted(&config, &named, true);
	assert_int_equal(count_trained(model, "pooler.dense.weight"), 1);
	model_close(model);
	presets.target_modules = "";
	model = adapted(&distilbert, &presets, true);
	assert_int_equal(count_trained(model, "classifier.weight"), 2);
	assert_int_equal(count_trained(model, "q_lin.lora_A.weight"), 2);
	assert_int_equal(count_trained(model, "v_lin.lora_B.weight"), 2);
	assert_int_equal(count_trained(model, "lora_A.weight"), 4);
	model_close(model);
}

static void refuses(const struct lora_settings *settings, const char *words)
{
	struct model_config config = small_config("bert");
	struct model *model = base_of(&config);
	struct error error = {0};

	assert_false(model_add_lora(model, settings, 1, &error));
	if (!strstr(error.text, words))
		fail_msg("\"%s\" does not say \"%s\"", error.text, words);
	model_close(model);
}

static void names_that_no_layer_has_are_refused(void **state)
{
	struct lora_settings settings = query_value;

	(void)state;
	settings.target_modules = "query,q_lin";
	refuses(&settings, "no linear layer that is called q_lin");
	settings.target_modules = "classifier";
	refuses(&settings, "called classifier");
	settings.target_modules = ".*nothing.*";
	refuses(&settings, "is meant by .*nothing.*");
	settings.target_modules = "(query";
	refuses(&settings, "is no expression");
	settings.target_modules = "query,,value";
	refuses(&settings, "empty");
	settings = query_value;
	settings.modules_to_save = "poller";
	refuses(&settings, "no module poller");
}

int main(void)
{
	static char names[][32] = {"bert-query-value", "bert-all-linear", "bert-patterns", "distilbert"};
	const struct CMUnitTest tests[] = {
		{"query and value of BERT, read: the scores are those of peft", an_adapter_of_peft_scores_as_in_peft, NULL, NULL, names[0]},
		{"all linear layers and biases, read: the scores are those of peft", an_adapter_of_peft_scores_as_in_peft, NULL, NULL,
		 names[1]},
		{"ranks and scales by patterns, read: the scores are those of peft", an_adapter_of_peft_scores_as_in_peft, NULL, NULL,
		 names[2]},
		{"DistilBERT, read: the scores are those of peft", an_adapter_of_peft_scores_as_in_peft, NULL, NULL, names[3]},
		cmocka_unit_test(query_and_value_train_as_in_peft),
		cmocka_unit_test(all_linear_layers_and_all_biases_train_as_in_peft),
		cmocka_unit_test(distilbert_and_biases_of_adapted_layers_train_as_in_peft),
		cmocka_unit_test(gradients_are_finite_differences),
		cmocka_unit_test(frozen_halves_change_nothing_for_the_others),
		cmocka_unit_test(with_b_zero_it_is_the_base_to_the_bit),
		cmocka_unit_test(a_is_uniform_and_b_is_zero),
		cmocka_unit_test(what_is_saved_scores_as_what_was_trained),
		cmocka_unit_test(a_head_that_the_base_lacks_is_in_the_adapter),
		cmocka_unit_test(adapters_of_people_are_added),
		cmocka_unit_test(one_and_two_threads_agree_to_the_bit),
		cmocka_unit_test(the_pooler_trains_only_where_it_is_named),
		cmocka_unit_test(names_that_no_layer_has_are_refused),
	};

	return cmocka_run_group_tests_name("lora", tests, NULL, NULL);
}
