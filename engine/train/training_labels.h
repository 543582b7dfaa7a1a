/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Before the first step: what the labels of the data are for the model. */
#ifndef REVUE_TRAIN_TRAINING_LABELS_H
#define REVUE_TRAIN_TRAINING_LABELS_H

#include "engine/train/training.h"

/* Decides whether labels exclude each other (--problem-type), gives the model a head for them where it has none, and fills
 * source->labels: the model's labels, or where they are independent the numbers of sets in source->rows.sets, which then
 * are of the model's labels. */
bool training_label_data(struct training *training, struct train_data *source, struct error *error);

/* The same for the rows of a validation file, which must have labels that are trained. */
bool training_label_validation(struct training *training, struct train_data *source, struct error *error);

#endif
