/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the files are that ship with the program: the pocket model, the sample reviews. Implemented in
 * engine/base. */
#ifndef REVUE_ENGINE_SHARE_H
#define REVUE_ENGINE_SHARE_H

#include "engine/error.h"

#include <stddef.h>

#define SHARE_MODEL "models/pocket"
#define SHARE_REVIEWS "samples/reviews.csv"

/* The path of a shipped file or folder, in `out`. Looked for in this order: $REVUE_SHARE, "share" beside the program
 * (a build tree), "../share/revue" from the program (an installation that was moved), the
 * directory that was configured. False with one line when none of them has it. */
bool share_find(const char *name, char *out, size_t capacity, struct error *error);

#endif
