/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What `revue eval` found, and the ways it is told. */
#ifndef REVUE_SRC_EVAL_H
#define REVUE_SRC_EVAL_H

#include "src/figures.h"

#include <stdio.h>

/* How the temperature and the thresholds were chosen on these rows. */
struct eval_tuning {
	bool calibrated;
	double loss[2], calibration_error[2]; /* before and after */
	const char *threshold_by;             /* "best F1", "least cost"; NULL: none was chosen */
	double prices[2];                     /* of a false positive and a false negative; 0: by F1 */
	double cost[2];                       /* a review: at 0.5, and at the threshold of the first label that has one */
	bool saved;
};

struct eval_result {
	const struct model *model;
	const char *model_path, *data_path;
	const struct evaluation *evaluation;
	const struct metrics *metrics; /* counted by `own` */
	struct model_own own;
	struct eval_tuning tuning;
	struct figures figures;
	int32_t labels;
	bool ordered;
};

/* What --calibrate, --threshold and --threshold-cost ask for. */
struct eval_wishes {
	bool calibrate;
	const char *threshold; /* best-f1; NULL */
	const char *cost;      /* FP:FN; NULL */
	double prices[2];      /* as eval_wishes_check reads them */
};
bool eval_wishes_check(struct eval_wishes *wishes, struct error *error);

/* Chooses temperature and thresholds on the kept rows: into result->own and result->tuning. */
bool eval_tune(struct eval_result *result, const struct eval_wishes *wishes, struct error *error);

/* Whether what was chosen can be kept: rows of one label alone, or a temperature that ran to its limit, say nothing of other
 * rows. */
bool eval_check_keeping(const struct eval_result *result, struct error *error);
bool eval_temperature_is_at_limit(const struct eval_result *result);
const char *eval_limit_words(const struct eval_result *result); /* what the rows want then */

void eval_write_text(const struct eval_result *result, FILE *out);
void eval_write_json(const struct eval_result *result, FILE *out);

#endif
