/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Before the first step: what the teachers say of the rows that train. run.json keeps of it, as "teaching",
 *
 *   {"teachers": [SHA-256 of each], "unlabelled": [SHA-256 of each file], "answers": SHA-256 of what came of them}
 *
 * so that a resumed run learns from the same. */
#ifndef REVUE_TRAIN_TRAINING_TEACH_H
#define REVUE_TRAIN_TRAINING_TEACH_H

#include "engine/train/training_unlabelled.h"

/* Asks all teachers about all rows that train, those of `dataset` and those of the files without labels, which are open still.
 * Nothing is done where there is no --teacher. */
bool training_teach(struct training *training, struct dataset *dataset, const struct unlabelled *unlabelled, struct error *error);

/* What an example counts among others where labels have weights: its label's, and the teachers' as 1. */
double training_row_weight(const struct training *training, uint32_t row);

#endif
