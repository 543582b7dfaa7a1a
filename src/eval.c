/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue eval`: how good a model is on labelled reviews. */
#include "engine/evaluate.h"
#include "engine/words.h"
#include "src/command.h"
#include "src/input.h"
#include "src/output.h"
#include "src/progress.h"
#include "src/reading.h"
#include "src/signals.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define LABEL_COLUMNS 20
#define MATRIX_COLUMNS 10
#define MATRIX_LABELS_MAX 12 /* a wider matrix fits no terminal; JSON has it */

struct eval_arguments {
	const char *model, *base, *text_column, *label_column, *format, *device;
	struct dataset_dialect dialect;
	struct reading_arguments reading;
	struct input_four_bits four_bits;
	int64_t max_length;
};

#define AT(field) offsetof(struct eval_arguments, field)
const struct argument_row eval_options[] = {
	{'m', "model", ARGUMENT_FOLDER, "MODEL", .offset = AT(model),
	 .help = "folder of the model, or of a LoRA adapter; the one that ships where not given"},
	INPUT_BASE_ROW(AT(base))
	{0, "text-column", ARGUMENT_TEXT, "NAME", .offset = AT(text_column),
	 .help = "column with the review, by its name or number; guessed where not given"},
	{0, "label-column", ARGUMENT_TEXT, "NAME", .offset = AT(label_column),
	 .help = "column with the label, by its name or number, or several of 0 and 1 with commas between; guessed where not given"},
	DIALECT_ROWS(INPUT_DIALECT_ROW)
	{0, "format", ARGUMENT_CHOICE, "text|json", "text", .offset = AT(format),
	 .help = "what is written"},
	{0, "max-length", ARGUMENT_INTEGER, "N", .minimum = 2, .maximum = 65536, .offset = AT(max_length),
	 .help = "tokens of a review that count, [CLS] and [SEP] included; what the model allows where not given"},
	READING_ROWS
	INPUT_FOUR_BITS_ROWS(AT(four_bits)),
	INPUT_DEVICE_ROW(AT(device)),
	{.name = NULL},
};

struct result {
	const struct model *model;
	const char *model_path, *data_path;
	const struct evaluation *evaluation;
	struct metric_figures figures;
	int32_t labels;
};

static uint64_t confusion(const struct result *result, int32_t truth, int32_t prediction)
{
	return result->evaluation->metrics.confusion[(size_t)truth * (size_t)result->labels + (size_t)prediction];
}

static bool has_sets(const struct result *result)
{
	return result->evaluation->metrics.sets;
}

static void write_figures(const struct result *result, FILE *out)
{
	const struct metric_figures *f = &result->figures;

	fprintf(out, "accuracy   %.4f%s\nloss       %.4f\n", f->accuracy, has_sets(result) ? "  (every label right)" : "", f->loss);
	if (!isnan(f->mean_absolute_error))
		fprintf(out, "mean absolute error %.4f\n", f->mean_absolute_error);
	if (has_sets(result))
		fprintf(out, "Hamming loss %.4f\nmicro      precision %.4f  recall %.4f  F1 %.4f\n", f->hamming_loss, f->micro_precision,
		        f->micro_recall, f->micro_f1);
	else if (result->labels == 2)
		fprintf(out, "precision  %.4f\nrecall     %.4f\nF1         %.4f\n", f->precision, f->recall, f->f1);
	fprintf(out, "macro      precision %.4f  recall %.4f  F1 %.4f\n\n", f->macro_precision, f->macro_recall,
	        f->macro_f1);
}

static void write_labels(const struct result *result, FILE *out)
{
	write_column(out, span_of("label"), LABEL_COLUMNS);
	fputs("  precision     recall         F1    reviews\n", out);
	for (int32_t i = 0; i < result->labels; i++) {
		struct label_figures f = metrics_label(&result->evaluation->metrics, i);

		write_column(out, span_of(model_label(result->model, i)), LABEL_COLUMNS);
		fprintf(out, " %10.4f %10.4f %10.4f %10s\n", f.precision, f.recall, f.f1, words_count(f.support).text);
	}
	fputc('\n', out);
}

static int label_columns(const struct result *result, int32_t label)
{
	char text[256];
	struct scrub_options options = {.newline = SCRUB_NEWLINE_SPACE};

	return scrub_line(text, sizeof text, MATRIX_COLUMNS, span_of(model_label(result->model, label)), options);
}

/* The widest of a column's label and numbers; all of them are right-aligned. */
static int matrix_columns(const struct result *result, int32_t label)
{
	int columns = label_columns(result, label);

	for (int32_t i = 0; i < result->labels; i++) {
		int width = (int)strlen(words_count(confusion(result, i, label)).text);
		columns = width > columns ? width : columns;
	}
	return columns;
}

static void write_matrix(const struct result *result, FILE *out)
{
	if (has_sets(result))
		return;
	if (!result->evaluation->metrics.confusion) {
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
static void write_rows(const struct result *result, FILE *out)
{
	const struct evaluation *evaluation = result->evaluation;
	char text[512];

	survey_describe(&evaluation->survey, text, sizeof text);
	fprintf(out, "\n%s; %s truncated\n", text, words_count(evaluation->metrics.truncated).text);
	fprintf(out, "%s, %s tokens\n", words_duration(evaluation->seconds).text, words_count(evaluation->tokens).text);
}

static void write_text(const struct result *result, FILE *out)
{
	write_figures(result, out);
	write_labels(result, out);
	write_matrix(result, out);
	write_rows(result, out);
}

static void write_member(FILE *out, const char *name, double value)
{
	fprintf(out, "  \"%s\": ", name);
	write_json_number(out, value);
	fputs(",\n", out);
}

static void write_json_figures(const struct result *result, FILE *out)
{
	const struct metric_figures *f = &result->figures;

	write_member(out, "accuracy", f->accuracy);
	write_member(out, "loss", f->loss);
	write_member(out, "precision", f->precision);
	write_member(out, "recall", f->recall);
	write_member(out, "f1", f->f1);
	write_member(out, "macro_precision", f->macro_precision);
	write_member(out, "macro_recall", f->macro_recall);
	write_member(out, "macro_f1", f->macro_f1);
	if (has_sets(result)) {
		write_member(out, "micro_precision", f->micro_precision);
		write_member(out, "micro_recall", f->micro_recall);
		write_member(out, "micro_f1", f->micro_f1);
		write_member(out, "hamming_loss", f->hamming_loss);
	}
	if (!isnan(f->mean_absolute_error))
		write_member(out, "mean_absolute_error", f->mean_absolute_error);
}

static void write_json_labels(const struct result *result, FILE *out)
{
	fputs("  \"labels\": [\n", out);
	for (int32_t i = 0; i < result->labels; i++) {
		struct label_figures f = metrics_label(&result->evaluation->metrics, i);

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

static void write_json_matrix(const struct result *result, FILE *out)
{
	if (has_sets(result))
		return;
	if (!result->evaluation->metrics.confusion) {
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

static void write_json_rows(const struct result *result, FILE *out)
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
	        evaluation->metrics.truncated, evaluation->tokens);
	write_json_number(out, evaluation->seconds);
}

static void write_json(const struct result *result, FILE *out)
{
	fputs("{\n  \"model\": ", out);
	write_json_string(out, span_of(result->model_path));
	fputs(",\n  \"data\": ", out);
	write_json_string(out, span_of(result->data_path));
	fputs(",\n", out);
	write_json_figures(result, out);
	write_json_labels(result, out);
	write_json_matrix(result, out);
	write_json_rows(result, out);
	fputs("\n}\n", out);
}

static bool print(const struct result *result, bool json, struct error *error)
{
	struct output output;

	if (!output_open(&output, !json, error))
		return false;
	if (json)
		write_json(result, output.record);
	else
		write_text(result, output.record);
	output_commit(&output);
	return output_close(&output, true, error);
}

static bool evaluate_file(struct model *model, const char *path, const struct eval_arguments *values,
                          struct progress_line *line, struct error *error)
{
	struct dataset_options options = {.dialect = values->dialect, .text_column = values->text_column,
	                                  .label_column = values->label_column};
	struct evaluation evaluation = {0};
	struct dataset *dataset = input_dataset_open(path, &options, &line->progress, error);
	struct result result = {.model = model, .model_path = model_folder(model), .data_path = path,
	                        .evaluation = &evaluation, .labels = model_config(model)->num_labels};
	bool done;

	if (!dataset)
		return false;
	done = evaluate(model, dataset, (int32_t)values->max_length, &evaluation, &line->progress, error);
	progress_clear(line);
	if (done) {
		input_show_columns(dataset);
		result.figures = metrics_figures(&evaluation.metrics);
		done = print(&result, strcmp(values->format, "json") == 0, error);
	}
	evaluation_free(&evaluation);
	dataset_close(dataset);
	return done;
}

bool eval_run(int argc, char **argv, struct error *error)
{
	struct eval_arguments values = {.reading = READING_UNSAID};
	struct arguments arguments = {.rows = eval_options, .values = &values};
	struct progress_line line;
	struct model *model;
	bool done;

	if (!arguments_parse(&arguments, argc, argv, error) || !arguments_expect(&arguments, 1, 1, "DATA", error))
		return false;
	signals_catch(false);
	progress_begin(&line);
	model = input_model_open(values.model, values.base, values.device, &values.four_bits, &line.progress, error);
	if (!model)
		return false;
	done = reading_use(&values.reading, model, error) &&
	       evaluate_file(model, arguments.operands[0], &values, &line, error);
	progress_clear(&line);
	model_close(model);
	return done;
}
