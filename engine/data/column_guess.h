/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which columns hold the text and the label: by their names, else by what is in them. The rules stand in
 * engine/data/README. */
#ifndef REVUE_DATA_COLUMN_GUESS_H
#define REVUE_DATA_COLUMN_GUESS_H

#include "engine/data/columns.h"

/* What is in the columns: a reader shows the rows of its sample, those of the right width only. NULL: out of memory. */
struct column_facts *columns_observe_begin(const struct columns *columns);
void columns_observe(struct column_facts *facts, const struct columns *columns, const struct span *fields);

void columns_observe_end(struct column_facts *facts); /* frees them where nothing is to be guessed */

/* Sets text, label and traits by names and facts, which are freed. False: out of memory. */
bool columns_guess(struct columns *columns, struct column_facts *facts);

#endif
