/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/backend/cpu/codes.h"

#include "engine/base/four_bits.h"

#include <string.h>

#define MOST_LANES 16

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Groups are no shorter than a unit: below, scales would take more than the codes. */
size_t codes_group(size_t columns)
{
	size_t group = FOUR_BITS_BLOCK;

	while (columns % group != 0)
		group /= 2;
	return columns > 0 && group >= CODE_STEPS ? group : 0;
}

static size_t groups_of(size_t first, size_t block, size_t group)
{
	return (first % group + block + group - 1) / group;
}

static size_t units_of(size_t block)
{
	return (block + CODE_STEPS - 1) / CODE_STEPS;
}

size_t codes_column_bytes(size_t first, size_t block, size_t group)
{
	return groups_of(first, block, group) * sizeof(float) + units_of(block) * (CODE_STEPS / 2);
}

size_t codes_bytes_before(size_t k, size_t block, size_t group)
{
	size_t bytes = 0;

	for (size_t first = 0; first < k; first += block)
		bytes += codes_column_bytes(first, smaller(block, k - first), group);
	return bytes;
}

/* Where a row of the matrix is: the codes and scales of its part, and its first element there. */
struct row {
	const uint8_t *codes;
	const float *scales;
	size_t element;
};

static struct row find_row(const struct four_bits *w, size_t i)
{
	const uint8_t *part = w->data + i / w->part_rows * w->part_bytes;

	return (struct row){part, (const float *)(const void *)(part + w->scales_at), i % w->part_rows * w->columns};
}

/* Of one vector of columns: the scales at k, without those that are beyond the last. */
static void pack_scales(float *out, const struct row *rows, size_t k, size_t count, size_t lanes)
{
	for (size_t c = 0; c < lanes; c++)
		out[c] = c < count ? rows[c].scales[(rows[c].element + k) / FOUR_BITS_BLOCK] : 0;
}

/* One vector of columns: the bytes of CODE_STEPS elements of each, of which the last unit may have fewer. */
static void pack_units(uint8_t *out, size_t out_unit, const struct kernels *kernels, const struct row *rows, size_t first,
                       size_t block, size_t count)
{
	uint8_t bytes[MOST_LANES * CODE_STEPS / 2] = {0};

	for (size_t j = 0; j < block; j += CODE_STEPS, out += out_unit) {
		size_t size = smaller(CODE_STEPS, block - j) / 2;

		for (size_t c = 0; c < count; c++)
			memcpy(bytes + c * (CODE_STEPS / 2), rows[c].codes + (rows[c].element + first + j) / 2, size);
		kernels->pack_unit(out, bytes);
	}
}

void codes_pack_panel(uint8_t *out, const struct kernels *kernels, const struct four_bits *w, size_t first, size_t block,
                      size_t i, size_t count, size_t width)
{
	const size_t lanes = kernels->lanes, group = codes_group(w->columns), groups = groups_of(first, block, group);
	uint8_t *units = out + groups * width * sizeof(float);

	for (size_t v = 0; v < width; v += lanes) {
		size_t here = v < count ? smaller(lanes, count - v) : 0;
		struct row rows[MOST_LANES];

		for (size_t c = 0; c < here; c++)
			rows[c] = find_row(w, i + v + c);
		for (size_t g = 0; g < groups; g++)
			pack_scales((float *)(void *)out + g * width + v, rows, (first / group + g) * group, here, lanes);
		pack_units(units + v * (CODE_STEPS / 2), width * (CODE_STEPS / 2), kernels, rows, first, block, here);
	}
}

struct code_panels codes_panels(const uint8_t *bytes, const struct four_bits *w, size_t first, size_t block)
{
	size_t group = codes_group(w->columns);

	return (struct code_panels){
		.bytes = bytes,
		.column_bytes = codes_column_bytes(first, block, group),
		.scale_rows = groups_of(first, block, group),
		.group_bits = (size_t)__builtin_ctzll(group),
		.offset = first % group,
		.codes = w->codes,
	};
}
