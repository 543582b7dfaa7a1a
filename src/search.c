/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue search`: trains with many settings and keeps the best. */
#include "src/command.h"
#include "src/input.h"
#include "src/output.h"
#include "src/study.h"

#include <limits.h>

struct search_arguments {
	const char *model, *output, *resume, *space, *objective;
	struct options_file file;
	int64_t max_trials, reduction;
};

#define AT(field) offsetof(struct search_arguments, field)
const struct argument_row search_options[] = {
	{'m', "model", ARGUMENT_FOLDER, "MODEL", .offset = AT(model),
	 .help = "folder of the model to start from; the one that ships where not given"},
	{'o', "output-dir", ARGUMENT_FOLDER, "STUDY", .offset = AT(output),
	 .help = "folder of the search, which is made, with a run for each trial; runs/NAME-N where not given"},
	{0, "space", ARGUMENT_FILE, "FILE", .offset = AT(space),
	 .help = "JSON that names options with lists of values, or with bounds: {\"learning_rate\": {\"min\": 1e-5, \"max\": 1e-3, "
	         "\"log\": true}, \"seed\": [1, 2]}"},
	{0, "objective", ARGUMENT_TEXT, "METRIC", "eval_accuracy", .offset = AT(objective),
	 .help = "what decides on the held-out rows: eval_accuracy, eval_loss, or what else --metric-for-best-model can name"},
	{0, "max-trials", ARGUMENT_INTEGER, "N", "9", 1, STUDY_TRIALS_MAX, .offset = AT(max_trials),
	 .help = "how many settings are tried; all of them where lists have no more combinations than that"},
	{0, "reduction-factor", ARGUMENT_INTEGER, "N", "3", 1, 100, .offset = AT(reduction),
	 .help = "successive halving: one of so many trials goes on to so many times the steps; 1: all train to their end"},
	{0, "args", ARGUMENT_OPTIONS, "FILE", .offset = AT(file),
	 .help = "options of all trials from a file, as revue train takes it"},
	{0, "resume", ARGUMENT_FOLDER, "STUDY", .offset = AT(resume), .help = "go on with a search that was stopped"},
	{.name = NULL},
};

static bool search_new(const struct arguments *arguments, const struct search_arguments *values, struct error *error)
{
	const char *named = values->model ? values->model : values->file.model[0] ? values->file.model : NULL;
	char model[PATH_MAX];
	struct study_request request = {
		.kind = STUDY_SEARCH, .folder = values->output, .data = arguments->operands[0], .model = model,
		.options = arguments->train, .space = values->space, .objective = values->objective, .max_trials = values->max_trials,
		.reduction = values->reduction,
	};

	RETURN_IF(!values->space, error, ERROR_USAGE, "which settings? --space FILE names options and their values (see revue help "
	          "search)");
	if (values->file.unused[0])
		message_note("%s", values->file.unused);
	return input_model_path(named, model, sizeof model, error) && study_run(&request, NULL, error);
}

bool search_run(int argc, char **argv, struct error *error)
{
	struct search_arguments values = {0};
	static struct train_options options; /* some 50 kB of texts */
	struct arguments arguments = {.rows = search_options, .values = &values, .train = &options};

	if (!arguments_parse(&arguments, argc, argv, error) ||
	    !arguments_expect(&arguments, values.resume ? 0 : 1, values.resume ? 0 : 1, "DATA", error))
		return false;
	RETURN_IF(values.resume && (arguments.train_given > 0 || values.space || values.output || values.model), error, ERROR_USAGE,
	          "--resume goes on with what the search began with: leave the other options out");
	return values.resume ? study_run(NULL, values.resume, error) : search_new(&arguments, &values, error);
}
