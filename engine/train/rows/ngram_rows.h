/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reviews as the buckets of their n-grams (engine/model/ngram_features.h), 4 bytes each: what the baseline is fitted to. */
#ifndef REVUE_TRAIN_NGRAM_ROWS_H
#define REVUE_TRAIN_NGRAM_ROWS_H

#include "engine/error.h"
#include "engine/model/ngram_features.h"
#include "engine/train/optimize/logistic.h"

/* Row i has buckets[starts[i]] .. buckets[starts[i+1]-1], in the order in which they occur in its text, each once. Start with
 * {.shape = ...}, end with ngram_rows_free. */
struct ngram_rows {
	struct ngram_shape shape;
	uint32_t *buckets;
	uint64_t *starts; /* [count + 1]; NULL: no row yet */
	int32_t *labels;  /* [count] the model's, or numbers of sets */
	uint64_t *numbers; /* [count] of the rows in their dataset */
	uint32_t count;
	size_t bucket_capacity, row_capacity;
	uint64_t words;   /* of all texts */
};

/* Reviews are read with hashes of NGRAM_BITS_WIDE bits, so that n-grams can be told apart that will share a bucket. This folds
 * them into 2^bits buckets, each once a row. Of rows to fit to, rare n-grams are left out first, since they would only disturb
 * what shares their buckets: `seen` says which they are (NULL: all are kept). */
#define NGRAM_BITS_WIDE 32
struct ngram_seen;
bool ngram_rows_fold(struct ngram_rows *rows, int32_t bits, const struct ngram_seen *seen, struct error *error);

/* How many rows have each n-gram. Rare are those that one row alone has, and as many more, the rarest first, as it takes to
 * leave no more than `most`. Counted by the first 12 to 26 bits of their hashes, so many that there are 16 places for each hash:
 * what has them in common with another counts as often as both. NULL: out of memory. */
struct ngram_seen *ngram_seen_new(const struct ngram_rows *rows, uint64_t most, struct error *error);
uint32_t ngram_seen_least(const struct ngram_seen *seen); /* rows that an n-gram must have */
void ngram_seen_free(struct ngram_seen *seen);

/* Room for the buckets of one more row, [count], which ngram_rows_add then adds. NULL: out of memory. `number`: of the row in its
 * dataset. */
uint32_t *ngram_rows_room(struct ngram_rows *rows, size_t count);
void ngram_rows_add(struct ngram_rows *rows, size_t count, int64_t words, int32_t label, uint64_t number);
void ngram_rows_free(struct ngram_rows *rows);

/* The rows as a matrix, in which only buckets that occur have a column. Start with {0}, end with ngram_matrix_free. */
struct ngram_matrix {
	struct sparse sparse;
	uint32_t *bucket_of;     /* [columns], ascending */
	uint32_t *row_columns, *column_rows;
	uint64_t *column_starts; /* [columns + 1] */
};
bool ngram_matrix_make(struct ngram_matrix *matrix, const struct ngram_rows *rows, struct error *error);
void ngram_matrix_free(struct ngram_matrix *matrix);

#endif
