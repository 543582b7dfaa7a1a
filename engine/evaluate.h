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
#include "engine/exclusion.h"
#include "engine/insight.h"
#include "engine/model.h"

/* Above that many labels the confusion matrix is left out: 128 MB at 8 bytes a cell; 65,536 labels would take 34 GB. */
#define METRICS_MATRIX_LABELS 4096

/* Counts and loss as they come in, then figures. Start with metrics_init, end with metrics_free. */
struct metrics {
	int32_t labels;
	uint64_t count;
	const struct model_own *own; /* temperature and thresholds to decide by; borrowed; NULL: none. Set before rows come */
	struct tally tally;
	uint64_t *confusion; /* [labels][labels], row: truth, column: prediction; NULL with more than METRICS_MATRIX_LABELS */
	double loss_sum;     /* of the cross-entropy, natural logarithm; of sets the binary one, a mean over labels */
	uint64_t truncated;
	bool sets;           /* rows have sets of labels, and there is no confusion matrix */
	uint64_t exact;      /* of sets: rows that are right in every label */
	bool *on;            /* of sets: [labels] room for a prediction */
	struct averages samples; /* of sets: sums over the rows */
	double *values;      /* [labels] of labels that are ordered; NULL: they are not */
	double error_sum;    /* distances of prediction and truth */
	size_t kept, capacity; /* rows that metrics_keep made room for, with: */
	int32_t *truths, *predictions; /* [capacity]; NULL of sets */
	uint8_t *targets, *chosen;     /* [capacity][labels] of sets, else NULL */
	float *logits;                 /* [capacity][labels] */
};

bool metrics_init(struct metrics *metrics, int32_t labels, struct error *error);
bool metrics_init_sets(struct metrics *metrics, int32_t labels, struct error *error);
void metrics_free(struct metrics *metrics);

/* Makes room to keep the truths, predictions and logits of so many rows, before the first one is counted: for what needs
 * all scores at once (metric->needs_rows). More rows than METRICS_CELLS_MAX / labels are refused. */
#define METRICS_CELLS_MAX ((size_t)1 << 27)
bool metrics_keep(struct metrics *metrics, size_t rows, struct error *error);

/* Labels of a model that are numbers ("1", "4.5", "3 stars"), three or more of different values, are ordered: then the mean
 * absolute error counts too. `metrics` was initialised for the model's labels. False: out of memory. */
bool metrics_order(struct metrics *metrics, const struct model *model, struct error *error);

/* Counts one row; returns its prediction: the first of the highest logits, but by the threshold where there is one. */
int32_t metrics_add(struct metrics *metrics, int32_t truth, const float *logits, bool truncated);

/* Counts one row with a set of labels.
 *
 * targets      [labels] 1: it has the label
 * metrics->on  [labels] whether it is predicted, filled by the caller
 * returns      whether the prediction is right in every label */
bool metrics_add_set(struct metrics *metrics, const float *targets, const float *logits, bool truncated);

/* Counts the kept rows of `from` again, as `own` decides (borrowed), into `out`, which metrics_free frees also after a
 * failure. Truncated reviews are copied. */
bool metrics_recount(const struct metrics *from, const struct model_own *own, struct metrics *out, struct error *error);

/* Numbers the labels of the kept rows anew: label i becomes to[i], [labels], a permutation. What was counted follows but for
 * the confusion matrix. False: no memory. */
bool metrics_rename(struct metrics *metrics, const int32_t *to, struct error *error);

/* The probabilities of the kept rows, [kept][labels], by the temperature of `own`. The caller frees them; NULL: no memory. */
double *metrics_scores(const struct metrics *metrics, struct error *error);

/* The kept rows with these scores, borrowed. */
struct scored_rows metrics_rows(const struct metrics *metrics, const double *scores);

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

/* A figure with a name, such as --metric-for-best-model takes: a row of the table in engine/train/options/metric_names.c. */
struct metric {
	const char *name;       /* "f1" */
	bool greater_is_better;
	bool needs_rows;        /* call metrics_keep before the first row is counted */
	bool (*compute)(const struct metric *metric, const struct metrics *metrics, double *out, struct error *error);
	double (*count)(const struct metrics *metrics);           /* how compute gets it: from counts, */
	double (*measure)(const struct scored_rows *rows);        /* or from all scores, */
	size_t ranking;                                           /* or a member of struct ranking */
};

/* Finds it by its name, "f1" or "eval_f1", also "eval_matthews_correlation". False with one line that lists the names. */
bool metric_find(const char *name, const struct metric **out, struct error *error);

/* The figure of what was counted; NaN where it is not defined. False: no memory. */
bool metric_value(const struct metric *metric, const struct metrics *metrics, double *out, struct error *error);

/* Maps the dataset's label words to the model's labels. Equal words first (exact, then without case); then words that
 * are numbers, True (1) or False (0) by value: where labels of the model are such too, it is the one of the same value
 * ("3.0" is "3", or "3 stars"), else 0, 1, ... are the labels' places. Returns -1 for a word the model does not have. */
int32_t label_match(const struct model *model, struct span word);

/* Whether the labels are in an order of which neighbours are one step apart: three or more numbers that rise, "1 star",
 * "2 stars", ... */
bool labels_are_ordered(const struct model *model);

/* What became of one row that was used. */
struct evaluation_row {
	uint64_t row;              /* its number in the dataset */
	int32_t truth, prediction; /* the model's labels; of sets -1, and the one of the highest score */
	bool right;                /* of sets: in every label */
	float score;               /* the prediction's */
};

struct evaluation {
	bool keep_rows; /* set by the caller: `kept` is wanted, 24 bytes a row */
	struct exclusion *exclusion; /* likewise: rows whose text it takes are left out; borrowed */
	bool keep_scores; /* likewise: metrics.logits, where they are not too many */
	struct metrics metrics;
	struct survey survey; /* rows, used, skipped, first_line and replaced: for survey_describe */
	double seconds;
	uint64_t steps;  /* passes over up to 256 rows that make them */
	uint64_t tokens;
	struct evaluation_row *kept; /* [kept_count] in the order of the file */
	size_t kept_count;
};

/* Scores every row that has a text and a label. A label that the model does not have ends it with an
 * ERROR_DATA that lists both sides. A model of independent labels is compared by sets, also with data that have one label a
 * review; one of labels that exclude each other refuses rows with none or several. `evaluation` starts as {0} but for what is
 * to be kept; evaluation_free also after a failure. */
bool evaluate(struct model *model, struct dataset *dataset, int32_t max_length, struct evaluation *evaluation,
              const struct progress *progress, struct error *error);
void evaluation_free(struct evaluation *evaluation);

/* The rows of one cell of the confusion matrix: puts the dataset's numbers of the first `capacity` of them into
 * `rows` (NULL with capacity 0), in the order of the file. Returns how many there are in all; 0 when rows were not
 * kept. So far for tests alone. */
size_t evaluation_cell_rows(const struct evaluation *evaluation, int32_t truth, int32_t prediction, uint64_t *rows,
                            size_t capacity);

#endif
