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
#include <cstring>

#define WARP 32
#define SHARED_ALWAYS (size_t{48} << 10) /* shared memory of a block that need not be asked for */

struct cublas; /* cublas.cu */
struct steps;  /* steps.cu */

/* Arrays of the host on their way to the device: pinned, and their places there. A call takes the next part; when an area is
 * full it begins anew after the stream was waited for. */
struct area {
	unsigned char *pinned, *staged;
	size_t used, sent;
};
#define AREA_HEAD 256 /* bytes at the start of a step's area that are the step's own */

struct cuda {
	struct backend backend; /* first */
	struct cuda_host host;
	int index;
	cudaStream_t stream;
	struct backend_needs needs; /* what was reserved */
	struct cublas *cublas;

	struct area usual, *area; /* `area` is that of the step, or the usual one */
	size_t staging_bytes;     /* of each area */
	struct steps *steps;

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

/* "WHAT: 12 MB of 80000 are free, ...". Returns false. */
bool cuda_memory_error(struct error *error, const char *what);

/* No driver (0), or one too old for the runtime that the module was built with; both as CUDA counts versions. */
bool cuda_driver_error(struct error *error, int driver, int runtime);

/* Keeps the first failure of a device, of a call of CUDA or in other words. cuda_check: true where there is none. */
bool cuda_check(struct cuda *c, cudaError_t result, const char *what);
void cuda_fail(struct cuda *c, const char *what);

/* Does what can be put off: function(c, what), now, or in a step when that is submitted, with a copy of the `bytes` of `what`;
 * nothing after a failure. */
typedef void (*cuda_function)(struct cuda *c, const void *what);
void cuda_do(struct cuda *c, cuda_function function, const void *what, size_t bytes);

/* Clears or copies within the device, as part of an operation. */
void cuda_fill(struct cuda *c, void *memory, size_t bytes);
void cuda_copy(struct cuda *c, void *to, const void *from, size_t bytes);

/* Whether a step is noted down: what it launches and stages should depend on its shape alone then. */
bool cuda_in_step(const struct cuda *c);

/* In a step whose dropout counts so: where its counter lies on the device; else NULL. */
const uint32_t *cuda_counter(const struct cuda *c, uint64_t counter);

/* An error, and nothing taken: no memory, of the device or of the host. */
cudaError_t area_take(struct area *area, size_t bytes);
void area_free(struct area *area);

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

/* A launch that may be put off. Such are compared byte for byte, so they have no holes with anything in them. */
template <class... Parameters> struct kernel_call {
	void (*kernel)(Parameters...);
	size_t shared;
	dim3 blocks;
	unsigned threads;
	alignas(16) unsigned char arguments[(0 + ... + (sizeof(Parameters) + alignof(Parameters)))];
};

static inline size_t aligned_place(size_t *at, size_t size, size_t alignment)
{
	const size_t place = (*at + alignment - 1) / alignment * alignment;

	*at = place + size;
	return place;
}

template <class T> void clear_holes(T &value)
{
	(void)value;
#if __has_builtin(__builtin_clear_padding)
	__builtin_clear_padding(&value);
#endif
}

template <class T> void put_argument(unsigned char *arguments, size_t *at, T &value)
{
	clear_holes(value);
	memcpy(arguments + aligned_place(at, sizeof value, alignof(T)), &value, sizeof value);
}

template <class... Parameters> void start_kernel(struct cuda *c, const void *what)
{
	const auto *call = static_cast<const kernel_call<Parameters...> *>(what);
	unsigned char *arguments = const_cast<unsigned char *>(call->arguments);
	size_t at = 0;
	void *pointers[] = {arguments + aligned_place(&at, sizeof(Parameters), alignof(Parameters))..., nullptr};

	cuda_check(c, cudaLaunchKernel(call->kernel, call->blocks, dim3(call->threads), pointers, call->shared, c->stream),
	           "starting a kernel");
}

template <class... Parameters>
void launch_converted(struct cuda *c, void (*kernel)(Parameters...), dim3 blocks, unsigned threads, size_t shared,
                      Parameters... arguments)
{
	kernel_call<Parameters...> call;
	size_t at = 0;

	if (c->failed || blocks.x == 0 || blocks.y == 0 || blocks.z == 0)
		return;
	if (shared > SHARED_ALWAYS)
		cuda_check(c, cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared)),
		           "asking for shared memory");
	memset(static_cast<void *>(&call), 0, sizeof call);
	call.kernel = kernel;
	call.shared = shared;
	call.blocks = blocks;
	call.threads = threads;
	(put_argument(call.arguments, &at, arguments), ...);
	cuda_do(c, start_kernel<Parameters...>, &call, sizeof call);
}

template <class... Parameters, class... Arguments>
void launch(struct cuda *c, void (*kernel)(Parameters...), dim3 blocks, unsigned threads, size_t shared,
            Arguments... arguments)
{
	launch_converted<Parameters...>(c, kernel, blocks, threads, shared, static_cast<Parameters>(arguments)...);
}

#endif
