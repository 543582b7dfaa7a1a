/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The part of CUDA's runtime that engine/backend/cuda uses, on the host: a thread of CUDA is a fiber, a block the fibers that
 * run in turns, device memory is the host's. Copies and kernels are done when the call returns, in the order of the calls.
 * Names and meanings are those of NVIDIA's header, which nvcc takes instead. */
#ifndef REVUE_TESTS_CUDA_RUNTIME_H
#define REVUE_TESTS_CUDA_RUNTIME_H

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <tuple>
#include <utility>

using std::isfinite; /* as CUDA's header has them */
using std::isinf;
using std::isnan;

#define __CUDA_ARCH_LIST__ 800, 900

#define __global__
#define __device__
#define __host__
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

struct float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(16) uint4 { unsigned x, y, z, w; };

static inline float2 make_float2(float x, float y) { return {x, y}; }
static inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

enum cudaError_t {
	cudaSuccess = 0,
	cudaErrorInvalidValue = 1,
	cudaErrorMemoryAllocation = 2,
	cudaErrorInsufficientDriver = 35,
	cudaErrorDevicesUnavailable = 46,
	cudaErrorNoDevice = 100,
	cudaErrorInvalidDevice = 101,
	cudaErrorNoKernelImageForDevice = 209,
	cudaErrorECCUncorrectable = 214,
	cudaErrorIllegalAddress = 700,
	cudaErrorLaunchTimeout = 702,
	cudaErrorLaunchFailure = 719,
	cudaErrorUnknown = 999,
};
enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1, cudaMemcpyDeviceToHost = 2, cudaMemcpyDeviceToDevice = 3 };
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize = 8 };

#define cudaStreamNonBlocking 1u

typedef struct cuda_stream *cudaStream_t;

struct cudaDeviceProp {
	char name[256];
	size_t totalGlobalMem, sharedMemPerBlockOptin;
	int major, minor, multiProcessorCount;
};

const char *cudaGetErrorString(cudaError_t error);
cudaError_t cudaGetLastError();
cudaError_t cudaGetDeviceCount(int *count);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int device);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaDriverGetVersion(int *version);
cudaError_t cudaRuntimeGetVersion(int *version);
cudaError_t cudaMemGetInfo(size_t *available, size_t *total);
cudaError_t cudaMalloc(void **memory, size_t bytes);
cudaError_t cudaMallocManaged(void **memory, size_t bytes);
cudaError_t cudaFree(void *memory);
cudaError_t cudaDeviceSynchronize();
cudaError_t cudaMallocHost(void **memory, size_t bytes);
cudaError_t cudaFreeHost(void *memory);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream);
cudaError_t cudaMemsetAsync(void *memory, int value, size_t bytes, cudaStream_t stream);

/* --- inside of a kernel */

struct cuda_place {
	dim3 thread, block, block_size, grid;
};

/* Of the fiber that runs. */
const struct cuda_place *cuda_here();

#define threadIdx (cuda_here()->thread)
#define blockIdx (cuda_here()->block)
#define blockDim (cuda_here()->block_size)
#define gridDim (cuda_here()->grid)

extern unsigned char shared_bytes[];

void __syncthreads();
void __syncwarp(unsigned mask = 0xFFFFFFFFu);

/* Lane `source` of the warp gives its 8 bytes to this one. */
uint64_t cuda_exchange(uint64_t value, int source);
unsigned cuda_ballot(bool value);

template <class T> static inline T cuda_shuffle(T value, int source)
{
	uint64_t bits = 0;

	static_assert(sizeof value <= sizeof bits, "a shuffle moves 8 bytes at most");
	__builtin_memcpy(&bits, &value, sizeof value);
	bits = cuda_exchange(bits, source);
	__builtin_memcpy(&value, &bits, sizeof value);
	return value;
}

static inline int cuda_lane()
{
	return static_cast<int>(threadIdx.x & 31);
}

template <class T> static inline T __shfl_sync(unsigned, T value, int source, int = 32)
{
	return cuda_shuffle(value, source & 31);
}

template <class T> static inline T __shfl_xor_sync(unsigned, T value, int bits, int = 32)
{
	return cuda_shuffle(value, cuda_lane() ^ bits);
}

template <class T> static inline T __shfl_down_sync(unsigned, T value, unsigned by, int = 32)
{
	const int from = cuda_lane() + static_cast<int>(by);

	return cuda_shuffle(value, from < 32 ? from : cuda_lane());
}

template <class T> static inline T __shfl_up_sync(unsigned, T value, unsigned by, int = 32)
{
	const int from = cuda_lane() - static_cast<int>(by);

	return cuda_shuffle(value, from >= 0 ? from : cuda_lane());
}

static inline unsigned __ballot_sync(unsigned, int value) { return cuda_ballot(value != 0); }
static inline int __any_sync(unsigned, int value) { return cuda_ballot(value != 0) != 0; }
static inline int __all_sync(unsigned, int value) { return cuda_ballot(value == 0) == 0; }
static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
static inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>(uint64_t{a} * b >> 32); }
static inline float rsqrtf(float x) { return 1 / sqrtf(x); }
static inline float __uint_as_float(unsigned x) { float f; __builtin_memcpy(&f, &x, 4); return f; }
static inline unsigned __float_as_uint(float f) { unsigned x; __builtin_memcpy(&x, &f, 4); return x; }

/* --- starting one */

/* Runs `thread` once for each thread of each block. */
cudaError_t cuda_run(dim3 grid, dim3 block, size_t shared, const std::function<void()> &thread);

template <class... P, size_t... I>
static inline cudaError_t cuda_run_kernel(void (*kernel)(P...), dim3 grid, dim3 block, void **arguments, size_t shared,
                                          std::index_sequence<I...>)
{
	const std::tuple<P...> values(*static_cast<P *>(arguments[I])...);

	return cuda_run(grid, block, shared, [&] { kernel(std::get<I>(values)...); });
}

template <class... P>
static inline cudaError_t cudaLaunchKernel(void (*kernel)(P...), dim3 grid, dim3 block, void **arguments, size_t shared,
                                           cudaStream_t)
{
	return cuda_run_kernel(kernel, grid, block, arguments, shared, std::index_sequence_for<P...>());
}

template <class... P>
static inline cudaError_t cudaFuncSetAttribute(void (*)(P...), cudaFuncAttribute, int)
{
	return cudaSuccess;
}

#endif
