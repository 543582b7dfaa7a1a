/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a run lies that nobody gave a place. */
#ifndef REVUE_SRC_RUN_FOLDER_H
#define REVUE_SRC_RUN_FOLDER_H

#include "engine/error.h"

#include <stddef.h>

/* "runs/reviews-1" for data/reviews.csv: the first number that is free. The folder is made here, so that two
 * trainings never get the same. *first tells that "runs" was made, too. */
bool run_folder_make(const char *data, char *out, size_t capacity, bool *first, struct error *error);

/* Takes it away again where nothing was put there. */
void run_folder_unmake(const char *folder, bool first);

#endif
