/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A part of the Data screen: how the file is written, in a line. */
#ifndef REVUE_UI_DATA_DIALECT_H
#define REVUE_UI_DATA_DIALECT_H

#include "ui/app.h"

/* "*" where this row of the dialect was said, "" where it was guessed. */
const char *data_dialect_mark(const struct dataset *dataset, int row);

/* "delimiter comma  quote double  ..." of the file that is open, in one row. */
void data_dialect_draw(struct app *app, struct rect rect, int row);

#endif
