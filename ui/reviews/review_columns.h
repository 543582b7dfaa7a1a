/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How wide the columns of the table on the Reviews screen are. Knows no curses. */
#ifndef REVUE_UI_REVIEW_COLUMNS_H
#define REVUE_UI_REVIEW_COLUMNS_H

#include "ui/session.h"

/* Where the parts of a row of the table stand: widths, and where the text begins. */
#define REVIEW_COLUMNS 8 /* other columns of the file that can stand in the table */

struct review_columns {
	int number, label, prediction, text; /* label, prediction: 0 where there is none */
	int others, other; /* where the other columns begin, and how wide each of them is; 0: no room for them */
};

/* For a file with `rows` rows on a screen of `width` columns: on a wide one the names of the labels get what they need.
 * `others` columns more are wanted; the text keeps a third of the screen. */
struct review_columns review_columns_for(const struct session *session, uint64_t rows, int width, int others);

#endif
