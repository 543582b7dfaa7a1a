/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue compare`: two models on the same labelled reviews. */
#include "src/command.h"
#include "src/compare.h"
#include "src/input.h"
#include "src/output.h"
#include "src/progress.h"
#include "src/signals.h"

#include <stdlib.h>
#include <string.h>

struct compare_arguments {
	const char *text_column, *label_column, *format;
	struct input_device device;
	struct dataset_dialect dialect;
	struct input_four_bits four_bits;
	int64_t max_length, rows;
	bool raw;
};

#define AT(field) offsetof(struct compare_arguments, field)
const struct argument_row compare_options[] = {
	{0, "text-column", ARGUMENT_TEXT, "NAME", .offset = AT(text_column),
	 .help = "column with the review, by its name or number; guessed where not given"},
	{0, "label-column", ARGUMENT_TEXT, "NAME", .offset = AT(label_column),
	 .help = "column with the label, by its name or number, or several of 0 and 1 with commas between; guessed where not given"},
	DIALECT_ROWS(INPUT_DIALECT_ROW)
	{0, "format", ARGUMENT_CHOICE, "text|json|csv", "text", .offset = AT(format),
	 .help = "what is written; csv: the rows that differ alone"},
	{0, "rows", ARGUMENT_INTEGER, "N", "10", .minimum = 0, .maximum = 1e9, .offset = AT(rows),
	 .help = "rows that differ which text shows"},
	{0, "max-length", ARGUMENT_INTEGER, "N", .minimum = 2, .maximum = 65536, .offset = AT(max_length),
	 .help = "tokens of a review that count, [CLS] and [SEP] included; what each model allows where not given"},
	{0, "raw", ARGUMENT_FLAG, .offset = AT(raw),
	 .help = "pass over the temperature and the thresholds that the models keep"},
	INPUT_FOUR_BITS_ROWS(AT(four_bits)),
	INPUT_PRECISION_ROWS(AT(device)),
	{.name = NULL},
};

static bool print(const struct comparison *comparison, const char *format, struct error *error)
{
	bool text = strcmp(format, "text") == 0;
	struct output output;
	bool done;

	if (!output_open(&output, text, error))
		return false;
	if (text)
		done = compare_write_text(comparison, output.record, error);
	else if (strcmp(format, "csv") == 0)
		done = compare_write_csv(comparison, output.record, error);
	else
		done = compare_write_json(comparison, output.record, error);
	if (done)
		output_commit(&output);
	return output_close(&output, done, error);
}

static bool evaluate_both(struct comparison *comparison, const struct compare_arguments *values,
                          struct progress_line *line, struct error *error)
{
	for (int i = 0; i < 2; i++) {
		struct compared *side = &comparison->sides[i];
		side->evaluation = (struct evaluation){.keep_rows = true, .keep_scores = true};
		if (!evaluate(side->model, comparison->dataset, (int32_t)values->max_length, &side->evaluation, &line->progress,
		              error))
			return error_prefix(error, "%s", model_folder(side->model));
	}
	return true;
}

static bool compare_on(struct comparison *comparison, const struct compare_arguments *values,
                       struct progress_line *line, struct error *error)
{
	struct dataset_options options = {.dialect = values->dialect, .text_column = values->text_column,
	                                  .label_column = values->label_column};
	bool done;

	comparison->dataset = input_dataset_open(comparison->data_path, &options, &line->progress, error);
	if (!comparison->dataset)
		return false;
	done = compare_match(comparison, error) && evaluate_both(comparison, values, line, error) &&
	       compare_measure(comparison, error);
	progress_clear(line);
	if (done) {
		input_show_columns(comparison->dataset);
		done = print(comparison, values->format, error);
	}
	dataset_close(comparison->dataset);
	return done;
}

bool compare_run(int argc, char **argv, struct error *error)
{
	struct compare_arguments values = {0};
	struct arguments arguments = {.rows = compare_options, .values = &values};
	struct comparison *comparison;
	struct progress_line line;
	bool done = true;

	if (!arguments_parse(&arguments, argc, argv, error) || !arguments_expect(&arguments, 3, 3, "A, B and DATA", error))
		return false;
	comparison = calloc(1, sizeof *comparison);
	if (!comparison)
		return error_memory(error, "comparing");
	signals_catch(false);
	progress_begin(&line);
	comparison->data_path = arguments.operands[2];
	comparison->shown = values.rows;
	for (int i = 0; done && i < 2; i++) {
		comparison->sides[i].model = input_model_open(arguments.operands[i], NULL, &values.device, values.raw, &values.four_bits,
		                                              &line.progress, error);
		done = comparison->sides[i].model != NULL;
	}
	done = done && compare_on(comparison, &values, &line, error);
	progress_clear(&line);
	for (int i = 0; i < 2; i++) {
		evaluation_free(&comparison->sides[i].evaluation);
		model_close(comparison->sides[i].model);
	}
	free(comparison->to);
	free(comparison);
	return done;
}
