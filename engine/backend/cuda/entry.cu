/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The module's entry: what device there is, and the backend on it. */
#include "engine/backend/cuda/operations.h"

#include <cstdlib>
#include <cstring>
#include <new>

#define STAGING_BYTES (size_t{4} << 20)

static void cuda_close(struct backend *b)
{
	struct cuda *c = cuda_of(b);

	cudaFree(c->staged);
	cudaFree(c->scratch);
	cudaFreeHost(c->pinned);
	if (c->stream)
		cudaStreamDestroy(c->stream);
	if (c->host.pool_free)
		c->host.pool_free(c->host.pool);
	delete c;
}

static bool cuda_reserve(struct backend *b, const struct backend_needs *needs, struct error *error)
{
	(void)error;
	cuda_of(b)->needs = *needs;
	return true;
}

/* C++ has no designated initialisers for functions in another order; so each row is set. */
static struct backend_operations make_operations()
{
	struct backend_operations o = {};

	o.version = BACKEND_VERSION;
	o.name = "cuda";
	o.close = cuda_close;
	o.alloc = cuda_alloc;
	o.release = cuda_release;
	o.upload = cuda_upload;
	o.download = cuda_download;
	o.zero = cuda_zero;
	o.sync = cuda_sync;
	o.memory_available = cuda_memory_available;
	o.status = cuda_status;
	o.reserve = cuda_reserve;
	o.activation_forward = cuda_activation_forward;
	o.activation_backward = cuda_activation_backward;
	o.add = cuda_add;
	return o;
}

static bool probe(int index, struct cuda_device *device, struct error *error)
{
	cudaDeviceProp properties;
	cudaError_t result;
	size_t available = 0, total = 0;

	memset(device, 0, sizeof *device);
	result = cudaGetDeviceCount(&device->count);
	if (result != cudaSuccess)
		return cuda_error(error, "%s", cudaGetErrorString(result));
	if (index >= device->count)
		return cuda_error(error, "there is no device %d", index);
	cudaDriverGetVersion(&device->driver);
	cudaRuntimeGetVersion(&device->runtime);
	result = cudaGetDeviceProperties(&properties, index);
	if (result != cudaSuccess || (result = cudaSetDevice(index)) != cudaSuccess ||
	    (result = cudaMemGetInfo(&available, &total)) != cudaSuccess)
		return cuda_error(error, "%s", cudaGetErrorString(result));
	strncpy(device->name, properties.name, sizeof device->name - 1);
	device->memory_total = total;
	device->memory_free = available;
	device->major = properties.major;
	device->minor = properties.minor;
	device->processors = properties.multiProcessorCount;
	return true;
}

static bool start(struct cuda *c)
{
	return cuda_check(c, cudaSetDevice(c->index), "choosing it") &&
	       cuda_check(c, cudaStreamCreateWithFlags(&c->stream, cudaStreamNonBlocking), "making a stream") &&
	       cuda_check(c, cudaMallocHost(reinterpret_cast<void **>(&c->pinned), STAGING_BYTES), "taking memory") &&
	       cuda_check(c, cudaMalloc(reinterpret_cast<void **>(&c->staged), STAGING_BYTES), "taking memory");
}

static struct backend *open(int index, const struct cuda_host *host, struct error *error)
{
	static const struct backend_operations operations = make_operations();
	struct cuda *c = new (std::nothrow) cuda();

	if (!c) {
		cuda_error(error, "no memory for the GPU's backend");
		return nullptr;
	}
	c->backend.ops = &operations;
	c->backend.pool = host->pool;
	c->index = index;
	c->staging_bytes = STAGING_BYTES;
	if (!start(c)) {
		cuda_error(error, "%s", c->failure.text);
		cuda_close(&c->backend);
		return nullptr;
	}
	c->host = *host;
	return &c->backend;
}

static void *managed_alloc(size_t bytes)
{
	void *memory = nullptr;

	return cudaMallocManaged(&memory, bytes > 0 ? bytes : 1) == cudaSuccess ? memory : nullptr;
}

static void managed_free(void *memory)
{
	cudaFree(memory);
}

static bool wait()
{
	return cudaDeviceSynchronize() == cudaSuccess;
}

__attribute__((visibility("default"))) const struct cuda_module *revue_cuda_module(void)
{
	static const struct cuda_module module = {CUDA_MODULE_VERSION, BACKEND_VERSION, probe, open,
	                                          managed_alloc,       managed_free,    wait};

	return &module;
}
