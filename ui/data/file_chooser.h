/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A part of the Data screen: the files that were opened lately, and the folders of this machine to choose one from. */
#ifndef REVUE_UI_FILE_CHOOSER_H
#define REVUE_UI_FILE_CHOOSER_H

#include "ui/app.h"
#include "ui/data/folder_list.h"
#include "ui/data/recent.h"

struct file_chooser {
	bool shown;
	bool loaded;   /* `recent` has what was kept from earlier times */
	struct recent recent;
	bool at_home;  /* no folder was gone into yet: the recent files stand first */
	struct folder_list *folder; /* what is listed; NULL: none was read yet */
	struct job *job;            /* reads another; NULL: none is being read */
	struct error error;         /* why that could not be read */
	struct list list;
	int rows;
	char wanted[256];           /* what was looked for last */
};

/* Begins with the folder that is named, "": the current one. */
void file_chooser_show(struct app *app, struct file_chooser *chooser, const char *folder);
void file_chooser_free(struct file_chooser *chooser);

/* Takes what the job has found; remembers the file that is open. */
void file_chooser_wake(struct app *app, struct file_chooser *chooser);
void file_chooser_settle(struct file_chooser *chooser, struct rect body);
void file_chooser_draw(struct app *app, const struct file_chooser *chooser, struct rect body);

/* An action of IN_FILES. */
bool file_chooser_act(struct app *app, struct file_chooser *chooser, enum action action, const char *argument);

/* Its lines: recent files, the way up, then what the folder holds. The entry is NULL of the first two. */
uint64_t file_chooser_lines(const struct file_chooser *chooser);
const struct folder_entry *file_chooser_entry(const struct file_chooser *chooser, uint64_t line);
const char *file_chooser_name(const struct file_chooser *chooser, uint64_t line);

/* The path that the cursor is on; false: there is none. */
bool file_chooser_path(const struct file_chooser *chooser, char out[PATH_MAX]);

#endif
