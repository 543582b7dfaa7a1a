/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The module's entry: what device there is, and the backend on it. */
#include "engine/backend/cuda/cublas.h"
#include "engine/backend/cuda/nvml.h"
#include "engine/backend/cuda/operations.h"
#include "engine/backend/cuda/steps.h"

#include <cstdio>
#include <cstring>
#include <new>

#define STAGING_BYTES (size_t{4} << 20)
#define CUDA_TYPES (MATRIX_BIT(MATRIX_F32) | MATRIX_BIT(MATRIX_NF4) | MATRIX_BIT(MATRIX_FP4))

/* Virtual architectures that nvcc compiled for, rising: 800 is compute capability 8.0. Machine code runs on later minors of its
 * major, PTX of the last on all that come after. */
static const int architectures[] = {__CUDA_ARCH_LIST__};

static void cuda_close(struct backend *b)
{
	struct cuda *c = cuda_of(b);

	if (c->stream)
		cudaStreamSynchronize(c->stream);
	cublas_close(c);
	steps_close(c);
	area_free(&c->usual);
	cudaFree(c->scratch);
	if (c->stream)
		cudaStreamDestroy(c->stream);
	if (c->host.pool_free)
		c->host.pool_free(c->host.pool);
	delete c;
}

static bool cuda_reserve(struct backend *b, const struct backend_needs *needs, struct error *error)
{
	struct cuda *c = cuda_of(b);

	return c->host.check_types(b, needs, error) && cublas_reserve(c, error) && cuda_reserve_memory(c, needs, error);
}

/* C++ has no designated initialisers for functions in another order; so each row is set. */
static struct backend_operations make_operations()
{
	struct backend_operations o = {};

	o.version = BACKEND_VERSION;
	o.name = "cuda";
	o.forward_types = o.backward_types = CUDA_TYPES;
	o.precisions = PRECISION_BIT(PRECISION_F32) | PRECISION_BIT(PRECISION_TF32) | PRECISION_BIT(PRECISION_BF16) |
	               PRECISION_BIT(PRECISION_F16);
	o.close = cuda_close;
	o.alloc = cuda_alloc;
	o.release = cuda_release;
	o.upload = cuda_upload;
	o.download = cuda_download;
	o.zero = cuda_zero;
	o.sync = cuda_sync;
	o.step_begin = cuda_step_begin;
	o.step_end = cuda_step_end;
	o.fetch = cuda_fetch;
	o.settle = cuda_settle;
	o.row_step = cuda_row_step;
	o.memory_available = cuda_memory_available;
	o.status = cuda_status;
	o.reserve = cuda_reserve;
	o.reserve_bytes = cuda_reserve_bytes;
	o.packed_bytes = cuda_packed_bytes;
	o.pack = cuda_pack;
	o.unpack = cuda_unpack;
	o.linear_forward = cuda_linear_forward;
	o.linear_backward_input = cuda_linear_backward_input;
	o.linear_backward_weight = cuda_linear_backward_weight;
	o.lora_forward = cuda_lora_forward;
	o.lora_backward = cuda_lora_backward;
	o.activation_forward = cuda_activation_forward;
	o.activation_backward = cuda_activation_backward;
	o.attention_forward = cuda_attention_forward;
	o.attention_backward = cuda_attention_backward;
	o.norm_forward = cuda_norm_forward;
	o.norm_backward = cuda_norm_backward;
	o.dropout = cuda_dropout;
	o.embedding_forward = cuda_embedding_forward;
	o.embedding_backward = cuda_embedding_backward;
	o.gather_rows = cuda_gather_rows;
	o.scatter_rows_add = cuda_scatter_rows_add;
	o.add = cuda_add;
	o.pooling_forward = cuda_pooling_forward;
	o.pooling_backward = cuda_pooling_backward;
	o.noise = cuda_noise;
	o.cross_entropy = cuda_cross_entropy;
	o.binary_cross_entropy = cuda_binary_cross_entropy;
	o.soften = cuda_soften;
	o.relate = cuda_relate;
	o.imitate = cuda_imitate;
	o.clip = cuda_clip;
	o.adamw = cuda_adamw;
	o.sgd = cuda_sgd;
	o.lion = cuda_lion;
	o.adafactor = cuda_adafactor;
	return o;
}

/* How many devices there are. False with one line where there is none. */
static bool count_devices(struct cuda_device *device, struct error *error)
{
	cudaError_t result;

	cudaDriverGetVersion(&device->driver);
	cudaRuntimeGetVersion(&device->runtime);
	result = cudaGetDeviceCount(&device->count);
	if (result == cudaErrorInsufficientDriver)
		return cuda_driver_error(error, device->driver, device->runtime);
	if (result == cudaErrorNoDevice || (result == cudaSuccess && device->count == 0))
		return cuda_error(error, "no NVIDIA GPU is here, or CUDA_VISIBLE_DEVICES hides it");
	return result == cudaSuccess || cuda_result_error(error, result, "looking for it");
}

static bool check_architecture(const struct cuda_device *device, struct error *error)
{
	const int least = architectures[0];

	return device->major * 100 + device->minor * 10 >= least ||
	       cuda_error(error, "%s has compute capability %d.%d, this module needs %d.%d or newer", device->name, device->major,
	                  device->minor, least / 100, least % 100 / 10);
}

static void take_properties(struct cuda_device *device, const cudaDeviceProp *properties)
{
	snprintf(device->name, sizeof device->name, "%.*s", static_cast<int>(sizeof device->name - 1), properties->name);
	device->major = properties->major;
	device->minor = properties->minor;
	device->processors = properties->multiProcessorCount;
}

static bool probe(int index, struct cuda_device *device, struct error *error)
{
	cudaDeviceProp properties;
	cudaError_t result;
	size_t available = 0, total = 0;

	memset(device, 0, sizeof *device);
	if (!count_devices(device, error))
		return false;
	if (index >= device->count)
		return cuda_error(error, "of %d NVIDIA GPUs there is none with number %d", device->count, index);
	result = cudaGetDeviceProperties(&properties, index);
	if (result != cudaSuccess)
		return cuda_result_error(error, result, "asking what it is");
	take_properties(device, &properties);
	if (!check_architecture(device, error))
		return false;
	if ((result = cudaSetDevice(index)) != cudaSuccess || (result = cudaMemGetInfo(&available, &total)) != cudaSuccess) {
		cudaGetLastError();
		return cuda_result_error(error, result, "taking it into use");
	}
	device->memory_total = total;
	device->memory_free = available;
	nvml_driver(device->driver_name, sizeof device->driver_name);
	return true;
}

static bool name_device(struct cuda *c)
{
	cudaDeviceProp properties;

	if (!cuda_check(c, cudaGetDeviceProperties(&properties, c->index), "asking what it is"))
		return false;
	c->backend.memory = properties.totalGlobalMem;
	snprintf(c->backend.device, sizeof c->backend.device, "%.*s", static_cast<int>(sizeof c->backend.device - 1), properties.name);
	return true;
}

static bool start(struct cuda *c, struct error *error)
{
	const bool started =
		cuda_check(c, cudaSetDevice(c->index), "choosing it") && name_device(c) &&
		cuda_check(c, cudaStreamCreateWithFlags(&c->stream, cudaStreamNonBlocking), "making a stream") &&
		steps_open(c) && cuda_check(c, area_take(&c->usual, STAGING_BYTES), "taking memory"); /* those of steps: reserve.cu */

	return (started || cuda_error(error, "%s", c->failure.text)) && cublas_open(c, error);
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
	c->area = &c->usual;
	if (!start(c, error)) {
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
	static const struct cuda_module module = {CUDA_MODULE_VERSION, BACKEND_VERSION, probe,        open,
	                                          nvml_read,           managed_alloc,   managed_free, wait};

	return &module;
}
