/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Several trainings one after the other, for `revue search` and for `revue train` with --seeds or --folds. */
#ifndef REVUE_SRC_STUDY_H
#define REVUE_SRC_STUDY_H

#include "engine/study.h"

#include <stdio.h>

/* Makes the study, or goes on with it (`resume`, its folder), trains what is left of it and prints what it came to.
 * request->folder may be NULL: a place is found for it. */
bool study_run(struct study_request *request, const char *resume, struct error *error);

/* Its table, and what the trials come to. */
void study_print(const struct study *study, FILE *out);

#endif
