/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One field of one row: what its bytes say, whatever format they come from. */
#ifndef REVUE_DATA_FIELD_H
#define REVUE_DATA_FIELD_H

#include "engine/span.h"

#include <stdint.h>

/* Without the white space at either end: that of ASCII and of Unicode (no-break spaces, the ideographic one) and what is
 * as invisible, a byte order mark and the zero-width space. Points into `text`. */
struct span span_trim(struct span text);

/* The field as a number; false where it is none. */
bool field_number(struct span field, double *value);

/* Whether the field is a number, a date or a time, as programs write them: "5", "1,204", "4.5/5", "2024-01-05 10:33", "1/5/2024
 * 10:33:21 AM GMT+1", "5 Jan 2024". */
bool field_is_figure(struct span field);

/* Whether it is a date or a time of day. */
bool field_is_date(struct span field);

/* FNV-1a, 64 bits (Fowler, Noll and Vo; draft-eastlake-fnv): tells the fields of different rows apart when only one row
 * is in memory at a time. Not for tables that a file's author could fill with collisions. */
uint64_t field_hash(struct span field);

#endif
