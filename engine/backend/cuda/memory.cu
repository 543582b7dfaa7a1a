/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory of the device, copies to it and back, and the failure that stays. */
#include "engine/backend/cuda/operations.h"
#include "engine/backend/cuda/steps.h"

#include <cstring>

#define UPLOAD_PART (size_t{1} << 20) /* of an upload; the next is copied while one is on its way */

bool cuda_check(struct cuda *c, cudaError_t result, const char *what)
{
	if (result == cudaSuccess)
		return !c->failed;
	if (!c->failed)
		cuda_result_error(&c->failure, result, what);
	c->failed = true;
	return false;
}

/* Where the device was lost a library says only that it could not do it. */
void cuda_fail(struct cuda *c, const char *what)
{
	const cudaError_t result = cudaStreamQuery(c->stream);

	if (result != cudaSuccess && result != cudaErrorNotReady)
		cuda_check(c, result, what);
	else if (!c->failed)
		cuda_error(&c->failure, "the GPU failed (%s)", what);
	c->failed = true;
}

bool cuda_take(void **memory, size_t bytes, struct error *error)
{
	const cudaError_t result = cudaMalloc(memory, bytes > 0 ? bytes : 1);

	if (result == cudaSuccess)
		return true;
	cudaGetLastError(); /* no memory is no failure of the device */
	*memory = nullptr;
	return cuda_result_error(error, result, "taking memory");
}

void *cuda_alloc(struct backend *b, size_t bytes)
{
	struct cuda *c = cuda_of(b);
	void *memory = nullptr;

	if (c->failed || !cuda_take(&memory, bytes, nullptr))
		return nullptr;
	cuda_zero(b, memory, bytes);
	return memory;
}

void cuda_release(struct backend *b, void *memory)
{
	if (!memory)
		return;
	steps_submit(cuda_of(b));
	cuda_check(cuda_of(b), cudaFree(memory), "giving memory back");
}

/* By way of pinned memory: the device reads it while the host goes on. */
void cuda_upload(struct backend *b, void *device, const void *host, size_t bytes)
{
	struct cuda *c = cuda_of(b);

	steps_submit(c);
	c->narrowed.x = nullptr;
	for (size_t at = 0; at < bytes && !c->failed; at += UPLOAD_PART) {
		const size_t part = bytes - at < UPLOAD_PART ? bytes - at : UPLOAD_PART;
		void *room = cuda_stage_room(c, part);

		if (!room)
			return;
		memcpy(room, static_cast<const char *>(host) + at, part);
		cuda_check(c, cudaMemcpyAsync(static_cast<char *>(device) + at, room, part, cudaMemcpyHostToDevice, c->stream),
		           "copying to it");
		c->backend.launches++;
		c->area->used += staged_bytes(part);
		c->area->sent = c->area->used;
	}
}

void cuda_download(struct backend *b, void *host, const void *device, size_t bytes)
{
	struct cuda *c = cuda_of(b);

	steps_submit(c);
	if (!c->failed && bytes > 0) {
		c->backend.launches++;
		cuda_check(c, cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, c->stream), "copying from it");
	}
	cuda_sync(b);
}

void cuda_zero(struct backend *b, void *device, size_t bytes)
{
	cuda_fill(cuda_of(b), device, bytes);
}

void cuda_sync(struct backend *b)
{
	struct cuda *c = cuda_of(b);

	steps_submit(c);
	if (!c->failed && c->area != &c->usual)
		cuda_check(c, cudaStreamSynchronize(c->steps->copies), "waiting for copies");
	if (!c->failed)
		cuda_check(c, cudaStreamSynchronize(c->stream), "waiting for it");
	c->area->used = c->area->sent = c->area == &c->usual ? 0 : AREA_HEAD;
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

/* ---- what can be put off */

void cuda_do(struct cuda *c, cuda_function function, const void *what, size_t bytes)
{
	c->narrowed.x = nullptr;
	if (c->failed || steps_note(c, function, what, bytes))
		return;
	c->backend.launches++;
	function(c, what);
}

bool cuda_in_step(const struct cuda *c)
{
	return c->steps->noting;
}

const uint32_t *cuda_counter(const struct cuda *c, uint64_t counter)
{
	if (!c->steps->noting || static_cast<uint32_t>(counter) != c->steps->counter)
		return nullptr;
	return reinterpret_cast<const uint32_t *>(c->area->staged);
}

struct transfer {
	void *to;
	const void *from; /* NULL: zeros */
	size_t bytes;
};

static void transfer(struct cuda *c, const void *what)
{
	const struct transfer *t = static_cast<const struct transfer *>(what);

	if (t->from)
		cuda_check(c, cudaMemcpyAsync(t->to, t->from, t->bytes, cudaMemcpyDeviceToDevice, c->stream), "copying");
	else
		cuda_check(c, cudaMemsetAsync(t->to, 0, t->bytes, c->stream), "clearing memory");
}

void cuda_fill(struct cuda *c, void *memory, size_t bytes)
{
	cuda_copy(c, memory, nullptr, bytes);
}

void cuda_copy(struct cuda *c, void *to, const void *from, size_t bytes)
{
	const struct transfer t = {to, from, bytes};

	if (bytes > 0)
		cuda_do(c, transfer, &t, sizeof t);
}

/* ---- staging */

cudaError_t area_take(struct area *area, size_t bytes)
{
	void *host = nullptr, *device = nullptr;
	cudaError_t result = cudaMallocHost(&host, bytes);

	if (result == cudaSuccess)
		result = cudaMalloc(&device, bytes);
	if (result != cudaSuccess) {
		cudaGetLastError();
		cudaFreeHost(host);
		return result;
	}
	area->pinned = static_cast<unsigned char *>(host);
	area->staged = static_cast<unsigned char *>(device);
	area->used = area->sent = 0;
	return cudaSuccess;
}

void area_free(struct area *area)
{
	cudaFreeHost(area->pinned);
	cudaFree(area->staged);
	*area = {};
}

void *cuda_stage_room(struct cuda *c, size_t bytes)
{
	const size_t room = staged_bytes(bytes);

	if (room > c->staging_bytes || c->area->used > c->staging_bytes - room)
		cuda_sync(&c->backend);
	if (c->failed || room > c->staging_bytes - c->area->used) {
		cuda_fail(c, "an array is larger than what was reserved");
		return nullptr;
	}
	return c->area->pinned + c->area->used;
}

const void *cuda_stage_send(struct cuda *c, size_t bytes)
{
	struct area *area = c->area;
	unsigned char *place = area->staged + area->used;

	if (!cuda_in_step(c)) {
		c->backend.launches++;
		if (!cuda_check(c, cudaMemcpyAsync(place, area->pinned + area->used, bytes, cudaMemcpyHostToDevice, c->stream),
		                "copying to it"))
			return nullptr;
	}
	area->used += staged_bytes(bytes);
	return c->failed ? nullptr : place;
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
	cuda_fail(c, "an operation is larger than what was reserved");
	return nullptr;
}
