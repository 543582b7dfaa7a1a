/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory of the device: a region of addresses of its own, which nobody can touch outside of kernels and copies; managed
 * memory, which both sides may touch; pinned memory of the host. What was freed is not given out again as long as there are
 * other addresses. */
#include "tests/cuda/emulator.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sys/mman.h>
#include <unistd.h>

#define REGION_LARGEST (size_t{16} << 30) /* addresses of device memory; half of it for managed memory */
#define PROTECT_MOST (size_t{64} << 20)   /* beyond it, opening and closing takes longer than it is worth */

struct block {
	size_t bytes;
	bool live;
};

struct region {
	uintptr_t start, end, next, used; /* used: the highest end of all blocks */
	std::map<uintptr_t, block> blocks;
};

static struct region device, managed;
static std::map<uintptr_t, size_t> pinned;
uintptr_t heap_start, heap_bytes;
unsigned char *heap_granules;
static size_t used;
static bool closed;                 /* the device's memory cannot be touched */
static thread_local unsigned opens; /* how often this thread opened it */

static void *reserve(size_t bytes, int protection)
{
	void *memory = mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		return nullptr;
	madvise(memory, bytes, MADV_DONTDUMP);
	return memory;
}

static bool heap_make()
{
	for (size_t size = REGION_LARGEST; size >= size_t{64} << 20; size /= 2) {
		const size_t whole = size + size / 2;
		void *memory = reserve(whole, PROT_READ | PROT_WRITE);
		void *map = memory ? reserve(whole / HEAP_GRANULE, PROT_READ | PROT_WRITE) : nullptr;

		if (map && race_reserve(whole)) {
			heap_granules = static_cast<unsigned char *>(map);
			heap_start = reinterpret_cast<uintptr_t>(memory);
			heap_bytes = whole;
			device.start = device.next = device.used = heap_start;
			device.end = managed.start = managed.next = managed.used = heap_start + size;
			managed.end = heap_start + whole;
			return true;
		}
		if (map)
			munmap(map, whole / HEAP_GRANULE);
		if (memory)
			munmap(memory, whole);
	}
	return false;
}

bool heap_is_device(const void *at)
{
	return reinterpret_cast<uintptr_t>(at) - device.start < device.end - device.start;
}

bool heap_is_pinned(const void *at)
{
	auto after = pinned.upper_bound(reinterpret_cast<uintptr_t>(at));

	if (after == pinned.begin())
		return false;
	--after;
	return reinterpret_cast<uintptr_t>(at) < after->first + after->second;
}

/* ---- giving and taking */

/* The block that `at` lies in, or the one before it; end() where there is none. */
static std::map<uintptr_t, block>::iterator block_before(struct region *r, uintptr_t at)
{
	auto after = r->blocks.upper_bound(at);

	return after == r->blocks.begin() ? r->blocks.end() : --after;
}

/* Addresses for a block, with a gap to the next; 0: none left. */
static uintptr_t find_place(struct region *r, size_t room)
{
	uintptr_t at = r->start;

	if (r->end - r->next >= room)
		return r->next;
	for (auto b = r->blocks.begin(); b != r->blocks.end();)
		b = b->second.live ? std::next(b) : r->blocks.erase(b);
	for (auto &b : r->blocks) {
		if (b.first - at >= room)
			return at;
		at = b.first + (b.second.bytes + 2 * HEAP_GRANULE - 1) / HEAP_GRANULE * HEAP_GRANULE;
	}
	return r->end - at >= room ? at : 0;
}

static void *take(struct region *r, size_t bytes)
{
	const size_t room = (bytes + 2 * HEAP_GRANULE - 1) / HEAP_GRANULE * HEAP_GRANULE;
	const uintptr_t at = find_place(r, room);

	if (at == 0)
		return nullptr;
	r->blocks[at] = {bytes, true};
	r->next = at + room > r->next ? at + room : r->next;
	r->used = at + room > r->used ? at + room : r->used;
	memset(heap_granules + (at - heap_start) / HEAP_GRANULE, 1, bytes / HEAP_GRANULE);
	used += bytes;
	heap_open(true);
	memset(reinterpret_cast<void *>(at), 0xFF, bytes);
	heap_open(false);
	return reinterpret_cast<void *>(at);
}

void *heap_alloc(enum heap_kind kind, size_t bytes)
{
	void *memory;

	if (bytes > size_t{1} << 40 || (heap_bytes == 0 && !heap_make()))
		return nullptr;
	if (kind != HEAP_PINNED)
		return take(kind == HEAP_DEVICE ? &device : &managed, bytes);
	memory = aligned_alloc(HEAP_GRANULE, (bytes + HEAP_GRANULE - 1) / HEAP_GRANULE * HEAP_GRANULE);
	if (memory) {
		memset(memory, 0xFF, bytes);
		pinned[reinterpret_cast<uintptr_t>(memory)] = bytes;
	}
	return memory;
}

/* Its pages go back; its addresses stay nobody's. */
static void give(uintptr_t at, struct block *b)
{
	const uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
	const uintptr_t first = (at + page - 1) / page * page, last = (at + b->bytes) / page * page;

	b->live = false;
	used -= b->bytes;
	memset(heap_granules + (at - heap_start) / HEAP_GRANULE, 0, b->bytes / HEAP_GRANULE);
	if (last > first)
		madvise(reinterpret_cast<void *>(first), last - first, MADV_DONTNEED);
}

bool heap_free(enum heap_kind kind, void *memory)
{
	const uintptr_t at = reinterpret_cast<uintptr_t>(memory);
	char what[256];

	if (kind == HEAP_PINNED) {
		if (pinned.erase(at) == 1) {
			free(memory);
			return true;
		}
		fault_host("cudaFreeHost: %p is no pinned memory", memory);
		return false;
	}
	struct region *r = heap_is_device(memory) ? &device : &managed;
	auto b = heap_holds(memory) ? block_before(r, at) : r->blocks.end();
	if (b != r->blocks.end() && b->first == at && b->second.live) {
		give(at, &b->second);
		return true;
	}
	heap_describe(memory, 1, what, sizeof what);
	fault_host("cudaFree: %s", what);
	return false;
}

size_t heap_used()
{
	return used;
}

/* ---- asking */

bool heap_is_live_slowly(const void *at, size_t bytes)
{
	const uintptr_t address = reinterpret_cast<uintptr_t>(at);
	struct region *r = address < device.end ? &device : &managed;
	auto b = block_before(r, address);

	return heap_holds(at) && b != r->blocks.end() && b->second.live && bytes <= b->second.bytes &&
	       address - b->first <= b->second.bytes - bytes;
}

void heap_describe(const void *at, size_t bytes, char *out, size_t capacity)
{
	const uintptr_t address = reinterpret_cast<uintptr_t>(at);
	struct region *r = address < device.end ? &device : &managed;

	if (address < 4096) {
		snprintf(out, capacity, "%zu bytes at null", bytes);
		return;
	}
	if (!heap_holds(at)) {
		snprintf(out, capacity, "%zu bytes at %p, which is memory of the host", bytes, at);
		return;
	}
	auto b = block_before(r, address);
	if (b == r->blocks.end())
		snprintf(out, capacity, "%zu bytes at %p, which was never given out", bytes, at);
	else
		snprintf(out, capacity, "%zu bytes at byte %zu of an array of %zu bytes%s", bytes, address - b->first,
		         b->second.bytes, b->second.live ? "" : " that was freed");
}

void heap_open(bool open)
{
	opens += open ? 1u : -1u;
	if (open && closed)
		mprotect(reinterpret_cast<void *>(device.start), device.used - device.start, PROT_READ | PROT_WRITE);
	closed = closed && !open;
}

/* Only what is small enough for that to cost little. */
void heap_close()
{
	const size_t bytes = device.used - device.start;

	if (closed || opens > 0 || bytes == 0 || bytes > PROTECT_MOST || faults_are_kept())
		return;
	closed = mprotect(reinterpret_cast<void *>(device.start), bytes, PROT_NONE) == 0;
}

bool heap_is_open()
{
	return opens > 0;
}
