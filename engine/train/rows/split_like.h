/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The splits of others, row for row and in their order:
 *
 *   SPLIT_SKLEARN   train_test_split(rows, test_size=held_out, train_size=max_training, random_state=seed, stratify=labels)
 *                   of sklearn.model_selection; where nothing is held out, DataFrame.sample(n=max_training, random_state=seed)
 *   SPLIT_DATASETS  rows.train_test_split(test_size=held_out, seed=seed, stratify_by_column="label") of datasets, then
 *                   train.shuffle(seed).select(range(max_training))
 *   SPLIT_TORCH     random_split(rows, [1 - held_out, held_out], torch.Generator().manual_seed(seed)) of torch.utils.data,
 *                   then the first max_training of the first part
 *
 * Source: scikit-learn 1.9, model_selection/_split.py and utils/extmath.py; datasets 5.2, arrow_dataset.py and
 * utils/stratify.py; torch 2.15, utils/data/dataset.py. */
#ifndef REVUE_TRAIN_SPLIT_LIKE_H
#define REVUE_TRAIN_SPLIT_LIKE_H

#include "engine/train/rows/split.h"

/* Both arrays of `split` have room for request->count; the counts were checked and stand in `split`. */
bool split_like(struct split *split, const struct split_request *request, struct error *error);

#endif
