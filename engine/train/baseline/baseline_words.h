/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which words speak loudest for a label. The model knows buckets only; their words are read again from some of the rows that
 * have them. */
#ifndef REVUE_TRAIN_BASELINE_WORDS_H
#define REVUE_TRAIN_BASELINE_WORDS_H

#include "engine/baseline.h"
#include "engine/train/rows/ngram_rows.h"

/* Fills baseline->words, [num_labels][shown].
 *
 * rows     folded, those that were fitted to
 * numbers  [rows->count] theirs in the dataset */
bool baseline_find_words(struct baseline *baseline, const struct ngram_rows *rows, struct dataset *dataset,
                         const uint64_t *numbers, struct error *error);

#endif
