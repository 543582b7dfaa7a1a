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

struct cublas; /* linear.cu */

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

	bool failed;
	struct error failure; /* the first, which stays */
};

static inline struct cuda *cuda_of(struct backend *b)
{
	return (struct cuda *)b;
}

/* Fills an error of kind ERROR_FAILED. Returns false. */
bool cuda_error(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Keeps the first failure of a device: "the GPU: NAME OF WHAT: what CUDA says". True where there is none. */
bool cuda_check(struct cuda *c, cudaError_t result, const char *what);

/* `bytes` of the host where the device can read them, until the next call of sync; NULL after a failure. */
const void *cuda_stage(struct cuda *c, const void *host, size_t bytes);

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

	if (c->failed || blocks.x == 0 || blocks.y == 0 || blocks.z == 0)
		return;
	cuda_check(c, cudaLaunchKernel(kernel, blocks, dim3(threads), pointers, shared, c->stream), "starting a kernel");
}

template <class... Parameters, class... Arguments>
void launch(struct cuda *c, void (*kernel)(Parameters...), dim3 blocks, unsigned threads, size_t shared,
            Arguments... arguments)
{
	launch_converted<Parameters...>(c, kernel, blocks, threads, shared, static_cast<Parameters>(arguments)...);
}

#endif
