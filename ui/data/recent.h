/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The files that were opened lately, the newest first: for the life of the program and, where the person wants histories, in
 * $XDG_STATE_HOME/revue/recent-files, readable by its owner only. Pure but for that file. */
#ifndef REVUE_UI_RECENT_H
#define REVUE_UI_RECENT_H

#include <stdbool.h>

#define RECENT_MAX 20

struct recent {
	char *paths[RECENT_MAX];
	int count;
};

void recent_load(struct recent *recent); /* adds what the file has */
void recent_save(const struct recent *recent);
void recent_free(struct recent *recent);

/* Puts a file first. A path that is not absolute counts from the current folder; one with a line break is passed over. False: it
 * stood first already. */
bool recent_add(struct recent *recent, const char *path);

#endif
