/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue find-rate`: a short training whose learning rate grows, and what to make of its losses. */
#include "engine/rate_finder.h"
#include "engine/runs.h"
#include "engine/trainer.h"
#include "src/attend.h"
#include "src/command.h"
#include "src/input.h"
#include "src/output.h"
#include "src/signals.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINES 20
#define BAR_COLUMNS 40

struct find_rate_arguments {
	const char *model, *output;
	struct options_file file;
	int64_t steps;
	double from, to;
};

#define AT(field) offsetof(struct find_rate_arguments, field)
const struct argument_row find_rate_options[] = {
	{'m', "model", ARGUMENT_FOLDER, "MODEL", .offset = AT(model),
	 .help = "folder of the model to start from; the one that ships where not given"},
	{'o', "output-dir", ARGUMENT_FOLDER, "RUN", .offset = AT(output),
	 .help = "keep the run, whose charts revue watch draws (:axis learning_rate); else it is removed in the end"},
	{0, "steps", ARGUMENT_INTEGER, "N", "100", 30, 100000, .offset = AT(steps), .help = "steps from the least rate to the greatest"},
	{0, "from", ARGUMENT_REAL, "RATE", "1e-6", 1e-12, 10, .offset = AT(from), .help = "the least rate"},
	{0, "to", ARGUMENT_REAL, "RATE", "0.1", 1e-12, 10, .offset = AT(to), .help = "the greatest rate"},
	{0, "args", ARGUMENT_OPTIONS, "FILE", .offset = AT(file),
	 .help = "options of the training from a file, as revue train takes it"},
	{.name = NULL},
};

/* Printing */

/* Of the points one for each line, with the smoothed loss as a bar from the least to the greatest. */
static void print_curve(FILE *out, const struct run_point *points, const double *smoothed, const struct rate_finding *finding)
{
	const size_t used = finding->used, step = used / LINES ? used / LINES : 1;
	double least = (double)INFINITY, most = -(double)INFINITY;

	for (size_t i = 0; i < used; i++) {
		least = fmin(least, smoothed[i]);
		most = fmax(most, smoothed[i]);
	}
	fputs("      rate      loss\n", out);
	for (size_t i = step - 1; i < used; i += step) {
		const int columns = most > least ? (int)(BAR_COLUMNS * (smoothed[i] - least) / (most - least) + 0.5) : 0;

		fprintf(out, "%10.2e  %8.4f  %.*s\n", points[i].learning_rate, smoothed[i], columns,
		        "########################################");
	}
}

static void print_finding(FILE *out, const struct rate_finding *finding)
{
	if (!isnan(finding->apart))
		fprintf(out, "from %.2g on it comes apart: the loss is %d times the least, or no number\n", finding->apart, RATE_APART);
	if (isnan(finding->suggestion)) {
		fputs("no suggestion: the loss never fell by more than noise; give it more --steps, or a greater --to\n", out);
		return;
	}
	fprintf(out, "the loss falls most at %.2g and is least at %.2g\n", finding->steepest, finding->least);
	fprintf(out, "suggested: --learning-rate %.1g, a tenth of where the loss is least, which leaves room before it rises\n",
	        finding->suggestion);
}

static bool print(const struct run *run, struct error *error)
{
	struct rate_finding finding;
	struct output output;
	const struct run_point *points;
	double *smoothed;
	size_t count;

	points = run_points(run, &count);
	smoothed = rate_finder_smooth(points, count);
	if (!smoothed)
		return error_memory(error, "reading the losses");
	rate_finder_read(points, smoothed, count, &finding);
	if (output_open(&output, true, error)) {
		print_curve(output.record, points, smoothed, &finding);
		print_finding(output.record, &finding);
		output_commit(&output);
		output_close(&output, true, error);
	}
	free(smoothed);
	return error->kind == ERROR_NONE;
}

/* Training */

/* Whether the training came as far as there is something to read; one that broke down on its way did. */
static bool came_far(const struct run *run, struct error *error)
{
	size_t count = 0;

	if (run)
		run_points(run, &count);
	if (signals_stopped() || count == 0)
		return error->kind != ERROR_NONE ? false : error_set(error, ERROR_INTERRUPTED, "stopped");
	error->kind = ERROR_NONE;
	return true;
}

static bool train(const struct trainer_request *request, struct error *error)
{
	struct wake *wake = wake_new(error);
	struct progress_line line;
	struct follower follower = {.line = &line};
	struct trainer *trainer;
	struct run *run = NULL;

	if (!wake)
		return false;
	signals_catch(true);
	progress_begin(&line);
	trainer = trainer_start(request, wake, error);
	if (trainer) {
		run = attend_training(trainer, wake, request->run, &follower);
		trainer_join(trainer, error);
	}
	progress_clear(&line);
	wake_free(wake);
	if (run && came_far(run, error))
		print(run, error);
	run_close(run);
	return error->kind == ERROR_NONE;
}

/* In a folder of its own that nobody asked to keep. */
static bool train_aside(struct trainer_request *request, struct error *error)
{
	const char *place = getenv("TMPDIR");
	char folder[PATH_MAX], run[PATH_MAX];
	bool done;

	snprintf(folder, sizeof folder, "%.3000s/revue-rate-XXXXXX", place && *place ? place : "/tmp");
	if (!mkdtemp(folder))
		return error_errno(error, "make", folder);
	snprintf(run, sizeof run, "%.4000s/run", folder);
	request->run = run;
	done = train(request, error);
	run_delete(run, NULL);
	rmdir(folder);
	return done;
}

bool find_rate_run(int argc, char **argv, struct error *error)
{
	struct find_rate_arguments values = {0};
	static struct train_options options; /* some 50 kB of texts */
	struct arguments arguments = {.rows = find_rate_options, .values = &values, .train = &options};
	struct trainer_request request = {.options = &options};
	char model[PATH_MAX];

	if (!arguments_parse(&arguments, argc, argv, error) || !arguments_expect(&arguments, 1, 1, "DATA", error) ||
	    !rate_finder_options(&options, values.steps, values.from, values.to, error) ||
	    !input_model_path(values.model ? values.model : values.file.model[0] ? values.file.model : NULL, model, sizeof model, error))
		return false;
	request.data = arguments.operands[0];
	request.model = model;
	request.run = values.output;
	request.until = ((double)values.steps - 1) / (double)values.steps; /* no model is made of what comes out */
	return values.output ? train(&request, error) : train_aside(&request, error);
}
