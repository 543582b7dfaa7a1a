/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REVUE_DATA_TABLE_H
#define REVUE_DATA_TABLE_H

#include "engine/data/reader.h"

/* Comma-separated values and relatives; the second where TAB is known to be the delimiter. */
extern const struct reader reader_csv, reader_tsv;

#endif
