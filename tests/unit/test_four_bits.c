/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers in four bits against bitsandbytes, bit for bit: tests/golden/four_bits.txt, of make_four_bits.py. */
#include "tests/unit/check.h"

#include "engine/base/four_bits.h"

#include <inttypes.h>

#define EMPTY 0xCBF29CE484222325u

static uint64_t fnv(const void *memory, size_t size)
{
	const uint8_t *bytes = memory;
	uint64_t value = EMPTY;

	for (size_t i = 0; i < size; i++)
		value = (value ^ bytes[i]) * 0x100000001B3u;
	return value;
}

/* The numbers of make_four_bits.py. */
static float value_of(uint32_t i, uint32_t seed, const char *kind)
{
	uint32_t x = (i + seed) * 2654435761u;
	float u;

	x ^= x >> 15;
	x *= 2246822519u;
	x ^= x >> 13;
	u = (float)(x >> 8) * 0x1p-23f - 1;
	if (strcmp(kind, "normal") == 0)
		return u * u * u * 0.125f;
	if (strcmp(kind, "zero") == 0)
		return u * 0;
	if (strcmp(kind, "holes") == 0)
		return i / 64 % 3 == 1 ? 0 : u;
	if (strcmp(kind, "denormal") == 0)
		return u * 0x1p-130f;
	if (strcmp(kind, "small") == 0)
		return u * 0x1p-124f;
	if (strcmp(kind, "huge") == 0)
		return u * 0x1p127f;
	if (strcmp(kind, "few") == 0)
		return ((float)(x >> 29) - 3) * 0.25f;
	if (strcmp(kind, "spread") == 0)
		return ldexpf(u, (int)(i / 64 % 21) - 10);
	return u;
}

static void *memory(size_t size)
{
	void *bytes = calloc(size + 1, 1);

	assert_non_null(bytes);
	return bytes;
}

struct golden {
	char type[8], kind[16];
	size_t count;
	uint32_t seed;
	uint64_t codes, scales, values, numbers, absmax, offset, expanded;
	bool nested;
};

static bool golden_parse(const char *line, struct golden *g)
{
	int read = sscanf(line, "%7s %zu %" SCNu32 " %15s %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64
	                  " %" SCNx64, g->type, &g->count, &g->seed, g->kind, &g->codes, &g->scales, &g->values, &g->numbers,
	                  &g->absmax, &g->offset, &g->expanded);

	g->nested = read == 11;
	return read == 7 || read == 11;
}

static void check_nested(const struct golden *g, const float *scales)
{
	size_t blocks = four_bits_blocks(g->count), nested = blocks / 256 + (blocks % 256 != 0);
	uint8_t *numbers = memory(blocks);
	float *absmax = memory(nested * sizeof *absmax), *expanded = memory(blocks * sizeof *expanded), map[256], offset;

	four_bits_dynamic_map(map);
	if (four_bits_compress(scales, blocks, numbers, absmax, &offset)) {
		assert_true(g->nested);
		four_bits_expand(numbers, blocks, map, absmax, 256, offset, expanded);
		assert_int_equal(fnv(numbers, blocks), g->numbers);
		assert_int_equal(fnv(absmax, nested * sizeof *absmax), g->absmax);
		assert_int_equal(fnv(&offset, sizeof offset), g->offset);
		assert_int_equal(fnv(expanded, blocks * sizeof *expanded), g->expanded);
	} else {
		assert_false(g->nested);
	}
	free(numbers);
	free(absmax);
	free(expanded);
}

static void check_case(const struct golden *g)
{
	enum four_bits_type type = strcmp(g->type, "nf4") == 0 ? FOUR_BITS_NF4 : FOUR_BITS_FP4;
	size_t bytes = four_bits_code_bytes(g->count), blocks = four_bits_blocks(g->count);
	float *values = memory(g->count * sizeof *values), *scales = memory(blocks * sizeof *scales);
	uint8_t *codes = memory(bytes);

	for (size_t i = 0; i < g->count; i++)
		values[i] = value_of((uint32_t)i, g->seed, g->kind);
	four_bits_quantise(type, values, g->count, codes, scales);
	if (fnv(codes, bytes) != g->codes || fnv(scales, blocks * sizeof *scales) != g->scales)
		fail_msg("%s %zu %s: other codes or scales", g->type, g->count, g->kind);
	four_bits_dequantise(type, codes, scales, 0, g->count, values);
	for (size_t i = 0; i < g->count; i++)
		values[i] = values[i] == 0 ? 0 : values[i];
	if (g->values != EMPTY && fnv(values, g->count * sizeof *values) != g->values)
		fail_msg("%s %zu %s: other values", g->type, g->count, g->kind);
	check_nested(g, scales);
	free(values);
	free(scales);
	free(codes);
}

static void codes_scales_and_values_are_those_of_bitsandbytes(void **state)
{
	FILE *file = fopen(check_source("tests/golden/four_bits.txt"), "r");
	char line[512];
	int cases = 0;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		struct golden g = {0};

		if (!golden_parse(line, &g))
			continue;
		check_case(&g);
		cases++;
	}
	fclose(file);
	assert_true(cases > 300);
}

static void the_dynamic_map_is_that_of_bitsandbytes(void **state)
{
	float map[FOUR_BITS_MAP];

	(void)state;
	four_bits_dynamic_map(map);
	assert_int_equal(fnv(map, sizeof map), 0xd677f22a96665bc4u);
}

static void any_run_of_elements_is_read_alone(void **state)
{
	enum { COUNT = 676 };
	float values[COUNT], whole[COUNT], part[COUNT], scales[COUNT];
	uint8_t codes[COUNT];

	(void)state;
	for (uint32_t i = 0; i < COUNT; i++)
		values[i] = value_of(i, 5, "plain");
	four_bits_quantise(FOUR_BITS_FP4, values, COUNT, codes, scales);
	four_bits_dequantise(FOUR_BITS_FP4, codes, scales, 0, COUNT, whole);
	for (size_t first = 0; first < COUNT; first += 13) {
		four_bits_dequantise(FOUR_BITS_FP4, codes, scales, first, COUNT - first, part);
		assert_memory_equal(part, whole + first, (COUNT - first) * sizeof *part);
	}
}

static void a_tensor_takes_half_a_byte_an_element_and_a_float_a_block(void **state)
{
	(void)state;
	assert_int_equal(four_bits_size(384 * 384), 384 * 384 / 2 + 384 * 384 / 64 * 4);
	assert_int_equal(four_bits_scales_at(676), 384);
	assert_int_equal(four_bits_size(676), 384 + 64);
	assert_int_equal(four_bits_code_bytes(7), 4);
	assert_int_equal(four_bits_blocks(65), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_scales_and_values_are_those_of_bitsandbytes),
		cmocka_unit_test(the_dynamic_map_is_that_of_bitsandbytes),
		cmocka_unit_test(any_run_of_elements_is_read_alone),
		cmocka_unit_test(a_tensor_takes_half_a_byte_an_element_and_a_float_a_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
