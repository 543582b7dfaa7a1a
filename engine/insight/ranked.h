/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows in the order of one label's score: what ranking and thresholds begin with. */
#ifndef REVUE_INSIGHT_RANKED_H
#define REVUE_INSIGHT_RANKED_H

#include "engine/insight.h"

struct ranked_row {
	double score;
	bool positive;
};

struct ranked {
	struct ranked_row *rows; /* [count], highest score first */
	size_t count, positives;
};

/* Room for the rows of `rows`. The caller frees ranked->rows. */
bool ranked_init(struct ranked *ranked, const struct scored_rows *rows, struct error *error);

/* Sorts once by this label's score. */
void ranked_fill(struct ranked *ranked, const struct scored_rows *rows, int32_t label);

/* Goes over the rows with one score each time, from the highest: true while there are some. Start with {0}. */
struct ranked_walk {
	size_t next;                     /* the first row of the group after this */
	size_t positives, negatives;     /* in this group */
	size_t true_positives, false_positives; /* in this group and those before */
};
bool ranked_step(const struct ranked *ranked, struct ranked_walk *walk);

#endif
