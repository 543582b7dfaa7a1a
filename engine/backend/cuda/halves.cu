/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Copies in 16 bits of what products read: weights once a step, in `pack`; activations and gradients at each product. */
#include "engine/backend/cuda/halves.h"

#include "engine/backend/cuda/operations.h"
#include "engine/backend/cuda/vectors.h"

#define THREADS 256

/* A thread four numbers of a row. What stands between the end of a row and the next is 0. */
template <class T, bool ALIGNED>
static __global__ void narrow_kernel(uint2 *out, const float *x, size_t rows, size_t columns, size_t stride, size_t fours)
{
	const size_t i = static_cast<size_t>(blockIdx.x) * THREADS + threadIdx.x, row = i / fours, four = i % fours;
	float4 value;

	if (row >= rows)
		return;
	value = load4<ALIGNED>(x + row * stride, four * 4, columns);
	out[i] = make_uint2(half_pair<T>(value.x, value.y), half_pair<T>(value.z, value.w));
}

template <class T>
static void narrow(struct cuda *c, void *out, const float *x, int32_t rows, int32_t columns, int32_t stride)
{
	const size_t fours = static_cast<size_t>(halves_stride(columns)) / 4, count = static_cast<size_t>(rows) * fours;

	launch(c, aligned(x) && stride % 4 == 0 ? narrow_kernel<T, true> : narrow_kernel<T, false>, blocks_for(count, THREADS),
	       THREADS, 0, static_cast<uint2 *>(out), x, static_cast<size_t>(rows), static_cast<size_t>(columns),
	       static_cast<size_t>(stride), fours);
}

void cuda_narrow(struct cuda *c, void *out, const float *x, int32_t rows, int32_t columns, int32_t stride)
{
	if (c->backend.precision == PRECISION_F16)
		narrow<__half>(c, out, x, rows, columns, stride);
	else
		narrow<__nv_bfloat16>(c, out, x, rows, columns, stride);
}

/* In f32 products read weights where they lie; of weights in four bits a copy would undo what they are for. */
uint64_t cuda_packed_bytes(struct backend *b, const struct matrix *w)
{
	return precision_is_half(b->precision) && !matrix_is_four_bits(w) ? halves_bytes(w->rows, w->columns) : 0;
}

bool cuda_pack(struct backend *b, struct matrix *w)
{
	const uint64_t bytes = cuda_packed_bytes(b, w);

	if (bytes == 0) {
		w->packed = nullptr;
		return true;
	}
	if (!w->packed && !cuda_take(&w->packed, bytes, nullptr))
		return false;
	cuda_narrow(cuda_of(b), w->packed, static_cast<const float *>(w->data), w->rows, w->columns, w->columns);
	return true;
}

void cuda_unpack(struct backend *b, struct matrix *w)
{
	cuda_release(b, w->packed);
	w->packed = nullptr;
}

/* Both sides of a product: activations or gradients beside each other, or beside weights. */
size_t cuda_product_scratch(const struct cuda *c, const struct backend_needs *needs)
{
	const size_t numbers = static_cast<size_t>(backend_needs_numbers(needs));

	return precision_is_half(c->backend.precision) ? 2 * staged_bytes(numbers * sizeof(uint16_t)) : 0;
}
