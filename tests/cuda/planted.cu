/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Compiled as the kernels of engine/backend/cuda are. */
#include "tests/cuda/planted.h"

#include "engine/backend/cuda/device.h"
#include "engine/backend/cuda/ptx.h"

#include <cuda_bf16.h>

#include <cstdlib>
#include <cstring>

#define THREADS 64
#define COUNT 100
#define ALL 0xFFFFFFFFu

template <class... P, class... A>
static cudaError_t start(void (*kernel)(P...), unsigned blocks, unsigned threads, size_t shared, A... arguments)
{
	return [&](P... exact) {
		void *pointers[] = {static_cast<void *>(&exact)..., nullptr};

		return cudaLaunchKernel(kernel, dim3(blocks), dim3(threads), pointers, shared, nullptr);
	}(static_cast<P>(arguments)...);
}

/* An array of the device with the numbers 0, 1, 2, ... */
static float *numbers(size_t count)
{
	float *host = static_cast<float *>(malloc(count * sizeof *host)), *device = nullptr;

	cudaMalloc(reinterpret_cast<void **>(&device), count * sizeof *device);
	for (size_t i = 0; i < count; i++)
		host[i] = static_cast<float>(i);
	cudaMemcpy(device, host, count * sizeof *host, cudaMemcpyHostToDevice);
	free(host);
	return device;
}

/* Whether the array begins with these; it is freed. */
static const char *compare(float *device, const float *want, size_t count)
{
	float *host = static_cast<float *>(malloc(count * sizeof *host));
	bool same = true;

	cudaMemcpy(host, device, count * sizeof *host, cudaMemcpyDeviceToHost);
	cudaFree(device);
	for (size_t i = 0; i < count; i++)
		same = same && host[i] == want[i];
	free(host);
	return same ? "" : "a wrong result";
}

static const char *done(float *device)
{
	cudaFree(device);
	return "";
}

struct row {
	float value[THREADS];
};

/* ---- barriers */

static __global__ void neighbour_kernel(float *x, bool wrong)
{
	struct row *s = shared_memory<struct row>();

	s->value[threadIdx.x] = x[threadIdx.x];
	if (!wrong)
		__syncthreads();
	x[threadIdx.x] = s->value[(threadIdx.x + 32) % THREADS];
}

static const char *missing_barrier(bool wrong)
{
	float *x = numbers(THREADS);

	start(neighbour_kernel, 1, THREADS, sizeof(struct row), x, wrong);
	return done(x);
}

static __global__ void pair_kernel(float *x, bool wrong)
{
	struct row *s = shared_memory<struct row>();

	s->value[threadIdx.x] = x[threadIdx.x];
	__shfl_xor_sync(ALL, 0, 1); /* orders no memory */
	if (!wrong)
		__syncwarp();
	x[threadIdx.x] = s->value[threadIdx.x ^ 1];
}

static const char *missing_syncwarp(bool wrong)
{
	float *x = numbers(THREADS);

	start(pair_kernel, 1, THREADS, sizeof(struct row), x, wrong);
	return done(x);
}

static __global__ void tree_kernel(float *x, bool wrong)
{
	struct row *s = shared_memory<struct row>();

	s->value[threadIdx.x] = x[threadIdx.x];
	__syncthreads();
	for (unsigned half = THREADS / 2; half > 0; half /= 2) {
		if (threadIdx.x < half)
			s->value[threadIdx.x] += s->value[threadIdx.x + half];
		if (!wrong)
			__syncthreads();
	}
	if (threadIdx.x == 0)
		x[0] = s->value[0];
}

static const char *racing_reduction(bool wrong)
{
	const float want = THREADS * (THREADS - 1) / 2;
	float *x = numbers(THREADS);

	start(tree_kernel, 1, THREADS, sizeof(struct row), x, wrong);
	return compare(x, &want, 1);
}

static __global__ void shift_kernel(float *x, bool wrong)
{
	struct row *s = shared_memory<struct row>();
	float next;

	s->value[threadIdx.x] = x[threadIdx.x];
	__syncthreads();
	next = s->value[(threadIdx.x + 1) % THREADS];
	if (!wrong)
		__syncthreads();
	s->value[threadIdx.x] = next;
	__syncthreads();
	x[threadIdx.x] = s->value[threadIdx.x];
}

static const char *write_after_read(bool wrong)
{
	float *x = numbers(THREADS);

	start(shift_kernel, 1, THREADS, sizeof(struct row), x, wrong);
	return done(x);
}

static __global__ void last_kernel(float *x, bool wrong)
{
	struct row *s = shared_memory<struct row>();

	if (wrong || threadIdx.x == 7)
		s->value[0] = 7;
	__syncthreads();
	x[threadIdx.x] = s->value[0];
}

static const char *double_write(bool wrong)
{
	float *x = numbers(THREADS);

	start(last_kernel, 1, THREADS, sizeof(struct row), x, wrong);
	return done(x);
}

static __global__ void branch_kernel(float *x, bool wrong)
{
	if (wrong && threadIdx.x < 32)
		__syncthreads();
	else if (wrong)
		__syncthreads();
	else
		__syncthreads();
	x[threadIdx.x] = 1;
}

static const char *barrier_in_a_branch(bool wrong)
{
	float *x = numbers(THREADS);

	start(branch_kernel, 1, THREADS, 0, x, wrong);
	return done(x);
}

static __global__ void leave_kernel(float *x, bool wrong)
{
	if (wrong && threadIdx.x >= 40)
		return;
	__syncthreads();
	x[threadIdx.x] = 1;
}

static const char *threads_that_left(bool wrong)
{
	float *x = numbers(THREADS);

	start(leave_kernel, 1, THREADS, 0, x, wrong);
	return done(x);
}

static __global__ void unwritten_kernel(float *x, bool wrong)
{
	struct row *s = shared_memory<struct row>();

	if (!wrong || threadIdx.x != 5)
		s->value[threadIdx.x] = x[threadIdx.x];
	__syncthreads();
	x[threadIdx.x] = s->value[THREADS - 1 - threadIdx.x];
}

static const char *unwritten_shared_memory(bool wrong)
{
	float *x = numbers(THREADS);

	start(unwritten_kernel, 1, THREADS, sizeof(struct row), x, wrong);
	return done(x);
}

/* ---- lanes */

static __global__ void sum_kernel(float *x, bool wrong)
{
	float sum = x[threadIdx.x];

	for (int by = 16; by > 0; by /= 2)
		sum += wrong && by == 2 ? __shfl_xor_sync(ALL, sum, 1) : __shfl_xor_sync(ALL, sum, by);
	x[threadIdx.x] = sum;
}

static const char *wrong_lane(bool wrong)
{
	float want[32], *x;

	for (float &w : want)
		w = 32 * 31 / 2;
	x = numbers(32);
	start(sum_kernel, 1, 32, 0, x, wrong);
	return compare(x, want, 32);
}

static __global__ void diverge_kernel(float *x, bool wrong)
{
	float value = x[threadIdx.x];

	if (!wrong || threadIdx.x % 32 < 16)
		value = __shfl_xor_sync(ALL, value, 1);
	x[threadIdx.x] = value;
}

static const char *shuffle_under_divergence(bool wrong)
{
	float *x = numbers(THREADS);

	start(diverge_kernel, 1, THREADS, 0, x, wrong);
	return done(x);
}

static __global__ void mask_kernel(float *x, bool wrong)
{
	x[threadIdx.x] = __shfl_xor_sync(wrong ? 0xFFFFu : ALL, x[threadIdx.x], 1);
}

static const char *half_a_mask(bool wrong)
{
	float *x = numbers(THREADS);

	start(mask_kernel, 1, THREADS, 0, x, wrong);
	return done(x);
}

/* ---- memory */

static __global__ void fill_kernel(float *x, size_t count)
{
	const size_t i = blockIdx.x * blockDim.x + threadIdx.x;

	if (i < count)
		x[i] = 1;
}

static const char *tail_in_global_memory(bool wrong)
{
	float *x = numbers(COUNT);

	start(fill_kernel, 2, THREADS, 0, x, COUNT + wrong);
	return done(x);
}

static __global__ void tail_kernel(float *x, bool wrong)
{
	struct row *s = shared_memory<struct row>();
	float *value = s->value;

	value[threadIdx.x + wrong] = 1;
	x[threadIdx.x] = 1;
}

static const char *tail_in_shared_memory(bool wrong)
{
	float *x = numbers(THREADS);

	start(tail_kernel, 1, THREADS, sizeof(struct row), x, wrong);
	return done(x);
}

static __global__ void index_kernel(float *x, bool wrong)
{
	struct two {
		float first[32], second[32];
	} *s = shared_memory<struct two>();

	s->first[threadIdx.x + wrong] = 1;
	__syncwarp();
	x[threadIdx.x] = s->first[threadIdx.x];
}

static const char *array_within_shared_memory(bool wrong)
{
	float *x = numbers(THREADS);

	start(index_kernel, 1, 32, 64 * sizeof *x, x, wrong);
	return done(x);
}

static __global__ void total_kernel(float *x, bool wrong)
{
	const unsigned at = wrong ? 0 : blockIdx.x;

	if (threadIdx.x == 0)
		x[at] += 1;
}

static const char *race_between_blocks(bool wrong)
{
	float *x = numbers(8);

	start(total_kernel, 8, 32, 0, x, wrong);
	return done(x);
}

static __global__ void across_kernel(float *x, bool wrong)
{
	if (threadIdx.x == 0)
		x[2 * blockIdx.x] = x[wrong ? (2 * blockIdx.x + 2) % 8 : 2 * blockIdx.x + 1];
}

static const char *another_block_is_read(bool wrong)
{
	float *x = numbers(8);

	start(across_kernel, 4, 32, 0, x, wrong);
	return done(x);
}

static const char *null(bool wrong)
{
	float *x = numbers(COUNT);

	start(fill_kernel, 2, THREADS, 0, wrong ? nullptr : x, COUNT);
	return done(x);
}

static const char *pointer_of_the_host(bool wrong)
{
	float *x = numbers(COUNT), *host = static_cast<float *>(malloc(COUNT * sizeof *host));

	start(fill_kernel, 2, THREADS, 0, wrong ? host : x, COUNT);
	free(host);
	return done(x);
}

static const char *freed_memory(bool wrong)
{
	float *x = numbers(COUNT), *y = numbers(COUNT);

	if (wrong)
		cudaFree(x);
	start(fill_kernel, 2, THREADS, 0, x, COUNT);
	if (!wrong)
		cudaFree(x);
	return done(y);
}

static __global__ void wide_kernel(float *x, size_t from)
{
	if (threadIdx.x == 0)
		*reinterpret_cast<float4 *>(x + from) = make_float4(1, 2, 3, 4);
}

static const char *word_that_is_not_aligned(bool wrong)
{
	float *x = numbers(COUNT);

	start(wide_kernel, 1, 32, 0, x, wrong ? 1 : 4);
	return done(x);
}

static __global__ void copy_kernel(float *x, size_t bytes)
{
	if (threadIdx.x == 0)
		memcpy(x, x + COUNT / 2, bytes);
}

static const char *long_copy_in_a_kernel(bool wrong)
{
	float *x = numbers(COUNT);

	start(copy_kernel, 1, 32, 0, x, COUNT / 2 * sizeof *x + wrong);
	return done(x);
}

static const char *too_much_shared_memory(bool wrong)
{
	float *x = numbers(THREADS);
	const size_t bytes = size_t{64} << 10;
	cudaError_t result;

	if (!wrong)
		cudaFuncSetAttribute(neighbour_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes));
	result = start(neighbour_kernel, 1, THREADS, bytes, x, false);
	cudaFuncSetAttribute(neighbour_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, 0);
	cudaFree(x);
	return result == cudaSuccess ? "" : cudaGetErrorString(result);
}

static __device__ float descend(float x, unsigned depth)
{
	volatile float kept[256];

	kept[depth % 256] = x;
	return depth == 0 ? x : kept[depth % 256] + descend(x + 1, depth - 1);
}

static __global__ void deep_kernel(float *x)
{
	x[threadIdx.x] = descend(1, 1000000);
}

void planted_full_stack()
{
	start(deep_kernel, 1, 32, 0, numbers(32));
}

/* ---- the host */

static const char *wrong_kind_of_copy(bool wrong)
{
	float *x = numbers(COUNT), host[COUNT];

	cudaMemcpyAsync(host, x, sizeof host, wrong ? cudaMemcpyHostToDevice : cudaMemcpyDeviceToHost, nullptr);
	return done(x);
}

static const char *copy_beyond_the_end(bool wrong)
{
	float *x = numbers(COUNT), host[COUNT + 1];

	cudaMemcpyAsync(host, x, (COUNT + wrong) * sizeof *host, cudaMemcpyDeviceToHost, nullptr);
	return done(x);
}

static const char *pinned_memory_used_again(bool wrong)
{
	float *x = numbers(COUNT), *pinned = nullptr;

	cudaMallocHost(reinterpret_cast<void **>(&pinned), COUNT * sizeof *pinned);
	pinned[0] = 1;
	cudaMemcpyAsync(x, pinned, COUNT * sizeof *pinned, cudaMemcpyHostToDevice, nullptr);
	start(fill_kernel, 1, 32, 0, x, 1);
	if (!wrong)
		cudaStreamSynchronize(nullptr);
	pinned[0] = 2;
	cudaStreamSynchronize(nullptr);
	cudaFreeHost(pinned);
	return done(x);
}

static const char *result_read_too_early(bool wrong)
{
	float *x = numbers(COUNT), *pinned = nullptr, got;

	cudaMallocHost(reinterpret_cast<void **>(&pinned), COUNT * sizeof *pinned);
	cudaMemcpyAsync(pinned, x, COUNT * sizeof *pinned, cudaMemcpyDeviceToHost, nullptr);
	if (!wrong)
		cudaStreamSynchronize(nullptr);
	got = pinned[1];
	cudaStreamSynchronize(nullptr);
	cudaFreeHost(pinned);
	cudaFree(x);
	return got == 1 ? "" : "a wrong result";
}

static const char *host_at_memory_of_the_device(bool wrong)
{
	float *x = nullptr, value;

	if (wrong)
		cudaMalloc(reinterpret_cast<void **>(&x), sizeof *x * COUNT);
	else
		cudaMallocManaged(reinterpret_cast<void **>(&x), sizeof *x * COUNT);
	value = *static_cast<volatile float *>(x); /* no more than looked at */
	(void)value;
	return done(x);
}

/* ---- cp.async and mma */

static __global__ void wait_kernel(float *x, bool wrong)
{
	struct row *s = shared_memory<struct row>();

	ptx_copy_4(&s->value[threadIdx.x], x + threadIdx.x);
	ptx_copy_commit();
	if (!wrong)
		ptx_copy_wait<0>();
	__syncthreads();
	x[threadIdx.x] = s->value[THREADS - 1 - threadIdx.x];
}

static const char *copy_not_waited_for(bool wrong)
{
	float want[THREADS], *x = numbers(THREADS);

	for (int i = 0; i < THREADS; i++)
		want[i] = static_cast<float>(THREADS - 1 - i);
	start(wait_kernel, 1, THREADS, sizeof(struct row), x, wrong);
	return compare(x, want, THREADS);
}

static __global__ void group_kernel(float *x, bool wrong)
{
	struct row *s = shared_memory<struct row>();

	if (threadIdx.x % 2 == 0) {
		ptx_copy_4(&s->value[threadIdx.x], x + threadIdx.x);
		ptx_copy_commit();
		ptx_copy_4(&s->value[threadIdx.x + 1], x + threadIdx.x + 1);
		ptx_copy_commit();
		if (wrong)
			ptx_copy_wait<1>();
		else
			ptx_copy_wait<0>();
	}
	__syncthreads();
	x[threadIdx.x] = s->value[threadIdx.x];
}

static const char *wrong_group(bool wrong)
{
	float *x = numbers(THREADS);

	start(group_kernel, 1, THREADS, sizeof(struct row), x, wrong);
	return done(x);
}

struct tiles {
	__nv_bfloat16 a[16][16], b[8][16]; /* b: column after column */
};

/* d[16, 8] = a b with a[i][k] = i - k / 2, b[k][j] = (k + 3 j) % 7 - 3 */
static __global__ void product_kernel(float *d, bool wrong)
{
	struct tiles *s = shared_memory<struct tiles>();
	const unsigned lane = threadIdx.x, g = lane / 4, t = lane % 4;
	float sum[4] = {};
	uint32_t a[4], b[2];

	for (unsigned i = lane; i < 256; i += 32)
		s->a[i / 16][i % 16] = __float2bfloat16(static_cast<float>(i / 16) - static_cast<float>(i % 16) / 2);
	for (unsigned i = lane; i < 128; i += 32)
		s->b[i / 16][i % 16] = __float2bfloat16(static_cast<float>((i % 16 + 3 * (i / 16)) % 7) - 3);
	__syncwarp();
	if (wrong)
		ptx_load_transposed_4(a, &s->a[lane % 16][lane / 16 * 8]);
	else
		ptx_load_matrix_4(a, &s->a[lane % 16][lane / 16 * 8]);
	ptx_load_matrix_2(b, &s->b[lane % 8][lane / 8 % 2 * 8]);
	ptx_mma_bf16(sum, a, b);
	for (unsigned i = 0; i < 4; i++)
		d[(g + i / 2 * 8) * 8 + 2 * t + i % 2] = sum[i];
}

static const char *transposed_fragment(bool wrong)
{
	float want[128] = {}, *d = numbers(128);

	for (int i = 0; i < 16; i++)
		for (int j = 0; j < 8; j++)
			for (int k = 0; k < 16; k++)
				want[i * 8 + j] += (static_cast<float>(i) - static_cast<float>(k) / 2) *
				                   static_cast<float>((k + 3 * j) % 7 - 3);
	start(product_kernel, 1, 32, sizeof(struct tiles), d, wrong);
	return compare(d, want, 128);
}

const struct planted planted[] = {
	{"a missing barrier", missing_barrier, "reads shared memory at byte"},
	{"a missing __syncwarp", missing_syncwarp, "reads shared memory at byte"},
	{"a racing reduction", racing_reduction, "with no barrier in between"},
	{"a write after a read", write_after_read, "with no barrier in between"},
	{"two threads that write the same word", double_write, "with no barrier in between"},
	{"a barrier in a branch", barrier_in_a_branch, "waits for it at __syncthreads"},
	{"a barrier that threads leave before", threads_that_left, "has left"},
	{"shared memory that nobody wrote", unwritten_shared_memory, "which nobody wrote"},
	{"a wrong lane", wrong_lane, "wrong result"},
	{"a shuffle that half of a warp joins", shuffle_under_divergence, "for ever"},
	{"a shuffle with half a mask", half_a_mask, "the whole warp has to meet"},
	{"a tail in global memory", tail_in_global_memory, "at byte 400 of an array of 400 bytes"},
	{"a tail in shared memory", tail_in_shared_memory, "4 bytes at byte 256 of shared memory, which has 256"},
	{"an index beyond an array within shared memory", array_within_shared_memory, "beyond an array to its element 32"},
	{"a race between blocks", race_between_blocks, "another block of this launch"},
	{"another block's result", another_block_is_read, "another block of this launch"},
	{"null", null, "at null"},
	{"a pointer of the host", pointer_of_the_host, "memory of the host"},
	{"freed memory", freed_memory, "that was freed"},
	{"a word that is not aligned", word_that_is_not_aligned, "not aligned"},
	{"a copy in a kernel beyond the end", long_copy_in_a_kernel, "201 bytes at byte 200 of an array of 400 bytes"},
	{"more shared memory than was asked for", too_much_shared_memory, "invalid argument"},
	{"a copy of the wrong kind", wrong_kind_of_copy, "memory of the host"},
	{"a copy beyond the end", copy_beyond_the_end, "of an array of 400 bytes"},
	{"pinned memory that is used again too early", pinned_memory_used_again, "changed on their way"},
	{"a result that is read too early", result_read_too_early, "wrong result"},
	{"the host at memory of the device", host_at_memory_of_the_device, "reads memory of the device"},
	{"a cp.async that is not waited for", copy_not_waited_for, "was not waited for"},
	{"a wait for the wrong group", wrong_group, "was not waited for"},
	{"a transposed fragment", transposed_fragment, "wrong result"},
};
const size_t planted_count = sizeof planted / sizeof *planted;
