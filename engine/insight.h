/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Figures of how good predictions are, from arrays of truths and scores alone: no model, no file. Definitions as in
 * scikit-learn 1.9, to which tests/golden/make_metrics.py compares them: 0 where the denominator of precision, recall or F1
 * is 0; means over labels are over those that occur. A figure that is not defined on some data is NaN. Part of the
 * engine's face; implemented in engine/insight. */
#ifndef REVUE_ENGINE_INSIGHT_H
#define REVUE_ENGINE_INSIGHT_H

#include "engine/error.h"

#include <stddef.h>
#include <stdint.h>

struct averages {
	double precision, recall, f1; /* tp/(tp+fp), tp/(tp+fn), 2tp/(2tp+fp+fn) */
};

/* Counts by label. Start with tally_init, end with tally_free. A view of counts that somebody else keeps may be filled in
 * by hand. */
struct tally {
	int32_t labels;
	bool independent; /* any number of labels a row: macro means go over all of them, also those that never occur */
	uint64_t rows;
	uint64_t *hits, *predicted, *support; /* [labels] each: right, predicted as it, truly it */
	uint64_t square; /* sum of (truth - prediction)^2, of labels that are in an order */
};

bool tally_init(struct tally *tally, int32_t labels, struct error *error);
void tally_free(struct tally *tally);
void tally_clear(struct tally *tally);
void tally_add(struct tally *tally, int32_t truth, int32_t prediction);
/* A row of independent labels: targets [labels], above 0 where the label holds, on [labels] what was predicted. Adds the
 * row's own precision, recall and F1 to `samples`; returns how many labels are wrong. */
int32_t tally_add_set(struct tally *tally, const float *targets, const bool *on, struct averages *samples);

struct averages tally_label(const struct tally *tally, int32_t label);
struct averages tally_micro(const struct tally *tally); /* with one label a row all three are the accuracy */
struct averages tally_macro(const struct tally *tally);
struct averages tally_weighted(const struct tally *tally); /* by support */
/* What "precision", "recall" and "f1" alone mean: of label 1 where a row has one of two labels, micro where labels are
 * independent, else macro. */
struct averages tally_usual(const struct tally *tally);
double tally_accuracy(const struct tally *tally);
double tally_balanced_accuracy(const struct tally *tally); /* mean recall of the labels that truths have */
/* Matthews' correlation coefficient of many labels (Gorodkin 2004); 0 where the denominator is 0. */
double tally_matthews(const struct tally *tally);
double tally_kappa(const struct tally *tally);           /* Cohen's, without weights */
double tally_quadratic_kappa(const struct tally *tally); /* of ordered labels, weights (i - j)^2 over their numbers */
double tally_hamming_loss(const struct tally *tally);    /* share of independent labels that are wrong */

/* Rows with the probability of each label. Borrowed. One of truths and targets is NULL. */
struct scored_rows {
	size_t rows;
	int32_t labels;
	const int32_t *truths;  /* [rows]: the one label of each */
	const uint8_t *targets; /* [rows][labels], 0 or 1: labels are independent of each other */
	const double *scores;   /* [rows][labels]; their sum is 1 where there is one label a row */
};

/* Softmax, or sigmoids of independent labels, of logits / temperature. */
void probabilities_of(double *out, const float *logits, int32_t labels, bool independent, double temperature);

/* -mean log p(truth), natural logarithm, p clipped to [2^-52, 1 - 2^-52] as scikit-learn clips; of independent labels the
 * mean over all rows and labels. */
double log_loss(const struct scored_rows *rows);

/* Two labels: mean (p - y)^2 of label 1. More: the mean over the rows of the sum over labels, from 0 to 2. Independent
 * labels: the mean over rows and labels. scikit-learn's brier_score_loss with its own choice of scale. */
double brier_score(const struct scored_rows *rows);

/* Expected calibration error (Guo et al. 2017): over 15 equally wide bins (lo, hi] of the highest probability, the
 * mean of |accuracy - confidence| by their rows. Of independent labels each is a row with p and 1 - p. */
double calibration_error(const struct scored_rows *rows);
/* What that is in the mean where the model is right exactly as often as it is sure: what so few rows show by chance alone. Exact
 * in bins of up to 200 rows, else that of a normal distribution. NaN without rows. */
double calibration_error_by_chance(const struct scored_rows *rows);

#define CALIBRATION_BINS 15

/* The same by bin: what the confidences and the shares of right predictions are where they fall. */
struct calibration_bin {
	double confidence, right; /* means; NaN: no row fell here */
	uint64_t rows;
};
void calibration_bins(const struct scored_rows *rows, struct calibration_bin out[CALIBRATION_BINS]);

/* What comes of predicting `label` from this score on. Precision is NaN where nothing is predicted. */
struct cut_figures {
	double accuracy, precision, recall;
};
struct cut_figures cut_figures_of(const struct scored_rows *rows, int32_t label, double cut);

/* How well scores order the rows. With two labels the first of each pair is that of label 1; else one label against the
 * rest, mean over the labels of which there are rows with and without, each alike or by its rows. */
struct ranking {
	double roc_auc, roc_auc_weighted;
	double average_precision, average_precision_weighted;
};
bool ranking_figures(const struct scored_rows *rows, struct ranking *out, struct error *error);

/* The threshold from which on (score >= threshold) a label is predicted: in the middle between two scores that occur. */
struct threshold {
	double value;
	double f1;   /* of the label at this threshold */
	double cost; /* false positives and false negatives at their price, a row */
};

/* That of the highest F1 of a label; of equals the highest. 0.5 where the label never occurs. */
bool threshold_best_f1(const struct scored_rows *rows, int32_t label, struct threshold *out, struct error *error);

/* That of the lowest cost on these rows; of equals the highest. */
bool threshold_least_cost(const struct scored_rows *rows, int32_t label, double false_positive, double false_negative,
                          struct threshold *out, struct error *error);

#define TEMPERATURE_MIN 0.01
#define TEMPERATURE_MAX 100.0

/* The temperature of the least log-loss of logits / temperature (Guo et al. 2017): in 1/temperature the loss is
 * convex, and its slope's zero is found by Newton's steps inside a bracket. logits [rows][labels]; truths or targets as in
 * struct scored_rows. Within TEMPERATURE_MIN and TEMPERATURE_MAX, also where all rows are right or wrong. */
double temperature_fit(const float *logits, size_t rows, int32_t labels, const int32_t *truths, const uint8_t *targets);

struct interval {
	double low, high;
};

/* 95 % of a share (Wilson 1927). */
struct interval interval_wilson(uint64_t hits, uint64_t rows);

#define BOOTSTRAP_SAMPLES 1000
#define BOOTSTRAP_SEED 42

/* Predictions of one label a row. Borrowed. */
struct predictions {
	size_t rows;
	int32_t labels;
	const int32_t *truths, *predictions; /* [rows] each */
	const double *losses, *briers;       /* [rows] each: what a row adds to the mean; NULL where nobody asks */
};

/* 95 % intervals: the 2.5th and 97.5th percentile (linear between neighbours) over `samples` samples of as many rows, drawn
 * with replacement as a function of the seed. Above some 100,000 rows there are fewer samples, at least 100. */
struct bootstrap {
	struct interval accuracy, f1; /* F1 as tally_usual */
};
bool bootstrap_figures(const struct predictions *predictions, int samples, uint64_t seed, struct bootstrap *out,
                       struct error *error);

/* The same of the differences b - a, both of the same rows in the same order. */
struct bootstrap_difference {
	struct interval accuracy, balanced_accuracy, f1, macro_f1, matthews, log_loss, brier_score;
};
bool bootstrap_difference(const struct predictions *a, const struct predictions *b, int samples, uint64_t seed,
                          struct bootstrap_difference *out, struct error *error);

/* McNemar's test of whether two models are wrong equally often. */
struct mcnemar {
	uint64_t both_right, only_a, only_b, both_wrong;
	double exact; /* p, two-sided, of the binomial distribution */
	double chi2, chi2_p; /* with Edwards' continuity correction, one degree of freedom; NaN where they never differ */
};
struct mcnemar mcnemar_test(const struct predictions *a, const struct predictions *b);

#endif
