/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What all files of the module share: the backend, how a failure is kept, how a kernel is started. C++17, compiled by nvcc,
 * and by the host's compiler over tests/cuda/include, where a thread of CUDA is a fiber.
 *
 * How kernels are written here, so that both compilers take them and the second can check them:
 *   - A kernel is started by `launch`, never by <<< >>>.
 *   - Its shared memory is one struct, taken by shared_memory<struct ...>(); its size goes through `launch`. No __shared__.
 *   - Threads of a block meet at __syncthreads, of a warp at __syncwarp; a shuffle or a vote has no mask but the whole warp.
 *     Blocks are whole warps.
 *   - A block never reads what another block of the same launch writes. No atomics on floats: sums have a fixed order.
 *   - What PTX alone can do (mma.sync, ldmatrix, cp.async) stands in engine/backend/cuda/ptx.h, with a twin for the host. */
#ifndef REVUE_BACKEND_CUDA_DEVICE_H
#define REVUE_BACKEND_CUDA_DEVICE_H

#include "engine/backend/backend.h"
#include "engine/backend/cuda/module.h"

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

#define WARP 32
#define SHARED_ALWAYS (size_t{48} << 10) /* shared memory of a block that need not be asked for */

struct cublas; /* cublas.cu */

struct cuda {
	struct backend backend; /* first */
	struct cuda_host host;
	int index;
	cudaStream_t stream;
	struct backend_needs needs; /* what was reserved */
	struct cublas *cublas;

	/* Arrays of the host on their way to the device: pinned, and their place there. A call takes the next part; the ring
	 * begins anew after the stream was waited for. */
	unsigned char *pinned, *staged;
	size_t staging_bytes, staging_used;

	/* Room for partial sums and the like, sized by `reserve`. An operation may use all of it. */
	float *scratch;
	size_t scratch_bytes;

	/* linear.cu: the array [rows, columns] whose copy in 16 bits stands at the start of the scratch memory; NULL as soon as
	 * anything else was asked that may write there or change the array. */
	struct {
		const float *x;
		int32_t rows, columns;
	} narrowed;

	bool failed;
	struct error failure; /* the first, which stays */
};

static inline struct cuda *cuda_of(struct backend *b)
{
	return (struct cuda *)b;
}

/* Fills an error of kind ERROR_FAILED. Returns false. */
bool cuda_error(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "the GPU was lost (WHAT: what CUDA says)". Returns false. */
bool cuda_result_error(struct error *error, cudaError_t result, const char *what);

/* No driver (0), or one too old for the runtime that the module was built with; both as CUDA counts versions. */
bool cuda_driver_error(struct error *error, int driver, int runtime);

/* Keeps the first failure of a device, of a call of CUDA or in other words. cuda_check: true where there is none. */
bool cuda_check(struct cuda *c, cudaError_t result, const char *what);
void cuda_fail(struct cuda *c, const char *what);

/* Memory of the device, which is not zeroed; none is no failure of the device. Given back by cudaFree. */
bool cuda_take(void **memory, size_t bytes, struct error *error);

/* `bytes` of the host where the device can read them, until the next call of sync; NULL after a failure. */
const void *cuda_stage(struct cuda *c, const void *host, size_t bytes);

/* The same in parts, so that an operation can write what it makes where it is sent from: room for `bytes` of the host, and
 * the first `bytes` of it sent. What is staged after cuda_stage_room within its bytes (each part counts as a multiple of 256)
 * never waits for the stream, and so takes no place of what was staged before it. NULL after a failure. */
void *cuda_stage_room(struct cuda *c, size_t bytes);
const void *cuda_stage_send(struct cuda *c, size_t bytes);

static inline size_t staged_bytes(size_t bytes)
{
	return bytes > SIZE_MAX - 255 ? SIZE_MAX : (bytes + 255) / 256 * 256;
}

/* Scratch memory for an operation: `bytes` of it, or NULL and a failure where `reserve` was told less. */
void *cuda_scratch(struct cuda *c, size_t bytes);

template <class T> const T *cuda_stage(struct cuda *c, const T *host, size_t count)
{
	return static_cast<const T *>(cuda_stage(c, static_cast<const void *>(host), count * sizeof(T)));
}

/* The shared memory of a block: one struct a kernel, whose size was given to `launch`. */
template <class T> __device__ T *shared_memory()
{
	extern __shared__ __align__(16) unsigned char shared_bytes[];

	return reinterpret_cast<T *>(shared_bytes);
}

/* Starts kernel(arguments...) on `blocks` blocks of `threads`, each with shared memory of `shared` bytes. No blocks: nothing.
 * A failure is kept. */
template <class... Parameters, class... Arguments>
void launch(struct cuda *c, void (*kernel)(Parameters...), dim3 blocks, unsigned threads, size_t shared,
            Arguments... arguments);

/* Blocks of `threads` threads for `count` elements, one a thread. */
static inline unsigned blocks_for(size_t count, unsigned threads)
{
	return static_cast<unsigned>((count + threads - 1) / threads);
}

template <class... Parameters>
void launch_converted(struct cuda *c, void (*kernel)(Parameters...), dim3 blocks, unsigned threads, size_t shared,
                      Parameters... arguments)
{
	void *pointers[] = {const_cast<void *>(static_cast<const void *>(&arguments))..., nullptr};

	c->narrowed.x = nullptr;
	if (c->failed || blocks.x == 0 || blocks.y == 0 || blocks.z == 0)
		return;
	if (shared > SHARED_ALWAYS)
		cuda_check(c, cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared)),
		           "asking for shared memory");
	cuda_check(c, cudaLaunchKernel(kernel, blocks, dim3(threads), pointers, shared, c->stream), "starting a kernel");
}

template <class... Parameters, class... Arguments>
void launch(struct cuda *c, void (*kernel)(Parameters...), dim3 blocks, unsigned threads, size_t shared,
            Arguments... arguments)
{
	launch_converted<Parameters...>(c, kernel, blocks, threads, shared, static_cast<Parameters>(arguments)...);
}

#endif
