/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory of the CPU backend: aligned to a cache line and zeroed. Large blocks come from the kernel, page by page
 * when first touched (moments of embedding rows that no text names never are), in huge pages where it has them. */
#include "engine/backend/cpu/memory.h"

#include "engine/base/size.h"
#include "engine/system.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* AddressSanitizer sees the ends of a block only when it is malloc's. */
#ifdef __SANITIZE_ADDRESS__
#define LARGE SIZE_MAX
#else
#define LARGE ((size_t)2 << 20)
#endif
#define LINE 64u

/* Stands before every block, in a line of its own. */
struct header {
	size_t size; /* of the whole, header included */
	bool mapped;
};
_Static_assert(sizeof(struct header) <= LINE, "the header has one cache line");

static void *map_block(size_t size)
{
	void *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (block == MAP_FAILED)
		return NULL;
	madvise(block, size, MADV_HUGEPAGE);
	return block;
}

static void *malloc_block(size_t size)
{
	void *block = NULL;

	if (posix_memalign(&block, LINE, size) != 0)
		return NULL;
	return memset(block, 0, size);
}

void *cpu_alloc(struct backend *backend, size_t bytes)
{
	struct header *header;
	size_t size;

	(void)backend;
	if (!size_add(bytes, LINE, &size))
		return NULL;
	header = size >= LARGE ? map_block(size) : malloc_block(size);
	if (!header)
		return NULL;
	*header = (struct header){.size = size, .mapped = size >= LARGE};
	return (char *)header + LINE;
}

void cpu_release(struct backend *backend, void *memory)
{
	struct header *header;

	(void)backend;
	if (!memory)
		return;
	header = (struct header *)(void *)((char *)memory - LINE);
	if (header->mapped)
		munmap(header, header->size);
	else
		free(header);
}

bool cpu_regrow(float **memory, size_t count, size_t unit)
{
	struct header *header = *memory ? (struct header *)(void *)((char *)*memory - LINE) : NULL;
	size_t elements, bytes;
	float *grown;

	if (!size_multiply(count, unit, &elements) || !size_multiply(elements, sizeof **memory, &bytes))
		return false;
	if (header && header->size - LINE >= bytes)
		return true;
	grown = cpu_alloc(NULL, bytes);
	if (!grown)
		return false;
	cpu_release(NULL, *memory);
	*memory = grown;
	return true;
}

void cpu_copy(struct backend *backend, void *to, const void *from, size_t bytes)
{
	(void)backend;
	if (bytes)
		memcpy(to, from, bytes);
}

void cpu_zero(struct backend *backend, void *memory, size_t bytes)
{
	(void)backend;
	if (bytes)
		memset(memory, 0, bytes);
}

void cpu_sync(struct backend *backend)
{
	(void)backend;
}

/* Steps: what is asked for is done when the operation returns. */

void cpu_step_begin(struct backend *backend, uint64_t counter)
{
	(void)backend;
	(void)counter;
}

uint64_t cpu_step_end(struct backend *backend)
{
	(void)backend;
	return 0;
}

bool cpu_settle(struct backend *backend, uint64_t step)
{
	(void)backend;
	(void)step;
	return true;
}

int32_t cpu_row_step(struct backend *backend, int32_t rows)
{
	(void)backend;
	(void)rows;
	return 1;
}

uint64_t cpu_memory_available(struct backend *backend)
{
	(void)backend;
	return system_memory_available();
}
