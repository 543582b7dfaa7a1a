/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the trials of a study come to together. */
#ifndef REVUE_STUDY_RESULTS_H
#define REVUE_STUDY_RESULTS_H

#include "engine/study.h"

struct study_spread results_spread(const struct study_trial *trials, int count, enum study_figure figure);

/* See study_best. */
int results_best(const struct study_trial *trials, int count, bool has_objective, bool greater);

/* FOLDER/results.csv: a line a trial, with its settings, its state and its figures. */
bool results_write(const char *folder, const struct study_trial *trials, int count, const char *objective, struct error *error);

#endif
