/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts without a label (--unlabelled), of which only the teachers say something. */
#ifndef REVUE_TRAIN_TRAINING_UNLABELLED_H
#define REVUE_TRAIN_TRAINING_UNLABELLED_H

#include "engine/train/training.h"

#define UNLABELLED_MAX 8

/* The files, as long as they are read. Start with {0}, end with unlabelled_close. */
struct unlabelled {
	struct dataset *datasets[UNLABELLED_MAX];
	uint32_t ends[UNLABELLED_MAX];  /* examples up to the last of each file */
	char hashes[UNLABELLED_MAX][65];
	int count;
	uint32_t labelled;              /* examples before the first of them */
};

/* Appends their texts to those that train, but for those that stand among the held-out ones or in `exclusion` (NULL:
 * nothing is left out by it) and those without a word. The
 * rows with labels are in their order already. */
bool training_read_unlabelled(struct training *training, struct unlabelled *unlabelled, struct exclusion *exclusion,
                              struct error *error);
void unlabelled_close(struct unlabelled *unlabelled);

#endif
