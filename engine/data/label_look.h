/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How the labels of a review stand in the label column (enum label_form), by its first rows. The rules stand in
 * engine/data/README. */
#ifndef REVUE_DATA_LABEL_LOOK_H
#define REVUE_DATA_LABEL_LOOK_H

#include "engine/data/columns.h"

#define LABEL_LOOK_ROWS 2048 /* that are looked at */

struct label_look;

/* NULL: out of memory. */
struct label_look *label_look_begin(void);

/* Shows a field of the label column. */
void label_look_add(struct label_look *look, struct span field);

/* Settles form, separator and vector_size of columns by what was shown, and frees it. `said`: the dialect's
 * label_separator. */
void label_look_end(struct label_look *look, struct columns *columns, char said);

#endif
