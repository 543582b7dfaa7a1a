/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a training of a file would meet, told before anybody starts one: how long its reviews are in tokens and how many of
 * them a length would cut, texts that are empty or repeated, and what it shares with another file. Implemented in
 * engine/train/outlook.c. */
#ifndef REVUE_ENGINE_OUTLOOK_H
#define REVUE_ENGINE_OUTLOOK_H

#include "engine/dataset.h"

struct outlook {
	uint64_t rows, empty;    /* usable rows; of them without a word */
	uint64_t repeated;       /* rows whose text, but for white space, an earlier one has */
	uint64_t two_labels;     /* different texts that stand there with more than one label */
	uint64_t other_rows, in_both; /* usable rows of the other file; of them those whose text stands here too */
	uint64_t tokens;         /* of all rows, special tokens included */
	int32_t *lengths;        /* [rows] tokens of each row, ascending */
};

/* Reads all rows of `dataset`, whose index is complete, and of the file `other` (NULL: none), which is read as dataset_open
 * guesses, with a text column of the same name where it has one and whatever its labels. `model`: the folder whose tokenizer
 * counts. `outlook` starts as {0} and is freed with outlook_free, also after a failure. */
bool outlook_make(struct outlook *outlook, struct dataset *dataset, const char *model, const char *other,
                  const struct progress *progress, struct error *error);
void outlook_free(struct outlook *outlook);

/* Of a sequence of `max_length` tokens: how many rows are longer, and how many tokens of them all are cut off. */
void outlook_cut(const struct outlook *outlook, int32_t max_length, uint64_t *rows, uint64_t *tokens);

int32_t outlook_quantile(const struct outlook *outlook, double share); /* 0.5: the median; 0 of no rows */

#endif
