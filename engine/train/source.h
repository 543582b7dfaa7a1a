/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The files that a run depends on: where they are, and a hash by which a resumed run knows that they are the same.
 *
 * Source of the hash: FIPS 180-4 (SHA-256). */
#ifndef REVUE_TRAIN_SOURCE_H
#define REVUE_TRAIN_SOURCE_H

#include "engine/error.h"
#include "engine/progress.h"

#include <stddef.h>

/* SHA-256 of a file, or of a folder's files, three levels deep, with their names, in the order of the names. */
bool source_hash(const char *path, char out[65], const struct progress *progress, struct error *error);

/* The absolute path without links; false when there is no such file or folder. */
bool source_path(char *out, size_t capacity, const char *path, struct error *error);

#endif
