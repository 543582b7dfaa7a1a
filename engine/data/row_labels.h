/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The labels of one row, in whichever form a data set has them (enum label_form), and the elements of a list of labels. */
#ifndef REVUE_DATA_ROW_LABELS_H
#define REVUE_DATA_ROW_LABELS_H

#include "engine/data/columns.h"
#include "engine/data/row.h"

/* Fills label, labels, label_count and missing of a row whose fields are sound, or gives it a status that says why it has
 * no labels: ROW_NO_LABEL, or ROW_MALFORMED where a list or a column of 0 and 1 holds something else. False: out of memory. */
bool row_labels_read(const struct columns *columns, struct row *row);

/* The elements of a list, "[a, 'b', \"c\"]", as JSON and Python write them; NumPy leaves the commas out. */
struct list_scan {
	struct span rest;
	bool failed; /* it is no list of words and numbers */
};

/* Whether the field, trimmed, is in brackets: what is inside, list_next tells. */
bool list_begin(struct list_scan *scan, struct span field);

/* The next element as it stands, without its quotes; *quoted: by which, 0 for none. False: there are no more, or
 * scan->failed. */
bool list_next(struct list_scan *scan, struct span *element, char *quoted);

/* Whether an element or field, trimmed, says yes (1, 1.0, true) or no (0, 0.0, false). False: neither. */
bool label_flag(struct span field, bool *yes);

#endif
