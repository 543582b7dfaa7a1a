/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a warp does as one: small products of matrices, and matrices out of shared memory. Fragments as the PTX ISA lays them
 * out (engine/backend/cuda/ptx.h); a sum is rounded once. */
#include "tests/cuda/emulator.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_ptx.h>

#include <cstring>

struct registers {
	uint32_t a[4], b[2];
};

static_assert(sizeof(struct registers) <= EXCHANGE_STRIDE, "");

static const struct registers *of_lane(const unsigned char *all, int lane)
{
	return reinterpret_cast<const struct registers *>(all + lane * EXCHANGE_STRIDE);
}

static float half_of(uint32_t pair, int which, float (*value)(uint16_t))
{
	return value(static_cast<uint16_t>(which ? pair >> 16 : pair & 0xFFFF));
}

/* Element (row, k) of a[16, 16]. */
static float a_of(const unsigned char *all, int row, int k, float (*value)(uint16_t))
{
	const int lane = row % 8 * 4 + k % 8 / 2, part = row / 8 + k / 8 * 2;

	return half_of(of_lane(all, lane)->a[part], k % 2, value);
}

/* Element (k, column) of b[16, 8]. */
static float b_of(const unsigned char *all, int k, int column, float (*value)(uint16_t))
{
	return half_of(of_lane(all, column * 4 + k % 8 / 2)->b[k / 8], k % 2, value);
}

static void multiply(float d[4], const uint32_t a[4], const uint32_t b[2], float (*value)(uint16_t), cuda_site site)
{
	const struct registers mine = {{a[0], a[1], a[2], a[3]}, {b[0], b[1]}};
	const unsigned char *all = fibers_exchange(&mine, sizeof mine, site);
	const int lane = cuda_lane();

	for (int i = 0; i < 4; i++) {
		const int row = lane / 4 + i / 2 * 8, column = lane % 4 * 2 + i % 2;
		double sum = d[i];

		for (int k = 0; k < 16; k++)
			sum += static_cast<double>(a_of(all, row, k, value)) * b_of(all, k, column, value);
		d[i] = static_cast<float>(sum);
	}
}

void ptx_mma_bf16(float d[4], const uint32_t a[4], const uint32_t b[2], const char *file, int line)
{
	multiply(d, a, b, cuda_bf16_value, {"mma.sync", file, line});
}

void ptx_mma_f16(float d[4], const uint32_t a[4], const uint32_t b[2], const char *file, int line)
{
	multiply(d, a, b, cuda_half_value, {"mma.sync", file, line});
}

/* The upper 19 bits of a float. */
static double tf32_value(uint32_t bits)
{
	return __uint_as_float(bits & 0xFFFFE000);
}

void ptx_mma_tf32(float d[4], const uint32_t a[4], const uint32_t b[2], const char *file, int line)
{
	const struct registers mine = {{a[0], a[1], a[2], a[3]}, {b[0], b[1]}};
	const unsigned char *all = fibers_exchange(&mine, sizeof mine, {"mma.sync", file, line});
	const int lane = cuda_lane();

	for (int i = 0; i < 4; i++) {
		const int row = lane / 4 + i / 2 * 8, column = lane % 4 * 2 + i % 2;
		double sum = d[i];

		for (int k = 0; k < 8; k++)
			sum += tf32_value(of_lane(all, row % 8 * 4 + k % 4)->a[row / 8 + k / 4 * 2]) *
			       tf32_value(of_lane(all, column * 4 + k % 4)->b[k / 4]);
		d[i] = static_cast<float>(sum);
	}
}

/* An element of a row that lane `from` named: this thread reads it. */
static uint32_t element(const unsigned char *rows, int from, int column)
{
	const uint16_t *row;
	uint16_t value;

	memcpy(&row, rows + from * EXCHANGE_STRIDE, sizeof row);
	if (reinterpret_cast<uintptr_t>(row) % 16 != 0)
		fault_kernel("ldmatrix: the row that lane %d names is not aligned to 16 bytes", from);
	race_read(fiber_now, row + column, sizeof value);
	memcpy(&value, row + column, sizeof value);
	return value;
}

void cuda_load_matrices(uint32_t *out, int count, bool transposed, const void *row, cuda_site site)
{
	const unsigned char *rows = fibers_exchange(&row, sizeof row, site);
	const int g = cuda_lane() / 4, t = cuda_lane() % 4;

	for (int m = 0; m < count; m++) {
		const uint32_t low = transposed ? element(rows, m * 8 + 2 * t, g) : element(rows, m * 8 + g, 2 * t);
		const uint32_t high = transposed ? element(rows, m * 8 + 2 * t + 1, g) : element(rows, m * 8 + g, 2 * t + 1);

		out[m] = low | high << 16;
	}
}
