/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How wide the columns of the table on the Reviews screen are. Knows no curses. */
#ifndef REVUE_UI_REVIEW_COLUMNS_H
#define REVUE_UI_REVIEW_COLUMNS_H

#include "ui/session.h"

/* Where the parts of a row of the table stand: widths, and where the text begins. */
struct review_columns {
	int number, label, prediction, text; /* label, prediction: 0 where there is none */
};

/* For a file with `rows` rows on a screen of `width` columns: on a wide one the names of the labels get what they need. */
struct review_columns review_columns_for(const struct session *session, uint64_t rows, int width);

#endif
