/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue baseline`: what a linear model on words makes of the same reviews. */
#include "engine/baseline.h"
#include "engine/words.h"
#include "src/command.h"
#include "src/input.h"
#include "src/output.h"
#include "src/progress.h"
#include "src/signals.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct baseline_arguments {
	const char *output, *format;
	int64_t words, buckets, shown;
	double c;
};

#define AT(field) offsetof(struct baseline_arguments, field)
const struct argument_row baseline_options[] = {
	{'o', "output-dir", ARGUMENT_FOLDER, "MODEL", .offset = AT(output),
	 .help = "folder that is made to keep the model in, for score, eval and the screens; it must not hold a model yet"},
	{0, "words", ARGUMENT_INTEGER, "N", "3", 1, 5, AT(words),
	 "words in a row that count together, at most: 3 counts words, pairs and triples"},
	{0, "buckets", ARGUMENT_INTEGER, "N", "2097152", 256, 67108864, AT(buckets),
	 "places that they are hashed into, a power of 2, 4 bytes each in the model"},
	{0, "inverse-penalty", ARGUMENT_REAL, "C", "0.3", 1e-6, 1e6, AT(c),
	 "inverse strength of the L2 penalty, scikit-learn's C"},
	{0, "shown", ARGUMENT_INTEGER, "N", "10", 0, 1000, AT(shown),
	 "strongest words of each label that are told"},
	{0, "format", ARGUMENT_CHOICE, "text|json", "text", .offset = AT(format),
	 .help = "what is written"},
	{.name = NULL},
};

/* For people */

static void write_measure(const struct baseline *baseline, FILE *out)
{
	const struct metric_figures figures = metrics_figures(&baseline->metrics);

	if (baseline->held_out == 0) {
		fputs("measured   on nothing: no rows are held out (--validation)\n", out);
		return;
	}
	fprintf(out, "accuracy   %.4f   on %s reviews held out\nloss       %.4f\nF1         %.4f\n", figures.accuracy,
	        words_count(baseline->held_out).text, figures.loss, figures.f1);
}

/* "splendid" and how much it counts; where others share its bucket, how much of it is its own. */
static void write_word(const struct baseline_word *word, FILE *out)
{
	fprintf(out, "  %+.3f  %7s  ", word->weight, words_count(word->rows).text);
	write_cut(out, span_of(word->text), 40);
	if (word->share < 0.995)
		fprintf(out, "  (%.0f %% of these; others share its place)", 100 * word->share);
	fputc('\n', out);
}

static void write_text(const struct baseline *baseline, FILE *out)
{
	int32_t labels = model_config(baseline->model)->num_labels;

	write_measure(baseline, out);
	fprintf(out, "fitted     to %s reviews, %s features of at least %" PRIu32 " reviews each, %d Newton steps\n",
	        words_count(baseline->training).text, words_count(baseline->features).text, baseline->least_rows, baseline->steps);
	if (baseline->not_reached > 0)
		fprintf(out, "           %d labels did not reach the tolerance\n", baseline->not_reached);
	fprintf(out, "time       %s to read, %s to fit\n", words_duration(baseline->read_seconds).text,
	        words_duration(baseline->fit_seconds).text);
	for (int32_t label = 0; label < labels && baseline->shown > 0; label++) {
		const struct baseline_word *words = baseline->words + (size_t)label * (size_t)baseline->shown;

		fputc('\n', out);
		write_cut(out, span_of(model_label(baseline->model, label)), 60);
		fputs("  (weight, reviews, words)\n", out);
		for (int32_t i = 0; i < baseline->shown && words[i].text; i++)
			write_word(&words[i], out);
	}
}

/* For programs */

static void write_member(FILE *out, const char *name, double value)
{
	fprintf(out, "  \"%s\": ", name);
	write_json_number(out, value);
	fputs(",\n", out);
}

static void write_json_words(const struct baseline *baseline, int32_t label, FILE *out)
{
	const struct baseline_word *words = baseline->words + (size_t)label * (size_t)baseline->shown;

	for (int32_t i = 0; i < baseline->shown && words[i].text; i++) {
		fputs(i ? ",\n      {\"text\": " : "\n      {\"text\": ", out);
		write_json_string(out, span_of(words[i].text));
		fputs(", \"weight\": ", out);
		write_json_number(out, words[i].weight);
		fprintf(out, ", \"rows\": %" PRIu64 ", \"share\": ", words[i].rows);
		write_json_number(out, words[i].share);
		fputc('}', out);
	}
}

static void write_figures(const struct baseline *baseline, FILE *out)
{
	const struct metric_figures figures = metrics_figures(&baseline->metrics);
	bool measured = baseline->held_out > 0;

	write_member(out, "accuracy", measured ? figures.accuracy : NAN);
	write_member(out, "loss", measured ? figures.loss : NAN);
	write_member(out, "f1", measured ? figures.f1 : NAN);
	write_member(out, "macro_f1", measured ? figures.macro_f1 : NAN);
}

static void write_json(const struct baseline *baseline, FILE *out)
{
	int32_t labels = model_config(baseline->model)->num_labels;

	fputs("{\n", out);
	write_figures(baseline, out);
	write_member(out, "training_rows", (double)baseline->training);
	write_member(out, "validation_rows", (double)baseline->held_out);
	write_member(out, "features", (double)baseline->features);
	write_member(out, "least_rows", (double)baseline->least_rows);
	write_member(out, "steps", (double)baseline->steps);
	write_member(out, "not_reached", (double)baseline->not_reached);
	write_member(out, "read_seconds", baseline->read_seconds);
	write_member(out, "fit_seconds", baseline->fit_seconds);
	fputs("  \"labels\": [", out);
	for (int32_t label = 0; label < labels; label++) {
		fputs(label ? ",\n    {\"label\": " : "\n    {\"label\": ", out);
		write_json_string(out, span_of(model_label(baseline->model, label)));
		fputs(", \"words\": [", out);
		write_json_words(baseline, label, out);
		fputs("]}", out);
	}
	fputs("\n  ]\n}\n", out);
}

static bool print(const struct baseline *baseline, const char *format, struct error *error)
{
	bool json = strcmp(format, "json") == 0;
	struct output output;

	if (!output_open(&output, !json, error))
		return false;
	(json ? write_json : write_text)(baseline, output.record);
	output_commit(&output);
	return output_close(&output, true, error);
}

/* The work */

static bool check(const struct baseline_arguments *values, struct error *error)
{
	char path[PATH_MAX];
	struct stat status;

	RETURN_IF((values->buckets & (values->buckets - 1)) != 0, error, ERROR_USAGE, "--buckets %lld is no power of 2, as %d is",
	          (long long)values->buckets, BASELINE_BUCKETS);
	if (!values->output)
		return true;
	RETURN_IF(stat(values->output, &status) == 0 && !S_ISDIR(status.st_mode), error, ERROR_IO, "%s: not a folder",
	          values->output);
	RETURN_IF((size_t)snprintf(path, sizeof path, "%s/config.json", values->output) >= sizeof path, error, ERROR_USAGE,
	          "the path of the model is too long");
	RETURN_IF(stat(path, &status) == 0, error, ERROR_USAGE, "%s holds a model already; name another folder, or remove it first",
	          values->output);
	return true;
}

static struct baseline *make(const char *data, const struct train_options *options, const struct baseline_arguments *values,
                             struct progress_line *line, struct error *error)
{
	const struct baseline_request request = {.options = options, .words = (int32_t)values->words,
	                                         .buckets = (int32_t)values->buckets, .c = values->c,
	                                         .shown = (int32_t)values->shown};
	struct dataset_options reading = train_options_dataset(options);
	struct baseline *baseline;
	struct dataset *dataset;
	char columns[512];

	reading.stream = true;
	reading.progress = &line->progress;
	dataset = dataset_open(data, &reading, error);
	if (!dataset)
		return NULL;
	input_show_notices(dataset);
	dataset_describe_columns(dataset, columns, sizeof columns);
	baseline = baseline_make(dataset, &request, &line->progress, error);
	progress_clear(line);
	if (baseline && columns[0])
		message_note("%s: %s", data, columns);
	if (baseline)
		input_show_exclusion(baseline->exclusion, NULL);
	return baseline;
}

bool baseline_run(int argc, char **argv, struct error *error)
{
	struct baseline_arguments values = {0};
	struct train_options options;
	struct arguments arguments = {.rows = baseline_options, .values = &values, .train = &options, .train_rows = true};
	struct baseline *baseline;
	struct progress_line line;
	const char *data;
	bool done;

	if (!arguments_parse(&arguments, argc, argv, error) || !arguments_expect(&arguments, 1, 1, "DATA", error) ||
	    !check(&values, error))
		return false;
	signals_catch(false);
	progress_begin(&line);
	data = arguments.operands[0];
	baseline = make(data, &options, &values, &line, error);
	progress_clear(&line);
	if (!baseline)
		return false;
	done = (!values.output || baseline_save(baseline, values.output, data, error)) && print(baseline, values.format, error);
	baseline_close(baseline);
	return done;
}
