/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the name of a column says of it. A name is taken as its words, in lower case: "reviewText", "review_text" and
 * "Review Text" are the same, "reviews.text" ends in the word "text". */
#ifndef REVUE_DATA_COLUMN_NAMES_H
#define REVUE_DATA_COLUMN_NAMES_H

#include "engine/span.h"

#define NAME_RANK_NONE 1000 /* the name says nothing of the kind */

/* How far down the list of the names of texts, or of labels, `name` stands: 0 is the surest. Whole names stand before
 * those that only end in a name or begin with one. */
int column_name_text_rank(struct span name);
int column_name_label_rank(struct span name);

/* Whether the rank is of "category", "type", "topic", "product": a label only where no better name is there. */
bool column_name_is_weak(int label_rank);

/* Whether the column is called "label" or "labels" and nothing else. */
bool column_name_is_label(struct span name);

/* Whether the name speaks of a flag, an identity, a date, a language, a person or a count: never the label of a review,
 * whatever the column holds. */
bool column_name_is_other(struct span name);

/* Whether the whole name is one that text or label columns usually have. */
bool column_name_known(struct span name);

#endif
