/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The runs below a folder: a job finds them, and they are listed as they come; which of them are shown, in which order, which are
 * marked. Knows no curses; the UI thread alone calls it. */
#ifndef REVUE_UI_RUNS_TABLE_H
#define REVUE_UI_RUNS_TABLE_H

#include "engine/job.h"
#include "engine/runs.h"

#include <limits.h>

struct expression;

struct runs_entry {
	struct run_row *row; /* owned */
	bool marked;
};

/* Start with {0}, end with runs_table_free. */
struct runs_table {
	char folder[PATH_MAX];
	struct job *job;     /* looks for them */
	struct runs_entry *entries;
	size_t count, capacity;
	struct run_row **coming; /* [coming_count] of a search that is made again: they take the place of the others when it ends */
	size_t coming_count, coming_capacity;
	bool again;
	size_t *shown;       /* [shown_count] entries, in their order */
	size_t shown_count, shown_capacity;
	char *filter;        /* as typed; NULL: all */
	struct expression *expression;
	int order;           /* column; -1: by name */
	bool reverse;
	bool stale;          /* `shown` is of other entries */
};

void runs_table_free(struct runs_table *table);

/* Looks for runs; in the same folder (NULL) again, with those that are there shown until it has ended, and their marks kept. */
bool runs_table_load(struct runs_table *table, struct jobs *jobs, const char *folder, struct error *error);

/* Takes what the job has found. True: something is new. False with an error that is set: it could not go on. */
bool runs_table_update(struct runs_table *table, struct error *error);

/* NULL or "": all. False with one line: what is shown stays. */
bool runs_table_filter(struct runs_table *table, const char *filter, struct error *error);

/* See expression_complete. */
char *runs_table_complete(const char *word, int index);

/* "COLUMN [reverse]"; "": by name. */
bool runs_table_sort(struct runs_table *table, const char *order, struct error *error);

/* Of those that are shown. */
const struct run_row *runs_table_row(const struct runs_table *table, size_t index);
bool runs_table_is_marked(const struct runs_table *table, size_t index);
void runs_table_mark(struct runs_table *table, size_t index, bool marked);
void runs_table_unmark(struct runs_table *table);
size_t runs_table_find(const struct runs_table *table, const char *path); /* index; shown_count: it is not shown */

/* The marked runs, shown or not, into rows[capacity]; returns how many there are. */
size_t runs_table_marked(const struct runs_table *table, const struct run_row **rows, size_t capacity);

/* Reads one run anew, or drops it where it is gone. */
void runs_table_refresh(struct runs_table *table, const char *path, const char *now);

#endif
