/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/four_bits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LINE 64u /* bytes; what a tensor's parts are aligned to */
#define SMALLEST 1e-38f /* bitsandbytes divides by no less */

static const char *const type_names[FOUR_BITS_TYPES] = {"nf4", "fp4"};

/* Of fp4: sign, then 0, 0.0625, 8, 12, 4, 6, 2, 3, all divided by 12. */
static const float type_codes[FOUR_BITS_TYPES][FOUR_BITS_CODES] = {
	{-1.0f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f,
	 -0.18477343022823334f, -0.09105003625154495f, 0.0f, 0.07958029955625534f, 0.16093020141124725f,
	 0.24611230194568634f, 0.33791524171829224f, 0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1.0f},
	{0.0f, 0.0625f / 12, 8.0f / 12, 1.0f, 4.0f / 12, 6.0f / 12, 2.0f / 12, 3.0f / 12,
	 -0.0f, -0.0625f / 12, -8.0f / 12, -1.0f, -4.0f / 12, -6.0f / 12, -2.0f / 12, -3.0f / 12},
};

/* The codes by their value, rising. A value between the two zeros of fp4 is the negative one where it is above 0. */
static const uint8_t type_order[FOUR_BITS_TYPES][FOUR_BITS_CODES] = {
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
	{11, 10, 13, 12, 15, 14, 9, 0, 8, 1, 6, 7, 4, 5, 2, 3},
};

const char *four_bits_type_name(enum four_bits_type type)
{
	return type_names[type];
}

const float *four_bits_codes(enum four_bits_type type)
{
	return type_codes[type];
}

static size_t whole_lines(size_t bytes)
{
	return (bytes + LINE - 1) / LINE * LINE;
}

size_t four_bits_code_bytes(size_t count)
{
	return count / 2 + count % 2;
}

size_t four_bits_blocks(size_t count)
{
	return count / FOUR_BITS_BLOCK + (count % FOUR_BITS_BLOCK != 0);
}

size_t four_bits_scales_at(size_t count)
{
	return whole_lines(four_bits_code_bytes(count));
}

size_t four_bits_size(size_t count)
{
	return four_bits_scales_at(count) + whole_lines(four_bits_blocks(count) * sizeof(float));
}

/* ---- four bits */

static float largest_absolute(const float *values, size_t count)
{
	float largest = 0;

	for (size_t i = 0; i < count; i++)
		largest = fabsf(values[i]) > largest ? fabsf(values[i]) : largest;
	return largest;
}

/* What is no number is -1: of the scale of a scale that is too small to have an inverse. */
static float within_one(float x)
{
	return !(x >= -1) ? -1 : x > 1 ? 1 : x;
}

/* The bounds between the codes: a value that is one belongs to the lower code. */
static void find_bounds(enum four_bits_type type, float bounds[FOUR_BITS_CODES - 1])
{
	for (int i = 0; i < FOUR_BITS_CODES - 1; i++)
		bounds[i] = (type_codes[type][type_order[type][i]] + type_codes[type][type_order[type][i + 1]]) / 2;
}

static uint8_t code_of(enum four_bits_type type, const float bounds[FOUR_BITS_CODES - 1], float x)
{
	int place = 0;

	for (int i = 0; i < FOUR_BITS_CODES - 1; i++)
		place += x > bounds[i];
	return type_order[type][place];
}

static void put_code(uint8_t *codes, size_t i, uint8_t code)
{
	codes[i / 2] = i % 2 ? (uint8_t)(codes[i / 2] | code) : (uint8_t)(code << 4);
}

/* A whole block is multiplied by the inverse of its scale, what is left at the end divided by it: so bitsandbytes does. */
void four_bits_quantise(enum four_bits_type type, const float *values, size_t count, uint8_t *codes, float *scales)
{
	float bounds[FOUR_BITS_CODES - 1];

	find_bounds(type, bounds);
	for (size_t first = 0; first < count; first += FOUR_BITS_BLOCK) {
		bool whole = count - first >= FOUR_BITS_BLOCK;
		size_t end = whole ? first + FOUR_BITS_BLOCK : count;
		float scale = largest_absolute(values + first, end - first), least = scale < SMALLEST ? SMALLEST : scale;
		float inverse = 1.0f / least;

		scales[first / FOUR_BITS_BLOCK] = whole ? scale : least;
		for (size_t i = first; i < end; i++)
			put_code(codes, i, code_of(type, bounds, within_one(whole ? values[i] * inverse : values[i] / least)));
	}
	if (count % 2)
		put_code(codes, count, code_of(type, bounds, 0));
}

void four_bits_dequantise(enum four_bits_type type, const uint8_t *codes, const float *scales, size_t first, size_t count,
                          float *out)
{
	for (size_t i = first; i < first + count; i++) {
		int code = i % 2 ? codes[i / 2] & 15 : codes[i / 2] >> 4;

		out[i - first] = type_codes[type][code] * scales[i / FOUR_BITS_BLOCK];
	}
}

/* ---- scales in eight bits */

static int compare_floats(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

/* Point i of torch.linspace(0.1, 1, points): from the nearer end, rounded once. */
static float linspace(int i, int points)
{
	float step = (1.0f - 0.1f) / (float)(points - 1);

	return i < points / 2 ? fmaf(step, (float)i, 0.1f) : fmaf(-step, (float)(points - 1 - i), 1.0f);
}

void four_bits_dynamic_map(float map[FOUR_BITS_MAP])
{
	static const float powers[] = {1e-6f, 1e-5f, 1e-4f, 1e-3f, 1e-2f, 1e-1f, 1.0f};
	int count = 0;

	for (int i = 0; i < 7; i++) {
		int points = (1 << i) + 1;

		for (int k = 0; k + 1 < points; k++) {
			float middle = powers[i] * ((linspace(k, points) + linspace(k + 1, points)) / 2);

			map[count++] = middle;
			map[count++] = -middle;
		}
	}
	map[count++] = 0;
	map[count++] = 1;
	qsort(map, FOUR_BITS_MAP, sizeof *map, compare_floats);
}

/* ---- torch's sum of f32: rows of four vectors of eight, in levels whose partial sums carry over */

enum { LANES = 8, ROW = 4 * LANES, LEVELS = 4 };

static int ceiling_log2(size_t x)
{
	int power = 0;

	while (((size_t)1 << power) < x)
		power++;
	return power;
}

static void add_row(float *sums, const float *values, size_t width)
{
	for (size_t i = 0; i < width; i++)
		sums[i] += values[i];
}

/* sums[width] of `rows` rows; width is at most ROW. */
static void sum_rows(float sums[ROW], const float *values, size_t rows, size_t width)
{
	int power = ceiling_log2(rows) / LEVELS > 4 ? ceiling_log2(rows) / LEVELS : 4;
	size_t step = (size_t)1 << power, row = 0;
	float levels[LEVELS][ROW] = {{0}};

	while (row + step <= rows) {
		for (size_t i = 0; i < step; i++, row++)
			add_row(levels[0], values + row * width, width);
		for (int level = 1; level < LEVELS; level++) {
			add_row(levels[level], levels[level - 1], width);
			memset(levels[level - 1], 0, sizeof levels[0]);
			if (row & ((step - 1) << (level * power)))
				break;
		}
	}
	for (; row < rows; row++)
		add_row(levels[0], values + row * width, width);
	for (int level = 1; level < LEVELS; level++)
		add_row(levels[0], levels[level], width);
	memcpy(sums, levels[0], sizeof levels[0]);
}

/* sums[lanes] of count vectors of `lanes` floats. */
static void sum_vectors(float *sums, const float *values, size_t count, size_t lanes)
{
	float rows[ROW];

	sum_rows(rows, values, count / 4, 4 * lanes);
	for (size_t i = count / 4 * 4; i < count; i++)
		add_row(rows, values + i * lanes, lanes);
	for (size_t k = 1; k < 4; k++)
		add_row(rows, rows + k * lanes, lanes);
	memcpy(sums, rows, lanes * sizeof *sums);
}

static float torch_sum(const float *values, size_t count)
{
	float lanes[LANES], sum = 0;

	if (count < LANES) {
		sum_vectors(&sum, values, count, 1);
		return sum;
	}
	sum_vectors(lanes, values, count / LANES, LANES);
	for (size_t i = count / LANES * LANES; i < count; i++)
		sum += values[i];
	for (size_t i = 0; i < LANES; i++)
		sum += lanes[i];
	return sum;
}

static float mean(const float *values, size_t count)
{
	return torch_sum(values, count) / (float)count;
}

/* bitsandbytes looks a value between -1 and 1 up in a table of 65536 places, each of which has the number of the map's
 * nearest value, or of the lower one of two. */
static uint8_t number_of(const float map[FOUR_BITS_MAP], float x)
{
	int place = (int)((x + 1) * 0.5f * 65535 + 0.5f), low = 0, high = FOUR_BITS_MAP - 1;
	float value = -1.0f + 2.0f * (float)place / 65535;

	while (low < high) { /* the first number whose bound to the next is not below the value */
		int middle = (low + high) / 2;

		if (0.5f * (map[middle] + map[middle + 1]) < value)
			low = middle + 1;
		else
			high = middle;
	}
	return (uint8_t)low;
}

bool four_bits_compress(const float *scales, size_t count, uint8_t *numbers, float *absmax, float *offset)
{
	float map[FOUR_BITS_MAP];

	four_bits_dynamic_map(map);
	*offset = mean(scales, count);
	if (!isfinite(*offset))
		return false;
	for (size_t first = 0; first < count; first += FOUR_BITS_NESTED_BLOCK) {
		size_t end = count - first < FOUR_BITS_NESTED_BLOCK ? count : first + FOUR_BITS_NESTED_BLOCK;
		float largest = 0, inverse;

		for (size_t i = first; i < end; i++)
			largest = fmaxf(largest, fabsf(scales[i] - *offset));
		absmax[first / FOUR_BITS_NESTED_BLOCK] = largest;
		inverse = 1.0f / largest;
		for (size_t i = first; i < end; i++)
			numbers[i] = largest == 0 ? 0 : number_of(map, within_one((scales[i] - *offset) * inverse));
	}
	return true;
}

void four_bits_expand(const uint8_t *numbers, size_t count, const float map[FOUR_BITS_MAP], const float *absmax,
                      size_t block, float offset, float *scales)
{
	for (size_t i = 0; i < count; i++) {
		float product = map[numbers[i]] * absmax[i / block];

		scales[i] = product + offset;
	}
}
