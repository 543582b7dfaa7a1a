/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Delimiter, quotes and escape of a table, from its sample. The rules stand in engine/data/README. Functions
 * return false when memory is short. */
#ifndef REVUE_DATA_GUESS_H
#define REVUE_DATA_GUESS_H

#include "engine/data/sample.h"

/* Finds the sample's rows and fills in all of the view; its marks are given. */
bool guess_cut(struct sample *sample, struct sample_view *view);

/* Reads row i of a sample that was cut so into sample->row. */
bool guess_read(struct sample *sample, int i, const struct sample_view *view);

/* Finds delimiter, quote and escape; what was said is not guessed. Leaves the sample cut in some way: cut it anew by the
 * view that was found. */
bool guess_delimiter(struct sample *sample, const struct dataset_dialect *said, struct sample_view *best);

/* Whether the facts on one and the same text, cut with the escape and without it, speak for the escape. */
bool guess_prefers_escape(const struct sample_view *doubled, const struct sample_view *escaped);

/* Whether nearly all rows have one field more than the header: R writes row names without a heading before the others,
 * other programs a delimiter after every row but the first. Sets *before or *after then. */
bool guess_extra_column(struct sample *sample, const struct sample_view *view, bool *before, bool *after);

#endif
