/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/model.h: which tensors of a file become which parameters, and what the notices say of the others. */
#include "tests/unit/model_check.h"

#include "engine/format/halves.h"

#include <sys/stat.h>

static void tensors_go_by_the_names_that_occur_in_the_wild(void **state)
{
	char folder[256];
	char names[64][128];
	float before[LABELS], after[LABELS];
	struct tensor_list list;
	struct model *model;

	(void)state;
	save_model(folder);
	read_tensors(&list, folder);
	for (size_t i = 0; i < list.count; i++) {
		const char *name = list.out[i].name;
		size_t length;

		name += strncmp(name, "bert.", 5) == 0 ? 5 : 0;
		snprintf(names[i], sizeof names[i], "%s%s", i % 3 == 0 ? "module." : i % 3 == 1 ? "model." : "", name);
		length = strlen(names[i]);
		if (numeric_ends_with(names[i], "LayerNorm.weight"))
			memcpy(names[i] + length - 6, "gamma", 6);
		else if (numeric_ends_with(names[i], "LayerNorm.bias"))
			memcpy(names[i] + length - 4, "beta", 5);
		list.out[i].name = names[i];
	}
	for (int i = 0; i < 3; i++) {
		static const char *const foreign[] = {"cls.predictions.bias", "fit_dense.weight", "tail.weight"};

		list.out[list.count++] = (struct tensor_out){foreign[i], 1, {1}, calloc(1, sizeof(float)), DTYPE_F32};
	}
	write_tensors(&list, folder);
	free_tensors(&list);

	expected_logits(before);
	model = open_model(folder, true);
	score_one(model, after);
	assert_memory_equal(before, after, sizeof before);
	assert_int_equal(model_notice_count(model), 1);
	assert_string_equal(model_notice(model, 0), "tensors not used: tail.weight");
	model_close(model);
	check_folder_remove(folder);
}

/* Writes the model's tensors as 16-bit numbers: those of `half` where it says so. */
static void write_halves(const char *folder, const struct tensor_list *list, const char *dtype,
                         uint16_t (*half)(float value))
{
	char path[300], header[8192];
	size_t size = 0, offset = 0;
	uint8_t length[8] = {0};
	FILE *file;

	for (size_t i = 0; i < list->count; i++) {
		const struct tensor_out *t = &list->out[i];
		size_t count = (size_t)(t->shape[0] * (t->rank == 2 ? t->shape[1] : 1));

		size += (size_t)snprintf(header + size, sizeof header - size, "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[%lld", i ? "," : "{",
		                         t->name, dtype, (long long)t->shape[0]);
		if (t->rank == 2)
			size += (size_t)snprintf(header + size, sizeof header - size, ",%lld", (long long)t->shape[1]);
		size += (size_t)snprintf(header + size, sizeof header - size, "],\"data_offsets\":[%zu,%zu]}", offset,
		                         offset + 2 * count);
		offset += 2 * count;
		assert_true(size < sizeof header);
	}
	size += (size_t)snprintf(header + size, sizeof header - size, "}");
	snprintf(path, sizeof path, "%s/model.safetensors", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	length[0] = (uint8_t)size;
	length[1] = (uint8_t)(size >> 8);
	fwrite(length, 1, 8, file);
	fwrite(header, 1, size, file);
	for (size_t i = 0; i < list->count; i++) {
		const struct tensor_out *t = &list->out[i];
		size_t count = (size_t)(t->shape[0] * (t->rank == 2 ? t->shape[1] : 1));

		for (size_t j = 0; j < count; j++) {
			uint16_t value = half(t->data[j]);

			fwrite(&value, sizeof value, 1, file);
		}
	}
	assert_int_equal(fclose(file), 0);
}

/* Each number of 16 bits is the nearest to itself and to what lies less than half the way to its neighbours; half-way the
 * even one is. Values and neighbours come from the reader. */
static void every_half_is_written_as_it_was_read(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 65536; i++) {
		const uint16_t half = (uint16_t)i;
		const float f16 = f16_to_f32(half), bf16 = bf16_to_f32(half);

		if (f16 == f16)
			assert_int_equal(f32_to_f16(f16), half);
		else
			assert_true(isnan(f16_to_f32(f32_to_f16(f16))));
		if (bf16 == bf16)
			assert_int_equal(f32_to_bf16(bf16), half);
		else
			assert_true(isnan(bf16_to_f32(f32_to_bf16(bf16))));
		if ((half & 0x7fff) >= 0x7bff) /* the greatest, infinity, no numbers */
			continue;
		const float next = f16_to_f32((uint16_t)(half + 1)), middle = (f16 + next) / 2;

		assert_int_equal(f32_to_f16(middle), half & 1 ? half + 1 : half);
		assert_int_equal(f32_to_f16(nextafterf(middle, f16)), half);
		assert_int_equal(f32_to_f16(nextafterf(middle, next)), half + 1);
	}
	assert_int_equal(f32_to_f16(65519.0f), 0x7bff);
	assert_int_equal(f32_to_f16(65520.0f), 0x7c00);
	assert_int_equal(f32_to_f16(-1e9f), 0xfc00);
	assert_int_equal(f32_to_bf16(nextafterf(1.00390625f, 2)), 0x3f81); /* just above half-way between 1 and 1 + 2^-7 */
	assert_int_equal(f32_to_bf16(1.00390625f), 0x3f80);
}

static uint16_t to_bf16(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof bits);
	return (uint16_t)(bits >> 16);
}

/* Multiples of 2^-8 below 2, which f16 holds exactly: sign, exponent by shifting, the rest is the fraction. */
static uint16_t to_f16(float value)
{
	uint32_t bits;

	if (value == 0.0f)
		return 0;
	memcpy(&bits, &value, sizeof bits);
	return (uint16_t)((bits >> 31) << 15 | ((bits >> 23 & 0xFF) - 127 + 15) << 10 | (bits >> 13 & 0x3FF));
}

static float round_bf16(float value)
{
	uint32_t bits = (uint32_t)to_bf16(value) << 16;

	memcpy(&value, &bits, sizeof value);
	return value;
}

static float round_f16(float value)
{
	return floorf(value * 256.0f) / 256.0f;
}

/* Weights that 16 bits hold exactly score the same from a file of 16 bits and from one of 32. */
static void check_halves(const char *dtype, float (*rounded)(float), uint16_t (*half)(float))
{
	char folder[256];
	float wide[LABELS], narrow[LABELS];
	struct tensor_list list;
	struct model *model;

	save_model(folder);
	read_tensors(&list, folder);
	for (size_t i = 0; i < list.count; i++) {
		struct tensor_out *t = &list.out[i];
		float *data = (float *)(uintptr_t)t->data;

		for (int64_t j = 0; j < t->shape[0] * (t->rank == 2 ? t->shape[1] : 1); j++)
			data[j] = rounded(data[j]);
	}
	write_tensors(&list, folder);
	model = open_model(folder, true);
	score_one(model, wide);
	model_close(model);
	write_halves(folder, &list, dtype, half);
	free_tensors(&list);
	model = open_model(folder, true);
	score_one(model, narrow);
	model_close(model);
	assert_memory_equal(wide, narrow, sizeof wide);
	check_folder_remove(folder);
}

static void weights_of_bf16_and_f16_become_f32(void **state)
{
	(void)state;
	check_halves("BF16", round_bf16, to_bf16);
	check_halves("F16", round_f16, to_f16);
}

static off_t size_of_weights(const char *folder, char path[300])
{
	struct stat status;

	snprintf(path, 300, "%s/model.safetensors", folder);
	assert_int_equal(stat(path, &status), 0);
	return status.st_size;
}

static void a_model_is_saved_in_16_bits(void **state)
{
	static const struct {
		enum model_dtype dtype;
		const char *name;
		float off;
	} kinds[] = {{MODEL_FLOAT16, "\"torch_dtype\": \"float16\"", 2e-3f}, {MODEL_BFLOAT16, "\"torch_dtype\": \"bfloat16\"", 2e-2f}};

	(void)state;
	for (int i = 0; i < 2; i++) {
		char folder[256], wide[256], path[300], first[65], again[65];
		float before[LABELS], after[LABELS];
		struct error error = {0};
		struct model *model;
		char *written;
		size_t size;
		off_t bytes;

		save_model(wide);
		check_folder(folder, sizeof folder);
		bytes = size_of_weights(wide, path);
		model = open_model(wide, true);
		score_one(model, before);
		assert_true(model_save_as(model, folder, kinds[i].dtype, &error));
		model_close(model);
		assert_true(size_of_weights(folder, path) < bytes * 2 / 3);
		assert_true(file_sha256(path, first, &error));
		model = open_model(folder, true);
		score_one(model, after);
		for (int label = 0; label < LABELS; label++)
			assert_true(fabsf(after[label] - before[label]) < kinds[i].off);
		assert_true(model_save_as(model, folder, kinds[i].dtype, &error));
		model_close(model);
		assert_true(file_sha256(path, again, &error));
		assert_string_equal(first, again);
		snprintf(path, sizeof path, "%s/config.json", folder);
		written = file_read(path, 1 << 20, &size, &error);
		assert_non_null(strstr(written, kinds[i].name));
		free(written);
		check_folder_remove(folder);
		check_folder_remove(wide);
	}
}

static void a_weight_that_16_bits_do_not_hold_is_refused_by_its_name(void **state)
{
	char folder[256], other[256];
	struct error error = {0};
	struct tensor_list list;
	struct model *model;

	(void)state;
	save_model(folder);
	check_folder(other, sizeof other);
	read_tensors(&list, folder);
	*(float *)(uintptr_t)list.out[3].data = 70000;
	write_tensors(&list, folder);
	model = open_model(folder, true);
	assert_false(model_save_as(model, other, MODEL_FLOAT16, &error));
	assert_int_equal(error.kind, ERROR_DATA);
	assert_non_null(strstr(error.text, list.out[3].name));
	assert_non_null(strstr(error.text, "70000 is too large for F16: save it in float32"));
	assert_true(model_save_as(model, other, MODEL_BFLOAT16, &error));
	free_tensors(&list);
	model_close(model);
	check_folder_remove(other);
	check_folder_remove(folder);
}

static void a_head_that_is_missing_is_announced_and_refused_for_scoring(void **state)
{
	char folder[256], wanted[400];
	struct tensor_list list;
	struct model *model;

	(void)state;
	save_model(folder);
	read_tensors(&list, folder);
	drop_tensor(&list, "classifier.weight");
	drop_tensor(&list, "classifier.bias");
	write_tensors(&list, folder);
	free_tensors(&list);

	model = open_model(folder, false);
	assert_false(model_has_head(model));
	assert_notice(model, "newly initialised, to be trained before use: classifier.weight, classifier.bias");
	model_close(model);
	snprintf(wanted, sizeof wanted, "%s has no trained classification head: train it first with revue train", folder);
	assert_string_equal(open_error(folder, true), wanted);
	check_folder_remove(folder);
}

static void a_classifier_for_other_labels_is_made_new(void **state)
{
	static float three[3 * 32];
	char folder[256];
	struct tensor_list list;
	struct tensor_out weight, bias;
	struct model *model;

	(void)state;
	save_model(folder);
	read_tensors(&list, folder);
	weight = take_tensor(&list, "classifier.weight");
	bias = take_tensor(&list, "classifier.bias");
	free((void *)(uintptr_t)weight.data);
	free((void *)(uintptr_t)bias.data);
	weight.data = bias.data = three;
	weight.shape[0] = bias.shape[0] = 3;
	list.out[list.count++] = weight;
	list.out[list.count++] = bias;
	write_tensors(&list, folder);
	list.count -= 2;
	free_tensors(&list);

	model = open_model(folder, false);
	assert_false(model_has_head(model));
	assert_notice(model, "classifier.weight is [3, 32] in the weights, config.json says [2, 32]: newly initialised");
	model_close(model);
	check_folder_remove(folder);
}

static void weights_of_another_model_are_refused(void **state)
{
	char folder[256];
	struct tensor_list list;

	(void)state;
	save_model(folder);
	read_tensors(&list, folder);
	for (size_t i = 0; i < list.count; i++)
		if (strcmp(list.out[i].name, "bert.encoder.layer.1.output.dense.weight") == 0) {
			list.out[i].shape[0] = 48;
			list.out[i].shape[1] = 32;
		}
	write_tensors(&list, folder);
	assert_non_null(strstr(open_error(folder, false),
	                       "tensor bert.encoder.layer.1.output.dense.weight is [48, 32], config.json says [32, 48]"));
	for (size_t i = 0; i < list.count; i++)
		if (strncmp(list.out[i].name, "bert.encoder.layer.1.", 21) == 0) {
			free((void *)(uintptr_t)list.out[i].data);
			list.out[i--] = list.out[--list.count];
		}
	write_tensors(&list, folder);
	assert_non_null(strstr(open_error(folder, false),
	                       "the weights have no bert.encoder.layer.1.attention.self.query.weight"));
	free_tensors(&list);
	check_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tensors_go_by_the_names_that_occur_in_the_wild),
		cmocka_unit_test(weights_of_bf16_and_f16_become_f32),
		cmocka_unit_test(every_half_is_written_as_it_was_read),
		cmocka_unit_test(a_model_is_saved_in_16_bits),
		cmocka_unit_test(a_weight_that_16_bits_do_not_hold_is_refused_by_its_name),
		cmocka_unit_test(a_head_that_is_missing_is_announced_and_refused_for_scoring),
		cmocka_unit_test(a_classifier_for_other_labels_is_made_new),
		cmocka_unit_test(weights_of_another_model_are_refused),
	};

	return cmocka_run_group_tests_name("model weights", tests, NULL, NULL);
}
