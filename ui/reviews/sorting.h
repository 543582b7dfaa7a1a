/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows in the order of a key each: numbers by value, then words by their bytes in any case (the first SORTING_BYTES of them),
 * then rows without one; the other way round what has no key still comes last. Rows with equal keys stay in the order in which
 * they were added. Pure: knows no curses. */
#ifndef REVUE_UI_SORTING_H
#define REVUE_UI_SORTING_H

#include "engine/progress.h"
#include "engine/span.h"

#define SORTING_BYTES 64

struct sorting;

struct sorting *sorting_new(void); /* NULL: out of memory */
void sorting_free(struct sorting *sorting); /* NULL is allowed */

/* False: out of memory. A number that is none (NaN) is no key. */
bool sorting_add_number(struct sorting *sorting, uint64_t row, double number);
bool sorting_add_word(struct sorting *sorting, uint64_t row, struct span word);
bool sorting_add_none(struct sorting *sorting, uint64_t row);

/* Adds all keys of `others`, as they were added there. Numbers of several parts of a file are found by several threads, a
 * sorting each. False: out of memory. */
bool sorting_append(struct sorting *sorting, const struct sorting *others);

/* False: out of memory, or stopped. */
bool sorting_sort(struct sorting *sorting, bool reverse, const struct progress *progress);

size_t sorting_count(const struct sorting *sorting);
uint64_t sorting_row(const struct sorting *sorting, size_t index);

#endif
