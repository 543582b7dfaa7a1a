/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Blocks whose threads are fibers. One runs until it waits; who waits is taken up again when all have met, in an order that
 * REVUE_CUDA_SEED mixes, as it mixes the blocks. */
#include "tests/cuda/emulator.h"

#include "tests/cuda/switch.h"
#include "tests/cuda/symbols.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#define WARPS (THREADS_MAX / WARP)

alignas(256) unsigned char shared_bytes[SHARED_MAX];

thread_local bool in_kernel;
unsigned fiber_now;
unsigned fiber_epochs[WARPS];

/* Where threads meet: those of a warp, or of the block. */
struct meeting {
	unsigned met;   /* how many wait */
	unsigned first; /* who came first, and where to */
	cuda_site site;
	unsigned rounds; /* how often it was met */
};

struct fiber {
	struct context context;
	bool done;
	const struct meeting *at; /* NULL: it runs, or will */
	cuda_site site;
};

static struct fiber fibers[THREADS_MAX];
static struct meeting block_meeting, warp_meetings[WARPS];
static unsigned char exchanged[WARPS][2][WARP * EXCHANGE_STRIDE];
static uint16_t ready[THREADS_MAX]; /* a ring */
static unsigned ready_first, ready_count;
static unsigned threads, living;
char *fiber_stacks;
static struct context outside;
static bool given_up;
static const void *kernel_now;
static struct cuda_arguments arguments_now; /* here, where a kernel may read them as a device's threads do */
static dim3 block_now;
dim3 blockDim, gridDim;
static uint64_t random_state;

dim3 cuda_thread() { return dim3(fiber_now, 0, 0); }
dim3 cuda_block() { return block_now; }

static unsigned random_below(unsigned end)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return static_cast<unsigned>((random_state >> 32) * end >> 32);
}

template <class T> static void shuffle(T *items, unsigned count)
{
	for (unsigned i = count; i > 1; i--)
		std::swap(items[i - 1], items[random_below(i)]);
}

void fibers_seed(uint64_t seed)
{
	random_state = seed * 0x9E3779B97F4A7C15u + 0x1234567u;
	for (int i = 0; i < 8; i++)
		random_below(2);
}

const char *fibers_where()
{
	static char text[256];
	char name[128], block[48];

	symbol_name(kernel_now, name, sizeof name);
	if (gridDim.y == 1 && gridDim.z == 1)
		snprintf(block, sizeof block, "%u", block_now.x);
	else
		snprintf(block, sizeof block, "(%u, %u, %u)", block_now.x, block_now.y, block_now.z);
	snprintf(text, sizeof text, "%s: block %s, thread %u", name, block, fiber_now);
	return text;
}

/* ---- taking turns */

static void make_ready(unsigned thread)
{
	ready[(ready_first + ready_count++) % THREADS_MAX] = static_cast<uint16_t>(thread);
}

static const char *file_of(cuda_site site)
{
	const char *slash = strrchr(site.file, '/');

	return slash ? slash + 1 : site.file;
}

/* Nobody can go on: who waits for whom. */
[[noreturn]] static void fault_for_ever()
{
	unsigned waits = 0, first, other;

	while (fibers[waits].done)
		waits++;
	first = fibers[waits].at == &block_meeting ? 0 : waits / WARP * WARP;
	for (other = first; !fibers[other].done && fibers[other].at == fibers[waits].at;)
		other++;
	fiber_now = waits;
	if (fibers[other].done)
		fault_kernel("waits at %s, %s:%d, for ever: thread %u has left", fibers[waits].site.what,
		             file_of(fibers[waits].site), fibers[waits].site.line, other);
	fault_kernel("waits at %s, %s:%d, for ever: thread %u waits at %s, line %d", fibers[waits].site.what,
	             file_of(fibers[waits].site), fibers[waits].site.line, other, fibers[other].site.what,
	             fibers[other].site.line);
}

static void next()
{
	struct fiber *from = &fibers[fiber_now];

	if (ready_count == 0)
		fault_for_ever();
	fiber_now = ready[ready_first];
	ready_first = (ready_first + 1) % THREADS_MAX;
	ready_count--;
	if (&fibers[fiber_now] != from)
		context_switch(&from->context, &fibers[fiber_now].context);
}

/* All of [first, first + count) but who runs are taken up again. */
static void release(unsigned first, unsigned count)
{
	uint16_t woken[THREADS_MAX];
	unsigned n = 0;

	for (unsigned i = first; i < first + count; i++) {
		fibers[i].at = nullptr;
		if (i != fiber_now)
			woken[n++] = static_cast<uint16_t>(i);
	}
	shuffle(woken, n);
	for (unsigned i = 0; i < n; i++)
		make_ready(woken[i]);
}

static void check_site(const struct meeting *m, cuda_site site)
{
	if (m->met > 0 && (m->site.line != site.line || strcmp(m->site.what, site.what) != 0))
		fault_kernel("is at %s, %s:%d, while thread %u waits for it at %s, line %d", site.what, file_of(site), site.line,
		             m->first, m->site.what, m->site.line);
}

/* The last goes on; the others wait. */
static void meet(struct meeting *m, unsigned first, unsigned count, cuda_site site)
{
	check_site(m, site);
	if (m->met == 0) {
		m->first = fiber_now;
		m->site = site;
	}
	if (++m->met == count) {
		m->met = 0;
		m->rounds++;
		release(first, count);
		return;
	}
	fibers[fiber_now].at = m;
	fibers[fiber_now].site = site;
	next();
}

static void meet_in_warp(cuda_site site)
{
	meet(&warp_meetings[fiber_now / WARP], fiber_now / WARP * WARP, WARP, site);
}

static void check_mask(unsigned mask, cuda_site site)
{
	if (mask != CUDA_WHOLE_WARP)
		fault_kernel("%s, %s:%d, has the mask %08x: the whole warp has to meet", site.what, file_of(site), site.line, mask);
}

void cuda_meet_block(cuda_site site)
{
	if (block_meeting.met + 1 == threads)
		race_meet();
	meet(&block_meeting, 0, threads, site);
}

void cuda_meet_warp(unsigned mask, cuda_site site)
{
	const unsigned warp = fiber_now / WARP;

	check_mask(mask, site);
	if (warp_meetings[warp].met + 1 == WARP)
		fiber_epochs[warp]++;
	meet_in_warp(site);
}

/* Two buffers in turn: who is ahead fills the second while others still read the first. */
const unsigned char *fibers_exchange(const void *value, size_t bytes, cuda_site site)
{
	const unsigned warp = fiber_now / WARP;
	unsigned char *slots = exchanged[warp][warp_meetings[warp].rounds & 1];

	memcpy(slots + fiber_now % WARP * EXCHANGE_STRIDE, value, bytes);
	meet_in_warp(site);
	return slots;
}

uint64_t cuda_exchange(unsigned mask, uint64_t value, int source, cuda_site site)
{
	check_mask(mask, site);
	memcpy(&value, fibers_exchange(&value, sizeof value, site) + (source & 31) * EXCHANGE_STRIDE, sizeof value);
	return value;
}

unsigned cuda_ballot(unsigned mask, bool value, cuda_site site)
{
	const unsigned char *slots;
	unsigned bits = 0;

	check_mask(mask, site);
	slots = fibers_exchange(&value, sizeof value, site);
	for (unsigned lane = 0; lane < WARP; lane++)
		bits |= static_cast<unsigned>(slots[lane * EXCHANGE_STRIDE]) << lane;
	return bits;
}

/* ---- blocks */

static void enter()
{
	arguments_now.call(kernel_now, arguments_now.bytes);
	fibers[fiber_now].done = true;
	if (--living == 0)
		context_switch(&fibers[fiber_now].context, &outside);
	next();
}

void fibers_leave()
{
	given_up = true;
	context_switch(&fibers[fiber_now].context, &outside);
	abort(); /* nobody comes back */
}

static void run_block(dim3 at, size_t shared)
{
	uint16_t order[THREADS_MAX];

	block_now = at;
	memset(shared_bytes, 0xFF, shared);
	memset(fiber_epochs, 0, sizeof fiber_epochs);
	memset(warp_meetings, 0, sizeof warp_meetings);
	block_meeting = {};
	race_block(shared);
	async_forget();
	ready_count = 0;
	for (unsigned i = 0; i < threads; i++) {
		fibers[i].done = false;
		fibers[i].at = nullptr;
		context_make(&fibers[i].context, fiber_stacks + i * STACK_BYTES, STACK_BYTES, enter);
		order[i] = static_cast<uint16_t>(i);
	}
	shuffle(order, threads);
	for (unsigned i = 1; i < threads; i++)
		make_ready(order[i]);
	living = threads;
	fiber_now = order[0];
	in_kernel = true;
	context_switch(&outside, &fibers[fiber_now].context);
	in_kernel = false;
}

/* The lowest page of each stack is nobody's. */
static bool make_stacks()
{
	const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
	void *memory;

	if (fiber_stacks)
		return true;
	memory = mmap(nullptr, STACK_BYTES * THREADS_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
	              0);
	if (memory == MAP_FAILED)
		return false;
	fiber_stacks = static_cast<char *>(memory);
	for (size_t i = 0; i < THREADS_MAX; i++)
		if (mprotect(fiber_stacks + i * STACK_BYTES, page, PROT_NONE) != 0)
			return false;
	return true;
}

static void seed_once()
{
	const char *seed = getenv("REVUE_CUDA_SEED");

	if (random_state == 0)
		fibers_seed(seed ? strtoull(seed, nullptr, 10) : 1);
}

cudaError_t fibers_run(const struct kernel_launch *k)
{
	const dim3 grid = k->grid;
	const size_t count = size_t{grid.x} * grid.y * grid.z;
	std::vector<uint32_t> order(count);

	if (!make_stacks())
		return cudaErrorMemoryAllocation;
	seed_once();
	for (size_t i = 0; i < count; i++)
		order[i] = static_cast<uint32_t>(i);
	shuffle(order.data(), static_cast<unsigned>(count));
	threads = k->block.x;
	kernel_now = k->kernel;
	arguments_now = k->arguments;
	blockDim = k->block;
	gridDim = grid;
	given_up = false;
	race_launch();
	for (size_t i = 0; i < count && !given_up; i++)
		run_block(dim3(order[i] % grid.x, order[i] / grid.x % grid.y, order[i] / grid.x / grid.y), k->shared);
	return given_up ? cudaErrorLaunchFailure : cudaSuccess;
}
