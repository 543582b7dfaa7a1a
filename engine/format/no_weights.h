/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a folder holds in which no weights were found that can be read. */
#ifndef REVUE_FORMAT_NO_WEIGHTS_H
#define REVUE_FORMAT_NO_WEIGHTS_H

#include "engine/error.h"

/* Fills `error` with one line: what is there instead (weights of another program, an adapter, a Git LFS pointer, a
 * folder with weights), and the way out. */
void no_weights_explain(const char *folder, struct error *error);

/* The same for one file that was named as a model: "is weights of ...". False: the file is none of those. */
bool no_weights_explain_file(const char *path, struct error *error);

#endif
