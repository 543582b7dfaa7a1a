/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory of the device, copies to it and back, and the failure that stays. */
#include "engine/backend/cuda/operations.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>

bool cuda_error(struct error *error, const char *format, ...)
{
	va_list arguments;

	if (!error)
		return false;
	error->kind = ERROR_FAILED;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof error->text, format, arguments);
	va_end(arguments);
	return false;
}

bool cuda_check(struct cuda *c, cudaError_t result, const char *what)
{
	if (result == cudaSuccess)
		return !c->failed;
	if (!c->failed)
		cuda_error(&c->failure, "the GPU: %s: %s", what, cudaGetErrorString(result));
	c->failed = true;
	return false;
}

void *cuda_alloc(struct backend *b, size_t bytes)
{
	struct cuda *c = cuda_of(b);
	void *memory = nullptr;

	if (c->failed)
		return nullptr;
	if (cudaMalloc(&memory, bytes > 0 ? bytes : 1) != cudaSuccess) {
		cudaGetLastError(); /* no memory is no failure of the device */
		return nullptr;
	}
	cuda_zero(b, memory, bytes);
	return memory;
}

void cuda_release(struct backend *b, void *memory)
{
	if (memory)
		cuda_check(cuda_of(b), cudaFree(memory), "giving memory back");
}

void cuda_upload(struct backend *b, void *device, const void *host, size_t bytes)
{
	struct cuda *c = cuda_of(b);

	if (!c->failed && bytes > 0)
		cuda_check(c, cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, c->stream), "copying to it");
	cuda_sync(b);
}

void cuda_download(struct backend *b, void *host, const void *device, size_t bytes)
{
	struct cuda *c = cuda_of(b);

	if (!c->failed && bytes > 0)
		cuda_check(c, cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, c->stream), "copying from it");
	cuda_sync(b);
}

void cuda_zero(struct backend *b, void *device, size_t bytes)
{
	struct cuda *c = cuda_of(b);

	if (!c->failed && bytes > 0)
		cuda_check(c, cudaMemsetAsync(device, 0, bytes, c->stream), "clearing memory");
}

void cuda_sync(struct backend *b)
{
	struct cuda *c = cuda_of(b);

	cuda_check(c, cudaStreamSynchronize(c->stream), "waiting for it");
	c->staging_used = 0;
}

uint64_t cuda_memory_available(struct backend *b)
{
	size_t available = 0, total = 0;

	return cuda_check(cuda_of(b), cudaMemGetInfo(&available, &total), "asking for its memory") ? available : 0;
}

bool cuda_status(struct backend *b, struct error *error)
{
	struct cuda *c = cuda_of(b);

	cuda_sync(b);
	return !c->failed || cuda_error(error, "%s", c->failure.text);
}

void *cuda_stage_room(struct cuda *c, size_t bytes)
{
	const size_t room = staged_bytes(bytes);

	if (c->staging_used + room > c->staging_bytes)
		cuda_sync(&c->backend);
	if (c->failed || room > c->staging_bytes) {
		cuda_check(c, cudaErrorMemoryAllocation, "an array larger than what was reserved");
		return nullptr;
	}
	return c->pinned + c->staging_used;
}

const void *cuda_stage_send(struct cuda *c, size_t bytes)
{
	unsigned char *place = c->staged + c->staging_used;

	if (!cuda_check(c, cudaMemcpyAsync(place, c->pinned + c->staging_used, bytes, cudaMemcpyHostToDevice, c->stream),
	                "copying to it"))
		return nullptr;
	c->staging_used += staged_bytes(bytes);
	return place;
}

const void *cuda_stage(struct cuda *c, const void *host, size_t bytes)
{
	void *room = cuda_stage_room(c, bytes);

	if (!room)
		return nullptr;
	memcpy(room, host, bytes);
	return cuda_stage_send(c, bytes);
}

void *cuda_scratch(struct cuda *c, size_t bytes)
{
	if (!c->failed && bytes <= c->scratch_bytes)
		return c->scratch;
	cuda_check(c, cudaErrorMemoryAllocation, "an operation larger than what was reserved");
	return nullptr;
}
