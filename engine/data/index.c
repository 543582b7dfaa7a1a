/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/index.h"

#include <stdlib.h>

#define CHUNK_ROWS 8192  /* 64 kB: little is lost for a small file */
#define PAGE_CHUNKS 4096 /* with INDEX_PAGES pages: over 10^11 rows */
#define LINE_BITS 24     /* 8,192 rows of 2,000 lines each */
#define POSITION_BITS 40 /* a tebibyte of file in a chunk */

/* Rows first .. first + count - 1. A chunk is closed early when a row lies too far after its first one, so chunk
 * number row / CHUNK_ROWS or a later one holds a row. */
struct index_chunk {
	uint64_t first, position, line;
	uint32_t count; /* the adding thread only */
	uint64_t entries[CHUNK_ROWS];
};

static struct index_chunk *chunk_at(const struct row_index *index, uint64_t number)
{
	return index->pages[number / PAGE_CHUNKS][number % PAGE_CHUNKS];
}

void row_index_free(struct row_index *index)
{
	for (uint64_t i = 0; i < index->chunks; i++)
		free(chunk_at(index, i));
	for (int i = 0; i < INDEX_PAGES; i++)
		free(index->pages[i]);
}

static struct index_chunk *add_chunk(struct row_index *index, uint64_t position, uint64_t line)
{
	uint64_t number = index->chunks, page = number / PAGE_CHUNKS;
	struct index_chunk *chunk;

	if (page >= INDEX_PAGES)
		return NULL;
	if (!index->pages[page])
		index->pages[page] = calloc(PAGE_CHUNKS, sizeof *index->pages[page]);
	chunk = index->pages[page] ? malloc(sizeof *chunk) : NULL;
	if (!chunk)
		return NULL;
	chunk->first = index->count;
	chunk->position = position;
	chunk->line = line;
	chunk->count = 0;
	index->pages[page][number % PAGE_CHUNKS] = chunk;
	index->last = chunk;
	atomic_store_explicit(&index->chunks, number + 1, memory_order_release);
	return chunk;
}

bool row_index_add(struct row_index *index, uint64_t position, uint64_t line)
{
	struct index_chunk *chunk = index->last;

	if (!chunk || chunk->count == CHUNK_ROWS || (position - chunk->position) >> POSITION_BITS ||
	    (line - chunk->line) >> LINE_BITS)
		chunk = add_chunk(index, position, line);
	if (!chunk)
		return false;
	chunk->entries[chunk->count++] = (position - chunk->position) << LINE_BITS | (line - chunk->line);
	index->count++;
	return true;
}

void row_index_publish(struct row_index *index)
{
	atomic_store_explicit(&index->published, index->count, memory_order_release);
}

uint64_t row_index_rows(const struct row_index *index)
{
	return atomic_load_explicit(&index->published, memory_order_acquire);
}

void row_index_get(const struct row_index *index, uint64_t row, uint64_t *position, uint64_t *line)
{
	uint64_t low = row / CHUNK_ROWS;
	uint64_t high = atomic_load_explicit(&index->chunks, memory_order_acquire);
	const struct index_chunk *chunk = chunk_at(index, low);
	uint64_t entry;

	if (low + 1 < high && chunk_at(index, low + 1)->first <= row) {
		while (high - low > 1) {
			uint64_t middle = low + (high - low) / 2;
			if (chunk_at(index, middle)->first <= row)
				low = middle;
			else
				high = middle;
		}
		chunk = chunk_at(index, low);
	}
	entry = chunk->entries[row - chunk->first];
	*position = chunk->position + (entry >> LINE_BITS);
	*line = chunk->line + (entry & (((uint64_t)1 << LINE_BITS) - 1));
}
