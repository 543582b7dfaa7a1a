/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue merge`: a LoRA adapter and its base as one model. */
#include "engine/words.h"
#include "src/command.h"
#include "src/input.h"
#include "src/output.h"
#include "src/progress.h"
#include "src/signals.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

struct merge_arguments {
	const char *base, *output;
};

#define AT(field) offsetof(struct merge_arguments, field)
const struct argument_row merge_options[] = {
	{'m', "base", ARGUMENT_FOLDER, "BASE", .offset = AT(base),
	 .help = "folder of the model that the adapter was trained on; the one that it names where not given"},
	{'o', "output-dir", ARGUMENT_FOLDER, "MODEL", .offset = AT(output),
	 .help = "folder that is made; it must not hold a model yet"},
	{.name = NULL},
};

static bool check_output(const char *output, struct error *error)
{
	static const char *const files[] = {"config.json", "adapter_config.json", "run.json"};
	char path[PATH_MAX];
	struct stat status;

	RETURN_IF(!output, error, ERROR_USAGE, "-o MODEL is missing: the folder to make");
	RETURN_IF(stat(output, &status) == 0 && !S_ISDIR(status.st_mode), error, ERROR_IO, "%s: not a folder", output);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		RETURN_IF((size_t)snprintf(path, sizeof path, "%s/%s", output, files[i]) >= sizeof path, error, ERROR_USAGE,
		          "the path of the model is too long");
		RETURN_IF(stat(path, &status) == 0, error, ERROR_USAGE,
		          "%s holds a model already; name another folder, or remove it first", output);
	}
	return true;
}

static bool report(const struct model *model, const char *folder, struct error *error)
{
	const struct model_adapter *adapter = model_adapter(model);
	struct output output;

	if (!output_open(&output, true, error))
		return false;
	fprintf(output.record, "%s: %s with an adapter of rank %d on %d matrices, %s parameters\n", folder, adapter->base,
	        (int)adapter->rank, (int)adapter->matrices, words_count(model_parameter_count(model)).text);
	output_commit(&output);
	return output_close(&output, true, error);
}

static bool merge(struct model *model, const char *adapter, const char *output, struct error *error)
{
	RETURN_IF(!model_adapter(model), error, ERROR_USAGE, "%s is a whole model, no adapter: there is nothing to merge", adapter);
	for (int i = 0; i < model_notice_count(model); i++)
		message_note("note: %s", model_notice(model, i));
	return model_save(model, output, error) && report(model, output, error);
}

bool merge_run(int argc, char **argv, struct error *error)
{
	struct merge_arguments values = {0};
	struct arguments arguments = {.rows = merge_options, .values = &values};
	struct model_options options = {.threads = 1};
	struct progress_line line;
	struct model *model;
	bool done;

	if (!arguments_parse(&arguments, argc, argv, error) || !arguments_expect(&arguments, 1, 1, "ADAPTER", error) ||
	    !check_output(values.output, error))
		return false;
	signals_catch(false);
	progress_begin(&line);
	options.base = values.base;
	model = model_open(arguments.operands[0], &options, &line.progress, error);
	progress_clear(&line);
	if (!model)
		return false;
	done = merge(model, arguments.operands[0], values.output, error);
	model_close(model);
	return done;
}
