/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Before the first step: what the labels of the data are for the model. */
#ifndef REVUE_TRAIN_TRAINING_LABELS_H
#define REVUE_TRAIN_TRAINING_LABELS_H

#include "engine/train/training.h"

/* Puts rows into sets of labels, or gives each one label, as --problem-type and the data say; refuses data of which nothing can
 * be learnt. */
bool labels_settle(const char *problem_type, struct train_data *source, bool *independent, struct error *error);

/* Of that the first, where it is known: sets where labels are independent, else one label a row. */
bool labels_suit(struct train_data *source, bool independent, struct error *error);

/* source->labels, once rows have labels or sets: those of their names are label_of[i], [name_count]. */
bool labels_take(struct train_data *source, const int32_t *label_of, struct error *error);

/* Decides whether labels exclude each other (--problem-type), gives the model a head for them where it has none, and fills
 * source->labels: the model's labels, or where they are independent the numbers of sets in source->rows.sets, which then
 * are of the model's labels. */
bool training_label_data(struct training *training, struct train_data *source, struct error *error);

/* The same for the rows of a validation file, which must have labels that are trained. */
bool training_label_validation(struct training *training, struct train_data *source, struct error *error);

#endif
