/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words that say in a label column that there is no label: those that pandas.read_csv reads as missing (na_values of
 * its documentation) and so writes by itself, and the -1 of Hugging Face's sets. */
#ifndef REVUE_DATA_MISSING_H
#define REVUE_DATA_MISSING_H

#include "engine/span.h"

#define MISSING_EMPTY 0 /* the number of the empty field */

/* The number of `field`, trimmed, among the words of missing_word; -1: it is none of them. */
int missing_find(struct span field);

/* "empty" (number 0), "N/A", "-1", ...; NULL beyond the last. */
const char *missing_word(int number);

/* Those that are not always missing: -1 may be a number of a scale, "None" a class. */
bool missing_is_minus_one(int number);
bool missing_is_none(int number);

#endif
