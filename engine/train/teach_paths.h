/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The paths of --teacher, --unlabelled and --exclude, a line each, made absolute in place: whoever resumes the run may stand elsewhere. */
#ifndef REVUE_TRAIN_TEACH_PATHS_H
#define REVUE_TRAIN_TEACH_PATHS_H

#include "engine/error.h"

#include <stddef.h>

/* Each becomes the folder that it means. False with one line that names the option. */
bool teach_find_models(char *lines, size_t capacity, struct error *error);
bool teach_find_files(const char *option, char *lines, size_t capacity, struct error *error);

#endif
