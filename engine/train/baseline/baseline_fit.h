/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fitting a linear model to hashed n-grams: logistic regression on naive-Bayes scaled features (Wang and Manning 2012,
 * "Baselines and Bigrams", with the logistic loss). A feature is 1 where a review has the n-gram; before the fit it is
 * multiplied by the logarithm of how much more frequent it is among reviews of the label than among the others,
 *
 *   r_j = log((1 + p_j) / sum_k(1 + p_k)) - log((1 + q_j) / sum_k(1 + q_k))
 *
 * with p_j and q_j the numbers of reviews of either side that have it. The scale is multiplied into the weight that the model
 * keeps. Of two labels that exclude each other one such problem is solved; of more, and of independent ones, each label
 * against the rest. */
#ifndef REVUE_TRAIN_BASELINE_FIT_H
#define REVUE_TRAIN_BASELINE_FIT_H

#include "engine/evaluate.h"
#include "engine/model/ngram.h"
#include "engine/train/rows/label_sets.h"
#include "engine/train/rows/ngram_rows.h"

#define BASELINE_TOLERANCE 1e-2 /* of the gradient, see logistic.h; that of LIBLINEAR. A smaller one changes no figure */
#define BASELINE_STEPS_MAX 100

struct baseline_fit_request {
	const struct ngram_rows *rows;
	const struct label_sets *sets; /* of which rows->labels are numbers; NULL: they are labels */
	double c, tolerance;
	struct pool *pool;
};

/* What came of it: Newton steps of all problems together, and how many of these did not reach the tolerance. */
struct baseline_fit {
	int problems, steps, not_reached;
	uint64_t features; /* buckets that some row has */
};

/* Fills the weights of `model`, which ngram_new made. A label that all rows have, or none, gets a bias alone, the logarithm of
 * its odds with half a row added to either side. */
bool baseline_fit(struct model *model, const struct baseline_fit_request *request, struct baseline_fit *fit,
                  const struct progress *progress, struct error *error);

/* ratios[columns], r of above. Outside of it for tests. */
void baseline_ratios(const struct sparse *matrix, const int8_t *positive, double *ratios);

/* Counts rows that were held out; `metrics` was initialised for the model's labels. */
bool baseline_measure(struct model *model, const struct ngram_rows *rows, const struct label_sets *sets, struct metrics *metrics,
                      struct error *error);

#endif
