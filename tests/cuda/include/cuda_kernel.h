/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What stands inside of kernels: where a thread is, what it waits for, what a warp exchanges, small arithmetic. Part of
 * cuda_runtime.h, as in CUDA. Each meeting tells its line, for the messages and to see that threads do not mix them up. */
#ifndef REVUE_TESTS_CUDA_KERNEL_H
#define REVUE_TESTS_CUDA_KERNEL_H

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#define __CUDA_ARCH_LIST__ 800, 900 /* what there is code for */

#define __global__
#define __device__
#define __host__
#define __constant__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
#define __restrict__ __restrict
/* Only in shared_memory(): `extern unsigned char shared_bytes[]`, of which each kernel gets what it asked for. */
#define __shared__

struct dim3 {
	unsigned x, y, z;

	constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};

struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(16) double2 { double x, y; };
struct alignas(8) int2 { int x, y; };
struct alignas(16) int4 { int x, y, z, w; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };

static inline float2 make_float2(float x, float y) { return {x, y}; }
static inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
static inline double2 make_double2(double x, double y) { return {x, y}; }
static inline int2 make_int2(int x, int y) { return {x, y}; }
static inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
static inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
static inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

/* Of the fiber that runs: the same for all of its life, so one call a function does. */
dim3 cuda_thread() __attribute__((const));
dim3 cuda_block() __attribute__((const));

#define threadIdx (cuda_thread())
#define blockIdx (cuda_block())

extern dim3 blockDim, gridDim;

extern unsigned char shared_bytes[];

/* A place in the source where threads meet. */
struct cuda_site {
	const char *what, *file;
	int line;
};

#define CUDA_HERE const char *file = __builtin_FILE(), int line = __builtin_LINE()
#define CUDA_WHOLE_WARP 0xFFFFFFFFu

void cuda_meet_block(cuda_site site);
void cuda_meet_warp(unsigned mask, cuda_site site); /* and what its threads wrote is seen by the others */

/* Lane `source` of the warp gives its 8 bytes to this one. Orders no memory. */
uint64_t cuda_exchange(unsigned mask, uint64_t value, int source, cuda_site site);
unsigned cuda_ballot(unsigned mask, bool value, cuda_site site);

static inline void __syncthreads(CUDA_HERE)
{
	cuda_meet_block({"__syncthreads", file, line});
}

static inline void __syncwarp(unsigned mask = CUDA_WHOLE_WARP, CUDA_HERE)
{
	cuda_meet_warp(mask, {"__syncwarp", file, line});
}

template <class T> static inline T cuda_shuffle(unsigned mask, T value, int source, cuda_site site)
{
	uint64_t bits = 0;

	static_assert(sizeof value <= sizeof bits, "a shuffle moves 8 bytes at most");
	__builtin_memcpy(&bits, &value, sizeof value);
	bits = cuda_exchange(mask, bits, source, site);
	__builtin_memcpy(&value, &bits, sizeof value);
	return value;
}

static inline int cuda_lane()
{
	return static_cast<int>(threadIdx.x & 31);
}

/* Within runs of `width` lanes, a power of two; who has no partner there keeps its own. */
template <class T> static inline T __shfl_sync(unsigned mask, T value, int source, int width = 32, CUDA_HERE)
{
	const int first = cuda_lane() & ~(width - 1);

	return cuda_shuffle(mask, value, first + (source & (width - 1)), {"__shfl_sync", file, line});
}

template <class T> static inline T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32, CUDA_HERE)
{
	const int from = cuda_lane() ^ bits, end = (cuda_lane() & ~(width - 1)) + width;

	return cuda_shuffle(mask, value, from < end ? from : cuda_lane(), {"__shfl_xor_sync", file, line});
}

template <class T> static inline T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = 32, CUDA_HERE)
{
	const int from = cuda_lane() + static_cast<int>(by), end = (cuda_lane() & ~(width - 1)) + width;

	return cuda_shuffle(mask, value, from < end ? from : cuda_lane(), {"__shfl_down_sync", file, line});
}

template <class T> static inline T __shfl_up_sync(unsigned mask, T value, unsigned by, int width = 32, CUDA_HERE)
{
	const int from = cuda_lane() - static_cast<int>(by), first = cuda_lane() & ~(width - 1);

	return cuda_shuffle(mask, value, from >= first ? from : cuda_lane(), {"__shfl_up_sync", file, line});
}

static inline unsigned __ballot_sync(unsigned mask, int value, CUDA_HERE)
{
	return cuda_ballot(mask, value != 0, {"__ballot_sync", file, line});
}

static inline int __any_sync(unsigned mask, int value, CUDA_HERE)
{
	return cuda_ballot(mask, value != 0, {"__any_sync", file, line}) != 0;
}

static inline int __all_sync(unsigned mask, int value, CUDA_HERE)
{
	return cuda_ballot(mask, value == 0, {"__all_sync", file, line}) == 0;
}

/* Orders what one thread does; the threads of a block still have to meet. */
static inline void __threadfence() {}
static inline void __threadfence_block() {}

static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __clz(int x) { return x ? __builtin_clz(static_cast<unsigned>(x)) : 32; }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>(uint64_t{a} * b >> 32); }
static inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __fsub_rn(float a, float b) { return a - b; }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fdiv_rn(float a, float b) { return a / b; }
static inline float __fsqrt_rn(float a) { return sqrtf(a); }
static inline double __dadd_rn(double a, double b) { return a + b; }
static inline double __dmul_rn(double a, double b) { return a * b; }
static inline double __fma_rn(double a, double b, double c) { return fma(a, b, c); }
static inline float __double2float_rn(double a) { return static_cast<float>(a); }
static inline float __uint2float_rn(unsigned a) { return static_cast<float>(a); }
static inline float __int2float_rn(int a) { return static_cast<float>(a); }
static inline float rsqrtf(float x) { return 1 / sqrtf(x); }
static inline double rsqrt(double x) { return 1 / sqrt(x); }
static inline float __uint_as_float(unsigned x) { float f; __builtin_memcpy(&f, &x, 4); return f; }
static inline unsigned __float_as_uint(float f) { unsigned x; __builtin_memcpy(&x, &f, 4); return x; }
static inline float __int_as_float(int x) { float f; __builtin_memcpy(&f, &x, 4); return f; }
static inline int __float_as_int(float f) { int x; __builtin_memcpy(&x, &f, 4); return x; }
template <class T> static inline T __ldg(const T *at) { return *at; }

#define CUDA_LESSER_AND_GREATER(type)                                        \
	static inline type min(type a, type b) { return b < a ? b : a; }     \
	static inline type max(type a, type b) { return a < b ? b : a; }
CUDA_LESSER_AND_GREATER(int)
CUDA_LESSER_AND_GREATER(unsigned)
CUDA_LESSER_AND_GREATER(long)
CUDA_LESSER_AND_GREATER(unsigned long)
static inline float min(float a, float b) { return fminf(a, b); }
static inline float max(float a, float b) { return fmaxf(a, b); }
static inline double min(double a, double b) { return fmin(a, b); }
static inline double max(double a, double b) { return fmax(a, b); }

#endif
