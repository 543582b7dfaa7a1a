/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which files of a folder are reviews, and which label each has. */
#ifndef REVUE_DATA_FOLDER_FILES_H
#define REVUE_DATA_FOLDER_FILES_H

#include "engine/base/notices.h"
#include "engine/error.h"
#include "engine/progress.h"

#include <stddef.h>
#include <stdint.h>

#define UNLABELLED UINT32_MAX

/* The reviews in the order of labels and names. Start with {0}, end with folder_files_free, also after a failure. */
struct folder_files {
	char *path;          /* the folder that holds the labels: the one that was opened, or its part for training */
	char **names;        /* [count] */
	char **labels;       /* [label_count], of sub-folders */
	uint32_t *label_of;  /* [count], UNLABELLED where the files lie in `path` itself */
	size_t count, label_count;
};

/* Finds LABEL/FILE, or FILEs alone. Of a folder of parts (train, test) the one for training is taken, and the others are told
 * as notices. False with one line that says what the folder holds instead. */
bool folder_files_find(struct folder_files *files, const char *path, struct notices *notices, const struct progress *progress,
                       struct error *error);
void folder_files_free(struct folder_files *files);

/* The path of file `index`. */
bool folder_files_path(const struct folder_files *files, size_t index, char *out, size_t capacity, struct error *error);

#endif
