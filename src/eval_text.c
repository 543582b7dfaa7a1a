/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue eval` for people: a line a group of figures, the labels, the confusion matrix, the rows. */
#include "engine/words.h"
#include "src/eval.h"
#include "src/output.h"

#include <math.h>
#include <string.h>

#define NAME_COLUMNS 11 /* of the first column of the figures */
#define LABEL_COLUMNS 20
#define MATRIX_COLUMNS 10
#define MATRIX_LABELS_MAX 12 /* a wider matrix fits no terminal; JSON has it */

static uint64_t confusion(const struct eval_result *result, int32_t truth, int32_t prediction)
{
	return result->metrics->confusion[(size_t)truth * (size_t)result->labels + (size_t)prediction];
}

/* "F1 0.8742"; "-" for what is not defined on these rows. */
static void put(FILE *out, const char *before, const char *name, double value)
{
	if (isnan(value))
		fprintf(out, "%s%s -", before, name);
	else
		fprintf(out, "%s%s %.4f", before, name, value);
}

static void write_interval(FILE *out, const char *name, struct interval interval)
{
	if (!isnan(interval.low))
		fprintf(out, "   %s %.4f to %.4f", name, interval.low, interval.high);
}

static void write_averages(FILE *out, const char *name, struct averages averages)
{
	fprintf(out, "%-*sprecision %.4f  recall %.4f  F1 %.4f\n", NAME_COLUMNS, name, averages.precision, averages.recall,
	        averages.f1);
}

static void write_head(const struct eval_result *result, FILE *out)
{
	const struct figures *f = &result->figures;

	fprintf(out, "accuracy   %.4f", f->usual.accuracy);
	write_interval(out, "95 %", f->accuracy_wilson);
	fputs(f->independent ? ", of all labels of a review together\n" : "\n", out);
	fprintf(out, "loss       %.4f\n", f->usual.loss);
	if (f->independent)
		fprintf(out, "wrong      %.4f of all labels\n", f->hamming_loss);
	if (f->independent || result->labels != 2)
		return;
	fprintf(out, "precision  %.4f\nrecall     %.4f\nF1         %.4f", f->usual.precision, f->usual.recall, f->usual.f1);
	write_interval(out, "95 %", f->bootstrap.f1);
	fputc('\n', out);
}

static void write_means(const struct eval_result *result, FILE *out)
{
	const struct figures *f = &result->figures;

	if (f->independent) {
		write_averages(out, "micro", f->micro);
		write_averages(out, "samples", f->samples);
	}
	write_averages(out, "macro", f->macro);
	write_averages(out, "weighted", f->weighted);
	if (!f->independent && result->labels != 2 && !isnan(f->bootstrap.f1.low))
		fprintf(out, "%-*smacro F1 95 %% %.4f to %.4f\n", NAME_COLUMNS, "", f->bootstrap.f1.low, f->bootstrap.f1.high);
}

static void write_ranking(const struct eval_result *result, FILE *out)
{
	const struct ranking *ranking = &result->figures.ranking;
	bool two = !result->figures.independent && result->labels == 2;

	fprintf(out, "%-*s", NAME_COLUMNS, "ranking");
	put(out, "", two ? "ROC-AUC" : "macro ROC-AUC", ranking->roc_auc);
	put(out, "  ", "PR-AUC", ranking->average_precision);
	if (!two) {
		put(out, "  ", "weighted ROC-AUC", ranking->roc_auc_weighted);
		put(out, "  ", "PR-AUC", ranking->average_precision_weighted);
	}
	fputc('\n', out);
}

static void write_more(const struct eval_result *result, FILE *out)
{
	const struct figures *f = &result->figures;

	if (!f->independent) {
		fprintf(out, "%-*s", NAME_COLUMNS, "agreement");
		put(out, "", "balanced accuracy", f->balanced_accuracy);
		put(out, "  ", "MCC", f->matthews);
		put(out, "  ", "kappa", f->kappa);
		fputc('\n', out);
	}
	if (result->ordered) {
		fprintf(out, "%-*s", NAME_COLUMNS, "order");
		put(out, "", "mean absolute error", f->mean_absolute_error);
		put(out, "  ", "quadratic kappa", f->quadratic_kappa);
		fputc('\n', out);
	}
	if (!f->scored)
		return;
	write_ranking(result, out);
	fprintf(out, "%-*s", NAME_COLUMNS, "certainty");
	put(out, "", "Brier score", f->brier);
	put(out, "  ", "ECE", f->calibration_error);
	put(out, ", ", "by chance", f->error_by_chance);
	fputc('\n', out);
}

static void write_threshold(const struct eval_result *result, FILE *out)
{
	const struct eval_tuning *tuning = &result->tuning;
	const struct model_own *own = &result->own;

	if (own->threshold_count == 0)
		return;
	fprintf(out, "%-*s", NAME_COLUMNS, "threshold");
	if (result->figures.independent) {
		fputs("each label has its own", out);
	} else {
		fprintf(out, "%.4f for ", (double)own->thresholds[0]);
		write_cut(out, span_of(model_label(result->model, 1)), LABEL_COLUMNS);
	}
	fprintf(out, ", %s", tuning->threshold_by ? tuning->threshold_by : "as the model keeps it");
	if (tuning->prices[0] + tuning->prices[1] > 0)
		fprintf(out, ": %.4f a review, %.4f at 0.5", tuning->cost[1], tuning->cost[0]);
	fputc('\n', out);
}

static void write_tuning(const struct eval_result *result, FILE *out)
{
	const struct eval_tuning *tuning = &result->tuning;
	const struct model_own *own = &result->own;

	write_threshold(result, out);
	if (tuning->calibrated)
		fprintf(out, "calibrated temperature %.4f: loss %.4f to %.4f, ECE %.4f to %.4f\n", own->temperature,
		        tuning->loss[0], tuning->loss[1], tuning->calibration_error[0], tuning->calibration_error[1]);
	else if (own->temperature > 0)
		fprintf(out, "calibrated temperature %.4f, as the model keeps it\n", own->temperature);
	if (eval_temperature_is_at_limit(result))
		fprintf(out, "           at its limit: these rows want %s\n", eval_limit_words(result));
	if (tuning->calibrated || tuning->threshold_by)
		fputs("           chosen on the rows measured here: others will do a little worse\n", out);
	if (tuning->saved)
		fputs("           kept in the model's config.json; --raw passes it over\n", out);
	fputc('\n', out);
}

static void write_label(const struct eval_result *result, int32_t label, FILE *out)
{
	struct label_figures f = metrics_label(result->metrics, label);

	write_column(out, span_of(model_label(result->model, label)), LABEL_COLUMNS);
	fprintf(out, " %10.4f %10.4f %10.4f %10s", f.precision, f.recall, f.f1, words_count(f.support).text);
	if (result->figures.independent && result->own.threshold_count == result->labels)
		fprintf(out, " %10.4f", (double)result->own.thresholds[label]);
	fputc('\n', out);
}

static void write_labels(const struct eval_result *result, FILE *out)
{
	write_column(out, span_of("label"), LABEL_COLUMNS);
	fputs("  precision     recall         F1    reviews", out);
	fputs(result->figures.independent && result->own.threshold_count == result->labels ? "  threshold\n" : "\n", out);
	for (int32_t i = 0; i < result->labels; i++)
		write_label(result, i, out);
	fputc('\n', out);
}

static int label_columns(const struct eval_result *result, int32_t label)
{
	return scrub_columns(span_of(model_label(result->model, label)), MATRIX_COLUMNS);
}

/* The widest of a column's label and numbers; all of them are right-aligned. */
static int matrix_columns(const struct eval_result *result, int32_t label)
{
	int columns = label_columns(result, label);

	for (int32_t i = 0; i < result->labels; i++) {
		int width = (int)strlen(words_count(confusion(result, i, label)).text);
		columns = width > columns ? width : columns;
	}
	return columns;
}

static void write_matrix(const struct eval_result *result, FILE *out)
{
	if (!result->metrics->confusion) {
		fprintf(out, "The confusion matrix of %d labels is left out: it would be too large.\n", result->labels);
		return;
	}
	if (result->labels > MATRIX_LABELS_MAX) {
		fprintf(out, "The confusion matrix of %d labels is in --format json.\n", result->labels);
		return;
	}
	write_column(out, span_of("is / predicted"), LABEL_COLUMNS);
	for (int32_t j = 0; j < result->labels; j++) {
		fprintf(out, "%*s", 2 + matrix_columns(result, j) - label_columns(result, j), "");
		write_cut(out, span_of(model_label(result->model, j)), MATRIX_COLUMNS);
	}
	fputc('\n', out);
	for (int32_t i = 0; i < result->labels; i++) {
		write_column(out, span_of(model_label(result->model, i)), LABEL_COLUMNS);
		for (int32_t j = 0; j < result->labels; j++)
			fprintf(out, "  %*s", matrix_columns(result, j), words_count(confusion(result, i, j)).text);
		fputc('\n', out);
	}
}

/* "5,000 rows: 5,000 used, 0 skipped", in the words of the survey. */
static void write_rows(const struct eval_result *result, FILE *out)
{
	const struct evaluation *evaluation = result->evaluation;
	char text[512];

	survey_describe(&evaluation->survey, text, sizeof text);
	fprintf(out, "\n%s; %s truncated\n", text, words_count(result->metrics->truncated).text);
	fprintf(out, "%s, %s tokens\n", words_duration(evaluation->seconds).text, words_count(evaluation->tokens).text);
}

void eval_write_text(const struct eval_result *result, FILE *out)
{
	write_head(result, out);
	write_means(result, out);
	write_more(result, out);
	write_tuning(result, out);
	write_labels(result, out);
	if (!result->figures.independent)
		write_matrix(result, out);
	write_rows(result, out);
}
