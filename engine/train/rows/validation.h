/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What --validation says, and the file that it may name. */
#ifndef REVUE_TRAIN_VALIDATION_H
#define REVUE_TRAIN_VALIDATION_H

#include "engine/dataset.h"
#include "engine/options.h"

/* *file: it is a file, else a share or a number of rows, or "", which is none. False: a share or number that cannot be. */
bool validation_is_file(const char *text, bool *file, struct error *error);

/* Opens such a file, in the columns of the data where it has some of the same names. NULL with one line. */
struct dataset *validation_open(const char *path, const struct train_options *options, const struct dataset *data,
                                const struct progress *progress, struct error *error);

#endif
