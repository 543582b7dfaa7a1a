/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which rows of a file can be used and what their labels are: read once, before anything is tokenised. */
#ifndef REVUE_TRAIN_ROWS_H
#define REVUE_TRAIN_ROWS_H

#include "engine/dataset.h"
#include "engine/exclusion.h"
#include "engine/train/rows/label_sets.h"

/* Start with {0}, end with labelled_rows_free, also after a failure. */
struct labelled_rows {
	uint64_t *rows;   /* [count] numbers of the rows in the dataset, ascending */
	int32_t *labels;  /* [count] indices into names; with survey.label_sets into sets */
	size_t count, capacity;
	char **names;     /* [name_count] distinct labels as in the file, borrowed from the survey; numbers by value, then words */
	int name_count;
	struct label_sets sets; /* of indices into names, where reviews have sets of labels */
	bool unlabelled; /* set before they are read: texts alone count, the labels of all are 0, and there are no names */
	struct exclusion *exclusion; /* set before, borrowed: rows whose text it takes are left out; NULL: none */
	struct survey survey; /* rows, used, skipped, first_line, replaced and labels are filled */
};

/* Indexes the dataset and reads every row, and each byte of the file once. `hash`, [65], gets what source.h tells; NULL:
 * nobody asks. Fails when a column is missing, when that of the labels holds more than LABELS_MAX different values, or when
 * every text is empty. */
bool labelled_rows_read(struct labelled_rows *rows, struct dataset *dataset, char *hash, const struct progress *progress,
                        struct error *error);

/* Makes sets of one label each of labels, where rows have none yet. False: out of memory. */
bool labelled_rows_make_sets(struct labelled_rows *rows);

/* Makes labels of sets, where rows have these. False: some set is empty or has several labels. */
bool labelled_rows_make_labels(struct labelled_rows *rows);

void labelled_rows_free(struct labelled_rows *rows);

#endif
