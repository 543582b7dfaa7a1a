/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was guessed about the columns, in words. */
#ifndef REVUE_DATA_COLUMN_NOTES_H
#define REVUE_DATA_COLUMN_NOTES_H

#include "engine/base/notices.h"
#include "engine/data/columns.h"

#include <stddef.h>

/* See dataset_describe_columns. */
void columns_describe(const struct columns *columns, char *out, size_t capacity);

/* Adds what a user should know of the labels: words that count as none, "None" that counts as one, and the columns of a
 * multi-label set where none was taken (`wished`: the user named one, or none). False: out of memory. */
bool columns_add_notices(const struct columns *columns, bool wished, struct notices *notices);

#endif
