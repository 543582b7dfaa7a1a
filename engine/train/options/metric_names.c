/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The figures that can be asked for by name. Names are scikit-learn's words, and those that the Hugging Face `evaluate`
 * package gives its results. */
#include "engine/evaluate.h"

#include "engine/base/names.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_BYTES 600

static double loss(const struct metrics *metrics)
{
	return metrics_figures(metrics).loss;
}

static double accuracy(const struct metrics *metrics)
{
	return metrics_figures(metrics).accuracy;
}

#define FROM_TALLY(name, value) \
	static double name(const struct metrics *metrics) \
	{ \
		return value; \
	}
FROM_TALLY(f1, tally_usual(&metrics->tally).f1)
FROM_TALLY(precision, tally_usual(&metrics->tally).precision)
FROM_TALLY(recall, tally_usual(&metrics->tally).recall)
FROM_TALLY(f1_macro, tally_macro(&metrics->tally).f1)
FROM_TALLY(precision_macro, tally_macro(&metrics->tally).precision)
FROM_TALLY(recall_macro, tally_macro(&metrics->tally).recall)
FROM_TALLY(f1_micro, tally_micro(&metrics->tally).f1)
FROM_TALLY(precision_micro, tally_micro(&metrics->tally).precision)
FROM_TALLY(recall_micro, tally_micro(&metrics->tally).recall)
FROM_TALLY(f1_weighted, tally_weighted(&metrics->tally).f1)
FROM_TALLY(precision_weighted, tally_weighted(&metrics->tally).precision)
FROM_TALLY(recall_weighted, tally_weighted(&metrics->tally).recall)

/* These are defined where a row has one label. */
#define OF_ONE_LABEL(name, function) FROM_TALLY(name, metrics->sets ? NAN : function(&metrics->tally))
OF_ONE_LABEL(balanced_accuracy, tally_balanced_accuracy)
OF_ONE_LABEL(matthews, tally_matthews)
OF_ONE_LABEL(kappa, tally_kappa)
OF_ONE_LABEL(quadratic_kappa, tally_quadratic_kappa)
FROM_TALLY(mean_absolute_error, metrics_figures(metrics).mean_absolute_error)

/* And these where it has a set of them. */
FROM_TALLY(f1_samples, metrics->sets ? metrics->samples.f1 / (double)metrics->count : NAN)
FROM_TALLY(hamming_loss, metrics_figures(metrics).hamming_loss)

static bool from_counts(const struct metric *metric, const struct metrics *metrics, double *out, struct error *error)
{
	(void)error;
	*out = metrics->count ? metric->count(metrics) : NAN;
	return true;
}

static bool from_scores(const struct metric *metric, const struct metrics *metrics, double *out, struct error *error)
{
	double *scores = metrics_scores(metrics, error);
	struct scored_rows rows = metrics_rows(metrics, scores);

	if (scores)
		*out = metric->measure(&rows);
	free(scores);
	return scores != NULL;
}

static bool from_ranking(const struct metric *metric, const struct metrics *metrics, double *out, struct error *error)
{
	double *scores = metrics_scores(metrics, error);
	struct scored_rows rows = metrics_rows(metrics, scores);
	struct ranking ranking;
	bool done = scores && ranking_figures(&rows, &ranking, error);

	if (done)
		memcpy(out, (const char *)&ranking + metric->ranking, sizeof *out);
	free(scores);
	return done;
}

#define COUNT(name_, greater, function) {.name = name_, .greater_is_better = greater, .compute = from_counts, .count = function}
#define SCORES(name_, function) {.name = name_, .needs_rows = true, .compute = from_scores, .measure = function}
#define RANKING(name_, member) \
	{.name = name_, .greater_is_better = true, .needs_rows = true, .compute = from_ranking, \
	 .ranking = offsetof(struct ranking, member)}

static const struct metric table[] = {
	COUNT("loss", false, loss),
	COUNT("accuracy", true, accuracy),
	COUNT("f1", true, f1),
	COUNT("precision", true, precision),
	COUNT("recall", true, recall),
	COUNT("f1_macro", true, f1_macro),
	COUNT("precision_macro", true, precision_macro),
	COUNT("recall_macro", true, recall_macro),
	COUNT("f1_micro", true, f1_micro),
	COUNT("precision_micro", true, precision_micro),
	COUNT("recall_micro", true, recall_micro),
	COUNT("f1_weighted", true, f1_weighted),
	COUNT("precision_weighted", true, precision_weighted),
	COUNT("recall_weighted", true, recall_weighted),
	COUNT("f1_samples", true, f1_samples),
	COUNT("hamming_loss", false, hamming_loss),
	COUNT("balanced_accuracy", true, balanced_accuracy),
	COUNT("mcc", true, matthews),
	COUNT("kappa", true, kappa),
	COUNT("quadratic_kappa", true, quadratic_kappa),
	COUNT("mae", false, mean_absolute_error),
	RANKING("roc_auc", roc_auc),
	RANKING("average_precision", average_precision),
	SCORES("log_loss", log_loss),
	SCORES("brier_score", brier_score),
	SCORES("ece", calibration_error),
};

enum { ROWS = sizeof table / sizeof *table };

/* Other words for the same. */
static const char *const synonyms[][2] = {
	{"matthews_correlation", "mcc"},
	{"macro_f1", "f1_macro"},
	{"macro_precision", "precision_macro"},
	{"macro_recall", "recall_macro"},
	{"micro_f1", "f1_micro"},
	{"weighted_f1", "f1_weighted"},
	{"auc", "roc_auc"},
	{"mean_absolute_error", "mae"},
};

static const char *name_of(const void *of, int i)
{
	(void)of;
	return table[i].name;
}

static const char *plain_name(const char *name)
{
	if (strncmp(name, "eval_", 5) == 0)
		name += 5;
	for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++)
		if (strcmp(synonyms[i][0], name) == 0)
			return synonyms[i][1];
	return name;
}

bool metric_find(const char *name, const struct metric **out, struct error *error)
{
	const char *plain = plain_name(name);
	char names[NAMES_BYTES];

	for (int i = 0; i < ROWS; i++) {
		if (strcmp(table[i].name, plain) != 0)
			continue;
		*out = &table[i];
		return true;
	}
	names_list(names, sizeof names, ROWS, name_of, NULL);
	return error_set(error, ERROR_USAGE, "there is no figure \"%s\": %s", name, names);
}

bool metric_value(const struct metric *metric, const struct metrics *metrics, double *out, struct error *error)
{
	return metric->compute(metric, metrics, out, error);
}
