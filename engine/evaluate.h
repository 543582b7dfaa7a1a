/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How good a model is on a file of labelled reviews. Definitions as in scikit-learn, which the Hugging Face
 * `evaluate` package wraps: precision tp/(tp+fp), recall tp/(tp+fn), F1 2tp/(2tp+fp+fn), 0 where the
 * denominator is 0; macro is the unweighted mean over the labels that occur among truths or predictions.
 * Implemented in engine/train. */
#ifndef REVUE_ENGINE_EVALUATE_H
#define REVUE_ENGINE_EVALUATE_H

#include "engine/dataset.h"
#include "engine/model.h"

/* Counts and loss as they come in, then figures. Start with metrics_init, end with metrics_free. */
struct metrics {
	int32_t labels;
	uint64_t count;
	uint64_t *confusion; /* [labels][labels], row: truth, column: prediction */
	double loss_sum;     /* of the cross-entropy, natural logarithm */
	uint64_t truncated;
};

bool metrics_init(struct metrics *metrics, int32_t labels, struct error *error);
void metrics_free(struct metrics *metrics);
void metrics_add(struct metrics *metrics, int32_t truth, const float *logits, bool truncated);

struct metric_figures {
	double loss, accuracy;
	double macro_precision, macro_recall, macro_f1;
	double precision, recall, f1; /* of label 1 where there are two labels; else equal to macro */
};
struct metric_figures metrics_figures(const struct metrics *metrics);

struct label_figures {
	double precision, recall, f1;
	uint64_t support;
};
struct label_figures metrics_label(const struct metrics *metrics, int32_t label);

/* Maps the dataset's label words to the model's labels. Equal words first (exact, then without case); then words that
 * are numbers, True (1) or False (0) by value: where labels of the model are such too, it is the one of the same value
 * ("3.0" is "3", or "3 stars"), else 0, 1, ... are the labels' places. Returns -1 for a word the model does not have. */
int32_t label_match(const struct model *model, struct span word);

struct evaluation {
	struct metrics metrics;
	struct survey survey; /* rows, used, skipped, first_line and replaced: for survey_describe */
	double seconds;
	uint64_t tokens;
};

/* Scores every row that has a text and a label. A label that the model does not have ends it with an
 * ERROR_DATA that lists both sides. `evaluation` starts as {0}; evaluation_free also after a failure. */
bool evaluate(struct model *model, struct dataset *dataset, int32_t max_length, struct evaluation *evaluation,
              const struct progress *progress, struct error *error);
void evaluation_free(struct evaluation *evaluation);

#endif
