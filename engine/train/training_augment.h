/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the options say of augmentation: of the rows that train alone. */
#ifndef REVUE_TRAIN_TRAINING_AUGMENT_H
#define REVUE_TRAIN_TRAINING_AUGMENT_H

#include "engine/train/training.h"

/* How the texts that train are cut: as those that are held out, but for excerpts, of which there must be several. */
struct cut training_cut(const struct training *training);

/* When they were read: lets them be augmented. */
bool training_augment(struct training *training, struct error *error);

#endif
