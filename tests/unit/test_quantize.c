/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models with weights in four bits: those that transformers wrote with bitsandbytes (tests/golden/four_bits, of
 * make_four_bits_model.py), hostile ones, and those that model_quantize makes. */
#include "tests/unit/model_check.h"

#include "engine/base/four_bits.h"
#include "engine/model/network.h"
#include "engine/model/quantize.h"

#define NF4 "tests/golden/four_bits/nf4"
#define FP4 "tests/golden/four_bits/fp4"
#define WEIGHTS "model.safetensors"

/* ---- files of bitsandbytes */

static void check_logits(struct model *model, const json_t *expected)
{
	json_t *texts = json_object_get(expected, "ids"), *logits = json_object_get(expected, "logits"), *ids;
	size_t i, k;

	assert_true(json_array_size(texts) > 0);
	json_array_foreach(texts, i, ids) {
		int32_t length = (int32_t)json_array_size(ids), starts[] = {0, length}, tokens[16];
		struct batch batch = {.ids = tokens, .starts = starts, .sequences = 1};
		struct error error = {0};
		float got[3];

		for (k = 0; k < (size_t)length; k++)
			tokens[k] = (int32_t)json_integer_value(json_array_get(ids, k));
		assert_true(network_reserve(model, length, 1, length, false, 0, &error));
		network_score(model, &batch, got);
		for (k = 0; k < 3; k++)
			assert_true(fabs((double)got[k] - json_number_value(json_array_get(json_array_get(logits, i), k))) < 2e-6);
	}
}

/* The codes of every matrix of a layer are the bytes of the file. */
static void check_codes(struct model *model, const char *folder)
{
	struct error error = {0};
	struct tensor_file *file = tensor_file_open_folder(folder, &error);
	int matrices = 0;

	assert_non_null(file);
	for (int row = 0; row < model_parameter_rows(model); row++) {
		const struct parameter *p = model_parameter(model, row);
		const struct tensor *tensor = tensor_file_find(file, p->name);
		uint8_t *bytes, *held;

		assert_int_equal(parameter_is_four_bits(p), parameter_may_be_four_bits(p));
		if (!parameter_is_four_bits(p))
			continue;
		bytes = calloc(1, tensor->count);
		held = calloc(1, tensor->count);
		assert_true(bytes && held && tensor_file_read_bytes(file, tensor, bytes, &error));
		model_backend(model)->ops->download(model_backend(model), held, p->codes, tensor->count);
		assert_memory_equal(held, bytes, tensor->count);
		assert_null(p->value);
		free(bytes);
		free(held);
		matrices++;
	}
	assert_int_equal(matrices, 12);
	tensor_file_close(file);
}

static void check_file(const char *name)
{
	char folder[4096], path[4200];
	struct error error = {0};
	struct model *model;
	json_t *expected;

	snprintf(folder, sizeof folder, "%s", check_source(name));
	snprintf(path, sizeof path, "%s/expected.json", folder);
	expected = json_read(path, 1 << 16, &error);
	assert_non_null(expected);
	model = open_model(folder, true);
	assert_int_equal(model_notice_count(model), 0);
	check_logits(model, expected);
	check_codes(model, folder);
	assert_true(model_quantize(model, &(struct quantization){.fp4 = true}, &error));
	assert_notice(model, "in 4 bits already");
	check_logits(model, expected);
	model_close(model);
	json_decref(expected);
}

static void nf4_of_transformers_has_its_logits_and_its_bits(void **state)
{
	(void)state;
	check_file(NF4);
}

static void fp4_with_double_quantisation_has_its_logits_and_its_bits(void **state)
{
	(void)state;
	check_file(FP4);
}

/* A copy of a golden folder in whose weights the first `from` is `to`, which is as long. */
static void altered_folder(char folder[256], const char *golden, const char *from, const char *to)
{
	char command[4600], path[600];
	struct error error = {0};
	size_t length = strlen(from), size;
	char *bytes, *at = NULL;
	FILE *file;

	assert_int_equal(strlen(to), length);
	check_folder(folder, 256);
	snprintf(command, sizeof command, "cp '%s'/* '%s'", check_source(golden), folder);
	assert_int_equal(system(command), 0);
	snprintf(path, sizeof path, "%s/" WEIGHTS, folder);
	bytes = file_read(path, 1 << 20, &size, &error);
	assert_non_null(bytes);
	for (size_t i = 0; !at && i + length <= size; i++)
		if (memcmp(bytes + i, from, length) == 0)
			at = memcpy(bytes + i, to, length);
	assert_non_null(at);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
	free(bytes);
}

static void files_that_lie_are_refused_by_name(void **state)
{
	static const struct {
		const char *golden, *from, *to, *error;
	} cases[] = {
		{NF4, "\"blocksize\": 64", "\"blocksize\": 32", "a blocksize of 32 is not read"},
		{NF4, "\"blocksize\": 64", "\"blocksize\": -1", "a blocksize of -1 is not read"},
		{NF4, "\"blocksize\": 64", "\"blocksize\":128", "elements of F32, 6 of F32 are needed"},
		{NF4, "\"shape\": [26, 26]", "\"shape\": [13, 52]", "is [13, 52], config.json says [26, 26]"},
		{NF4, "\"shape\": [26, 26]", "\"shape\": [26, 27]", "its shape [26, 27] needs 351"},
		{NF4, "\"shape\": [26, 26]", "\"shape\": [-2, 26]", "not two sizes of a matrix"},
		{NF4, "\"shape\": [26, 26]", "\"shape\": [676.00]", "not two sizes of a matrix"},
		{NF4, "\"quant_type\": \"nf4\"", "\"quant_type\": \"fp4\"", "quant_type in its quant_state is fp4, its name says nf4"},
		{NF4, "{\"quant_type\"", "[\"quant_type\"", "quant_state"},
		{NF4, "query.weight.absmax\"", "query.weight.absmix\"", "absmax is not there"},
		{NF4, "query.weight.quant_map\"", "query.weight.quant_mop\"", "quant_map is not there"},
		{NF4, "dense.bias\":", "dense.SCB\" :", "8 bits (LLM.int8)"},
		{FP4, "\"nested_blocksize\": 256", "\"nested_blocksize\": 255", "nested_blocksize in its quant_state is not 256"},
		{FP4, "\"nested_offset\"", "\"nested_offsat\"", "nested_offset in its quant_state is not a number"},
		{FP4, "nested_quant_map\"", "nested_quant_mop\"", "nested_quant_map is not there"},
		{FP4, "bitsandbytes__fp4\"", "bitsandbytes__nf4\"", "quant_type in its quant_state is fp4, its name says nf4"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char folder[256];
		const char *text;

		altered_folder(folder, cases[i].golden, cases[i].from, cases[i].to);
		text = open_error(folder, true);
		if (!strstr(text, cases[i].error))
			fail_msg("%s: %s", cases[i].to, text);
		check_folder_remove(folder);
	}
}

/* ---- model_quantize */

static void quantise(struct model *model, bool fp4, bool double_quant)
{
	struct error error = {0};

	if (!model_quantize(model, &(struct quantization){.fp4 = fp4, .double_quant = double_quant}, &error))
		fail_msg("%s", error.text);
}

/* Puts what four bits make of every matrix of the layers into a model of floats. */
static void round_trip(struct model *model, bool fp4)
{
	enum four_bits_type type = fp4 ? FOUR_BITS_FP4 : FOUR_BITS_NF4;

	for (int row = 0; row < model_parameter_rows(model); row++) {
		struct parameter *p = model_parameter(model, row);
		float *values, *scales;
		uint8_t *codes;

		if (!parameter_may_be_four_bits(p))
			continue;
		values = numeric_download(model, p->value, p->count);
		codes = calloc(p->count, 1);
		scales = calloc(p->count, sizeof *scales);
		assert_true(codes && scales);
		four_bits_quantise(type, values, p->count, codes, scales);
		four_bits_dequantise(type, codes, scales, 0, p->count, values);
		numeric_upload(model, p->value, values, p->count);
		free(values);
		free(codes);
		free(scales);
	}
}

/* 26 units: the matrices of a product begin in the middle of a block, 3 * 26 * 26 / 64 is no number of blocks. */
static struct model *small_model(void)
{
	struct model_config small = config;

	small.hidden_size = 26;
	small.intermediate_size = 45;
	return numeric_model(&small);
}

static void logits_are_those_of_the_same_values_as_floats(void **state)
{
	(void)state;
	for (int fp4 = 0; fp4 < 2; fp4++) {
		struct model *model = small_model(), *floats = small_model();
		float got[LABELS], want[LABELS];

		score_one(model, want);
		quantise(model, fp4, false);
		score_one(model, got);
		assert_true(memcmp(got, want, sizeof got) != 0);
		round_trip(floats, fp4);
		score_one(floats, want);
		assert_memory_equal(got, want, sizeof got);
		model_close(model);
		model_close(floats);
	}
}

static void memory_falls_to_what_four_bits_take(void **state)
{
	struct model *model = small_model();
	uint64_t before = model_parameter_memory(model), matrices = 0, packed = 0;

	(void)state;
	for (int row = 0; row < model_parameter_rows(model); row++) {
		const struct parameter *p = model_parameter(model, row);

		if (parameter_may_be_four_bits(p)) {
			matrices += p->count * sizeof(float);
			packed += four_bits_size(p->count);
		}
	}
	quantise(model, false, true);
	assert_int_equal(model_parameter_memory(model), before - matrices + packed);
	assert_true(packed * 6 < matrices);
	assert_notice(model, "weights in 4 bits (nf4, double quantisation): the model takes");
	assert_notice(model, "instead of");
	model_close(model);
}

/* Everything but the embeddings is frozen. */
static void freeze(struct model *model)
{
	for (int row = 0; row < model_parameter_rows(model); row++)
		model_parameter(model, row)->trainable = model_parameter(model, row)->unit == UNIT_EMBEDDINGS;
}

static float *embedding_gradient(struct model *model, const struct numeric_batch *batch, double *loss)
{
	struct parameter *word = model_find_parameter(model, ROLE_WORD_EMBEDDINGS, OUTSIDE_LAYERS);

	freeze(model);
	numeric_reserve(model, batch, true);
	network_zero_gradients(model);
	*loss = network_train(model, &batch->batch, &(struct train_pass){.scale = 1, .no_dropout = true});
	return numeric_download(model, word->gradient, word->count);
}

static void gradients_go_through_it_as_through_floats(void **state)
{
	static const int32_t lengths[] = {9, 1, 30};
	struct numeric_batch batch = numeric_batch(VOCAB, LABELS, lengths, 3, 0);
	struct model *model = small_model(), *floats = small_model();
	double loss[2];
	float *got, *want;

	(void)state;
	quantise(model, false, false);
	round_trip(floats, false);
	got = embedding_gradient(model, &batch, &loss[0]);
	want = embedding_gradient(floats, &batch, &loss[1]);
	assert_memory_equal(&loss[0], &loss[1], sizeof loss[0]);
	assert_memory_equal(got, want, VOCAB * 26 * sizeof *got);
	free(got);
	free(want);
	numeric_batch_free(&batch);
	model_close(model);
	model_close(floats);
}

static void training_it_without_adapters_is_refused_by_name(void **state)
{
	struct model *model = small_model();
	struct error error = {0};

	(void)state;
	quantise(model, false, false);
	assert_false(network_reserve(model, 10, 1, 10, true, 0, &error));
	assert_non_null(strstr(error.text, "attention.self.query.weight is in 4 bits and cannot be trained itself"));
	assert_int_equal(error.kind, ERROR_USAGE);
	model_close(model);
}

static void a_model_that_is_being_trained_is_not_quantised(void **state)
{
	static const int32_t lengths[] = {9};
	struct numeric_batch batch = numeric_batch(VOCAB, LABELS, lengths, 1, 0);
	struct model *model = small_model();
	struct error error = {0};

	(void)state;
	numeric_reserve(model, &batch, true);
	assert_false(model_quantize(model, &(struct quantization){0}, &error));
	assert_non_null(strstr(error.text, "being trained"));
	numeric_batch_free(&batch);
	model_close(model);
}

static void values_that_are_not_finite_are_refused_by_name(void **state)
{
	struct model *model = small_model();
	struct parameter *p = model_find_parameter(model, ROLE_OUTPUT_WEIGHT, 1);
	float *values = numeric_download(model, p->value, p->count), was = values[77], before[LABELS], after[LABELS];
	struct error error = {0};

	(void)state;
	score_one(model, before);
	values[77] = INFINITY;
	numeric_upload(model, p->value, values, p->count);
	assert_false(model_quantize(model, &(struct quantization){0}, &error));
	assert_non_null(strstr(error.text, "layer.1.output.dense.weight holds a value that is not finite"));
	values[77] = was;
	numeric_upload(model, p->value, values, p->count);
	network_values_changed(model);
	score_one(model, after); /* the model is as before */
	assert_memory_equal(before, after, sizeof before);
	free(values);
	model_close(model);
}

static void other_labels_leave_the_bits(void **state)
{
	static const char *const names[] = {"a", "b", "c"};
	struct model *model = small_model(), *floats = small_model();
	struct error error = {0};
	float got[3], want[3];

	(void)state;
	quantise(model, true, false);
	round_trip(floats, true);
	assert_true(model_set_labels(model, names, 3, 9, &error) && model_set_labels(floats, names, 3, 9, &error));
	score_one(model, got);
	score_one(floats, want);
	assert_memory_equal(got, want, sizeof got);
	assert_true(parameter_is_four_bits(model_find_parameter(model, ROLE_QUERY_WEIGHT, 0)));
	model_close(model);
	model_close(floats);
}

static void it_is_written_as_the_floats_that_it_stands_for(void **state)
{
	char folder[256];
	struct model *model;
	float got[LABELS], want[LABELS];
	struct error error = {0};

	(void)state;
	save_model(folder);
	model = open_model(folder, true);
	quantise(model, false, true);
	score_one(model, want);
	assert_true(model_save(model, folder, &error));
	model_close(model);
	model = open_model(folder, true);
	assert_false(parameter_is_four_bits(model_find_parameter(model, ROLE_QUERY_WEIGHT, 0)));
	score_one(model, got);
	assert_memory_equal(got, want, sizeof got);
	model_close(model);
	check_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nf4_of_transformers_has_its_logits_and_its_bits),
		cmocka_unit_test(fp4_with_double_quantisation_has_its_logits_and_its_bits),
		cmocka_unit_test(files_that_lie_are_refused_by_name),
		cmocka_unit_test(logits_are_those_of_the_same_values_as_floats),
		cmocka_unit_test(memory_falls_to_what_four_bits_take),
		cmocka_unit_test(gradients_go_through_it_as_through_floats),
		cmocka_unit_test(training_it_without_adapters_is_refused_by_name),
		cmocka_unit_test(a_model_that_is_being_trained_is_not_quantised),
		cmocka_unit_test(values_that_are_not_finite_are_refused_by_name),
		cmocka_unit_test(other_labels_leave_the_bits),
		cmocka_unit_test(it_is_written_as_the_floats_that_it_stands_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
