/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue score`: label and score of every review, in the order of the input. Rows are read, scored and written
 * a batch at a time, so memory does not grow with the file. */
#include "engine/words.h"
#include "src/command.h"
#include "src/input.h"
#include "src/output.h"
#include "src/progress.h"
#include "src/reading.h"
#include "src/score.h"
#include "src/signals.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct score_arguments {
	const char *model, *base, *text_column, *label_column, *format, *attributions;
	struct input_device device;
	struct dataset_dialect dialect;
	struct reading_arguments reading;
	struct input_four_bits four_bits;
	int64_t max_length;
	bool logits, raw, keep_columns;
};

#define AT(field) offsetof(struct score_arguments, field)
const struct argument_row score_options[] = {
	{'m', "model", ARGUMENT_FOLDER, "MODEL", .offset = AT(model),
	 .help = "folder of the model, or of a LoRA adapter; the one that ships where not given"},
	INPUT_BASE_ROW(AT(base))
	{0, "text-column", ARGUMENT_TEXT, "NAME", .offset = AT(text_column),
	 .help = "column with the review, by its name or number; guessed where not given"},
	DIALECT_ROWS(INPUT_DIALECT_ROW)
	{0, "format", ARGUMENT_CHOICE, "text|tsv|csv|jsonl", .offset = AT(format),
	 .help = "what is written; text on a terminal and tsv elsewhere where not given"},
	{0, "keep-columns", ARGUMENT_FLAG, .offset = AT(keep_columns),
	 .help = "write the file's other columns too, and where it has labels, truth and error"},
	{0, "label-column", ARGUMENT_TEXT, "NAME", .offset = AT(label_column),
	 .help = "with --keep-columns: column with the label, by its name or number; guessed where not given"},
	{0, "logits", ARGUMENT_FLAG, .offset = AT(logits),
	 .help = "add the logits, with 9 significant digits, in the order of the model's labels"},
	{0, "attributions", ARGUMENT_CHOICE, ATTRIBUTION_WORDS, .offset = AT(attributions),
	 .help = "what each word counts in the logit of the label, as JSON lines: by masking it, or by integrated gradients"},
	{0, "max-length", ARGUMENT_INTEGER, "N", .minimum = 2, .maximum = 65536, .offset = AT(max_length),
	 .help = "tokens of a review that count, [CLS] and [SEP] included; what the model allows where not given"},
	READING_ROWS
	{0, "raw", ARGUMENT_FLAG, .offset = AT(raw),
	 .help = "pass over the temperature and the thresholds that the model keeps"},
	INPUT_FOUR_BITS_ROWS(AT(four_bits)),
	INPUT_PRECISION_ROWS(AT(device)),
	{.name = NULL},
};

struct scoring {
	const struct score_arguments *arguments;
	struct score_writer writer;
	struct model *model;
	struct score_batch batch;
	struct output output;
	struct progress_line line;
	uint64_t total, done, truncated;
	struct dataset *dataset; /* whose columns are kept; NULL: none */
	struct row *origin;      /* of a row that is written; NULL likewise */
};

/* The row once more, for its columns. */
static bool read_origin(struct scoring *scoring, uint64_t row, struct error *error)
{
	return !scoring->dataset || dataset_read(scoring->dataset, row - 1, scoring->origin, error);
}

/* Writes a review, with what its words count where that is asked for. */
static bool write_review(struct scoring *scoring, size_t i, struct error *error)
{
	const struct score_arguments *arguments = scoring->arguments;
	struct score_batch *batch = &scoring->batch;
	struct attribution attribution = {0};

	if (arguments->attributions) {
		const struct attribution_request request = {
			.method = strcmp(arguments->attributions, "gradients") == 0 ? ATTRIBUTION_GRADIENTS : ATTRIBUTION_OCCLUSION,
			.label = batch->scores[i].label, .max_length = (int32_t)arguments->max_length,
		};

		scoring->writer.attribution = &attribution;
		if (!model_attribute(scoring->model, batch->texts[i], &request, &attribution, &scoring->line.progress, error)) {
			attribution_free(&attribution);
			return false;
		}
	}
	score_write(&scoring->writer, scoring->output.record, batch->rows[i], batch->texts[i], &batch->scores[i],
	            scoring->origin);
	attribution_free(&attribution);
	return true;
}

static bool flush_batch(struct scoring *scoring, struct error *error)
{
	struct score_batch *batch = &scoring->batch;

	if (!score_batch_compute(batch, scoring->model, (int32_t)scoring->arguments->max_length, error))
		return false;
	if (standard_output_is_terminal())
		progress_clear(&scoring->line);
	for (size_t i = 0; i < batch->count; i++) {
		scoring->truncated += batch->scores[i].truncated;
		if (!read_origin(scoring, batch->rows[i], error) || !write_review(scoring, i, error))
			return false;
		if (!output_commit(&scoring->output))
			break;
	}
	scoring->done += batch->count;
	batch->count = 0;
	return output_flush(&scoring->output) &&
	       (progress_report(&scoring->line.progress, "scoring", scoring->done, scoring->total) ||
	        error_set(error, ERROR_INTERRUPTED, "interrupted after %s reviews",
	                  words_count(scoring->done).text));
}

static bool add_review(struct scoring *scoring, uint64_t row, struct span text, struct error *error)
{
	return score_batch_add(&scoring->batch, row, text, error) &&
	       (!score_batch_full(&scoring->batch) || flush_batch(scoring, error));
}

static bool score_texts(struct scoring *scoring, const struct arguments *arguments, struct error *error)
{
	scoring->total = (uint64_t)arguments->operand_count;
	for (int i = 0; i < arguments->operand_count; i++)
		if (!add_review(scoring, (uint64_t)i + 1, span_of(arguments->operands[i]), error))
			return false;
	return flush_batch(scoring, error);
}

static bool score_rows(struct scoring *scoring, struct dataset *dataset, struct survey *survey, struct error *error)
{
	struct row *row = row_new(error);
	uint64_t rows = dataset_rows(dataset, &survey->complete);
	bool done = row != NULL;

	scoring->total = rows;
	for (uint64_t i = 0; done && i < rows; i++) {
		done = dataset_read(dataset, i, row, error);
		if (!done)
			break;
		if (row->status == ROW_NO_LABEL)
			row->status = ROW_OK; /* it has no truth, but a text */
		survey_count(survey, row);
		if (row->status == ROW_OK)
			done = add_review(scoring, i + 1, row->text, error);
	}
	row_free(row);
	return done && flush_batch(scoring, error);
}

static bool describe_rows(const struct dataset *dataset, const struct survey *survey, struct error *error)
{
	char text[512];

	if (survey->used == 0)
		return survey_refuse(survey, dataset_path(dataset), "no row can be used", error);
	input_show_columns(dataset);
	survey_describe(survey, text, sizeof text);
	message_note("%s", text);
	return true;
}

/* Whether nothing is said of how a table is written: then lines are meant. */
static bool is_plain(const struct dataset_dialect *dialect)
{
	return dialect->format == DATASET_AUTO && !dialect->delimiter && !dialect->quote && !dialect->escape && !dialect->header;
}

/* The header waits for the names of the columns. */
static bool keep_columns(struct scoring *scoring, struct dataset *dataset, struct error *error)
{
	if (scoring->arguments->keep_columns) {
		scoring->origin = row_new(error);
		if (!scoring->origin)
			return false;
		scoring->dataset = dataset;
		scoring->writer.dataset = dataset;
		scoring->writer.truth = dataset_label_column(dataset) >= 0;
	}
	score_write_header(&scoring->writer, scoring->output.record);
	return true;
}

static bool score_file(struct scoring *scoring, const char *path, struct error *error)
{
	const struct score_arguments *arguments = scoring->arguments;
	struct dataset_options options = {.dialect = arguments->dialect, .text_column = arguments->text_column,
	                                  .label_column = arguments->keep_columns ? arguments->label_column : ""};
	struct survey survey = {0};
	struct dataset *dataset;
	bool done;

	if (strcmp(path, "-") == 0 && is_plain(&options.dialect))
		options.dialect.format = DATASET_LINES;
	dataset = input_dataset_open(path, &options, &scoring->line.progress, error);
	if (!dataset)
		return false;
	done = dataset_check_columns(dataset, false, error) && keep_columns(scoring, dataset, error) &&
	       score_rows(scoring, dataset, &survey, error);
	progress_clear(&scoring->line);
	if (done)
		done = describe_rows(dataset, &survey, error);
	row_free(scoring->origin);
	dataset_close(dataset);
	return done;
}

/* A word with the ending of a file can only be meant as one. */
static bool looks_like_file(const char *text)
{
	static const char *const endings[] = {".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".txt"};
	size_t size = strlen(text);

	for (size_t i = 0; i < sizeof endings / sizeof *endings && !strpbrk(text, " \t\n"); i++)
		if (size > strlen(endings[i]) && strcmp(text + size - strlen(endings[i]), endings[i]) == 0)
			return true;
	return strcmp(text, "-") == 0;
}

/* One argument that is "-", or that names a file, is a file; several are texts. What can only be meant as a file
 * and cannot be read as one here is a mistake, not a review. */
static bool is_file(const struct arguments *arguments, bool *file, struct error *error)
{
	const char *text = arguments->operands[0];
	struct stat status;

	*file = arguments->operand_count == 1 && (strcmp(text, "-") == 0 || stat(text, &status) == 0);
	RETURN_IF(arguments->operand_count == 1 && !*file && looks_like_file(text), error, ERROR_IO,
	          "%s: no such file (a review that looks like this goes to standard input: revue score -)", text);
	for (int i = 0; arguments->operand_count > 1 && i < arguments->operand_count; i++)
		RETURN_IF(looks_like_file(arguments->operands[i]), error, ERROR_USAGE,
		          "%s is a file: score takes one file or any number of texts, not both", arguments->operands[i]);
	return true;
}

static bool check(const struct arguments *arguments, const struct score_arguments *values, bool *file,
                  struct error *error)
{
	if (!arguments_expect(arguments, 1, 1 << 30, "TEXT, FILE or -", error) || !is_file(arguments, file, error))
		return false;
	RETURN_IF(!*file && values->text_column, error, ERROR_USAGE,
	          "--text-column is for a file, and \"%s\" is a text", arguments->operands[0]);
	RETURN_IF(!*file && values->keep_columns, error, ERROR_USAGE,
	          "--keep-columns is for a file, and \"%s\" is a text", arguments->operands[0]);
	RETURN_IF(values->label_column && !values->keep_columns, error, ERROR_USAGE, "--label-column goes with --keep-columns");
	RETURN_IF(values->keep_columns && values->format && strcmp(values->format, "text") == 0, error, ERROR_USAGE,
	          "--keep-columns is for --format csv, tsv and jsonl");
	RETURN_IF(values->attributions && values->format && strcmp(values->format, "jsonl") != 0, error, ERROR_USAGE,
	          "--attributions is for --format jsonl");
	return true;
}

/* "7 of 9 reviews were cut after 512 tokens", or what else counts of them. */
static void tell_truncated(const struct scoring *scoring)
{
	const struct cut cut = model_cut(scoring->model, (int32_t)scoring->arguments->max_length);
	char how[200];

	if (cut.truncation == TRUNCATION_HEAD)
		snprintf(how, sizeof how, "after %d tokens", (int)cut.max_length);
	else
		snprintf(how, sizeof how, "to %s", reading_words(&cut, model_reading(scoring->model)->pooling).text);
	message_note("%s of %s %s cut %s", words_count(scoring->truncated).text, words_count(scoring->done).text,
	             scoring->done == 1 ? "review was" : "reviews were", how);
}

static bool score_all(struct scoring *scoring, const struct arguments *arguments, bool file, struct error *error)
{
	const char *format = scoring->arguments->format;
	bool people, done;

	if (!format)
		format = scoring->arguments->attributions ? "jsonl"
		         : scoring->arguments->keep_columns ? "csv"
		         : standard_output_is_terminal()    ? "text"
		                                            : "tsv";
	people = strcmp(format, "text") == 0;
	if (!score_batch_init(&scoring->batch, model_config(scoring->model)->num_labels, error) ||
	    !score_writer_init(&scoring->writer, scoring->model, format, scoring->arguments->logits, error) ||
	    !output_open(&scoring->output, people, error))
		return false;
	if (!file)
		score_write_header(&scoring->writer, scoring->output.record);
	done = file ? score_file(scoring, arguments->operands[0], error) : score_texts(scoring, arguments, error);
	progress_clear(&scoring->line);
	done = output_close(&scoring->output, done, error);
	if (done && scoring->truncated && !scoring->output.failure)
		tell_truncated(scoring);
	return done;
}

bool score_run(int argc, char **argv, struct error *error)
{
	struct score_arguments values = {.reading = READING_UNSAID};
	struct arguments arguments = {.rows = score_options, .values = &values};
	struct scoring scoring = {.arguments = &values};
	bool done, file;

	if (!arguments_parse(&arguments, argc, argv, error) || !check(&arguments, &values, &file, error))
		return false;
	signals_catch(false);
	progress_begin(&scoring.line);
	scoring.model = input_model_open(values.model, values.base, &values.device, values.raw, &values.four_bits,
	                                 &scoring.line.progress, error);
	if (!scoring.model)
		return false;
	done = reading_use(&values.reading, scoring.model, error) && score_all(&scoring, &arguments, file, error);
	score_batch_free(&scoring.batch);
	score_writer_free(&scoring.writer);
	model_close(scoring.model);
	return done;
}
