/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Before the first step: rows, labels, the split, token ids. */
#ifndef REVUE_TRAIN_TRAINING_DATA_H
#define REVUE_TRAIN_TRAINING_DATA_H

#include "engine/train/training.h"

/* Reads the data and the validation file of the record into training->to_train and ->held_out, gives the model a head
 * for their labels where it has none, and notes all counts in the record. The model is open. */
bool training_read_data(struct training *training, struct error *error);

#endif
