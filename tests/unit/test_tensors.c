/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/format: weights in every container, as the engine's other rooms use them. */
#include "tests/unit/check.h"

#include "engine/base/file.h"
#include "engine/format/halves.h"
#include "engine/format/tensors.h"

#include <unistd.h>

static float *read_tensor(struct tensor_file *file, const char *name)
{
	const struct tensor *tensor = tensor_file_find(file, name);
	struct error error = {0};
	float *values;

	assert_non_null(tensor);
	values = calloc(tensor->count, sizeof *values);
	assert_non_null(values);
	if (!tensor_file_read(file, tensor, values, &error))
		fail_msg("%s", error.text);
	return values;
}

static void what_is_written_is_read_back_to_the_bit(void **state)
{
	const float weight[6] = {1, -2.5f, 1e-40f, INFINITY, -0.0f, 3e38f}, bias[1] = {7};
	const struct tensor_out tensors[] = {
		{"layer.weight", 2, {2, 3}, weight}, {"layer.bias", 1, {1}, bias}, {"empty", 2, {0, 4}, NULL},
		{"scalar", 0, {0}, bias},
	};
	struct error error = {0};
	struct tensor_file *file;
	char folder[256], path[300];
	float *values;

	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/model.safetensors", folder);
	assert_true(safetensors_write(path, tensors, 4, &error));
	file = tensor_file_open_folder(folder, &error);
	assert_non_null(file);
	assert_string_equal(tensor_file_container(file), "safetensors");
	assert_int_equal(tensor_file_count(file), 4);
	assert_string_equal(tensor_file_at(file, 0)->name, "empty");
	assert_int_equal(tensor_file_at(file, 0)->count, 0);
	assert_string_equal(tensor_file_at(file, 3)->name, "scalar");
	assert_int_equal(tensor_file_at(file, 3)->count, 1);
	assert_null(tensor_file_at(file, 4));
	assert_null(tensor_file_find(file, "layer"));
	values = read_tensor(file, "layer.weight");
	assert_memory_equal(values, weight, sizeof weight);
	free(values);
	tensor_file_close(file);
	check_folder_remove(folder);
}

static void the_header_is_padded_and_says_pt(void **state)
{
	const float value = 1;
	const struct tensor_out tensor = {"a\"b", 1, {1}, &value};
	struct error error = {0};
	char folder[256], path[300];
	char *bytes;
	size_t size;

	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/x.safetensors", folder);
	assert_true(safetensors_write(path, &tensor, 1, &error));
	bytes = file_read(path, 1000, &size, &error);
	assert_non_null(bytes);
	assert_int_equal((unsigned char)bytes[0] % 8, 0);
	assert_non_null(strstr(bytes + 8, "{\"__metadata__\":{\"format\":\"pt\"},\"a\\\"b\":{\"dtype\":\"F32\",\"shape\":[1],"
	                                  "\"data_offsets\":[0,4]}}"));
	free(bytes);
	check_folder_remove(folder);
}

static void writing_the_same_name_twice_is_refused_and_leaves_the_old_file(void **state)
{
	const float value = 1;
	const struct tensor_out tensors[] = {{"a", 1, {1}, &value}, {"a", 1, {1}, &value}};
	struct error error = {0};
	char folder[256], path[300];
	size_t size;
	char *kept;

	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/x.safetensors", folder);
	assert_true(file_replace(path, "old", 3, &error));
	assert_false(safetensors_write(path, tensors, 2, &error));
	assert_non_null(strstr(error.text, "twice"));
	kept = file_read(path, 3, &size, &error);
	assert_string_equal(kept, "old");
	free(kept);
	check_folder_remove(folder);
}

static uint32_t bits_of(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof bits);
	return bits;
}

static void halves_become_floats_exactly(void **state)
{
	(void)state;
	assert_int_equal(bits_of(f16_to_f32(0x3c00)), bits_of(1.0f));
	assert_int_equal(bits_of(f16_to_f32(0x8000)), 0x80000000u);
	assert_int_equal(bits_of(f16_to_f32(0x0001)), bits_of(0x1p-24f));
	assert_int_equal(bits_of(f16_to_f32(0x83ff)), bits_of(-1023 * 0x1p-24f));
	assert_int_equal(bits_of(f16_to_f32(0x7bff)), bits_of(65504.0f));
	assert_int_equal(bits_of(f16_to_f32(0xfc00)), bits_of(-INFINITY));
	assert_int_equal(bits_of(f16_to_f32(0x7e01)), 0x7fc02000u);
	assert_int_equal(bits_of(bf16_to_f32(0x3f80)), bits_of(1.0f));
	assert_int_equal(bits_of(bf16_to_f32(0x0001)), 0x00010000u);
	assert_int_equal(bits_of(bf16_to_f32(0xffc1)), 0xffc10000u);
}

static void minilm_opens_with_its_unaligned_f16_tensors(void **state)
{
	const char *path = check_real("REVUE_MODELS", "minilm-l6-384/model.safetensors");
	struct error error = {0};
	struct tensor_file *file;
	const struct tensor *words;
	float *values;

	(void)state;
	if (!path)
		skip();
	file = tensor_file_open(path, &error);
	assert_non_null(file);
	assert_int_equal(tensor_file_count(file), 104);
	words = tensor_file_find(file, "embeddings.word_embeddings.weight");
	assert_int_equal(words->dtype, DTYPE_F16);
	assert_int_equal(words->shape[0], 30522);
	assert_int_equal(words->shape[1], 384);
	values = read_tensor(file, "embeddings.word_embeddings.weight");
	for (uint64_t i = 0; i < words->count; i++)
		assert_true(fabsf(values[i]) < 10);
	free(values);
	assert_false(tensor_file_read(file, tensor_file_find(file, "embeddings.position_ids"), NULL, &error));
	assert_non_null(strstr(error.text, "I64"));
	tensor_file_close(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back_to_the_bit),
		cmocka_unit_test(the_header_is_padded_and_says_pt),
		cmocka_unit_test(writing_the_same_name_twice_is_refused_and_leaves_the_old_file),
		cmocka_unit_test(halves_become_floats_exactly),
		cmocka_unit_test(minilm_opens_with_its_unaligned_f16_tensors),
	};

	return cmocka_run_group_tests_name("tensors", tests, NULL, NULL);
}
