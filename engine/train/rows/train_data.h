/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A file of reviews with labels, read once: what engine/trainer.h shows of it, and what the trainer makes of it. */
#ifndef REVUE_TRAIN_TRAIN_DATA_H
#define REVUE_TRAIN_TRAIN_DATA_H

#include "engine/train/rows/rows.h"
#include "engine/trainer.h"

/* Start with {0}, end with train_data_close. */
struct train_data {
	struct dataset *dataset;
	struct labelled_rows rows;
	int32_t *labels; /* [rows.count] the model's, or sets in rows.sets; NULL: not settled yet */
	char hash[65];   /* of the content, see source.h */
	struct exclusion *exclusion; /* that rows.exclusion is, where it was read for this file; NULL */
};

/* Reads files whose texts are left out, paths in lines (--exclude; "": none), before the rows of data->dataset are. */
bool train_data_exclude(struct train_data *data, const char *lines, const struct progress *progress, struct error *error);

/* Takes over `dataset`, also when it fails, and reads all of it; data->rows.unlabelled says what of it, and data->rows.exclusion
 * or, in the place of that, `exclude` as train_data_exclude has it, what not. */
bool train_data_fill(struct train_data *data, struct dataset *dataset, const char *exclude, const struct progress *progress,
                     struct error *error);
void train_data_close(struct train_data *data);

#endif
