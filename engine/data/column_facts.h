/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the rows of a sample hold in one column. */
#ifndef REVUE_DATA_COLUMN_FACTS_H
#define REVUE_DATA_COLUMN_FACTS_H

#include "engine/span.h"

#include <stdint.h>

#define DISTINCT_MAX 256 /* as many as the sample has rows: more cannot be told apart there */

struct column_fact {
	int filled, numbers, distinct; /* filled: neither empty nor a word for a missing label */
	int measured;                  /* figures other than -1, which lie from lowest to highest */
	double lowest, highest;
	int minus_ones, zeros, ones;
	int booleans, dates, ids, languages;
	int nones;                     /* "None", which may be a class beside words of degree, */
	int degrees;                   /* such as "Some" and "Severe" */
	int own_names;                 /* fields that hold their column's name in a row that is not the header once more */
	uint32_t missing;              /* bit i: the word number i for a missing label stands here (missing.h) */
	uint64_t bytes;
	size_t longest;
	uint64_t seen[DISTINCT_MAX];
};

void column_fact_observe(struct column_fact *fact, struct span field);

/* Words, not figures, dates or nothing. */
bool column_fact_is_text(const struct column_fact *fact);

/* Whether -1 is a value there: beside 0 and 1 alone, or beside other negative numbers, it lies on a scale. */
bool column_fact_minus_one_is_label(const struct column_fact *fact);

/* Whether "None" is a class there: one other value stands beside it, or words of degree do. */
bool column_fact_none_is_label(const struct column_fact *fact);

/* All that is filled is of one such kind, which no label of a review is: an identity, a date, a language. */
bool column_fact_is_other(const struct column_fact *fact);

/* True or false, in words, everywhere. */
bool column_fact_is_flag(const struct column_fact *fact);

/* 0 and 1 everywhere (and the -1 of a row that has no label): one of the labels of a multi-label set, perhaps. */
bool column_fact_is_binary(const struct column_fact *fact);

#endif
