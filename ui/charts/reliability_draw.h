/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A reliability diagram on the terminal: the curve, and below it the share of the rows in each bin. */
#ifndef REVUE_UI_RELIABILITY_DRAW_H
#define REVUE_UI_RELIABILITY_DRAW_H

#include "engine/insight.h"
#include "ui/terminal/terminal.h"

#define RELIABILITY_ROWS_MIN 10 /* with fewer, or fewer columns, nothing can be read off it */
#define RELIABILITY_COLUMNS_MIN 30

/* The columns that it takes of `columns` where it has so many rows: its plot is a little wider than high, a cell being twice as
 * high as wide. RELIABILITY_COLUMNS_MIN at least, also where there are fewer. */
int reliability_columns(int rows, int columns);

/* `error`: the expected calibration error; a line stands at the bin `chosen`. Nothing is drawn where there is no memory. */
void reliability_draw(struct terminal *terminal, struct rect rect, const struct calibration_bin bins[CALIBRATION_BINS], double error,
                      int chosen);

#endif
