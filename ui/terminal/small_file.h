/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of the person's own that are read on the UI thread: such a read may neither wait for a pipe nor go on for ever.
 * Pure: knows no terminal. */
#ifndef REVUE_UI_SMALL_FILE_H
#define REVUE_UI_SMALL_FILE_H

#include "engine/error.h"

#include <stddef.h>
#include <stdio.h>

/* Opens a regular file of at most `limit` bytes for reading; the caller closes it. NULL with one line where there is
 * something else: a pipe, a folder, a larger file. NULL without one where nothing is to be read: no such file, one that
 * may not be read, a device (/dev/null). */
FILE *small_file_open(const char *path, size_t limit, struct error *error);

/* Writes a file as a whole: a temporary beside it takes its place, so that a crash leaves the old one or the new one. Of one
 * that is there the permissions stay, and a link stays one. False with one line; then the old one is as it was. */
bool small_file_replace(const char *path, const char *bytes, size_t size, struct error *error);

#endif
