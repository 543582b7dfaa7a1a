/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An open file of reviews that several hold: the session, the list on the Reviews screen, and jobs that read it. It is
 * closed, on a thread of its own, when the last of them lets it go. Knows no curses; the UI thread alone calls it. */
#ifndef REVUE_UI_SOURCE_H
#define REVUE_UI_SOURCE_H

#include "engine/dataset.h"
#include "engine/job.h"

struct source {
	struct dataset *dataset;
	struct jobs *jobs;
	int holders;
	int readers; /* holders whose threads read rows: while there are any, the columns must not change */
};

/* Closes a dataset that nobody holds, on a thread of its own. NULL is allowed. */
void source_dispose_dataset(struct jobs *jobs, struct dataset *dataset);

/* Takes the dataset; the caller is its first holder. NULL: out of memory, the dataset is closed. */
struct source *source_new(struct dataset *dataset, struct jobs *jobs, struct error *error);

struct source *source_hold(struct source *source); /* returns its argument */
void source_drop(struct source *source);           /* NULL is allowed */

/* The same for a job, which drops it with source_end_reading. */
struct source *source_begin_reading(struct source *source);
void source_end_reading(struct source *source);    /* NULL is allowed */

#endif
