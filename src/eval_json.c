/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue eval` for programs. The keys are scikit-learn's words and stay; what is not defined is null. */
#include "src/eval.h"
#include "src/output.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static uint64_t confusion(const struct eval_result *result, int32_t truth, int32_t prediction)
{
	return result->metrics->confusion[(size_t)truth * (size_t)result->labels + (size_t)prediction];
}

static void write_member(FILE *out, const char *name, double value)
{
	fprintf(out, "  \"%s\": ", name);
	write_json_number(out, value);
	fputs(",\n", out);
}

static void write_averages(FILE *out, const char *name, struct averages averages)
{
	char key[64];

	snprintf(key, sizeof key, "%s_precision", name);
	write_member(out, key, averages.precision);
	snprintf(key, sizeof key, "%s_recall", name);
	write_member(out, key, averages.recall);
	snprintf(key, sizeof key, "%s_f1", name);
	write_member(out, key, averages.f1);
}

static void write_interval(FILE *out, const char *name, struct interval interval)
{
	fprintf(out, "  \"%s\": ", name);
	if (isnan(interval.low)) {
		fputs("null,\n", out);
		return;
	}
	fputc('[', out);
	write_json_number(out, interval.low);
	fputs(", ", out);
	write_json_number(out, interval.high);
	fputs("],\n", out);
}

static void write_figures(const struct eval_result *result, FILE *out)
{
	const struct figures *f = &result->figures;

	write_member(out, "accuracy", f->usual.accuracy);
	write_member(out, "loss", f->usual.loss);
	write_member(out, "precision", f->usual.precision);
	write_member(out, "recall", f->usual.recall);
	write_member(out, "f1", f->usual.f1);
	write_averages(out, "macro", f->macro);
	write_averages(out, "micro", f->micro);
	write_averages(out, "weighted", f->weighted);
	if (f->independent) {
		write_averages(out, "samples", f->samples);
		write_member(out, "hamming_loss", f->hamming_loss);
	}
	write_member(out, "balanced_accuracy", f->balanced_accuracy);
	write_member(out, "matthews_corrcoef", f->matthews);
	write_member(out, "cohen_kappa", f->kappa);
	write_member(out, "quadratic_kappa", result->ordered ? f->quadratic_kappa : NAN);
	write_member(out, "mean_absolute_error", result->ordered ? f->mean_absolute_error : NAN);
}

static void write_scores(const struct eval_result *result, FILE *out)
{
	const struct figures *f = &result->figures;

	write_member(out, "roc_auc", f->ranking.roc_auc);
	write_member(out, "roc_auc_weighted", f->ranking.roc_auc_weighted);
	write_member(out, "average_precision", f->ranking.average_precision);
	write_member(out, "average_precision_weighted", f->ranking.average_precision_weighted);
	write_member(out, "log_loss", f->log_loss);
	write_member(out, "brier_score", f->brier);
	write_member(out, "expected_calibration_error", f->calibration_error);
	write_member(out, "expected_calibration_error_by_chance", f->error_by_chance);
	write_interval(out, "accuracy_wilson", f->accuracy_wilson);
	write_interval(out, "accuracy_bootstrap", f->bootstrap.accuracy);
	write_interval(out, "f1_bootstrap", f->bootstrap.f1);
}

static void write_tuning(const struct eval_result *result, FILE *out)
{
	const struct eval_tuning *tuning = &result->tuning;

	write_member(out, "temperature", result->own.temperature > 0 ? result->own.temperature : 1);
	fputs("  \"thresholds\": [", out);
	for (int32_t i = 0; i < result->own.threshold_count; i++) {
		fputs(i ? ", " : "", out);
		write_json_float(out, result->own.thresholds[i]);
	}
	fputs("],\n", out);
	if (tuning->calibrated) {
		write_member(out, "log_loss_before", tuning->loss[0]);
		write_member(out, "expected_calibration_error_before", tuning->calibration_error[0]);
	}
	if (tuning->threshold_by && tuning->prices[0] + tuning->prices[1] > 0) {
		write_member(out, "cost", tuning->cost[1]);
		write_member(out, "cost_before", tuning->cost[0]);
	}
	if (tuning->calibrated || tuning->threshold_by)
		fputs("  \"chosen_on_these_rows\": true,\n", out);
}

static void write_json_labels(const struct eval_result *result, FILE *out)
{
	fputs("  \"labels\": [\n", out);
	for (int32_t i = 0; i < result->labels; i++) {
		struct label_figures f = metrics_label(result->metrics, i);

		fputs("    {\"label\": ", out);
		write_json_string(out, span_of(model_label(result->model, i)));
		fputs(", \"precision\": ", out);
		write_json_number(out, f.precision);
		fputs(", \"recall\": ", out);
		write_json_number(out, f.recall);
		fputs(", \"f1\": ", out);
		write_json_number(out, f.f1);
		fprintf(out, ", \"support\": %" PRIu64 "}%s\n", f.support, i + 1 < result->labels ? "," : "");
	}
	fputs("  ],\n", out);
}

static void write_json_matrix(const struct eval_result *result, FILE *out)
{
	if (result->figures.independent) {
		fputs("  \"confusion_matrix\": null,\n", out);
		return;
	}
	if (!result->metrics->confusion) {
		message_note("the confusion matrix of %d labels is left out: it would be too large", result->labels);
		fputs("  \"confusion_matrix\": null,\n", out);
		return;
	}
	fputs("  \"confusion_matrix\": [\n", out);
	for (int32_t i = 0; i < result->labels; i++) {
		for (int32_t j = 0; j < result->labels; j++)
			fprintf(out, "%s%" PRIu64, j ? ", " : "    [", confusion(result, i, j));
		fputs(i + 1 < result->labels ? "],\n" : "]\n", out);
	}
	fputs("  ],\n", out);
}

/* As transformers' speed_metrics names them: what no clock can tell is null. */
static void write_speed(const struct evaluation *evaluation, FILE *out)
{
	double seconds = evaluation->seconds;

	write_member(out, "eval_runtime", seconds);
	write_member(out, "eval_samples_per_second", seconds > 0 ? (double)evaluation->metrics.count / seconds : NAN);
	write_member(out, "eval_steps_per_second", seconds > 0 ? (double)evaluation->steps / seconds : NAN);
}

static void write_json_rows(const struct eval_result *result, FILE *out)
{
	const struct evaluation *evaluation = result->evaluation;
	const struct survey *survey = &evaluation->survey;

	fprintf(out, "  \"rows\": %" PRIu64 ",\n  \"used\": %" PRIu64 ",\n  \"skipped\": {", survey->rows, survey->used);
	for (int i = ROW_OK + 1, first = 1; i < ROW_STATUS_COUNT; i++) {
		if (survey->skipped[i] == 0)
			continue;
		fputs(first ? "" : ", ", out);
		first = 0;
		write_json_string(out, span_of(row_status_name((enum row_status)i)));
		fprintf(out, ": %" PRIu64, survey->skipped[i]);
	}
	fprintf(out, "},\n  \"truncated\": %" PRIu64 ",\n  \"tokens\": %" PRIu64 ",\n  \"seconds\": ",
	        result->metrics->truncated, evaluation->tokens);
	write_json_number(out, evaluation->seconds);
}

void eval_write_json(const struct eval_result *result, FILE *out)
{
	fputs("{\n  \"model\": ", out);
	write_json_string(out, span_of(result->model_path));
	fputs(",\n  \"data\": ", out);
	write_json_string(out, span_of(result->data_path));
	fputs(",\n", out);
	write_figures(result, out);
	write_scores(result, out);
	write_tuning(result, out);
	write_json_labels(result, out);
	write_json_matrix(result, out);
	write_speed(result->evaluation, out);
	write_json_rows(result, out);
	fputs("\n}\n", out);
}
