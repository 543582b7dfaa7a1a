/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Before the first step: what a linear model on words makes of the same rows, for the report. Its features are taken while the
 * rows are tokenised; for the names of its strongest words alone a few texts are read again. */
#ifndef REVUE_TRAIN_TRAINING_BASELINE_H
#define REVUE_TRAIN_TRAINING_BASELINE_H

#include "engine/train/training.h"

/* Of more rows that train every second, third, ... is taken, so that it stays a matter of seconds. */
#define TRAINING_BASELINE_ROWS 25000u
#define TRAINING_BASELINE_LABELS 64 /* with more labels there is none */
#define TRAINING_BASELINE_SHOWN 4   /* strongest words of a label */
#define TRAINING_BASELINE_READ 256  /* rows that are read again for their names */

/* Fits it to what was read of `dataset`, notes its figures and its words in the training and gives the memory back. Where there
 * was not enough, or nothing to measure on, there is none. False: `progress` said to stop. */
bool training_fit_baseline(struct training *training, struct dataset *dataset, struct error *error);

#endif
