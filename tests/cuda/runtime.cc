/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The emulated device as a whole: what it is, what it refuses, the faults that tests plan, how a kernel is started. Read
 * whenever a program asks how many devices there are:
 *
 *   REVUE_CUDA_EMULATE_DEVICES=N     so many devices (1); 0: none
 *   REVUE_CUDA_EMULATE_NAME=TEXT     its name ("emulated device")
 *   REVUE_CUDA_EMULATE_DRIVER=N      the newest CUDA that the driver can, as 13000; 0: there is no driver
 *   REVUE_CUDA_EMULATE_COMPUTE=M.N   compute capability (9.0); below 8.0 there is no code for it
 *   REVUE_CUDA_EMULATE_MEMORY=MIB    its memory (8192)
 *   REVUE_CUDA_EMULATE_TAKEN=MIB     what other processes have of it (0)
 *   REVUE_CUDA_EMULATE_FAIL_ALLOC=N  the N-th allocation of device memory from then on fails
 *   REVUE_CUDA_EMULATE_LOST=N        the N-th call from then on fails, and all that follow: a lost device
 *   REVUE_CUDA_EMULATE_LOST_AS=N     with this error (700, 719, ...): else cudaErrorLaunchFailure */
#include "tests/cuda/emulator.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#define RUNTIME 13000

struct plan {
	long devices, driver, compute, memory, taken, fail_alloc, lost, lost_as;
};

static struct plan plan = {1, RUNTIME, 90, 8192, 0, 0, 0, cudaErrorLaunchFailure};
static long allocations, calls;
static cudaError_t lost, last;
static std::map<const void *, size_t> shared_limits;

static const struct {
	cudaError_t error;
	const char *name, *text;
} errors[] = {
	{cudaSuccess, "cudaSuccess", "no error"},
	{cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
	{cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
	{cudaErrorInvalidConfiguration, "cudaErrorInvalidConfiguration", "invalid configuration argument"},
	{cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver",
	 "CUDA driver version is insufficient for CUDA runtime version"},
	{cudaErrorDevicesUnavailable, "cudaErrorDevicesUnavailable", "CUDA-capable device(s) is/are busy or unavailable"},
	{cudaErrorNoDevice, "cudaErrorNoDevice", "no CUDA-capable device is detected"},
	{cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
	{cudaErrorNoKernelImageForDevice, "cudaErrorNoKernelImageForDevice",
	 "no kernel image is available for execution on the device"},
	{cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
	{cudaErrorNotReady, "cudaErrorNotReady", "device not ready"},
	{cudaErrorIllegalAddress, "cudaErrorIllegalAddress", "an illegal memory access was encountered"},
	{cudaErrorECCUncorrectable, "cudaErrorECCUncorrectable", "uncorrectable ECC error encountered"},
	{cudaErrorLaunchTimeout, "cudaErrorLaunchTimeout", "the launch timed out and was terminated"},
	{cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "unspecified launch failure"},
	{cudaErrorNotSupported, "cudaErrorNotSupported", "operation not supported"},
	{cudaErrorStreamCaptureUnsupported, "cudaErrorStreamCaptureUnsupported",
	 "operation not permitted when stream is capturing"},
	{cudaErrorStreamCaptureInvalidated, "cudaErrorStreamCaptureInvalidated",
	 "operation failed due to a previous error during capture"},
};

const char *cudaGetErrorString(cudaError_t error)
{
	for (const auto &e : errors)
		if (e.error == error)
			return e.text;
	return "unknown error";
}

const char *cudaGetErrorName(cudaError_t error)
{
	for (const auto &e : errors)
		if (e.error == error)
			return e.name;
	return "cudaErrorUnknown";
}

cudaError_t runtime_result(cudaError_t result)
{
	if (result != cudaSuccess)
		last = result;
	return result;
}

cudaError_t cudaGetLastError()
{
	const cudaError_t error = lost ? lost : last;

	last = cudaSuccess;
	return error;
}

cudaError_t cudaPeekAtLastError()
{
	return lost ? lost : last;
}

/* ---- what was planned */

static const char *text(const char *name, const char *otherwise)
{
	const char *text = getenv(name);

	return text && *text ? text : otherwise;
}

static long number(const char *name, long otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtol(text, nullptr, 10) : otherwise;
}

static long compute()
{
	const char *text = getenv("REVUE_CUDA_EMULATE_COMPUTE");
	int major = 9, minor = 0;

	if (text)
		sscanf(text, "%d.%d", &major, &minor);
	return 10 * major + minor;
}

static void read_plan()
{
	const struct plan now = {number("REVUE_CUDA_EMULATE_DEVICES", 1),    number("REVUE_CUDA_EMULATE_DRIVER", RUNTIME),
	                         compute(),                                  number("REVUE_CUDA_EMULATE_MEMORY", 8192),
	                         number("REVUE_CUDA_EMULATE_TAKEN", 0),      number("REVUE_CUDA_EMULATE_FAIL_ALLOC", 0),
	                         number("REVUE_CUDA_EMULATE_LOST", 0),
	                         number("REVUE_CUDA_EMULATE_LOST_AS", cudaErrorLaunchFailure)};

	if (memcmp(&now, &plan, sizeof plan) == 0)
		return;
	plan = now;
	allocations = calls = 0;
	lost = cudaSuccess;
}

cudaError_t runtime_call()
{
	faults_catch_signals();
	if (lost == cudaSuccess && plan.lost > 0 && ++calls >= plan.lost)
		lost = static_cast<cudaError_t>(plan.lost_as);
	return runtime_result(lost);
}

/* ---- devices */

static cudaError_t find_driver()
{
	return plan.driver >= RUNTIME / 1000 * 1000 ? cudaSuccess : cudaErrorInsufficientDriver;
}

cudaError_t cudaGetDeviceCount(int *count)
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);
	cudaError_t result;

	read_plan();
	*count = 0;
	result = find_driver();
	if (result == cudaSuccess && plan.devices == 0)
		result = cudaErrorNoDevice;
	if (result == cudaSuccess)
		*count = static_cast<int>(plan.devices);
	return runtime_result(result);
}

static bool is_device(int device)
{
	return device >= 0 && device < plan.devices;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int device)
{
	if (!is_device(device))
		return runtime_result(cudaErrorInvalidDevice);
	memset(properties, 0, sizeof *properties);
	snprintf(properties->name, sizeof properties->name, "%s", text("REVUE_CUDA_EMULATE_NAME", "emulated device"));
	properties->totalGlobalMem = static_cast<size_t>(plan.memory) << 20;
	properties->sharedMemPerBlock = SHARED_USUAL;
	properties->sharedMemPerBlockOptin = SHARED_MAX;
	properties->major = static_cast<int>(plan.compute / 10);
	properties->minor = static_cast<int>(plan.compute % 10);
	properties->multiProcessorCount = 4;
	properties->warpSize = WARP;
	properties->maxThreadsPerBlock = THREADS_MAX;
	properties->l2CacheSize = 50 << 20;
	return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr attribute, int device)
{
	cudaDeviceProp p;
	const cudaError_t result = cudaGetDeviceProperties(&p, device);

	if (result != cudaSuccess)
		return result;
	switch (attribute) {
	case cudaDevAttrMaxSharedMemoryPerBlock:
		*value = static_cast<int>(p.sharedMemPerBlock);
		break;
	case cudaDevAttrMultiProcessorCount:
		*value = p.multiProcessorCount;
		break;
	case cudaDevAttrComputeCapabilityMajor:
		*value = p.major;
		break;
	case cudaDevAttrComputeCapabilityMinor:
		*value = p.minor;
		break;
	case cudaDevAttrMaxSharedMemoryPerBlockOptin:
		*value = static_cast<int>(p.sharedMemPerBlockOptin);
		break;
	}
	return cudaSuccess;
}

cudaError_t cudaSetDevice(int device)
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);

	if (!is_device(device))
		return runtime_result(cudaErrorInvalidDevice);
	return runtime_call();
}

cudaError_t cudaGetDevice(int *device)
{
	*device = 0;
	return cudaSuccess;
}

cudaError_t cudaDeviceGetPCIBusId(char *bus, int capacity, int device)
{
	static const char place[] = "0000:01:00.0";

	if (device != 0 || capacity < static_cast<int>(sizeof place))
		return runtime_result(cudaErrorInvalidValue);
	memcpy(bus, place, sizeof place);
	return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int *version)
{
	*version = static_cast<int>(number("REVUE_CUDA_EMULATE_DRIVER", RUNTIME));
	return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
	*version = RUNTIME;
	return cudaSuccess;
}

/* ---- memory */

static size_t memory_total()
{
	return static_cast<size_t>(plan.memory) << 20;
}

static size_t memory_left()
{
	const size_t taken = heap_used() + (static_cast<size_t>(plan.taken) << 20);

	return memory_total() > taken ? memory_total() - taken : 0;
}

cudaError_t cudaMemGetInfo(size_t *available, size_t *total)
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);
	const cudaError_t result = runtime_call();

	*total = memory_total();
	*available = memory_left();
	return result;
}

static cudaError_t take(enum heap_kind kind, void **memory, size_t bytes)
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);
	cudaError_t result = runtime_call();

	*memory = nullptr;
	if (result == cudaSuccess && stream_any_captures())
		result = cudaErrorStreamCaptureUnsupported;
	if (result != cudaSuccess || bytes == 0)
		return runtime_result(result);
	if (kind != HEAP_PINNED && (++allocations == plan.fail_alloc || bytes > memory_left()))
		return runtime_result(cudaErrorMemoryAllocation);
	*memory = heap_alloc(kind, bytes);
	return runtime_result(*memory ? cudaSuccess : cudaErrorMemoryAllocation);
}

static cudaError_t give(enum heap_kind kind, void *memory)
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);
	const cudaError_t result = runtime_call();

	if (!memory)
		return result;
	streams_forget(kind, memory);
	return heap_free(kind, memory) ? result : runtime_result(cudaErrorInvalidValue);
}

cudaError_t cudaMalloc(void **memory, size_t bytes)
{
	return take(HEAP_DEVICE, memory, bytes);
}

cudaError_t cudaMallocManaged(void **memory, size_t bytes, unsigned)
{
	return take(HEAP_MANAGED, memory, bytes);
}

cudaError_t cudaFree(void *memory)
{
	return give(HEAP_DEVICE, memory);
}

cudaError_t cudaMallocHost(void **memory, size_t bytes)
{
	return take(HEAP_PINNED, memory, bytes);
}

cudaError_t cudaHostAlloc(void **memory, size_t bytes, unsigned)
{
	return take(HEAP_PINNED, memory, bytes);
}

cudaError_t cudaFreeHost(void *memory)
{
	return give(HEAP_PINNED, memory);
}

/* ---- kernels */

cudaError_t cuda_set_shared(const void *kernel, cudaFuncAttribute attribute, int bytes)
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);

	if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize)
		return runtime_call();
	if (bytes < 0 || static_cast<size_t>(bytes) > SHARED_MAX)
		return runtime_result(cudaErrorInvalidValue);
	shared_limits[kernel] = static_cast<size_t>(bytes);
	return runtime_call();
}

static cudaError_t check_launch(const void *kernel, dim3 grid, dim3 block, size_t shared)
{
	const auto asked = shared_limits.find(kernel);
	const size_t limit = asked == shared_limits.end() || asked->second < SHARED_USUAL ? SHARED_USUAL : asked->second;

	if (plan.compute < 80)
		return cudaErrorNoKernelImageForDevice;
	if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.x > 0x7FFFFFFF || grid.y > 0xFFFF || grid.z > 0xFFFF ||
	    block.x == 0 || block.y == 0 || block.z == 0 || block.x > THREADS_MAX)
		return cudaErrorInvalidConfiguration;
	if (block.x % WARP != 0 || block.y != 1 || block.z != 1) {
		fault_host("a block of %u x %u x %u threads, which is not whole warps in a row", block.x, block.y, block.z);
		return cudaErrorInvalidConfiguration;
	}
	return shared > limit ? cudaErrorInvalidValue : cudaSuccess;
}

cudaError_t runtime_launch(const struct kernel_launch *k)
{
	cudaError_t result;

	heap_open(true);
	result = fibers_run(k);
	heap_open(false);
	return runtime_result(result);
}

cudaError_t cuda_run(const void *kernel, cuda_binder bind, void **arguments, dim3 grid, dim3 block, size_t shared,
                     cudaStream_t stream)
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);
	struct kernel_launch k = {kernel, bind, {}, grid, block, shared};
	cudaError_t result = runtime_call();

	bind(arguments, &k.arguments);
	if (result == cudaSuccess)
		result = check_launch(kernel, grid, block, shared);
	if (result != cudaSuccess || stream_keeps_kernel(stream, &k))
		return runtime_result(result);
	stream_begin(stream);
	return runtime_launch(&k);
}
