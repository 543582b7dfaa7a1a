/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One fold of a k-fold cross-validation. Of 2/5 the rows are dealt to five folds of the same size, or of
 * one row more, and the second is held out. Each row is in one fold, whichever fold a training holds out.
 *
 * SPLIT_SKLEARN deals as KFold(n_splits, shuffle=True, random_state=seed) of sklearn.model_selection does, stratified as
 * StratifiedKFold; SPLIT_REVUE in the same way by its own random numbers, but that a label with one row is always trained on.
 *
 * Source: scikit-learn 1.9, model_selection/_split.py. */
#ifndef REVUE_TRAIN_SPLIT_FOLDS_H
#define REVUE_TRAIN_SPLIT_FOLDS_H

#include "engine/train/rows/split.h"

/* Both parts ascend; each has room for request->count. False with one line. */
bool split_fold(struct split *split, const struct split_request *request, struct error *error);

#endif
