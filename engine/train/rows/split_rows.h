/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The split of the rows of a file as the options of a training say it. */
#ifndef REVUE_TRAIN_SPLIT_ROWS_H
#define REVUE_TRAIN_SPLIT_ROWS_H

#include "engine/train/rows/split.h"
#include "engine/train/rows/train_data.h"

/* What is asked for, borrowed from `source`, whose labels are settled: `labels` of them. revue's own split goes by these; the
 * others by those of the file in their order, as their users have it. `own_file`: rows to measure on come from another file,
 * none are held out here. */
struct split_request split_request_of(const struct train_data *source, const struct train_options *options, int32_t labels,
                                      bool own_file);

/* Draws it. Rows with sets of labels are split by their sets. False with one line; split_free also then. */
bool split_rows(struct split *split, const struct train_data *source, const struct train_options *options, int32_t labels,
                bool own_file, struct error *error);

/* What becomes of each row, [rows.count]: 0 it is not used, 1 it trains, 2 it is held out. The caller frees it; NULL: no
 * memory. */
uint8_t *split_fates(const struct split *split, size_t rows, struct error *error);

#endif
