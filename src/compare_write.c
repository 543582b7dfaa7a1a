/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/words.h"
#include "src/compare.h"
#include "src/output.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define LABEL_COLUMNS_MAX 16
#define LARGE 25 /* disagreements from which on chi-squared is near enough to be told */

/* The figures that are compared: one row each, in text and JSON. */
struct line {
	const char *name, *key;
	double values[2];
	struct interval interval; /* of the difference; NaN: none was drawn */
};

enum { LINES = 10 };

static double value_of(const struct figures *f, int line)
{
	const double values[LINES] = {f->usual.accuracy, f->balanced_accuracy, f->usual.f1, f->macro.f1, f->matthews,
	                              f->usual.loss, f->brier, f->calibration_error, f->ranking.roc_auc,
	                              f->ranking.average_precision};

	return values[line];
}

static struct interval interval_at(const struct bootstrap_difference *d, int line)
{
	const struct interval none = {NAN, NAN};
	const struct interval values[LINES] = {d->accuracy, d->balanced_accuracy, d->f1, d->macro_f1, d->matthews,
	                                       d->log_loss, d->brier_score, none, none, none};

	return values[line];
}

static struct line line_of(const struct comparison *comparison, int line)
{
	static const char *const names[LINES][2] = {
		{"accuracy", "accuracy"}, {"balanced accuracy", "balanced_accuracy"}, {"F1", "f1"}, {"macro F1", "macro_f1"},
		{"MCC", "matthews_corrcoef"}, {"loss", "log_loss"}, {"Brier score", "brier_score"},
		{"ECE", "expected_calibration_error"}, {"ROC-AUC", "roc_auc"}, {"PR-AUC", "average_precision"},
	};

	return (struct line){names[line][0], names[line][1],
	                     {value_of(&comparison->sides[0].figures, line), value_of(&comparison->sides[1].figures, line)},
	                     interval_at(&comparison->difference, line)};
}

static void write_sides(const struct comparison *comparison, FILE *out)
{
	for (int i = 0; i < 2; i++)
		fprintf(out, "%c  %s\n", "AB"[i], model_folder(comparison->sides[i].model));
}

static void write_line(const struct line *line, FILE *out)
{
	fprintf(out, "%-18s", line->name);
	for (int i = 0; i < 2; i++)
		fprintf(out, isnan(line->values[i]) ? "         -" : " %9.4f", line->values[i]);
	if (isnan(line->values[0]) || isnan(line->values[1]))
		fputs("         -", out);
	else
		fprintf(out, " %+9.4f", line->values[1] - line->values[0]);
	if (!isnan(line->interval.low))
		fprintf(out, "  %+.4f to %+.4f", line->interval.low, line->interval.high);
	fputc('\n', out);
}

/* With two labels the macro F1 is another than the F1; else it would stand there twice. */
static bool is_double(const struct comparison *comparison, const struct line *line)
{
	return strcmp(line->key, "macro_f1") == 0 && comparison->sides[0].evaluation.metrics.labels != 2;
}

static void write_figures(const struct comparison *comparison, FILE *out)
{
	fprintf(out, "\n%-18s %9s %9s %9s  %s\n", "", "A", "B", "B - A", "95 % of the difference");
	for (int i = 0; i < LINES; i++) {
		struct line line = line_of(comparison, i);
		if (!is_double(comparison, &line))
			write_line(&line, out);
	}
}

static void write_test(const struct comparison *comparison, FILE *out)
{
	const struct mcnemar *m = &comparison->mcnemar;

	fprintf(out, "\n%-18s %9s %9s\n", "", "B right", "B wrong");
	fprintf(out, "%-18s %9s %9s\n", "A right", words_count(m->both_right).text, words_count(m->only_a).text);
	fprintf(out, "%-18s %9s %9s\n", "A wrong", words_count(m->only_b).text, words_count(m->both_wrong).text);
	if (m->only_a + m->only_b == 0) {
		fputs("McNemar            the two are right on the same rows\n", out);
		return;
	}
	fprintf(out, "McNemar            p = %.3g, exact", m->exact);
	if (m->only_a + m->only_b >= LARGE)
		fprintf(out, "\n%-18s p = %.3g, chi-squared with continuity correction", "", m->chi2_p);
	fputc('\n', out);
}

/* Rows that differ */

/* A row with what stands there and what was made of it. */
struct differing {
	const struct row *row;
	uint64_t number; /* from 1 */
	int32_t truth, predictions[2];
};

/* Calls `write` for each row that differs, up to `most`. */
static bool each_row(const struct comparison *comparison, size_t most,
                     void (*write)(const struct comparison *, const struct differing *, size_t, FILE *), FILE *out,
                     struct error *error)
{
	const struct metrics *a = &comparison->sides[0].evaluation.metrics, *b = &comparison->sides[1].evaluation.metrics;
	struct row *row = row_new(error);
	size_t count = 0;
	bool done = row != NULL;

	for (size_t i = 0; done && i < a->kept && count < most; i++) {
		uint64_t number = comparison->sides[0].evaluation.kept[i].row;
		if (a->predictions[i] == b->predictions[i])
			continue;
		done = dataset_read(comparison->dataset, number, row, error);
		if (done)
			write(comparison, &(struct differing){row, number + 1, a->truths[i], {a->predictions[i], b->predictions[i]}},
			      count++, out);
	}
	row_free(row);
	return done;
}

/* The longest label decides how wide the three columns of labels are, the terminal how much of the text is seen. */
static int label_columns(const struct comparison *comparison)
{
	int columns = (int)strlen("label");

	for (int32_t i = 0; i < model_config(comparison->sides[0].model)->num_labels; i++) {
		const int width = scrub_columns(span_of(compare_label(comparison, i)), LABEL_COLUMNS_MAX);

		columns = width > columns ? width : columns;
	}
	return columns;
}

static void write_label(const char *label, int columns, FILE *out)
{
	write_column(out, span_of(label), columns);
	fputs("  ", out);
}

/* A file has lines, a folder has none but the order of its files. */
static uint64_t place_of(const struct differing *differing)
{
	return differing->row->line ? differing->row->line : differing->number;
}

static void write_text_row(const struct comparison *comparison, const struct differing *differing, size_t index, FILE *out)
{
	int columns = label_columns(comparison);

	(void)index;
	fprintf(out, "%7" PRIu64 "  ", place_of(differing));
	write_label(compare_label(comparison, differing->truth), columns, out);
	write_label(compare_label(comparison, differing->predictions[0]), columns, out);
	write_label(compare_label(comparison, differing->predictions[1]), columns, out);
	write_cut(out, differing->row->text, output_columns(STDOUT_FILENO) - 9 - 3 * (columns + 2));
	fputc('\n', out);
}

static bool write_text_rows(const struct comparison *comparison, FILE *out, struct error *error)
{
	size_t shown = (size_t)comparison->shown;

	fprintf(out, "\n%s of %s rows differ", words_count(comparison->differing).text,
	        words_count(comparison->sides[0].evaluation.metrics.count).text);
	if (comparison->differing > shown)
		fprintf(out, "; the first %s (--rows shows more, --format csv all)", words_count(shown).text);
	fputc('\n', out);
	if (comparison->differing == 0 || shown == 0)
		return true;
	fprintf(out, "%7s  ", "line");
	write_label("label", label_columns(comparison), out);
	write_label("A", label_columns(comparison), out);
	write_label("B", label_columns(comparison), out);
	fputs("text\n", out);
	return each_row(comparison, shown, write_text_row, out, error);
}

bool compare_write_text(const struct comparison *comparison, FILE *out, struct error *error)
{
	write_sides(comparison, out);
	write_figures(comparison, out);
	write_test(comparison, out);
	return write_text_rows(comparison, out, error);
}

/* JSON */

static void write_member(FILE *out, const char *name, double value)
{
	fprintf(out, "\"%s\": ", name);
	write_json_number(out, value);
}

static void write_json_line(const struct line *line, FILE *out)
{
	fprintf(out, "    \"%s\": {", line->key);
	write_member(out, "a", line->values[0]);
	fputs(", ", out);
	write_member(out, "b", line->values[1]);
	fputs(", ", out);
	write_member(out, "difference", line->values[1] - line->values[0]);
	fputs(", ", out);
	write_member(out, "low", line->interval.low);
	fputs(", ", out);
	write_member(out, "high", line->interval.high);
	fputc('}', out);
}

static void write_json_figures(const struct comparison *comparison, FILE *out)
{
	fputs("  \"figures\": {\n", out);
	for (int i = 0; i < LINES; i++) {
		struct line line = line_of(comparison, i);
		write_json_line(&line, out);
		fputs(i + 1 < LINES ? ",\n" : "\n", out);
	}
	fputs("  },\n", out);
}

static void write_json_test(const struct comparison *comparison, FILE *out)
{
	const struct mcnemar *m = &comparison->mcnemar;

	fprintf(out, "  \"both_right\": %" PRIu64 ",\n  \"only_a_right\": %" PRIu64 ",\n  \"only_b_right\": %" PRIu64
	        ",\n  \"both_wrong\": %" PRIu64 ",\n  \"mcnemar\": {", m->both_right, m->only_a, m->only_b, m->both_wrong);
	write_member(out, "exact_p", m->exact);
	fputs(", ", out);
	write_member(out, "chi2", m->chi2);
	fputs(", ", out);
	write_member(out, "chi2_p", m->chi2_p);
	fputs("},\n", out);
}

static void write_json_label(const struct comparison *comparison, const char *name, int32_t label, FILE *out)
{
	fprintf(out, ", \"%s\": ", name);
	write_json_string(out, span_of(compare_label(comparison, label)));
}

static void write_json_row(const struct comparison *comparison, const struct differing *differing, size_t index, FILE *out)
{
	fprintf(out, "%s    {\"row\": %" PRIu64 ", \"line\": %" PRIu64, index ? ",\n" : "", differing->number,
	        differing->row->line);
	write_json_label(comparison, "label", differing->truth, out);
	write_json_label(comparison, "a", differing->predictions[0], out);
	write_json_label(comparison, "b", differing->predictions[1], out);
	fputs(", \"text\": ", out);
	write_json_string(out, differing->row->text);
	fputc('}', out);
}

bool compare_write_json(const struct comparison *comparison, FILE *out, struct error *error)
{
	fputs("{\n  \"a\": ", out);
	write_json_string(out, span_of(model_folder(comparison->sides[0].model)));
	fputs(",\n  \"b\": ", out);
	write_json_string(out, span_of(model_folder(comparison->sides[1].model)));
	fputs(",\n  \"data\": ", out);
	write_json_string(out, span_of(comparison->data_path));
	fprintf(out, ",\n  \"used\": %" PRIu64 ",\n", comparison->sides[0].evaluation.metrics.count);
	write_json_figures(comparison, out);
	write_json_test(comparison, out);
	fputs("  \"differing\": [\n", out);
	if (!each_row(comparison, SIZE_MAX, write_json_row, out, error))
		return false;
	fputs(comparison->differing ? "\n  ]\n}\n" : "  ]\n}\n", out);
	return true;
}

/* CSV: the rows that differ alone */

static void write_csv_row(const struct comparison *comparison, const struct differing *differing, size_t index, FILE *out)
{
	const int32_t labels[] = {differing->truth, differing->predictions[0], differing->predictions[1]};

	(void)index;
	fprintf(out, "%" PRIu64 ",%" PRIu64, differing->number, differing->row->line);
	for (int i = 0; i < 3; i++) {
		fputc(',', out);
		write_csv_field(out, span_of(compare_label(comparison, labels[i])));
	}
	fputc(',', out);
	write_csv_field(out, differing->row->text);
	fputc('\n', out);
}

bool compare_write_csv(const struct comparison *comparison, FILE *out, struct error *error)
{
	fputs("row,line,label,a,b,text\n", out);
	return each_row(comparison, SIZE_MAX, write_csv_row, out, error);
}
