/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of comma-separated values after RFC 4180, with the delimiter, line ends and blanks that scan.h describes. */
#ifndef REVUE_DATA_CSV_H
#define REVUE_DATA_CSV_H

#include "engine/dataset.h"

/* Splits a row of UTF-8 into row->fields (spans into `bytes` or into row->buffers). Sets row->status to ROW_MALFORMED, with
 * the row itself as its only field, or to ROW_TOO_LONG where it is that. False: out of memory. */
bool csv_split(struct row *row, struct span bytes, char delimiter, bool quoting);

#endif
