/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Weights in four bits: a matrix becomes floats in scratch memory, the same floats as on the processor to the bit, before its
 * product; where that reads 16 bits, those floats rounded. Scratch memory is the product's until the next operation, which the device begins after it. */
#include "engine/backend/cuda/halves.h"
#include "engine/backend/cuda/operations.h"

#include <cstring>

#define THREADS 256

/* How the parts of a matrix lie: `count` elements each, two codes a byte, then a scale for each block of them. */
struct parts {
	const unsigned char *data;
	size_t count, bytes, scales_at;
	size_t columns, stride; /* of the matrix, and from a row of what comes out to the next */
	float codes[FOUR_BITS_CODES];
};

/* A weight as it is written. */
template <class T> static __device__ __forceinline__ T element_of(float x)
{
	return T(x);
}

struct codes_shared {
	float codes[FOUR_BITS_CODES];
};

/* One weight, in its row of the whole matrix. */
template <class T> static __device__ void put(T *out, const struct parts &parts, size_t part, size_t i, float value)
{
	const size_t element = part * parts.count + i;

	out[element / parts.columns * parts.stride + element % parts.columns] = element_of<T>(value);
}

/* A thread a byte, of part blockIdx.y. */
template <class T> static __global__ void dequantise_kernel(T *out, struct parts parts)
{
	const size_t i = 2 * (static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x), part = blockIdx.y;
	const unsigned char *data = parts.data + part * parts.bytes;
	const float *scales = reinterpret_cast<const float *>(data + parts.scales_at);
	struct codes_shared *shared = shared_memory<struct codes_shared>();

	if (threadIdx.x < FOUR_BITS_CODES)
		shared->codes[threadIdx.x] = parts.codes[threadIdx.x];
	__syncthreads();
	if (i < parts.count)
		put(out, parts, part, i, shared->codes[data[i / 2] >> 4] * scales[i / FOUR_BITS_BLOCK]);
	if (i + 1 < parts.count)
		put(out, parts, part, i + 1, shared->codes[data[i / 2] & 15] * scales[i / FOUR_BITS_BLOCK]);
}

static struct parts parts_of(const struct cuda *c, const struct matrix *w, size_t parts)
{
	const enum four_bits_type type = w->type == MATRIX_FP4 ? FOUR_BITS_FP4 : FOUR_BITS_NF4;
	struct parts p = {};

	p.data = static_cast<const unsigned char *>(w->data);
	p.columns = static_cast<size_t>(w->columns);
	p.count = static_cast<size_t>(w->rows) / parts * static_cast<size_t>(w->columns);
	p.bytes = c->host.four_bits_size(p.count);
	p.scales_at = c->host.four_bits_scales_at(p.count);
	memcpy(p.codes, c->host.four_bits_codes(type), sizeof p.codes);
	return p;
}

size_t cuda_four_bits_scratch(const struct backend_needs *needs)
{
	const size_t side = static_cast<size_t>(needs->features);

	return needs->types & (MATRIX_BIT(MATRIX_NF4) | MATRIX_BIT(MATRIX_FP4)) ? side * side * sizeof(float) : 0;
}

template <class T> static void dequantise(struct cuda *c, T *out, const struct matrix *w, int32_t stride)
{
	const size_t parts = w->parts > 0 ? static_cast<size_t>(w->parts) : 1;
	struct parts p = parts_of(c, w, parts);

	p.stride = static_cast<size_t>(stride);
	launch(c, dequantise_kernel<T>, dim3(blocks_for(p.count / 2 + p.count % 2, THREADS), static_cast<unsigned>(parts)), THREADS,
	       sizeof(struct codes_shared), out, p);
}

void cuda_dequantise(struct cuda *c, void *out, const struct matrix *w)
{
	if (!out)
		return;
	if (c->backend.precision == PRECISION_BF16)
		dequantise(c, static_cast<__nv_bfloat16 *>(out), w, halves_stride(w->columns));
	else if (c->backend.precision == PRECISION_F16)
		dequantise(c, static_cast<__half *>(out), w, halves_stride(w->columns));
	else
		dequantise(c, static_cast<float *>(out), w, w->columns);
}
