/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/model/network.h: what holds for the forward and backward pass whatever the values. */
#include "tests/unit/numeric.h"

#include "engine/backend/open.h"
#include "engine/model/freeze.h"
#include "engine/model/model.h"
#include "engine/model/weights.h"

/* Sequences of all kinds: one token, odd lengths, longer than a block of any kernel. */
static const int32_t lengths[] = {5, 1, 33, 2, 17, 48};
enum { SEQUENCES = 6, VOCAB = 90 };

static struct model_config small_config(const struct architecture *architecture, int32_t layers)
{
	return (struct model_config){
		.architecture = architecture,
		.vocab_size = VOCAB,
		.hidden_size = 52,
		.num_hidden_layers = layers,
		.num_attention_heads = 2,
		.intermediate_size = 70,
		.max_position_embeddings = 64,
		.type_vocab_size = architecture == &architecture_bert ? 2 : 0,
		.hidden_act = ACTIVATION_GELU,
		.layer_norm_eps = 1e-12f,
		.initializer_range = 0.02f,
		.hidden_dropout_prob = 0.1f,
		.attention_probs_dropout_prob = 0.1f,
		.classifier_dropout = 0.2f,
		.num_labels = 3,
	};
}

static struct model *small_model(const struct architecture *architecture, int32_t layers)
{
	struct model_config config = small_config(architecture, layers);

	return numeric_model(&config);
}

static struct numeric_batch all_lengths(void)
{
	return numeric_batch(VOCAB, 3, lengths, SEQUENCES, 0);
}

/* The part of a batch from sequence `first` on. Borrows. */
static struct numeric_batch part_of(const struct numeric_batch *b, int32_t first, int32_t count, int32_t *starts)
{
	struct numeric_batch part = *b;

	part.longest = 0;
	for (int32_t s = 0; s <= count; s++)
		starts[s] = b->starts[first + s] - b->starts[first];
	for (int32_t s = 0; s < count; s++)
		part.longest = starts[s + 1] - starts[s] > part.longest ? starts[s + 1] - starts[s] : part.longest;
	part.batch = (struct batch){
		.ids = b->ids + b->starts[first], .starts = starts, .labels = b->labels + first, .sequences = count,
	};
	part.tokens = starts[count];
	return part;
}

/* To the bit; within rounding on the path of OpenBLAS, which chooses its kernel by the size of a product. */
static void assert_same(struct model *model, const float *a, const float *b, size_t count)
{
	if (model_backend(model)->ops->rows_alone)
		assert_memory_equal(a, b, count * sizeof *a);
	for (size_t i = 0; i < count; i++)
		assert_true(fabs((double)a[i] - (double)b[i]) <= 1e-5);
}

static double train_once(struct model *model, const struct numeric_batch *b, bool dropout)
{
	struct train_pass pass = {.scale = 1.0f / SEQUENCES, .seed = 7, .step = 3, .no_dropout = !dropout};

	numeric_reserve(model, b, true);
	network_zero_gradients(model);
	return network_train(model, &b->batch, &pass);
}

static void a_sequence_alone_scores_as_in_a_batch_to_the_bit(void **state)
{
	static const struct architecture *const architectures[] = {&architecture_bert, &architecture_distilbert};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct model *model = small_model(architectures[i], 2);
		struct numeric_batch batch = all_lengths();
		float together[SEQUENCES * 3], alone[3];
		int32_t starts[2];

		numeric_reserve(model, &batch, false);
		network_score(model, &batch.batch, together);
		for (int32_t s = 0; s < SEQUENCES; s++) {
			struct numeric_batch one = part_of(&batch, s, 1, starts);

			network_score(model, &one.batch, alone);
			assert_same(model, alone, together + 3 * s, 3);
		}
		numeric_batch_free(&batch);
		model_close(model);
	}
}

/* A model with a backend of so many threads. */
static struct model *with_threads(struct model *model, int threads)
{
	struct error error = {0};
	struct model_config config = *model_config(model);
	struct model *other = model_make(&config, NULL, numeric_tokenizer(VOCAB), &(struct model_options){.threads = threads}, &error);

	if (!other || !model_take_values(other, &error))
		fail_msg("%s", error.text);
	numeric_fill(other, "");
	return other;
}

static void one_and_three_threads_agree_to_the_bit(void **state)
{
	struct model *model = small_model(&architecture_bert, 2);
	struct model *one = with_threads(model, 1), *three = with_threads(model, 3);
	struct numeric_batch batch = all_lengths();
	float a[SEQUENCES * 3], b[SEQUENCES * 3];

	(void)state;
	numeric_reserve(one, &batch, true);
	numeric_reserve(three, &batch, true);
	network_score(one, &batch.batch, a);
	network_score(three, &batch.batch, b);
	assert_memory_equal(a, b, sizeof a);
	assert_true(train_once(one, &batch, true) == train_once(three, &batch, true));
	for (int row = 0; row < model_parameter_rows(one); row++) {
		struct parameter *p = model_parameter(one, row), *q = model_parameter(three, row);

		numeric_assert_same(one, p->gradient, three, q->gradient, p->count);
	}
	numeric_batch_free(&batch);
	model_close(three);
	model_close(one);
	model_close(model);
}

/* The second of three layers computes all rows; of two, only those of [CLS]. */
static void only_cls_rows_of_the_last_layer_equal_the_whole_layer(void **state)
{
	struct model *two = small_model(&architecture_bert, 2), *three = small_model(&architecture_bert, 3);
	struct numeric_batch batch = all_lengths();
	float *first, *all;

	(void)state;
	train_once(two, &batch, false);
	train_once(three, &batch, false);
	first = numeric_download(two, two->network.activations.layers[1].output, SEQUENCES * 52);
	all = numeric_download(three, three->network.activations.layers[1].output, (size_t)batch.tokens * 52);
	for (int32_t s = 0; s < SEQUENCES; s++)
		assert_same(two, first + s * 52, all + batch.starts[s] * 52, 52);
	free(first);
	free(all);
	numeric_batch_free(&batch);
	model_close(two);
	model_close(three);
}

static void what_is_kept_for_training_does_not_change_the_scores(void **state)
{
	struct model *model = small_model(&architecture_distilbert, 3);
	struct numeric_batch batch = all_lengths();
	float logits[SEQUENCES * 3], *kept;

	(void)state;
	train_once(model, &batch, false);
	network_score(model, &batch.batch, logits);
	train_once(model, &batch, false);
	kept = numeric_download(model, model->network.activations.logits, SEQUENCES * 3);
	assert_memory_equal(kept, logits, sizeof logits);
	free(kept);
	numeric_batch_free(&batch);
	model_close(model);
}

/* The loss along a direction in one parameter, against the gradient; with dropout, whose mask is a function of the
 * step alone. The direction is the gradient's own, so that the difference is far above rounding. */
static void check_difference(struct model *model, const struct numeric_batch *batch, int row)
{
	struct parameter *p = model_parameter(model, row);
	double norm = 0, up, down, expected;
	float *gradient, *values = numeric_download(model, p->value, p->count);
	float *moved = numeric_download(model, p->value, p->count);
	const float reach = 4e-3f;

	train_once(model, batch, true);
	gradient = numeric_download(model, p->gradient, p->count);
	for (size_t i = 0; i < p->count; i++)
		norm += (double)gradient[i] * (double)gradient[i];
	norm = sqrt(norm);
	for (size_t i = 0; i < p->count; i++)
		moved[i] = values[i] + reach * (float)((double)gradient[i] / norm);
	numeric_upload(model, p->value, moved, p->count);
	network_values_changed(model);
	up = train_once(model, batch, true);
	for (size_t i = 0; i < p->count; i++)
		moved[i] = values[i] - reach * (float)((double)gradient[i] / norm);
	numeric_upload(model, p->value, moved, p->count);
	down = train_once(model, batch, true);
	numeric_upload(model, p->value, values, p->count);
	expected = norm * SEQUENCES;
	if (!numeric_ends_with(p->name, "key.bias") && !numeric_ends_with(p->name, "k_lin.bias") &&
	    !(fabs((up - down) / (2 * (double)reach) - expected) <= 5e-3 * expected))
		fail_msg("%s: the loss changes by %.6g, the gradient says %.6g", p->name, (up - down) / (2 * (double)reach),
		         expected);
	free(moved);
	free(values);
	free(gradient);
}

static void gradients_are_those_of_finite_differences_with_dropout(void **state)
{
	static const struct architecture *const architectures[] = {&architecture_bert, &architecture_distilbert};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct model *model = small_model(architectures[i], 2);
		struct numeric_batch batch = all_lengths();

		for (int row = 0; row < model_parameter_rows(model); row++)
			check_difference(model, &batch, row);
		numeric_batch_free(&batch);
		model_close(model);
	}
}

static void dropout_depends_on_the_step_and_only_on_it(void **state)
{
	struct model *model = small_model(&architecture_bert, 2);
	struct numeric_batch batch = all_lengths();
	struct train_pass pass = {.scale = 1, .seed = 1, .step = 1};
	double first, again, other, none;

	(void)state;
	numeric_reserve(model, &batch, true);
	first = network_train(model, &batch.batch, &pass);
	again = network_train(model, &batch.batch, &pass);
	pass.step = 2;
	other = network_train(model, &batch.batch, &pass);
	pass.no_dropout = true;
	none = network_train(model, &batch.batch, &pass);
	assert_true(first == again);
	assert_true(first != other);
	assert_true(first != none && other != none);
	numeric_batch_free(&batch);
	model_close(model);
}

static void two_small_batches_add_up_to_one_large(void **state)
{
	struct model *model = small_model(&architecture_bert, 2);
	struct numeric_batch batch = all_lengths(), part;
	struct train_pass pass = {.scale = 1.0f / SEQUENCES, .no_dropout = true};
	int32_t starts[SEQUENCES + 1];
	double loss = train_once(model, &batch, false), parts;
	float *gradients[64];

	(void)state;
	assert_in_range(model_parameter_rows(model), 1, 64);
	for (int row = 0; row < model_parameter_rows(model); row++)
		gradients[row] = numeric_download(model, model_parameter(model, row)->gradient, model_parameter(model, row)->count);
	network_zero_gradients(model);
	part = part_of(&batch, 0, 2, starts);
	parts = network_train(model, &part.batch, &pass);
	part = part_of(&batch, 2, SEQUENCES - 2, starts);
	parts += network_train(model, &part.batch, &pass);
	assert_true(fabs(loss - parts) < 1e-6);
	for (int row = 0; row < model_parameter_rows(model); row++) {
		struct parameter *p = model_parameter(model, row);
		float *added = numeric_download(model, p->gradient, p->count);

		for (size_t i = 0; i < p->count; i++)
			assert_true(fabs((double)added[i] - (double)gradients[row][i]) < 1e-6);
		free(added);
		free(gradients[row]);
	}
	numeric_batch_free(&batch);
	model_close(model);
}

static void frozen_units_have_no_gradient_and_change_no_other(void **state)
{
	struct model *all = small_model(&architecture_bert, 2), *some = small_model(&architecture_bert, 2);
	struct numeric_batch batch = all_lengths();

	(void)state;
	for (int row = 0; row < model_parameter_rows(some); row++)
		model_parameter(some, row)->trainable = parameter_is_head(model_parameter(some, row));
	model_find_parameter(some, ROLE_INTERMEDIATE_WEIGHT, 1)->trainable = true;
	model_find_parameter(some, ROLE_INTERMEDIATE_BIAS, 1)->trainable = true;
	assert_true(train_once(all, &batch, true) == train_once(some, &batch, true));
	for (int row = 0; row < model_parameter_rows(all); row++) {
		struct parameter *p = model_parameter(all, row), *q = model_parameter(some, row);

		if (q->trainable)
			numeric_assert_same(all, p->gradient, some, q->gradient, p->count);
		else
			assert_null(q->gradient);
	}
	assert_int_equal(some->network.lowest, 1);
	numeric_batch_free(&batch);
	model_close(some);
	model_close(all);
}

/* Measuring again what the gradients take must not lose them. */
static void a_second_and_larger_reserve_keeps_the_gradients(void **state)
{
	struct model *model = small_model(&architecture_bert, 2), *other = small_model(&architecture_bert, 2);
	struct numeric_batch batch = all_lengths(), part;
	int32_t starts[SEQUENCES + 1];
	double loss;

	(void)state;
	part = part_of(&batch, 0, 1, starts);
	numeric_reserve(model, &part, true);
	loss = train_once(model, &batch, true); /* reserves more */
	assert_true(loss == train_once(other, &batch, true));
	for (int row = 0; row < model_parameter_rows(model); row++) {
		struct parameter *p = model_parameter(model, row);

		assert_non_null(p->gradient);
		numeric_assert_same(model, p->gradient, other, model_parameter(other, row)->gradient, p->count);
	}
	numeric_batch_free(&batch);
	model_close(other);
	model_close(model);
}

static void a_batch_that_does_not_fit_is_refused_with_its_size(void **state)
{
	struct model *model = small_model(&architecture_bert, 2);
	struct error error = {0};

	(void)state;
	assert_false(network_reserve(model, INT32_MAX, INT32_MAX, 64, true, 0, &error));
	assert_non_null(strstr(error.text, "B are free: use a smaller --per-device-train-batch-size or --max-length"));
	assert_int_equal(strncmp(error.text, "needs ", 6), 0);
	model_close(model);
}

/* AdamW's state is two copies of what trains, which is counted. */
static uint64_t two_moments(struct parameter *parameters, int count, const void *of)
{
	uint64_t *trained = *(uint64_t *const *)of;

	*trained = 0;
	for (int i = 0; i < count; i++)
		*trained += parameters[i].trainable ? parameters[i].count : 0;
	return 2 * sizeof(float) * *trained;
}

/* MiniLM at 32 x 300 tokens. */
static void minilm_trains_in_less_than_2000_megabytes(void **state)
{
	struct model_config config = {
		.vocab_size = 30522, .hidden_size = 384, .num_hidden_layers = 6, .num_attention_heads = 12,
		.intermediate_size = 1536, .max_position_embeddings = 512, .type_vocab_size = 2, .num_labels = 2,
		.hidden_act = ACTIVATION_GELU, .architecture = &architecture_bert,
	};
	struct error error = {0};
	struct backend *backend = backend_open(DEVICE_CPU, 1, &error);
	const struct lora_settings lora = {.rank = 8, .alpha = 16, .target_modules = "", .modules_to_save = ""};
	const struct freeze_request freeze = {.what = "embeddings", .layers = ""};
	uint64_t bytes, packed, with_adapters, trained, *of = &trained;
	struct network_plan plan = {.config = &config, .tokens = 32 * 300, .sequences = 32, .training = true,
	                            .state = two_moments, .of = &of}, one;

	(void)state;
	assert_non_null(backend);
	packed = backend->ops->packed_bytes(backend, &(struct matrix){.rows = 384, .columns = 384});
	bytes = network_memory(backend, &plan, NULL);
	assert_int_equal(trained, 22713986);
	assert_in_range(bytes, (uint64_t)1 << 30, 2000000000);
	plan.freeze = &freeze;
	assert_true(network_memory(backend, &plan, NULL) < bytes - 3 * 30522 * 384 * sizeof(float));
	plan.freeze = NULL;
	/* Adapters: 2 * 384 * 8 on 12 matrices and the classifier train. */
	plan.lora = &lora;
	with_adapters = network_memory(backend, &plan, NULL);
	assert_int_equal(trained, 12 * 2 * 384 * 8 + 2 * 385);
	assert_true(with_adapters < bytes - 3 * 80000000);
	/* In 4 bits the matrices of the layers take an eighth, and a scale for 64 values. */
	plan.four_bits = true;
	assert_int_equal(with_adapters - network_memory(backend, &plan, NULL) > 6 * 12 * 384 * 384 * 7 / 2 / 2, 1);
	/* Scoring one token: 90.9 MB of parameters, and the packed copies of all matrices but the embeddings'. */
	one = (struct network_plan){.config = &config, .tokens = 1, .sequences = 1};
	assert_in_range(network_memory(backend, &one, NULL) - 22713986 * sizeof(float),
	                packed == 0 ? 1 : (6 * (4 * 384 * 384 + 2 * 384 * 1536) + 384 * 384) * sizeof(float), 45000000);
	plan = (struct network_plan){.config = &config, .tokens = INT32_MAX, .sequences = INT32_MAX, .training = true};
	assert_int_equal(network_memory(backend, &plan, NULL) > bytes, 1);
	backend->ops->close(backend);
}

static uint64_t memory_of_adapters(struct backend *backend, const char *modules, bool training)
{
	struct model_config config = small_config(&architecture_bert, 3);
	const struct lora_settings lora = {.rank = 1, .alpha = 1, .target_modules = modules, .modules_to_save = ""};
	const struct network_plan plan = {.config = &config, .tokens = 1000, .sequences = 4, .training = training, .lora = &lora};
	struct error error = {0};
	uint64_t bytes = network_memory(backend, &plan, &error);

	assert_string_equal(error.text, "");
	return bytes;
}

/* An adapter reads its input again: [T][H] of two layers for intermediate (the last has few rows), [T][I] for output. */
static void inputs_that_no_gradient_needs_are_not_kept(void **state)
{
	const struct model_config config = small_config(&architecture_bert, 3);
	const uint64_t row = 1000 * sizeof(float), hidden = (uint64_t)config.hidden_size, wide = (uint64_t)config.intermediate_size;
	struct error error = {0};
	struct backend *backend = backend_open(DEVICE_CPU, 1, &error);
	uint64_t query = memory_of_adapters(backend, "query", true);

	(void)state;
	assert_true(memory_of_adapters(backend, "query,intermediate.dense", true) >= query + row * 2 * hidden);
	assert_true(memory_of_adapters(backend, "query,output.dense", true) >= query + row * wide);
	assert_true(memory_of_adapters(backend, "query,intermediate.dense", false) <
	            memory_of_adapters(backend, "query", false) + row * hidden);
	backend->ops->close(backend);
}

static void memory_of_passes_that_was_given_back_is_taken_again(void **state)
{
	const int32_t ids[] = {1, 7, 3, 9, 2}, starts[] = {0, 5};
	const struct batch batch = {.ids = ids, .starts = starts, .sequences = 1};
	const struct model_config config = small_config(&architecture_bert, 2);
	struct model *model = numeric_model(&config);
	struct network_usage usage;
	struct error error = {0};
	float before[8], after[8];

	(void)state;
	assert_true(network_reserve(model, 5, 1, 5, false, 0, &error));
	network_score(model, &batch, before);
	network_release_pass(model);
	network_usage(model, &usage);
	assert_int_equal(usage.activations, 0);
	assert_true(network_reserve(model, 5, 1, 5, false, 0, &error));
	network_score(model, &batch, after);
	assert_memory_equal(before, after, (size_t)config.num_labels * sizeof *before);
	model_close(model);
}

/* A backend with memory of its own takes weights by way of the host. */
static void weights_reach_a_backend_whose_memory_is_not_the_hosts(void **state)
{
	struct model_config config = small_config(&architecture_bert, 2);
	struct model *model = numeric_model(&config), *remote;
	struct backend_operations operations;
	struct tensor_file *file;
	struct error error = {0};
	char folder[256];

	(void)state;
	check_folder(folder, sizeof folder);
	assert_true(model_save(model, folder, &error));
	file = tensor_file_open_folder(folder, &error);
	remote = model_make(&config, NULL, numeric_tokenizer(VOCAB), &(struct model_options){.threads = 1}, &error);
	assert_true(file && remote);
	operations = *remote->network.backend->ops;
	operations.host_memory = false;
	remote->network.backend->ops = &operations;
	assert_true(model_load_weights(remote, file, NULL, &error));
	for (int row = 0; row < model_parameter_rows(model) && !parameter_is_head(model_parameter(model, row)); row++) {
		const struct parameter *a = model_parameter(model, row), *b = model_parameter(remote, row);

		assert_false(b->fresh);
		numeric_assert_same(model, a->value, remote, b->value, a->count);
	}
	tensor_file_close(file);
	model_close(remote);
	model_close(model);
	check_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sequence_alone_scores_as_in_a_batch_to_the_bit),
		cmocka_unit_test(one_and_three_threads_agree_to_the_bit),
		cmocka_unit_test(only_cls_rows_of_the_last_layer_equal_the_whole_layer),
		cmocka_unit_test(what_is_kept_for_training_does_not_change_the_scores),
		cmocka_unit_test(gradients_are_those_of_finite_differences_with_dropout),
		cmocka_unit_test(dropout_depends_on_the_step_and_only_on_it),
		cmocka_unit_test(two_small_batches_add_up_to_one_large),
		cmocka_unit_test(frozen_units_have_no_gradient_and_change_no_other),
		cmocka_unit_test(a_second_and_larger_reserve_keeps_the_gradients),
		cmocka_unit_test(a_batch_that_does_not_fit_is_refused_with_its_size),
		cmocka_unit_test(weights_reach_a_backend_whose_memory_is_not_the_hosts),
		cmocka_unit_test(minilm_trains_in_less_than_2000_megabytes),
		cmocka_unit_test(inputs_that_no_gradient_needs_are_not_kept),
		cmocka_unit_test(memory_of_passes_that_was_given_back_is_taken_again),
	};

	return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
