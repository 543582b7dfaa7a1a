/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A text file that is cut into rows at line ends, or by the brackets of JSON: the index that grows block by block, and
 * the bytes of one row as UTF-8. What the readers of tables, JSON and lines have in common; its functions fill their
 * rows of the table. */
#ifndef REVUE_DATA_TEXTFILE_H
#define REVUE_DATA_TEXTFILE_H

#include "engine/data/brackets.h"
#include "engine/data/reader.h"
#include "engine/data/scan.h"

/* How the file is cut. */
struct textfile_rules {
	struct marks marks;
	bool blank_rows; /* see struct scan */
	bool header;     /* the first row is none of the data */
	uint64_t skip;   /* physical lines above the first row, all in the head */
	const struct brackets *brackets; /* how rows of JSON lie, copied; NULL: it is no JSON */
};

struct textfile;

/* NULL: out of memory. */
struct textfile *textfile_open(const struct opening *opening, const struct textfile_rules *rules,
                               struct error *error);
const struct textfile_rules *textfile_rules(const struct textfile *file);

/* The bytes of a row as UTF-8, valid until the next reading with this row. Sets line and replaced, and the status to
 * ROW_TOO_LONG or ROW_NUL where that is so: then there is nothing to split. False: I/O, or out of memory. */
bool textfile_fetch(struct textfile *file, uint64_t index, struct row *row, struct span *bytes, struct error *error);

/* Rows for struct reader: `state` is a struct textfile. */
enum index_state textfile_index_step(void *state, uint64_t *done, struct error *error);
uint64_t textfile_rows(const void *state);
bool textfile_can_grow(const void *state);
uint64_t textfile_settled(const void *state);
bool textfile_index_more(void *state);
uint64_t textfile_waits(const void *state, uint64_t *lines);
void textfile_close(void *state);

#endif
