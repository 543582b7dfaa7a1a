/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rows of a file whose text repeats that of one of them, exactly or nearly (engine/doubles.h). A job. Knows no curses. */
#ifndef REVUE_UI_REVIEW_DOUBLES_H
#define REVUE_UI_REVIEW_DOUBLES_H

#include "ui/source.h"

#define DOUBLES_MAX 100000 /* near doubles that are listed */

struct doubles_task {
	struct source *source; /* held as a reader */
	uint64_t row;          /* whose doubles are wanted */
	uint64_t *rows;        /* [count] that row, then the others, the likest first */
	size_t count;
	size_t exact, near;    /* of them, without the row itself */
};

struct job *review_job_doubles(struct jobs *jobs, struct source *source, uint64_t row, struct error *error);

#endif
