/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The inside of a row: the buffers that every reader fills, and how it adds fields. A row belongs to one thread. */
#ifndef REVUE_DATA_ROW_H
#define REVUE_DATA_ROW_H

#include "engine/base/buffer.h"
#include "engine/dataset.h"

#define DATASET_ROW_MAX (2 * DATASET_FIELD_MAX) /* bytes of a row in the file; a longer one is not even read */

/* No header has more columns: each takes a byte of the first megabyte at least. */
#define DATASET_COLUMNS_MAX ((size_t)1 << 20)

struct row_buffers {
	/* For readers that fetch bytes from a file: those that were read last. `serial` tells files apart (0: none), `next`
	 * is the row that would continue the reading. */
	uint64_t serial, next;
	char *window; /* [window_capacity] */
	uint64_t window_start;
	size_t window_size, window_capacity;

	struct buffer decoded; /* the row as UTF-8, where its bytes are not UTF-8 already */
	struct buffer bytes;   /* the fields, one after the other */
	size_t capacity;       /* of row->fields */

	struct buffer label_bytes; /* labels that do not stand in the fields as they are */
	struct span *labels;       /* [label_capacity] */
	size_t label_capacity;

	void *state;                     /* what a reader keeps from row to row, see row_state */
	void (*state_free)(void *state); /* NULL: there is none */
};

/* An empty row with status ROW_OK, line 0. Gives back the buffers that a row of many megabytes left. */
void row_clear(struct row *row);

/* Adds a field, a span into memory that outlives this reading (usually row->buffers). Those after the first
 * DATASET_COLUMNS_MAX + 1 are not kept: the row is ragged in any case. False: out of memory. */
bool row_add_field(struct row *row, struct span field);

/* Room for `size` bytes in the window, which then holds nothing. False: out of memory. */
bool row_window_reserve(struct row *row, size_t size);

/* Memory of a reader's own in this row, for a parser or a block that was unpacked: what `make` returned when this row was
 * first asked for it, freed by `release`, by row_free or when another reader keeps something here. NULL: out of memory. */
void *row_state(struct row *row, void *(*make)(void), void (*release)(void *state));

/* Frees it now. */
void row_state_drop(struct row *row);

#endif
