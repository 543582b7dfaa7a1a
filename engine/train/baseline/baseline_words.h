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
 * rows     folded, those that were fitted to, of the dataset
 * most     about so many of them are read again; beside these a few for each word */
bool baseline_find_words(struct baseline *baseline, const struct ngram_rows *rows, struct dataset *dataset,
                         uint32_t most, struct error *error);
void baseline_free_words(struct baseline *baseline);

#endif
