/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether the first row of a table names its columns, and whether a text is a table at all. The rules stand in
 * engine/data/README. All functions return false when memory is short. */
#ifndef REVUE_DATA_HEADER_H
#define REVUE_DATA_HEADER_H

#include "engine/data/sample.h"

/* What the rows below the first say of it. */
struct header_facts {
	bool header;   /* row 0 names the columns */
	bool proved;   /* figures or dates below a word, or a usual name of a column, show that the text is a table */
	bool spaced;   /* blanks follow its delimiters, as in prose */
	bool labelled; /* some column holds figures, dates or few words in all rows: prose does not look so */
};

/* The sample was cut by `view`. */
bool header_find(struct sample *sample, const struct sample_view *view, struct header_facts *facts);

#endif
