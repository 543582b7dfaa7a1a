/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Streams and copies. A copy between pinned memory and the device is put off as long as a real one may take: what goes to the
 * device is read when the next kernel of the stream begins, what comes from there appears when the stream is waited for. Who
 * changes pinned memory that is on its way is told; who reads too early finds numbers that are none. */
#include "tests/cuda/emulator.h"

#include <chrono>
#include <cstring>
#include <memory>
#include <set>
#include <vector>

struct put_off {
	uint64_t number;
	void *to;
	const void *from;
	size_t bytes;
	bool to_device, begun;
	uint64_t sum;           /* of the host's bytes when the copy was asked for */
	std::vector<char> data; /* from the device, once begun */
};

struct cuda_stream {
	std::vector<put_off> copies;
};

struct cuda_event {
	struct cuda_stream *stream;
	uint64_t number;
	std::chrono::steady_clock::time_point time;
};

static struct cuda_stream usual;
static std::set<struct cuda_stream *> streams = {&usual};
static uint64_t last_number;

static struct cuda_stream *stream_of(cudaStream_t stream)
{
	return stream ? stream : &usual;
}

static uint64_t sum_of(const void *bytes, size_t count)
{
	const unsigned char *at = static_cast<const unsigned char *>(bytes);
	uint64_t sum = 0x9E3779B97F4A7C15u, word;

	for (; count >= 8; at += 8, count -= 8) {
		memcpy(&word, at, 8);
		sum = (sum ^ word) * 0xFF51AFD7ED558CCDu;
		sum ^= sum >> 32;
	}
	while (count-- > 0)
		sum = (sum ^ *at++) * 0x100000001B3u;
	return sum;
}

/* ---- doing what was put off */

static void copy_open(void *to, const void *from, size_t bytes)
{
	heap_open(true);
	memmove(to, from, bytes);
	heap_open(false);
}

static void check_unchanged(const struct put_off *c)
{
	if (c->to_device && sum_of(c->from, c->bytes) != c->sum)
		fault_host("%zu bytes of pinned memory changed on their way to the device: nobody had waited for the stream",
		           c->bytes);
}

static void begin(struct put_off *c)
{
	if (c->begun)
		return;
	c->begun = true;
	check_unchanged(c);
	if (c->to_device)
		copy_open(c->to, c->from, c->bytes);
	else {
		c->data.resize(c->bytes);
		copy_open(c->data.data(), c->from, c->bytes);
	}
}

void stream_begin(cudaStream_t stream)
{
	for (auto &c : stream_of(stream)->copies)
		begin(&c);
}

static void finish(struct put_off *c)
{
	begin(c);
	check_unchanged(c);
	if (!c->to_device)
		memcpy(c->to, c->data.data(), c->bytes);
}

/* All that was asked for up to this number. */
static void wait(struct cuda_stream *s, uint64_t number)
{
	size_t done = 0;

	while (done < s->copies.size() && s->copies[done].number <= number)
		finish(&s->copies[done++]);
	s->copies.erase(s->copies.begin(), s->copies.begin() + static_cast<std::ptrdiff_t>(done));
}

static void wait_for_all()
{
	for (auto *s : streams)
		wait(s, UINT64_MAX);
}

void streams_forget(enum heap_kind kind, const void *memory)
{
	if (kind != HEAP_PINNED) {
		wait_for_all(); /* as cudaFree does */
		return;
	}
	for (auto *s : streams)
		for (auto &c : s->copies)
			if (c.to == memory || c.from == memory)
				fault_host("cudaFreeHost of memory that a copy still needs: nobody had waited for the stream");
}

/* ---- copies */

static bool check_side(const char *call, const void *at, size_t bytes, bool on_device)
{
	char what[256];

	if (on_device ? heap_is_live(at, bytes) : !heap_is_device(at))
		return true;
	if (on_device)
		heap_describe(at, bytes, what, sizeof what);
	fault_host("%s: %s", call, on_device ? what : "memory of the device where that of the host belongs");
	return false;
}

static enum cudaMemcpyKind kind_of(const void *to, const void *from, enum cudaMemcpyKind kind)
{
	if (kind != cudaMemcpyDefault)
		return kind;
	if (heap_holds(to))
		return heap_holds(from) ? cudaMemcpyDeviceToDevice : cudaMemcpyHostToDevice;
	return heap_holds(from) ? cudaMemcpyDeviceToHost : cudaMemcpyHostToHost;
}

static bool check_copy(const char *call, void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind)
{
	return check_side(call, to, bytes, kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice) &&
	       check_side(call, from, bytes, kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice);
}

static cudaError_t copy(struct cuda_stream *s, void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind)
{
	const bool up = kind == cudaMemcpyHostToDevice && heap_is_pinned(from);
	const bool down = kind == cudaMemcpyDeviceToHost && heap_is_pinned(to);

	if (!check_copy("cudaMemcpyAsync", to, from, bytes, kind))
		return runtime_result(cudaErrorInvalidValue);
	if (up || down) {
		s->copies.push_back({++last_number, to, from, bytes, up, false, up ? sum_of(from, bytes) : 0, {}});
		if (down)
			memset(to, 0xFF, bytes);
		return cudaSuccess;
	}
	stream_begin(s);
	copy_open(to, from, bytes);
	return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream)
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);
	const cudaError_t result = runtime_call();
	struct cuda_stream *s = stream_of(stream);

	kind = kind_of(to, from, kind);
	if (result != cudaSuccess || bytes == 0)
		return result;
	if (stream_keeps(stream, cudaGraphNodeTypeMemcpy, [=] { return copy(s, to, from, bytes, kind); }))
		return cudaSuccess;
	return copy(s, to, from, bytes, kind);
}

cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, cudaMemcpyKind kind)
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);
	const cudaError_t result = runtime_call();

	if (result != cudaSuccess || bytes == 0)
		return result;
	if (!check_copy("cudaMemcpy", to, from, bytes, kind_of(to, from, kind)))
		return runtime_result(cudaErrorInvalidValue);
	wait(&usual, UINT64_MAX);
	copy_open(to, from, bytes);
	return cudaSuccess;
}

static cudaError_t set(struct cuda_stream *s, void *memory, int value, size_t bytes)
{
	if (!check_side("cudaMemset", memory, bytes, true))
		return runtime_result(cudaErrorInvalidValue);
	stream_begin(s);
	heap_open(true);
	memset(memory, value, bytes);
	heap_open(false);
	return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void *memory, int value, size_t bytes, cudaStream_t stream)
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);
	const cudaError_t result = runtime_call();
	struct cuda_stream *s = stream_of(stream);

	if (result != cudaSuccess || bytes == 0)
		return result;
	if (stream_keeps(stream, cudaGraphNodeTypeMemset, [=] { return set(s, memory, value, bytes); }))
		return cudaSuccess;
	return set(s, memory, value, bytes);
}

cudaError_t cudaMemset(void *memory, int value, size_t bytes)
{
	return cudaMemsetAsync(memory, value, bytes, nullptr);
}

/* ---- streams */

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned)
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);
	const cudaError_t result = runtime_call();

	*stream = nullptr;
	if (result != cudaSuccess)
		return result;
	*stream = new cuda_stream();
	streams.insert(*stream);
	return cudaSuccess;
}

cudaError_t cudaStreamCreate(cudaStream_t *stream)
{
	return cudaStreamCreateWithFlags(stream, cudaStreamDefault);
}

static bool is_stream(cudaStream_t stream)
{
	return streams.count(stream_of(stream)) == 1;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);

	if (!stream || !is_stream(stream))
		return runtime_result(cudaErrorInvalidResourceHandle);
	wait(stream, UINT64_MAX);
	streams.erase(stream);
	delete stream;
	return runtime_call();
}

/* What waiting means for a stream whose work is only noted down. */
static cudaError_t refuse_capture(cudaStream_t stream)
{
	return stream_captures(stream) ? cudaErrorStreamCaptureUnsupported : cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);
	cudaError_t result = runtime_call();

	if (result == cudaSuccess)
		result = is_stream(stream) ? refuse_capture(stream) : cudaErrorInvalidResourceHandle;
	if (result == cudaSuccess)
		wait(stream_of(stream), UINT64_MAX);
	heap_close();
	return runtime_result(result);
}

cudaError_t cudaStreamQuery(cudaStream_t stream)
{
	return cudaStreamSynchronize(stream);
}

cudaError_t cudaDeviceSynchronize()
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);
	cudaError_t result = runtime_call();

	if (result == cudaSuccess && stream_any_captures())
		result = cudaErrorStreamCaptureUnsupported;
	if (result == cudaSuccess)
		wait_for_all();
	heap_close();
	return runtime_result(result);
}

/* ---- events */

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned)
{
	*event = new cuda_event();
	return runtime_call();
}

cudaError_t cudaEventCreate(cudaEvent_t *event)
{
	return cudaEventCreateWithFlags(event, cudaEventDefault);
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
	delete event;
	return runtime_call();
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);

	event->stream = stream_of(stream);
	event->number = last_number;
	event->time = std::chrono::steady_clock::now();
	return runtime_call();
}

cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);

	if (event->stream && streams.count(event->stream) == 1)
		wait(event->stream, event->number);
	return runtime_call();
}

cudaError_t cudaEventQuery(cudaEvent_t event)
{
	return cudaEventSynchronize(event);
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned)
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);

	(void)stream;
	if (event->stream && streams.count(event->stream) == 1)
		stream_begin(event->stream == &usual ? nullptr : event->stream);
	return runtime_call();
}

cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t start, cudaEvent_t end)
{
	*milliseconds = std::chrono::duration<float, std::milli>(end->time - start->time).count();
	return runtime_call();
}
