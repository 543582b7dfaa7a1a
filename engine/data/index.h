/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where every row starts and on which line, 8 bytes a row: 40 bits of position and 24 of line, relative to a chunk.
 * Chunks never move, so one thread may add rows while others look them up: what was published stays put, and
 * publication is a release that a reader's acquire sees. */
#ifndef REVUE_DATA_INDEX_H
#define REVUE_DATA_INDEX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct index_chunk;

/* Starts as {0}. A page is a table of chunks; both are allocated when they are first needed. */
#define INDEX_PAGES 4096

struct row_index {
	_Atomic uint64_t published; /* rows that readers may look up */
	_Atomic uint64_t chunks;
	uint64_t count;             /* rows added; the adding thread only */
	struct index_chunk *last;   /* the adding thread only */
	struct index_chunk **pages[INDEX_PAGES];
};

void row_index_free(struct row_index *index);

/* Adds a row; positions and lines do not go back. False: out of memory. */
bool row_index_add(struct row_index *index, uint64_t position, uint64_t line);

/* Lets readers see all rows that were added so far. */
void row_index_publish(struct row_index *index);

/* Rows published. */
uint64_t row_index_rows(const struct row_index *index);

/* row < row_index_rows. */
void row_index_get(const struct row_index *index, uint64_t row, uint64_t *position, uint64_t *line);

#endif
