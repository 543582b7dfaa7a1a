/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a folder holds that may be reviews: its folders and its files, read by a job. Names may come from strangers. Knows no
 * curses. */
#ifndef REVUE_UI_FOLDER_LIST_H
#define REVUE_UI_FOLDER_LIST_H

#include "engine/job.h"

#include <limits.h>
#include <stddef.h>

#define FOLDER_ENTRIES_MAX 100000 /* more are counted and not listed */

struct folder_entry {
	char *name;
	bool folder;
	bool data;       /* its name ends as those of reviews do */
	uint64_t size;   /* bytes; of a file */
	int64_t changed; /* seconds since 1970 (UTC) */
};

/* Folders first, then files that look like reviews, then the others, each by name; what begins with a dot is left out. */
struct folder_list {
	char path[PATH_MAX]; /* absolute, without links */
	struct folder_entry *entries;
	size_t count, capacity;
	size_t unlisted;
};

/* NULL with one line. */
struct job *folder_list_start(struct jobs *jobs, const char *path, struct error *error);

/* Takes the list out of a job that has finished. */
struct folder_list *folder_list_take(struct job *job);
void folder_list_free(struct folder_list *list); /* NULL is allowed */

#endif
