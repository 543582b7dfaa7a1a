/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is trained, towards what and by which optimizer: from the options, once the model and the rows are there. */
#ifndef REVUE_TRAIN_TRAINING_CHOICES_H
#define REVUE_TRAIN_TRAINING_CHOICES_H

#include "engine/train/training.h"

/* Freezes tensors, makes the loss and the plan of the optimizer, and says in the log what is not as ever. Before the memory
 * of the network is taken. */
bool training_choose(struct training *training, struct error *error);

/* Of labels: what they count. */
bool training_make_loss(struct training *training, struct error *error);

#endif
