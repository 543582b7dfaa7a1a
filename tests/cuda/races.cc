/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each read and write of a kernel. The compiler calls the functions __tsan_* for them (-fsanitize=thread); they are ours, the
 * thread sanitizer's library is not linked. A cell for each four bytes of device and shared memory knows who wrote and who
 * read them last, and when: two accesses of which one writes need a barrier between them that both threads met.
 *
 * Time is counted in epochs: one more whenever a block begins or its threads met. Within an epoch, a warp counts its own
 * rounds (fiber_epochs), one more at each __syncwarp. An earlier access is ordered before one of now
 *   - in this epoch: if it is of the same thread, or of the same warp in another round;
 *   - in an earlier epoch of this block: always;
 *   - in an earlier block of this launch: never, blocks do not wait for each other;
 *   - in an earlier launch: always.
 * The bytes of a cell that an access touched are a mask; where several threads touch different bytes of a cell, some faults
 * go unseen, none is reported that is not there. */
#include "tests/cuda/emulator.h"

#include "tests/cuda/symbols.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>

#define CELL 4 /* bytes */

enum readers { ONE, SOME_OF_A_WARP, MANY };

struct cell {
	uint32_t write_epoch, read_epoch;
	uint32_t writer : 10, write_mask : 4, written : 4, promised : 1, write_round : 13;
	/* reader: a thread, or a warp. read_mask: what they all read. foreign: a block before this one is among them. */
	uint32_t reader : 10, readers : 2, read_mask : 4, foreign : 1, read_round : 15;
};

static struct cell *heap_cells;
static struct cell shared_cells[SHARED_MAX / CELL];
static size_t shared_size;
static uint32_t epoch = 1, launch_start, block_start;

bool race_reserve(size_t heap_size)
{
	const size_t bytes = heap_size / CELL * sizeof(struct cell);
	void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		return false;
	madvise(memory, bytes, MADV_DONTDUMP);
	heap_cells = static_cast<struct cell *>(memory);
	return true;
}

void race_launch()
{
	launch_start = ++epoch;
}

void race_block(size_t bytes)
{
	block_start = ++epoch;
	shared_size = bytes;
}

void race_meet()
{
	epoch++;
}

/* ---- one cell */

struct access {
	unsigned thread, mask, round;
	const unsigned char *at; /* of the cell */
	bool shared;
};

static unsigned round_of(unsigned thread)
{
	return fiber_epochs[thread / WARP] & 0x1FFF;
}

[[noreturn]] static void fault_access(const struct access *a, const char *verb, const char *why)
{
	char what[256];

	fiber_now = a->thread;
	if (a->shared)
		snprintf(what, sizeof what, "shared memory at byte %zu", static_cast<size_t>(a->at - shared_bytes));
	else
		heap_describe(a->at, CELL, what, sizeof what);
	fault_kernel("%s %s, %s", verb, what, why);
}

[[noreturn]] static void fault_race(const struct access *a, const char *verb, const char *other, unsigned thread)
{
	char why[128];

	snprintf(why, sizeof why, "which thread %u %s with no barrier in between", thread, other);
	fault_access(a, verb, why);
}

/* Whether an access of this epoch, by `thread` in `round`, is ordered before a. */
static bool is_ordered(const struct access *a, unsigned thread, unsigned round)
{
	return thread == a->thread || (thread / WARP == a->thread / WARP && round != a->round);
}

static void check_last_write(const struct access *a, const struct cell *c, const char *verb)
{
	if (!(c->write_mask & a->mask))
		return;
	if (c->write_epoch == epoch && !is_ordered(a, c->writer, c->write_round))
		fault_race(a, verb, "wrote", c->writer);
	if (!a->shared && c->write_epoch >= launch_start && c->write_epoch < block_start)
		fault_access(a, verb, "which another block of this launch wrote");
}

static void check_promise(const struct access *a, const struct cell *c, const char *verb)
{
	if (a->shared && c->promised && c->write_epoch >= block_start)
		fault_access(a, verb, "where a cp.async of this block may still write: its group was not waited for");
}

static void check_written(const struct access *a, const struct cell *c)
{
	if (c->write_epoch < block_start || (c->written & a->mask) != a->mask)
		fault_access(a, "reads", "which nobody wrote in this block");
}

static void be_reader(const struct access *a, struct cell *c, enum readers readers, unsigned mask)
{
	c->readers = readers;
	c->reader = (readers == ONE ? a->thread : a->thread / WARP) & 0x3FF;
	c->read_round = a->round & 0x7FFF;
	c->read_mask = mask & 15;
}

/* Another thread than the last has read it in this epoch, not ordered after it. */
static void join_readers(const struct access *a, struct cell *c)
{
	const unsigned warp = c->readers == ONE ? c->reader / WARP : c->reader, both = c->read_mask & a->mask;
	const bool same_warp = c->readers != MANY && warp == a->thread / WARP;

	be_reader(a, c, !both ? ONE : same_warp ? SOME_OF_A_WARP : MANY, both ? both : a->mask);
}

static void note_read(const struct access *a, struct cell *c)
{
	const bool warp_before = c->readers == SOME_OF_A_WARP && c->reader == a->thread / WARP && c->read_round != a->round;
	unsigned both = c->read_mask & a->mask;

	if (c->read_epoch == epoch) {
		if (warp_before || (c->readers == ONE && is_ordered(a, c->reader, c->read_round)))
			be_reader(a, c, ONE, a->mask);
		else
			join_readers(a, c);
		return;
	}
	c->foreign = !a->shared && both && c->read_epoch >= launch_start && (c->read_epoch < block_start || c->foreign);
	c->read_epoch = epoch;
	be_reader(a, c, ONE, c->foreign ? both : a->mask);
}

static void read_cell(const struct access *a, struct cell *c)
{
	if (a->shared)
		check_written(a, c);
	check_promise(a, c, "reads");
	check_last_write(a, c, "reads");
	note_read(a, c);
}

static void check_last_reads(const struct access *a, const struct cell *c)
{
	if (!(c->read_mask & a->mask))
		return;
	if (!a->shared && c->read_epoch >= launch_start && (c->read_epoch < block_start || c->foreign))
		fault_access(a, "writes", "which another block of this launch read");
	if (c->read_epoch != epoch)
		return;
	if (c->readers == ONE && !is_ordered(a, c->reader, c->read_round))
		fault_race(a, "writes", "read", c->reader);
	if (c->readers == MANY ||
	    (c->readers == SOME_OF_A_WARP && (c->reader != a->thread / WARP || c->read_round == a->round)))
		fault_access(a, "writes", "which several threads read with no barrier in between");
}

static void note_write(const struct access *a, struct cell *c)
{
	const bool same = c->write_epoch == epoch && c->writer == a->thread && c->write_round == a->round;

	c->written = (c->write_epoch >= block_start ? c->written | a->mask : a->mask) & 15;
	c->write_mask = (same ? c->write_mask | a->mask : a->mask) & 15;
	c->write_epoch = epoch;
	c->writer = a->thread & 0x3FF;
	c->write_round = a->round & 0x1FFF;
	c->promised = 0;
}

static void write_cell(const struct access *a, struct cell *c)
{
	check_promise(a, c, "writes");
	check_last_write(a, c, "writes");
	check_last_reads(a, c);
	note_write(a, c);
}

/* ---- accesses */

[[noreturn]] static void fault_place(unsigned thread, const void *at, size_t bytes, const char *verb)
{
	const size_t offset = static_cast<size_t>(static_cast<const unsigned char *>(at) - shared_bytes);
	char what[256];

	fiber_now = thread;
	if (offset < SHARED_MAX)
		fault_kernel("%s %zu bytes at byte %zu of shared memory, which has %zu", verb, bytes, offset, shared_size);
	heap_describe(at, bytes, what, sizeof what);
	fault_kernel("%s %s", verb, what);
}

/* The first of the cells of [at, at + bytes); NULL: memory that is of no interest. A fault where it must not be touched. */
static struct cell *find_cells(unsigned thread, const void *at, size_t bytes, bool writes, bool *shared)
{
	const size_t offset = static_cast<size_t>(static_cast<const unsigned char *>(at) - shared_bytes);

	*shared = false;
	if (heap_holds(at)) {
		if (!heap_is_live(at, bytes))
			fault_place(thread, at, bytes, writes ? "writes" : "reads");
		return heap_cells + heap_offset(at) / CELL;
	}
	if (offset < SHARED_MAX) {
		if (bytes > shared_size || offset > shared_size - bytes)
			fault_place(thread, at, bytes, writes ? "writes" : "reads");
		*shared = true;
		return shared_cells + offset / CELL;
	}
	if (!fiber_holds(at) && (writes || !symbol_image_holds(at)))
		fault_place(thread, at, bytes, writes ? "writes" : "reads");
	return nullptr;
}

template <class Visit>
static void for_cells(unsigned thread, const void *at, size_t bytes, struct cell *c, bool shared, Visit visit)
{
	uintptr_t from = reinterpret_cast<uintptr_t>(at), end = from + bytes, cell = from / CELL * CELL;
	struct access a = {thread, 15, round_of(thread), reinterpret_cast<const unsigned char *>(cell), shared};

	for (; cell < end; cell += CELL, a.at += CELL, c++) {
		a.mask = 15;
		if (cell < from)
			a.mask &= 15u << (from - cell);
		if (end - cell < CELL)
			a.mask &= 15u >> (CELL - (end - cell));
		visit(&a, c);
	}
}

void race_read(unsigned thread, const void *at, size_t bytes)
{
	bool shared;
	struct cell *c = bytes > 0 ? find_cells(thread, at, bytes, false, &shared) : nullptr;

	if (c)
		for_cells(thread, at, bytes, c, shared, read_cell);
}

void race_write(unsigned thread, const void *at, size_t bytes)
{
	bool shared;
	struct cell *c = bytes > 0 ? find_cells(thread, at, bytes, true, &shared) : nullptr;

	if (c)
		for_cells(thread, at, bytes, c, shared, write_cell);
}

void race_promise(unsigned thread, const void *at, size_t bytes)
{
	bool shared;
	struct cell *c = find_cells(thread, at, bytes, true, &shared);

	if (!c || !shared)
		fault_place(thread, at, bytes, "copies by cp.async to");
	for_cells(thread, at, bytes, c, shared, [](const struct access *a, struct cell *cell) {
		write_cell(a, cell);
		cell->promised = 1;
	});
}

void race_keep_promise(unsigned thread, const void *at, size_t bytes)
{
	const size_t offset = static_cast<size_t>(static_cast<const unsigned char *>(at) - shared_bytes);

	for_cells(thread, at, bytes, shared_cells + offset / CELL, true, note_write);
}

/* ---- what the compiler calls */

/* The cell of four bytes that are one, NULL where they are not, or not wholly in memory that has cells. */
static inline struct cell *find_word(const void *at, size_t bytes)
{
	const size_t offset = static_cast<size_t>(static_cast<const unsigned char *>(at) - shared_bytes);

	if (bytes != CELL || reinterpret_cast<uintptr_t>(at) % CELL != 0)
		return nullptr;
	if (offset < shared_size && shared_size - offset >= CELL)
		return shared_cells + offset / CELL;
	return heap_holds(at) && heap_granules[heap_offset(at) / HEAP_GRANULE] ? heap_cells + heap_offset(at) / CELL : nullptr;
}

/* Whether a read tells nothing new: nobody wrote in this epoch, and who reads is among the readers already. */
static inline bool is_known_read(const struct cell *c)
{
	if (c->read_epoch != epoch || c->write_epoch == epoch || c->read_mask != 15)
		return false;
	if (c->readers == MANY)
		return true;
	return c->reader == (c->readers == ONE ? fiber_now : fiber_now / WARP) && c->read_round == round_of(fiber_now);
}

/* Whether a write tells nothing new: the last one was the same thread's, and nobody else read since. */
static inline bool is_known_write(const struct cell *c)
{
	return c->write_epoch == epoch && c->writer == fiber_now && c->write_round == round_of(fiber_now) &&
	       c->write_mask == 15 && !c->promised &&
	       (c->read_epoch != epoch || (c->readers == ONE && c->reader == fiber_now));
}

static inline void on_read(const void *at, size_t bytes)
{
	const struct cell *c;

	if (in_kernel) {
		if (!fiber_holds(at) && !((c = find_word(at, bytes)) && is_known_read(c)))
			race_read(fiber_now, at, bytes);
	} else if (heap_is_device(at) && !heap_is_open())
		fault_host("the module's code for the host reads memory of the device");
}

static inline void on_write(const void *at, size_t bytes)
{
	const struct cell *c;

	if (in_kernel) {
		if (!fiber_holds(at) && !((c = find_word(at, bytes)) && is_known_write(c)))
			race_write(fiber_now, at, bytes);
	} else if (heap_is_device(at) && !heap_is_open())
		fault_host("the module's code for the host writes memory of the device");
}

#define HOOKS(bytes)                                                           \
	void __tsan_read##bytes(void *at) { on_read(at, bytes); }              \
	void __tsan_write##bytes(void *at) { on_write(at, bytes); }            \
	void __tsan_unaligned_read##bytes(void *at) { on_read(at, bytes); }    \
	void __tsan_unaligned_write##bytes(void *at) { on_write(at, bytes); }

extern "C" {
HOOKS(1)
HOOKS(2)
HOOKS(4)
HOOKS(8)
HOOKS(16)

void __tsan_init() {}
void __tsan_func_entry(void *) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void **, void *) {}
void __tsan_vptr_read(void **) {}
void __tsan_read_range(void *at, size_t bytes) { on_read(at, bytes); }
void __tsan_write_range(void *at, size_t bytes) { on_write(at, bytes); }
char __tsan_atomic8_load(const char *at, int) { return __atomic_load_n(at, __ATOMIC_ACQUIRE); }

/* Calls of these by the sources of the module; Makefile.am has them linked so (--wrap). */
void *__wrap_memcpy(void *to, const void *from, size_t bytes);
void *__wrap_memmove(void *to, const void *from, size_t bytes);
void *__wrap_memset(void *to, int value, size_t bytes);

void *__wrap_memcpy(void *to, const void *from, size_t bytes)
{
	on_read(from, bytes);
	on_write(to, bytes);
	return memcpy(to, from, bytes);
}

void *__wrap_memmove(void *to, const void *from, size_t bytes)
{
	on_read(from, bytes);
	on_write(to, bytes);
	return memmove(to, from, bytes);
}

void *__wrap_memset(void *to, int value, size_t bytes)
{
	on_write(to, bytes);
	return memset(to, value, bytes);
}
}
