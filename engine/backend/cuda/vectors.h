/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Four floats at a time, and sums over a warp or a block in an order that depends on nothing but their shape. */
#ifndef REVUE_BACKEND_CUDA_VECTORS_H
#define REVUE_BACKEND_CUDA_VECTORS_H

#include "engine/backend/cuda/device.h"

#define WHOLE_WARP 0xFFFFFFFFu

/* True where each of the arrays (or NULL) can be read as float4. */
template <class... Pointers> static inline bool aligned(const Pointers *...arrays)
{
	return ((reinterpret_cast<uintptr_t>(arrays) % sizeof(float4) == 0) && ...);
}

/* The elements i .. i+3 of x[count], 0 where there are none. ALIGNED: x is, and i is a multiple of 4. */
template <bool ALIGNED> static __device__ __forceinline__ float4 load4(const float *x, size_t i, size_t count)
{
	if (ALIGNED && i + 4 <= count)
		return *reinterpret_cast<const float4 *>(x + i);
	return make_float4(i < count ? x[i] : 0, i + 1 < count ? x[i + 1] : 0, i + 2 < count ? x[i + 2] : 0,
	                   i + 3 < count ? x[i + 3] : 0);
}

template <bool ALIGNED> static __device__ __forceinline__ void store4(float *x, size_t i, size_t count, float4 value)
{
	if (ALIGNED && i + 4 <= count) {
		*reinterpret_cast<float4 *>(x + i) = value;
		return;
	}
	if (i < count)
		x[i] = value.x;
	if (i + 1 < count)
		x[i + 1] = value.y;
	if (i + 2 < count)
		x[i + 2] = value.z;
	if (i + 3 < count)
		x[i + 3] = value.w;
}

static __device__ __forceinline__ float4 operator+(float4 a, float4 b)
{
	return make_float4(a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w);
}

static __device__ __forceinline__ float4 operator-(float4 a, float b)
{
	return make_float4(a.x - b, a.y - b, a.z - b, a.w - b);
}

static __device__ __forceinline__ float4 operator*(float4 a, float4 b)
{
	return make_float4(a.x * b.x, a.y * b.y, a.z * b.z, a.w * b.w);
}

static __device__ __forceinline__ float4 operator*(float4 a, float b)
{
	return make_float4(a.x * b, a.y * b, a.z * b, a.w * b);
}

static __device__ __forceinline__ float total(float4 a)
{
	return (a.x + a.y) + (a.z + a.w);
}

/* Over the warp, the same in every lane. */
template <class T> static __device__ __forceinline__ T warp_sum(T value)
{
	for (int bits = WARP / 2; bits > 0; bits /= 2)
		value += __shfl_xor_sync(WHOLE_WARP, value, bits);
	return value;
}

/* Over the block, the same in every thread: warp after warp. `sums` is shared, one for each warp, and may be used again
 * at once. */
template <class T> static __device__ __forceinline__ T block_sum(T *sums, T value)
{
	const unsigned warps = blockDim.x / WARP;
	T sum = 0;

	value = warp_sum(value);
	__syncthreads();
	if (threadIdx.x % WARP == 0)
		sums[threadIdx.x / WARP] = value;
	__syncthreads();
	for (unsigned w = 0; w < warps; w++)
		sum += sums[w];
	return sum;
}

#endif
