/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Devices, memory, streams of the emulated CUDA. */
#include <cuda_runtime.h>

#include <cstdlib>
#include <cstring>

const char *cudaGetErrorString(cudaError_t error)
{
	return error == cudaErrorMemoryAllocation ? "out of memory" : error == cudaSuccess ? "no error" : "failed";
}

cudaError_t cudaGetLastError() { return cudaSuccess; }

cudaError_t cudaGetDeviceCount(int *count)
{
	*count = 1;
	return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int)
{
	memset(properties, 0, sizeof *properties);
	strcpy(properties->name, "emulated device");
	properties->totalGlobalMem = size_t{8} << 30;
	properties->sharedMemPerBlockOptin = 227 << 10;
	properties->major = 9;
	properties->multiProcessorCount = 4;
	return cudaSuccess;
}

cudaError_t cudaSetDevice(int) { return cudaSuccess; }

cudaError_t cudaDriverGetVersion(int *version)
{
	*version = 13000;
	return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version) { return cudaDriverGetVersion(version); }

cudaError_t cudaMemGetInfo(size_t *available, size_t *total)
{
	*available = *total = size_t{8} << 30;
	return cudaSuccess;
}

cudaError_t cudaMalloc(void **memory, size_t bytes)
{
	if (bytes > size_t{8} << 30)
		return cudaErrorMemoryAllocation;
	*memory = aligned_alloc(256, (bytes + 255) / 256 * 256);
	return *memory ? cudaSuccess : cudaErrorMemoryAllocation;
}

cudaError_t cudaFree(void *memory)
{
	free(memory);
	return cudaSuccess;
}

cudaError_t cudaMallocManaged(void **memory, size_t bytes) { return cudaMalloc(memory, bytes); }
cudaError_t cudaDeviceSynchronize() { return cudaSuccess; }
cudaError_t cudaMallocHost(void **memory, size_t bytes) { return cudaMalloc(memory, bytes); }
cudaError_t cudaFreeHost(void *memory) { return cudaFree(memory); }

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned)
{
	*stream = nullptr;
	return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t) { return cudaSuccess; }
cudaError_t cudaStreamSynchronize(cudaStream_t) { return cudaSuccess; }

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind, cudaStream_t)
{
	memcpy(to, from, bytes);
	return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void *memory, int value, size_t bytes, cudaStream_t)
{
	memset(memory, value, bytes);
	return cudaSuccess;
}
