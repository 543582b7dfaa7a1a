/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of comma-separated values after RFC 4180, with the marks, line ends and blanks that scan.h describes: blanks around
 * a field without quotes belong to it, those between a quote and the delimiter beside it do not. */
#ifndef REVUE_DATA_CSV_H
#define REVUE_DATA_CSV_H

#include "engine/data/scan.h"
#include "engine/dataset.h"

/* Splits a row of UTF-8 into row->fields (spans into `bytes` or into row->buffers). An escape is taken out before whatever
 * comes after it, as Python's csv does with escapechar; only MySQL's \N for NULL stays, where it is a whole field without
 * quotes. Sets row->status to ROW_MALFORMED, with the row itself as its only field, or to ROW_TOO_LONG where it is that.
 * False: out of memory. */
bool csv_split(struct row *row, struct span bytes, const struct marks *marks);

#endif
