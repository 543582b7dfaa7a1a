/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws the split that a request describes, revue's own or that of another tool. */
#ifndef REVUE_TRAIN_SPLIT_MAKE_H
#define REVUE_TRAIN_SPLIT_MAKE_H

#include "engine/train/rows/split.h"

/* False with one line where the tool would refuse too: no row is left to train on, or a label is too rare to be stratified. */
bool split_make(struct split *split, const struct split_request *request, struct error *error);

/* Of a file of `count` rows that are all held out those to measure on, at most `most`: ascending. */
bool split_sample(struct split *split, const struct split_request *request, struct error *error);

#endif
