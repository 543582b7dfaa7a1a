/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers of 16 bits, bf16 and f16: what products read where the backend's precision is one of them. Kernels are templates
 * over the element; `struct format` says what differs. */
#ifndef REVUE_BACKEND_CUDA_HALVES_H
#define REVUE_BACKEND_CUDA_HALVES_H

#include "engine/backend/cuda/device.h"
#include "engine/backend/cuda/ptx.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

template <class T> struct format;

template <> struct format<__nv_bfloat16> {
	static __device__ __forceinline__ uint16_t bits(float x) { return __bfloat16_as_ushort(__float2bfloat16_rn(x)); }
	static __device__ __forceinline__ float value(uint16_t bits) { return __bfloat162float(__ushort_as_bfloat16(bits)); }
	static __device__ __forceinline__ void multiply(float d[4], const uint32_t a[4], const uint32_t b[2])
	{
		ptx_mma_bf16(d, a, b);
	}
};

template <> struct format<__half> {
	static __device__ __forceinline__ uint16_t bits(float x) { return __half_as_ushort(__float2half_rn(x)); }
	static __device__ __forceinline__ float value(uint16_t bits) { return __half2float(__ushort_as_half(bits)); }
	static __device__ __forceinline__ void multiply(float d[4], const uint32_t a[4], const uint32_t b[2])
	{
		ptx_mma_f16(d, a, b);
	}
};

/* Two numbers in a register, the first in its lower half. */
template <class T> static __device__ __forceinline__ uint32_t half_pair(float x, float y)
{
	return static_cast<uint32_t>(format<T>::bits(x)) | static_cast<uint32_t>(format<T>::bits(y)) << 16;
}

/* A copy in 16 bits has rows of `columns` numbers that begin at multiples of 16 bytes, as tensor cores like them. */
static inline int32_t halves_stride(int32_t columns)
{
	return (columns + 7) / 8 * 8;
}

static inline size_t halves_bytes(int32_t rows, int32_t columns)
{
	return staged_bytes(static_cast<size_t>(rows) * static_cast<size_t>(halves_stride(columns)) * sizeof(uint16_t));
}

/* x[rows, columns], whose rows begin at multiples of `stride`, in the backend's 16 bits. */
void cuda_narrow(struct cuda *c, void *out, const float *x, int32_t rows, int32_t columns, int32_t stride);

#endif
