/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the report before the first step tells of the data, gathered while it is read: on which side which labels, lengths
 * and texts are. */
#ifndef REVUE_TRAIN_REPORT_FACTS_H
#define REVUE_TRAIN_REPORT_FACTS_H

#include "engine/train/rows/rows.h"
#include "engine/train/rows/text_facts.h"

#define REPORT_LENGTHS 65536 /* longer texts count as of this length where the median is told */

/* The rows that train, or those that are held out. */
struct report_side {
	uint64_t rows;
	uint64_t truncated;         /* rows that lose tokens */
	uint64_t tokens, lost;      /* of the whole texts; of these how many are cut off */
	uint64_t *labels;           /* [label_count] rows */
};

/* What a file holds, used or not. */
struct report_file {
	uint64_t rows, used, skipped[ROW_STATUS_COUNT];
	char doubt[SURVEY_DOUBT_MAX]; /* of the label column (survey_doubt); "": none */
	bool sorted;                /* the rows of each label stand together */
};

/* Start with {0}, end with report_facts_free. */
struct report_facts {
	int32_t label_count;
	struct report_side training, held_out;
	uint32_t *lengths;          /* [REPORT_LENGTHS + 1] rows by tokens, of both sides */
	int64_t longest;
	struct text_set texts;
	struct report_file data, validation; /* validation.rows 0: there is no such file */
};

bool report_facts_begin(struct report_facts *facts, int32_t label_count, struct error *error);
void report_facts_free(struct report_facts *facts);

/* What the rows of a file say without their texts. */
void report_file_note(struct report_file *file, const struct labelled_rows *rows);

/* Rows that were read.
 *
 * texts, labels, held_out  [count]; labels are the model's, or with `sets` numbers of these */
bool report_facts_add(struct report_facts *facts, const struct text_facts *texts, const int32_t *labels,
                      const struct label_sets *sets, const bool *held_out, size_t count, struct error *error);

/* The median length; 0: there are no rows. */
int64_t report_facts_median(const struct report_facts *facts);

#endif
