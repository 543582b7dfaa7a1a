/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a scored file has beside its texts: its columns, and where it has labels, whether the prediction is one of them. */
#include "engine/evaluate.h"
#include "src/output.h"
#include "src/score.h"

#include <stdlib.h>

/* Of a model of independent labels: all labels of the row and no others. */
static bool is_same_set(const struct score_writer *writer, const struct row *row, const struct score *score)
{
	for (int32_t label = 0; label < writer->labels; label++) {
		bool has = false;

		for (int i = 0; i < row->label_count && !has; i++)
			has = label_match(writer->model, row->labels[i]) == label;
		if (has != score_has_label(writer->model, score, label))
			return false;
	}
	return true;
}

/* False: nobody can tell, there is no label or one that the model does not have. */
static bool judge(const struct score_writer *writer, const struct row *row, const struct score *score, bool *error)
{
	if (row->status != ROW_OK || (!writer->sets && row->label_count != 1))
		return false;
	for (int i = 0; i < row->label_count; i++)
		if (label_match(writer->model, row->labels[i]) < 0)
			return false;
	*error = writer->sets ? !is_same_set(writer, row, score) : label_match(writer->model, row->labels[0]) != score->label;
	return true;
}

static const char *error_word(const struct score_writer *writer, const struct row *row, const struct score *score,
                              const char *unknown)
{
	bool error;

	return !judge(writer, row, score, &error) ? unknown : error ? "true" : "false";
}

static struct span field_of(const struct row *row, int column)
{
	return column < row->count ? row->fields[column] : (struct span){"", 0};
}

void score_columns_tsv(const struct score_writer *writer, FILE *record, const struct row *row, const struct score *score)
{
	const int columns = dataset_columns(writer->dataset);

	if (writer->truth) {
		write_tsv_field(record, row->label);
		fprintf(record, "\t%s\t", error_word(writer, row, score, ""));
	}
	for (int i = 0; i < columns; i++) {
		write_tsv_field(record, field_of(row, i));
		if (i + 1 < columns)
			fputc('\t', record);
	}
}

void score_columns_csv(const struct score_writer *writer, FILE *record, const struct row *row, const struct score *score)
{
	const int columns = dataset_columns(writer->dataset);

	if (writer->truth) {
		write_csv_field(record, row->label);
		fprintf(record, ",%s,", error_word(writer, row, score, ""));
	}
	for (int i = 0; i < columns; i++) {
		write_csv_field(record, field_of(row, i));
		if (i + 1 < columns)
			fputc(',', record);
	}
}

void score_columns_json(const struct score_writer *writer, FILE *record, const struct row *row, const struct score *score)
{
	const int columns = dataset_columns(writer->dataset);

	if (writer->truth) {
		fputs(",\"truth\":", record);
		write_json_string(record, row->label);
		fprintf(record, ",\"error\":%s", error_word(writer, row, score, "null"));
	}
	fputs(",\"columns\":{", record);
	for (int i = 0; i < columns; i++) {
		fputs(i ? "," : "", record);
		write_json_string(record, span_of(dataset_column_name(writer->dataset, i)));
		fputc(':', record);
		write_json_string(record, field_of(row, i));
	}
	fputc('}', record);
}

/* Whether revue has a column of this name before those of the file. */
static bool is_ours(const char *name)
{
	static const char *const ours[] = {"row", "label", "score", "truncated", "truth", "error"};

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (strcmp(name, ours[i]) == 0)
			return true;
	return strncmp(name, "score_", 6) == 0 || strncmp(name, "logit_", 6) == 0;
}

void score_columns_header(const struct score_writer *writer, FILE *record)
{
	if (writer->truth)
		fputs(",truth,error", record);
	for (int i = 0; i < dataset_columns(writer->dataset); i++) {
		const char *name = dataset_column_name(writer->dataset, i);
		const size_t size = strlen(name) + sizeof "original_";
		char *renamed = is_ours(name) ? malloc(size) : NULL;

		if (renamed)
			snprintf(renamed, size, "original_%s", name);
		fputc(',', record);
		write_csv_field(record, span_of(renamed ? renamed : name));
		free(renamed);
	}
}
