/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One field of one row: what its bytes say, whatever format they come from. */
#ifndef REVUE_DATA_FIELD_H
#define REVUE_DATA_FIELD_H

#include "engine/span.h"

#include <stdint.h>

/* Without the white space (space, TAB, LF, VT, FF, CR) at either end. Points into `text`. */
struct span span_trim(struct span text);

/* The field as a number; false where it is none. */
bool field_number(struct span field, double *value);

/* FNV-1a, 64 bits (Fowler, Noll and Vo; draft-eastlake-fnv): tells the fields of different rows apart when only one row
 * is in memory at a time. Not for tables that a file's author could fill with collisions. */
uint64_t field_hash(struct span field);

#endif
