/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers of rows that one thread finds while others already read them. Held by several; what is held is counted on
 * the UI thread alone, everything else may be called from any thread. */
#ifndef REVUE_UI_ROW_SET_H
#define REVUE_UI_ROW_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct row_set;

struct row_set *row_set_new(void); /* NULL: out of memory; the caller holds it */
struct row_set *row_set_hold(struct row_set *set); /* NULL is allowed; returns its argument */
void row_set_drop(struct row_set *set);            /* NULL is allowed */

bool row_set_add(struct row_set *set, uint64_t row); /* false: out of memory */
void row_set_cut(struct row_set *set, uint64_t row); /* drops the last entries that are `row` or greater */
size_t row_set_count(struct row_set *set);
uint64_t row_set_at(struct row_set *set, uint64_t index); /* 0 beyond the last */

/* The index of `row`, or of the least row above it; else that of the last entry. */
uint64_t row_set_find(struct row_set *set, uint64_t row);

#endif
