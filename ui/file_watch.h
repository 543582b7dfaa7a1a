/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether a file may have changed: by inotify, and where the system has none, or no more of it, by time. Knows no curses. */
#ifndef REVUE_UI_FILE_WATCH_H
#define REVUE_UI_FILE_WATCH_H

#include <stdbool.h>

#define FILE_WATCH_MS 2000 /* between two looks by time */

/* Start with {0}. */
struct file_watch {
	bool active;
	int fd;      /* to poll for; -1: it goes by time */
	double last; /* look by time */
};

void file_watch_open(struct file_watch *watch, const char *path);
void file_watch_close(struct file_watch *watch);

/* True: the file may have changed since the last call. */
bool file_watch_take(struct file_watch *watch);

#endif
