/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sets of labels, each kept once and known by its number: what a review has where it may have several labels. */
#ifndef REVUE_TRAIN_LABEL_SETS_H
#define REVUE_TRAIN_LABEL_SETS_H

#include "engine/error.h"

#include <stddef.h>
#include <stdint.h>

/* Set i is members[starts[i]] .. members[starts[i+1]-1], ascending, each once. Start with {0}, end with label_sets_free. */
struct label_sets {
	int32_t *members;
	size_t *starts;     /* [count + 1] */
	int32_t count;

	/* The rest is the sets' own: an open hash table whose slots hold a set's number + 1. */
	size_t member_capacity, start_capacity, slot_count;
	uint32_t *slots;
	uint64_t key[2];
};

/* The number of the set of these labels, 0 or more, which are all different and are sorted here; the sets met first have the
 * lowest numbers. -1: out of memory. */
int32_t label_sets_add(struct label_sets *sets, int32_t *labels, size_t count);

/* Calls label i by label_of[i] from now on. Labels that become the same are one; sets that become the same stay two. No
 * more sets can be added. */
void label_sets_rename(struct label_sets *sets, const int32_t *label_of);

/* targets[num_labels] becomes 1 where the set has the label, else 0. */
void label_sets_fill(const struct label_sets *sets, int32_t set, float *targets, int32_t num_labels);

/* Puts rows into classes to split them by: a class for each set of 20 rows or more (of more where that
 * would be over a thousand classes), and one for all other sets together.
 *
 * set_of, classes  [rows]
 * returns          the number of classes; -1: out of memory */
int32_t label_sets_classes(const struct label_sets *sets, const int32_t *set_of, size_t rows, int32_t *classes);

void label_sets_free(struct label_sets *sets);

#endif
