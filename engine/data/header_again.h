/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The header once more among the rows, as `cat a.csv b.csv` leaves it. The rules stand in engine/data/README. */
#ifndef REVUE_DATA_HEADER_AGAIN_H
#define REVUE_DATA_HEADER_AGAIN_H

#include "engine/data/columns.h"

#define HEADER_WORDS 4 /* more words than this are a sentence, not a name */
#define HEADER_BYTES 64

/* Whether the field is short enough to be the name of a column. */
bool header_reads_like_name(struct span field);

/* Whether a row of these fields names the columns once more: never where they have no names of the file's. `count` may be
 * other than the number of columns, as where row names stand without a heading. */
bool header_again(const struct columns *columns, const struct span *fields, int count);

/* Whether every field is the name of its column, without regard to case. */
bool header_again_exactly(const struct columns *columns, const struct span *fields, int count);

/* Whether the field holds its column's name. */
bool header_is_own_name(const struct columns *columns, int column, struct span field);

#endif
