/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Blocks whose threads are fibers. */
#include <cuda_runtime.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ucontext.h>
#include <vector>

#define STACK (64 << 10)
#define WARPS 32

alignas(256) unsigned char shared_bytes[228 << 10];

struct fiber {
	ucontext_t context;
	struct cuda_place place;
	bool done;
	int at; /* barrier it waits at, -1: none; and how often that was met when it came */
	unsigned generation;
};

struct barrier {
	unsigned waiting, generation;
};

static std::vector<fiber> fibers;
static std::vector<char> stacks;
static ucontext_t outside;
static size_t current, living;
static const std::function<void()> *body;
static struct barrier barriers[WARPS + 1]; /* of each warp, and of the block */
static uint64_t exchanged[WARPS][32];

const struct cuda_place *cuda_here() { return &fibers[current].place; }

static void next()
{
	const size_t count = fibers.size(), from = current;

	for (size_t k = 1; k <= count; k++) {
		fiber *f = &fibers[(from + k) % count];

		if (f->done || (f->at >= 0 && barriers[f->at].generation == f->generation))
			continue;
		f->at = -1;
		current = (from + k) % count;
		if (current != from)
			swapcontext(&fibers[from].context, &f->context);
		return;
	}
	fprintf(stderr, "cuda: a block never meets its barrier\n");
	abort();
}

static void meet(int which, unsigned count)
{
	struct barrier *b = &barriers[which];

	if (++b->waiting == count) {
		b->waiting = 0;
		b->generation++;
		return;
	}
	fibers[current].at = which;
	fibers[current].generation = b->generation;
	next();
}

void __syncthreads() { meet(WARPS, static_cast<unsigned>(fibers.size())); }
void __syncwarp(unsigned) { meet(static_cast<int>(current / 32), 32); }

uint64_t cuda_exchange(uint64_t value, int source)
{
	uint64_t *slots = exchanged[current / 32];

	slots[current % 32] = value;
	__syncwarp();
	value = slots[source];
	__syncwarp();
	return value;
}

unsigned cuda_ballot(bool value)
{
	unsigned bits = 0;

	exchanged[current / 32][current % 32] = value;
	__syncwarp();
	for (unsigned lane = 0; lane < 32; lane++)
		bits |= static_cast<unsigned>(exchanged[current / 32][lane]) << lane;
	__syncwarp();
	return bits;
}

static void enter()
{
	(*body)();
	fibers[current].done = true;
	if (--living == 0)
		setcontext(&outside);
	next();
}

static void run_block(dim3 grid, dim3 block, dim3 at)
{
	memset(barriers, 0, sizeof barriers);
	living = fibers.size();
	for (size_t i = 0; i < fibers.size(); i++) {
		fiber *f = &fibers[i];

		f->done = false;
		f->at = -1;
		f->place = {dim3(static_cast<unsigned>(i), 0, 0), at, block, grid};
		getcontext(&f->context);
		f->context.uc_stack.ss_sp = &stacks[i * STACK];
		f->context.uc_stack.ss_size = STACK;
		f->context.uc_link = nullptr;
		makecontext(&f->context, enter, 0);
	}
	current = 0;
	swapcontext(&outside, &fibers[0].context);
}

cudaError_t cuda_run(dim3 grid, dim3 block, size_t shared, const std::function<void()> &thread)
{
	if (block.x % 32 != 0 || block.x > 1024 || block.y != 1 || block.z != 1 || shared > sizeof shared_bytes)
		return cudaErrorInvalidValue;
	fibers.resize(block.x);
	stacks.resize(static_cast<size_t>(block.x) * STACK);
	body = &thread;
	for (unsigned z = 0; z < grid.z; z++)
		for (unsigned y = 0; y < grid.y; y++)
			for (unsigned x = 0; x < grid.x; x++) {
				memset(shared_bytes, 0xFF, shared);
				run_block(grid, block, dim3(x, y, z));
			}
	return cudaSuccess;
}
