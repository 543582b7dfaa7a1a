/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two halves of `revue score` that know nothing of files: a batch of reviews that is scored together, and
 * the ways a scored review is written. */
#ifndef REVUE_SRC_SCORE_H
#define REVUE_SRC_SCORE_H

#include "engine/attribution.h"
#include "engine/dataset.h"
#include "engine/model.h"

#include <stdio.h>

#define SCORE_BATCH_MAX 256

/* Reviews, copied, with room for what they get. Start with score_batch_init, end with score_batch_free (also
 * after a failure). The spans in `texts` are right after score_batch_compute. */
struct score_batch {
	size_t count, capacity;
	uint64_t rows[SCORE_BATCH_MAX];
	struct span texts[SCORE_BATCH_MAX];
	struct score scores[SCORE_BATCH_MAX];
	size_t starts[SCORE_BATCH_MAX + 1]; /* offsets in bytes */
	char *bytes;
	size_t bytes_capacity;
	float *values; /* [capacity][2][labels]: logits, scores */
};

bool score_batch_init(struct score_batch *batch, int32_t labels, struct error *error);
void score_batch_free(struct score_batch *batch);
bool score_batch_add(struct score_batch *batch, uint64_t row, struct span text, struct error *error);
bool score_batch_full(const struct score_batch *batch);
bool score_batch_compute(struct score_batch *batch, struct model *model, int32_t max_length, struct error *error);

/* How a review is written; `format` is one of text, tsv, csv, jsonl. */
struct score_writer {
	const struct model *model;
	bool logits;
	const struct dataset *dataset;   /* whose columns are kept; NULL: none. Set before the header is written */
	bool truth;                      /* and labels: what they are, and whether the prediction is another */
	int32_t labels;
	bool sets;                       /* labels are independent: a review has all whose score says so, or none */
	char *set;                       /* [set_capacity] of them: all labels, in words */
	size_t set_capacity;
	const struct attribution *attribution; /* of the review that is written; NULL: not asked for */
	int label_columns, text_columns; /* of the table for people */
	void (*write)(const struct score_writer *writer, FILE *record, uint64_t row, struct span text,
	              const struct score *score, const struct row *origin);
};

/* False: out of memory. End with score_writer_free. */
bool score_writer_init(struct score_writer *writer, const struct model *model, const char *format, bool logits,
                       struct error *error);
void score_writer_free(struct score_writer *writer);
void score_write_header(const struct score_writer *writer, FILE *record);
void score_write(const struct score_writer *writer, FILE *record, uint64_t row, struct span text,
                 const struct score *score, const struct row *origin); /* of the dataset; NULL where none is kept */

/* score_attributions.c: the member "attributions" after a comma, of words in `text`. */
void score_write_attributions(const struct score_writer *writer, FILE *record, struct span text);

/* score_columns.c: what is kept of a row, after a separator; and the names of that, each after a comma. */
void score_columns_tsv(const struct score_writer *writer, FILE *record, const struct row *row, const struct score *score);
void score_columns_csv(const struct score_writer *writer, FILE *record, const struct row *row, const struct score *score);
void score_columns_json(const struct score_writer *writer, FILE *record, const struct row *row, const struct score *score);
void score_columns_header(const struct score_writer *writer, FILE *record);

#endif
