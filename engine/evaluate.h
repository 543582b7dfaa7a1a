/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How good a model is on a file of labelled reviews. Definitions as in scikit-learn, which the Hugging Face
 * `evaluate` package wraps: precision tp/(tp+fp), recall tp/(tp+fn), F1 2tp/(2tp+fp+fn), 0 where the
 * denominator is 0; macro is the unweighted mean over the labels that occur among truths or predictions, where reviews have
 * sets of labels over all; micro is of the counts of all labels together. Of sets accuracy is the share of those that are
 * right in every label, the Hamming loss the share of labels, over all reviews, that are not.
 * Implemented in engine/train. */
#ifndef REVUE_ENGINE_EVALUATE_H
#define REVUE_ENGINE_EVALUATE_H

#include "engine/dataset.h"
#include "engine/model.h"

/* Above that many labels the confusion matrix is left out: 128 MB at 8 bytes a cell; 65,536 labels would take 34 GB. */
#define METRICS_MATRIX_LABELS 4096

/* Counts and loss as they come in, then figures. Start with metrics_init, end with metrics_free. */
struct metrics {
	int32_t labels;
	uint64_t count;
	uint64_t *hits, *predicted, *support; /* [labels] each: right, predicted as it, truly it */
	uint64_t *confusion; /* [labels][labels], row: truth, column: prediction; NULL with more than METRICS_MATRIX_LABELS */
	double loss_sum;     /* of the cross-entropy, natural logarithm; of sets the binary one, a mean over labels */
	uint64_t truncated;
	bool sets;           /* rows have sets of labels, and there is no confusion matrix */
	uint64_t exact;      /* of sets: rows that are right in every label */
	bool *on;            /* of sets: [labels] room for a prediction */
	double *values;      /* [labels] of labels that are ordered; NULL: they are not */
	double error_sum;    /* distances of prediction and truth */
};

bool metrics_init(struct metrics *metrics, int32_t labels, struct error *error);
bool metrics_init_sets(struct metrics *metrics, int32_t labels, struct error *error);
void metrics_free(struct metrics *metrics);

/* Labels of a model that are numbers ("1", "4.5", "3 stars"), three or more of different values, are ordered: then the mean
 * absolute error counts too. `metrics` was initialised for the model's labels. False: out of memory. */
bool metrics_order(struct metrics *metrics, const struct model *model, struct error *error);
/* Counts one row; returns its prediction, the first of the highest logits. */
int32_t metrics_add(struct metrics *metrics, int32_t truth, const float *logits, bool truncated);

/* Counts one row with a set of labels.
 *
 * targets      [labels] 1: it has the label
 * metrics->on  [labels] whether it is predicted, filled by the caller
 * returns      whether the prediction is right in every label */
bool metrics_add_set(struct metrics *metrics, const float *targets, const float *logits, bool truncated);

struct metric_figures {
	double loss, accuracy;
	double macro_precision, macro_recall, macro_f1;
	double precision, recall, f1; /* of label 1 where there are two labels, of sets micro; else equal to macro */
	double micro_precision, micro_recall, micro_f1; /* without sets all three are the accuracy */
	double hamming_loss;          /* of sets; else NAN */
	double mean_absolute_error;   /* of labels that are ordered; else NAN */
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

/* What became of one row that was used. */
struct evaluation_row {
	uint64_t row;              /* its number in the dataset */
	int32_t truth, prediction; /* the model's labels; of sets -1, and the one of the highest score */
	bool right;                /* of sets: in every label */
	float score;               /* the prediction's */
};

struct evaluation {
	bool keep_rows; /* set by the caller: `kept` is wanted, 24 bytes a row */
	struct metrics metrics;
	struct survey survey; /* rows, used, skipped, first_line and replaced: for survey_describe */
	double seconds;
	uint64_t tokens;
	struct evaluation_row *kept; /* [kept_count] in the order of the file */
	size_t kept_count;
};

/* Scores every row that has a text and a label. A label that the model does not have ends it with an
 * ERROR_DATA that lists both sides. A model of independent labels is compared by sets, also with data that have one label a
 * review; one of labels that exclude each other refuses rows with none or several. `evaluation` starts as {0} or
 * {.keep_rows = true}; evaluation_free also after a failure. */
bool evaluate(struct model *model, struct dataset *dataset, int32_t max_length, struct evaluation *evaluation,
              const struct progress *progress, struct error *error);
void evaluation_free(struct evaluation *evaluation);

/* The rows of one cell of the confusion matrix: puts the dataset's numbers of the first `capacity` of them into
 * `rows` (NULL with capacity 0), in the order of the file. Returns how many there are in all; 0 when rows were not
 * kept. So far for tests alone. */
size_t evaluation_cell_rows(const struct evaluation *evaluation, int32_t truth, int32_t prediction, uint64_t *rows,
                            size_t capacity);

#endif
