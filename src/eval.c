/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue eval`: how good a model is on labelled reviews. */
#include "src/command.h"
#include "src/eval.h"
#include "src/input.h"
#include "src/output.h"
#include "src/progress.h"
#include "src/reading.h"
#include "src/signals.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct eval_arguments {
	const char *model, *base, *text_column, *label_column, *corrections, *format;
	struct input_device device;
	struct dataset_dialect dialect;
	struct argument_files exclude;
	struct reading_arguments reading;
	struct input_four_bits four_bits;
	int64_t max_length;
	struct eval_wishes wishes;
	bool save, raw;
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
	{0, "corrections", ARGUMENT_FILE, "FILE", .offset = AT(corrections),
	 .help = "labels that were set right on the Reviews screen, instead of those of the data"},
	{0, "exclude", ARGUMENT_FILES, "FILE", .offset = AT(exclude),
	 .help = "leave out the rows whose text stands in this file too, as one that was trained on; once more for the next"},
	DIALECT_ROWS(INPUT_DIALECT_ROW)
	{0, "format", ARGUMENT_CHOICE, "text|json", "text", .offset = AT(format),
	 .help = "what is written"},
	{0, "max-length", ARGUMENT_INTEGER, "N", .minimum = 2, .maximum = 65536, .offset = AT(max_length),
	 .help = "tokens of a review that count, [CLS] and [SEP] included; what the model allows where not given"},
	READING_ROWS
	{0, "calibrate", ARGUMENT_FLAG, .offset = AT(wishes.calibrate),
	 .help = "choose the temperature that makes the scores of these rows honest"},
	{0, "threshold", ARGUMENT_CHOICE, "best-f1", .offset = AT(wishes.threshold),
	 .help = "choose from which score on a label is decided for, on these rows"},
	{0, "threshold-cost", ARGUMENT_TEXT, "FP:FN", .offset = AT(wishes.cost),
	 .help = "the same, for the least cost where false positives and false negatives have these prices"},
	{0, "save", ARGUMENT_FLAG, .offset = AT(save),
	 .help = "keep what was chosen in the model's folder, for score and the screens too"},
	{0, "raw", ARGUMENT_FLAG, .offset = AT(raw),
	 .help = "pass over the temperature and the thresholds that the model keeps"},
	INPUT_FOUR_BITS_ROWS(AT(four_bits)),
	INPUT_PRECISION_ROWS(AT(device)),
	{.name = NULL},
};

static bool print(const struct eval_result *result, bool json, struct error *error)
{
	struct output output;

	if (!output_open(&output, !json, error))
		return false;
	if (json)
		eval_write_json(result, output.record);
	else
		eval_write_text(result, output.record);
	output_commit(&output);
	return output_close(&output, true, error);
}

/* Measures by what was chosen: the kept rows are counted again. */
static bool measure(struct eval_result *result, struct metrics *again, const struct eval_wishes *wishes,
                    struct error *error)
{
	if (!eval_tune(result, wishes, error))
		return false;
	if (result->tuning.calibrated || result->tuning.threshold_by) {
		if (!metrics_recount(result->metrics, &result->own, again, error))
			return false;
		result->metrics = again;
	}
	return figures_compute(&result->figures, result->metrics, error);
}

static bool save(struct eval_result *result, bool asked, struct error *error)
{
	result->tuning.saved = asked;
	return !asked || (eval_check_keeping(result, error) && model_keep_own(result->model_path, &result->own, error));
}

static bool tell(struct model *model, const char *path, struct evaluation *evaluation,
                 const struct eval_arguments *values, struct error *error)
{
	struct eval_result *result = calloc(1, sizeof *result);
	struct metrics again = {0};
	bool done;

	if (!result)
		return error_memory(error, "measuring");
	*result = (struct eval_result){.model = model, .model_path = model_folder(model), .data_path = path,
	                               .evaluation = evaluation, .metrics = &evaluation->metrics,
	                               .own = model_config(model)->own, .labels = model_config(model)->num_labels,
	                               .ordered = labels_are_ordered(model)};
	done = measure(result, &again, &values->wishes, error) && save(result, values->save, error) &&
	       print(result, strcmp(values->format, "json") == 0, error);
	metrics_free(&again);
	free(result);
	return done;
}

static bool evaluate_file(struct model *model, const char *path, const struct eval_arguments *values,
                          struct progress_line *line, struct error *error)
{
	struct dataset_options options = {.dialect = values->dialect, .text_column = values->text_column,
	                                  .label_column = values->label_column, .corrections = values->corrections};
	struct evaluation evaluation = {.keep_scores = true};
	struct dataset *dataset = input_dataset_open(path, &options, &line->progress, error);
	bool done;

	if (!dataset)
		return false;
	done = input_exclusion_read(&values->exclude, dataset, &line->progress, &evaluation.exclusion, error) &&
	       evaluate(model, dataset, (int32_t)values->max_length, &evaluation, &line->progress, error);
	progress_clear(line);
	if (done) {
		input_show_columns(dataset);
		input_show_exclusion(evaluation.exclusion, dataset_path(dataset));
		done = tell(model, path, &evaluation, values, error);
	}
	evaluation_free(&evaluation);
	exclusion_free(evaluation.exclusion);
	dataset_close(dataset);
	return done;
}

/* An adapter as PEFT writes it has no file to keep anything in; that is said before the rows are scored. */
static bool check_place(const struct model *model, bool save, struct error *error)
{
	char path[PATH_MAX];

	if (!save || (size_t)snprintf(path, sizeof path, "%s/config.json", model_folder(model)) >= sizeof path)
		return true;
	RETURN_IF(access(path, F_OK) != 0, error, ERROR_USAGE,
	          "%s has no config.json, in which --save keeps what was chosen: make a whole model of it with revue merge",
	          model_folder(model));
	RETURN_IF(access(path, W_OK) != 0, error, ERROR_IO, "%s cannot be written: --save has no place to keep what was chosen", path);
	return true;
}

static bool check(struct eval_arguments *values, struct error *error)
{
	const struct eval_wishes *wishes = &values->wishes;

	RETURN_IF(values->save && !wishes->calibrate && !wishes->threshold && !wishes->cost, error, ERROR_USAGE,
	          "--save keeps what --calibrate, --threshold or --threshold-cost choose: give one of them");
	RETURN_IF(values->save && values->raw, error, ERROR_USAGE,
	          "--raw passes over what the model keeps, and --save would replace it: give one of them");
	return eval_wishes_check(&values->wishes, error);
}

bool eval_run(int argc, char **argv, struct error *error)
{
	struct eval_arguments values = {.reading = READING_UNSAID};
	struct arguments arguments = {.rows = eval_options, .values = &values};
	struct progress_line line;
	struct model *model;
	bool done;

	if (!arguments_parse(&arguments, argc, argv, error) || !arguments_expect(&arguments, 1, 1, "DATA", error) ||
	    !check(&values, error))
		return false;
	signals_catch(false);
	progress_begin(&line);
	model = input_model_open(values.model, values.base, &values.device, values.raw, &values.four_bits, &line.progress, error);
	if (!model)
		return false;
	done = check_place(model, values.save, error) && reading_use(&values.reading, model, error) &&
	       evaluate_file(model, arguments.operands[0], &values, &line, error);
	progress_clear(&line);
	model_close(model);
	return done;
}
