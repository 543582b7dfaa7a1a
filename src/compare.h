/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What `revue compare` finds, and the ways it is told. */
#ifndef REVUE_SRC_COMPARE_H
#define REVUE_SRC_COMPARE_H

#include "src/figures.h"

#include <stdio.h>

/* One of the two. Its labels have the numbers of the first model's. */
struct compared {
	struct model *model;
	struct evaluation evaluation;
	struct figures figures;
};

struct comparison {
	struct compared sides[2]; /* A and B */
	int32_t *to; /* [labels] A's number of each of B's labels */
	struct dataset *dataset;
	const char *data_path;
	struct bootstrap_difference difference;
	struct mcnemar mcnemar;
	size_t differing; /* rows for which the two predict different labels */
	int64_t shown;    /* of them as text */
};

/* Finds A's number for each of B's labels; false with one line where they are not the same labels. */
bool compare_match(struct comparison *comparison, struct error *error);

/* Figures, differences, the test: both were evaluated with their rows and scores kept. */
bool compare_measure(struct comparison *comparison, struct error *error);

/* Label `label` as the first model calls it. */
const char *compare_label(const struct comparison *comparison, int32_t label);

/* False: the rows that differ could not be read again. */
bool compare_write_text(const struct comparison *comparison, FILE *out, struct error *error);
bool compare_write_json(const struct comparison *comparison, FILE *out, struct error *error);
bool compare_write_csv(const struct comparison *comparison, FILE *out, struct error *error);

#endif
