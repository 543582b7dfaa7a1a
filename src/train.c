/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue train`: starts or resumes a training and shows how it goes. The work is done by the trainer's own
 * thread; this one waits for news, and passes on the wish to stop. */
#include "engine/dataset.h"
#include "engine/run.h"
#include "engine/trainer.h"
#include "engine/words.h"
#include "src/attend.h"
#include "src/command.h"
#include "src/follow.h"
#include "src/input.h"
#include "src/output.h"
#include "src/run_folder.h"
#include "src/signals.h"
#include "src/study.h"
#include "src/train.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define AT(field) offsetof(struct train_arguments, field)
const struct argument_row train_options[] = {
	{'m', "model", ARGUMENT_FOLDER, "MODEL", .offset = AT(model),
	 .help = "folder of the model to start from; the one that ships where not given"},
	{'o', "output-dir", ARGUMENT_FOLDER, "RUN", .offset = AT(output),
	 .help = "folder of the run, which is made; runs/NAME-N where not given"},
	{0, "args", ARGUMENT_OPTIONS, "FILE", .offset = AT(file),
	 .help = "options from a JSON file in the spelling of transformers and PEFT, of a run.json, or of a recipe by its name; "
	         "what stands after it on the line counts more"},
	{0, "resume", ARGUMENT_FOLDER, "RUN", .offset = AT(resume),
	 .help = "go on with a run from its newest checkpoint, with the options it began with"},
	{0, "data", ARGUMENT_FILE, "DATA", .offset = AT(data),
	 .help = "with --resume: where the run's data lies now; so do -m MODEL and --validation FILE"},
	{0, "seeds", ARGUMENT_TEXT, "LIST", .offset = AT(seeds),
	 .help = "one training for each seed of 1,2,3, measured on the same rows, and their mean and deviation; RUN is a folder of them"},
	{0, "folds", ARGUMENT_INTEGER, "K", "0", 0, 1000, .offset = AT(folds),
	 .help = "K trainings, each of which holds out another K-th of the rows, and their mean and deviation; likewise"},
	{0, "probes", ARGUMENT_FILE, "FILE", .offset = AT(probes),
	 .help = "sentences to follow as with --probe, one a line, eight at most; with --resume those that the run does not follow yet"},
	{0, "paused", ARGUMENT_FLAG, .offset = AT(paused),
	 .help = "with --resume: wait before the first step until it is told to go on, as revue watch can"},
	{.name = NULL},
};

/* What the data holds, before anything is started: read once, for the trainer too. */
static struct train_data *read_data(const char *data, const struct train_options *options, struct progress_line *line,
                                    struct error *error)
{
	struct dataset_options reading = train_options_dataset(options);
	struct dataset *dataset;
	struct train_data *read;

	reading.progress = &line->progress;
	dataset = dataset_open(data, &reading, error);
	if (!dataset)
		return NULL;
	input_show_notices(dataset);
	read = train_data_read(dataset, options, &line->progress, error);
	progress_clear(line);
	return read;
}

static bool check_labels(const struct survey *survey, const char *data, struct error *error)
{
	struct span name;
	char what[200];

	if (survey->used == 0)
		return survey_refuse(survey, data, "no row has a review and a label", error);
	if (survey->label_count > 1 || (survey->label_sets && survey->label_count == 1 && survey->set_rows[0] > 0))
		return true;
	if (survey->label_count == 0)
		return survey_refuse(survey, data, "no row has any label", error);
	name = span_prefix(span_of(survey->labels[0].name), 60);
	snprintf(what, sizeof what, "every label is \"%.*s\", a training needs two or more (is the label column right?)",
	         (int)name.size, name.data);
	return survey_refuse(survey, data, what, error);
}

static bool check_rows(const struct survey *survey, const struct trainer_request *request, struct error *error)
{
	if (train_options_need_labels(request->options))
		return check_labels(survey, request->data, error);
	return survey->used > 0 || survey_refuse(survey, request->data, "no row has a text", error);
}

/* Says what the training will do and take; refuses what cannot end well. */
static bool announce(const struct trainer_request *request, struct error *error)
{
	const struct survey *survey = train_data_survey(request->read);
	struct train_estimate estimate = {0};

	if (!check_rows(survey, request, error) || !train_estimate(request, survey->used, &estimate, error))
		return false;
	message_note("%s %s%s; %s of memory (%s available)", words_count(estimate.steps).text,
	             estimate.steps == 1 ? "step" : "steps",
	             !request->options->unlabelled[0]                        ? ""
	             : train_options_need_labels(request->options) ? " for the reviews with a label, more for the others"
	                                                                     : " for DATA, more for the other files",
	             words_bytes(estimate.memory_bytes).text,
	             words_bytes(estimate.memory_available).text);
	return true;
}

/* The trainer knows that it has finished; of the log, which there may be no memory to read, come the figures alone. */
static bool print_result(const struct run *run, const char *directory, struct error *error)
{
	struct error why = {0};
	struct output output;
	char text[256] = "finished";

	if (run && run_check_log(run, &why))
		follow_summary(run, text, sizeof text);
	else
		message_note("the run cannot be read: %s", why.text[0] ? why.text : directory);
	if (!output_open(&output, true, error))
		return false;
	fprintf(output.record, "%s; the model is in %s/model\n", text, directory);
	output_commit(&output);
	return output_close(&output, true, error);
}

/* Owns the trainer from here on. */
static bool see_through(struct trainer *trainer, struct wake *wake, const char *directory,
                        struct follower *follower, struct error *error)
{
	struct run *run = attend_training(trainer, wake, directory, follower);
	bool done = trainer_join(trainer, error) && error->kind == ERROR_NONE;

	if (done)
		done = print_result(run, directory, error);
	run_close(run);
	return done;
}

/* Takes over request->read. */
static bool start_new(struct trainer_request *request, struct wake *wake, struct progress_line *line, struct error *error)
{
	struct follower follower = {.line = line};
	char directory[PATH_MAX];
	struct trainer *trainer;
	bool named = request->run != NULL, first = false;

	if (!named && !run_folder_make(request->data, directory, sizeof directory, &first, error)) {
		train_data_free(request->read);
		return false;
	}
	request->run = named ? request->run : directory;
	trainer = trainer_start(request, wake, error);
	if (!trainer && !named)
		run_folder_unmake(directory, first);
	return trainer && see_through(trainer, wake, request->run, &follower, error);
}

/* The one that was named, else that of the file of arguments. */
static const char *base_of(const struct train_arguments *values)
{
	return values->model ? values->model : values->file.model[0] ? values->file.model : NULL;
}

static bool train_new(const struct arguments *arguments, const struct train_arguments *values, struct wake *wake,
                      struct progress_line *line, struct error *error)
{
	char model[PATH_MAX];
	struct trainer_request request = {.data = arguments->operands[0], .model = model, .run = values->output,
	                                  .options = arguments->train};

	if (!input_model_path(base_of(values), model, sizeof model, error) || !trainer_check(&request, error))
		return false;
	request.read = read_data(request.data, request.options, line, error);
	if (!request.read)
		return false;
	if (announce(&request, error))
		return start_new(&request, wake, line, error);
	train_data_free(request.read);
	return false;
}

/* Of the training's options a resume takes --validation, for the place of the file, --num-train-epochs, for more of them, and
 * --device, for what computes from then on. */
static bool is_given(const struct arguments *arguments, const char *name)
{
	for (int i = 0; arguments->train_named[i]; i++)
		if (strcmp(arguments->train_named[i], name) == 0)
			return true;
	return false;
}

static int count_resumed(const struct arguments *arguments)
{
	static const char *const names[] = {"validation", "num-train-epochs", "device"};
	int count = 0;

	for (int i = 0; arguments->train_named[i]; i++)
		for (size_t k = 0; k < sizeof names / sizeof *names; k++)
			count += strcmp(arguments->train_named[i], names[k]) == 0;
	return count;
}

static bool check_resume(const struct arguments *arguments, const struct train_arguments *values, struct error *error)
{
	RETURN_IF(arguments->operand_count > 1 || (arguments->operand_count == 1 && values->data), error, ERROR_USAGE,
	          "\"%s\" is too much: --resume takes one DATA, where the run's data lies now",
	          arguments->operands[arguments->operand_count - 1]);
	RETURN_IF(arguments->train_given != count_resumed(arguments) || values->output, error, ERROR_USAGE,
	          "--resume goes on with the options of the run: only the places of its data, model and validation file can be "
	          "given (--data, -m, --validation), more epochs (--num-train-epochs), and --device");
	return true;
}

/* Every line of a file as if --probe had said it. */
static bool take_probes(const char *path, struct train_options *options, struct error *error)
{
	char lines[OPTION_TEXT_MAX], *rest = lines, *line;

	if (!run_read_probes(path, lines, error))
		return false;
	while ((line = strsep(&rest, "\n")))
		if (!train_option_add(options, train_option_find("probe"), line, error))
			return error_prefix(error, "--probes %s", path);
	return true;
}

/* A sentence that a run follows is a line of a file of it. */
static bool add_probes(const char *path, const char *directory, struct error *error)
{
	char lines[OPTION_TEXT_MAX];
	struct run *run = run_open(directory, error);

	run_close(run);
	return run && run_read_probes(path, lines, error) && run_add_probes(directory, lines, error);
}

static bool train_resume(const struct arguments *arguments, const struct train_arguments *values, struct wake *wake,
                         struct progress_line *line, struct error *error)
{
	struct follower follower = {.line = line};
	char model[PATH_MAX];
	struct trainer_request request = {
		.run = values->resume,
		.paused = values->paused,
		.validation = is_given(arguments, "validation") ? arguments->train->validation : NULL,
		.device = is_given(arguments, "device") ? arguments->train->device : NULL,
		.epochs = is_given(arguments, "num-train-epochs") ? arguments->train->num_train_epochs : 0,
	};
	struct trainer *trainer;
	struct run *run;

	request.data = arguments->operand_count ? arguments->operands[0] : values->data;
	if (!check_resume(arguments, values, error) ||
	    (values->model && !input_model_path(values->model, model, sizeof model, error)))
		return false;
	if (values->probes && !add_probes(values->probes, values->resume, error))
		return false;
	request.model = values->model ? model : NULL;
	run = run_open(values->resume, NULL);
	if (run)
		follow_from_here(&follower, run);
	run_close(run);
	trainer = trainer_resume(&request, wake, error);
	return trainer && see_through(trainer, wake, values->resume, &follower, error);
}

/* With --seeds or --folds, or a folder of such trainings to go on with. */
static bool is_study(const struct train_arguments *values)
{
	return values->seeds || values->folds > 0 || (values->resume && study_is_there(values->resume));
}

static bool train_study(const struct arguments *arguments, const struct train_arguments *values, struct error *error)
{
	char model[PATH_MAX];
	struct study_request request = {.kind = values->seeds ? STUDY_SEEDS : STUDY_FOLDS, .folder = values->output,
	                                .data = arguments->operands[0], .model = model, .options = arguments->train,
	                                .seeds = values->seeds, .folds = values->folds};

	RETURN_IF(values->resume && (arguments->train_given > 0 || arguments->operand_count > 0 || values->seeds || values->folds > 0 ||
	                             values->output || values->model || values->probes), error, ERROR_USAGE,
	          "%s holds several trainings: --resume goes on with them as they began, leave the other options out", values->resume);
	RETURN_IF(values->seeds && values->folds > 0, error, ERROR_USAGE, "--seeds and --folds: one of them at a time");
	if (values->resume)
		return study_run(NULL, values->resume, error);
	return input_model_path(base_of(values), model, sizeof model, error) && study_run(&request, NULL, error);
}

bool train_run(int argc, char **argv, struct error *error)
{
	return train_command(argc, argv, train_options, NULL, error);
}

bool train_command(int argc, char **argv, const struct argument_row *rows, const char *task, struct error *error)
{
	struct train_arguments values = {0};
	static struct train_options options; /* some 50 kB of texts */
	struct arguments arguments = {.rows = rows, .values = &values, .train = &options, .task = task};
	struct progress_line line;
	struct wake *wake;
	bool done;

	if (!arguments_parse(&arguments, argc, argv, error))
		return false;
	RETURN_IF(task && strcmp(options.task, task) != 0, error, ERROR_USAGE,
	          "revue %s learns by --task %s: leave --task %s out, or take revue train", argv[0], task, options.task);
	RETURN_IF(values.data && !values.resume, error, ERROR_USAGE,
	          "--data goes with --resume; a new training takes its DATA without it: revue %s %s", argv[0], values.data);
	RETURN_IF(values.paused && !values.resume, error, ERROR_USAGE, "--paused goes with --resume");
	if ((!values.resume && !arguments_expect(&arguments, 1, 1, "DATA", error)))
		return false;
	if (values.probes && !values.resume && !take_probes(values.probes, &options, error))
		return false;
	if (values.file.unused[0])
		message_note("%s", values.file.unused);
	if (is_study(&values))
		return train_study(&arguments, &values, error);
	signals_catch(true);
	progress_begin(&line);
	wake = wake_new(error);
	if (!wake)
		return false;
	done = values.resume ? train_resume(&arguments, &values, wake, &line, error)
	                     : train_new(&arguments, &values, wake, &line, error);
	progress_clear(&line);
	wake_free(wake);
	return done;
}
