/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one counter of labels: which different ones there are, how often each comes, in which order they stand.
 * The survey, training and evaluation all count with it, so they agree on the limit and on the order. */
#ifndef REVUE_DATA_LABELS_H
#define REVUE_DATA_LABELS_H

#include "engine/dataset.h"

enum {
	LABEL_TOO_MANY = -1,  /* one more than LABELS_MAX, or more than 16 MB of names */
	LABEL_NO_MEMORY = -2,
};

/* Start with {0}, end with label_counter_free. For one thread. */
struct label_counter {
	struct label_count *labels; /* [count] in the order of their first row; after label_counter_sort in the final one */
	int count;
	bool too_many; /* a label was not taken, so the counts are not those of the whole file */

	/* The rest is the counter's own: an open hash table whose slots hold a label's index + 1. */
	uint32_t *slots;
	uint64_t key[2];
	size_t capacity, bytes;
	uint64_t *last_row; /* [LABELS_MAX] the number of the set in which a label came last */
	uint64_t sets;
};

/* Counts one label, which is copied; labels that label_equal takes for one are one, called by the shortest spelling. Returns
 * its index (0 for the first label met, 1 for the next different one, ...), LABEL_TOO_MANY or LABEL_NO_MEMORY. Not after
 * label_counter_sort. */
int label_counter_add(struct label_counter *counter, struct span label);

/* Counts the labels of one row, each once however often it stands there. `indices`, [count], out: what label_counter_add
 * would have returned, without repeats; NULL where nobody asks. Returns how many these are, or as above. */
int label_counter_add_set(struct label_counter *counter, const struct span *labels, int count, int32_t *indices);

/* Knows a label of which no row has been counted. Returns its index, or as above. */
int label_counter_know(struct label_counter *counter, struct span label);

/* Puts the labels in their final order: numbers ("3", "3 stars") first and by value, then words by their bytes. `place_of`, [count], out:
 * place_of[i] is where the label went that label_counter_add called i; NULL where nobody asks. False: out of memory. */
bool label_counter_sort(struct label_counter *counter, int32_t *place_of);

/* Hands the labels to the caller, who frees each name and then the array. The counter is empty afterwards. */
struct label_count *label_counter_take(struct label_counter *counter, int *count);

/* The value of a label that is a number, or a number and one word after it: "3", "3.0", "3 stars". False: it is none. */
bool label_number(const char *label, double *value);

/* After LABEL_TOO_MANY: "PATH: column "NAME" has more than 4096 different values: ..." as ERROR_DATA. Returns false. */
bool label_counter_refuse(const char *path, const char *column, struct error *error);

void label_counter_free(struct label_counter *counter);

#endif
