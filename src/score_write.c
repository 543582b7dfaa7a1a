/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/words.h"
#include "src/output.h"
#include "src/score.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LABEL_COLUMNS_MAX 24
#define LABEL_KEY_BYTES 1100 /* a name of config.json has at most 1024 */

static struct span label_of(const struct score_writer *writer, int32_t label)
{
	return span_of(model_label(writer->model, label));
}

/* What a label's column or member is called: with its number where names do not tell labels apart. */
static const char *key_of(const struct score_writer *writer, int32_t label, char out[LABEL_KEY_BYTES])
{
	const char *name = model_label(writer->model, label);

	if (!model_config(writer->model)->twin_labels)
		return name;
	snprintf(out, LABEL_KEY_BYTES, "%s (%" PRId32 ")", name, label);
	return out;
}

/* The label, or with independent labels all that the review has, with `separator` between. */
static struct span labels_of(const struct score_writer *writer, const struct score *score, const char *separator)
{
	if (!writer->sets)
		return label_of(writer, score->label);
	return (struct span){writer->set, score_labels(writer->model, score, separator, writer->set, writer->set_capacity)};
}

/* row, label, score, text cut to the terminal. */
static void write_text(const struct score_writer *writer, FILE *record, uint64_t row, struct span text,
                       const struct score *score, const struct row *origin)
{
	struct span labels = labels_of(writer, score, ", ");

	(void)origin;
	fprintf(record, "%5" PRIu64 "  ", row);
	write_column(record, labels.size > 0 ? labels : span_of("-"), writer->label_columns);
	fprintf(record, "  %5.3f  ", (double)score->score);
	for (int32_t i = 0; writer->logits && i < writer->labels; i++)
		fprintf(record, "%s  ", words_logit(score->logits[i]).text);
	write_cut(record, text, writer->text_columns);
	fputc('\n', record);
}

/* label, score, row, the logits where asked for, text: the text last, because it may hold anything. */
static void write_tsv(const struct score_writer *writer, FILE *record, uint64_t row, struct span text,
                      const struct score *score, const struct row *origin)
{
	write_tsv_field(record, labels_of(writer, score, "|"));
	fprintf(record, "\t%s\t%" PRIu64 "\t", words_float(score->score).text, row);
	for (int32_t i = 0; writer->logits && i < writer->labels; i++)
		fprintf(record, "%s\t", words_logit(score->logits[i]).text);
	if (origin)
		score_columns_tsv(writer, record, origin, score);
	else
		write_tsv_field(record, text);
	fputc('\n', record);
}

static void write_csv(const struct score_writer *writer, FILE *record, uint64_t row, struct span text,
                      const struct score *score, const struct row *origin)
{
	fprintf(record, "%" PRIu64 ",", row);
	write_csv_field(record, labels_of(writer, score, "|"));
	fprintf(record, ",%s,%s", words_float(score->score).text, score->truncated ? "true" : "false");
	for (int32_t i = 0; i < writer->labels; i++)
		fprintf(record, ",%s", words_float(score->scores[i]).text);
	for (int32_t i = 0; writer->logits && i < writer->labels; i++)
		fprintf(record, ",%s", words_logit(score->logits[i]).text);
	fputc(',', record);
	if (origin)
		score_columns_csv(writer, record, origin, score);
	else
		write_csv_field(record, text);
	fputc('\n', record);
}

/* A string, or with independent labels a list of those that the review has. */
static void write_json_labels(const struct score_writer *writer, FILE *record, const struct score *score)
{
	const char *between = "";

	if (!writer->sets) {
		write_json_string(record, label_of(writer, score->label));
		return;
	}
	fputc('[', record);
	for (int32_t i = 0; i < writer->labels; i++) {
		if (!score_has_label(writer->model, score, i))
			continue;
		fputs(between, record);
		write_json_string(record, label_of(writer, i));
		between = ",";
	}
	fputc(']', record);
}

static void write_jsonl(const struct score_writer *writer, FILE *record, uint64_t row, struct span text,
                        const struct score *score, const struct row *origin)
{
	char key[LABEL_KEY_BYTES];

	fprintf(record, "{\"row\":%" PRIu64 ",\"label\":", row);
	write_json_labels(writer, record, score);
	fputs(",\"score\":", record);
	write_json_float(record, score->score);
	fputs(",\"scores\":{", record);
	for (int32_t i = 0; i < writer->labels; i++) {
		fputs(i ? "," : "", record);
		write_json_string(record, span_of(key_of(writer, i, key)));
		fputc(':', record);
		write_json_float(record, score->scores[i]);
	}
	fprintf(record, "},\"truncated\":%s", score->truncated ? "true" : "false");
	for (int32_t i = 0; writer->logits && i < writer->labels; i++) {
		fputs(i ? "," : ",\"logits\":[", record);
		write_json_logit(record, score->logits[i]);
	}
	fputs(writer->logits ? "]" : "", record);
	if (writer->attribution)
		score_write_attributions(writer, record, text);
	if (origin)
		score_columns_json(writer, record, origin, score);
	fputs("}\n", record);
}

static void write_csv_header(const struct score_writer *writer, FILE *record, const char *prefix)
{
	char name[LABEL_KEY_BYTES + 16], key[LABEL_KEY_BYTES];

	for (int32_t i = 0; i < writer->labels; i++) {
		snprintf(name, sizeof name, "%.10s%s", prefix, key_of(writer, i, key));
		fputc(',', record);
		write_csv_field(record, span_of(name));
	}
}

void score_write_header(const struct score_writer *writer, FILE *record)
{
	if (writer->write != write_csv)
		return;
	fputs("row,label,score,truncated", record);
	write_csv_header(writer, record, "score_");
	if (writer->logits)
		write_csv_header(writer, record, "logit_");
	if (writer->dataset)
		score_columns_header(writer, record);
	fputs(writer->dataset ? "\n" : ",text\n", record);
}

/* The longest label decides how wide their column is, the terminal how much of the text is seen. */
static void measure_columns(struct score_writer *writer)
{
	writer->label_columns = writer->sets ? LABEL_COLUMNS_MAX : 1;
	for (int32_t i = 0; i < writer->labels; i++) {
		const int width = scrub_columns(label_of(writer, i), LABEL_COLUMNS_MAX);

		if (width > writer->label_columns)
			writer->label_columns = width;
	}
	writer->text_columns = output_columns(STDOUT_FILENO) - writer->label_columns - 16;
}

/* Room for all labels at once. */
static bool take_set(struct score_writer *writer, struct error *error)
{
	size_t size = 1;

	for (int32_t i = 0; i < writer->labels; i++)
		size += strlen(model_label(writer->model, i)) + strlen(", ");
	writer->set_capacity = size;
	writer->set = malloc(size);
	return writer->set || error_memory(error, "preparing a batch");
}

bool score_writer_init(struct score_writer *writer, const struct model *model, const char *format, bool logits,
                       struct error *error)
{
	writer->model = model;
	writer->logits = logits;
	writer->labels = model_config(model)->num_labels;
	writer->sets = model_config(model)->independent_labels;
	writer->write = strcmp(format, "text") == 0  ? write_text
	                : strcmp(format, "tsv") == 0 ? write_tsv
	                : strcmp(format, "csv") == 0 ? write_csv
	                                             : write_jsonl;
	measure_columns(writer);
	return !writer->sets || take_set(writer, error);
}

void score_writer_free(struct score_writer *writer)
{
	free(writer->set);
	writer->set = NULL;
}

void score_write(const struct score_writer *writer, FILE *record, uint64_t row, struct span text,
                 const struct score *score, const struct row *origin)
{
	writer->write(writer, record, row, text, score, origin);
}
