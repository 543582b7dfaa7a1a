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

/* IEEE 754 binary16 by its definition. */
static uint32_t half_by_definition(uint32_t half)
{
	uint32_t sign = (half & 0x8000) << 16, fraction = half & 0x3ff;
	int exponent = (int)(half >> 10 & 0x1f);

	if (exponent == 0x1f)
		return sign | 0x7f800000u | fraction << 13;
	return sign | bits_of((float)ldexp(exponent ? 1024.0 + fraction : fraction, exponent ? exponent - 25 : -24));
}

static void every_half_in_a_row_of_them_becomes_its_float(void **state)
{
	enum { HALVES = 65536 };
	unsigned char *bytes = malloc(2 * HALVES + 1);
	float *floats = malloc(HALVES * sizeof *floats);

	(void)state;
	assert_true(bytes && floats);
	for (uint32_t i = 0; i < HALVES; i++) {
		bytes[2 * i + 1] = (unsigned char)i;
		bytes[2 * i + 2] = (unsigned char)(i >> 8);
	}
	/* At an odd address, and with a rest that fills no vector. */
	floats_convert(floats, bytes + 1, HALVES - 3, DTYPE_F16);
	floats_convert(floats + HALVES - 3, bytes + 1 + 2 * (HALVES - 3), 3, DTYPE_F16);
	for (uint32_t i = 0; i < HALVES; i++)
		if (bits_of(floats[i]) != half_by_definition(i))
			fail_msg("%04x became %08x", (unsigned)i, (unsigned)bits_of(floats[i]));
	free(floats);
	free(bytes);
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

/* Every floating-point tensor of the one is in the other, equal to the bit; the number of them. */
static size_t compare_files(struct tensor_file *expected, struct tensor_file *file)
{
	size_t compared = 0;

	for (size_t i = 0; i < tensor_file_count(expected); i++) {
		const struct tensor *tensor = tensor_file_at(expected, i), *other = tensor_file_find(file, tensor->name);
		float *a, *b;
		if (tensor->dtype > DTYPE_F64)
			continue;
		assert_non_null(other);
		assert_int_equal(other->rank, tensor->rank);
		assert_memory_equal(other->shape, tensor->shape, sizeof tensor->shape);
		a = read_tensor(expected, tensor->name);
		b = read_tensor(file, tensor->name);
		assert_memory_equal(a, b, tensor->count * sizeof *a);
		free(a);
		free(b);
		compared++;
	}
	return compared;
}

static struct tensor_file *open_or_fail(const char *path)
{
	struct error error = {0};
	struct tensor_file *file = tensor_file_open(path, &error);

	if (!file)
		fail_msg("%s", error.text);
	return file;
}

/* tests/golden/make_formats.py says what the files hold: f16, bf16, f64, transposed and shared storages. */
static void every_form_of_torch_save_gives_the_values_that_torch_gives(void **state)
{
	static const struct {
		const char *name, *container;
	} rows[] = {
		{"zip.bin", "torch zip"}, {"zip4.bin", "torch zip"}, {"wrapped.bin", "torch zip"},
		{"legacy.bin", "torch legacy"},
	};
	struct tensor_file *expected = open_or_fail(check_source("tests/golden/formats/expected.safetensors"));

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		char name[100];
		struct tensor_file *file;
		snprintf(name, sizeof name, "tests/golden/formats/%s", rows[i].name);
		file = open_or_fail(check_source(name));
		assert_string_equal(tensor_file_container(file), rows[i].container);
		assert_int_equal(compare_files(expected, file), 13);
		assert_int_equal(tensor_file_count(file), 15);
		assert_int_equal(tensor_file_find(file, "position_ids")->dtype, DTYPE_I64);
		assert_int_equal(tensor_file_find(file, "bf16")->dtype, DTYPE_BF16);
		tensor_file_close(file);
	}
	tensor_file_close(expected);
}

static void shards_are_one_table(void **state)
{
	struct tensor_file *expected = open_or_fail(check_source("tests/golden/formats/expected.safetensors"));
	struct error error = {0};
	struct tensor_file *file = tensor_file_open_folder(check_source("tests/golden/formats/shards"), &error);

	(void)state;
	assert_non_null(file);
	assert_string_equal(tensor_file_container(file), "safetensors, 2 shards");
	assert_int_equal(compare_files(expected, file), 13);
	tensor_file_close(file);
	tensor_file_close(expected);
}

static void bert_tiny_is_the_same_in_three_containers(void **state)
{
	static const char *const names[] = {"pytorch_model.bin", "pytorch_model.legacy.bin"};
	const char *path = check_real("REVUE_MODELS", "bert-tiny-toxicity/model.safetensors");
	struct tensor_file *expected;

	(void)state;
	if (!path)
		skip();
	expected = open_or_fail(path);
	for (size_t i = 0; i < 2; i++) {
		char name[100];
		struct tensor_file *file;
		snprintf(name, sizeof name, "bert-tiny-toxicity/%s", names[i]);
		path = check_real("REVUE_MODELS", name);
		assert_non_null(path);
		file = open_or_fail(path);
		assert_int_equal(compare_files(expected, file), 41);
		assert_int_equal(tensor_file_count(file), 41);
		tensor_file_close(file);
	}
	tensor_file_close(expected);
}

static void adapters_open_as_tensor_files(void **state)
{
	static const struct {
		const char *name;
		size_t tensors;
	} rows[] = {
		{"lora/lora-bert-base-schadow98/adapter_model.safetensors", 48},
		{"lora/lora-bert-base-vykhvan/adapter_model.bin", 50},
		{"lora/lora-distilbert-imdb-tashu014/adapter_model.safetensors", 28},
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const char *path = check_real("REVUE_MODELS", rows[i].name);
		struct tensor_file *file;
		if (!path)
			skip();
		file = open_or_fail(path);
		assert_int_equal(tensor_file_count(file), rows[i].tensors);
		assert_int_equal(compare_files(file, file), rows[i].tensors);
		tensor_file_close(file);
	}
}

static void a_folder_with_a_pointer_only_says_git_lfs(void **state)
{
	static const char pointer[] = "version https://git-lfs.github.com/spec/v1\noid sha256:07e9\nsize 57411808\n";
	static const char *const names[] = {"model.safetensors", "pytorch_model.bin", "model.safetensors.LFS-POINTER.txt",
	                                    "weights.bin"};
	struct error error = {0};
	char folder[256], path[300];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		check_folder(folder, sizeof folder);
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		assert_true(file_replace(path, pointer, sizeof pointer - 1, &error));
		assert_null(tensor_file_open_folder(folder, &error));
		assert_int_equal(error.kind, ERROR_DATA);
		assert_non_null(strstr(error.text, names[i]));
		assert_non_null(strstr(error.text, "is a Git LFS pointer, not the weights: run \"git lfs pull\""));
		check_folder_remove(folder);
	}
}

static void a_folder_without_weights_says_what_is_needed(void **state)
{
	struct error error = {0};
	char folder[256], path[300];

	(void)state;
	check_folder(folder, sizeof folder);
	assert_null(tensor_file_open_folder(folder, &error));
	assert_int_equal(error.kind, ERROR_IO);
	assert_non_null(strstr(error.text, "holds no weights: model.safetensors, pytorch_model.bin or an index of their shards is needed"));
	snprintf(path, sizeof path, "%s/adapter_model.safetensors", folder);
	assert_true(file_replace(path, "x", 1, &error));
	assert_null(tensor_file_open_folder(folder, &error));
	assert_non_null(strstr(error.text, "LoRA adapter"));
	check_folder_remove(folder);
	assert_null(tensor_file_open_folder(folder, &error));
	assert_int_equal(error.kind, ERROR_IO);
}

static void a_file_that_changes_after_opening_is_an_error_and_no_crash(void **state)
{
	const float values[2] = {1, 2};
	const struct tensor_out tensor = {"a", 1, {2}, values};
	struct error error = {0};
	struct tensor_file *file;
	char folder[256], path[300];
	float out[2];

	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/x.safetensors", folder);
	assert_true(safetensors_write(path, &tensor, 1, &error));
	file = open_or_fail(path);
	assert_int_equal(truncate(path, 70), 0);
	assert_false(tensor_file_read(file, tensor_file_at(file, 0), out, &error));
	assert_int_equal(error.kind, ERROR_IO);
	tensor_file_close(file);
	check_folder_remove(folder);
}

/* The descriptor of the old file stays valid: saving replaces the name, never the bytes. */
static void saving_over_a_file_that_is_open_leaves_it_readable(void **state)
{
	const float old[1] = {1}, new[1] = {2};
	struct error error = {0};
	struct tensor_file *file;
	char folder[256], path[300];
	float out;

	(void)state;
	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/x.safetensors", folder);
	assert_true(safetensors_write(path, &(struct tensor_out){"a", 1, {1}, old}, 1, &error));
	file = open_or_fail(path);
	assert_true(safetensors_write(path, &(struct tensor_out){"a", 1, {1}, new}, 1, &error));
	assert_true(tensor_file_read(file, tensor_file_at(file, 0), &out, &error));
	assert_true(out == 1);
	tensor_file_close(file);
	check_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back_to_the_bit),
		cmocka_unit_test(the_header_is_padded_and_says_pt),
		cmocka_unit_test(writing_the_same_name_twice_is_refused_and_leaves_the_old_file),
		cmocka_unit_test(halves_become_floats_exactly),
		cmocka_unit_test(every_half_in_a_row_of_them_becomes_its_float),
		cmocka_unit_test(minilm_opens_with_its_unaligned_f16_tensors),
		cmocka_unit_test(every_form_of_torch_save_gives_the_values_that_torch_gives),
		cmocka_unit_test(shards_are_one_table),
		cmocka_unit_test(bert_tiny_is_the_same_in_three_containers),
		cmocka_unit_test(adapters_open_as_tensor_files),
		cmocka_unit_test(a_folder_with_a_pointer_only_says_git_lfs),
		cmocka_unit_test(a_folder_without_weights_says_what_is_needed),
		cmocka_unit_test(a_file_that_changes_after_opening_is_an_error_and_no_crash),
		cmocka_unit_test(saving_over_a_file_that_is_open_leaves_it_readable),
	};

	return cmocka_run_group_tests_name("tensors", tests, NULL, NULL);
}
