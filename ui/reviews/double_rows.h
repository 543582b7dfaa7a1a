/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which rows of an open file have a double (engine/doubles.h): what was found out of a row is kept, so that only rows that are
 * new are read again. Held by several; what is held is counted on the UI thread alone, jobs find. Knows no curses. */
#ifndef REVUE_UI_DOUBLE_ROWS_H
#define REVUE_UI_DOUBLE_ROWS_H

#include "engine/dataset.h"
#include "ui/reviews/marks.h"

enum double_kind { DOUBLE_EXACT, DOUBLE_NEAR, DOUBLE_KINDS }; /* DOUBLE_NEAR: exactly or nearly */

struct double_rows;

struct double_rows *double_rows_new(void); /* NULL: out of memory; the caller holds it */
struct double_rows *double_rows_hold(struct double_rows *rows); /* NULL is allowed; returns its argument */
void double_rows_drop(struct double_rows *rows);                /* NULL is allowed */

/* Sets in `out`, which starts as {0}, the rows that another one repeats, of all that the file has now. Always for one file.
 * Jobs only: one waits for another. False: *error says why, or it was stopped. */
bool double_rows_find(struct double_rows *rows, enum double_kind kind, struct dataset *dataset, struct marks *out,
                      const struct progress *progress, struct error *error);

#endif
